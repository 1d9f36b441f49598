"""An entry of a feed → a paper's sighting."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import date
from email.utils import parsedate
from typing import Any, NamedTuple

from digest.formats.feed.entries import Entry
from digest.formats.feed.html import blocks, plain
from digest.ids import arxiv_id, doi
from digest.model import PrintedDate, Sighting
from digest.text import fold

ARXIV_TITLE = re.compile(
    r"\.?\s*\((?P<id>arXiv:\S+) \[(?P<category>[\w.-]+)\] ?(?P<mark>[A-Z -]*)\)$"
)
ANNOUNCED = {"": "new", "CROSS LISTED": "cross", "UPDATED": "replace", "replace-cross": "replace"}
WEB = re.compile(r"https?://[^\s@/?#<>\"\\^`{|}]+(?:[/?#][^\s<>\"\\^`{|}]*)?", re.IGNORECASE)


def string(value: Any) -> str:
    """A text that can be stored; "" for anything else."""
    if not isinstance(value, str):
        return ""
    return value if value.isascii() else value.encode(errors="replace").decode()


def sighting(entry: Entry, line: int) -> Sighting | None:
    """Return the paper; None where its title or its link is missing."""
    title, link = plain(string(entry.get("title"))), "%20".join(string(entry.get("link")).split())
    suffix = ARXIV_TITLE.search(title)
    title = title[: suffix.start()] if suffix else title
    if not title or not link:
        return None
    body = _body(entry)
    marks = (string(entry.get("arxiv_announce_type")).strip(), body.mark, suffix and suffix["mark"])
    mark = next((mark.strip() for mark in marks if mark), "" if suffix else None)
    upvotes = body.facts.get("upvotes", "")
    number, version = _arxiv((entry.get("id"), link, suffix and suffix["id"], body.arxiv))
    terms = (plain(string(tag.get("term"))) for tag in _mappings(entry.get("tags")))
    return Sighting(
        title=title,
        abstract=body.abstract,
        line=line,
        authors=_authors(entry, body),
        published=_published(entry),
        upvotes=int(upvotes) if re.fullmatch(r"[0-9]{1,9}", upvotes) else None,
        arxiv_id=number,
        version=version,
        doi=_doi(entry, body),
        url=link if WEB.fullmatch(link) else None,
        categories=_each_once([*terms, suffix["category"] if suffix else ""]),
        announced=None if mark is None else ANNOUNCED.get(mark, mark),
    )


def _mappings(value: Any) -> Sequence[Entry]:
    return [each for each in value if isinstance(each, Mapping)] if isinstance(value, list) else []


def _each_once(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text for text in texts if text))


# --- text -----------------------------------------------------------------------------------

ARXIV_TEXT = re.compile(r"\s*(?P<id>arXiv:\S+)\s+Announce Type:\s*(?P<mark>[\w-]+)\s*")
LABEL = re.compile(r"\s*(?:abstract|summary)\s*?(?:[:.]|\s[—–-]\s|\n|\Z)\s*", re.IGNORECASE)
FACT = re.compile(
    r"\s*(authors?|author\(s\)|upvotes|doi|publication date|source)\s*:\s*(.*)",
    re.IGNORECASE | re.DOTALL,
)
NO_ABSTRACT = re.compile(  # links to the text, their hosts, numbers, and where it was printed
    r"html|xml|pdf|full text|read more|n/?a|pmid:.*|[\w-]+(?:\.[\w-]+)+|[\W_]*"
    r"|(?:[^.]{1,100}, )?(?:volume \d|earlyview|ahead of print).{0,120}",
    re.IGNORECASE | re.DOTALL,
)


class _Body(NamedTuple):
    """An entry's text, told apart: `facts` are the lines with a label, the rest is arXiv's."""

    abstract: str
    labelled: bool
    facts: Mapping[str, str]
    byline: str | None
    arxiv: str | None
    mark: str | None


def _body(entry: Entry) -> _Body:
    """Read the text that calls itself an abstract, else the longest."""
    values = (part.get("value") for part in _mappings(entry.get("content")))
    texts = _each_once(map(string, (entry.get("summary"), *values)))
    first = next(_names(entry), None)
    bodies = (_told_apart(blocks(text), first) for text in texts or ("",))
    return max(bodies, key=lambda body: (body.labelled, len(body.abstract)))


def _told_apart(found: list[str], first_author: str | None) -> _Body:
    announced = ARXIV_TEXT.match(found[0]) if found else None
    if announced:
        found[0] = found[0][announced.end() :]
    label = next((number for number, block in enumerate(found) if LABEL.match(block)), 0)
    labelled = bool(found and LABEL.match(found[label]))
    byline = fold(found[0]) if len(found) > 1 else ""
    is_byline = byline.endswith(";") or bool(first_author and byline.startswith(f"{first_author},"))
    facts = {fact[1].lower(): fold(fact[2]) for fact in map(FACT.match, found) if fact}
    texts = [LABEL.sub("", found[label], count=1), *found[label + 1 :]] if labelled else found
    kept = [fold(text) for text in texts[is_byline and not labelled :] if not FACT.match(text)]
    abstract = " ".join(text for text in kept if not NO_ABSTRACT.fullmatch(text))
    return _Body(
        abstract=abstract,
        labelled=labelled and abstract != "",
        facts=facts,
        byline=byline if is_byline else None,
        arxiv=announced["id"] if announced else None,
        mark=announced["mark"] if announced else None,
    )


# --- date -----------------------------------------------------------------------------------

DATES = ("published", "updated", "created", "prism_publicationdate", "prism_coverdate")
YEAR_FIRST = re.compile(r"((?:1[5-9]|20)\d\d)[-/.](\d\d?)[-/.](\d\d?)(?!\d)")


def _published(entry: Entry) -> PrintedDate | None:
    """The first date, on the calendar of the place where it was printed."""
    dates = (_date(string(entry.get(name)), entry.get(f"{name}_parsed")) for name in DATES)
    return next((PrintedDate(day.month, day.day, day.year) for day in dates if day), None)


def _date(text: str, parsed: Any) -> date | None:
    """Read a date by its own words, else as feedparser does, in UTC."""
    with suppress(ValueError, TypeError, IndexError):
        if first := YEAR_FIRST.match(text.strip()):
            return date(*map(int, first.groups()))
        if words := parsedate(text):
            return date(*words[:3])
        return date(*parsed[:3])
    return None


# --- authors and ids ------------------------------------------------------------------------

IN_BRACKETS = re.compile(r"\s*\([^()]*\)")
BETWEEN_NAMES = re.compile(r"\s*(?:,(?:\s*(?:and|&)\s)?|\s(?:and|&)\s)\s*")


def _authors(entry: Entry, body: _Body) -> tuple[str, ...]:
    """The names, one an element, or the longest list of them in one element or line."""
    names = list(_names(entry))
    if len(names) > 1:
        return tuple(names)
    labelled = (body.facts.get(label) for label in ("authors", "author(s)", "author"))
    lists = (*names, body.byline, *labelled)
    return max((_split(each) for each in lists if each), key=len, default=())


def _names(entry: Entry) -> Iterator[str]:
    """What stands in each element for an author, without affiliations and mail addresses."""
    for author in _mappings(entry.get("authors")):
        name = _unbracketed(_decoded_once(plain(string(author.get("name"))))).strip(" ,;")
        if name and "@" not in name:
            yield name


def _decoded_once(text: str) -> str:
    """Mend what was encoded twice, as feedparser does in titles and not in names."""
    try:
        return text.encode("latin-1").decode()
    except UnicodeError:
        return text


def _unbracketed(text: str) -> str:
    return IN_BRACKETS.sub("", IN_BRACKETS.sub("", text))


def _split(names: str) -> tuple[str, ...]:
    """Split a list of names, but not "Family, Given"."""
    bare = _unbracketed(names)
    found = bare.split(";") if ";" in bare else BETWEEN_NAMES.split(bare)
    found = [name for name in map(fold, found) if name.strip(" .")]
    if len(found) <= 1 or (";" not in bare and _is_reversed(*found)):
        return (fold(bare).strip(" ,;"),)
    return tuple(name for name in found if name.rstrip(".") != "et al")


def _is_reversed(first: str, second: str, *more: str) -> bool:
    return not more and (_is_one_word(first) or _is_one_word(second))


def _is_one_word(name: str) -> bool:
    return " " not in name and name.lower() != name.upper()  # scripts without case have no blanks


def _arxiv(texts: Iterable[Any]) -> tuple[str | None, int | None]:
    """The first arXiv id, with the version that any of the texts prints with it."""
    printed = [text for text in map(string, texts) if not doi(text) or "/arxiv." in text.lower()]
    ids = [each for text in printed if (each := arxiv_id(text))]
    number = ids[0].id if ids else None
    versions = (each.version for each in ids if each.id == number and each.version)
    return number, next(versions, None)


DOI_FIELDS = ("prism_doi", "dc_identifier", "arxiv_doi", "id", "link")
AFTER_DOI = re.compile(r"[?&#].*|(?:v\d{1,2})?(?:[./](?:full|abstract|pdf|html|meta|epdf))*$")


def _doi(entry: Entry, body: _Body) -> str | None:
    """The first DOI, less what follows it in an address."""
    for text in (*(string(entry.get(name)) for name in DOI_FIELDS), body.facts.get("doi", "")):
        if found := doi(text):
            return AFTER_DOI.sub("", found, count=1) if "://" in text else found
    return None
