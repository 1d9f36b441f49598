"""The shelf of mailings: how the deliveries of each edition stand as a whole."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, case, func, insert, select, update

from digest.accounts import Account
from digest.model import Mailing, OnUncertain, Status
from digest.store.schema import delivery, edition, mailing

ENDED = (Status.SENT, Status.REFUSED, Status.UNCERTAIN, Status.SUPPRESSED, Status.EXPIRED)


class Mailings:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, edition_id: int, planned: int, not_after: datetime) -> None:
        """Freeze how many deliveries an edition has."""
        values = {"planned": planned, "not_after": not_after, "known_twice": 0}
        self._connection.execute(insert(mailing).values(edition_id=edition_id, **values))

    def open(self) -> list[Mailing]:
        """Those that are not finished, the oldest first."""
        return self._found(mailing.c.finished_at.is_(None))

    def going_on(self, now: datetime) -> list[Mailing]:
        """Those that may be delivered, the oldest first."""
        return self._found(mailing.c.edition_id.in_(goes_on()), mailing.c.not_after > now)

    def named(self, names: Collection[str]) -> list[Mailing]:
        return self._found(edition.c.name.in_(names))

    def all(self) -> list[Mailing]:
        return self._found()

    def lacking(self) -> list[str]:
        """The names of editions that have no mailing, which cannot be."""
        there = select(mailing.c.edition_id)
        query = select(edition.c.name).where(edition.c.id.not_in(there))
        return list(self._connection.scalars(query.order_by(edition.c.name)))

    def of_edition(self, edition_id: int) -> Mailing:
        (found,) = self._found(mailing.c.edition_id == edition_id)
        return found

    def pause(self, edition_ids: Collection[int], why: str, now: datetime) -> None:
        """Begin nothing more of them until they are resumed; a reason that stands there stays."""
        which = mailing.c.edition_id.in_(edition_ids), mailing.c.paused_at.is_(None)
        self._change(which, paused_at=now, paused_why=why)

    def resume(self, edition_ids: Collection[int]) -> None:
        """Let them go on; who was seen to have got one twice is no reason to stop any more."""
        twice = select(func.count()).where(
            delivery.c.edition_id == mailing.c.edition_id, delivery.c.taken > 1
        )
        which = (mailing.c.edition_id.in_(edition_ids),)
        values = {"paused_at": None, "paused_why": None}
        self._change(which, known_twice=twice.scalar_subquery(), **values)

    def cancel(self, edition_ids: Collection[int], now: datetime) -> None:
        self._change((mailing.c.edition_id.in_(edition_ids),), cancelled_at=now)

    def decide(self, edition_id: int, on_uncertain: OnUncertain) -> None:
        """Say for one edition what becomes of what is uncertain."""
        self._change((mailing.c.edition_id == edition_id,), on_uncertain=on_uncertain)

    def reopen(self, edition_id: int, more: int, not_after: datetime) -> None:
        """Plan so many more; it is news until `not_after`, or longer if it was before."""
        later = case((mailing.c.not_after < not_after, not_after), else_=mailing.c.not_after)
        values = {"planned": mailing.c.planned + more, "not_after": later, "finished_at": None}
        self._change((mailing.c.edition_id == edition_id,), **values)

    def account(self, edition_id: int) -> Account:
        """Add up the deliveries of an edition, every row of them.

        An answer that comes late changes a mailing before its delivery (`digest.store.ledger`), so
        who locks the mailing here finds all or nothing of that.
        """
        locked = select(mailing.c.planned).where(mailing.c.edition_id == edition_id)
        planned = int(self._connection.execute(locked.with_for_update()).scalar_one())
        sent = delivery.c.status == Status.SENT
        open_ = delivery.c.status == Status.SENDING
        taken = delivery.c.taken > 0
        query = (
            select(
                delivery.c.status,
                func.count(),
                func.sum(delivery.c.taken),
                _many(delivery.c.taken > 1),
                _many(delivery.c.taken + delivery.c.doubts > 1),
                _many(~open_ & (sent != taken)),
            )
            .where(delivery.c.edition_id == edition_id)
            .group_by(delivery.c.status)
        )
        rows = self._connection.execute(query).all()
        counts = {Status(row[0]): int(row[1]) for row in rows}
        sums = [sum(int(row[column]) for row in rows) for column in range(2, 6)]
        return Account(planned, {status: counts.get(status, 0) for status in Status}, *sums)

    def finish(self, edition_id: int, account: Account, now: datetime) -> None:
        """Freeze the counts of an edition of which nothing is open any more."""
        counts = {status.value: account.counts[status] for status in ENDED}
        self._change((mailing.c.edition_id == edition_id,), finished_at=now, **counts)

    def frozen(self, edition_id: int) -> dict[Status, int] | None:
        """The counts of an edition as they were when it was finished."""
        columns = [mailing.c[status] for status in ENDED]
        query = select(mailing.c.finished_at, *columns).where(mailing.c.edition_id == edition_id)
        row = self._connection.execute(query).one()
        if row.finished_at is None:
            return None
        return {status: int(getattr(row, status)) for status in ENDED}

    def _found(self, *which: Any) -> list[Mailing]:
        of_edition = edition.c.name, edition.c.audience, edition.c.day, edition.c.number
        query = select(mailing, *of_edition).join(edition, edition.c.id == mailing.c.edition_id)
        rows = self._connection.execute(query.where(*which).order_by(mailing.c.edition_id))
        return [
            Mailing(
                edition_id=row.edition_id,
                edition=row.name,
                audience=row.audience,
                day=row.day,
                number=row.number,
                planned=row.planned,
                not_after=row.not_after,
                on_uncertain=row.on_uncertain and OnUncertain(row.on_uncertain),
                paused_why=row.paused_why if row.paused_at else None,
                known_twice=row.known_twice,
                cancelled=row.cancelled_at is not None,
                finished=row.finished_at is not None,
            )
            for row in rows
        ]

    def _change(self, which: Sequence[Any], **values: Any) -> None:
        self._connection.execute(update(mailing).where(*which).values(values))


def goes_on() -> Select[Any]:
    """The editions that may be delivered, if they are news yet."""
    return select(mailing.c.edition_id).where(
        mailing.c.finished_at.is_(None),
        mailing.c.paused_at.is_(None),
        mailing.c.cancelled_at.is_(None),
    )


def _many(condition: Any) -> Any:
    """How many rows a condition holds for."""
    return func.sum(case((condition, 1), else_=0))
