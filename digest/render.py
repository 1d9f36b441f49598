"""An edition becomes a mail, with slots for what differs per reader, within its size."""

import re
from binascii import b2a_qp
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from html import escape
from importlib import import_module
from importlib.util import find_spec
from itertools import groupby
from pathlib import Path
from typing import Any

from digest import mjml_faults
from digest.budget import Share, Turn, demoted, largest, turns
from digest.errors import RenderError, UnknownPlugin
from digest.filling import explained, fill, locale, macros, style
from digest.look import Look, edition_path, presentable, printable
from digest.model import Budget, Card, Edition, Message, Theme, Tier
from digest.ports import Mjml
from digest.wording import Wording, preheader

__all__ = ["Look", "compiler", "render"]

FRAME = "email/digest.mjml.j2"
BLOCKS = "email/digest.html.j2"
TEXT = "email/digest.txt.j2"

MARKS = {name: f"@@{name}@@" for name in ("title", "preheader", "rows")}
"""What stands in the frame for its blocks."""

# No text has these signs: `printable` leaves them out.
SLOTS = {name: f"\ufdd0{name}\ufdd0" for name in ("unsubscribe", "preferences")}
FILLED = 256 * len(SLOTS)
"""So many bytes are kept free for the links that fill the slots."""

TAMED = 12
"""So many bytes a line takes more, at the most, that begins with a dot or with From."""


@dataclass(frozen=True, slots=True)
class Part:
    """A theme as the mail prints it, and how many of its papers the mail leaves out."""

    theme: Theme
    cards: tuple[Card, ...]
    more: int


def render(
    edition: Edition, look: Look, templates: Path, mjml: Mjml, limit: int = 90_000
) -> Message:
    """Print as much of the papers as `limit` bytes of HTML hold when they are encoded for the wire.

    Where room is short, the least important cards become lines, then lines stand only online.
    """
    edition = presentable(edition)
    order, wanted = turns(edition.themes, limit)
    wording = Wording(locale(templates, look.locale))
    values = {
        "look": look,
        "edition": edition,
        "style": style(templates),
        "page": edition_path(edition.name),
        "slots": SLOTS,
    }
    source = fill(templates, FRAME, look.locale, block=MARKS, **values)
    with explained(templates, FRAME, source):
        around = _around(
            _compiled(mjml, source),
            title=printable(f"{look.name}, {wording.locale.short_date(edition.day)}"),
            preheader=preheader([edition.themes[i].cards[n].title for i, n in order]),
        )
    with explained(templates, BLOCKS):
        sheet = _Sheet(edition, order, around, macros(templates, BLOCKS, look.locale, **values))
        share = largest(wanted, lambda share: sheet.page(share)[1] <= limit)
        if share is None:
            raise RenderError(BLOCKS, f"even without papers it takes over {limit:,} bytes")
        html, size = sheet.page(share)
    parts, online = sheet.parts(share), len(edition.cards) - sum(share)
    text = fill(templates, TEXT, look.locale, parts=parts, more=online, **values)
    return _sealed(
        Message(
            subject=wording.subject(edition, look),
            text=text,
            html=html,
            slots=SLOTS,
            shown=tuple(card.ref for part in parts for card in part.cards),
            budget=Budget(*share, online, demoted(wanted, share), size, limit),
        )
    )


