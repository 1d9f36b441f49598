"""The shelf of runs: which scheduled times were done, and what came of them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, func, insert, select, update

from digest.store.schema import run

GIVEN_UP_AFTER = timedelta(hours=6)
"""A run on another machine that has not ended by then was killed."""


@dataclass(frozen=True, slots=True)
class Run:
    slot: str | None
    worker: str
    started_at: datetime
    finished_at: datetime | None
    exit_code: int | None
    report: dict[str, Any] | None


class Runs:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def begin(self, worker: str, now: datetime) -> int:
        """Record a run that a person asked for."""
        return self._add(None, worker, now)

    def claim(
        self, slot: str, worker: str, now: datetime, is_gone: Callable[[str], bool]
    ) -> int | None:
        """Take a scheduled time; None where it is done or another scheduler is at it.

        A run whose worker is gone is taken over, and so is one of GIVEN_UP_AFTER ago: every stage
        can be repeated.
        """
        known = self._connection.execute(select(run).where(run.c.slot == slot)).one_or_none()
        if known is None:
            return self._add(slot, worker, now)
        alive = now - known.started_at < GIVEN_UP_AFTER and not is_gone(known.worker)
        if known.finished_at is not None or alive:
            return None
        values = {"worker": worker, "started_at": now}
        self._connection.execute(update(run).where(run.c.id == known.id).values(values))
        return int(known.id)

    def note(
        self, run_id: int, exit_code: int, report: dict[str, Any], ended: datetime | None
    ) -> None:
        """Write down how a run went; one that has not `ended` may be claimed again."""
        values = {"finished_at": ended, "exit_code": exit_code, "report": report}
        self._connection.execute(update(run).where(run.c.id == run_id).values(values))

    def last_slot(self) -> str | None:
        """The latest scheduled time that was done; one that was broken off does not count."""
        query = select(func.max(run.c.slot)).where(run.c.finished_at.is_not(None))
        slot: str | None = self._connection.scalar(query)
        return slot

    def open_slot(self) -> str | None:
        """The latest scheduled time whose run has not ended, or was broken off."""
        query = select(func.max(run.c.slot)).where(run.c.finished_at.is_(None))
        slot: str | None = self._connection.scalar(query)
        return slot

    def last(self, most: int) -> list[Run]:
        rows = self._connection.execute(select(run).order_by(run.c.id.desc()).limit(most))
        return [
            Run(row.slot, row.worker, row.started_at, row.finished_at, row.exit_code, row.report)
            for row in rows
        ]

    def _add(self, slot: str | None, worker: str, now: datetime) -> int:
        values = {"slot": slot, "worker": worker, "started_at": now}
        added = self._connection.execute(insert(run).values(values).returning(run.c.id))
        return int(added.scalar_one())
