"""Status: how things stand, for a person or a monitor."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import partial
from typing import Any

from digest.audiences import Audience
from digest.model import DEFAULT_AUDIENCE, Mailing, Status
from digest.store import Shelves, Store
from digest.store.runs import Run
from digest.worker import is_gone

NextSlot = Callable[[Callable[[date], bool]], datetime | None]

RUNS = 5
PROBLEMS = 20


@dataclass(frozen=True, slots=True)
class AudienceStatus:
    """`cadence` is None where the settings don't know the audience, and it only has readers."""

    audience: str
    cadence: str | None
    query: str | None = None
    readers: int = 0
    last_edition: date | None = None
    next_edition: datetime | None = None
    quiet_days: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class StatusReport:
    """`last_edition`, `waiting_papers` and `quiet_days` are those of `all`."""

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
    audiences: tuple[AudienceStatus, ...]


def status(
    store: Store,
    audiences: Iterable[Audience],
    today: date,
    next_slot: NextSlot,
    most: int | None,
) -> StatusReport:
    """Tell how things stand, with so many of the problems, or all.

    `next_slot` says when the schedule next calls on a day that fits.
    """
    with store.reading() as shelves:
        of_open = shelves.deliveries.of_open()
        counts = shelves.deliveries.counts(of_open)
        told = _audiences(shelves, audiences, today, next_slot)
        everybody = told[0]
        return StatusReport(
            papers=shelves.papers.count(),
            waiting_papers=shelves.papers.waiting(DEFAULT_AUDIENCE, today),
            later_papers=shelves.papers.later(DEFAULT_AUDIENCE, today),
            last_edition=everybody.last_edition,
            quiet_days=everybody.quiet_days,
            next_run=next_slot(lambda _: True),
            deliveries={each.value: counts[each] for each in Status},
            open=tuple(_open(each, of_open[each.edition_id]) for each in shelves.mailings.open()),
            runs=tuple(map(_run, shelves.runs.last(RUNS))),
            problems=tuple(
                {"edition": name, "address": address, "status": state, "detail": detail}
                for name, address, state, detail in shelves.deliveries.problems(most)
            ),
            left_out=tuple(
                {"dump": each.name, "state": each.state, "reason": each.reason or ""}
                for each in shelves.dumps.left_out()
            ),
            audiences=told,
        )


def _audiences(
    shelves: Shelves, audiences: Iterable[Audience], today: date, next_slot: NextSlot
) -> tuple[AudienceStatus, ...]:
    """Those of the settings, and those that only have readers still."""
    readers = shelves.subscribers.readers()
    told = []
    for each in audiences:
        looked = shelves.editions.last_look(each.name, today)
        last = shelves.editions.last_day(each.name)
        quiet = sorted(shelves.editions.quiet(each.name).items())[-RUNS:]
        told.append(
            AudienceStatus(
                each.name,
                str(each.cadence),
                query=str(each.query) if each.query else None,
                readers=readers.pop(each.name, 0),
                last_edition=last,
                next_edition=next_slot(partial(each.cadence.is_open, looked=looked, last=last)),
                quiet_days={day.isoformat(): why for day, why in quiet},
            )
        )
    return (*told, *(AudienceStatus(name, None, readers=n) for name, n in sorted(readers.items())))


def _open(mailing: Mailing, counts: Mapping[Status, int]) -> dict[str, Any]:
    return {
        "edition": mailing.edition,
        "audience": mailing.audience,
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
