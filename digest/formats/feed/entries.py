"""A feed → its entries, as feedparser names their parts, each with its line.

Whole feeds are cut into batches of entries, so that feedparser, which keeps many times a feed's
size in memory, never sees more than a small one.
"""

import io
import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from html.entities import name2codepoint
from typing import Any
from xml.parsers import expat

from digest.errors import DumpError
from digest.reading.records import Records

Entry = Mapping[str, Any]
Span = tuple[int, int]

# --- XML ------------------------------------------------------------------------------------

_PREFIX = rb"(?:[\w.-]{1,40}:)?"
ROOT = re.compile(
    rb"(?P<prolog>(?:\s|<\?.*?\?>|<!--.*?-->|<!DOCTYPE[^\[>]*(?:\[.*?\]\s*)?>)*+)"
    rb"(?P<begin><(?P<tag>" + _PREFIX + rb"(?P<name>rss|RDF|feed|channel))(?=[\s/>])[^<>]*>)",
    re.DOTALL | re.IGNORECASE,
)
CHANNEL = re.compile(rb"<(" + _PREFIX + rb"channel)(?:\s[^<>]*)?>", re.IGNORECASE)
TAG = re.compile(
    rb"<(?:!--.*?(?:-->|\Z)|!\[CDATA\[.*?(?:\]\]>|\Z)|(?P<end>/?)"
    rb"(?P<tag>" + _PREFIX + rb"(?P<name>item|entry|rss|RDF|feed|channel))"
    rb"(?:\s[^<>]*?)?(?P<empty>/?)>)",
    re.DOTALL | re.IGNORECASE,
)
ENTRIES = (b"item", b"entry")
OWN_ENTITY = re.compile(rb"<!ENTITY\s+[^%\s]")  # those with % are HTML's, kept elsewhere
BATCH = 500_000  # bytes of entries that feedparser gets at once
LONGEST = 2_000_000  # bytes of one entry
SLOPPY = 300_000  # tags and references of broken XML that it gets at all: they take it seconds
UTF8 = {"content-type": "application/xml; charset=utf-8"}
# What feedparser lets through where broken markup breaks its own code.
BROKEN = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    RecursionError,
    TypeError,
    ValueError,
)


def xml_entries(content: bytes) -> Iterator[tuple[int, Entry]]:
    root = ROOT.match(content)
    if root is None:
        raise DumpError("dump", "no feed begins here", 1)
    if own := OWN_ENTITY.search(root["prolog"]):
        raise DumpError("dump", "declares entities of its own", _line(content, own.start()))
    sloppy, line, place = 0, 1, 0
    for batch in _batches(_spans(content, root)):
        lines = []
        for start, _ in batch:
            line += content.count(b"\n", place, start)
            place = start
            lines.append(line)
        start, end = batch[0][0], batch[-1][1]
        feed = _framed(content[start:end], _frame(content, root, start))
        if flaw := _flaw(feed):
            sloppy += feed.count(b"<") + feed.count(b"&")
            if sloppy > SLOPPY:
                raise DumpError("dump", f"too much that is not well-formed: {flaw}", lines[0])
        yield from _with_lines(_parsed(feed, lines[0]), lines)


def _flaw(feed: bytes) -> str | None:
    try:
        expat.ParserCreate(namespace_separator=" ").ParseFile(io.BytesIO(feed))
    except expat.ExpatError as error:
        return expat.ErrorString(error.code)
    return None


def _line(content: bytes, place: int) -> int:
    return content.count(b"\n", 0, place) + 1


def _spans(content: bytes, root: re.Match[bytes]) -> Iterator[Span]:
    """Where each entry begins and ends; DumpError where the feed was cut."""
    start = depth = 0
    closed = root["begin"].endswith(b"/>")
    for tag in TAG.finditer(content, root.end()):
        if not tag["name"] or (tag["empty"] and not tag["end"]):
            continue  # no text of ours, or nothing in it
        if tag["name"].lower() not in ENTRIES:
            closed = closed or bool(tag["end"] and tag["tag"] == root["tag"])
        elif not tag["end"]:
            start = start if depth else tag.start()
            depth += 1
        elif depth:
            depth -= 1
            if tag.end() - start > LONGEST:
                raise DumpError(
                    "dump", f"an entry of over {LONGEST:,} bytes", _line(content, start)
                )
            if not depth:
                yield start, tag.end()
    if depth:
        raise DumpError("dump", "cut off: this entry does not end", _line(content, start))
    if not closed:
        end = _line(content, len(content.rstrip()))
        raise DumpError("dump", f"cut off: </{root['tag'].decode()}> is missing", end)


