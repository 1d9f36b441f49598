"""What the mail and the archive share: who speaks, and how the templates see text."""

import re
import tomllib
import traceback
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from pathlib import Path
from textwrap import TextWrapper
from urllib.parse import SplitResult, quote, quote_plus, urlsplit, urlunsplit

import jinja2

from digest.errors import RenderError
from digest.model import Card, Edition, Theme

STYLE = "email/theme.toml"

# Not strftime: its names follow the machine's locale, and a day without a zero is not portable.
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)

BREAK = re.compile(r"[\t\n\v\f\r\x85\u2028\u2029]")
UNSEEN = re.compile(
    r"[\x00-\x1f\x7f-\x9f\ud800-\uf8ff\u202a-\u202e\u2066-\u2069\ufdd0-\ufdef"
    + "".join(f"{chr(plane + 0xFFFE)}{chr(plane + 0xFFFF)}" for plane in range(0, 0xF0000, 0x10000))
    + "\U000f0000-\U0010ffff]"
)

URL_SIGNS = ":/?#[]@!$&'()*+,;=%~"  # what stays as it is in an address that is written in ASCII
WIDTH = 76
MORE_IN = "More in "  # before a section's label, beside themes of its own
NAMED_AUTHORS = 3
SEARCHED = 200  # characters of a title that a search for it holds


@dataclass(frozen=True, slots=True)
class Look:
    """Whose newsletter it is.

    `reason` is one sentence that tells readers why they get it. `public_url` is where the archive
    stands on the web, if anywhere.
    """

    name: str
    sender: str
    reason: str
    public_url: str | None = None
    lang: str = "en"

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


def long_date(day: date) -> str:
    return f"{DAYS[day.weekday()]}, {day.day} {month(day)}"


def short_date(day: date) -> str:
    return f"{day.day} {MONTHS[day.month - 1][:3]} {day.year}"


def month(day: date) -> str:
    return f"{MONTHS[day.month - 1]} {day.year}"


def counted(number: int, noun: str) -> str:
    """Return "1 paper", "1,204 papers"; the noun's plural takes an s."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def byline(card: Card) -> list[str]:
    """Who wrote it: the first authors, or how many there are, and their organisation."""
    named = card.authors[:NAMED_AUTHORS]
    more = max(card.author_count or 0, len(card.authors)) - len(named)
    names = ", ".join(named) + (f" +{more}" if more else "")
    number = counted(card.author_count, "author") if card.author_count else ""
    return [part for part in (names if named else number, card.organization) if part]


def topic(card: Card, theme: Theme) -> list[str]:
    """The paper's own theme, where no heading above it says so."""
    said = ("", theme.label, card.part)
    return [card.theme] if theme.section and card.theme not in said else []


def marks(card: Card) -> list[str]:
    """What readers made of it; nothing is said of nothing."""
    counts = ((card.upvotes, "upvote"), (card.comments, "comment"))
    rising = ["rising"] if card.rank.rising else []
    return [*rising, *(counted(number, noun) for number, noun in counts if number)]


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


def arxiv_search(title: str) -> str:
    """Where arXiv looks for a title; a very long one is looked for by how it begins."""
    query = printable(title)
    if len(query) > SEARCHED:
        query = query[:SEARCHED].rsplit(None, 1)[0]
    return f"https://arxiv.org/search/?query={quote_plus(query)}&searchtype=title"


def wrapped(text: str, indent: str = "", first: str | None = None) -> str:
    """Wrap to the width of plain text; a word is never broken."""
    wrapper = TextWrapper(WIDTH, break_long_words=False, break_on_hyphens=False)
    wrapper.initial_indent = indent if first is None else first
    wrapper.subsequent_indent = indent
    return wrapper.fill(text)


def anchor(name: str) -> str:
    """Return a name that may stand in an `id` and in a link to it."""
    return re.sub(r"[^\w.-]+", "-", name)


def presentable(edition: Edition) -> Edition:
    """Return the edition with printable text only."""
    return replace(edition, themes=tuple(map(_presentable_theme, edition.themes)))


def _presentable_theme(theme: Theme) -> Theme:
    cards = tuple(map(_presentable_card, theme.cards))
    return replace(theme, label=printable(theme.label), cards=cards)


def _presentable_card(card: Card) -> Card:
    return replace(
        card,
        title=printable(card.title),
        lead=printable(card.lead),
        finding=card.finding and printable(card.finding),
        authors=tuple(map(printable, card.authors)),
        organization=card.organization and printable(card.organization),
        theme=printable(card.theme),
        part=printable(card.part),
    )


def fill(templates: Path, name: str, /, **values: object) -> str:
    """Render a template; raise RenderError with the place where it fails."""
    with _explained(templates, name):
        return _environment(templates).get_template(name).render(values)


@lru_cache(maxsize=8)
def _environment(templates: Path) -> jinja2.Environment:
    """Text from dumps reaches a template as plain `str` only, so that it is always escaped."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(templates),
        undefined=jinja2.StrictUndefined,
        autoescape=jinja2.select_autoescape((), ("txt.j2", "css.j2"), default=True),
        trim_blocks=True,
        lstrip_blocks=True,
    )
    shown = (
        long_date,
        short_date,
        month,
        counted,
        byline,
        topic,
        marks,
        web,
        arxiv_search,
        wrapped,
        anchor,
    )
    environment.filters |= {function.__name__: function for function in shown}
    return environment


def style(templates: Path) -> dict[str, object]:
    """Read the palette and the type scale."""
    try:
        return tomllib.loads((templates / STYLE).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise RenderError(STYLE, f"cannot be read: {error}") from error
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"at line (\d+)", str(error))
        raise RenderError(STYLE, str(error), int(line[1]) if line else None) from error


@contextmanager
def _explained(templates: Path, name: str) -> Iterator[None]:
    """Turn what Jinja raises into RenderError with the template and its line."""
    try:
        yield
    except jinja2.TemplateSyntaxError as error:
        raise RenderError(error.name or name, f"{error.message}", error.lineno) from error
    except jinja2.TemplateNotFound as error:
        raise RenderError(name, f"there is no {error.name} in {templates}") from error
    except (OSError, UnicodeDecodeError) as error:
        raise RenderError(name, f"cannot be read: {error}") from error
    except (jinja2.TemplateError, ArithmeticError, LookupError, TypeError, ValueError) as error:
        frames = traceback.extract_tb(error.__traceback__)
        inside = [frame for frame in frames if Path(frame.filename).is_relative_to(templates)]
        if not inside:
            raise
        where = Path(inside[-1].filename).relative_to(templates).as_posix()
        raise RenderError(where, str(error), inside[-1].lineno) from error
