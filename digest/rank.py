"""The order of papers: a score of a few parts, each with a weight, and no two alike on top.

| part | between 0 and 1 |
| --- | --- |
| votes | upvotes and comments a day since the paper was first seen, shrunk to the day's mean |
| recency | halves with every week of age |
| sources | 0 for one source, 1/2 for two, 2/3 for three |
| match | the share of the audience's query that the paper has (`Query.match`) |
| diversity | minus the part of its keyphrases that a better paper has too |

The score is the sum of the parts times their weights.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from math import log1p

from digest.keyphrases import Key, key_of
from digest.model import Rank

HALF_LIFE = 7
"""Days after which recency is half."""

PRIOR = 2
"""Days' worth of the mean rate that every paper starts with, so that one good hour is no proof.

The posterior mean of a Poisson rate under a Gamma prior with the day's mean.
"""

TOP = 200
"""Among so many of the best, one that repeats a better one's keyphrases gives way."""


@dataclass(frozen=True, slots=True)
class Weights:
    """What each part of the score counts."""

    votes: float = 1.0
    recency: float = 0.3
    sources: float = 0.3
    match: float = 1.0
    diversity: float = 0.5


@dataclass(frozen=True, slots=True)
class Entrant:
    """What is known of a paper when it is ranked.

    `votes` are its upvotes and comments together, by day and in order, of the days on which they
    were printed. `published` is None where nobody says.
    """

    ref: str
    title: str
    first_seen: date
    published: date | None = None
    votes: tuple[tuple[date, int], ...] = ()
    sources: int = 1
    match: float = 0.0
    keyphrases: tuple[str, ...] = ()


def rank(
    entrants: Sequence[Entrant], today: date, weights: Weights, last: date | None = None
) -> dict[str, Rank]:
    """The rank of each paper by its ref, best first; `last` is the day of the last edition.

    The order of the entrants does not matter: of equal papers the first by title is better.
    """
    rates = _rates(entrants)
    most = max(rates.values(), default=0.0)
    scored = [
        (entrant, _parts(entrant, today, weights, log1p(rates[entrant.ref]), log1p(most)))
        for entrant in entrants
    ]
    scored.sort(key=lambda each: (-_sum(each[1]), each[0].title.casefold(), each[0].ref))
    ordered = [*_diverse(scored[:TOP], weights.diversity), *scored[TOP:]]
    risen = _risen(entrants, last)
    return {
        entrant.ref: Rank(place, _sum(parts), parts, rising=entrant.ref == risen)
        for place, (entrant, parts) in enumerate(ordered, 1)
    }


_Parts = tuple[tuple[str, float], ...]
_Scored = tuple[Entrant, _Parts]


def _parts(entrant: Entrant, today: date, weights: Weights, rate: float, most: float) -> _Parts:
    age = max((today - (entrant.published or entrant.first_seen)).days, 0)
    values = {
        "votes": weights.votes * (rate / most if most else 0.0),
        "recency": weights.recency * 0.5 ** (age / HALF_LIFE),
        "sources": weights.sources * (1 - 1 / max(entrant.sources, 1)),
        "match": weights.match * entrant.match,
    }
    return tuple((name, round(value, 4)) for name, value in values.items())


def _sum(parts: _Parts) -> float:
    return round(sum(value for _, value in parts), 4)


def _rates(entrants: Sequence[Entrant]) -> dict[str, float]:
    """Votes a day; a paper whose votes nobody printed is taken to be like the others."""
    days = {each.ref: _days(each) for each in entrants if each.votes}
    total = sum(each.votes[-1][1] for each in entrants if each.votes)
    mean = total / sum(days.values()) if days else 0.0
    return {
        each.ref: (each.votes[-1][1] + PRIOR * mean) / (days[each.ref] + PRIOR)
        if each.votes
        else mean
        for each in entrants
    }


def _days(entrant: Entrant) -> int:
    return max((entrant.votes[-1][0] - entrant.first_seen).days, 0) + 1


def _diverse(scored: Sequence[_Scored], weight: float) -> list[_Scored]:
    """Maximal marginal relevance (Carbonell and Goldstein 1998) over keyphrases.

    Each time the one is next whose score is best after what it has in common with one before.
    """
    keys = {entrant.ref: frozenset(map(key_of, entrant.keyphrases)) for entrant, _ in scored}
    score = {entrant.ref: _sum(parts) for entrant, parts in scored}
    common = dict.fromkeys(keys, 0.0)
    left, ordered = list(scored), list[_Scored]()
    while left:
        # Of equals the first, as `scored` is in the order of scores and titles.
        best = max(left, key=lambda each: score[each[0].ref] - weight * common[each[0].ref])
        left.remove(best)
        entrant, parts = best
        diversity = round(-weight * common[entrant.ref], 4) or 0.0
        ordered.append((entrant, (*parts, ("diversity", diversity))))
        for other, _ in left:
            # Of most pairs neither has any keyphrase of the other.
            if not keys[entrant.ref].isdisjoint(keys[other.ref]):
                alike = _overlap(keys[entrant.ref], keys[other.ref])
                common[other.ref] = max(common[other.ref], alike)
    return ordered


def _overlap(one: frozenset[Key], other: frozenset[Key]) -> float:
    return len(one & other) / min(len(one), len(other))


def _risen(entrants: Sequence[Entrant], last: date | None) -> str | None:
    """The paper whose votes grew most since the last edition, or since they were first printed."""
    grown = []
    for each in entrants:
        before = [count for day, count in each.votes if last and day <= last]
        growth = each.votes[-1][1] - (before or [each.votes[0][1]])[-1] if each.votes else 0
        if growth > 0:
            grown.append((-growth, each.title.casefold(), each.ref))
    return min(grown)[2] if grown else None
