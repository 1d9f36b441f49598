"""The rule that says whether two printings are one work, two, or one that follows the other.

The thresholds are those of measurements on papers that several sources print (docs/dedupe.md).
When in doubt the answer is not "same", for what is the same is not printed.
"""

from bisect import bisect_right
from enum import IntEnum
from functools import cache, lru_cache
from struct import Struct
from typing import NamedTuple

from rapidfuzz import fuzz

from digest.dedupe.fingerprint import HASH_BYTES, MOST_AUTHORS, SKETCH
from digest.dedupe.titles import Words, cut, is_generic, misspelt, numbers_conflict
from digest.model import Answer
from digest.printings import Fingerprint

TOLD = 5
"""Word triples that an abstract must have to say anything."""

COMPARABLE = 4
"""Hashes of two sketches that must be comparable: fewer prove nothing."""

LONG = 50
"""Triples of an abstract that speaks for itself, whatever the title is."""

SHARED, MOSTLY_SHARED, PARTLY_SHARED, HARDLY_SHARED = 0.55, 0.65, 0.35, 0.08
"""How much of the shorter abstract stands in the other."""

COPIED = 0.9

CLOSE, NEAR, FAR = 90, 80, 50
"""How alike titles are, in per cent (Indel similarity of their words)."""

CLOSE_BY_AUTHORS = 88

CUT = 30
"""Letters that a title must have to be known again by its head alone."""


class Strength(IntEnum):
    """What speaks for an answer, the weaker first."""

    NOTHING = 0
    TEXT = 1
    TITLE = 2
    ID = 3


class Likeness(NamedTuple):
    """The answer for the later of two printings, and what it rests on.

    `title` is how alike the titles are, 0 to 100; `abstract` which part of the shorter abstract
    stands in the other, None where one of them tells too little.
    """

    answer: Answer
    why: str
    title: float
    abstract: float | None
    strength: Strength = Strength.NOTHING


def compare(one: Fingerprint, other: Fingerprint) -> Likeness:
    return judge(one, other, containment(one, other))


def containment(one: Fingerprint, other: Fingerprint) -> float | None:
    """Which part of the shorter abstract stands in the other, estimated from the sketches."""
    if (one.shingles, one.sketch) <= (other.shingles, other.sketch):
        short, long = one, other
    else:
        short, long = other, one
    if short.shingles < TOLD:
        return None
    mine, _ = _hashes(short.sketch)
    _, theirs = _hashes(long.sketch)
    # Of a hash above the last that a full sketch holds nobody knows whether it is there.
    known = bisect_right(mine, min(_limit(short), _limit(long)))
    return len(theirs.intersection(mine)) / known if known >= COMPARABLE else None


