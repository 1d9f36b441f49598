"""Which works count, and which are news to an audience: conditions for the shelves."""

from datetime import date
from typing import NamedTuple

from sqlalchemy import ColumnElement, FromClause, or_, select, union

from digest.model import DEFAULT_AUDIENCE
from digest.store.schema import dump, edition_work, printing, sighting, unfinished


class Served(NamedTuple):
    """What an audience has behind it: papers of days up to `day` in dumps up to number `mark`."""

    day: date
    mark: int


def counts(which: FromClause) -> ColumnElement[bool]:
    """Whether the dump that brought a printing is stored to its end, or another one has it too."""
    here = unfinished.c.printing_id == which.c.id
    return ~select(unfinished.c.printing_id).where(here).exists()


def is_root() -> ColumnElement[bool]:
    """Whether a printing stands for a work that counts."""
    return (printing.c.root_id == printing.c.id) & counts(printing)


def is_news(audience: str) -> ColumnElement[bool]:
    """Whether of a work no printing is history or withdrawn, and none was published."""
    member = printing.alias()
    listed = (edition_work.c.work_id == member.c.id) & (edition_work.c.audience == audience)
    old = (
        select(member.c.id)
        .outerjoin(edition_work, listed)
        .where(member.c.root_id == printing.c.id, counts(member))
        .where(or_(member.c.history, member.c.withdrawn, edition_work.c.work_id.is_not(None)))
    )
    found = is_root() & printing.c.history.is_(False) & ~old.exists()
    return found & printing.c.listed.is_(False) if audience == DEFAULT_AUDIENCE else found


def is_ahead(served: Served) -> ColumnElement[bool]:
    """Whether no printing of a work was there: either its day is later, or all of its dumps are."""
    member = printing.alias()
    was_there = (
        select(member.c.id)
        .join(sighting, sighting.c.printing_id == member.c.id)
        .join(dump, dump.c.id == sighting.c.dump_id)
        .where(member.c.root_id == printing.c.id)
        .where(member.c.first_seen <= served.day, dump.c.counted <= served.mark)
    )
    # The few that are worth the look above.
    dumped_later = (
        select(printing.c.root_id)
        .join(sighting, sighting.c.printing_id == printing.c.id)
        .join(dump, dump.c.id == sighting.c.dump_id)
        .where(dump.c.counted > served.mark)
    )
    of_later_days = select(printing.c.root_id).where(
        printing.c.history.is_(False), printing.c.first_seen > served.day
    )
    return printing.c.id.in_(union(dumped_later, of_later_days)) & ~was_there.exists()
