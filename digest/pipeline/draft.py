"""Draft: the edition that the store's papers make now, and its rendering; nothing is saved."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from digest.compose import Pick, Room, compose
from digest.look import Look
from digest.model import Edition, Message, Paper, Rank, Summary, Tag
from digest.ports import Grouper, Mjml, Progress, Summariser
from digest.rank import Entrant, Weights, rank
from digest.render import render
from digest.store import Store
from digest.summarise import code_url, summarise, text_hash
from digest.text import clean
from digest.theme_table import Heading


@dataclass(frozen=True, slots=True)
class Press:
    """What makes an edition out of papers."""

    summariser: Summariser
    grouper: Grouper
    headings: Sequence[Heading]
    weights: Weights
    room: Room
    look: Look
    templates: Path
    mjml: Mjml
    progress: Progress[Paper]


@dataclass(frozen=True, slots=True)
class Draft:
    """`summaries` are those that the store did not have yet, by ref, with their cache keys."""

    edition: Edition
    message: Message
    summaries: Mapping[str, tuple[str, Summary | None]]


def draft(store: Store, press: Press, audience: str, day: date) -> Draft | None:
    """Return the edition that would be published now; None where there is no paper for it."""
    with store.reading() as shelves:
        papers = shelves.papers.candidates(audience, day)
        number = shelves.editions.numbers(audience, day) + 1
        last = shelves.editions.last_day(audience)
        cached = shelves.papers.summaries([paper.ref for paper in papers])
    picks, made = _picks(press, papers, cached, day, last)
    edition = compose(audience, day, number, picks, press.headings, room=press.room)
    if edition is None:
        return None
    message = render(edition, press.look, press.templates, press.mjml)
    return Draft(edition, message, made)


def ranks(
    press: Press, papers: Sequence[Paper], tags: Sequence[Tag], day: date, last: date | None
) -> Mapping[str, Rank]:
    """The rank of each paper among these, by its ref."""
    entrants = [_entrant(paper, tag) for paper, tag in zip(papers, tags, strict=True)]
    return rank(entrants, day, press.weights, last)


def _entrant(paper: Paper, tag: Tag) -> Entrant:
    known = paper.upvotes is not None or paper.comments is not None
    votes = (paper.upvotes or 0) + (paper.comments or 0)
    return Entrant(
        ref=paper.ref,
        title=clean(paper.title),
        first_seen=paper.first_seen,
        published=paper.published,
        votes=((paper.first_seen, votes),) if known else (),
        keyphrases=tag.keywords,
    )


Cached = Mapping[str, tuple[str, Summary | None]]


def _picks(
    press: Press, papers: Sequence[Paper], cached: Cached, day: date, last: date | None
) -> tuple[list[Pick], Cached]:
    texts = [(clean(paper.title), clean(paper.abstract)) for paper in papers]
    tags = press.grouper.tags(texts)
    standing = ranks(press, papers, tags, day, last)
    picks, made = [], {}
    for paper, (title, abstract), tag in zip(
        press.progress(papers, "Summarising"), texts, tags, strict=True
    ):
        key = text_hash(title, abstract, press.summariser.METHOD)
        known_key, summary = cached.get(paper.ref, (None, None))
        if known_key != key:
            summary = summarise(title, abstract, press.summariser)
            made[paper.ref] = (key, summary)
        found = code_url(paper.abstract)
        picks.append(Pick(paper, title, abstract, summary, tag, found, standing[paper.ref]))
    return picks, made
