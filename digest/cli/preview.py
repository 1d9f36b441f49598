"""`digest preview`."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from digest.cli.browser import is_asked, show
from digest.cli.common import ISO_DATE, again, open_app, print_json, with_audience, with_config
from digest.errors import ConfigError, DeliveryError, SetupError

if TYPE_CHECKING:
    from digest.app import App
    from digest.pipeline.desk import Desk
    from digest.pipeline.ingest import IngestReport
    from digest.pipeline.preview import Preview

FORMS = "--text, --html, --eml or --json"


@click.command()
@click.option("--date", "day", type=ISO_DATE, help="The edition's day (default: today).")
@with_audience
@click.option("--to", metavar="ADDRESS", help="As this reader gets it (default: the owner).")
@click.option(
    "--dumps",
    type=click.Path(path_type=Path),
    metavar="FILE",
    multiple=True,
    help="Of these files or folders alone, as if nothing else were known; store nothing of them.",
)
@click.argument("more", metavar="[FILE]...", nargs=-1, type=click.Path(path_type=Path))
@click.option("--text", "form", flag_value="text", help="Print the plaintext.")
@click.option("--html", "form", flag_value="html", help="Print the HTML.")
@click.option("--eml", "form", flag_value="eml", help="Print the whole mail, byte by byte.")
@click.option("--json", "form", flag_value="json", help="Print the checks as one JSON document.")
@click.option("--send-test", "tester", metavar="ADDRESS", help="Mail it there as a preview.")
@click.option(
    "--open/--no-open",
    "opens",
    default=None,
    help="Open it in a browser, or not (default: where there is one).",
)
@click.option(
    "--serve", "serving", is_flag=True, help="Show it in the studio, which follows edits."
)
@click.option("--port", type=click.IntRange(1, 65_535), help="Where the studio is (default: 8700).")
@with_config
def preview(
    *,
    day: date | None,
    audience: str,
    to: str | None,
    dumps: tuple[Path, ...],
    more: tuple[Path, ...],
    form: str | None,
    tester: str | None,
    opens: bool | None,
    serving: bool,
    port: int | None,
    config: Path | None,
) -> int:
    """Show the edition of a day in the browser, what changed, and the checks; store nothing.

    A published edition is shown as it was frozen, else what would be published now.

    \b
    Example:
      digest preview
      digest preview --date 2026-11-20 --text
      digest preview --audience all
      digest preview --dumps saved/monday.txt saved/tuesday.txt
      digest preview --send-test editor@news.example.org
      digest preview --serve
    """
    forms = bool(tester or form)
    _refuse(
        {
            "files that are not ingested stand behind --dumps": bool(more and not dumps),
            f"--send-test goes with no --to, {FORMS}": bool(tester and (to or form)),
            f"--serve goes with no --send-test, {FORMS}": serving and forms,
            f"--open goes with no --send-test, {FORMS}": bool(opens and forms),
            "--port goes with --serve": bool(port and not serving),
        }
    )
    try:
        app = open_app(config)
        app.named(audience)
        reader = app.reader(audience, to) if to else None
    except ConfigError as error:
        if not serving or dumps or error.path is None:
            raise
        from digest.cli.studio import Picked, serve

        serve(None, None, config, port, Picked(day, audience, to), opens=opens)
        return 0
    with _program(app, (*dumps, *more)) as (shown, read):
        days = [day or shown.today]
        if read and day is None and shown.newest:
            days.append(shown.newest)
        if serving:
            from digest.cli.studio import Picked, serve

            picked = Picked(max(days) if read else day, audience, to)
            serve(shown, app, config, port, picked, opens=opens)
            return read.exit_code if read else 0
        desk = shown.desk
        drafts = (shown.preview(each, audience, reader, desk) for each in days)
        found = next((draft for draft in drafts if draft), None)
        if found is None:
            _say_why_none(shown, days[0], audience, is_trial=read is not None)
            return 1
        _say_what_stops_it(shown, found)
        if tester:
            _send_test(shown, found, tester, desk)
    if form:
        _print(found, form, read)
    elif not tester:
        _show(app, found, opens=opens)
    return read.exit_code if read else 0


def _refuse(wrong: dict[str, bool]) -> None:
    for what, is_so in wrong.items():
        if is_so:
            raise click.UsageError(what)


@contextmanager
def _program(app: "App", paths: tuple[Path, ...]) -> "Iterator[tuple[App, IngestReport | None]]":
    """The program itself, or on a store of these dumps alone with what became of them."""
    if not paths:
        yield app, None
        return
    from digest.cli.report import left_out

    with app.trial(paths) as (trial, read):
        for line in left_out(read):
            click.echo(f"digest: {line}", err=True)
        yield trial, read


def _say_why_none(app: "App", day: date, audience: str, *, is_trial: bool) -> None:
    with app.store.reading() as shelves:
        last = shelves.editions.last_day(audience)
    whose = "" if audience == app.audience else f" --audience {audience}"
    hint = f"{again('ingest')} reads dumps that are new"
    if is_trial:
        hint = "docs/formats.md tells what a dump may be"
    elif last:
        hint = f"the last edition: {again('preview')}{whose} --date {last}"
    click.echo(f"digest: {app.why_none(day, audience)}; {hint}", err=True)


def _say_what_stops_it(app: "App", found: "Preview") -> None:
    from digest.lint import lint

    why_not = app.why_not(found)
    for why in [why_not] if why_not else []:
        click.echo(f"digest: this would not be published: {why}", err=True)
    for each in () if found.published else lint(found.mail).errors:
        problem = f"{each.rule}: {each.where}: {each.found}"
        click.echo(f"digest: this would not be published: {problem}", err=True)


def _send_test(app: "App", found: "Preview", address: str, desk: "Desk") -> None:
    from digest.pipeline.preview import fate

    try:
        receipt = app.send_test(found.day, found.reader.audience, address, desk)
    except DeliveryError as error:
        raise type(error)(f"{fate(error)}: {error}") from error
    said = receipt.detail if receipt else "nothing"
    click.echo(f"Sent to {address}, marked as a preview: {said}", err=True)


def _print(found: "Preview", form: str, read: "IngestReport | None") -> None:
    if form == "json":
        from digest.cli.checks import document

        left_out = [asdict(each) for each in read.left_out] if read else []
        print_json({**document(found), "left_out": left_out})
        return
    printed = {"text": found.text, "html": found.html.encode(), "eml": found.mail}
    click.echo(printed[form], nl=False)


def _show(app: "App", found: "Preview", *, opens: bool | None) -> None:
    """Write the page, tell what is to be told of it, and open it; SpamAssassin takes its time."""
    from digest.cli.checks import lines, spam

    page = app.settings.var / "preview" / f"{found.name}.html"
    try:
        page.parent.mkdir(parents=True, exist_ok=True)
        page.write_text(found.html, encoding="utf-8")
    except OSError as error:
        raise SetupError(f"{page} cannot be written: {error.strerror}") from error
    for line in lines(found):
        click.echo(line, err=True)
    click.echo(page)
    if is_asked(str(page), opens=opens):
        show(page.absolute().as_uri())
    click.echo(spam(found), err=True)
