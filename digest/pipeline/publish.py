"""Publish: freeze the edition of a day with its message, and note who is owed it."""

from collections.abc import Callable
from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta
from typing import Any

from digest.look import counted
from digest.mime import Letterhead, freeze
from digest.model import Kind
from digest.pipeline import DONE
from digest.pipeline.draft import Draft, Press, draft
from digest.store import Shelves, Store


@dataclass(frozen=True, slots=True)
class PublishReport:
    """`name` is None where no edition was made, and `why` says why.

    `more_online` papers are listed by the edition and not printed in the mail. `waiting` papers
    are for the next edition, `later` ones are of a day that has not come.
    """

    day: date
    name: str | None = None
    papers: int = 0
    themes: int = 0
    more_online: int = 0
    planned: int = 0
    waiting: int = 0
    later: int = 0
    why: str | None = None
    exit_code = DONE

    def document(self) -> dict[str, Any]:
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        return {"date": values.pop("day").isoformat(), "edition": values.pop("name"), **values}


@dataclass(frozen=True, slots=True)
class Publisher:
    """Makes the editions of one audience.

    `alone` returns the row of the one who gets them while nobody else does, or None.
    """

    store: Store
    press: Press
    letterhead: Letterhead
    audience: str
    min_papers: int
    alone: Callable[[Shelves], int | None]
    news_for: timedelta

    def publish(
        self,
        day: date,
        now: datetime,
        *,
        today: date,
        extra: bool,
        not_after: datetime | None = None,
    ) -> PublishReport:
        """Make the day's edition, or with `extra` one more, if there is enough news.

        It is news until `not_after`, if that is given.
        """
        with self.store.reading() as shelves:
            editions = shelves.editions.numbers(self.audience, day)
            waiting = shelves.papers.waiting(self.audience, day)
            later = shelves.papers.later(day)
        if editions and not extra:
            why = f"the edition of {day.isoformat()} is published already"
            return PublishReport(day, waiting=waiting, later=later, why=why)
        made = None
        if waiting >= self.min_papers:
            made = draft(self.store, self.press, self.audience, day)
        if made is not None:
            news_until = not_after or now + self.news_for
            return self._freeze(made, now, later, news_until, extra=extra)
        why = too_few(waiting, self.min_papers)
        if day == today and not editions:
            with self.store.writing() as shelves:
                shelves.editions.keep_quiet(self.audience, day, why)
        return PublishReport(day, waiting=waiting, later=later, why=why)

    def _freeze(
        self, made: Draft, now: datetime, later: int, news_until: datetime, *, extra: bool
    ) -> PublishReport:
        edition, message = made.edition, made.message
        form = freeze(message, edition.name, now, self.letterhead)
        with self.store.writing() as shelves:
            there = shelves.editions.numbers(self.audience, edition.day)
            if there >= edition.number or (there and not extra):
                why = f"another run has just published the edition of {edition.day.isoformat()}"
                return PublishReport(edition.day, why=why)
            shelves.papers.keep_summaries(made.summaries)
            edition_id = shelves.editions.add(edition, form, now)
            planned = self._plan(shelves, edition_id, now)
            shelves.mailings.add(edition_id, planned, news_until)
        return PublishReport(
            edition.day,
            edition.name,
            papers=len(edition.cards),
            themes=len(edition.themes),
            more_online=len(edition.cards) - len(message.shown),
            planned=planned,
            later=later,
        )

    def _plan(self, shelves: Shelves, edition_id: int, now: datetime) -> int:
        """Freeze who is owed it: all readers, or the owner as long as there is none."""
        planned = shelves.deliveries.plan(edition_id, self.audience, Kind.READER, now)
        alone = None if planned else self.alone(shelves)
        if alone is not None:
            shelves.deliveries.plan_one(edition_id, alone, now)
            planned = 1
        return planned


def take_up(store: Store, letterhead: Letterhead) -> None:
    """Freeze the messages that an earlier version kept as text and HTML."""
    with store.reading() as shelves:
        if not shelves.editions.unfrozen():
            return
    with store.writing() as shelves:
        for left in shelves.editions.unfrozen():
            form = freeze(left.message, left.edition, left.published, letterhead)
            shelves.editions.freeze(left.edition_id, form)


def too_few(waiting: int, min_papers: int) -> str:
    """Say why there is no edition."""
    found = counted(waiting, "new paper") if waiting else "no new papers"
    return found if min_papers == 1 else f"{found}, and min_papers is {min_papers}"
