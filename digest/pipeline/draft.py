"""Draft: the edition that the store's papers make now, and its rendering; nothing is saved."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from digest.compose import Pick, compose
from digest.links import code_url
from digest.look import Look
from digest.model import Edition, Message, Paper, Summary
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
    picks, made = _picks(press, papers, cached)
    edition = compose(audience, day, number, picks, press.headings)
    if edition is None:
        return None
    message = render(edition, press.look, press.templates, press.mjml)
    return Draft(edition, message, made)


Cached = Mapping[str, tuple[str, Summary | None]]


def _picks(press: Press, papers: Sequence[Paper], cached: Cached) -> tuple[list[Pick], Cached]:
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
        picks.append(Pick(paper, title, abstract, summary, tag, code_url(paper.abstract)))
    return picks, made
