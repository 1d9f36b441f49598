"""What an editor wants to know of a mail before it goes out. Pure.

The linter's report, bytes per paper, the links, what mail programs lack, and what is otherwise than
in the mail before.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import accumulate, pairwise
from typing import Any

from digest import support
from digest.lint import Report, looked_over
from digest.lint.access import words_of
from digest.lint.mail import HEADINGS, Mail, Part, scheme
from digest.lint.page import Element
from digest.lint.parts import CLIPPED, GOAL

TITLES = HEADINGS[2:]
"""Headings of papers and of groups of papers; those above are of the edition and of its themes."""

HARD_BREAK = re.compile(rb"(?<!=)\r\n")

RENEWED = {"content-type", "date", "message-id", "subject"}
"""Headers that no two mails have the same of."""


@dataclass(frozen=True, slots=True)
class Share:
    """A paper in the HTML, under which heading, and how many bytes it takes on the wire."""

    title: str
    theme: str
    bytes: int


@dataclass(frozen=True, slots=True)
class Size:
    """Bytes of the mail; `frame` are those of the encoded HTML that are no paper's."""

    mail: int
    html_encoded: int
    html_decoded: int
    text_encoded: int
    frame: int
    papers: tuple[Share, ...]
    limit: int = GOAL
    clip: int = CLIPPED


@dataclass(frozen=True, slots=True)
class Link:
    """An address of the web, the words that first lead there, and how many links do."""

    url: str
    text: str
    times: int


@dataclass(frozen=True, slots=True)
class Lack:
    """A feature that a program doesn't show everywhere, and what readers see instead."""

    feature: str
    answer: str
    because: str


@dataclass(frozen=True, slots=True)
class Program:
    """How many of the features that a mail uses a program shows everywhere.

    `partly` are those that it shows in part, `lacking` those that it doesn't show on some platform.
    """

    shown: int
    partly: tuple[Lack, ...]
    lacking: tuple[Lack, ...]


@dataclass(frozen=True, slots=True)
class Header:
    name: str
    was: str
    is_now: str


@dataclass(frozen=True, slots=True)
class Changed:
    """What is otherwise than in the mail of `before`, its date; pairs are what was and what is.

    `bytes` are those of the encoded HTML. `headers` are those that need not differ.
    """

    before: str
    papers: tuple[int, int]
    headings_new: tuple[str, ...]
    headings_gone: tuple[str, ...]
    bytes: tuple[int, int]
    headers: tuple[Header, ...]

    def document(self) -> dict[str, Any]:
        headers = [{"name": each.name, "was": each.was, "is": each.is_now} for each in self.headers]
        return {**asdict(self), "headers": headers}


@dataclass(frozen=True, slots=True)
class Checks:
    """`unlisted` are uses of HTML and CSS of which it is not known who shows them."""

    lint: Report
    size: Size
    links: tuple[Link, ...]
    programs: dict[str, Program]
    unlisted: tuple[str, ...]
    changed: Changed | None

    def document(self) -> dict[str, Any]:
        return {
            "lint": self.lint.document(),
            "size": asdict(self.size),
            "links": [asdict(each) for each in self.links],
            "programs": {name: asdict(each) for name, each in self.programs.items()},
            "unlisted": list(self.unlisted),
            "changed": self.changed and self.changed.document(),
        }


def check(mail: bytes, before: bytes | None = None) -> Checks:
    """Look over a whole mail, and compare it with the one before."""
    seen = Mail(mail)
    report = looked_over(seen)
    size = _size(seen, report)
    used = support.used(seen.html.text) if seen.html else set()
    return Checks(
        lint=report,
        size=size,
        links=tuple(_links(seen)),
        programs={name: _program(name, used) for name in support.PROGRAMS},
        unlisted=tuple(support.unlisted(used)),
        changed=None if before is None else _changed(Mail(before), seen, size),
    )


# --- size -----------------------------------------------------------------------------------------


def _size(mail: Mail, report: Report) -> Size:
    papers = tuple(_papers(mail))
    sizes = {"html_encoded": 0, "html_decoded": 0, "text_encoded": 0, **report.sizes}
    sizes.pop("text_decoded", None)
    frame = sizes["html_encoded"] - sum(paper.bytes for paper in papers)
    return Size(**sizes, frame=frame, papers=papers)


def _papers(mail: Mail) -> Iterator[Share]:
    """Yield the papers that the HTML shows: each has lines of its own, as a block ends with one."""
    if mail.html is None:
        return
    ends, after = _line_ends(mail.html), dict(_neighbours(mail))
    theme, free = None, 1
    for element in mail.elements:
        if element.tag == "h2":
            theme = element
        if element.line >= free and (title := _title(element, after)):
            last = min(_last_line(element, after), len(ends) - 1)
            size = ends[last] - ends[min(element.line, last) - 1]
            yield Share(title, theme.text if theme else "", size)
            free = last + 1


