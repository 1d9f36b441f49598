"""Draft: the edition that the store's papers make now, and its rendering; nothing is saved."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from digest.compose import Pick, compose
from digest.links import code_url
from digest.look import Look
from digest.model import Edition, Followed, Message, Paper, Summary
from digest.ports import Grouper, Mjml, Progress, Summariser
from digest.render import render
from digest.store import Store
from digest.summarise import summarise, text_hash
from digest.text import clean


@dataclass(frozen=True, slots=True)
class Press:
    """What makes an edition out of papers."""

    summariser: Summariser
    grouper: Grouper
    headings: Sequence[str]
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
        cached = shelves.papers.summaries([paper.ref for paper in papers])
        followed = shelves.papers.works({paper.follows for paper in papers if paper.follows})
    picks, made = _picks(press, papers, cached, followed)
    edition = compose(audience, day, number, picks, press.headings)
    if edition is None:
        return None
    message = render(edition, press.look, press.templates, press.mjml)
    return Draft(edition, message, made)


Cached = Mapping[str, tuple[str, Summary | None]]


def _picks(
    press: Press, papers: Sequence[Paper], cached: Cached, followed: Mapping[str, Paper]
) -> tuple[list[Pick], Cached]:
    texts = [(clean(paper.title), clean(paper.abstract)) for paper in papers]
    tags = press.grouper.tags(texts)
    picks, made = [], {}
    for paper, (title, abstract), tag in zip(
        press.progress(papers, "Summarising"), texts, tags, strict=True
    ):
        key = text_hash(title, abstract, press.summariser.METHOD)
        known_key, summary = cached.get(paper.ref, (None, None))
        if known_key != key:
            summary = summarise(title, abstract, press.summariser)
            made[paper.ref] = (key, summary)
        code = code_url(paper.abstract) or paper.code_url
        follows = _followed(paper, followed)
        picks.append(Pick(paper, title, abstract, summary, tag, code, follows))
    return picks, made


def _followed(paper: Paper, followed: Mapping[str, Paper]) -> Followed | None:
    """The work that a paper follows; one that is as new needs no word."""
    work = followed.get(paper.follows or "")
    if work is None or work.first_seen >= paper.first_seen:
        return None
    return Followed(work.ref, clean(work.title), work.first_seen)
