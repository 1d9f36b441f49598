"""`digest parse`, and the stages as filters of JSON Lines; nothing is stored."""

import json
import sys
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from datetime import date
from math import isfinite
from pathlib import Path
from typing import Any

import click

from digest.batches import batches
from digest.cli.common import ISO_DATE, open_app, print_json, with_config, with_profile
from digest.errors import DumpError, SetupError
from digest.model import Sighting, Summary

BATCH = 100
"""Papers at a time: a pipe flows, and a batch is worth its start."""

Record = dict[str, Any]

json_lines = click.option(
    "--json", is_flag=True, expose_value=False, help="Accepted; the output is JSON Lines always."
)
inputs = click.argument("files", nargs=-1, type=click.Path(path_type=Path))


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--date", "taken", type=ISO_DATE, help="The day the dumps were taken.")
@with_config
@json_lines
def parse(files: tuple[Path, ...], taken: date | None, config: Path | None) -> int:
    """Print what dumps hold, a paper a line; store nothing.

    \b
    Example:
      digest parse dumps/*.txt | digest dedupe | digest summarise | digest group
    """
    from digest.pipeline.ingest import Limits, members, why_ignored
    from digest.pipeline.ingest import parse as parse_dump
    from digest.settings import load
    from digest.sources.folder import dumps

    settings = load(config)
    limits = Limits(settings.max_dump_bytes, settings.max_dump_ratio, settings.max_dump_papers)
    code = 0
    for member in (each for dump in dumps(files) for each in members(dump, limits)):
        if member.refused:
            click.echo(f"digest: quarantined: {member.name}: {member.refused}", err=True)
            code = 1
            continue
        try:
            parsed = parse_dump(member, taken, limits)
            if parsed is None:
                why = why_ignored(member.content)
                click.echo(f"digest: ignored: {member.name}: {why}", err=True)
                continue
            for sighting in parsed.sightings:
                print_json(_record(sighting, member.name, parsed.format))
        except DumpError as error:
            click.echo(f"digest: quarantined: {error}", err=True)
            code = 1
    return code


def _record(sighting: Sighting, dump: str, format_name: str) -> Record:
    from digest.pipeline.dumps import record

    where = {"dump": dump, "format": format_name, "line": sighting.line}
    return {**record(sighting), **where}


@click.command()
@inputs
@with_config
@json_lines
def dedupe(files: tuple[Path, ...], config: Path | None) -> int:
    """Filter: say which papers are the same.

    Adds `work` (equal for the same paper), `answer` (new, same or related), `of` and `why`.

    \b
    Example:
      digest parse dumps/*.txt | digest dedupe
    """
    from digest.dedupe import decide
    from digest.formats.export import sighting
    from digest.settings import load

    load(config)  # nothing of it is used, but a mistake in it is told by every command
    records = Records(files)
    read = list(records)
    # What comes last may be the first of its work, so nothing is said before all is read.
    decisions = decide(
        sighting({**record, "abstract": record["abstract"] or ""}, 0) for record in read
    )
    for record, decision in zip(read, decisions, strict=True):
        print_json({**record, **asdict(decision)})
    return records.code


@click.command()
@inputs
@with_config
@json_lines
def summarise(files: tuple[Path, ...], config: Path | None) -> int:
    """Filter: add a summary to each paper.

    Adds `clean_title`, `clean_abstract`, `lead`, `finding` and `compact`, one of them for lists;
    `lead_spans`, `finding_spans` and `compact_spans`, the code-point ranges of `clean_abstract`
    that spell them; and `notes`.

    \b
    Example:
      digest parse dumps/*.txt | digest summarise
    """
    from digest.summarise import summarise as summary_of
    from digest.text import clean

    summariser = open_app(config).summariser
    records = Records(files)
    for record in records:
        title, abstract = clean(record["title"]), clean(record["abstract"] or "")
        summary = summary_of(title, abstract, summariser)
        print_json(
            {**record, "clean_title": title, "clean_abstract": abstract, **_summary(summary)}
        )
    return records.code


def _summary(summary: Summary | None) -> Record:
    if summary is None:
        spans: Record = {"lead_spans": [], "finding_spans": [], "compact_spans": []}
        return {"lead": None, "finding": None, "compact": None, **spans, "notes": ["no abstract"]}
    return {
        "lead": summary.lead,
        "finding": summary.finding,
        "compact": summary.compact,
        "lead_spans": summary.spans[: summary.lead_spans],
        "finding_spans": summary.spans[summary.lead_spans :],
        "compact_spans": summary.compact_spans,
        "notes": summary.notes,
    }


@click.command()
@inputs
@with_profile
@with_config
@json_lines
def group(files: tuple[Path, ...], profile: str | None, config: Path | None) -> int:
    """Filter: add a theme and keywords to each paper.

    Adds `theme`, `theme_id`, `section` and `keywords`.

    \b
    Example:
      digest parse dumps/*.txt | digest group
      digest parse dumps/*.txt | digest group --profile arxiv
    """
    from digest.text import clean

    app = open_app(config, profile)
    for table, other in app.themes.others.items():
        which = f"{app.settings.themes}: [{table}]"
        click.echo(f"digest: {which} is for the profile {other} and changes nothing here", err=True)
    grouper, records = app.grouper, Records(files)
    for some in batches(records, BATCH):
        texts = [(clean(record["title"]), clean(record["abstract"] or "")) for record in some]
        for record, tag in zip(some, grouper.tags(texts), strict=True):
            added = {
                "theme": tag.theme,
                "theme_id": tag.theme_id,
                "section": tag.section,
                "keywords": tag.keywords,
            }
            print_json({**record, **added})
    return records.code


class Records:
    """The papers of JSON Lines; a line that is none is named and left out."""

    def __init__(self, files: Iterable[Path]) -> None:
        self._files = list(files)
        self.code = 0

    def __iter__(self) -> Iterator[Record]:
        for name, number, line in self._lines():
            if not line.strip():
                continue
            try:
                yield _checked(line)
            except ValueError as error:
                click.echo(f"digest: {name}:{number}: left out: {error}", err=True)
                self.code = 1

    def _lines(self) -> Iterator[tuple[str, int, bytes]]:
        if not self._files:
            yield from (("standard input", n, line) for n, line in enumerate(sys.stdin.buffer, 1))
        for file in self._files:
            try:
                with file.open("rb") as opened:
                    yield from ((str(file), n, line) for n, line in enumerate(opened, 1))
            except OSError as error:
                raise SetupError(f"{file}: cannot be read: {error.strerror}") from error


def _checked(line: bytes) -> Record:
    try:
        record = json.loads(line, parse_float=_finite, parse_constant=_finite)
    except (ValueError, RecursionError):
        raise ValueError("is no JSON") from None
    match record:
        case {"title": str(title), "abstract": str() | None} if title.strip():
            return {**record}
        case {"title": str(title)} if title.strip() and "abstract" not in record:
            return {**record, "abstract": None}
    raise ValueError("is no JSON object with a title, and with a text or null as its abstract")


def _finite(text: str) -> float:
    number = float(text)
    if not isfinite(number):
        raise ValueError(text)
    return number
