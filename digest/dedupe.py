"""Know a paper again: by the key of its title."""

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import date
from typing import TypeVar

from digest.model import Answer, Decision, Paper, Sighting
from digest.text import title_key, without_chrome

T = TypeVar("T", int, str, date)


def decide(
    sightings: Iterable[Sighting],
    known: Mapping[str, Paper],
    today: date,
    *,
    history: bool = False,
) -> tuple[list[Decision], list[Paper]]:
    """Return a decision per sighting and the papers that are new or changed, each once.

    `known` maps refs to the papers of the store. A sighting without a day of its own counts as
    seen `today`.
    """
    papers = dict(known)
    decisions = []
    for sighting in sightings:
        paper = _paper(sighting, today, history=history)
        earlier = papers.get(paper.ref)
        papers[paper.ref] = merge(earlier, paper) if earlier else paper
        decisions.append(_decision(sighting, paper, earlier))
    changed = [paper for ref, paper in papers.items() if known.get(ref) != paper]
    return decisions, changed


def ref_of(title: str) -> str:
    """The id of the work with this title, whichever way it is printed: 16 hex digits."""
    return hashlib.sha256(title_key(title).encode()).hexdigest()[:16]


def merge(known: Paper, seen: Paper) -> Paper:
    """Return the known paper with the best of both printings, whichever came first."""
    organization, handle = max(_organization(known), _organization(seen))
    return replace(
        known,
        title=max(known.title, seen.title, key=_title_worth),
        abstract=max(known.abstract, seen.abstract, key=_abstract_worth),
        first_seen=min(known.first_seen, seen.first_seen),
        authors=max(known.authors, seen.authors, key=lambda names: (len(names), names)),
        author_count=_best(max, known.author_count, seen.author_count),
        organization=organization or None,
        organization_handle=handle or None,
        published=_best(min, known.published, seen.published),
        upvotes=_best(max, known.upvotes, seen.upvotes),
        comments=_best(max, known.comments, seen.comments),
        arxiv_id=_best(max, known.arxiv_id, seen.arxiv_id),
        doi=_best(max, known.doi, seen.doi),
        url=_best(max, known.url, seen.url),
        categories=max(known.categories, seen.categories, key=lambda names: (len(names), names)),
        history=known.history or seen.history,
    )


def _paper(sighting: Sighting, today: date, *, history: bool) -> Paper:
    return Paper(
        ref=ref_of(sighting.title),
        title=without_chrome(sighting.title),
        abstract=sighting.abstract,
        first_seen=(sighting.day.date() if sighting.day else None) or today,
        authors=sighting.authors,
        author_count=sighting.author_count,
        organization=sighting.organization,
        organization_handle=sighting.organization_handle,
        published=sighting.published.date() if sighting.published else None,
        upvotes=sighting.upvotes,
        comments=sighting.comments,
        arxiv_id=sighting.arxiv_id,
        doi=sighting.doi,
        url=sighting.url,
        categories=sighting.categories,
        history=history,
    )


def _decision(sighting: Sighting, paper: Paper, earlier: Paper | None) -> Decision:
    if earlier is None:
        return Decision(sighting, paper.ref, Answer.NEW, None, "no known paper has this title")
    why = "has the title of a known paper"
    return Decision(sighting, earlier.ref, Answer.SAME, earlier.ref, why)


def _organization(paper: Paper) -> tuple[str, str]:
    return paper.organization or "", paper.organization_handle or ""


def _title_worth(title: str) -> tuple[bool, int, int, str]:
    """A title with its symbols is longer than a stripped one; one in capitals lost its case."""
    return not title.isupper(), len(title), sum(map(str.isupper, title)), title


def _abstract_worth(abstract: str) -> tuple[bool, int, str]:
    return not abstract.endswith(("…", "...")), len(abstract), abstract


def _best(choose: Callable[[T, T], T], one: T | None, other: T | None) -> T | None:
    if one is None or other is None:
        return one if other is None else other
    return choose(one, other)
