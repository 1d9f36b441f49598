"""Draft: the edition that the store's papers make now, and its rendering; nothing is saved."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from digest.compose import Pick, Room, compose, summarised
from digest.look import Look
from digest.mime import Letterhead
from digest.model import DEFAULT_AUDIENCE, Edition, Followed, Message, Paper, Rank, Tier
from digest.pipeline.desk import Desk, Sheet, Summaries
from digest.ports import Mjml
from digest.query import Query
from digest.rank import Entrant, Weights, rank
from digest.render import render
from digest.store import Store
from digest.text import headline
from digest.theme_table import Heading


@dataclass(frozen=True, slots=True)
class Press:
    """What makes the editions of an audience out of papers; without a query it gets all."""

    audience: str
    query: Query | None
    desk: Desk
    headings: Sequence[Heading]
    weights: Weights
    room: Room
    look: Look
    letterhead: Letterhead
    templates: Path
    mjml: Mjml


@dataclass(frozen=True, slots=True)
class Chosen:
    """A paper that an audience gets, by which words of its query, and how well it fits that."""

    paper: Paper
    words: tuple[str, ...] = ()
    match: float = 0.0


@dataclass(frozen=True, slots=True)
class Choice:
    """What an audience would get on a day.

    `number` is that of the day's next edition, `last` the day of the last one of all. `mark` is
    that of the dumps which were looked through.
    """

    day: date
    number: int
    last: date | None
    mark: int
    papers: tuple[Chosen, ...]


@dataclass(frozen=True, slots=True)
class Draft:
    """`summaries` are those that the store did not have yet."""

    edition: Edition
    message: Message
    summaries: Summaries
    mark: int


def choose(store: Store, press: Press, day: date) -> Choice:
    """Return the papers that are news to the audience and that its query chooses."""
    audience = press.audience
    with store.reading() as shelves:
        mark = shelves.dumps.mark()  # before the papers: who comes between is looked at again
        # Whatever all has not got yet is news to it; others pass papers over.
        everybody = audience == DEFAULT_AUDIENCE
        served = None if everybody else shelves.editions.served(audience, day)
        papers = press.desk.papers(shelves, shelves.papers.candidates(audience, day, served))
        number = shelves.editions.numbers(audience, day) + 1
        last = shelves.editions.last_day(audience)
    return Choice(day, number, last, mark, tuple(_chosen(press, papers)))


def _chosen(press: Press, papers: Sequence[Paper]) -> Iterator[Chosen]:
    if press.query is None:
        yield from map(Chosen, papers)
        return
    for sheet in press.desk.sheets(papers):
        words = press.query.matches(sheet.view)
        if words is not None:
            yield Chosen(sheet.paper, words, press.query.match(sheet.view))


def draft(store: Store, press: Press, choice: Choice, *, whole: bool = True) -> Draft | None:
    """Return the edition that the choice makes; None where no paper was chosen.

    One that is not `whole` is for its mail alone: other papers stand in it without summary.
    """
    papers = [chosen.paper for chosen in choice.papers]
    with store.reading() as shelves:
        followed = shelves.papers.works({paper.follows for paper in papers if paper.follows})
    sheets = press.desk.sheets(papers)
    standing = ranks(press, choice)
    picks = [
        Pick(
            sheet.paper,
            sheet.title,
            sheet.abstract,
            sheet.tag,
            code_url=sheet.code_url,
            follows=_followed(sheet.paper, followed),
            rank=standing[sheet.paper.ref],
            chosen_by=chosen.words,
        )
        for chosen, sheet in zip(choice.papers, sheets, strict=True)
    ]
    day, number = choice.day, choice.number
    edition = compose(press.audience, day, number, picks, press.headings, room=press.room)
    if edition is None:
        return None
    told = {card.ref for card in edition.cards if whole or card.tier is not Tier.ONLINE}
    summaries = press.desk.summaries([each for each in sheets if each.paper.ref in told])
    edition = summarised(edition, {ref: found for ref, (_, found) in summaries.items()})
    message = render(edition, press.look, press.templates, press.mjml)
    return Draft(edition, message, press.desk.to_keep(summaries), choice.mark)


def ranks(press: Press, choice: Choice) -> Mapping[str, Rank]:
    """The rank of each paper among those chosen, by its ref."""
    sheets = press.desk.sheets([chosen.paper for chosen in choice.papers])
    entrants = [
        _entrant(sheet, chosen.match) for sheet, chosen in zip(sheets, choice.papers, strict=True)
    ]
    return rank(entrants, choice.day, press.weights, choice.last)


def _entrant(sheet: Sheet, match: float) -> Entrant:
    paper = sheet.paper
    votes = [(each.day, (each.upvotes or 0) + (each.comments or 0)) for each in paper.votes]
    return Entrant(
        ref=paper.ref,
        title=sheet.title,
        first_seen=paper.first_seen,
        published=paper.published,
        votes=tuple(votes),
        sources=len(paper.sources),
        match=match,
        keyphrases=sheet.tag.keywords,
    )


def _followed(paper: Paper, followed: Mapping[str, Paper]) -> Followed | None:
    """The work that a paper follows; one that is as new needs no word."""
    work = followed.get(paper.follows or "")
    if work is None or work.first_seen >= paper.first_seen:
        return None
    return Followed(work.ref, headline(work.title), work.first_seen)
