"""`digest status`."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from digest.cli.common import open_app, print_json, with_config, with_json
from digest.look import counted
from digest.model import DEFAULT_AUDIENCE

if TYPE_CHECKING:
    from digest.pipeline.status import AudienceStatus, StatusReport


@click.command()
@click.option("--all", "all_problems", is_flag=True, help="List every problem, not the last 20.")
@with_config
@with_json
def status(config: Path | None, *, all_problems: bool, as_json: bool) -> int:
    """Show the last runs, what is owed, and problems.

    \b
    Example:
      digest status
      digest status --all --json
    """
    found = open_app(config).status(all_problems=all_problems)
    if as_json:
        print_json(asdict(found))
        return 0
    for name, line in _lines(found):
        click.echo(f"{name:<14}{line}")
    return 0


def _lines(found: "StatusReport") -> Iterator[tuple[str, str]]:
    later = f", {found.later_papers} are of days to come" if found.later_papers else ""
    owed = [f"{count} {name}" for name, count in found.deliveries.items() if count]
    due = found.next_run
    yield "Papers", f"{found.papers} known, {found.waiting_papers} wait for an edition{later}"
    yield "Last edition", str(found.last_edition or "none yet")
    yield "Deliveries", ", ".join(owed) or "none yet"
    yield from map(_open, found.open)
    yield "Next run", f"{due:%A %Y-%m-%d %H:%M %Z}" if due else "never"
    if len(found.audiences) > 1:
        for audience in found.audiences:
            yield "Audience", _audience(audience)
    for day, why in found.quiet_days.items():
        yield "Quiet day", f"{day}: {why}"
    for run in found.runs:
        code = "" if run["exit_code"] is None else f", exit code {run['exit_code']}"
        by = f", scheduled for {run['slot']}" if run["slot"] else ""
        yield "Run", f"{run['started']:%Y-%m-%d %H:%M:%S} UTC: {run['state']}{code}{by}"
        for stage, error in run["failed"].items():
            yield "", f"{stage} failed: {error}"
    for each in found.problems:
        whose = f"{each['edition']} to {each['address']}"
        yield "Problem", f"{each['status']}: {whose}: {each['detail']}"
    for each in found.open:
        if each["uncertain"]:
            deliver = f"digest deliver {_which(each)}"
            yield "To decide", f"{each['edition']}: {deliver} --uncertain resend"
            yield "", "(perhaps twice), or --uncertain hold (perhaps never)"
    for each in found.left_out:
        yield "Left out", f"{each['dump']}: {each['state']}: {each['reason']}"


def _which(each: Mapping[str, Any]) -> str:
    """The options that name an edition."""
    whose = "" if each["audience"] == DEFAULT_AUDIENCE else f"--audience {each['audience']} "
    return f"{whose}--date {each['date']} --number {each['number']}"


def _audience(found: "AudienceStatus") -> str:
    who = f"{found.audience}: {counted(found.readers, 'reader')}"
    if found.cadence is None:
        return f"{who}, but the settings name no such audience: they get nothing"
    due = found.next_edition
    wait = f"next on {due:%A %Y-%m-%d %H:%M}" if due else "no next one"
    last = f"last edition {found.last_edition}" if found.last_edition else "no edition yet"
    return f"{who}, {found.cadence}: {last}, {wait}"


def _open(each: Mapping[str, Any]) -> tuple[str, str]:
    """How an edition stands that is not delivered to its end."""
    from digest.model import Status

    parts = [f"{each[status.value]:,} {status}" for status in Status if each[status.value]]
    paused = f"; PAUSED: {each['paused']}, until `digest resume`" if each["paused"] else ""
    told = f"{', '.join(parts)} of {each['planned']:,}, tried until {each['until']:%Y-%m-%d %H:%M}"
    return "Open", f"{each['edition']}: {told} UTC{paused}"
