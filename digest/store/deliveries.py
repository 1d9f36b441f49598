"""The shelf of deliveries: who is owed what, who got it, and who works on it."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, func, insert, select, update

from digest.batches import batches
from digest.model import Delivery, Standing, Status
from digest.store.schema import delivery, edition, subscriber
from digest.store.subscribers import reader

OPEN = (Status.WAITING, Status.SENDING)


class Deliveries:
    """One row per edition and subscriber; a change is durable when its transaction ends.

    A sender claims rows that wait: they are its own until the lease ends, and it marks each one
    as sending just before the point of no return.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def plan(self, edition_id: int, subscriber_ids: Iterable[int], now: datetime) -> None:
        for some in batches(subscriber_ids):
            rows = [
                {
                    "edition_id": edition_id,
                    "subscriber_id": subscriber_id,
                    "status": Status.WAITING,
                    "attempts": 0,
                    "changed_at": now,
                }
                for subscriber_id in some
            ]
            self._connection.execute(insert(delivery), rows)

    def claim(self, worker: str, until: datetime, now: datetime, most: int) -> list[Delivery]:
        """Take deliveries that are due and nobody else's; they wait for nobody but `worker`."""
        due = _due(now).order_by(delivery.c.id).limit(most).with_for_update(skip_locked=True)
        ids = list(self._connection.scalars(due))
        mine = delivery.c.id.in_(ids)
        self._connection.execute(
            update(delivery).where(mine).values(worker=worker, lease_until=until)
        )
        return [_delivery(row) for row in self._connection.execute(_deliveries().where(mine))]

    def begin(self, delivery_id: int, worker: str, until: datetime, now: datetime) -> bool:
        """Mark a claimed delivery as sending, its lease counted anew; False where it must not be.

        It must not when the lease has passed to somebody else or the reader has left: one
        statement decides and records it.
        """
        active = select(subscriber.c.id).where(
            subscriber.c.id == delivery.c.subscriber_id, subscriber.c.standing == Standing.ACTIVE
        )
        statement = update(delivery).where(
            delivery.c.id == delivery_id,
            delivery.c.worker == worker,
            delivery.c.status == Status.WAITING,
            delivery.c.lease_until > now,
            active.exists(),
        )
        values = {"status": Status.SENDING, "lease_until": until, "changed_at": now}
        return self._connection.execute(statement.values(values)).rowcount == 1

    def settle(
        self,
        delivery_id: int,
        worker: str,
        status: Status,
        detail: str,
        now: datetime,
        *,
        not_before: datetime | None = None,
    ) -> None:
        """Record how an attempt ended; the row stays its worker's only by name."""
        self._connection.execute(
            update(delivery)
            .where(delivery.c.id == delivery_id, delivery.c.worker == worker)
            .values(
                status=status,
                detail=detail,
                not_before=not_before,
                attempts=delivery.c.attempts + 1,
                lease_until=None,
                changed_at=now,
            )
        )

    def release(self, worker: str) -> None:
        """Give back what was claimed and not begun."""
        statement = update(delivery).where(
            delivery.c.worker == worker, delivery.c.status == Status.WAITING
        )
        self._connection.execute(statement.values(worker=None, lease_until=None))

    def workers(self) -> set[str]:
        """Who holds a lease or began something and has not settled it."""
        query = select(delivery.c.worker).where(
            delivery.c.status.in_(OPEN), delivery.c.lease_until.is_not(None)
        )
        return {worker for worker in self._connection.scalars(query.distinct()) if worker}

    def abandon(
        self, gone: Collection[str], worker: str, status: Status, detail: str, now: datetime
    ) -> None:
        """Take over what was begun by the gone, or is past its lease, and give it this status."""
        begun = delivery.c.status == Status.SENDING
        dead = delivery.c.worker.in_(gone) | (delivery.c.lease_until <= now)
        values: dict[str, Any] = {
            "status": status,
            "detail": detail,
            "worker": worker,
            "lease_until": None,
            "changed_at": now,
        }
        self._connection.execute(update(delivery).where(begun, dead).values(values))

    def expire(self, published_before: datetime, worker: str, now: datetime) -> None:
        """Let go what is too old to be news and in nobody's hands."""
        old = select(edition.c.id).where(edition.c.published_at <= published_before)
        statement = update(delivery).where(
            delivery.c.status == Status.WAITING,
            delivery.c.edition_id.in_(old),
            delivery.c.lease_until.is_(None) | (delivery.c.lease_until <= now),
        )
        values = {"status": Status.EXPIRED, "worker": worker, "changed_at": now}
        self._connection.execute(statement.values(values))

    def suppress_left(self, worker: str, now: datetime) -> None:
        """Drop what still waits for readers who are no longer active."""
        active = select(subscriber.c.id).where(subscriber.c.standing == Standing.ACTIVE)
        statement = update(delivery).where(
            delivery.c.status == Status.WAITING,
            delivery.c.subscriber_id.not_in(active),
            delivery.c.lease_until.is_(None) | (delivery.c.lease_until <= now),
        )
        values = {"status": Status.SUPPRESSED, "worker": worker, "changed_at": now}
        self._connection.execute(statement.values(values))

    def any_due(self, now: datetime) -> bool:
        return self._connection.scalar(_due(now).limit(1)) is not None

    def counts(self, worker: str | None = None) -> Mapping[Status, int]:
        """Deliveries by status: all, or what is open and what `worker` settled."""
        query = select(delivery.c.status, func.count()).group_by(delivery.c.status)
        if worker is not None:
            query = query.where(delivery.c.status.in_(OPEN) | (delivery.c.worker == worker))
        found = {row[0]: int(row[1]) for row in self._connection.execute(query)}
        return {status: found.get(status, 0) for status in Status}

    def of_edition(self, edition_id: int) -> Mapping[Status, int]:
        query = select(delivery.c.status, func.count()).group_by(delivery.c.status)
        rows = self._connection.execute(query.where(delivery.c.edition_id == edition_id))
        return {Status(row[0]): int(row[1]) for row in rows}

    def next_due(self) -> datetime | None:
        """When the first of those that wait may be tried again."""
        query = select(func.min(delivery.c.not_before)).where(delivery.c.status == Status.WAITING)
        due: datetime | None = self._connection.scalar(query)
        return due

    def problems(self, most: int) -> list[tuple[str, str, str, str]]:
        """(edition, address, status, detail) of the latest that went wrong."""
        query = (
            select(edition.c.name, subscriber.c.address, delivery.c.status, delivery.c.detail)
            .join(edition, edition.c.id == delivery.c.edition_id)
            .join(subscriber, subscriber.c.id == delivery.c.subscriber_id)
            .where(delivery.c.status.in_((Status.REFUSED, Status.UNCERTAIN, Status.EXPIRED)))
            .order_by(delivery.c.changed_at.desc(), delivery.c.id)
            .limit(most)
        )
        return [
            (row.name, row.address, row.status, row.detail or "")
            for row in self._connection.execute(query)
        ]


def _due(now: datetime) -> Select[Any]:
    """Rows that may be tried and are in nobody's hands."""
    return select(delivery.c.id).where(
        delivery.c.status == Status.WAITING,
        delivery.c.not_before.is_(None) | (delivery.c.not_before <= now),
        delivery.c.lease_until.is_(None) | (delivery.c.lease_until <= now),
    )


def _deliveries() -> Select[Any]:
    return (
        select(
            delivery.c.id.label("delivery_id"),
            delivery.c.edition_id,
            delivery.c.status,
            delivery.c.attempts,
            edition.c.name,
            subscriber,
        )
        .join(edition, edition.c.id == delivery.c.edition_id)
        .join(subscriber, subscriber.c.id == delivery.c.subscriber_id)
        .order_by(delivery.c.id)
    )


def _delivery(row: Row[Any]) -> Delivery:
    return Delivery(
        id=row.delivery_id,
        edition_id=row.edition_id,
        edition=row.name,
        subscriber=reader(row),
        status=Status(row.status),
        attempts=row.attempts,
    )
