"""Publish: freeze the edition of a day with its message, and note who is owed it."""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import asdict, dataclass, fields, replace
from datetime import date, datetime, timedelta
from typing import Any

from digest.audiences import Audience
from digest.errors import DigestError, StoreError, UnfitMail
from digest.look import counted
from digest.mime import Letterhead, fill, freeze
from digest.model import DEFAULT_AUDIENCE, NOTHING, Budget, Form, Kind
from digest.pipeline import DONE, exit_code, most_serious
from digest.pipeline.draft import Draft, Press, choose, draft
from digest.store import Shelves, Store

LONGEST = {
    "to": f"{'l' * 64}@{'.'.join(['h' * 63] * 2)}.{'h' * 56}.test",
    "message_id": "f" * 24,
    "unsubscribe": "t" * 64,
    "preferences": "t" * 64,
}
"""What a reader's part can be at the most: addresses have 254 characters, tokens fewer than 64."""


@dataclass(frozen=True, slots=True)
class PublishReport:
    """`name` is None where no edition was made, and `why` says why.

    `budget` tells how much of them the mail prints, whose manifest is `mail`. `waiting` papers are
    for the next edition, `later` ones are of a day that has not come.
    """

    day: date
    audience: str = DEFAULT_AUDIENCE
    name: str | None = None
    papers: int = 0
    themes: int = 0
    budget: Budget = NOTHING
    mail: Mapping[str, Any] | None = None
    planned: int = 0
    waiting: int = 0
    later: int = 0
    why: str | None = None
    exit_code = DONE

    def document(self) -> dict[str, Any]:
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        values["budget"] = asdict(self.budget)
        return {"date": values.pop("day").isoformat(), "edition": values.pop("name"), **values}


@dataclass(frozen=True, slots=True)
class Unpublished:
    """An audience whose edition could not be made, and why in one line."""

    audience: str
    error: str
    exit_code: int

    def document(self) -> dict[str, Any]:
        return {"audience": self.audience, "error": self.error}


@dataclass(frozen=True, slots=True)
class Editions:
    """What became of each audience, in their order."""

    reports: tuple[PublishReport | Unpublished, ...]

    @property
    def exit_code(self) -> int:
        return most_serious(report.exit_code for report in self.reports)

    @property
    def waiting(self) -> int:
        """How many papers wait for the next edition of the audience that has most."""
        return max((r.waiting for r in self.reports if isinstance(r, PublishReport)), default=0)

    def document(self) -> dict[str, Any]:
        """The first report, with those of the others."""
        first, *others = (report.document() for report in self.reports)
        errors = [f"{r.audience}: {r.error}" for r in self.reports if isinstance(r, Unpublished)]
        failed = {"error": "; ".join(errors)} if errors else {}
        return {**first, **failed, "others": others}


@dataclass(frozen=True, slots=True)
class On:
    """The day that editions are for, and when they are made; with `extra`, one more of the day.

    They are news until `not_after`, if that is given.
    """

    day: date
    today: date
    now: datetime
    extra: bool = False
    not_after: datetime | None = None


