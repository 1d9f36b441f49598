"""`digest run` and its four stages, each a command of its own."""

from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from digest.cli.common import ISO_DATE, open_app, print_json, with_config, with_json

if TYPE_CHECKING:
    from digest.app import App
    from digest.pipeline.daily import Report

TIMES = ["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M%z"]


@click.command()
@with_config
@with_json
def run(config: Path | None, *, as_json: bool) -> int:
    """Do the daily job once: ingest, publish, deliver, archive.

    What was done before is not done again: a second run finds nothing new and sends nothing.

    \b
    Example:
      digest run
      DIGEST_DUMPS=~/downloads digest run --json
    """
    from digest.cli import report
    from digest.engines.stopping import stoppable
    from digest.pipeline.daily import worst

    app = open_app(config)
    with stoppable(app.stop):
        reports = app.run()
    if as_json:
        print_json({name: stage.document() for name, stage in reports.items()})
    else:
        report.print_run(app, reports)
    return worst(reports.values())


def _print(app: "App", done: "Report", *, as_json: bool) -> int:
    from digest.cli import report

    if as_json:
        print_json(done.document())
    else:
        report.print_stage(app, done)
    return done.exit_code


@click.command()
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@click.option("--date", "taken", type=ISO_DATE, help="The day the dumps were taken.")
@click.option("--as-history", is_flag=True, help="Known from now on, in no edition.")
@with_config
@with_json
def ingest(
    paths: tuple[Path, ...],
    taken: date | None,
    config: Path | None,
    *,
    as_history: bool,
    as_json: bool,
) -> int:
    """Read new dumps and know their papers again.

    PATHS are files and folders; without any, the dumps folder of the settings.

    \b
    Example:
      digest ingest
      digest ingest --date 2026-11-20 page.txt
      digest ingest --as-history old-dumps/
    """
    app = open_app(config)
    return _print(app, app.ingest(paths, taken, history=as_history), as_json=as_json)


@click.command()
@click.option("--date", "day", type=ISO_DATE, help="The edition's day (default: today).")
@click.option("--extra", is_flag=True, help="Make one more edition on a day that has one.")
@click.option(
    "--audience",
    metavar="NAME",
    help="For this audience, on whatever day (default: all that are due).",
)
@click.option("--not-after", type=click.DateTime(TIMES), help="Send none of it after this time.")
@with_config
@with_json
def publish(
    day: date | None,
    audience: str | None,
    not_after: datetime | None,
    config: Path | None,
    *,
    extra: bool,
    as_json: bool,
) -> int:
    """Compose, render and freeze the editions of a day, and note who is owed them.

    \b
    Example:
      digest publish
      digest publish --date 2026-11-20 --extra
      digest publish --audience all
      digest publish --not-after 2026-11-20T18:00
    """
    app = open_app(config)
    done = app.publish(day, extra=extra, audience=audience, not_after=not_after)
    return _print(app, done, as_json=as_json)


@click.command()
@click.option("--date", "day", type=ISO_DATE, help="The edition's day (default: the last one).")
@click.option("--number", type=int, help="Which edition of the day (default: its last one).")
@click.option("--to", "address", help="Send that edition to one more reader.")
@click.option(
    "--uncertain",
    type=click.Choice(["resend", "hold"]),
    help="Say what becomes of what is uncertain of that edition.",
)
@click.option("--audience", metavar="NAME", help="Whose edition that is (default: that of all).")
@with_config
@with_json
def deliver(
    day: date | None,
    number: int | None,
    audience: str | None,
    address: str | None,
    config: Path | None,
    *,
    uncertain: str | None,
    as_json: bool,
) -> int:
    """Send what is owed, to the outbox, by SMTP or through a program.

    \b
    Example:
      digest deliver
      digest deliver --date 2026-11-20 --to ada@example.org
      digest deliver --audience all --to ada@example.org
      digest deliver --date 2026-11-20 --uncertain resend
      DIGEST_TRANSPORT=smtp DIGEST_SMTP__HOST=relay.example.org digest deliver
    """
    from digest.app import Which
    from digest.engines.stopping import stoppable
    from digest.model import DEFAULT_AUDIENCE, OnUncertain

    if (day or number or audience) and not (address or uncertain):
        raise click.UsageError("--date, --number and --audience go with --to or --uncertain")
    which = Which(day, number, audience or DEFAULT_AUDIENCE)
    app = open_app(config)
    if address:
        app.owe(address, which)
    if uncertain:
        app.decide(OnUncertain(uncertain), which)
    with stoppable(app.stop):
        return _print(app, app.deliver(), as_json=as_json)


@click.command()
@with_config
@with_json
def archive(config: Path | None, *, as_json: bool) -> int:
    """Build the static archive; only pages that changed are written.

    \b
    Example:
      digest archive
    """
    app = open_app(config)
    return _print(app, app.archive(), as_json=as_json)