@lru_cache(maxsize=1024)
def _hashes(sketch: bytes) -> tuple[tuple[bytes, ...], frozenset[bytes]]:
    """In their order, and as a set."""
    hashes = _cutter(len(sketch) // HASH_BYTES).unpack(sketch)
    return hashes, frozenset(hashes)


@cache
def _cutter(hashes: int) -> Struct:
    return Struct(f"{HASH_BYTES}s" * hashes)


def _limit(fingerprint: Fingerprint) -> bytes:
    is_full = fingerprint.shingles > SKETCH
    return fingerprint.sketch[-HASH_BYTES:] if is_full else b"\xff" * HASH_BYTES


def _comparable(one: tuple[int, ...], other: tuple[int, ...]) -> tuple[set[int], set[int]]:
    """Of two lists of authors what both would hold; a full list holds the smallest hashes only."""
    limits = [authors[-1] for authors in (one, other) if len(authors) == MOST_AUTHORS]
    limit = min(limits, default=max((*one, *other), default=0))
    return {each for each in one if each <= limit}, {each for each in other if each <= limit}


def judge(one: Fingerprint, other: Fingerprint, shared: float | None) -> Likeness:
    """Decide by the fingerprints and the part that the abstracts share."""
    ratio = fuzz.ratio(one.title, other.title)
    answer, why, strength = _judgement(one, other, shared, ratio)
    return Likeness(answer, why, round(ratio, 1), shared, strength)


Judgement = tuple[Answer, str, Strength]
_NO: Judgement = Answer.NEW, "neither the titles nor the abstracts are alike", Strength.NOTHING


def _judgement(
    one: Fingerprint, other: Fingerprint, shared: float | None, ratio: float
) -> Judgement:
    name = _shared_name(one, other)
    if name is None and one.key != other.key and shared is not None and shared < HARDLY_SHARED:
        return _NO  # most of what is compared; the rest takes its time
    pair = _Pair(one, other, shared, ratio)
    return pair.by_id(name) if name else pair.by_title() or pair.by_text()


def _shared_name(one: Fingerprint, other: Fingerprint) -> str | None:
    if one.arxiv_id and one.arxiv_id == other.arxiv_id:
        return "arXiv id"
    return "DOI" if one.doi and one.doi == other.doi else None


class _Pair:
    def __init__(
        self, one: Fingerprint, other: Fingerprint, shared: float | None, ratio: float
    ) -> None:
        self._one, self._other = one, other
        self._titles: tuple[Words, Words] = one.title.split(), other.title.split()
        self._shared = shared
        self._ratio = ratio
        ours, theirs = _comparable(one.authors, other.authors)
        common, fewer = ours & theirs, min(len(ours), len(theirs))
        self._strangers = fewer > 0 and not common
        self._same_authors = fewer > 0 and 2 * len(common) >= fewer
        self._same_year = one.year == other.year
        self._other_year = None not in (one.year, other.year) and one.year != other.year

    def _shares(self, least: float) -> bool:
        return self._shared is not None and self._shared >= least

    def by_id(self, name: str) -> Judgement:
        # An id that a source gave to another paper by mistake must not swallow that paper.
        # Nor must a DOI of proceedings, which stands at all of their papers.
        silent = name == "arXiv id" and self._shared is None and not self._strangers
        unlike = not silent and not self._shares(HARDLY_SHARED) and not cut(*self._titles)
        if unlike and self._ratio < NEAR and not self._same_authors:
            return Answer.RELATED, f"has the {name} of the other, but not its text", Strength.ID
        return Answer.SAME, f"has the same {name}", Strength.ID

    def _other_ids(self) -> bool:
        """Two arXiv ids are two papers, and so are two DOIs of one publisher."""
        one, other = self._one, self._other
        if one.arxiv_id and other.arxiv_id:
            return True
        dois = one.doi, other.doi
        return None not in dois and len({(doi or "").partition("/")[0] for doi in dois}) == 1

    def by_title(self) -> Judgement | None:
        if self._one.key != self._other.key:
            return None
        if is_generic(self._titles[0]):
            return self._by_generic_title()
        doubt = self._doubt_of_title()
        if doubt:
            return Answer.RELATED, f"has the same title, but {doubt}", Strength.TITLE
        return Answer.SAME, "has the same title", Strength.TITLE

    def _by_generic_title(self) -> Judgement:
        alone = self._shared is None and self._same_authors and self._same_year
        told = alone and self._one.year is not None
        if (self._shares(SHARED) or told) and not self._other_ids():
            what = "authors" if told else "abstract"
            return Answer.SAME, f"has the same title and {what}", Strength.TITLE
        return Answer.NEW, "has a title that many papers bear, and another text", Strength.NOTHING

    def _doubt_of_title(self) -> str | None:
        if self._other_ids() and not self._shares(COPIED):
            return "another id"
        if self._strangers and not self._shares(SHARED):
            return "other authors"
        if self._shared is None and self._other_year:
            return "another year"
        return None

    def by_text(self) -> Judgement:
        why = self._alike()
        if why is None:
            return self._follows() or _NO
        doubt = self._doubt_of_text()
        if doubt is None:
            return Answer.SAME, why, Strength.TEXT
        if self._strangers and not self._shares(SHARED):
            return _NO
        return Answer.RELATED, f"{why}, but {doubt}", Strength.TEXT

    def _alike(self) -> str | None:
        return self._alike_titles() if self._shared is None else self._alike_texts()

    def _alike_texts(self) -> str | None:
        long = min(self._one.shingles, self._other.shingles) >= LONG
        if self._shares(MOSTLY_SHARED if self._ratio < FAR else SHARED):
            is_enough = long or self._ratio >= NEAR or cut(*self._titles)
            return "has much the same abstract" if is_enough else None
        if self._shares(PARTLY_SHARED) and self._ratio >= CLOSE:
            return "has nearly the same title, and part of the abstract"
        if self._shares(HARDLY_SHARED) and misspelt(*self._titles):
            return "has the same title but for spelling, and a little of the abstract"
        return None

    def _alike_titles(self) -> str | None:
        if any(map(is_generic, self._titles)):
            return None
        if self._same_authors and self._same_year and self._ratio >= CLOSE_BY_AUTHORS:
            return "has nearly the same title, and the authors"
        if misspelt(*self._titles):
            return "has the same title but for spelling"
        return "has a title that is the other, cut off" if self._is_cut() else None

    def _is_cut(self) -> bool:
        parts = cut(*self._titles)
        return parts is not None and len(" ".join(parts[0])) >= CUT

    def _doubt_of_text(self) -> str | None:
        if numbers_conflict(*self._titles):
            return "another number in its title"
        if self._other_ids():
            return "another id"
        if self._strangers:
            return "other authors"
        if self._shared is None and self._other_year:
            return "another year"
        return None

    def _follows(self) -> Judgement | None:
        """What is too much alike to be chance, and too little to be the same."""
        if self._strangers or not (self._shares(PARTLY_SHARED) and self._ratio >= FAR):
            return None
        return Answer.RELATED, "has part of the abstract and of the title", Strength.TEXT
