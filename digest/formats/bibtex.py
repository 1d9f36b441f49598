"""BibTeX and BibLaTeX files: every entry with a title is a paper, whatever its type.

pybtex knows the grammar. It is strict, so that an entry that is broken is told and not guessed at,
and it reads an entry at a time.
"""

import re
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from operator import itemgetter
from typing import BinaryIO, ClassVar

from pybtex.database.input.bibtex import LowLevelParser, month_names
from pybtex.scanner import Pattern, PrematureEOF, PybtexSyntaxError, Token
from pybtex.utils import CaseInsensitiveDict

from digest.errors import DumpError
from digest.ids import ArxivId, arxiv_id, doi
from digest.model import PrintedDate, Sighting
from digest.reading.lines import decoded, utf8
from digest.reading.records import MONTHS, text

Fields = Mapping[str, str]

ENTRY_LENGTH = 1_000_000

FIRST = re.compile(
    rb"""^[ \t]*@[ \t]*(?:
    (?:string|preamble|comment)\s*[({]
    |[a-z]+\s*[{]\s*[^\s{}()"'=,]*\s*[,=]                # an entry and its key
    |(?:article|book|in[a-z]+|misc|phdthesis|mastersthesis|techreport|unpublished)
     \s*[(]\s*[^\s{}()"'=,]*\s*,
    )""",
    re.VERBOSE | re.IGNORECASE | re.MULTILINE,
)
COMMENTS = re.compile(rb"^[ \t]*%.*$", re.MULTILINE)
TOP = 2_000  # bytes of text above the first entry

# Not in an address of mail.
COMMAND = re.compile(r"(?<![\w.])@[ \t]*(?P<name>[A-Za-z]+)\s*(?P<opening>[({])")

DATE_FIELDS = ("month", "day", "year")
DAY, YEAR = r"(?P<day>[0-9]{1,2})", r"(?P<year>[0-9]{4})"
NAMED, NUMBERED = rf"(?P<month>{'|'.join(MONTHS)})[a-z]*", r"(?P<month>[0-9]{1,2})"
DATES = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"{YEAR}-{NUMBERED}-{DAY}(?:T.*)?",
        rf"{NAMED}\W+{DAY}\W+{YEAR}",
        rf"{DAY}\W+{NAMED}\W+{YEAR}",
        rf"{NUMBERED}\W+{DAY}\W+{YEAR}",
    )
)
BRACED_WHOLE = re.compile(r"^\{([^{}]*)\}$")
NO_BRACES = str.maketrans("{}", "  ")
WEB = re.compile(r"https?://[^\s{}\\]+")
ON_ARXIV = re.compile(r"arxiv|abs/", re.IGNORECASE)
ARXIV_FIELDS = ("url", "journal", "journaltitle", "howpublished", "note", "volume")


def accepts(head: bytes) -> bool:
    start = utf8(head).replace(b"\r", b"\n")
    if b"\0" in start or start.lstrip().startswith((b"<", b"{", b"[")):
        return False
    if (first := FIRST.search(start)) is None:
        return False
    return len(COMMENTS.sub(b"", start[: first.start()]).strip()) <= TOP


def papers(stream: BinaryIO) -> Iterator[Sighting]:
    parser = _Parser(_decoded(utf8(stream.read())))
    found = False
    for line, fields in parser.entries():
        if title := fields.get("title"):
            found = True
            yield _sighting(title, fields, line)
    if not found:
        raise DumpError("dump", "a bibliography without titles")


def _decoded(raw: bytes) -> str:
    """Read UTF-8, and the lines that are none as Windows-1252."""
    try:
        whole = raw.decode()
    except UnicodeDecodeError:
        whole = "\n".join(map(decoded, raw.splitlines()))
    return whole.replace("\r\n", "\n").replace("\r", "\n")


