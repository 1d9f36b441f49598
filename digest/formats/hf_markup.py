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


# Texts that say by themselves what they are, and stand in a line of their own.
KINDS = _kind(
    "|".join(
        f"(?P<{kind}>{pattern})"
        for kind, pattern in {
            "authors": AUTHORS,
            "date": DATE,
            "credit": rf"{SUBMITTED_BY}(?P<name> \S+)?",
            "code": r"(?:link: ?)?git ?hub\b.*",
            "aside": rf"(?:{BULLET} ?)?(?:{NOTES}|\[[^\]]*\]|<[^>]*>(?:</\w+>)?)",
            "chrome": rf"(?:(?:#|{BULLET}) ?)*(?:{CHROME}|{'|'.join(BANNERS)})",
        }.items()
    )
)
BANNER = _kind("|".join(BANNERS))
VOTES = _kind(r"(?:upvotes? ?)?(?:(?P<votes>\d[\d,]*(?:\.\d+)?)(?P<thousands>k)?|-)")
SIGNS = re.compile(r"[\W\d_]*")
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
    raw = utf8(stream.read())
    notes = _notes(folded_lines(raw)) if ANY_NOTE.search(raw) else {}
    headed = bool(ANY_HEADING.search(raw))
    found = once(_assembled(_pieces(folded_lines(raw), notes), headed=headed))
    first = list(islice(found, ENOUGH_PAPERS))
    if not first:
        raise DumpError("dump", "a page without titles: save it with its headings, or as text")
    if not any(paper.abstract for paper in first):
        raise DumpError("dump", "titles without abstracts", first[0].line)
    yield from chain(first, found)


# --- lines → pieces ---------------------------------------------------------------------------

HEADING = re.compile(r"#{3,6} ")  # the page's own are higher
ANY_HEADING = re.compile(rb"(?:\A|[\r\n])[ \t]*#{3,6}[ \t]")
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
ANY_NOTE = re.compile(rb"[\r\n][ \t]*\[?\d{1,5}[\].]:?[ \t]+(?:https?:/)?/")


@dataclass(slots=True)
class _Piece:
    """A text, its first line, and where it links to: "" for a footnote that is missing."""

    parts: list[str]
    number: int
    found: re.Match[str] | None = None  # what tells its kind
    heading: bool = False
    url: str | None = None
    open: bool = True  # the next line may go on with it

    @property
    def text(self) -> str:
        return " ".join(self.parts)

    @property
    def kind(self) -> str | None:
        return self.found.lastgroup if self.found else None

    @property
    def is_short(self) -> bool:
        return len(self.parts) == 1 and len(self.parts[0]) <= LONGEST_ALONE


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
    if start < len(line):
        _add(pieces, number, line[start:], linked=False)


def _add(pieces: list[_Piece], number: int, text: str, *, linked: bool) -> None:
    """Add what stands between two links: a text of its own, or more of the last one."""
    text = text.strip()
    last = pieces[-1] if pieces else _Piece([], 0, open=False)
    if "[" in text:
        if dated := DATED_LINK.match(text):
            last = _Piece([dated["date"]], number, KINDS.fullmatch(dated["date"]), open=False)
            pieces.append(last)
            text = text[dated.end() :]
        start = LINK_START.match(text)
        # It begins a link where it is not closed again, or where nothing goes on before it.
        if start and (text.count("[") > text.count("]") or (linked and not last.open)):
            text = text[start.end() :]
            last.open = last.heading and not last.parts
            if not text:
                pieces.append(_Piece([], number))
    if not text:
        return
    found = KINDS.fullmatch(text) if len(text) <= LONGEST_ALONE else None
    if last.heading and not last.parts:
        last.parts.append(text)
        last.found = found if found and found.lastgroup == "chrome" else None
    elif last.open and not found and _goes_on(last, text):
        last.parts.append(text)
    else:
        pieces.append(_Piece([text], number, found, open=not found))


