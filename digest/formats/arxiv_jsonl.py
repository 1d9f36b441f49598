"""JSON Lines of arXiv papers: what daily crawlers of the listings write, and arXiv's own snapshot.

The snapshot is the metadata that arXiv publishes as `arxiv-metadata-oai-snapshot.json`. Fields go
by several names, but no name means two things, so one table reads all dialects, even mixed.
"""

import re
from collections.abc import Iterator
from typing import BinaryIO

from digest.errors import DumpError
from digest.ids import ArxivId, arxiv_id, doi
from digest.model import PrintedDate, Sighting
from digest.reading.json_lines import OWN, Record, first_record, records
from digest.reading.records import MONTHS, day, text, texts

# What the dialects call a field: crawlers of arxiv.org/list, of the API, and the snapshot.
ID = ("id", "link", "abs")
ABSTRACT = ("summary", "abstract")
COMMENT = ("comment", "comments")
URL = ("abs", "link")


WEB = ("https://", "http://")
CREATED = re.compile(r"(\d{1,2}) ([A-Z][a-z]{2}) (\d{4})")  # of a version: Mon, 2 Apr 2007 ...
VERSION = re.compile(r"v(\d{1,3})")

# A paper that was withdrawn from a conference is still one, and of an abstract only a sentence
# about the paper itself counts.
PAPER = r"(?:paper|article|manuscript|submission|preprint|work|version|draft|note|letter)"
GONE = r"(?<!not )\bwithdrawn\b(?! from (?!(?:the )?arxiv))"
WITHDRAWN = re.compile(GONE, re.IGNORECASE)
WITHDRAWN_PAPER = re.compile(
    rf"\b(?:this|the|our)(?: \w+)? {PAPER}\b[^.]{{0,40}}\b(?:is|was|been|being) (?:\w+ )?{GONE}"
    rf"|\bwithdrawn (?:this|the|our) {PAPER}\b",
    re.IGNORECASE,
)


def accepts(head: bytes) -> bool:
    record, cut = first_record(head)
    if _known_by(record) is None or record.keys() >= OWN:
        return False
    return cut or isinstance(record.get("title"), str)


def papers(stream: BinaryIO) -> Iterator[Sighting]:
    for record, line in records(stream):
        yield _sighting(record, line)


def _sighting(record: Record, line: int) -> Sighting:
    title = text(record.get("title"))
    if not title:
        raise DumpError("dump", "a paper without title", line)
    abstract = text(_first(record, ABSTRACT))
    known_by = _known_by(record) or ArxivId("", None)
    versions = _versions(record)
    return Sighting(
        title,
        abstract,
        line,
        authors=_authors(record),
        published=_published(record, versions),
        arxiv_id=known_by.id or None,
        doi=doi(text(record.get("doi"))),
        url=_url(_first(record, URL)),
        categories=_categories(record.get("categories")),
        version=known_by.version or _last_version(versions),
        announced="withdrawn" if _is_withdrawn(record, abstract) else None,
        ai_summary=_ai_summary(record.get("AI")),
        code_url=_url(record.get("code_url")),
    )


def _first(record: Record, names: tuple[str, ...]) -> object:
    return next((record[name] for name in names if record.get(name)), None)


def _known_by(record: Record) -> ArxivId | None:
    printed = (record.get(name) for name in ID)
    return next((found for each in printed if (found := arxiv_id(text(each)))), None)


def _authors(record: Record) -> tuple[str, ...]:
    """The snapshot has names in parts, last name first, beside a line with affiliations."""
    names = record.get("authors_parsed") or record.get("authors")
    if isinstance(names, str):
        return _names_in(text(names))
    if not isinstance(names, list):
        return ()
    return tuple(name for each in names if (name := _name(each)))


def _names_in(line: str) -> tuple[str, ...]:
    names = re.sub(r"\([^()]*\)", "", line.partition("((")[0])
    parts = (each.strip() for each in re.split(r",(?: and\b)?| and ", names))
    return tuple(name for name in parts if name)


def _name(name: object) -> str:
    if not isinstance(name, list):
        return text(name)
    parts = (*name[1:2], *name[:1], *name[2:3])  # first, last and what follows it
    return text(" ".join(part for part in parts if isinstance(part, str)))


def _categories(value: object) -> tuple[str, ...]:
    """A list, or one text in the snapshot."""
    return texts(value.split() if isinstance(value, str) else value)


def _url(value: object) -> str | None:
    url = text(value)
    return url if url.startswith(WEB) else None


def _versions(record: Record) -> list[Record]:
    versions = record.get("versions")
    if not isinstance(versions, list):
        return []
    return [each for each in versions if isinstance(each, dict)]


def _last_version(versions: list[Record]) -> int | None:
    found = VERSION.fullmatch(text(versions[-1].get("version"))) if versions else None
    return int(found[1]) if found else None


def _published(record: Record, versions: list[Record]) -> PrintedDate | None:
    """The day of the first version; the snapshot's `update_date` is that of its metadata."""
    if printed := day(record.get("published")):
        return printed
    found = CREATED.search(text(versions[0].get("created"))) if versions else None
    if found is None or found[2].lower() not in MONTHS:
        return None
    created = PrintedDate(MONTHS.index(found[2].lower()) + 1, int(found[1]), int(found[3]))
    return created if created.date() else None


def _is_withdrawn(record: Record, abstract: str) -> bool:
    comment = text(_first(record, COMMENT))
    return any(
        pattern.search(words)
        for pattern, words in ((WITHDRAWN, comment), (WITHDRAWN_PAPER, abstract))
        if "withdrawn" in words.lower()  # a glance spares most of them the search
    )


def _ai_summary(value: object) -> str | None:
    return (text(value.get("tldr")) or None) if isinstance(value, dict) else None
