"""`digest themes`: the table of themes, checked against papers."""

from collections.abc import Iterator
from pathlib import Path

import click

from digest.cli.common import open_app, print_json, with_config, with_json, with_profile
from digest.look import counted
from digest.themes import Findings

NAMED = 8
"""How many phrases of a theme are named; --json names all."""


@click.group()
def themes() -> None:
    """Check the table of themes.

    \b
    Example:
      digest themes check
    """


@themes.command()
@click.argument("files", nargs=-1, type=click.Path(path_type=Path))
@with_profile
@with_config
@with_json
def check(
    files: tuple[Path, ...], profile: str | None, config: Path | None, *, as_json: bool
) -> int:
    """List phrases that themes share, phrases that no paper holds, and themes that take too much.

    The papers are those of the database, or those of FILES as `digest parse` prints them.

    \b
    Example:
      digest themes check
      digest parse dumps/*.txt > papers.jsonl && digest themes check papers.jsonl
    """
    from digest.cli.filters import Records

    app = open_app(config, profile)
    records = Records(files)
    given = ((record["title"], record["abstract"] or "") for record in records)
    found = app.check_themes(given if files else None)
    if as_json:
        print_json(
            {
                "papers": found.papers,
                "themeless": found.themeless,
                "overlaps": [{"phrase": p, "themes": t} for p, t in found.overlaps.items()],
                "unused": [{"theme": t, "phrases": p} for t, p in found.unused.items()],
                "greedy": [{"theme": t, "part": round(p, 3)} for t, p in found.greedy.items()],
                "others": [{"table": t, "profile": p} for t, p in found.others.items()],
            }
        )
    else:
        for line in _lines(found):
            click.echo(line)
    return records.code if files else 0


def _lines(found: Findings) -> Iterator[str]:
    papers = counted(found.papers, "paper")
    yield f"{papers}, {found.themeless or 'none'} of them without a theme"
    yield from _section("Themes that take over a quarter of the papers", _greedy(found))
    yield from _section("Phrases that several themes have", _overlaps(found))
    yield from _section("Phrases that no paper holds", _unused(found))
    if found.others:
        yield from _section("Tables for another profile, which change nothing here", _others(found))


def _section(head: str, lines: list[str]) -> Iterator[str]:
    yield ""
    yield click.style(head, bold=True)
    yield from (f"  {line}" for line in lines or ["none"])


def _greedy(found: Findings) -> list[str]:
    return [f"{theme}: {part:.0%}" for theme, part in found.greedy.items()]


def _overlaps(found: Findings) -> list[str]:
    return [f"{phrase}: {', '.join(themes)}" for phrase, themes in found.overlaps.items()]


def _others(found: Findings) -> list[str]:
    return [f"[{table}]: {profile}" for table, profile in found.others.items()]


def _unused(found: Findings) -> list[str]:
    return [
        f"{theme}: {', '.join(phrases[:NAMED])}"
        + (f" and {len(phrases) - NAMED} more" if len(phrases) > NAMED else "")
        for theme, phrases in found.unused.items()
    ]
