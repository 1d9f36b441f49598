"""The shelf of editions: what was published, frozen, and the days without one."""

import zlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from hashlib import sha256
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import (
    ColumnElement,
    Connection,
    Table,
    delete,
    func,
    insert,
    select,
    union_all,
    update,
)

from digest.batches import batches
from digest.errors import StoreError
from digest.mime import manifest
from digest.model import DEFAULT_AUDIENCE, Edition, Form, Message
from digest.store.news import Served
from digest.store.schema import edition, edition_work, message, printing, quiet_day

EDITION: TypeAdapter[Edition] = TypeAdapter(Edition)
MESSAGE: TypeAdapter[Message] = TypeAdapter(Message)
FORM: TypeAdapter[Form] = TypeAdapter(Form)


FIRST = timedelta(days=7)
"""The first edition of an audience begins behind an edition that is at least so old."""


@dataclass(frozen=True, slots=True)
class Listed:
    """Where a paper was published, whether the mail printed it, and under which ref."""

    edition_id: int
    edition: Edition
    shown: bool
    ref: str


@dataclass(frozen=True, slots=True)
class Unfrozen:
    """A message that an earlier version has left, and what its form is made from."""

    edition_id: int
    edition: str
    published: datetime
    message: Message


class Editions:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def numbers(self, audience: str, day: date) -> int:
        """How many editions the audience has on the day."""
        query = select(func.count()).select_from(edition)
        here = query.where(edition.c.audience == audience, edition.c.day == day)
        return int(self._connection.scalar(here) or 0)

    def add(self, new: Edition, form: Form, published_at: datetime, *, mark: int = 0) -> int:
        """Freeze an edition and its mail; return its row.

        `mark` is that of the dumps when its papers were chosen.
        """
        values = {
            "name": new.name,
            "audience": new.audience,
            "day": new.day,
            "number": new.number,
            "published_at": published_at,
            "papers": len(new.cards),
            "content": zlib.compress(EDITION.dump_json(new)),
            "counted": mark,
        }
        added = self._connection.execute(insert(edition).values(values).returning(edition.c.id))
        edition_id = int(added.scalar_one())
        self._connection.execute(insert(message).values(edition_id=edition_id, **_frozen(form)))
        self._list(edition_id, new, set(form.shown))
        self._connection.execute(
            delete(quiet_day).where(
                quiet_day.c.audience == new.audience, quiet_day.c.day == new.day
            )
        )
        return edition_id

    def form(self, edition_id: int) -> Form:
        """The mail of an edition as it was frozen."""
        query = select(message.c.content, message.c.sha256).where(
            message.c.edition_id == edition_id
        )
        row = self._connection.execute(query).one()
        frozen = zlib.decompress(row.content)
        if sha256(frozen).hexdigest() != row.sha256:
            raise StoreError(f"message {edition_id}", "is not what was frozen; restore a backup")
        return FORM.validate_json(frozen)

    def manifest(self, edition_id: int) -> Mapping[str, Any]:
        """What was frozen: the hash, sizes in bytes, the slots, and the version that made it."""
        query = select(message.c.manifest, message.c.sha256)
        row = self._connection.execute(query.where(message.c.edition_id == edition_id)).one()
        return {"sha256": row.sha256, **row.manifest}

    def unfrozen(self) -> list[Unfrozen]:
        """The messages that an earlier version kept as text and HTML."""
        query = (
            select(edition.c.id, edition.c.name, edition.c.published_at, message.c.content)
            .join(message, message.c.edition_id == edition.c.id)
            .where(message.c.manifest.is_(None))
            .order_by(edition.c.id)
        )
        return [
            Unfrozen(row.id, row.name, row.published_at, _message(row.content))
            for row in self._connection.execute(query)
        ]

    def freeze(self, edition_id: int, form: Form) -> None:
        """Put the form in the place of what an earlier version kept."""
        self._connection.execute(
            update(message).where(message.c.edition_id == edition_id).values(_frozen(form))
        )

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

    def before(self, audience: str, day: date, edition_id: int | None = None) -> int | None:
        """The row of the audience's last edition up to the day, and before that one if it is given.

        Editions of a day are told apart by their rows, as the later one is added later.
        """
        query = select(edition.c.id).where(edition.c.audience == audience, edition.c.day <= day)
        if edition_id is not None:
            query = query.where((edition.c.day < day) | (edition.c.id < edition_id))
        order = edition.c.day.desc(), edition.c.number.desc()
        return self._connection.scalar(query.order_by(*order).limit(1))

    def days(self, audience: str, most: int) -> list[date]:
        """The last days on which the audience had an edition, in their order."""
        query = select(edition.c.day).distinct().where(edition.c.audience == audience)
        last = self._connection.scalars(query.order_by(edition.c.day.desc()).limit(most))
        return list(last)[::-1]

    def last_day(self, audience: str) -> date | None:
        query = select(func.max(edition.c.day)).where(edition.c.audience == audience)
        day: date | None = self._connection.scalar(query)
        return day

    def served(self, audience: str, day: date) -> Served | None:
        """What lies behind the audience's next edition; None where that begins with all there is.

        A new audience begins where another one's edition ended, a week before the day.
        """
        own = self._served(lambda table: table.c.audience == audience)
        return own or self._served(lambda table: table.c.day <= day - FIRST)

    def _served(self, which: Callable[[Table], ColumnElement[bool]]) -> Served | None:
        ends = [
            select(table.c.day, table.c.counted).where(which(table), table.c.counted.is_not(None))
            for table in (edition, quiet_day)
        ]
        both = union_all(*ends).subquery()
        row = self._connection.execute(select(func.max(both.c.day), func.max(both.c.counted))).one()
        return Served(*row) if row[0] else None

    def last_look(self, audience: str, day: date) -> date | None:
        """The last day on which the audience had an edition or a reason for none.

        Of a new audience it is the last day before this one on which any had.
        """
        own = self._last_look(lambda table: table.c.audience == audience)
        return own or self._last_look(lambda table: table.c.day < day)

    def _last_look(self, which: Callable[[Table], ColumnElement[bool]]) -> date | None:
        both = union_all(*(select(t.c.day).where(which(t)) for t in (edition, quiet_day)))
        day: date | None = self._connection.scalar(select(func.max(both.subquery().c.day)))
        return day

    def all(self) -> Iterable[Edition]:
        """Every edition, newest first, one in memory at a time."""
        query = select(edition.c.content).order_by(
            edition.c.day.desc(), edition.c.audience, edition.c.number.desc()
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

    def keep_quiet(self, audience: str, day: date, reason: str, *, mark: int | None = None) -> None:
        """Record why the day has no edition; `mark` is that of the dumps where nothing waits."""
        here = quiet_day.c.audience == audience, quiet_day.c.day == day
        self._connection.execute(delete(quiet_day).where(*here))
        self._connection.execute(
            insert(quiet_day).values(audience=audience, day=day, reason=reason, counted=mark)
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
            if new.audience == DEFAULT_AUDIENCE:
                these = printing.c.id.in_(row["work_id"] for row in rows)
                self._connection.execute(update(printing).where(these).values(listed=True))


def _frozen(form: Form) -> dict[str, Any]:
    content = FORM.dump_json(form)
    return {
        "sha256": sha256(content).hexdigest(),
        "content": zlib.compress(content),
        "manifest": manifest(form),
    }


def _message(content: bytes) -> Message:
    return MESSAGE.validate_json(zlib.decompress(content))
