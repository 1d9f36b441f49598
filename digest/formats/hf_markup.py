"""The text of a Hugging Face papers page that was saved with its headings and links.

Seen so far: Markdown of several scrapers, text with footnotes for links (with or without the list
of addresses at its end), and text with each address on a line of its own. All are turned into the
same pieces, a text with the address that it links to, and the address tells what a piece is: the
title, the votes, the comments, the organisation. Where footnotes lead nowhere, its place tells.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain, islice
from typing import Any, BinaryIO
from urllib.parse import unquote

from digest.errors import DumpError
from digest.ids import ArxivId, arxiv_id
from digest.model import PrintedDate, Sighting
from digest.reading.chrome import (
    AUTHORS,
    BANNERS,
    BULLET,
    CHROME,
    DATE,
    NOTES,
    SUBMITTED_BY,
    author_count,
    is_marked_up,
    once,
    printed_date,
)
from digest.reading.lines import folded_lines, utf8
from digest.text import fold

SITE = r"(?:https?://(?:www\.)?huggingface\.co)?"


def _kind(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


# Texts.
BANNER = _kind("|".join(BANNERS))
PAGE_CHROME = _kind(rf"(?:{BULLET} ?)*(?:{CHROME}|{'|'.join(BANNERS)})")
AUTHOR_COUNT = _kind(AUTHORS)
PUBLISHED = _kind(DATE)
SUBMITTED = _kind(rf"{SUBMITTED_BY}(?P<name> \S+)?")
VOTES = _kind(r"(?:upvotes? ?)?(?:(?P<votes>\d[\d,]*(?:\.\d+)?)(?P<thousands>k)?|-)")
CODE = _kind(r"(?:link: ?)?git ?hub\b.*")
ASIDE = _kind(rf"(?:{BULLET} ?)?(?:{NOTES}|\[[^\]]*\]|<[^>]*>(?:</\w+>)?)")
SIGNS = re.compile(r"[\W\d_]*")
ALONE = _kind(
    "|".join(
        each.pattern for each in (AUTHOR_COUNT, PUBLISHED, SUBMITTED, CODE, ASIDE, PAGE_CHROME)
    )
)
ORGANIZATION = re.compile(r"(?:\[[^\]]*?(?P<handle>[\w.-]*)\] ?)?(?P<name>.+)")
LONGEST_ALONE = 80  # of an organisation, and of what is no prose
LONGEST_TITLE = 300
SHORTEST_ABSTRACT = 150
ENOUGH_PAPERS = 5_000  # to tell how a page was saved
LONGEST_LINE = 100_000  # in which links are looked for
MOST_LINES = 500  # of a paragraph, and paragraphs of an abstract
SHORTEST_PROSE = 60  # a line of it that another line follows

# Addresses.
HANDLE = re.compile(rf"{SITE}/(?P<handle>[\w.-]+)/?")
PAPER = re.compile(rf"{SITE}(?P<path>/papers/[^#?]+)")
TARGET = re.compile(rf"^{SITE}/(?:papers/|login)|//arxiv\.org/")
COMMUNITY = "#community"
VOTE = re.compile(r"/login\?next=%2Fpapers%2F\d", re.IGNORECASE)
PAPER_HEADING = re.compile(rf"#+ \[.*\]\({SITE}/papers/\d{{4}}\.\d{{4,5}}\)")


def accepts(head: bytes) -> bool:
    lines = list(folded_lines(head))
    first = next(filter(None, lines), "")
    if b"\0" in utf8(head) or first.startswith(("<", "{", "[{", '["')) or not is_marked_up(lines):
        return False
    return any(
        BANNER.fullmatch(line) or VOTE.search(line) or PAPER_HEADING.fullmatch(line)
        for line in lines
    )


def papers(stream: BinaryIO) -> Iterator[Sighting]:
    raw = stream.read()
    notes = _notes(folded_lines(raw)) if b"][" in raw else {}
    headed = any(map(HEADING.match, folded_lines(raw)))
    found = once(_assembled(_pieces(folded_lines(raw), notes), headed=headed))
    first = list(islice(found, ENOUGH_PAPERS))
    if not first:
        raise DumpError("dump", "a page without titles: save it with its headings, or as text")
    if not any(paper.abstract for paper in first):
        raise DumpError("dump", "titles without abstracts", first[0].line)
    yield from chain(first, found)


# --- lines → pieces ---------------------------------------------------------------------------

HEADING = re.compile(r"#{3,6} ")  # the page's own are higher
IMAGE = re.compile(r"!\[[^\[\]]{0,300}\]\([^()\s]*\)")
ICON = "[-] "  # stands for the arrow at the votes
BREAK = re.compile(r"\\+$|\\(?= )")  # the end of a line within a link, as scrapers escape it
ESCAPE = re.compile(r"\\([*_`\[\]~#])")
INLINE = re.compile(r"(?<=[A-Za-z,;:] )\[([^\[\]]+)\](?:\([^\s()]+\)|\[\d{1,5}\])(?=[ .,;:)])")
LINK_END = re.compile(
    r"""\]\((?P<url>[^\s()]*(?:\([^\s()]*\)[^\s()]*)*)(?: "[^"]*")?\)|\]\[(?P<note>\d{1,5})\]"""
)
LINK_START = re.compile(rf"(?:{BULLET} )*\[ ?")
DATED_LINK = _kind(rf"(?P<date>{DATE}) ?(?=\[)")
ADDRESS = re.compile(r"(?:https?://|/papers/)\S+")
NOTE = re.compile(r"(?:\[(?P<mark>\d{1,5})\]:?|(?P<number>\d{1,5})\.) (?P<url>(?:https?://|/)\S+)")