class _Parser(LowLevelParser):  # type: ignore[misc]  # the library has no types
    """pybtex's parser of one command at a time, for files of any origin.

    An entry inside a comment is none. A key may be empty, and an abbreviation that nothing defines
    is read as it is printed.
    """

    text: str
    pos: int
    lineno: int

    KEY_BRACE = KEY_PAREN = Pattern(r'[^,={}()"\n]*', "an entry's key")
    SIGNS: ClassVar = {
        LowLevelParser.QUOTE: '"',
        LowLevelParser.LBRACE: "{",
        LowLevelParser.RBRACE: "}",
    }

    def __init__(self, text: str) -> None:
        # A table of its own, for the parser writes what @string defines into it.
        super().__init__(text, macros=CaseInsensitiveDict(month_names))
        self.began = 0
        self.unfolded = 0
        self.next: dict[str, int] = {}

    def entries(self) -> Iterator[tuple[int, Fields]]:
        """Yield the fields of each entry, named in small letters, and the line it begins on."""
        while command := COMMAND.search(self.text, self.pos):
            above = self.text[self.pos : command.start()]
            self.update_lineno(above)
            if above.rpartition("\n")[2].lstrip().startswith("%"):
                self.pos = self._place("\n", command.end())
                continue
            self.began = self.pos = command.start()
            line = self.lineno
            try:
                fields = self._fields(command)
            except PrematureEOF as error:
                raise DumpError("dump", "an entry that does not end", line) from error
            except PybtexSyntaxError as error:
                reason = f"the entry that begins on line {line} is broken: {error.args[0]}"
                raise DumpError("dump", reason, error.lineno) from error
            yield line, fields

    def _fields(self, command: re.Match[str]) -> Fields:
        name = command["name"].lower()
        if name == "comment":
            self.update_lineno(command[0])
            self.pos = command.end()
            if command["opening"] == "{":
                deque(self.parse_string(self.RBRACE), maxlen=0)
            return {}
        self.pos += 1
        _, (_, *body) = self.parse_command()
        if name in ("string", "preamble"):
            return {}
        # Of two fields with one name the first counts.
        return {name.lower(): text("".join(parts)) for name, parts in reversed(body[0])}

    def get_token(self, patterns: Sequence[Pattern], allow_eof: bool = False) -> Token | None:
        self._check_length(self.pos)
        return super().get_token(patterns, allow_eof)

    def skip_to(self, patterns: Sequence[Pattern]) -> Token | None:
        """As the library does, but a sign that is far away is looked for once."""
        places = ((self._place(self.SIGNS[each], self.pos), each) for each in patterns)
        end, pattern = min(places, key=itemgetter(0))
        self._check_length(end)
        if end == len(self.text):
            return None
        skipped = self.text[self.pos : end + 1]
        self.pos = end + 1
        self.update_lineno(skipped)
        return Token(skipped, pattern)

    def _place(self, sign: str, start: int) -> int:
        """Where the sign stands next, or the end of the text."""
        if self.next.get(sign, -1) < start:
            place = self.text.find(sign, start)
            self.next[sign] = place if place >= 0 else len(self.text)
        return self.next[sign]

    def _check_length(self, place: int) -> None:
        if place - self.began > ENTRY_LENGTH:
            raise PybtexSyntaxError(f"it is longer than {ENTRY_LENGTH / 1e6:g} MB", self)

    def substitute_macro(self, name: str) -> str:
        """Unfold an abbreviation, as long as all of them are no longer than the file."""
        unfolded: str = self.macros.get(name, name)
        self.unfolded += len(unfolded)
        if self.unfolded > max(len(self.text), ENTRY_LENGTH):
            raise PybtexSyntaxError("abbreviations unfold to more than the file is long", self)
        return unfolded


def _sighting(title: str, fields: Fields, line: int) -> Sighting:
    known_by = _known_by(fields)
    return Sighting(
        title,
        fields.get("abstract", ""),
        line,
        authors=tuple(_authors(fields.get("author", ""))),
        published=_published(fields),
        arxiv_id=known_by.id if known_by else None,
        doi=doi(fields.get("doi", "")),
        url=_url(fields.get("url", "")),
        categories=tuple(fields.get("primaryclass", "").split()),
        version=known_by.version if known_by else None,
        keywords=tuple(_filled(re.split("[,;]", fields.get("keywords", "")))),
    )


def _filled(parts: Iterable[str]) -> Iterator[str]:
    return (part for each in parts if (part := each.strip()))


def _authors(names: str) -> Iterator[str]:
    for name in _filled(_split(names, " and(?= )")):
        parts = list(_filled(_split(name, ",")))
        if parts and parts != ["others"]:
            yield _in_order(*parts)


def _in_order(last: str, *first: str) -> str:
    """Turn "Last, First" and "Last, Jr, First" round; an organisation stands in braces."""
    if not first:
        return BRACED_WHOLE.sub(r"\1", last)
    return " ".join([first[-1], last, *first[:-1]])


def _split(names: str, separator: str) -> Iterator[str]:
    """Split where the separator stands outside of braces."""
    depth = start = 0
    for sign in re.finditer(rf"[{{}}]|{separator}", names, re.IGNORECASE):
        if sign[0] in "{}":
            depth += 1 if sign[0] == "{" else -1
        elif depth == 0:
            yield names[start : sign.start()]
            start = sign.end()
    yield names[start:]


def _published(fields: Fields) -> PrintedDate | None:
    """The date, where the day is printed too."""
    printed = fields.get("date") or " ".join(fields.get(name, "") for name in DATE_FIELDS)
    dates = (pattern.fullmatch(printed.strip()) for pattern in DATES)
    if (date := next(filter(None, dates), None)) is None:
        return None
    month = date["month"].lower()
    number = int(month) if month.isdecimal() else MONTHS.index(month) + 1
    day = PrintedDate(number, int(date["day"]), int(date["year"]))
    return day if day.date() else None


def _known_by(fields: Fields) -> ArxivId | None:
    archive = fields.get("archiveprefix", fields.get("eprinttype", "arxiv"))
    if archive.lower() == "arxiv" and (found := arxiv_id(fields.get("eprint", ""))):
        return found
    places = (fields.get(name, "").translate(NO_BRACES) for name in ARXIV_FIELDS)
    on_arxiv = (place for place in places if ON_ARXIV.search(place))
    return next((found for place in on_arxiv if (found := arxiv_id(place))), None)


def _url(printed: str) -> str | None:
    found = WEB.search(printed.replace(r"\_", "_").replace(r"\%", "%").replace(r"\&", "&"))
    return found[0] if found else None
