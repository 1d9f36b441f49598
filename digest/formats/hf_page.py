"""The text of a Hugging Face Daily Papers page, as a browser copies it.

Layouts seen so far: titles and abstracts in blocks, with or without lines on authors, date and
comments below them, and titles and abstracts on alternating lines with the page's header glued to
the first title. All are read alike: a table gives each line its kind, texts are gathered until a
line about authors or dates, or chrome, ends them, and then paired by their order and length.
"""

import re
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto
from itertools import chain, islice, pairwise
from typing import Any, BinaryIO, NamedTuple

from digest.errors import DumpError
from digest.model import PrintedDate, Sighting
from digest.reading.chrome import (
    AUTHORS,
    BANNERS,
    BULLET,
    CHROME,
    DATE,
    MONTH_DAY,
    NOTES,
    SUBMITTED_BY,
    author_count,
    is_marked_up,
    once,
    printed_date,
)
from digest.reading.lines import folded_lines, utf8


class Kind(Enum):
    BANNER = auto()  # chrome that no other page has
    CHROME = auto()
    AUTHORS = auto()
    DATE = auto()
    DOT = auto()  # stands between authors and date
    CREDIT = auto()  # above the name of who submitted the paper that follows
    NOISE = auto()
    TEXT = auto()  # a title, an abstract or an organisation: order and length tell


HEADER = (Kind.BANNER, Kind.CHROME)


class Line(NamedTuple):
    kind: Kind
    text: str
    number: int
    parts: Mapping[str, str | None] = {}  # what the kind's pattern names


LINES = tuple(
    (kind, re.compile(pattern, re.IGNORECASE))
    for kind, pattern in (
        (Kind.AUTHORS, AUTHORS),
        (Kind.DATE, rf"{DATE}(?: (?P<comments>\d{{1,6}}))?"),
        (Kind.DOT, rf"{BULLET}|\|"),
        (Kind.NOISE, rf"[\W\d_]*|{NOTES}"),  # without a letter, or beside the text
        (Kind.BANNER, "|".join(BANNERS)),
        (Kind.CHROME, rf"(?:[#*•-] ?)*(?:{CHROME})"),
        (Kind.CREDIT, SUBMITTED_BY),
    )
)
LONGEST_LINE = 80  # longer ones are text without a look at the table

# What may be glued to the first title, which then begins with anything but a small letter.
GLUED = re.compile(
    rf"(?:{'|'.join(BANNERS)}|subscribe|daily papers|{MONTH_DAY}(?=[^\W\d]))"
    r"(?=(?-i:[^\sa-z,.:]|by ?AK))",
    re.IGNORECASE,
)

LONGEST_TITLE = 300  # the longest on arXiv are shorter, and nearly all abstracts are longer
LONGEST_ORGANIZATION = 80
ORGANIZATION = re.compile(r"(?P<handle>[A-Za-z0-9][\w.-]*) (?P<name>.+)")
SHORTEST_PROSE = 150  # where no sentence ends in it
SENTENCE_END = (".", "。", "…")

ENOUGH_LINES = ENOUGH_PAPERS = 5_000  # to tell how a page was saved
LONGEST_PARAGRAPH = 500  # lines
LONGEST_RUN = 250_000  # texts; a page may have nothing else between its first and its last line
TOP = 60  # a page begins with its banner, save for a menu
BLOCKS_PER_DATE = 8  # a page without chrome has two to five blocks a date, prose has many


def accepts(head: bytes) -> bool:
    printed = list(folded_lines(head))
    first = next(filter(None, printed), "")
    if b"\0" in utf8(head) or first.startswith(("<", "{")) or is_marked_up(printed):
        return False
    if any(line.kind is Kind.BANNER for line in islice(_lines(printed), TOP)):
        return True
    lines = list(_lines(printed))
    dates = sum(
        line.kind is Kind.DATE and before.kind in (Kind.AUTHORS, Kind.DOT)
        for before, line in pairwise(lines)
    )
    blocks = sum(line.number > before.number + 1 for before, line in pairwise(lines))
    return dates > 0 and blocks <= BLOCKS_PER_DATE * dates


def papers(stream: BinaryIO) -> Iterator[Sighting]:
    raw = stream.read()
    found = once(_assembled(_unwrapped(_without_names(_lines(folded_lines(raw))))))
    first = list(islice(found, ENOUGH_PAPERS))
    if not first and SUBMITTED_BY.encode() in raw.lower():
        raise DumpError("dump", "a page that lost its titles: save it with its headings")
    if not first:
        raise DumpError("dump", "a page without papers: were titles and abstracts saved with it?")
    # Of titles alone every second one would pass for an abstract, but for its look.
    if sum(_is_prose(paper.abstract) for paper in first) * 10 < len(first):
        raise DumpError("dump", "titles without abstracts", first[0].line)
    yield from chain(first, found)


def _lines(printed: Iterable[str]) -> Iterator[Line]:
    """Give each line that is not blank its kind."""
    top = True
    for number, text in enumerate(printed, 1):
        for piece in _peeled(text, top):
            found = _classified(piece, number)
            top = found.kind in HEADER or (top and found.kind in (Kind.DATE, Kind.NOISE))
            yield found


def _without_names(lines: Iterable[Line]) -> Iterator[Line]:
    """Drop the names of those who submitted a paper; they look like titles."""
    named = False
    for line in lines:
        if not (named and line.kind is Kind.TEXT and " " not in line.text):
            yield line
        named = line.kind is Kind.CREDIT