def _batches(spans: Iterable[Span]) -> Iterator[list[Span]]:
    batch: list[Span] = []
    for span in spans:
        batch.append(span)
        if span[1] - batch[0][0] >= BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def _frame(content: bytes, root: re.Match[bytes], start: int) -> list[tuple[bytes, bytes]]:
    """The elements, which may declare namespaces, that the entry at `start` stands in."""
    frame = [(root["begin"], root["tag"])]
    inner = CHANNEL.search(content, root.end(), start) if root["name"].lower() == b"rss" else None
    return [*frame, (inner[0], inner[1])] if inner else frame


def _framed(entries: bytes, frame: Sequence[tuple[bytes, bytes]]) -> bytes:
    begins = [begin for begin, _ in frame]
    ends = [b"</%s>" % name for _, name in reversed(frame)]
    return b"".join([*begins, REFERENCE.sub(_reference, entries), *ends])


def _with_lines(entries: Sequence[Entry], lines: list[int]) -> Iterator[tuple[int, Entry]]:
    """Give each entry its line, or all the first line where feedparser counts otherwise.

    Its own kind of mapping answers with warnings for what is not there.
    """
    if len(entries) != len(lines):
        lines = lines[:1] * len(entries)
    return zip(lines, map(dict, entries), strict=True)


REFERENCE = re.compile(
    rb"&(?!(?:lt|gt|amp|quot|apos);)"
    rb"(?:(?P<name>[A-Za-z]\w{1,20});|#(?:x(?P<hex>[0-9A-Fa-f]{1,99})|(?P<digits>\d{1,99}));)?"
)
FORBIDDEN = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def _reference(found: re.Match[bytes]) -> bytes:
    """Spell out what XML does not know, leave out what it forbids, and escape what is left."""
    if found["hex"] or found["digits"]:
        code = int(found["hex"], 16) if found["hex"] else int(found["digits"])
        return b" " if code > sys.maxunicode or FORBIDDEN.match(chr(code)) else found[0]
    named = name2codepoint.get((found["name"] or b"").decode())
    return chr(named).encode() if named else b"&amp;" + found[0][1:]


def _parsed(feed: bytes, line: int) -> Sequence[Entry]:
    """Have feedparser read a feed, and from a stream: given text, it opens the file named so.

    Its sanitiser is switched off, as it leaves titles and links alone: `html` does it all.
    """
    import feedparser

    try:
        found: list[Entry] = feedparser.parse(
            io.BytesIO(feed),
            response_headers=UTF8,
            sanitize_html=False,
            resolve_relative_uris=False,
        ).entries
    except BROKEN as error:
        raise DumpError("dump", f"markup too broken to be read: {error!r}", line) from error
    return found


# --- JSON -----------------------------------------------------------------------------------


def json_entries(content: bytes) -> Iterator[tuple[int, Entry]]:
    """Yield the items of a JSON Feed, which feedparser does not know, under its names."""
    records = Records(io.BytesIO(content), lambda value: isinstance(value, dict))
    found = False
    for item, line in records:
        if "id" in item or "title" in item:  # else it is one of the feed's own authors
            found = True
            yield line, _renamed(item)
    if not found and not records.empty_lists:
        raise DumpError("dump", "a JSON Feed without its items", 1)


def _renamed(item: Entry) -> Entry:
    tags = item.get("tags")
    return {
        "id": item.get("id"),
        "title": item.get("title"),
        "link": item.get("url") or item.get("external_url"),
        "summary": item.get("summary"),
        "content": [{"value": item.get("content_html")}, {"value": item.get("content_text")}],
        "authors": item.get("authors") or [item.get("author")],
        "tags": [{"term": tag} for tag in tags] if isinstance(tags, list) else [],
        "published": item.get("date_published"),
        "updated": item.get("date_modified"),
    }