def _neighbours(mail: Mail) -> Iterator[tuple[Element, Element]]:
    """Yield each element with the one that stands next to it."""
    for element in mail.elements:
        yield from pairwise(each for each in element.children if isinstance(each, Element))


def _title(element: Element, after: Mapping[Element, Element]) -> str:
    """The title of the paper that begins with this element, else nothing."""
    if element.tag not in TITLES:
        return _title_of_line(element)
    following = after.get(element)
    is_group = following and (following.tag in TITLES or _title_of_line(following))
    return "" if is_group else element.text


def _title_of_line(element: Element) -> str:
    """A paper without a heading is a paragraph that begins with a bold link."""
    bold = _first(element) if element.tag == "p" else None
    link = _first(bold) if bold and bold.tag in {"b", "strong"} else None
    return bold.text if bold and link and link.tag == "a" else ""


def _first(element: Element) -> Element | None:
    """What it begins with, where that is no text."""
    found = (each for each in element.children if isinstance(each, Element) or each.strip())
    first = next(found, None)
    return first if isinstance(first, Element) else None


def _last_line(element: Element, after: Mapping[Element, Element]) -> int:
    """Where a paper ends: with its paragraph, or below a heading with that of its links."""
    last = element
    while element.tag in TITLES and last in after and not (last.tag == "p" and _is_links(last)):
        following = after[last]
        if following.tag != "p" or _title_of_line(following):
            break
        last = following
    return max(last.end, last.line)


def _is_links(paragraph: Element) -> bool:
    """Whether it holds links and what stands between them, and no other words."""
    words = "".join(each for each in paragraph.children if isinstance(each, str))
    return any(each.tag == "a" for each in paragraph) and not any(map(str.isalnum, words))


def _line_ends(part: Part) -> list[int]:
    """Where the text begins among the bytes as encoded, and where each of its lines ends there.

    What is quoted-printable keeps lines apart; else each takes its share.
    """
    sizes = [len(line.encode("utf-8", "replace")) + 1 for line in part.text.split("\n")]
    if part.encoding == "quoted-printable":
        hard = [0, *(found.end() for found in HARD_BREAK.finditer(part.body)), len(part.body)]
        if len(hard) == len(sizes) + 1:
            return hard
    whole = sum(sizes)
    return [end * len(part.body) // whole for end in accumulate(sizes, initial=0)]


# --- links ----------------------------------------------------------------------------------------


def _links(mail: Mail) -> Iterator[Link]:
    found: dict[str, list[str]] = {}
    for link in mail.links:
        url = link.get("href").strip()
        if scheme(url) in {"http", "https"}:
            found.setdefault(url, []).append(words_of(link))
    for url, words in found.items():
        yield Link(url, words[0], len(words))


# --- programs -------------------------------------------------------------------------------------


def _program(name: str, used: set[str]) -> Program:
    answers = {
        feature: each
        for feature, each in support.listed().items()
        if name in each and not used.isdisjoint(each["used"])
    }
    short = {feature: each for feature, each in answers.items() if each[name] != support.YES}
    lacking = {feature for feature, each in short.items() if support.lacks(name, each)}
    lacks = {
        feature: Lack(feature, each[name], each.get("because", ""))
        for feature, each in short.items()
    }
    return Program(
        shown=len(answers) - len(short),
        partly=tuple(lack for feature, lack in lacks.items() if feature not in lacking),
        lacking=tuple(lack for feature, lack in lacks.items() if feature in lacking),
    )


# --- what changed ---------------------------------------------------------------------------------


def _changed(before: Mail, mail: Mail, size: Size) -> Changed:
    were = tuple(_papers(before))
    was, now = _headings(were), _headings(size.papers)
    return Changed(
        before=before.value("Date"),
        papers=(len(were), len(size.papers)),
        headings_new=tuple(each for each in now if each not in was),
        headings_gone=tuple(each for each in was if each not in now),
        bytes=(len(before.html.body) if before.html else 0, size.html_encoded),
        headers=tuple(_headers(before, mail)),
    )


def _headings(papers: Sequence[Share]) -> list[str]:
    return list(dict.fromkeys(paper.theme for paper in papers))


def _headers(before: Mail, mail: Mail) -> Iterator[Header]:
    fields = (*before.fields, *mail.fields)
    names = {field.name.lower(): field.name for field in fields}
    for low, name in names.items():
        was, now = _values(before, name), _values(mail, name)
        if was != now and low not in RENEWED:
            yield Header(name, was, now)


def _values(mail: Mail, name: str) -> str:
    """The words of a header, of each where it stands more than once."""
    return ", ".join(field.words or field.value for field in mail.all(name))
