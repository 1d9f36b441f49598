"""What a person reads of a run: what happened, and what to do next."""

from collections.abc import Iterator, Mapping
from typing import Any

import click

from digest.app import App
from digest.cli.common import again, exported
from digest.look import counted
from digest.model import DEFAULT_AUDIENCE, Kind
from digest.pipeline.archive import ArchiveReport
from digest.pipeline.daily import Failed, Report
from digest.pipeline.deliver import DeliverReport
from digest.pipeline.ingest import IngestReport
from digest.pipeline.publish import Editions, PublishReport, Unpublished, room

NAMES = {"ingest": "Dumps", "publish": "Edition", "deliver": "Mails", "archive": "Archive"}
INDENT = 11


def print_run(app: App, reports: Mapping[str, Report]) -> None:
    click.echo(f"{app.settings.name}, {app.today.isoformat()}\n")
    for name, report in reports.items():
        first, *more = _lines(app, report)
        click.echo(f"  {NAMES[name]:<{INDENT - 2}}{first}")
        for line in more:
            click.echo(" " * INDENT + line)
    click.echo("\nNext")
    for what, how in _next(app, reports):
        click.echo(f"  {what:<24}{how}")


def print_stage(app: App, report: Report) -> None:
    for line in _lines(app, report):
        click.echo(line)


def _lines(app: App, report: Report) -> Iterator[str]:
    match report:
        case IngestReport():
            yield from _ingest(report)
        case Editions():
            for each in report.reports:
                yield from _publish(each)
        case DeliverReport():
            yield from _deliver(app, report)
        case ArchiveReport():
            changed = f"{report.written} written" if report.written else "nothing changed"
            yield f"{counted(report.pages, 'file')}, {changed}: {report.index}"
        case Failed():
            yield f"failed: {report.error}"


def _ingest(report: IngestReport) -> Iterator[str]:
    if report.dumps:
        news = f"{report.new:,} new, {report.known:,} known"
        found = f"{counted(report.papers, 'paper')}, {news}"
        yield f"{counted(report.dumps, 'dump')} read: {found}"
    else:
        before = f" ({counted(report.unchanged, 'file')} read before)" if report.unchanged else ""
        yield f"nothing new{before}"
    yield from left_out(report)


def left_out(report: IngestReport) -> Iterator[str]:
    """Each file that could not be read, and why."""
    for entry in report.left_out:
        where = f"{entry.dump}:{entry.line}" if entry.line else entry.dump
        yield f"{entry.state}: {where}: {entry.reason}"


def _publish(report: PublishReport | Unpublished) -> Iterator[str]:
    whose = "" if report.audience == DEFAULT_AUDIENCE else f"{report.audience}: "
    if isinstance(report, Unpublished):
        yield f"{whose}failed: {report.error}"
        return
    if report.name:
        groups = counted(report.themes, "theme")
        yield f"{report.name}: {counted(report.papers, 'paper')} in {groups}"
        yield from room(report.budget)
        if not report.planned:
            yield "nobody gets it: there are no readers, and the sender has been removed"
        yield from _later(report)
        return
    yield f"{whose}none: {report.why}"
    if report.waiting:
        wait = "waits" if report.waiting == 1 else "wait"
        yield f"{counted(report.waiting, 'paper')} {wait} for the next edition"
    yield from _later(report)


def _later(report: PublishReport) -> Iterator[str]:
    if report.later:
        yield f"{counted(report.later, 'paper')} of days after {report.day} must wait for theirs"


def _deliver(app: App, report: DeliverReport) -> Iterator[str]:
    told = [f"{count} {status}" for status, count in report.counts.items() if count]
    yield f"{', '.join(told)}, by {_way_out(app)}" if told else "nothing is owed"
    if report.problem:
        yield f"stopped: {report.problem}"
    if report.next_try:
        yield f"the next try is due at {report.next_try:%Y-%m-%d %H:%M} UTC"


def _way_out(app: App) -> str:
    settings = app.settings
    match settings.transport:
        case "smtp":
            return f"SMTP to {settings.smtp.host}:{settings.smtp.port}"
        case "command":
            return f"the program {settings.command.argv[0]}"
    return f"the outbox: {settings.outbox}"


def _next(app: App, reports: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    if settings := exported():
        yield "In this shell, first", settings
    published = reports.get("publish")
    if isinstance(published, Editions) and published.waiting:
        yield "An edition at once", again("publish --extra") + ", then " + again("deliver")
    with app.store.reading() as shelves:
        readers = shelves.subscribers.any_active(app.audience, Kind.READER)
        alone = shelves.subscribers.any_active(app.audience, Kind.OWNER)
        last = shelves.editions.last_day(app.audience)
    if last:
        day = "" if last == app.today else f" --date {last}"
        yield "Look at the edition", again("preview") + day
    yield "See how things stand", again("status")
    if not readers:
        until = f"{app.owner} alone" if alone else "nobody"
        yield "Add a reader", f"{again('subscribers add ADDRESS')} (until then: {until})"
    ingested = reports.get("ingest")
    if isinstance(ingested, IngestReport) and not ingested.new:
        yield "Get papers", f"put dump files into {app.settings.dumps}, then {again('run')}"
    else:
        yield "Use your own dumps", f"put them into {app.settings.dumps}, then {again('run')}"
