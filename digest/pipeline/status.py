"""Status: how things stand, for a person or a monitor."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from digest.model import Mailing, Status
from digest.store import Shelves, Store
from digest.store.runs import Run
from digest.worker import is_gone

RUNS = 5
PROBLEMS = 20


@dataclass(frozen=True, slots=True)
class StatusReport:
    papers: int
    waiting_papers: int
    later_papers: int
    last_edition: date | None
    quiet_days: Mapping[str, str]
    next_run: datetime | None
    deliveries: Mapping[str, int]
    open: tuple[Mapping[str, Any], ...]
    runs: tuple[Mapping[str, Any], ...]
    problems: tuple[Mapping[str, str], ...]
    left_out: tuple[Mapping[str, str], ...]


def status(
    store: Store,
    audience: str,
    today: date,
    next_run: datetime | None,
    most: int | None,
) -> StatusReport:
    """Tell how things stand, with so many of the problems, or all."""
    with store.reading() as shelves:
        counts = shelves.deliveries.counts()
        quiet = sorted(shelves.editions.quiet(audience).items())[-RUNS:]
        return StatusReport(
            papers=shelves.papers.count(),
            waiting_papers=shelves.papers.waiting(audience, today),
            later_papers=shelves.papers.later(today),
            last_edition=shelves.editions.last_day(audience),
            quiet_days={day.isoformat(): why for day, why in quiet},
            next_run=next_run,
            deliveries={each.value: counts[each] for each in Status},
            open=tuple(_open(shelves, each) for each in shelves.mailings.open()),
            runs=tuple(map(_run, shelves.runs.last(RUNS))),
            problems=tuple(
                {"edition": name, "address": address, "status": state, "detail": detail}
                for name, address, state, detail in shelves.deliveries.problems(most)
            ),
            left_out=tuple(
                {"dump": each.name, "state": each.state, "reason": each.reason or ""}
                for each in shelves.dumps.left_out()
            ),
        )


def _open(shelves: Shelves, mailing: Mailing) -> dict[str, Any]:
    counts = shelves.deliveries.of_edition(mailing.edition_id)
    return {
        "edition": mailing.edition,
        "date": mailing.day,
        "number": mailing.number,
        "planned": mailing.planned,
        **{status.value: counts.get(status, 0) for status in Status},
        "until": mailing.not_after,
        "paused": mailing.paused_why,
    }


def _run(run: Run) -> dict[str, Any]:
    stages = run.report or {}
    return {
        "started": run.started_at,
        "finished": run.finished_at,
        "slot": run.slot,
        "state": _state(run),
        "exit_code": run.exit_code,
        "failed": {name: each["error"] for name, each in stages.items() if "error" in each},
    }


def _state(run: Run) -> str:
    if run.finished_at:
        return "done"
    if run.exit_code is not None:
        return "to be tried again"
    return "broken off" if is_gone(run.worker) else "running"
