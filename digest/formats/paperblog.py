"""Hugging Face papers as a blog of papers scrapes them: a JSON object a day.

Its `summary` is the beginning of the abstract, and its `publishedAt` the time of the scraping, so
both say nothing of the paper.
"""

import re
from collections.abc import Iterator
from typing import Any, BinaryIO

from digest.errors import DumpError
from digest.ids import arxiv_id
from digest.model import Sighting
from digest.reading.records import Records, count, day, head_text, text, texts

LIST = re.compile(r'\s*\{[^\[\]]*"papers"\s*:\s*\[')
NONE = re.compile(r'\s*\{[^\[\]]*"papers"\s*:\s*\[\s*\][^\[\]]*\}\s*')
DATE = re.compile(r'"date"\s*:\s*"\d{4}-\d\d-\d\d')
OURS = re.compile(r'(?<!\\)"(?:arxivId|pdfUrl|fetchedAt)"\s*:')
THEIRS = re.compile(r'(?<!\\)"paper"\s*:\s*\{')


def accepts(head: bytes) -> bool:
    start = head_text(head)
    if not LIST.match(start) or not DATE.search(start):
        return False
    return bool(NONE.fullmatch(start) or (OURS.search(start) and not THEIRS.search(start)))


def papers(stream: BinaryIO) -> Iterator[Sighting]:
    records = Records(stream, lambda value: isinstance(value, dict) and "title" in value)
    line = None
    for value, line in records:
        yield _sighting(value, line, records.facts)
    if line is None and not records.empty_lists:
        raise DumpError("dump", "JSON without papers", 1)


def _sighting(paper: dict[str, Any], line: int, facts: dict[str, Any]) -> Sighting:
    title = text(paper.get("title"))
    if not title:
        raise DumpError("dump", "a paper without title", line)
    known = arxiv_id(text(paper.get("arxivId")) or text(paper.get("id")))
    return Sighting(
        title,
        text(paper.get("abstract")),
        line,
        authors=tuple(name.rstrip(", ") for name in texts(paper.get("authors"))),
        upvotes=count(paper.get("upvotes")),
        arxiv_id=known.id if known else None,
        version=known.version if known else None,
        url=text(paper.get("url")) or None,
        day=day(facts.get("date")),
        keywords=texts(paper.get("tags")),
    )
