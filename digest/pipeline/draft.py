"""Draft: the edition that the store's papers make now, and its rendering; nothing is saved."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from digest.compose import Pick, Room, compose
from digest.links import code_url
from digest.look import Look
from digest.model import Edition, Followed, Message, Paper, Rank, Summary, Tag
from digest.ports import Grouper, Mjml, Progress, Summariser
from digest.rank import Entrant, Weights, rank
from digest.render import render
from digest.store import Store
from digest.summarise import summarise, text_hash
from digest.text import clean, headline
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
        followed = shelves.papers.works({paper.follows for paper in papers if paper.follows})
    texts = [(headline(paper.title), clean(paper.abstract)) for paper in papers]
    tags = press.grouper.tags(texts)
    standing = ranks(press, papers, tags, day, last)
    summaries = _summaries(press, papers, texts, cached)
    picks = [
        Pick(
            paper,
            title,
            abstract,
            summaries[paper.ref][1],
            tag,
            code_url=code_url(paper.abstract) or paper.code_url,
            follows=_followed(paper, followed),
            rank=standing[paper.ref],
        )
        for paper, (title, abstract), tag in zip(papers, texts, tags, strict=True)
    ]
    edition = compose(audience, day, number, picks, press.headings, room=press.room)
    if edition is None:
        return None
    message = render(edition, press.look, press.templates, press.mjml)
    made = {ref: found for ref, found in summaries.items() if cached.get(ref) != found}
    return Draft(edition, message, made)


def ranks(
    press: Press, papers: Sequence[Paper], tags: Sequence[Tag], day: date, last: date | None
) -> Mapping[str, Rank]:
    """The rank of each paper among these, by its ref."""
    entrants = [_entrant(paper, tag) for paper, tag in zip(papers, tags, strict=True)]
    return rank(entrants, day, press.weights, last)


def _entrant(paper: Paper, tag: Tag) -> Entrant:
    votes = [(each.day, (each.upvotes or 0) + (each.comments or 0)) for each in paper.votes]
    return Entrant(
        ref=paper.ref,
        title=clean(paper.title),
        first_seen=paper.first_seen,
        published=paper.published,
        votes=tuple(votes),
        sources=len(paper.sources),
        keyphrases=tag.keywords,
    )


Texts = Sequence[tuple[str, str]]
Cached = Mapping[str, tuple[str, Summary | None]]


def _summaries(press: Press, papers: Sequence[Paper], texts: Texts, cached: Cached) -> Cached:
    """The cache key and the summary of each paper; those that are known already are not made."""
    found = {}
    progress = press.progress(papers, "Summarising")
    for paper, (title, abstract) in zip(progress, texts, strict=True):
        key = text_hash(title, abstract, press.summariser.METHOD)
        known_key, summary = cached.get(paper.ref, (None, None))
        if known_key != key:
            summary = summarise(title, abstract, press.summariser)
        found[paper.ref] = (key, summary)
    return found


def _followed(paper: Paper, followed: Mapping[str, Paper]) -> Followed | None:
    """The work that a paper follows; one that is as new needs no word."""
    work = followed.get(paper.follows or "")
    if work is None or work.first_seen >= paper.first_seen:
        return None
    return Followed(work.ref, headline(work.title), work.first_seen)
