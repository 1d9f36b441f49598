"""Delivery, the part that decides: what becomes of one after an attempt."""

from datetime import datetime, timedelta

from digest.errors import DeliveryError, Refused, TryLater, Uncertain
from digest.model import Delivery, OnUncertain, Outcome, Receipt, Status

FIRST_WAIT = timedelta(minutes=5)
LONGEST_WAIT = timedelta(hours=1)
MOST_DOUBTS = 3


def outcome(
    result: Receipt | DeliveryError, delivery: Delivery, policy: OnUncertain, now: datetime
) -> Outcome:
    """Say what an attempt has led to; `delivery.attempts` does not count it yet."""
    if isinstance(result, Receipt):
        return Outcome(Status.SENT, result.detail, taken=True)
    later = now + backoff(delivery.attempts + 1)
    match result:
        case Refused() if result.policy:  # it is us: the reader loses nothing by our mistake
            return Outcome(Status.WAITING, result.reason, later)
        case Refused():
            return Outcome(Status.REFUSED, result.reason)
        case TryLater():
            asked = now + (result.after or timedelta())
            return Outcome(Status.WAITING, result.reason, max(later, asked))
        case Uncertain():
            return doubtful(result.reason, delivery, policy, later)
    raise TypeError(result)


def backoff(attempts: int) -> timedelta:
    """Return the wait after so many attempts: five minutes, doubled each time, an hour at most."""
    doublings = min(max(attempts - 1, 0), 10)
    return min(FIRST_WAIT * (1 << doublings), LONGEST_WAIT)


def doubtful(why: str, delivery: Delivery, policy: OnUncertain, later: datetime) -> Outcome:
    """Say what becomes of a mail that may have arrived.

    A relay that takes mails and never says so would make a copy at each attempt; so it is sent
    again a few times only, whatever the policy.
    """
    again = policy is OnUncertain.RESEND and delivery.doubts + 1 < MOST_DOUBTS
    status = Status.WAITING if again else Status.UNCERTAIN
    return Outcome(status, why, later if again else None, doubt=True)


def stale(delivery: Delivery, policy: OnUncertain, now: datetime, *, repeatable: bool) -> Outcome:
    """Say what becomes of a delivery that a dead run left in `sending`.

    Where the transport leaves one copy however often it is sent, it is sent again.
    """
    why = "the run that was sending it ended without a word"
    if repeatable:
        return Outcome(Status.WAITING, why, now)
    return doubtful(why, delivery, policy, now)
