"""Who an edition is for: a name, what it wants to read, on which days, and how it looks."""

import re
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from digest.model import DEFAULT_AUDIENCE
from digest.query import Query

WEEK = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

# A number at the end is an edition's: "2026-11-20-robots-2".
_NAME = re.compile(r"[a-z][a-z0-9]*(?:-[a-z][a-z0-9]*)*")
LONGEST_NAME = 40


@dataclass(frozen=True, slots=True)
class Cadence:
    """On which days of the week there is an edition; they count from Monday, 0."""

    name: str
    days: frozenset[int]

    def is_due(self, day: date, looked: date | None) -> bool:
        """Whether the day has its turn, or the last turn of the week was missed.

        `looked` is the last day on which there was an edition or too little for one; None where
        there was no such day, and so nothing was missed.
        """
        if day.weekday() in self.days:
            return True
        if looked is None or len(self.days) != 1:
            return False
        (turn,) = self.days
        return looked < day - timedelta((day.weekday() - turn) % len(WEEK))

    def is_open(self, day: date, looked: date | None, last: date | None) -> bool:
        """Whether the day is due and is not that of the last edition."""
        return day != last and self.is_due(day, looked)

    def __str__(self) -> str:
        return self.name


DAILY = Cadence("daily", frozenset(range(7)))
CADENCES = {
    DAILY.name: DAILY,
    "weekdays": Cadence("weekdays", frozenset(range(5))),
    **{
        f"weekly on {name}": Cadence(f"weekly on {name}", frozenset({n}))
        for n, name in enumerate(WEEK)
    },
    "never": Cadence("never", frozenset()),
}


@dataclass(frozen=True, slots=True)
class Audience:
    """`query` is None where all papers are wanted, `templates` where the look is the shipped one.

    `title` is what its newsletter is called.
    """

    name: str = DEFAULT_AUDIENCE
    title: str = ""
    query: Query | None = None
    cadence: Cadence = DAILY
    locale: str = "en"
    templates: Path | None = None
    min_papers: int = 1


def cadence(text: str) -> Cadence:
    """Read a cadence; ValueError says which there are."""
    found = CADENCES.get(" ".join(text.lower().split()))
    if found is None:
        known = "daily, weekdays, weekly on monday (or another day), and never"
        raise ValueError(f"{text!r} is no cadence; there are {known}")
    return found


def audience_name(text: str) -> str:
    """Check a name; ValueError says what one is made of."""
    if len(text) > LONGEST_NAME or not _NAME.fullmatch(text):
        made_of = "small letters, digits and hyphens, with a letter behind each hyphen"
        raise ValueError(f"{text!r} is no name; one has {made_of}, and at most {LONGEST_NAME}")
    return text
