"""The shelf of dumps: what was read, and what was left out and why."""

from collections.abc import Collection
from dataclasses import asdict, dataclass, fields
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, delete, func, insert, select, update

from digest.batches import batches
from digest.store.schema import dump, sighting


class State(StrEnum):
    READ = "read"
    LOADING = "loading"  # some of its papers are stored; none counts until all are
    QUARANTINED = "quarantined"  # a format accepts it and cannot read it, or it must not be opened
    IGNORED = "ignored"  # no format accepts it


LEFT_OUT = (State.QUARANTINED, State.IGNORED)


@dataclass(frozen=True, slots=True)
class Row:
    """What became of a file; `sha256` is empty where it could not be opened."""

    name: str
    state: State
    sha256: str
    read_at: datetime
    format: str | None = None
    taken: date | None = None
    papers: int = 0
    new: int = 0
    reason: str | None = None
    line: int | None = None
    history: bool = False
    in_folder: bool = False


class Dumps:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def is_read(self, sha256: str, taken: date | None) -> bool:
        """Whether this content was read before, under whatever name, and of no later day.

        Of several names with a day in them the earliest counts, whichever is read first.
        """
        query = select(dump.c.taken, dump.c.history)
        query = query.where(dump.c.sha256 == sha256, dump.c.state == State.READ)
        return any(
            row.history or taken is None or (row.taken is not None and row.taken <= taken)
            for row in self._connection.execute(query)
        )

    def begin(self, new: Row) -> int | None:
        """Return a row for a dump whose papers may now be stored; None where all are already.

        What another run has stored of it is dropped: whoever begins last goes on.
        """
        if self.is_read(new.sha256, new.taken):
            return None
        self._drop(dump.c.sha256 == new.sha256, dump.c.state.in_((State.READ, State.LOADING)))
        return self._add(new)

    def is_loading(self, dump_id: int) -> bool:
        query = select(dump.c.id).where(dump.c.id == dump_id, dump.c.state == State.LOADING)
        return self._connection.scalar(query) is not None

    def mark(self) -> int:
        """A number that changes whenever another dump has come to count."""
        query = select(func.coalesce(func.max(dump.c.counted), 0))
        return int(self._connection.scalar(query) or 0)

    def finish(self, dump_id: int, papers: int, new: int) -> None:
        """Make what was stored of a dump count."""
        values = {"state": State.READ, "papers": papers, "new": new, "counted": self.mark() + 1}
        this = select(dump.c.sha256, dump.c.name).where(dump.c.id == dump_id)
        sha256, name = self._connection.execute(this).one()
        self._connection.execute(update(dump).where(dump.c.id == dump_id).values(values))
        left, same = dump.c.state.in_(LEFT_OUT), (dump.c.sha256 == sha256) | (dump.c.name == name)
        self._connection.execute(delete(dump).where(left, same))

    def leave_out(self, new: Row) -> None:
        """Record a file that gives no papers, in place of what was recorded under its name."""
        left = dump.c.state.in_(LEFT_OUT)
        self._connection.execute(delete(dump).where(left, dump.c.name == new.name))
        self._add(new)

    def forget(self, kept: Collection[str]) -> None:
        """Drop what of the dumps folder was left out under other names than these."""
        left = dump.c.state.in_(LEFT_OUT), dump.c.in_folder.is_(True)
        names = set(self._connection.scalars(select(dump.c.name).where(*left))) - set(kept)
        for some in batches(names):
            self._connection.execute(delete(dump).where(dump.c.name.in_(some), *left))

    def _drop(self, *which: ColumnElement[bool]) -> None:
        rows = select(dump.c.id).where(*which)
        self._connection.execute(delete(sighting).where(sighting.c.dump_id.in_(rows)))
        self._connection.execute(delete(dump).where(*which))

    def all(self) -> list[Row]:
        """Every dump, the latest first."""
        query = _rows().order_by(dump.c.read_at.desc(), dump.c.name)
        return [_row(each) for each in self._connection.execute(query)]

    def left_out(self) -> list[Row]:
        query = _rows().where(dump.c.state.in_(LEFT_OUT)).order_by(dump.c.name)
        return [_row(each) for each in self._connection.execute(query)]

    def _add(self, new: Row) -> int:
        added = self._connection.execute(insert(dump).values(asdict(new)).returning(dump.c.id))
        return int(added.scalar_one())


COLUMNS = tuple(field.name for field in fields(Row))


def _rows() -> Select[Any]:
    return select(*(dump.c[name] for name in COLUMNS))


def _row(found: Any) -> Row:
    values = {**found._mapping}  # noqa: SLF001 - SQLAlchemy's public name for it
    return Row(**{**values, "state": State(found.state)})
