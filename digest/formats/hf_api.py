"""The answers of the Hugging Face daily-papers API, as people save them.

Two years of drift: a list of records, or such a list within an object that says how the fetching
went; records as objects or as the text that Python's repr() makes of them; papers with or without
the record around them; most fields missing somewhere.
"""

import ast
import json
import re
from collections.abc import Iterator
from typing import Any, BinaryIO

from digest.errors import DumpError
from digest.ids import arxiv_id
from digest.model import Sighting
from digest.reading.records import Records, count, day, head_text, text, texts

# A list of objects, or of texts that are objects, perhaps behind the plain members of an object.
LIST = re.compile(r'\s*(?:\{[^\[\]]*:\s*)?\[\s*"?\s*\{')
# What only these records have, as JSON or as a repr() within it.
OURS = re.compile(
    r"""(?<!\\)\\?["'](?:paper\\?["']\s*:\s*\{"""
    r"""|(?:submittedOnDaily(?:At|By)|discussionId|ai_summary|ai_keywords)\\?["']\s*:)"""
)
# What stands where papers should be: how a fetch went, no paper, or what is left of a failed one.
STATUS = re.compile(r'"(?:status"\s*:\s*"(?:success|no_data|error)"|no_data"\s*:)')
DATE = re.compile(r'"date"\s*:\s*"\d{4}-\d\d-\d\d')
REMNANT = re.compile(r'(?:\[\s*\]|null|true|false|""|-?\d{1,20})\s*')

LONGEST_REPR = 1_000_000
NO_PAPERS = ("no_data", "success")


def accepts(head: bytes) -> bool:
    start = head_text(head)
    records = LIST.match(start)
    if records and not OURS.search(start, 0, records.end()):
        return bool(OURS.search(start, records.end() - 1))
    outcome = start.startswith("{") and STATUS.search(start) and DATE.search(start)
    return bool(outcome or REMNANT.fullmatch(start))


def papers(stream: BinaryIO) -> Iterator[Sighting]:
    records = Records(stream, _is_record)
    line = None
    for value, line in records:
        yield _sighting(_parsed(value, line), line, records.facts)
    if line is None and not records.empty_lists:
        _explain(records.facts)


def _explain(facts: dict[str, Any]) -> None:
    """Raise DumpError unless the file says that there were no papers to fetch."""
    if facts.get("status") in NO_PAPERS or "no_data" in facts:
        return
    if facts.get("status") == "error":
        problem = text(facts.get("message")) or facts.get("code") or "no reason given"
        raise DumpError("dump", f"fetching these papers failed: {problem}", 1)
    if "" in facts:
        raise DumpError("dump", f"no list of papers, only {json.dumps(facts[''])}", 1)
    raise DumpError("dump", "JSON without papers", 1)


def _is_record(value: Any) -> bool:
    if isinstance(value, str):
        return value.lstrip().startswith("{")
    return isinstance(value, dict) and ("paper" in value or "title" in value)


def _parsed(value: Any, line: int) -> dict[str, Any]:
    """The record in a text that is JSON or a Python literal; nothing in it is run."""
    if isinstance(value, dict):
        return value
    try:
        record = json.loads(value) if value.lstrip()[1:2] == '"' else _literal(value)
    except (ValueError, SyntaxError, MemoryError, TypeError, RecursionError) as error:
        raise DumpError("dump", "a record saved as text that cannot be read", line) from error
    return record if isinstance(record, dict) else {}


def _literal(value: str) -> Any:
    if len(value) > LONGEST_REPR:
        raise ValueError
    return ast.literal_eval(value.strip())


def _sighting(record: dict[str, Any], line: int, facts: dict[str, Any]) -> Sighting:
    inner = record.get("paper")
    paper = inner if isinstance(inner, dict) else record
    # The record prints the title with its symbols, the paper within it without.
    title = text(record.get("title")) or text(paper.get("title"))
    if not title:
        raise DumpError("dump", "a paper without title", line)
    name, handle = _organization(paper) or _organization(record) or (None, None)
    known = arxiv_id(text(paper.get("id")))
    return Sighting(
        title,
        text(paper.get("summary")) or text(record.get("summary")),
        line,
        authors=_authors(paper.get("authors")),
        organization=name,
        organization_handle=handle,
        published=day(paper.get("publishedAt")),
        upvotes=count(paper.get("upvotes")),
        comments=count(record.get("numComments")),
        arxiv_id=known.id if known else None,
        version=known.version if known else None,
        day=day(paper.get("submittedOnDailyAt")) or day(facts.get("date")),
        keywords=texts(paper.get("ai_keywords")),
        ai_summary=text(paper.get("ai_summary")) or None,
        code_url=text(paper.get("githubRepo")) or None,
    )


def _authors(value: Any) -> tuple[str, ...]:
    """All names: an author is `hidden` who has no link to a profile, and no less an author."""
    authors = value if isinstance(value, list) else []
    return texts([each.get("name") if isinstance(each, dict) else each for each in authors])


def _organization(fields: dict[str, Any]) -> tuple[str, str | None] | None:
    """Display name and handle; the one stands for the other where only one is printed."""
    value = fields.get("organization")
    if not isinstance(value, dict):
        return (text(value), None) if text(value) else None
    name, handle = text(value.get("fullname")), text(value.get("name"))
    return (name or handle, handle or None) if name or handle else None
