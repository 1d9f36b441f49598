"""The shelf of deliveries: who is owed what, who got it, and who works on it."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Connection,
    Insert,
    Row,
    Select,
    bindparam,
    delete,
    func,
    insert,
    literal,
    or_,
    select,
    union_all,
    update,
)

from digest.batches import batches
from digest.model import Delivery, Kind, Outcome, Standing, Status
from digest.store.mailings import ENDED, goes_on
from digest.store.schema import delivery, edition, lease, mailing, subscriber
from digest.store.subscribers import reader

AGAIN = (Status.REFUSED, Status.UNCERTAIN, Status.SUPPRESSED, Status.EXPIRED)
"""What a person may ask to be tried again."""
WRONG = (Status.REFUSED, Status.UNCERTAIN, Status.EXPIRED)
TIME_HOLDS = timedelta(minutes=1)
"""So long a delivery may go that was put off to a time; later it asks for another."""
UNFINISHED = select(mailing.c.edition_id).where(mailing.c.finished_at.is_(None))
WAITING = (delivery.c.status == Status.WAITING) & delivery.c.worker.is_(None)
"""Rows that wait in nobody's hands."""


class Deliveries:
    """One row per edition and subscriber; a change is durable when its transaction ends.

    A run takes a lease and claims rows that wait: they are its own until the lease ends. What it
    does with them while it sends stands in `digest.store.ledger`.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def plan(self, edition_id: int, audience: str, kind: Kind, now: datetime) -> int:
        """Owe the edition to all who are active; return how many these are."""
        readers = select(subscriber.c.id).where(
            subscriber.c.audience == audience,
            subscriber.c.kind == kind,
            subscriber.c.standing == Standing.ACTIVE,
        )
        return self._owe(edition_id, readers.order_by(subscriber.c.id), now)

    def plan_one(self, edition_id: int, subscriber_id: int, now: datetime) -> None:
        self._owe(edition_id, select(literal(subscriber_id)), now)

    def _owe(self, edition_id: int, readers: Select[tuple[int]], now: datetime) -> int:
        fixed: dict[str, Any] = {
            "edition_id": edition_id,
            "status": Status.WAITING.value,
            "attempts": 0,
            "taken": 0,
            "doubts": 0,
            "not_before": now,
            "changed_at": now,
        }
        columns = [literal(value, delivery.c[name].type) for name, value in fixed.items()]
        rows = readers.add_columns(*columns)
        statement: Insert = insert(delivery).from_select(["subscriber_id", *fixed], rows)
        # SQLAlchemy forgets the number of inserted rows unless it is asked for.
        counted = statement.execution_options(preserve_rowcount=True)
        return self._connection.execute(counted).rowcount

    def status_of(self, edition_id: int, subscriber_id: int) -> Status | None:
        """How the delivery to a subscriber stands, if there is one."""
        query = select(delivery.c.status).where(
            delivery.c.edition_id == edition_id, delivery.c.subscriber_id == subscriber_id
        )
        found: str | None = self._connection.scalar(query)
        return Status(found) if found else None

    def again(self, edition_id: int, now: datetime, subscriber_id: int | None = None) -> int:
        """Try again what did not go out for one subscriber, or what is uncertain for all."""
        which = [delivery.c.edition_id == edition_id]
        if subscriber_id is None:
            which.append(delivery.c.status == Status.UNCERTAIN)
        else:
            which += [delivery.c.subscriber_id == subscriber_id, delivery.c.status.in_(AGAIN)]
        return self._change(which, Status.WAITING, now, not_before=now)

    def lease(self, worker: str, until: datetime) -> None:
        self._connection.execute(insert(lease).values(worker=worker, until=until))

    def end_lease(self, worker: str, now: datetime) -> None:
        """Give back what was claimed; what is still being sent is for the next run to decide."""
        self.release(worker)
        mine = lease.c.worker == worker
        if self.left_behind([worker]):
            self._connection.execute(update(lease).where(mine).values(until=now))
        else:
            self._connection.execute(delete(lease).where(mine))

    def claim(self, edition_id: int, worker: str, now: datetime, most: int) -> list[Delivery]:
        """Take deliveries that are due; they wait for nobody but `worker`, while its lease runs."""
        mine = select(lease.c.worker).where(lease.c.worker == worker, lease.c.until > now)
        query = (
            _deliveries(now)
            .where(
                WAITING,
                delivery.c.edition_id == edition_id,
                delivery.c.not_before <= now,
                subscriber.c.standing == Standing.ACTIVE,
                mine.exists(),
            )
            .order_by(delivery.c.not_before, delivery.c.id)
            .limit(most)
            .with_for_update(of=delivery, skip_locked=True)
        )
        claimed = [_delivery(row) for row in self._connection.execute(query)]
        for some in batches(each.id for each in claimed):
            taken = update(delivery).where(delivery.c.id.in_(some))
            self._connection.execute(taken.values(worker=worker))
        return claimed

    def put_off(self, until: Mapping[int, datetime]) -> None:
        """Give back claimed deliveries, each to wait until its time."""
        if until:
            rows = [{"row": row, "time": time} for row, time in until.items()]
            statement = update(delivery).where(delivery.c.id == bindparam("row"))
            self._connection.execute(
                statement.values(not_before=bindparam("time"), worker=None), rows
            )

    def release(self, worker: str, some: Iterable[int] | None = None) -> None:
        """Give back what was claimed and not begun: all, or some of it."""
        mine = delivery.c.worker == worker, delivery.c.status == Status.WAITING
        statement = update(delivery).where(*mine).values(worker=None)
        if some is None:
            self._connection.execute(statement)
            return
        for ids in batches(some):
            self._connection.execute(statement.where(delivery.c.id.in_(ids)))

    def gone(self, is_gone: Callable[[str], bool], now: datetime) -> list[str]:
        """The workers whose lease has ended, or who surely work no more."""
        rows = self._connection.execute(select(lease).order_by(lease.c.worker))
        return [row.worker for row in rows if row.until <= now or is_gone(row.worker)]

    def begun_by(self, gone: Collection[str], now: datetime) -> list[Delivery]:
        """What these workers were sending."""
        query = _deliveries(now).where(*_sent_by(gone)).order_by(delivery.c.id)
        found = self._connection.execute(query.with_for_update(of=delivery))
        return [_delivery(row) for row in found]

    def left_behind(self, gone: Collection[str]) -> int:
        """How many these workers were sending."""
        query = select(func.count()).select_from(delivery).where(*_sent_by(gone))
        return int(self._connection.scalar(query) or 0)

    def forget(self, gone: Collection[str]) -> None:
        """Give back what these workers had not begun; they may not begin anything any more."""
        claimed = delivery.c.edition_id.in_(UNFINISHED), delivery.c.status == Status.WAITING
        theirs = update(delivery).where(*claimed, delivery.c.worker.in_(gone))
        self._connection.execute(theirs.values(worker=None))
        self._connection.execute(delete(lease).where(lease.c.worker.in_(gone)))

    def take_over(self, delivery_id: int, found: Outcome, now: datetime) -> None:
        """Write down what becomes of a delivery that another was sending."""
        statement = update(delivery).where(
            delivery.c.id == delivery_id, delivery.c.status == Status.SENDING
        )
        self._connection.execute(
            statement.values(
                status=found.status,
                detail=found.detail,
                not_before=found.not_before,
                attempts=delivery.c.attempts + 1,
                doubts=delivery.c.doubts + int(found.doubt),
                changed_at=now,
                worker=None,
            )
        )

    def expire(self, now: datetime) -> int:
        """Let go what waits and is no longer news; return how much that is."""
        old = select(mailing.c.edition_id).where(
            mailing.c.not_after <= now, mailing.c.finished_at.is_(None)
        )
        return self._change([WAITING, delivery.c.edition_id.in_(old)], Status.EXPIRED, now)

    def suppress(self, now: datetime) -> int:
        """Let go what waits for readers who are not active, or of editions that were cancelled."""
        left = select(subscriber.c.id).where(subscriber.c.standing != Standing.ACTIVE)
        gone = self._change([WAITING, delivery.c.subscriber_id.in_(left)], Status.SUPPRESSED, now)
        cancelled = select(mailing.c.edition_id).where(
            mailing.c.cancelled_at.is_not(None), mailing.c.finished_at.is_(None)
        )
        why = "the edition was cancelled"
        which = [WAITING, delivery.c.edition_id.in_(cancelled)]
        return gone + self._change(which, Status.SUPPRESSED, now, detail=why)

    def _change(
        self, which: Iterable[ColumnElement[bool]], status: Status, now: datetime, **values: Any
    ) -> int:
        statement = update(delivery).where(*which)
        values = {"status": status, "changed_at": now, "not_before": None, **values}
        return self._connection.execute(statement.values(values)).rowcount

    def next_due(self) -> datetime | None:
        """When the first of those that wait, and may go, may be tried."""
        editions = self._connection.scalars(goes_on()).all()
        return min(filter(None, map(self._next_of, editions)), default=None)

    def _next_of(self, edition_id: int) -> datetime | None:
        query = select(func.min(delivery.c.not_before))
        due: datetime | None = self._connection.scalar(
            query.where(WAITING, delivery.c.edition_id == edition_id)
        )
        return due

    def of_open(self) -> dict[int, Mapping[Status, int]]:
        """By edition that is not finished, its deliveries by status."""
        editions = self._connection.scalars(UNFINISHED).all()
        return {edition_id: self.of_edition(edition_id) for edition_id in editions}

    def counts(self, of_open: Mapping[int, Mapping[Status, int]]) -> Mapping[Status, int]:
        """All deliveries by status: these, and what was frozen of editions that are finished."""
        total = Counter[str]()
        for found in of_open.values():
            total.update(found)
        sums = [func.sum(mailing.c[status]).label(status) for status in ENDED]
        frozen = select(*sums).where(mailing.c.finished_at.is_not(None))
        row = self._connection.execute(frozen).one()
        total.update({status: int(getattr(row, status) or 0) for status in ENDED})
        return {status: total[status] for status in Status}

    def open_counts(self) -> Mapping[Status, int]:
        """Those that wait or are being sent."""
        total = Counter[Status]({Status.WAITING: 0, Status.SENDING: 0})
        for found in self.of_open().values():
            total.update({status: found.get(status, 0) for status in total})
        return total

    def is_open(self, edition_id: int) -> bool:
        """Whether any of an edition waits or is being sent."""
        query = select(delivery.c.id).where(
            delivery.c.edition_id == edition_id,
            delivery.c.status.in_((Status.WAITING, Status.SENDING)),
        )
        return self._connection.scalar(query.limit(1)) is not None

    def of_edition(self, edition_id: int) -> Mapping[Status, int]:
        """Its deliveries by the statuses that it has.

        One statement, so that none is counted twice while it changes; and a count for each status,
        as to count rows that are alike takes half as long as to group them.
        """
        here = select(func.count()).where(delivery.c.edition_id == edition_id)
        counts = [here.where(delivery.c.status == each).scalar_subquery() for each in Status]
        row = self._connection.execute(select(*counts)).one()
        return {status: count for status, count in zip(Status, row, strict=True) if count}

    def twice(self, edition_id: int) -> int:
        """How many readers the other side took more than one for."""
        query = select(func.count()).select_from(delivery)
        here = query.where(delivery.c.edition_id == edition_id, delivery.c.taken > 1)
        return int(self._connection.scalar(here) or 0)

    def problems(self, most: int | None) -> list[tuple[str, str, str, str]]:
        """(edition, address, status, detail) of what went wrong, the latest editions first."""
        lost = or_(mailing.c.finished_at.is_(None), *(mailing.c[status] > 0 for status in WRONG))
        editions = select(mailing.c.edition_id).where(lost).order_by(mailing.c.edition_id.desc())
        found: list[tuple[str, str, str, str]] = []
        for edition_id in self._connection.scalars(editions).all():
            if most is not None and len(found) >= most:
                break
            query = _wrong_of(edition_id).limit(None if most is None else most - len(found))
            found += [
                (row.name, row.address, row.status, row.detail or "")
                for row in self._connection.execute(query)
            ]
        return found


def _wrong_of(edition_id: int) -> CompoundSelect[Any]:
    """What went wrong of an edition, in the order of its rows.

    The index has the rows of one status in that order, so the first are found without the others.
    """
    found = (
        select(
            *(delivery.c.id.label("row"), delivery.c.status, delivery.c.detail),
            *(edition.c.name, subscriber.c.address),
        )
        .join(edition, edition.c.id == delivery.c.edition_id)
        .join(subscriber, subscriber.c.id == delivery.c.subscriber_id)
        .where(delivery.c.edition_id == edition_id)
    )
    return union_all(*(found.where(delivery.c.status == each) for each in WRONG)).order_by("row")


def _sent_by(workers: Collection[str]) -> tuple[ColumnElement[bool], ...]:
    return (
        delivery.c.edition_id.in_(UNFINISHED),
        delivery.c.status == Status.SENDING,
        delivery.c.worker.in_(workers),
    )


def _deliveries(now: datetime) -> Select[Any]:
    put_off = delivery.c.not_before > edition.c.published_at
    lately = delivery.c.not_before > now - TIME_HOLDS
    return (
        select(
            delivery.c.id.label("delivery_id"),
            delivery.c.edition_id,
            delivery.c.status,
            delivery.c.attempts,
            delivery.c.doubts,
            (put_off & lately).label("timed"),
            edition.c.name,
            subscriber,
        )
        .join(edition, edition.c.id == delivery.c.edition_id)
        .join(subscriber, subscriber.c.id == delivery.c.subscriber_id)
    )


def _delivery(row: Row[Any]) -> Delivery:
    return Delivery(
        id=row.delivery_id,
        edition_id=row.edition_id,
        edition=row.name,
        subscriber=reader(row),
        status=Status(row.status),
        attempts=row.attempts,
        doubts=row.doubts,
        timed=bool(row.timed),
    )