class _Sheet:
    """The page as a row of blocks, each set once; it is as large as they are together."""

    def __init__(
        self, edition: Edition, order: Sequence[Turn], around: tuple[str, str], macros: Any
    ) -> None:
        self._edition = edition
        self._order = order
        self._around = [(html, encoded_size(html)) for html in around]
        self._macros = macros
        self._blocks: dict[tuple[str, Hashable], tuple[str, int]] = {}

    def page(self, share: Share) -> tuple[str, int]:
        """The HTML, and its bytes as they are encoded, with room for what fills the slots."""
        before, after = self._around
        blocks = [before, *self._row(share), after]
        return "".join(html for html, _ in blocks), FILLED + sum(size for _, size in blocks)

    def parts(self, share: Share) -> list[Part]:
        """The themes with the papers that are shown, each as a card or a line."""
        tiers = self._tiers(share)
        parts = []
        for i, theme in enumerate(self._edition.themes):
            shown = tuple(
                card if card.tier is tiers[Turn(i, n)] else replace(card, tier=tiers[Turn(i, n)])
                for n, card in enumerate(theme.cards)
                if Turn(i, n) in tiers
            )
            parts.append(Part(theme, shown, len(theme.cards) - len(shown)))
        return parts

    def _row(self, share: Share) -> Iterator[tuple[str, int]]:
        tiers = self._tiers(share)
        yield self._block("masthead", None)
        yield self._block("contents", None)
        for i, theme in enumerate(self._edition.themes):
            shown = [(n, card) for n, card in enumerate(theme.cards) if Turn(i, n) in tiers]
            more = len(theme.cards) - len(shown)
            yield self._block("opening", i, theme, i + 1)
            for part, group in groupby(shown, lambda each: each[1].part):
                if part:
                    yield self._block("part", part, part)
                for n, card in group:
                    yield self._block(tiers[Turn(i, n)], (i, n), card, theme)
            yield self._block("closing", (i, more), theme, more)
        more = len(self._edition.cards) - sum(share)
        yield self._block("footer", more, more)

    def _block(self, macro: str, key: Hashable, *arguments: object) -> tuple[str, int]:
        """Its HTML and the size of that; `key` stands for the arguments."""
        if (macro, key) not in self._blocks:
            if not hasattr(self._macros, macro):
                raise RenderError(BLOCKS, f"there is no macro {macro}")
            html = _compact(str(getattr(self._macros, macro)(*arguments)))
            self._blocks[macro, key] = html, encoded_size(html)
        return self._blocks[macro, key]

    def _tiers(self, share: Share) -> dict[Turn, Tier]:
        cards = dict.fromkeys(self._order[: share.cards], Tier.CARD)
        return cards | dict.fromkeys(self._order[share.cards : sum(share)], Tier.LINE)


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
        raise mjml_faults.of_mrml(str(error), source) from error


def _mjml(source: str) -> str:
    mjml_to_html = import_module("mjml").mjml_to_html
    try:
        return str(mjml_to_html(source).html)
    except (AssertionError, AttributeError, LookupError, TypeError, ValueError) as error:
        raise mjml_faults.of_mjml(error, source) from error


ENGINES = {"mrml": _mrml, "mjml": _mjml}


@lru_cache(maxsize=64)
def _compiled(mjml: Mjml, source: str) -> str:
    """The frame is the same for all editions of a look, so it is compiled once."""
    return _compact(mjml(source))


def _around(frame: str, title: str, preheader: str) -> tuple[str, str]:
    """What stands before and after the rows, each with its line's end."""
    before, mark, after = frame.partition(MARKS["rows"])
    if not mark:
        raise RenderError(FRAME, "block.rows, where the papers go, is missing")
    words = {MARKS["title"]: escape(title), MARKS["preheader"]: escape(preheader)}
    marks = re.compile("|".join(words))
    before = marks.sub(lambda found: words[found[0]], before)
    return before + "\n", after


def _sealed(message: Message) -> Message:
    """Name the slots after a digest of all else, so that no text in it can name one."""
    seal = message.sha256[:16]
    slots = {name: f"slot-{name}-{seal}" for name in SLOTS if SLOTS[name] in message.html}
    text, html = message.text, message.html
    for name, marker in slots.items():
        text, html = text.replace(SLOTS[name], marker), html.replace(SLOTS[name], marker)
    return replace(message, text=text, html=html, slots=slots)


def encoded_size(html: str) -> int:
    """Bytes as quoted-printable with CRLF, at the most; of lines it is the sum of theirs."""
    encoded = b"\n" + b2a_qp(html.encode())
    # What no line of a mail should begin with is encoded, too, and moves what follows.
    tamed = TAMED * (encoded.count(b"\n.") + encoded.count(b"\nFrom "))
    return len(encoded) + encoded.count(b"\n") + tamed - 2


def _compact(page: str) -> str:
    """Drop indentation and empty lines."""
    return "\n".join(filter(None, map(str.strip, page.split("\n")))) + "\n"
