"""The shelf of dumps: what was read, and what was left out and why."""

from collections.abc import Collection
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import Connection, delete, insert, select

from digest.batches import batches
from digest.store.schema import dump


class State(StrEnum):
    READ = "read"
    QUARANTINED = "quarantined"  # a format accepts it and cannot read it
    IGNORED = "ignored"  # no format accepts it


class Dumps:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def read(self, hashes: Collection[str]) -> set[str]:
        """Which of these contents were read before, under whatever name."""
        found: set[str] = set()
        for some in batches(hashes):
            query = select(dump.c.sha256).where(dump.c.sha256.in_(some), dump.c.state == State.READ)
            found.update(self._connection.scalars(query))
        return found

    def add(
        self,
        *,
        sha256: str,
        name: str,
        state: State,
        read_at: datetime,
        format: str | None = None,  # noqa: A002 - the term
        reason: str | None = None,
        line: int | None = None,
        taken: date | None = None,
        papers: int = 0,
        new: int = 0,
        history: bool = False,
    ) -> int:
        """Record a dump and return its row.

        It replaces what was left out under its name, and where it is read, with its content.
        """
        same = dump.c.name == name
        if state is State.READ:
            same |= dump.c.sha256 == sha256
        self._connection.execute(delete(dump).where(dump.c.state != State.READ, same))
        row = {
            "sha256": sha256, "name": name, "state": state, "format": format, "reason": reason,
            "line": line, "taken": taken, "papers": papers, "new": new, "history": history,
            "read_at": read_at,
        }  # fmt: skip
        added = self._connection.execute(insert(dump).values(row).returning(dump.c.id))
        return int(added.scalar_one())

    def forget(self, names: Collection[str]) -> None:
        """Drop what was left out under other names than these: those files are no more."""
        known = [row[0] for row in self.left_out()]
        for some in batches(set(known) - set(names)):
            gone = dump.c.name.in_(some) & (dump.c.state != State.READ)
            self._connection.execute(delete(dump).where(gone))

    def left_out(self) -> list[tuple[str, str, str]]:
        """(name, state, reason) of all that is quarantined or ignored, by name."""
        query = (
            select(dump.c.name, dump.c.state, dump.c.reason)
            .where(dump.c.state != State.READ)
            .order_by(dump.c.name)
        )
        return [(row.name, row.state, row.reason) for row in self._connection.execute(query)]
