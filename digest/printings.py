"""What is known of printings: the words that dedupe and the store share.

A printing is a paper under one title and with one abstract, as one source or several print it.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple, Protocol

from digest.model import Answer


class Fingerprint(NamedTuple):
    """What dedupe compares of a printing, a paper under one title and with one abstract.

    `title` is in the words of `text.searchable`, `key` a hash of the title's key, `authors` are
    hashes of family names. `sketch` holds the smallest hashes of the abstract's word triples, of
    which there are `shingles`: three bytes each, in order.
    """

    ref: str
    title: str
    key: int
    arxiv_id: str | None
    doi: str | None
    year: int | None
    authors: tuple[int, ...]
    shingles: int
    sketch: bytes


class Printing(NamedTuple):
    """A fingerprint, the key of each name (title, arXiv id, DOI), and keys of what is like it."""

    fingerprint: Fingerprint
    names: tuple[int, ...]
    marks: tuple[int, ...]

    @property
    def keys(self) -> set[int]:
        return {*self.names, *self.marks}


CROWD = 10
"""Printings that one blocking key finds, those with the smallest content hash; as many share it by
chance or by habit."""


Place = tuple[int, int]
"""A printing under a blocking key: its rank, which comes from its content and not from its arrival,
and its handle."""


def beyond(counting: Sequence[Place], hidden: Sequence[Place]) -> list[Place]:
    """Which printings under a key are too many, of those that count and of those that do not yet.

    The latter may come to count, or never; they take nobody's place and lose theirs only to a crowd
    of all.
    """
    late = set(sorted((*counting, *hidden))[CROWD:]) if hidden else set()
    return [*counting[CROWD:], *(place for place in hidden if place in late)]


class Member(NamedTuple):
    """A known printing: what it was said to be, and of which printing (`of`)."""

    handle: int
    fingerprint: Fingerprint
    day: date
    answer: Answer = Answer.NEW
    of: int | None = None

    @property
    def order(self) -> tuple[date, str]:
        """The first of a work stands for it."""
        return self.day, self.fingerprint.ref

    @property
    def representative(self) -> int:
        return self.of if self.answer is Answer.SAME and self.of is not None else self.handle


def rank(ref: str) -> int:
    return int(ref[:4], 16)


Keyed = tuple[int, int, int]
"""A blocking key, with the rank and the handle of a printing under it."""


def keyed(printings: Iterable[tuple[int, Printing]]) -> list[Keyed]:
    """All keys of these, in their order: neighbours are stored one after the other."""
    ranked = [(handle, rank(each.fingerprint.ref), each) for handle, each in printings]
    return sorted((key, rank_, handle) for handle, rank_, each in ranked for key in each.keys)


class Known(Protocol):
    """Printings by handle, a number that is theirs alone; all questions come in batches."""

    def at(self, keys: Collection[int]) -> Mapping[int, Sequence[Place]]:
        """The printings under each of these blocking keys, in order."""
        ...

    def members(self, handles: Collection[int]) -> Mapping[int, Member]: ...

    def printings(self, handles: Collection[int]) -> Mapping[int, Printing]:
        """Their fingerprints with the blocking keys."""
        ...

    def dependents(self, handles: Collection[int]) -> Mapping[int, Sequence[int]]:
        """The printings whose answer names each of these."""
        ...

    def named(self, refs: Collection[str]) -> Mapping[str, int]:
        """The handles of these refs."""
        ...


@dataclass(frozen=True, slots=True)
class Rules:
    """What people decided of pairs of refs: that they are the same work, or are not."""

    same: frozenset[frozenset[str]] = frozenset()
    apart: frozenset[frozenset[str]] = frozenset()

    def others(self, refs: Iterable[str]) -> dict[str, set[str]]:
        """For each of the refs those that it must not be joined with."""
        asked = set(refs)
        found: defaultdict[str, set[str]] = defaultdict(set)
        for pair in self.apart:
            for ref in pair & asked:
                found[ref] |= pair - {ref}
        return found


NO_RULES = Rules()
