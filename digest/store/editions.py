"""The shelf of editions: what was published, frozen, and the days without one."""

import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import Connection, delete, func, insert, select

from digest.batches import batches
from digest.errors import StoreError
from digest.model import Edition, Message
from digest.store.schema import edition, edition_work, message, printing, quiet_day

EDITION: TypeAdapter[Edition] = TypeAdapter(Edition)
MESSAGE: TypeAdapter[Message] = TypeAdapter(Message)


@dataclass(frozen=True, slots=True)
class Listed:
    """Where a paper was published, whether the mail printed it, and under which ref."""

    edition_id: int
    edition: Edition
    shown: bool
    ref: str


class Editions:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def numbers(self, audience: str, day: date) -> int:
        """How many editions the audience has on the day."""
        query = select(func.count()).select_from(edition)
        here = query.where(edition.c.audience == audience, edition.c.day == day)
        return int(self._connection.scalar(here) or 0)

    def add(self, new: Edition, rendering: Message, published_at: datetime) -> int:
        """Freeze an edition and its message; return its row."""
        values = {
            "name": new.name,
            "audience": new.audience,
            "day": new.day,
            "number": new.number,
            "published_at": published_at,
            "papers": len(new.cards),
            "content": zlib.compress(EDITION.dump_json(new)),
        }
        added = self._connection.execute(insert(edition).values(values).returning(edition.c.id))
        edition_id = int(added.scalar_one())
        frozen = zlib.compress(MESSAGE.dump_json(rendering))
        self._connection.execute(
            insert(message).values(edition_id=edition_id, sha256=rendering.sha256, content=frozen)
        )
        self._list(edition_id, new, set(rendering.shown))
        self._connection.execute(
            delete(quiet_day).where(
                quiet_day.c.audience == new.audience, quiet_day.c.day == new.day
            )
        )
        return edition_id

    def message(self, edition_id: int) -> tuple[Message, datetime]:
        """The frozen rendering and the time of its publication."""
        query = (
            select(message.c.content, message.c.sha256, edition.c.published_at)
            .join(edition, edition.c.id == message.c.edition_id)
            .where(edition.c.id == edition_id)
        )
        row = self._connection.execute(query).one()
        frozen = MESSAGE.validate_json(zlib.decompress(row.content))
        if frozen.sha256 != row.sha256:
            raise StoreError(f"message {edition_id}", "is not what was frozen; restore a backup")
        return frozen, row.published_at

    def name(self, edition_id: int) -> str:
        return str(
            self._connection.scalar(select(edition.c.name).where(edition.c.id == edition_id))
        )

    def latest(self, audience: str, day: date, number: int | None = None) -> int | None:
        """The row of the day's edition of this number, else of its last one."""
        query = select(edition.c.id).where(edition.c.audience == audience, edition.c.day == day)
        if number is not None:
            query = query.where(edition.c.number == number)
        return self._connection.scalar(query.order_by(edition.c.number.desc()).limit(1))

    def last_day(self, audience: str) -> date | None:
        query = select(func.max(edition.c.day)).where(edition.c.audience == audience)
        day: date | None = self._connection.scalar(query)
        return day

    def all(self, audience: str) -> Iterable[Edition]:
        """Every edition, newest first, one in memory at a time."""
        query = (
            select(edition.c.content)
            .where(edition.c.audience == audience)
            .order_by(edition.c.day.desc(), edition.c.number.desc())
        )
        for content in self._connection.scalars(query):
            yield EDITION.validate_json(zlib.decompress(content))

    def of_paper(self, ref: str) -> list[Listed]:
        """The editions that published a work, under whichever of its names."""
        root = printing.alias()
        query = (
            select(edition.c.id, edition.c.content, edition_work.c.shown, printing.c.ref)
            .join(edition_work, edition_work.c.edition_id == edition.c.id)
            .join(printing, printing.c.id == edition_work.c.work_id)
            .join(root, root.c.id == printing.c.root_id)
            .where(root.c.ref == ref)
            .order_by(edition.c.day, edition.c.number)
        )
        return [
            Listed(row.id, EDITION.validate_json(zlib.decompress(row.content)), row.shown, row.ref)
            for row in self._connection.execute(query)
        ]

    def keep_quiet(self, audience: str, day: date, reason: str) -> None:
        """Record why the day has no edition."""
        here = quiet_day.c.audience == audience, quiet_day.c.day == day
        self._connection.execute(delete(quiet_day).where(*here))
        self._connection.execute(
            insert(quiet_day).values(audience=audience, day=day, reason=reason)
        )

    def quiet(self, audience: str) -> Mapping[date, str]:
        query = select(quiet_day.c.day, quiet_day.c.reason).where(quiet_day.c.audience == audience)
        return {row.day: row.reason for row in self._connection.execute(query)}

    def _list(self, edition_id: int, new: Edition, shown: set[str]) -> None:
        for some in batches(card.ref for card in new.cards):
            rows: list[dict[str, Any]] = [
                {
                    "edition_id": edition_id,
                    "work_id": row.id,
                    "audience": new.audience,
                    "shown": row.ref in shown,
                }
                for row in self._connection.execute(
                    select(printing.c.ref, printing.c.id).where(printing.c.ref.in_(some))
                )
            ]
            self._connection.execute(insert(edition_work), rows)