def _goes_on(last: _Piece, text: str) -> bool:
    if not last.parts:
        return not SIGNS.fullmatch(text)
    if len(last.parts) == MOST_LINES or (last.heading and len(text) > SHORTEST_ABSTRACT):
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
        parts = piece.found.groupdict() if piece.found else {}
        match piece.kind:
            case "authors":
                self.facts["author_count"] = author_count(parts)
            case "date":
                self.facts["published"] = printed_date(parts)
                self.dated = piece.number
            case "code" if piece.url:
                self.facts["code_url"] = piece.url
            case None if organization := self._organization(piece):
                self.facts |= organization
            case None:
                self._describe(piece)
                return
            case _:
                return
        self.closed = True

    def _describe(self, piece: _Piece) -> None:
        if self.closed or SIGNS.fullmatch(piece.text):
            return
        self.abstract.append(piece.text)
        self.closed = piece.url is not None
        if len(self.abstract) > MOST_LINES:
            raise DumpError("dump", "an abstract without end", piece.number)

    def identify(self, piece: _Piece) -> None:
        """Take the id from a link to the paper.

        A picture leads to the paper that follows it, and a text to one on arXiv that it cites.
        """
        own = piece.heading or (piece.kind == "aside") == ("arxiv.org" in str(piece.url))
        if own and not self.known and (known := _target(piece.url)):
            self.known = known
            found = PAPER.match(str(piece.url))
            self.url = f"https://huggingface.co{found['path']}" if found else piece.url

    def _organization(self, piece: _Piece) -> dict[str, str | None]:
        """Read a short linked text: "Name", or "[handle] Name" where its picture had a text."""
        if piece.url is None or not piece.is_short or "organization" in self.facts:
            return {}
        link = HANDLE.fullmatch(piece.url)
        found = ORGANIZATION.fullmatch(piece.text)
        if not found or SIGNS.fullmatch(piece.text):
            return {}
        if not link and (piece.url or not (found["handle"] or self.abstract)):
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
        begins = _begins(piece, draft, headed=headed)
        if draft and (begins or piece.kind == "chrome"):
            yield draft.sighting(day)
            draft = None
        if begins:
            draft, votes = _Draft(piece, votes), None
            draft.identify(piece)
        elif piece.url is not None and piece.is_short and (found := VOTES.fullmatch(piece.text)):
            if draft and draft.owns(piece):
                draft.count(piece, _number(found))
            else:
                votes = _number(found)
        elif draft:
            draft.take(piece)
        elif piece.found and piece.kind == "date":
            day = printed_date(piece.found.groupdict())
    if draft:
        yield draft.sighting(day)


def _without_names(pieces: Iterable[_Piece]) -> Iterator[_Piece]:
    """Drop "Submitted by" and the name that follows."""
    named = False
    for piece in pieces:
        if piece.found and piece.kind == "credit":
            named = not piece.found["name"]
        elif named and not piece.heading and " " not in piece.text:
            named = not piece.parts or piece.kind == "aside"
        else:
            named = False
            yield piece


def _begins(piece: _Piece, draft: _Draft | None, *, headed: bool) -> bool:
    """Whether it is a title: a heading or, where no title is one, the first link to a paper."""
    if headed or piece.found or not piece.url or COMMUNITY in piece.url:
        return piece.heading and not piece.found
    target = _target(piece.url) if PAPER.match(piece.url) else None
    return bool(target and not SIGNS.fullmatch(piece.text)) and not (
        draft and draft.known == target
    )


def _target(url: str | None) -> ArxivId | None:
    """The paper to which an address leads, on Hugging Face or on arXiv."""
    return arxiv_id(unquote(url)) if url and TARGET.search(url) else None


def _number(found: re.Match[str]) -> int:
    """Read 12, 1,200, 1.2k, and the dash that stands for none."""
    number = float((found["votes"] or "0").replace(",", ""))
    return round(number * 1000) if found["thousands"] else int(number)
