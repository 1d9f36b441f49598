"""Whose newsletter it is, and what of a dump's text and links its readers may be shown."""

import re
import unicodedata
from dataclasses import dataclass, replace
from functools import lru_cache
from urllib.parse import SplitResult, quote, quote_plus, urlsplit, urlunsplit

from digest.model import Card, Edition, Followed, Theme

BREAK = re.compile(r"[\t\n\v\f\r\x85\u2028\u2029]")
UNSEEN = re.compile(
    r"[\x00-\x1f\x7f-\x9f\ud800-\uf8ff\u202a-\u202e\u2066-\u2069\ufdd0-\ufdef"
    + "".join(f"{chr(plane + 0xFFFE)}{chr(plane + 0xFFFF)}" for plane in range(0, 0xF0000, 0x10000))
    + "\U000f0000-\U0010ffff]"
)

URL_SIGNS = ":/?#[]@!$&'()*+,;=%~"  # what stays as it is in an address that is written in ASCII
WIDTH = 76
SEARCHED = 200  # characters of a title that a search for it holds
NAMED = 40  # characters of a title that tell one link from another
ASKED = 4096  # answers that are kept: both parts of a mail ask for the same, and so do other mails

# How a heading begins of a section beside themes of its own, and one that a shared phrase makes.
MORE_IN, ALSO_ON = "More in ", "Also on "


@dataclass(frozen=True, slots=True)
class Look:
    """Whose newsletter it is, and in which language it speaks.

    `reason` is one sentence that tells readers why they get it, where it is another than the
    catalogue's. `public_url` is where the archive stands on the web, if anywhere. `imprint` is one
    line: who is responsible, and where post reaches them.
    """

    name: str
    sender: str
    reason: str = ""
    public_url: str | None = None
    locale: str = "en"
    imprint: str = ""

    def online(self, path: str) -> str | None:
        """Where a file of the archive stands on the web."""
        return f"{self.public_url.rstrip('/')}/{path}" if self.public_url else None


def edition_path(name: str) -> str:
    """Where the archive keeps an edition."""
    return f"editions/{name}.html"


def printable(text: str) -> str:
    """Leave out what no reader sees and what breaks parsers, headers or the order of a line.

    These are the control characters (line ends become blanks), lone surrogates, private characters,
    the code points that are no characters, and the bidirectional overrides and isolates; and at the
    start what would join the letter before it. The rest is composed (NFC), as some mail programs
    would do it themselves.
    """
    if text.isascii() and text.isprintable():
        return text
    seen = unicodedata.normalize("NFC", UNSEEN.sub("", BREAK.sub(" ", text)))
    alone = (n for n, sign in enumerate(seen) if not _joins(sign))
    return seen[next(alone, len(seen)) :]


def _joins(sign: str) -> bool:
    """Whether it is written on the letter before it: marks, and vowels and finals of Hangul."""
    return unicodedata.category(sign).startswith("M") or "\u1160" <= sign <= "\u11ff"


def counted(number: int, noun: str) -> str:
    """Return "1 paper", "1,204 papers", as the program says it; the noun's plural takes an s."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


@lru_cache(maxsize=ASKED)
def web(url: str | None) -> str | None:
    """Return the address in ASCII when it is one of the web that a mail may link, else None.

    Anything but plain http and https could act on the reader; credentials in an address dress one
    host up as another. So do letters that look alike: a host is shown as DNS has it (RFC 5890).
    """
    if not url or not url.isprintable() or re.search(r"[\s\\]", url):
        return None
    try:
        parts = urlsplit(url)
        safe = parts.scheme in {"http", "https"} and parts.hostname and "@" not in parts.netloc
        return (url if url.isascii() else _in_ascii(parts)) if safe else None
    except ValueError:
        return None


def _in_ascii(parts: SplitResult) -> str:
    """The address with A-labels for a host of other letters; ValueError for one of no letters."""
    port = f":{parts.port}" if parts.port else ""
    labels = unicodedata.normalize("NFKC", parts.hostname or "").split(".")
    host = parts.netloc if parts.netloc.isascii() else ".".join(map(_a_label, labels)) + port
    return urlunsplit((parts.scheme, host, *(quote(part, safe=URL_SIGNS) for part in parts[2:])))


def _a_label(label: str) -> str:
    if label.isascii():
        return label
    if not all(sign == "-" or unicodedata.category(sign)[0] in "LMN" for sign in label):
        raise ValueError(label)
    return f"xn--{label.encode('punycode').decode('ascii')}"


@lru_cache(maxsize=ASKED)
def arxiv_search(title: str) -> str:
    """Where arXiv looks for a title; a very long one is looked for by how it begins."""
    query = printable(title)
    if len(query) > SEARCHED:
        query = query[:SEARCHED].rsplit(None, 1)[0]
    return f"https://arxiv.org/search/?query={quote_plus(query)}&searchtype=title"


def wrapped(text: str, indent: str = "", first: str | None = None) -> str:
    """Wrap to the width of plain text; a word is never broken."""
    start, rest = indent if first is None else first, text.strip(" ")
    while "  " in rest:
        rest = rest.replace("  ", " ")
    lines = []
    while len(start) + len(rest) > WIDTH:
        room = WIDTH - len(start)
        end = rest.rfind(" ", 0, room + 1)
        end = rest.find(" ", room) if end < 0 else end
        if end < 0:
            break
        lines.append(start + rest[:end])
        start, rest = indent, rest[end + 1 :]
    return "\n".join((*lines, start + rest)) if rest else ""


def short(title: str, most: int = NAMED) -> str:
    """As much of a title as tells it from others, in whole words where these are not too long."""
    if len(title) <= most:
        return title
    words, blank, _ = title[:most].rpartition(" ")
    start = words if blank and len(words) >= most // 2 else title[: most - 1]
    return f"{start.rstrip(' ,;:-–—')}…"


def anchor(name: str) -> str:
    """Return a name that may stand in an `id` and in a link to it."""
    return re.sub(r"[^\w.-]+", "-", name)


def presentable(edition: Edition) -> Edition:
    """Return the edition with printable text only."""
    return replace(edition, themes=tuple(map(presentable_theme, edition.themes)))


def presentable_theme(theme: Theme) -> Theme:
    cards = tuple(map(presentable_card, theme.cards))
    return replace(theme, label=printable(theme.label), cards=cards)


def presentable_card(card: Card) -> Card:
    if _is_printable(card):
        return card
    return replace(
        card,
        title=printable(card.title),
        lead=printable(card.lead),
        finding=card.finding and printable(card.finding),
        compact=card.compact and printable(card.compact),
        authors=tuple(map(printable, card.authors)),
        organization=card.organization and printable(card.organization),
        theme=printable(card.theme),
        part=printable(card.part),
        follows=card.follows and _presentable_work(card.follows),
        chosen_by=tuple(map(printable, card.chosen_by)),
    )


def _is_printable(card: Card) -> bool:
    """Whether all of it may be shown as it is, which is so of nearly all."""
    texts = (card.title, card.lead, card.finding, card.compact, *card.authors, card.organization)
    more = (card.theme, card.part, *card.chosen_by, card.follows and card.follows.title)
    return all(printable(text) == text for text in (*texts, *more) if text)


def _presentable_work(work: Followed) -> Followed:
    return replace(work, title=printable(work.title))