@dataclass(slots=True)
class _Piece:
    """A text, its first line, and where it links to: "" for a footnote that is missing."""

    parts: list[str]
    number: int
    heading: bool = False
    url: str | None = None
    open: bool = True  # the next line may go on with it

    @property
    def text(self) -> str:
        return " ".join(self.parts)

    @property
    def is_short(self) -> bool:
        return not self.parts or (len(self.parts) == 1 and len(self.parts[0]) <= LONGEST_ALONE)


def _notes(lines: Iterable[str]) -> dict[str, str]:
    """The addresses in the list at the end, by their numbers."""
    notes = filter(None, map(NOTE.fullmatch, lines))
    return {found["mark"] or found["number"]: found["url"] for found in notes}


def _pieces(lines: Iterable[str], notes: Mapping[str, str]) -> Iterator[_Piece]:
    pieces: list[_Piece] = []
    above = ""
    for number, line in enumerate(lines, 1):
        if not line and pieces:
            pieces[-1].open = False
        elif ADDRESS.fullmatch(line) and not above:
            _link(pieces, line)
        elif len(line) > LONGEST_LINE:
            _add(pieces, number, line, linked=False)
        elif line and not NOTE.fullmatch(line):
            _add_line(pieces, number, line, notes)
        yield from pieces[:-1]
        del pieces[:-1]
        above = line
    yield from pieces


def _add_line(pieces: list[_Piece], number: int, line: str, notes: Mapping[str, str]) -> None:
    if "\\" in line:
        line = ESCAPE.sub(r"\1", BREAK.sub("", line))
    if "[" in line:
        line = fold(INLINE.sub(r"\1", IMAGE.sub("", line))).removeprefix(ICON)
    heading = HEADING.match(line)
    if heading:
        pieces.append(_Piece([], number, heading=True))
    start = heading.end() if heading else 0
    for end in LINK_END.finditer(line, start):
        _add(pieces, number, line[start : end.start()], linked=True)
        _link(pieces, notes.get(end["note"], "") if end["note"] else end["url"])
        start = end.end()
    _add(pieces, number, line[start:], linked=False)


def _add(pieces: list[_Piece], number: int, text: str, *, linked: bool) -> None:
    """Add what stands between two links: a text of its own, or more of the last one."""
    text = text.strip()
    opening = "[" in text
    if opening and (dated := DATED_LINK.match(text)):
        pieces.append(_Piece([dated["date"]], number, open=False))
        text = text[dated.end() :]
    last = pieces[-1] if pieces else _Piece([], 0, open=False)
    start = LINK_START.match(text) if opening else None
    # A bracket begins a link where it is not closed again, or where nothing goes on before it.
    if start and (text.count("[") > text.count("]") or (linked and not last.open)):
        text = text[start.end() :]
        last.open = last.heading and not last.parts
    elif not text:
        return
    alone = _stands_alone(text)
    if last.open and not alone and len(last.parts) < MOST_LINES and _goes_on(last, text):
        last.parts.append(text)
    else:
        pieces.append(_Piece([text] if text else [], number, open=not alone))


def _stands_alone(text: str) -> bool:
    return len(text) <= LONGEST_ALONE and bool(ALONE.fullmatch(text))


def _goes_on(last: _Piece, text: str) -> bool:
    if not last.parts:
        return last.heading or not SIGNS.fullmatch(text)
    if last.heading and len(text) > SHORTEST_ABSTRACT:
        return False
    return len(last.parts[-1]) >= SHORTEST_PROSE or not SIGNS.fullmatch(text)


def _link(pieces: list[_Piece], url: str) -> None:
    if pieces and pieces[-1].url is None:
        pieces[-1].url = url
        pieces[-1].open = False


# --- pieces → papers --------------------------------------------------------------------------


