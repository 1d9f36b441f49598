"""Publish: freeze the edition of a day with its message, and note who is owed it."""

from collections.abc import Callable
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any

from digest.model import Kind
from digest.pipeline import DONE
from digest.pipeline.draft import Draft, Press, draft
from digest.store import Shelves, Store


@dataclass(frozen=True, slots=True)
class PublishReport:
    """`name` is None where no edition was made, and `why` says why.

    `more_online` papers are listed by the edition and not printed in the mail. `waiting` papers
    are for the next edition.
    """

    day: date
    name: str | None = None
    papers: int = 0
    themes: int = 0
    more_online: int = 0
    planned: int = 0
    waiting: int = 0
    why: str | None = None
    exit_code = DONE

    def document(self) -> dict[str, Any]:
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        return {"date": values.pop("day").isoformat(), "edition": values.pop("name"), **values}


@dataclass(frozen=True, slots=True)
class Desk:
    """Where editions are published; `owner` makes the row of the one who reads alone."""

    store: Store
    press: Press
    audience: str
    min_papers: int
    owner: Callable[[Shelves], int]

    def publish(self, day: date, now: datetime, *, extra: bool) -> PublishReport:
        """Make the day's edition, or with `extra` one more, if there is enough news."""
        with self.store.reading() as shelves:
            editions = shelves.editions.numbers(self.audience, day)
            waiting = shelves.papers.waiting(self.audience, day)
        if editions and not extra:
            why = f"the edition of {day.isoformat()} is published already"
            return PublishReport(day, waiting=waiting, why=why)
        made = None
        if waiting >= self.min_papers:
            made = draft(self.store, self.press, self.audience, day)
        if made is None:
            return self._quiet(day, waiting, first=not editions)
        return self._freeze(made, now)

    def _quiet(self, day: date, waiting: int, *, first: bool) -> PublishReport:
        found = f"{waiting} new paper{'' if waiting == 1 else 's'}" if waiting else "no new papers"
        why = found if self.min_papers == 1 else f"{found}, and min_papers is {self.min_papers}"
        if first:
            with self.store.writing() as shelves:
                shelves.editions.keep_quiet(self.audience, day, why)
        return PublishReport(day, waiting=waiting, why=why)

    def _freeze(self, made: Draft, now: datetime) -> PublishReport:
        edition, message = made.edition, made.message
        with self.store.writing() as shelves:
            if shelves.editions.numbers(self.audience, edition.day) >= edition.number:
                why = f"another run has just published the edition of {edition.day.isoformat()}"
                return PublishReport(edition.day, why=why)
            shelves.papers.keep_summaries(made.summaries)
            edition_id = shelves.editions.add(edition, message, now)
            readers = shelves.subscribers.active(self.audience, Kind.READER)
            recipients = readers or [self.owner(shelves)]
            shelves.deliveries.plan(edition_id, recipients, now)
        return PublishReport(
            edition.day,
            edition.name,
            papers=len(edition.cards),
            themes=len(edition.themes),
            more_online=len(edition.cards) - len(message.shown),
            planned=len(recipients),
        )
