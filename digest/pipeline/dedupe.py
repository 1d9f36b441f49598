"""Dedupe: decide about printings by what the store knows, and correct by hand what was decided."""

from collections.abc import Collection, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date, datetime

from digest.batches import batches
from digest.dedupe.fingerprint import printing_of
from digest.dedupe.recognise import Recogniser, Verdict
from digest.errors import SetupError
from digest.model import Answer, Paper
from digest.printings import CROWD, Member, Place, Printing, beyond, keyed
from digest.store import Shelves, Store
from digest.store.printings import Answered
from digest.text import clean

CHUNK = 100
"""Printings that are decided about at once."""

STORED = 2_000
"""Decisions that are stored in one transaction, a tenth of a second."""

Own = Mapping[int, tuple[Printing, date]]
"""The printings in hand by row, each with the day from which on it is known."""


class StoreKnown:
    """What the store knows, and one's own printings, which may not count yet."""

    def __init__(self, shelves: Shelves, days: Mapping[int, date]) -> None:
        self._shelves = shelves
        self._days = days
        self._hidden = shelves.papers.hidden() - days.keys()
        self.crowded: set[tuple[int, Place]] = set()

    def at(self, keys: Collection[int]) -> Mapping[int, Sequence[Place]]:
        counting, hidden = self._shelves.printings.at(keys, self._hidden)
        crowds = {key for key, places in counting.items() if len(places) > CROWD}
        for key in crowds | hidden.keys():
            places = counting.get(key, ()), hidden.get(key, ())
            if sum(map(len, places)) > CROWD:
                self.crowded.update((key, place) for place in beyond(*places))
        return counting

    def members(self, handles: Collection[int]) -> Mapping[int, Member]:
        return self._shelves.printings.members(handles, self._days)

    def printings(self, handles: Collection[int]) -> Mapping[int, Printing]:
        papers = self._shelves.papers.printed(handles)
        return {row: printing_of(paper) for row, paper in papers.items()}

    def dependents(self, handles: Collection[int]) -> Mapping[int, Sequence[int]]:
        return self._shelves.printings.dependents(handles)

    def named(self, refs: Collection[str]) -> Mapping[str, int]:
        return self._shelves.printings.ids(refs)


@dataclass(frozen=True, slots=True)
class Decided:
    """Verdicts and roots by row, not stored yet, and who is left out of crowded keys."""

    verdicts: Mapping[int, Verdict]
    roots: Mapping[int, int]
    crowded: AbstractSet[tuple[int, Place]]

    def parted(self, rows: Collection[int]) -> tuple[list["Decided"], "Decided"]:
        """What can be stored early and bit by bit, as nobody sees these rows; and the rest."""
        early, late = set(rows), self.verdicts.keys() | self.roots.keys()
        bits = [self._of(some) for some in batches(early & late, STORED)]
        rest = self._of(late - early)
        return bits, Decided(rest.verdicts, rest.roots, self.crowded)

    def _of(self, rows: Collection[int]) -> "Decided":
        return Decided(
            {row: self.verdicts[row] for row in rows if row in self.verdicts},
            {row: self.roots[row] for row in rows if row in self.roots},
            frozenset(),
        )


def decide(shelves: Shelves, own: Own) -> Decided:
    known = StoreKnown(shelves, {row: day for row, (_, day) in own.items()})
    recogniser = Recogniser(known, shelves.printings.rules())
    for some in batches(own.items(), CHUNK):
        recogniser.see({row: printing for row, (printing, _) in some})
    return Decided(recogniser.verdicts, recogniser.roots(), known.crowded)


def save(shelves: Shelves, decided: Decided) -> None:
    answers = [
        Answered(row, each.answer, each.of, each.why, each.title, each.abstract)
        for row, each in decided.verdicts.items()
    ]
    shelves.printings.answer(answers)
    shelves.printings.root(decided.roots)
    shelves.printings.thin(decided.crowded)


@dataclass(frozen=True, slots=True)
class Comparison:
    """A work that a paper was compared with, and how alike their nearest printings are."""

    ref: str
    title: str
    answer: Answer
    why: str
    title_score: float
    abstract_score: float | None