@dataclass(slots=True)
class _Draft:
    """A paper of which some pieces have been read."""

    title: _Piece
    upvotes: int | None
    known: ArxivId | None = None
    url: str | None = None
    abstract: list[str] = field(default_factory=list)
    closed: bool = False  # whether the abstract is whole
    dated: int = 0  # the line of the date
    facts: dict[str, Any] = field(default_factory=dict)

    def owns(self, vote: _Piece) -> bool:
        """Whether a number counts something of this paper, and not the votes of the next one."""
        url = str(vote.url)
        if COMMUNITY in url or (self.known and _target(url) == self.known):
            return True
        return vote.number == self.dated and not VOTE.search(url)

    def count(self, vote: _Piece, number: int) -> None:
        if VOTE.search(str(vote.url)):
            self.upvotes = number
        else:
            self.facts["comments"] = number

    def take(self, piece: _Piece) -> None:
        self.identify(piece)
        text = piece.text
        if not piece.is_short:
            self._add(piece)
            return
        if found := AUTHOR_COUNT.fullmatch(text):
            self.facts["author_count"] = author_count(found.groupdict())
        elif found := PUBLISHED.fullmatch(text):
            self.facts["published"] = printed_date(found.groupdict())
            self.dated = piece.number
        elif CODE.fullmatch(text) and piece.url:
            self.facts["code_url"] = piece.url
        elif ASIDE.fullmatch(text) or SIGNS.fullmatch(text):
            return
        elif organization := self._organization(piece):
            self.facts |= organization
        else:
            self._add(piece)
            return
        self.closed = True

    def _add(self, piece: _Piece) -> None:
        if not self.closed:
            self.abstract.append(piece.text)
            if len(self.abstract) > MOST_LINES:
                raise DumpError("dump", "an abstract without end", piece.number)
            self.closed = piece.url is not None

    def identify(self, piece: _Piece) -> None:
        if not self.known and (known := _target(piece.url)):
            self.known = known
            found = PAPER.match(str(piece.url))
            self.url = f"https://huggingface.co{found['path']}" if found else piece.url

    def _organization(self, piece: _Piece) -> dict[str, str | None]:
        """Read a short linked text: "Name", or "[handle] Name" where its picture had a text."""
        if piece.url is None or len(piece.text) > LONGEST_ALONE or "organization" in self.facts:
            return {}
        link = HANDLE.fullmatch(piece.url)
        found = ORGANIZATION.fullmatch(piece.text)
        if not found or not (link or (piece.url == "" and (found["handle"] or self.abstract))):
            return {}
        handle = link["handle"] if link else found["handle"]
        return {"organization": found["name"], "organization_handle": handle}

    def sighting(self, day: PrintedDate | None) -> Sighting:
        if not self.title.text:
            raise DumpError("dump", "a page that lost a title", self.title.number)
        if len(self.title.text) > LONGEST_TITLE:
            raise DumpError("dump", "an abstract without title", self.title.number)
        return Sighting(
            self.title.text,
            " ".join(self.abstract),
            self.title.number,
            day=day,
            upvotes=self.upvotes,
            arxiv_id=self.known.id if self.known else None,
            version=self.known.version if self.known else None,
            url=self.url,
            **self.facts,
        )


def _assembled(pieces: Iterable[_Piece], *, headed: bool) -> Iterator[Sighting]:
    draft: _Draft | None = None
    day: PrintedDate | None = None
    votes: int | None = None
    for piece in _without_names(pieces):
        chrome = piece.is_short and bool(PAGE_CHROME.fullmatch(piece.text))
        if chrome or _begins(piece, draft, headed=headed):
            if draft:
                yield draft.sighting(day)
            draft, votes = (None, votes) if chrome else (_Draft(piece, votes), None)
            if draft:
                draft.identify(piece)
        elif piece.url is not None and piece.is_short and (found := VOTES.fullmatch(piece.text)):
            if draft and draft.owns(piece):
                draft.count(piece, _number(found))
            else:
                votes = _number(found)
        elif draft:
            draft.take(piece)
        elif found := PUBLISHED.fullmatch(piece.text):
            day = printed_date(found.groupdict())
    if draft:
        yield draft.sighting(day)


def _without_names(pieces: Iterable[_Piece]) -> Iterator[_Piece]:
    """Drop "Submitted by" and the name that follows."""
    named = False
    for piece in pieces:
        if found := SUBMITTED.fullmatch(piece.text):
            named = not found["name"]
        elif named and not piece.heading and " " not in piece.text:
            named = not piece.text or bool(ASIDE.fullmatch(piece.text))
        else:
            named = False
            yield piece


def _begins(piece: _Piece, draft: _Draft | None, *, headed: bool) -> bool:
    """Whether it is a title: a heading or, where no title is one, the first link to a paper."""
    if headed:
        return piece.heading
    url = str(piece.url)
    target = PAPER.match(url) and _target(url)
    if not target or COMMUNITY in url or _stands_alone(piece.text) or SIGNS.fullmatch(piece.text):
        return False
    return draft is None or draft.known != target


def _target(url: str | None) -> ArxivId | None:
    """The paper to which an address leads, on Hugging Face or on arXiv."""
    return arxiv_id(unquote(url)) if url and TARGET.search(url) else None


def _number(found: re.Match[str]) -> int:
    """Read 12, 1,200, 1.2k, and the dash that stands for none."""
    number = float((found["votes"] or "0").replace(",", ""))
    return round(number * 1000) if found["thousands"] else int(number)