def _peeled(line: str, top: bool) -> Iterator[str]:
    """Split the glued header from the first title."""
    start = 0
    while top and (header := GLUED.match(line, start)):
        yield header[0]
        start = header.end()
    if line:
        yield line[start:]


def _classified(text: str, number: int) -> Line:
    if len(text) <= LONGEST_LINE:
        for kind, pattern in LINES:
            if found := pattern.fullmatch(text):
                return Line(kind, text, number, found.groupdict())
    return Line(Kind.TEXT, text, number)


def _unwrapped(lines: Iterator[Line]) -> Iterator[Line]:
    """Join the lines of each paragraph again where the page was saved with a fixed width.

    It was where breaks stand only where the next word would not have fitted.
    """
    first = list(islice(lines, ENOUGH_LINES))
    width = max((len(line.text) for line in first), default=0)
    breaks = [(a.text, b.text) for a, b in pairwise(first) if _is_break(a, b)]
    full = sum(len(a) + 1 + len(b.partition(" ")[0]) > width for a, b in breaks)
    whole = chain(first, lines)
    return _joined(whole) if full > 0.9 * len(breaks) else whole


def _is_break(a: Line, b: Line) -> bool:
    return a.kind is b.kind is Kind.TEXT and b.number == a.number + 1


def _joined(lines: Iterable[Line]) -> Iterator[Line]:
    paragraph: list[Line] = []
    for line in lines:
        if paragraph and (
            not _is_break(paragraph[-1], line) or len(paragraph) == LONGEST_PARAGRAPH
        ):
            yield _one(paragraph)
            paragraph = []
        paragraph.append(line)
    if paragraph:
        yield _one(paragraph)


def _one(paragraph: Sequence[Line]) -> Line:
    return paragraph[0]._replace(text=" ".join(line.text for line in paragraph))


@dataclass(slots=True)
class _Run:
    """Texts up to and with the lines about authors and date, which belong to the last of them."""

    texts: list[Line] = field(default_factory=list)
    facts: dict[str, Any] = field(default_factory=dict)
    closed: bool = False


def _assembled(lines: Iterable[Line]) -> Iterator[Sighting]:
    run, day = _Run(), None
    top = first = True
    for line in lines:
        match line.kind:
            case Kind.TEXT:
                if run.closed:
                    yield from _papers(run, day, first)
                    run, first = _Run(), False
                run.texts.append(line)
                if len(run.texts) > LONGEST_RUN:
                    raise DumpError("dump", "text without end", run.texts[0].number)
            case Kind.BANNER | Kind.CHROME:
                yield from _papers(run, day, first)
                run, top, first = _Run(), True, True
                continue
            case Kind.CREDIT:
                yield from _papers(run, day, first)
                run, first = _Run(), first and not run.texts
            case Kind.DATE if top:
                day = printed_date(line.parts)
                continue
            case Kind.NOISE:
                continue
            case Kind.AUTHORS | Kind.DATE | Kind.DOT:
                run.closed = True
                run.facts = _facts(line) | run.facts
        top = False
    yield from _papers(run, day, first)


def _facts(line: Line) -> dict[str, Any]:
    """Read "4 authors", or "May 2 3": the second of May in the page's year, and three comments."""
    parts = line.parts
    if line.kind is Kind.AUTHORS:
        return {"author_count": author_count(parts)}
    if line.kind is Kind.DATE:
        comments = parts["comments"]
        return {
            "published": printed_date(parts),
            "comments": int(comments) if comments else None,
        }
    return {}


def _papers(run: _Run, day: PrintedDate | None, first: bool) -> Iterator[Sighting]:
    """Yield the papers of a run.

    A title without abstract is unknown chrome before the first paper and cut off at the end.
    """
    organization = _organization(run)
    pairs = list(_paired(run.texts[:-1] if organization else run.texts))
    for title, abstract in pairs:
        facts = organization | run.facts if title is pairs[-1][0] else {}
        if abstract or facts or not (first or title is pairs[-1][0]):
            first = False
            yield Sighting(title.text, abstract, title.number, day=day, **facts)


def _organization(run: _Run) -> dict[str, Any]:
    """Read a short last text as "handle Name", which stands where else authors are counted."""
    below = run.texts[1:]
    if not run.closed or not below or "author_count" in run.facts:
        return {}
    text = below[-1].text
    if len(text) > LONGEST_ORGANIZATION or text.endswith(SENTENCE_END):
        return {}
    named = ORGANIZATION.fullmatch(text)
    if not named:
        return {"organization": text}
    return {"organization": named["name"], "organization_handle": named["handle"]}


def _paired(texts: Sequence[Line]) -> Iterator[tuple[Line, str]]:
    """Pair each title with its abstract, or with "" where another title and its abstract follow."""
    left = deque(texts)
    while left:
        title = left.popleft()
        if len(title.text) > LONGEST_TITLE:
            raise DumpError("dump", "abstract without title", title.number)
        lone = not left or (
            len(left) > 1 and not _is_prose(left[0].text) and len(left[1].text) > LONGEST_TITLE
        )
        yield title, "" if lone else left.popleft().text


def _is_prose(text: str) -> bool:
    return len(text) >= SHORTEST_PROSE or text.endswith(SENTENCE_END) or ". " in text