def comparisons(shelves: Shelves, paper: Paper) -> list[Comparison]:
    """The other works that dedupe compares a paper's printings with, the most alike first."""
    family = shelves.papers.printed(shelves.printings.family(paper.ref))
    own = {row: (printing_of(each), each.first_seen) for row, each in family.items()}
    known = StoreKnown(shelves, {row: day for row, (_, day) in own.items()})
    recogniser = Recogniser(known, shelves.printings.rules())
    recogniser.see({row: printing for row, (printing, _) in own.items()})
    compared = [pair for row in own for pair in recogniser.compared(row)]
    works = shelves.papers.works({other.fingerprint.ref for other, _ in compared})
    found: dict[str, Comparison] = {}
    for other, likeness in compared:
        work = works[other.fingerprint.ref]
        if work.ref != paper.ref:
            scores = likeness.title, likeness.abstract
            each = Comparison(work.ref, clean(work.title), likeness.answer, likeness.why, *scores)
            found.setdefault(work.ref, each)
    return list(found.values())


def join(shelves: Shelves, one: Paper, other: Paper, now: datetime) -> None:
    """Make two works one, for good; SetupError where they are one already."""
    if one.ref == other.ref:
        raise SetupError(f"{one.ref} and {other.ref} are one paper already")
    family = [shelves.printings.family(paper.ref) for paper in (one, other)]
    between = ((a, b) for a in family[0].values() for b in family[1].values())
    shelves.printings.forget_rules(between)
    shelves.printings.rule([(one.ref, other.ref)], now, same=True)
    _decide_anew(shelves, {**family[0], **family[1]})


def split(shelves: Shelves, paper: Paper, named: str, now: datetime) -> list[str]:
    """Part printings of a work from its others, for good; return all of their refs.

    Where `named` is a printing's ref, those with its title are parted, or it alone where all have
    one title; else those with the title of the work. SetupError where nothing is left to part.
    """
    family = shelves.printings.family(paper.ref)
    apart = _apart(shelves, family, named if named in family.values() else paper.ref)
    rest = [ref for ref in family.values() if ref not in apart]
    if not rest:
        raise SetupError(f"{paper.ref} has been printed in one way only: nothing to split")
    joined = any(pair <= set(family.values()) for pair in shelves.printings.rules().same)
    if joined:  # the rest may have been one through what is parted now
        shelves.printings.rule([(rest[0], other) for other in rest[1:]], now, same=True)
    pairs = [(one, other) for one in apart for other in rest]
    shelves.printings.rule(pairs, now, same=False)
    _decide_anew(shelves, family)
    return list(family.values())


def _apart(shelves: Shelves, family: Mapping[int, str], ref: str) -> set[str]:
    members = shelves.printings.members(family, {}).values()
    keys = {member.fingerprint.ref: member.fingerprint.key for member in members}
    alike = {each for each, key in keys.items() if key == keys[ref]}
    return alike if len(alike) < len(keys) else {ref}


def _decide_anew(shelves: Shelves, family: Mapping[int, str]) -> None:
    papers = shelves.papers.printed(family)
    own = {row: (printing_of(paper), paper.first_seen) for row, paper in papers.items()}
    save(shelves, decide(shelves, own))


def take_up(store: Store) -> None:
    """Compare what an earlier version stored without fingerprints, and give the rest its keys."""
    with store.reading() as shelves:
        if not shelves.printings.lacking():
            return
    for step in (_take_up_keys, _take_up_fingerprints):
        more = True
        while more:
            with store.writing() as shelves:
                more = step(shelves)
    with store.writing() as shelves:
        shelves.printings.lacks_none()


def _take_up_keys(shelves: Shelves) -> bool:
    rows = shelves.printings.without_keys(CHUNK)
    if rows:
        papers = shelves.papers.printed(rows)
        printings = {row: printing_of(paper) for row, paper in papers.items()}
        shelves.printings.add_keys(keyed(printings.items()))
        known = StoreKnown(shelves, {})
        known.at({key for each in printings.values() for key in each.keys})
        shelves.printings.thin(known.crowded)
        shelves.printings.have_keys(rows)
    return bool(rows)


def _take_up_fingerprints(shelves: Shelves) -> bool:
    papers = shelves.papers.printed(shelves.printings.without_fingerprint(CHUNK))
    own = {row: (printing_of(paper), paper.first_seen) for row, paper in papers.items()}
    if own:
        shelves.printings.add(own)
        shelves.printings.add_keys(keyed((row, each) for row, (each, _) in own.items()))
        save(shelves, decide(shelves, own))
    return bool(own)
