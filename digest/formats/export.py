"""What `digest export` writes and `digest parse` prints, read back: a paper a line."""

from collections.abc import Iterator
from typing import Any, BinaryIO

from digest.errors import DumpError
from digest.ids import arxiv_id, doi
from digest.model import Sighting
from digest.reading.json_lines import OWN, Record, first_record, records
from digest.reading.records import count, day, text, texts

START = ["title", "abstract", "authors"]  # of a line whose authors fill the head of the file


def _arxiv_id(value: Any) -> str:
    """Without its version, whichever way it is written."""
    found = arxiv_id(text(value))
    return found.id if found else ""


def _doi(value: Any) -> str:
    return doi(text(value)) or ""


READERS = {
    "title": text,
    "abstract": text,
    "authors": texts,
    "author_count": count,
    "organization": text,
    "organization_handle": text,
    "published": day,
    "upvotes": count,
    "comments": count,
    "arxiv_id": _arxiv_id,
    "doi": _doi,
    "url": text,
    "categories": texts,
    "day": day,
    "version": count,
    "announced": text,
    "keywords": texts,
    "ai_summary": text,
    "code_url": text,
}


def accepts(head: bytes) -> bool:
    record, cut = first_record(head)
    return record.keys() >= OWN or (cut and list(record) == START)


def papers(stream: BinaryIO) -> Iterator[Sighting]:
    for record, line in records(stream):
        yield sighting(record, line)


def sighting(record: Record, line: int) -> Sighting:
    """Read what is printed; a null, and what is no value of its kind, is as if it were not."""
    printed = {name: read(record.get(name)) for name, read in READERS.items()}
    facts: dict[str, Any] = {
        name: value for name, value in printed.items() if value not in (None, "")
    }
    if "title" not in facts:
        raise DumpError("dump", "a paper without title", line)
    return Sighting(**{"abstract": "", "line": line, **facts})
