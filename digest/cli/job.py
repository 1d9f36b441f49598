"""`digest run` and its four stages, each a command of its own."""

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from digest.cli.common import ISO_DATE, open_app, print_json, with_config, with_json

if TYPE_CHECKING:
    from digest.app import App
    from digest.pipeline.daily import Report


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
    from digest.pipeline.daily import worst

    app = open_app(config)
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
@with_config
@with_json
def publish(day: date | None, config: Path | None, *, extra: bool, as_json: bool) -> int:
    """Compose, render and freeze the edition of a day, and note who is owed it.

    \b
    Example:
      digest publish
      digest publish --date 2026-11-20 --extra
    """
    app = open_app(config)
    return _print(app, app.publish(day, extra=extra), as_json=as_json)


@click.command()
@with_config
@with_json
def deliver(config: Path | None, *, as_json: bool) -> int:
    """Send what is owed, to the outbox, by SMTP or through a program.

    \b
    Example:
      digest deliver
      DIGEST_TRANSPORT=smtp DIGEST_SMTP__HOST=relay.example.org digest deliver
    """
    app = open_app(config)
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
