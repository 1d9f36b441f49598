"""`digest preview`."""

import os
import sys
import webbrowser
from datetime import date
from pathlib import Path

import click

from digest.cli.common import ISO_DATE, again, open_app, with_audience, with_config
from digest.errors import SetupError


@click.command()
@click.option("--date", "day", type=ISO_DATE, help="The edition's day (default: today).")
@with_audience
@click.option("--text", "form", flag_value="text", help="Print the plaintext.")
@click.option("--html", "form", flag_value="html", help="Print the HTML.")
@click.option("--eml", "form", flag_value="eml", help="Print the whole mail, byte by byte.")
@with_config
def preview(day: date | None, audience: str, form: str | None, config: Path | None) -> int:
    """Show the edition of a day in the browser; send nothing.

    A published edition is shown as it was frozen, else what would be published now.

    \b
    Example:
      digest preview
      digest preview --date 2026-11-20 --text
      digest preview --audience all
    """
    from digest.cli.report import room
    from digest.lint import lint
    from digest.pipeline.publish import too_few

    app = open_app(config)
    day = day or app.today
    found = app.preview(day, audience)
    wanted = app.named(audience)
    asked = wanted.query is not None
    if found is None:
        with app.store.reading() as shelves:
            last = shelves.editions.last_day(audience)
        whose = "" if audience == app.audience else f" --audience {audience}"
        hint = f"; the last edition: {again('preview')}{whose} --date {last}" if last else ""
        why = f"there are {too_few(0, 1, asked=asked)}"
        click.echo(f"digest: no edition for {day}: {why}{hint}", err=True)
        return 1
    if found.papers is not None and found.papers < wanted.min_papers:
        why = too_few(found.papers, wanted.min_papers, asked=asked)
        click.echo(f"digest: this would not be published: {why}", err=True)
    for each in () if found.published else lint(found.mail).errors:
        problem = f"{each.rule}: {each.where}: {each.found}"
        click.echo(f"digest: this would not be published: {problem}", err=True)
    if form:
        printed = {"text": found.text, "html": found.html.encode(), "eml": found.mail}
        click.echo(printed[form], nl=False)
        return 0
    page = app.settings.var / "preview" / f"{found.name}.html"
    try:
        page.parent.mkdir(parents=True, exist_ok=True)
        page.write_text(found.html, encoding="utf-8")
    except OSError as error:
        raise SetupError(f"{page} cannot be written: {error.strerror}") from error
    click.echo(f"{'Published' if found.published else 'Draft'}: {found.subject}", err=True)
    for line in room(found.budget) if found.budget else ():
        click.echo(line, err=True)
    click.echo(page)
    _open(page)
    return 0


def _open(page: Path) -> None:
    """Open the page where there is a screen; a text browser would take the terminal."""
    if sys.platform == "linux" and not {"DISPLAY", "WAYLAND_DISPLAY"} & os.environ.keys():
        click.echo("There is no browser here: open this file in one.", err=True)
        return
    if not webbrowser.open(page.absolute().as_uri()):
        click.echo("No browser could be started: open this file in one.", err=True)
