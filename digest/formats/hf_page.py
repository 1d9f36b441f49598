"""The text of a Hugging Face Daily Papers page, as a browser copies it.

Layouts seen so far: titles and abstracts in blocks, with or without lines on authors, date and
comments below them, and titles and abstracts on alternating lines with the page's header glued to
the first title. All are read alike: a table gives each line its kind, texts are gathered until a
line about authors or dates, or chrome, ends them, and then paired by their order and length.
"""

import codecs
import re
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto
from itertools import pairwise
from typing import Any, BinaryIO, NamedTuple

from digest.errors import DumpError
from digest.model import PrintedDate, Sighting
from digest.text import fold


class Kind(Enum):
    BANNER = auto()  # chrome that no other page has
    CHROME = auto()
    AUTHORS = auto()
    DATE = auto()
    DOT = auto()  # stands between authors and date
    NOISE = auto()
    TEXT = auto()  # a title, an abstract or an organisation: order and length tell


HEADER = (Kind.BANNER, Kind.CHROME)


class Line(NamedTuple):
    kind: Kind
    text: str
    number: int
    parts: Mapping[str, str | None] = {}  # what the kind's pattern names


BULLET = r"[•·∙⋅▪‣*\-–—]"
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
MONTH_DAY = rf"(?P<month>{'|'.join(MONTHS)})\.? (?P<day>0?[1-9]|[12]\d|3[01])"
BANNERS = (
    r"get trending papers in your email inbox(?: once a day)?!?",
    r"by ?AK and the research community",
)
CHROME = (
    "new|subscribe|daily papers|trending papers|daily|weekly|monthly|log in|sign up|previous|next"
    "|company|tos|privacy|about|careers|website|models|datasets|spaces|pricing|docs"
)

YEAR = r"(?P<year>(?:19|20)\d\d)"
LINES = tuple(
    (kind, re.compile(pattern, re.IGNORECASE))
    for kind, pattern in (
        (Kind.AUTHORS, rf"(?:{BULLET} ?)?(?P<count>\d[\d,]{{0,6}}) authors?"),
        (Kind.DATE, rf"{MONTH_DAY}(?:,? {YEAR})?(?: (?P<comments>\d{{1,6}}))?"),
        (Kind.DOT, rf"{BULLET}|\|"),
        (Kind.NOISE, r"[\W\d_]*"),  # without a letter
        (Kind.BANNER, "|".join(BANNERS)),
        (Kind.CHROME, rf"(?:[#*•-] ?)*(?:{CHROME})"),
    )
)
LONGEST_LINE = 80  # longer ones are text without a look at the table

# What may be glued to the first title, which then begins with anything but a small letter.
GLUED = re.compile(
    rf"(?:{'|'.join(BANNERS)}|subscribe|daily papers|{MONTH_DAY}(?=[^\W\d]))"
    r"(?=(?-i:[^\sa-z,.:]|by ?AK))",
    re.IGNORECASE,
)

MARKED_TITLE = "### ["  # of Markdown and of text with footnotes

LONGEST_TITLE = 300  # the longest on arXiv are shorter, and nearly all abstracts are longer
LONGEST_ORGANIZATION = 80
ORGANIZATION = re.compile(r"(?P<handle>[A-Za-z0-9][\w.-]*) (?P<name>.+)")
SHORTEST_PROSE = 150  # where no sentence ends in it
SENTENCE_END = (".", "。", "…")

TOP = 60  # a page begins with its banner, save for a menu
BLOCKS_PER_DATE = 8  # a page without chrome has two to five blocks a date, prose has many


def accepts(head: bytes) -> bool:
    text = _utf8(head)
    if b"\0" in text or text.lstrip().startswith((b"<", b"{")):
        return False
    lines = list(_lines(text))
    if any(line.kind is Kind.BANNER for line in lines[:TOP]):
        return True
    dates = sum(
        line.kind is Kind.DATE and before.kind in (Kind.AUTHORS, Kind.DOT)
        for before, line in pairwise(lines)
    )
    blocks = sum(line.number > before.number + 1 for before, line in pairwise(lines))
    return dates > 0 and blocks <= BLOCKS_PER_DATE * dates


def papers(stream: BinaryIO) -> Iterator[Sighting]:
    lines = list(_lines(_utf8(stream.read())))
    if marked := next((line for line in lines if line.text.startswith(MARKED_TITLE)), None):
        raise DumpError("dump", "saved with its links: save the page as plain text", marked.number)
    found = list(_assembled(_unwrapped(lines)))
    if not found:
        raise DumpError("dump", "a page without papers: were titles and abstracts saved with it?")
    # Of titles alone every second one would pass for an abstract, but for its look.
    if sum(_is_prose(paper.abstract) for paper in found) * 10 < len(found):
        raise DumpError("dump", "titles without abstracts", found[0].line)
    yield from found


def _utf8(raw: bytes) -> bytes:
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return raw.decode("utf-16", "replace").encode()
    return raw.removeprefix(codecs.BOM_UTF8)


def _lines(raw: bytes) -> Iterator[Line]:
    """Give each line that is not blank its kind, with white space folded."""
    lines = raw.splitlines()
    top = True
    for number, line in enumerate(lines, 1):
        text = fold(_decoded(line, number < len(lines)).replace("\0", " "))
        for piece in _peeled(text, top):
            found = _classified(piece, number)
            top = found.kind in HEADER or (top and found.kind in (Kind.DATE, Kind.NOISE))
            yield found


def _decoded(line: bytes, whole: bool) -> str:
    """Read UTF-8, less a character cut off at the end of the dump, else Windows-1252."""
    try:
        return codecs.utf_8_decode(line, "strict", whole)[0]
    except UnicodeDecodeError:
        return line.decode("cp1252", "replace")


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


def _unwrapped(lines: Sequence[Line]) -> Sequence[Line]:
    """Join the lines of each paragraph again where the page was saved with a fixed width.

    It was where breaks stand only where the next word would not have fitted.
    """
    width = max((len(line.text) for line in lines), default=0)
    breaks = [(a.text, b.text) for a, b in pairwise(lines) if _is_break(a, b)]
    full = sum(len(a) + 1 + len(b.partition(" ")[0]) > width for a, b in breaks)
    return list(_joined(lines)) if full > 0.9 * len(breaks) else lines


def _is_break(a: Line, b: Line) -> bool:
    return a.kind is b.kind is Kind.TEXT and b.number == a.number + 1


def _joined(lines: Iterable[Line]) -> Iterator[Line]:
    paragraph: list[Line] = []
    for line in lines:
        if paragraph and not _is_break(paragraph[-1], line):
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
            case Kind.BANNER | Kind.CHROME:
                yield from _papers(run, day, first)
                run, top, first = _Run(), True, True
                continue
            case Kind.DATE if top:
                day = _date(line.parts)
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
    if count := parts.get("count"):
        return {"author_count": int(count.replace(",", ""))}
    if line.kind is Kind.DATE:
        return {"published": _date(parts), "comments": _number(parts["comments"])}
    return {}


def _date(parts: Mapping[str, str | None]) -> PrintedDate:
    month = MONTHS.index(str(parts["month"]).casefold()) + 1
    return PrintedDate(month, int(str(parts["day"])), _number(parts["year"]))


def _number(digits: str | None) -> int | None:
    return int(digits) if digits else None


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
