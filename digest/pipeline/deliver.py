"""Deliver: claim what is due, send it, write down how each ended."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from digest.deliver import Outcome, outcome, stale
from digest.errors import DeliveryError, Refused, SetupError, TryLater
from digest.mime import fill
from digest.model import Delivery, Form, Receipt, Status
from digest.pipeline import DONE, LATER, LEFT_OUT
from digest.ports import Connection, Transport
from digest.stamps import Sender, envelope, stamps
from digest.store import Store

BATCH = 20
LEASE = timedelta(minutes=15)
STUCK = 10
"""So many failures in a row that are not the readers': something is wrong with the way out."""

Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class DeliverReport:
    """What was owed when the run began and how it stands now; `problem` stopped it early.

    planned = waiting + sending + sent + refused + uncertain + suppressed + expired.
    """

    counts: Mapping[Status, int]
    next_try: datetime | None
    problem: str | None = None

    @property
    def planned(self) -> int:
        return sum(self.counts.values())

    @property
    def exit_code(self) -> int:
        if self.problem or self.counts[Status.WAITING] or self.counts[Status.SENDING]:
            return LATER
        lost = (Status.REFUSED, Status.UNCERTAIN, Status.EXPIRED)
        return LEFT_OUT if any(self.counts[status] for status in lost) else DONE

    def document(self) -> dict[str, Any]:
        counts = {status.value: self.counts[status] for status in Status}
        return {"planned": self.planned, **counts, "problem": self.problem}


@dataclass(frozen=True, slots=True)
class Post:
    """One run of deliver: `worker` is its name in the ledger, never used before."""

    store: Store
    transport: Transport
    sender: Sender
    worker: str
    clock: Clock

    def deliver(self, expire_after: timedelta, is_gone: Callable[[str], bool]) -> DeliverReport:
        """Send what is due.

        `is_gone` says of another run's name that it surely works no more. SetupError of the
        transport passes through when everything claimed has been given back.
        """
        problem = None
        self._take_over(is_gone)
        self._let_go(expire_after)
        try:
            self._send_all()
        except TryLater as error:
            problem = error.reason
        finally:
            with self.store.writing() as shelves:
                shelves.deliveries.release(self.worker)
                shelves.deliveries.suppress_left(self.worker, self.clock())
        with self.store.reading() as shelves:
            counts = shelves.deliveries.counts(self.worker)
            return DeliverReport(counts, shelves.deliveries.next_due(), problem)

    def _take_over(self, is_gone: Callable[[str], bool]) -> None:
        now = self.clock()
        left = stale(repeatable=self.transport.repeatable)
        with self.store.writing() as shelves:
            gone = [name for name in shelves.deliveries.workers() if is_gone(name)]
            shelves.deliveries.abandon(gone, self.worker, left.status, left.detail, now)
            for name in gone:
                shelves.deliveries.release(name)

    def _let_go(self, expire_after: timedelta) -> None:
        now = self.clock()
        with self.store.writing() as shelves:
            shelves.deliveries.suppress_left(self.worker, now)
            shelves.deliveries.expire(now - expire_after, self.worker, now)

    def _send_all(self) -> None:
        in_a_row = 0
        forms: dict[int, Form] = {}
        with ExitStack() as open_while_sending:
            connection = None
            for delivery in self._claimed():
                if connection is None:
                    connection = open_while_sending.enter_context(self.transport.connect())
                ended = self._attempt(connection, delivery, forms)
                in_a_row = in_a_row + 1 if _is_ours(ended) else 0
                if in_a_row == STUCK and isinstance(ended, DeliveryError):
                    raise TryLater(f"{in_a_row} failed one after the other: {ended.reason}")

    def _claimed(self) -> Iterator[Delivery]:
        while True:
            now = self.clock()
            with self.store.writing() as shelves:
                batch = shelves.deliveries.claim(self.worker, now + LEASE, now, BATCH)
            if not batch:
                return
            yield from batch

    def _attempt(
        self,
        connection: Connection,
        delivery: Delivery,
        forms: dict[int, Form],
    ) -> Receipt | DeliveryError:
        if delivery.edition_id not in forms:
            with self.store.reading() as shelves:
                forms[delivery.edition_id] = shelves.editions.form(delivery.edition_id)
        ours = True

        def may_send() -> bool:
            nonlocal ours
            now = self.clock()
            with self.store.writing() as shelves:
                ours = shelves.deliveries.begin(delivery.id, self.worker, now + LEASE, now)
            return ours

        ended: Receipt | DeliveryError
        try:
            values = stamps(delivery.edition, delivery.subscriber, self.sender.secret)
            body = fill(forms[delivery.edition_id], values)
            ended = connection.send(envelope(delivery, self.sender), body, may_send)
        except DeliveryError as error:
            ended = error
        except SetupError as error:
            # Not this reader's fault: it waits for the next run, and so do all after it.
            self._settle(delivery, Outcome(Status.WAITING, str(error)))
            raise
        if ours:
            tried = replace(delivery, attempts=delivery.attempts + 1)
            self._settle(tried, outcome(ended, tried, self.clock()))
        return ended

    def _settle(self, delivery: Delivery, found: Outcome) -> None:
        with self.store.writing() as shelves:
            shelves.deliveries.settle(
                delivery.id,
                self.worker,
                found.status,
                found.detail,
                self.clock(),
                not_before=found.not_before,
            )


def _is_ours(ended: Receipt | DeliveryError) -> bool:
    """Whether a failure says nothing about the reader."""
    return isinstance(ended, TryLater) or (isinstance(ended, Refused) and ended.policy)
