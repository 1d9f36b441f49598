"""The shelf of subscribers."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, and_, func, insert, select, update

from digest.model import DEFAULT_AUDIENCE, Kind, Standing, Subscriber
from digest.store.schema import meta, subscriber

SECRET = "secret"  # noqa: S105 - the name of the row
READS = subscriber.c.kind == Kind.READER, subscriber.c.standing == Standing.ACTIVE
READS_NOT = (
    subscriber.c.standing < Standing.ACTIVE,
    subscriber.c.standing > Standing.ACTIVE,
    and_(subscriber.c.standing == Standing.ACTIVE, subscriber.c.kind < Kind.READER),
    and_(subscriber.c.standing == Standing.ACTIVE, subscriber.c.kind > Kind.READER),
)
"""All others, as the index finds them."""


class Subscribers:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def find(self, audience: str, address: str) -> Subscriber | None:
        query = select(subscriber).where(
            subscriber.c.audience == audience, subscriber.c.address == address
        )
        row = self._connection.execute(query).one_or_none()
        return reader(row) if row else None

    def by_token(self, token: str) -> Subscriber | None:
        query = select(subscriber).where(subscriber.c.token == token)
        row = self._connection.execute(query).one_or_none()
        return reader(row) if row else None

    def anywhere(self, address: str) -> list[Subscriber]:
        """What an address is to each audience that knows it."""
        query = select(subscriber).where(subscriber.c.address == address)
        return [reader(row) for row in self._connection.execute(query.order_by(subscriber.c.id))]

    def beginning(self, audience: str, start: str, most: int) -> list[str]:
        """The first addresses of an audience that begin so, in small letters as all of them are."""
        start = start.lower()
        query = select(subscriber.c.address).where(
            subscriber.c.audience == audience,
            subscriber.c.address >= start,
            subscriber.c.address < start + "\U0010ffff",
        )
        return list(self._connection.scalars(query.order_by(subscriber.c.address).limit(most)))

    def all(self, audience: str | None = None) -> list[Subscriber]:
        """Everybody, or everybody of one audience."""
        query = select(subscriber).order_by(subscriber.c.address, subscriber.c.id)
        if audience is not None:
            query = query.where(subscriber.c.audience == audience)
        return [reader(row) for row in self._connection.execute(query)]

    def readers(self) -> dict[str, int]:
        """How many readers get the next edition of each audience that has any.

        SQLite tells the number of all rows four times as fast as it counts those of an audience. So
        the readers of `all`, mostly by far the most, are the rows that nothing else is. One
        statement counts them, so that none is counted twice while it changes; who is the first of
        an audience while it is asked counts among those of `all`.
        """
        names = [name for name in self._read() if name != DEFAULT_AUDIENCE]
        others = [*READS_NOT, *(and_(*READS, subscriber.c.audience == name) for name in names)]
        count = select(func.count()).select_from(subscriber)
        counts = (count, *(count.where(each) for each in others))
        row = self._connection.execute(select(*(each.scalar_subquery() for each in counts))).one()
        total, *rest = map(int, row)
        found = {DEFAULT_AUDIENCE: total - sum(rest)}
        found.update(zip(names, rest[len(READS_NOT) :], strict=True))
        return {name: number for name, number in found.items() if number}

    def _read(self) -> Iterator[str]:
        """The audiences that have readers, each found by the one before."""
        first = select(func.min(subscriber.c.audience)).where(*READS)
        name = self._connection.scalar(first)
        while name is not None:
            yield name
            name = self._connection.scalar(first.where(subscriber.c.audience > name))

    def any_active(self, audience: str, kind: Kind) -> bool:
        """Whether there is somebody to get the next edition."""
        query = select(subscriber.c.id).where(
            subscriber.c.audience == audience,
            subscriber.c.kind == kind,
            subscriber.c.standing == Standing.ACTIVE,
        )
        return self._connection.scalar(query.limit(1)) is not None

    def add(
        self, address: str, audience: str, kind: Kind, token: str, since: datetime
    ) -> Subscriber:
        values: dict[str, Any] = {
            "address": address,
            "audience": audience,
            "kind": kind,
            "standing": Standing.ACTIVE,
            "token": token,
            "since": since,
        }
        added = self._connection.execute(
            insert(subscriber).values(values).returning(subscriber.c.id)
        )
        return Subscriber(id=int(added.scalar_one()), **values)

    def change(self, subscriber_id: int, kind: Kind, standing: Standing, since: datetime) -> None:
        """Note what somebody is to us now, if that is anything new."""
        new = (subscriber.c.kind != kind) | (subscriber.c.standing != standing)
        statement = update(subscriber).where(subscriber.c.id == subscriber_id, new)
        self._connection.execute(statement.values(kind=kind, standing=standing, since=since))

    def secret(self) -> str | None:
        """What tokens and Message-IDs are made with, where the settings name nothing."""
        return self._connection.scalar(select(meta.c.value).where(meta.c.key == SECRET))

    def keep_secret(self, secret: str) -> None:
        self._connection.execute(insert(meta).values(key=SECRET, value=secret))


def reader(row: Row[Any]) -> Subscriber:
    return Subscriber(
        id=row.id,
        address=row.address,
        audience=row.audience,
        kind=Kind(row.kind),
        standing=Standing(row.standing),
        token=row.token,
        since=row.since,
    )
