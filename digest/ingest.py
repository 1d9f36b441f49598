"""From what a dump prints to what it means: the day it was taken, years, and how much is enough."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date
from itertools import islice

from digest.errors import DumpError
from digest.model import PrintedDate, Sighting

MAX_PAPERS = 100_000

# Neither letters nor digits next to it, so that no part of a hash passes for a date; a time may
# follow.
_DAY = re.compile(
    r"(?<![0-9A-Za-z])((?:19|20)\d\d)([-_.]?)(\d\d)\2(\d\d)(?![0-9A-SU-Za-z])(?!T(?!\d))"
)


def day_in_name(name: str) -> date | None:
    """Return the date that stands alone in a file's name, the last one of several."""
    days = (_calendar_date(*map(int, found.group(1, 3, 4))) for found in _DAY.finditer(name))
    return next((day for day in reversed(list(days)) if day), None)


def _calendar_date(year: int, month: int, day: int) -> date | None:
    return PrintedDate(month, day, year).date()


def dated(sightings: Iterable[Sighting], taken: date | None) -> Iterator[Sighting]:
    """Fill in the years that a page leaves out, which are its own.

    That year is known from the day when the page was `taken`. Else it is the one after the last
    year that the page prints, for such pages print a year only where it is not theirs; a page
    without any year stays as it is. Sightings wait for the last year only from the first one on
    that lacks its own.
    """
    if taken:
        day = PrintedDate(taken.month, taken.day, taken.year)
        yield from (replace(_in_year(each, taken.year), day=day) for each in sightings)
        return
    last: int | None = None
    waiting: list[Sighting] = []
    for sighting in sightings:
        last = max((year for year in (last, *_years(sighting)) if year), default=None)
        if waiting or not all(_years(sighting)):
            waiting.append(sighting)
        else:
            yield sighting
    yield from (_in_year(each, last + 1 if last else None) for each in waiting)


def _years(sighting: Sighting) -> tuple[int | None, ...]:
    return tuple(each.year for each in (sighting.published, sighting.day) if each)


def _in_year(sighting: Sighting, year: int | None) -> Sighting:
    published, day = sighting.published, sighting.day
    return replace(
        sighting,
        published=published.in_year(year) if published else None,
        day=day.in_year(year) if day else None,
    )


def capped(sightings: Iterable[Sighting], limit: int = MAX_PAPERS) -> Iterator[Sighting]:
    """Pass on up to `limit` papers; raise DumpError at the next one."""
    papers = iter(sightings)
    yield from islice(papers, limit)
    if beyond := next(papers, None):
        raise DumpError(
            "dump", f"more than {limit:,} papers: raise max_dump_papers or split it", beyond.line
        )
