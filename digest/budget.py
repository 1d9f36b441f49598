"""How papers share the room of a mail: cards for the most important, lines, and the rest online."""

from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from digest.model import Theme, Tier

KEPT_CARDS = 20
"""So many of the best papers keep their cards as long as lines of others can give way."""

LEAST = 100
"""No paper takes fewer bytes of HTML, so more than fit with that are not even tried."""


class Turn(NamedTuple):
    """A paper by the number of its theme, and by its own there."""

    theme: int
    card: int


class Share(NamedTuple):
    """The most important papers get cards, so many, and the next ones lines."""

    cards: int
    lines: int


def turns(themes: Sequence[Theme], limit: int) -> tuple[list[Turn], Share]:
    """What the edition wants a mail of so many bytes to show, the most important first.

    Cards come before lines; of each the best of every theme, then by rank.
    """
    found = []
    for i, theme in enumerate(themes):
        ranked = sorted(range(len(theme.cards)), key=lambda n: (theme.cards[n].rank.place, n))
        for turn, n in enumerate(ranked):
            card = theme.cards[n]
            if card.tier is not Tier.ONLINE:
                is_line = card.tier is Tier.LINE
                found.append((is_line, turn > 0, card.rank.place, turn, i, n))
    found = sorted(found)[: limit // LEAST]
    cards = sum(not is_line for is_line, *_ in found)
    return [Turn(i, n) for *_, i, n in found], Share(cards, len(found) - cards)


def demoted(wanted: Share, share: Share) -> int:
    """How many papers are shown with less than was wanted."""
    return wanted.cards - share.cards + sum(wanted) - max(wanted.cards, sum(share))


def largest(wanted: Share, fits: Callable[[Share], bool]) -> Share | None:
    """The first share that fits of those from what is wanted down to nothing, or None.

    The usual case, that all fits, is asked first; the others are found by halving.
    """
    if fits(wanted):
        return wanted
    steps = list(_down(wanted))
    found = bisect_left(steps, x=True, key=fits)
    return steps[found] if found < len(steps) else None


def _down(wanted: Share) -> Iterator[Share]:
    """Less and less: cards become lines, then lines go, then the cards that were kept."""
    kept = min(wanted.cards, KEPT_CARDS)
    shown = sum(wanted)
    for cards in range(wanted.cards - 1, kept - 1, -1):
        yield Share(cards, shown - cards)
    for lines in range(min(shown - kept, shown) - 1, -1, -1):
        yield Share(kept, lines)
    for cards in range(kept - 1, -1, -1):
        yield from (Share(cards, 1), Share(cards, 0))
