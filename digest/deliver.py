"""Delivery, the part that decides: what becomes of one after an attempt."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from digest.errors import DeliveryError, Refused, TryLater, Uncertain
from digest.model import Delivery, Receipt, Status

FIRST_WAIT = timedelta(minutes=5)
LONGEST_WAIT = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What to write into the ledger; `not_before` is when a waiting delivery may be tried."""

    status: Status
    detail: str
    not_before: datetime | None = None


def outcome(result: Receipt | DeliveryError, delivery: Delivery, now: datetime) -> Outcome:
    """Say what an attempt has led to; `delivery.attempts` counts it already."""
    match result:
        case Receipt():
            return Outcome(Status.SENT, result.detail)
        case Refused():
            return Outcome(Status.REFUSED, result.reason)
        case TryLater():
            wait = max(backoff(delivery.attempts), result.after or timedelta())
            return Outcome(Status.WAITING, result.reason, now + wait)
        case Uncertain():
            return Outcome(Status.UNCERTAIN, result.reason)
    raise TypeError(result)


def backoff(attempts: int) -> timedelta:
    """Return the wait after so many attempts: five minutes, doubled each time, an hour at most."""
    doublings = min(max(attempts - 1, 0), 10)
    return min(FIRST_WAIT * (1 << doublings), LONGEST_WAIT)


def stale(*, repeatable: bool) -> Outcome:
    """Say what becomes of a delivery that a dead run left in `sending`.

    It may have arrived. Where the transport leaves one copy however often it is sent, it is sent
    again; elsewhere nobody can know.
    """
    status = Status.WAITING if repeatable else Status.UNCERTAIN
    return Outcome(status, "the run that was sending it ended without a word")
