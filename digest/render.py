"""An edition becomes a mail, with slots for what differs per reader."""

import re
from binascii import b2a_qp
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

from digest.errors import RenderError, UnknownPlugin
from digest.look import (
    MORE_IN,
    Look,
    counted,
    edition_path,
    fill,
    presentable,
    printable,
    short_date,
    style,
)
from digest.model import Card, Edition, Message, Theme, Tier
from digest.ports import Mjml

__all__ = ["Look", "compiler", "render"]

HTML = "email/digest.mjml.j2"
TEXT = "email/digest.txt.j2"

SLOTS = ("unsubscribe",)
SUBJECT = 90  # characters
PREHEADER = 110
NAMED_THEMES = 3
NAMED_TITLES = 3


@dataclass(frozen=True, slots=True)
class Part:
    """A theme as the mail prints it, and how many of its papers the mail leaves out."""

    theme: Theme
    cards: tuple[Card, ...]
    more: int


def render(
    edition: Edition, look: Look, templates: Path, mjml: Mjml, limit: int = 90_000
) -> Message:
    """Print as many papers as `limit` bytes of HTML hold when they are encoded for the wire.

    Every theme shows its best papers first; what does not fit is counted.
    """
    edition = presentable(edition)
    turns, slots = _turns(edition.themes), _slots(edition)
    values = {
        "look": look,
        "edition": edition,
        "style": style(templates),
        "slots": slots,
        "page": edition_path(edition.name),
        "preheader": _preheader([edition.themes[i].cards[n].title for *_, i, n in turns]),
    }

    def draft(name: str, n: int) -> str:
        parts = _parts(edition.themes, turns[:n])
        return fill(templates, name, parts=parts, more=len(edition.cards) - n, **values)

    def html(n: int) -> str:
        return _compact(mjml(draft(HTML, n)))

    n, page = _largest(len(turns), limit, html)
    return Message(
        subject=_subject(edition, look),
        text=draft(TEXT, n),
        html=page,
        slots=slots,
        shown=tuple(card.ref for part in _parts(edition.themes, turns[:n]) for card in part.cards),
    )


def compiler(name: str = "auto") -> Mjml:
    """Return the MJML compiler of that name; `auto` takes the fast one where it is installed."""
    known = tuple(engine for engine in ENGINES if find_spec(engine))
    if name != "auto" and name not in known:
        raise UnknownPlugin("MJML compiler", name, known)
    return ENGINES[known[0] if name == "auto" else name]


def _mrml(source: str) -> str:
    # Its default is to link web fonts by the names of fonts; a mail must load nothing.
    mrml = import_module("mrml")
    try:
        return str(mrml.to_html(source, render_options=mrml.RenderOptions(fonts={})).content)
    except OSError as error:
        raise RenderError("MJML", f"mrml: {error}") from error


def _mjml(source: str) -> str:
    mjml_to_html = import_module("mjml").mjml_to_html
    try:
        return str(mjml_to_html(source).html)
    except (AssertionError, AttributeError, LookupError, TypeError, ValueError) as error:
        raise RenderError("MJML", f"mjml: {type(error).__name__}: {error}") from error


ENGINES = {"mrml": _mrml, "mjml": _mjml}


def _slots(edition: Edition) -> dict[str, str]:
    """A marker holds a digest of the whole edition, so no text in the edition can hold a marker."""
    seal = sha256(repr(edition).encode()).hexdigest()[:16]
    return {slot: f"slot-{slot}-{seal}" for slot in SLOTS}


def _turns(themes: Sequence[Theme]) -> list[tuple[bool, int, int, int]]:
    """Return (line, turn, theme, card) of what a mail may print, the most important first.

    Cards before lines, and of each the best of every theme, then every second best, ...
    """
    turns = []
    for i, theme in enumerate(themes):
        ranked = sorted(range(len(theme.cards)), key=lambda n: (theme.cards[n].rank.place, n))
        for turn, n in enumerate(ranked):
            tier = theme.cards[n].tier
            if tier is not Tier.ONLINE:
                turns.append((tier is Tier.LINE, turn, i, n))
    return sorted(turns)


def _parts(themes: Sequence[Theme], turns: Sequence[tuple[bool, int, int, int]]) -> list[Part]:
    shown = {(i, n) for _, _, i, n in turns}
    cards = [
        tuple(card for n, card in enumerate(theme.cards) if (i, n) in shown)
        for i, theme in enumerate(themes)
    ]
    return [
        Part(theme, printed, len(theme.cards) - len(printed))
        for theme, printed in zip(themes, cards, strict=True)
    ]


def _largest(papers: int, limit: int, html: Callable[[int], str]) -> tuple[int, str]:
    """Return how many papers fit and the page that holds them."""
    page = html(papers)
    if _encoded_size(page) <= limit:
        return papers, page
    n = bisect_right(range(papers), limit, key=lambda n: _encoded_size(html(n))) - 1
    if n < 0:
        raise RenderError(HTML, f"even without papers it takes over {limit:,} bytes")
    return n, html(n)


def _encoded_size(page: str) -> int:
    """Bytes as quoted-printable with CRLF, which is never less than without."""
    encoded = b2a_qp(page.encode())
    return len(encoded) + encoded.count(b"\n")


def _compact(page: str) -> str:
    """Drop indentation; where white space was, white space stays."""
    return re.sub(r"\s*\n\s*", "\n", page).strip() + "\n"


def _subject(edition: Edition, look: Look) -> str:
    count = counted(len(edition.cards), "new paper")
    start = printable(f"{look.name}, {short_date(edition.day)}: {count}")
    themes = [t for t in edition.themes if t.section and not t.label.startswith(MORE_IN)]
    labels = [theme.label for theme in themes[:NAMED_THEMES]]
    tails = (f" on {_listed(labels[:n])}" for n in range(len(labels), 0, -1))
    return _cut(next((start + t for t in tails if len(start + t) <= SUBJECT), start), SUBJECT)


def _listed(words: Sequence[str]) -> str:
    return " and ".join(part for part in (", ".join(words[:-1]), words[-1]) if part)


def _preheader(titles: Sequence[str]) -> str:
    """As many of the best titles as a list of mails shows beside the subject."""
    line, *others = [_cut(title, PREHEADER) for title in titles[:NAMED_TITLES]] or [""]
    for title in others:
        if len(line) + len(title) + 3 <= PREHEADER:
            line = f"{line} · {title}"
    return line


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"
