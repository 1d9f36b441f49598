"""`digest status`."""

from pathlib import Path
from typing import Any

import click

from digest.cli.common import open_app, print_json, with_config, with_json
from digest.model import Status
from digest.store.runs import Run

RUNS = 5
PROBLEMS = 20


@click.command()
@with_config
@with_json
def status(config: Path | None, *, as_json: bool) -> int:
    """Show the last runs, what is owed, and problems.

    \b
    Example:
      digest status
      digest status --json
    """
    app = open_app(config)
    with app.store.reading() as shelves:
        runs = shelves.runs.last(RUNS)
        counts = shelves.deliveries.counts()
        problems = shelves.deliveries.problems(PROBLEMS)
        left_out = shelves.dumps.left_out()
        papers = shelves.papers.count()
        waiting = shelves.papers.waiting(app.audience, app.today)
        last = shelves.editions.last_day(app.audience)
        quiet = shelves.editions.quiet(app.audience)
    found: dict[str, Any] = {
        "papers": papers,
        "waiting_papers": waiting,
        "last_edition": last,
        "quiet_days": {day.isoformat(): why for day, why in sorted(quiet.items())[-RUNS:]},
        "next_run": app.next_slot(),
        "deliveries": {each.value: counts[each] for each in Status},
        "runs": [
            {
                "started": run.started_at,
                "finished": run.finished_at,
                "slot": run.slot,
                "exit_code": run.exit_code,
                "state": _state(run),
            }
            for run in runs
        ],
        "problems": [
            {"edition": name, "address": address, "status": state, "detail": detail}
            for name, address, state, detail in problems
        ],
        "left_out": [
            {"dump": name, "state": state, "reason": reason} for name, state, reason in left_out
        ],
    }
    if as_json:
        print_json(found)
    else:
        _print(found)
    return 0


def _state(run: Run) -> str:
    if run.finished_at:
        return "done"
    from digest.app import is_gone

    return "broken off" if is_gone(run.owner) else "running"


def _print(found: dict[str, Any]) -> None:
    due = found["next_run"]
    owed = [f"{count} {name}" for name, count in found["deliveries"].items() if count]
    lines = {
        "Papers": f"{found['papers']} known, {found['waiting_papers']} wait for an edition",
        "Last edition": found["last_edition"] or "none yet",
        "Deliveries": ", ".join(owed) or "none yet",
        "Next run": f"{due:%A %Y-%m-%d %H:%M %Z}" if due else "never",
    }
    for name, line in lines.items():
        click.echo(f"{name:<14}{line}")
    for day, why in found["quiet_days"].items():
        click.echo(f"{'Quiet day':<14}{day}: {why}")
    for run in found["runs"]:
        ended = f"exit code {run['exit_code']}" if run["finished"] else run["state"]
        by = f", scheduled for {run['slot']}" if run["slot"] else ""
        click.echo(f"{'Run':<14}{run['started']:%Y-%m-%d %H:%M:%S} UTC: {ended}{by}")
    for each in found["problems"]:
        click.echo(
            f"{'Problem':<14}{each['status']}: {each['edition']} to {each['address']}: "
            f"{each['detail']}"
        )
    for each in found["left_out"]:
        click.echo(f"{'Left out':<14}{each['dump']}: {each['state']}: {each['reason']}")
