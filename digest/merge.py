"""The best of several sightings of a printing, and of several printings of a work.

Which came first makes no difference.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import date
from typing import TypeVar

from digest.model import Paper, Votes

T = TypeVar("T", int, str, date)


def merge(known: Paper, seen: Paper) -> Paper:
    """Return the known printing with the best of both sightings."""
    return replace(_together((known, seen)), ref=known.ref, follows=known.follows)


def merged(printings: Sequence[Paper]) -> Paper:
    """Return the work that these printings are of; the first by day and ref stands for it.

    The text is that of the latest version, and whole where any is; a note that says it was
    withdrawn is none.
    """
    texts = [each for each in printings if not each.withdrawn] or printings
    first = min(printings, key=lambda each: (each.first_seen, each.ref))
    return replace(
        _together(printings),
        ref=first.ref,
        follows=first.follows,
        withdrawn=max(printings, key=lambda each: (each.version or 0, each.withdrawn)).withdrawn,
        title=max(texts, key=_title_worth_in_work).title,
        abstract=max(texts, key=_abstract_worth_in_work).abstract,
    )


def series(votes: Iterable[Votes]) -> tuple[Votes, ...]:
    """One count for each day: the highest that any source gives."""
    by_day: dict[date, Votes] = {}
    for vote in votes:
        known = by_day.get(vote.day, vote)
        upvotes = _best(max, (known.upvotes, vote.upvotes))
        comments = _best(max, (known.comments, vote.comments))
        by_day[vote.day] = Votes(vote.day, upvotes, comments)
    return tuple(by_day[day] for day in sorted(by_day))


def _together(papers: Sequence[Paper]) -> Paper:
    organization, handle = max(map(_organization, papers))
    return Paper(
        ref="",
        title=max((each.title for each in papers), key=_title_worth),
        abstract=max((each.abstract for each in papers), key=_abstract_worth),
        first_seen=min(each.first_seen for each in papers),
        authors=max((each.authors for each in papers), key=_length),
        author_count=_best(max, (each.author_count for each in papers)),
        organization=organization or None,
        organization_handle=handle or None,
        published=_best(min, (each.published for each in papers)),
        arxiv_id=_best(max, (each.arxiv_id for each in papers)),
        version=_best(max, (each.version for each in papers)),
        withdrawn=any(each.withdrawn for each in papers),
        doi=_best(max, (each.doi for each in papers)),
        url=_best(max, (each.url for each in papers)),
        code_url=_best(min, (each.code_url for each in papers)),
        categories=max((each.categories for each in papers), key=_length),
        history=any(each.history for each in papers),
    )


def _organization(paper: Paper) -> tuple[str, str]:
    return paper.organization or "", paper.organization_handle or ""


def _length(names: tuple[str, ...]) -> tuple[int, tuple[str, ...]]:
    return len(names), names


def _is_whole(text: str) -> bool:
    return bool(text) and not text.endswith(("…", "..."))


def _title_worth(title: str) -> tuple[bool, bool, int, int, str]:
    """A title with its symbols is longer than a stripped one; one in capitals lost its case."""
    capitals = sum(map(str.isupper, title))
    return _is_whole(title), not title.isupper(), len(title), capitals, title


def _abstract_worth(abstract: str) -> tuple[bool, int, str]:
    return _is_whole(abstract), len(abstract), abstract


def _title_worth_in_work(paper: Paper) -> tuple[bool, int, tuple[object, ...]]:
    return _is_whole(paper.title), paper.version or 0, _title_worth(paper.title)


def _abstract_worth_in_work(paper: Paper) -> tuple[bool, int, tuple[object, ...]]:
    return _is_whole(paper.abstract), paper.version or 0, _abstract_worth(paper.abstract)


def _best(choose: Callable[[Iterable[T]], T], values: Iterable[T | None]) -> T | None:
    given = [value for value in values if value is not None]
    return choose(given) if given else None