@dataclass(frozen=True, slots=True)
class Publisher:
    """Makes the editions of one audience.

    `alone` returns the row of the one who gets them while nobody else does, or None. They are sent
    for as long as `news_for`.
    """

    store: Store
    press: Press
    min_papers: int
    alone: Callable[[Shelves], int | None]
    news_for: timedelta

    def publish(self, on: On) -> PublishReport:
        """Make the day's edition, or one more, if there is enough news."""
        audience, asked = self.press.audience, self.press.query is not None
        choice = choose(self.store, self.press, on.day)
        with self.store.reading() as shelves:
            later = 0 if asked else shelves.papers.later(audience, on.day)
        report = PublishReport(on.day, audience, waiting=len(choice.papers), later=later)
        if choice.number > 1 and not on.extra:
            why = f"the edition of {on.day.isoformat()} is published already"
            return replace(report, why=why)
        made = None
        if report.waiting >= self.min_papers:
            made = draft(self.store, self.press, choice)
        if made is not None:
            return self._freeze(made, on, later)
        why = too_few(report.waiting, self.min_papers, asked=asked)
        if on.day == on.today and choice.number == 1:
            mark = None if report.waiting else choice.mark
            with self.store.writing() as shelves:
                shelves.editions.keep_quiet(audience, on.day, why, mark=mark)
        return replace(report, why=why)

    def _freeze(self, made: Draft, on: On, later: int) -> PublishReport:
        edition, message = made.edition, made.message
        form = freeze(message, edition.name, on.now, self.press.letterhead)
        guard(form, edition.name)
        with self.store.writing() as shelves:
            there = shelves.editions.numbers(edition.audience, edition.day)
            if there >= edition.number or (there and not on.extra):
                why = f"another run has just published the edition of {edition.day.isoformat()}"
                return PublishReport(edition.day, edition.audience, why=why)
            shelves.papers.keep_summaries(made.summaries)
            edition_id = shelves.editions.add(edition, form, on.now, mark=made.mark)
            planned = self._plan(shelves, edition_id, on.now)
            shelves.mailings.add(edition_id, planned, on.not_after or on.now + self.news_for)
            frozen = shelves.editions.manifest(edition_id)
        return PublishReport(
            edition.day,
            edition.audience,
            edition.name,
            papers=len(edition.cards),
            themes=len(edition.themes),
            budget=message.budget,
            mail=frozen,
            planned=planned,
            later=later,
        )

    def _plan(self, shelves: Shelves, edition_id: int, now: datetime) -> int:
        """Freeze who is owed it: all readers, or the owner as long as there is none."""
        planned = shelves.deliveries.plan(edition_id, self.press.audience, Kind.READER, now)
        alone = None if planned else self.alone(shelves)
        if alone is not None:
            shelves.deliveries.plan_one(edition_id, alone, now)
            planned = 1
        return planned


def guard(form: Form, edition: str) -> None:
    """Raise UnfitMail where the linter finds an error in the mail, filled as far as it may be."""
    from digest.lint import lint  # a preview is shown before its rules are loaded

    errors = lint(fill(form, LONGEST)).errors
    if errors:
        first, more = errors[0], len(errors) - 1
        raise UnfitMail(edition, first.rule, f"{first.where}: {first.found}", more)


def publish_due(
    store: Store,
    audiences: Collection[Audience],
    publisher: Callable[[Audience], Publisher],
    on: On,
) -> Editions:
    """Publish for each audience whose turn it is.

    What goes wrong for one of several is its own and stops no other, unless it is the database.
    """
    reports: list[PublishReport | Unpublished] = []
    for audience in audiences:
        with store.reading() as shelves:
            looked = shelves.editions.last_look(audience.name, on.day)
        if not audience.cadence.is_due(on.day, looked):
            why = f"it is published {audience.cadence}"
            reports.append(PublishReport(on.day, audience.name, why=why))
            continue
        try:
            reports.append(publisher(audience).publish(on))
        except DigestError as error:
            if isinstance(error, StoreError) or len(audiences) == 1:
                raise
            reports.append(Unpublished(audience.name, str(error), exit_code(error)))
    return Editions(tuple(reports))


def take_up(store: Store, letterhead: Letterhead) -> None:
    """Freeze the messages that an earlier version kept as text and HTML."""
    with store.reading() as shelves:
        if not shelves.editions.unfrozen():
            return
    with store.writing() as shelves:
        for left in shelves.editions.unfrozen():
            form = freeze(left.message, left.edition, left.published, letterhead)
            shelves.editions.freeze(left.edition_id, form)


def too_few(waiting: int, min_papers: int, *, asked: bool = False) -> str:
    """Say why there is no edition; `asked` for by a query, which may have found others."""
    found = counted(waiting, "new paper") if waiting else "no new papers"
    found += " that the query chooses" if asked else ""
    return found if min_papers == 1 else f"{found}, and min_papers is {min_papers}"


def room(budget: Budget) -> Iterator[str]:
    """How much of the papers the mail shows, where that is not a card of each."""
    if budget.lines or budget.online:
        online = f"{budget.online:,} only in the archive"
        yield f"{counted(budget.cards, 'card')}, {counted(budget.lines, 'line')}, {online}"
    if budget.demoted:
        yield f"{counted(budget.demoted, 'paper')} with less than meant, for want of room"
