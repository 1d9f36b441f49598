"""Give every printing its answer, so that the order in which they came makes no difference.

Printings are taken in the order of (day, ref). Each is the same as the earlier representative that
it is most like, or it becomes a representative itself; so a work is a star, every member of which
is like its representative, and no chain can grow. When a printing comes late, or is found to be
older than was known, the later ones that are like it are decided anew, and no others.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from digest.dedupe.likeness import TOLD, Likeness, compare
from digest.model import Answer
from digest.printings import CROWD, NO_RULES, Known, Member, Place, Printing, Rules

MOST = 8
"""Printings that one is compared with though they share little, those that share most."""

MARK, CROWDED_MARK = 2, 1
"""What a shared mark counts: of few printings, and of a crowd."""

ENOUGH = 3 * MARK
"""Who shares so much is compared, however many do, and so is who shares a name: of the best few
alone some would give way to what comes later, unnoticed by those whose answer rests on them."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer for a printing, the one it names, and the likeness that decided."""

    answer: Answer
    of: int | None
    why: str
    title: float | None = None
    abstract: float | None = None


_NEW = Verdict(Answer.NEW, None, "no known paper is like it")


class Recogniser:
    """Decides batch after batch; `verdicts` are those that are new or have changed."""

    def __init__(self, known: Known, rules: Rules = NO_RULES) -> None:
        self._known = known
        self._rules = rules
        self.verdicts: dict[int, Verdict] = {}
        self._named_by: defaultdict[int, set[int]] = defaultdict(set)
        self._members: dict[int, Member] = {}
        self._near: dict[int, set[int]] = {}
        self._apart: dict[int, set[int]] = {}

    def see(self, printings: Mapping[int, Printing]) -> None:
        """Decide about these, which are known by now, and about those that they change."""
        for cache in (self._members, self._near, self._apart):
            cache.clear()
        todo = printings
        while todo:
            self._look_round(todo)
            again = set().union(*map(self._later, todo)) - self._near.keys()
            todo = self._known.printings(again)
        in_order = sorted(self._near, key=lambda handle: self._members[handle].order)
        for handle in in_order:
            self.verdicts.pop(handle, None)
        for handle in in_order:
            self._keep(handle, self._decide(self._members[handle]))

    def compared(self, handle: int) -> list[tuple[Member, Likeness]]:
        """What a printing that was just seen was compared with, the most alike first."""
        me = self._members[handle]
        found = [(self._compare(me, other), other) for other in self._others(handle)]
        return [(other, likeness) for likeness, other in sorted(found, key=_preference)]

    def roots(self) -> dict[int, int]:
        """Which printing stands for the work of each that was decided, or is joined by hand."""
        joined = self._joined()
        named = self._known.dependents(joined)
        dependents = {each for head in joined for each in (*named.get(head, ()), head)}
        dependents |= {each for head in joined for each in self._named_by.get(head, ())}
        self._load(dependents)
        heads = {each: self._representative(each) for each in dependents & self._members.keys()}
        heads = {each: head for each, head in heads.items() if head in joined}
        heads |= {each: self._representative(each) for each in self.verdicts}
        return {each: joined.get(head, head) for each, head in heads.items()}

    def _joined(self) -> dict[int, int]:
        """The root of each representative that a rule joins with another, or did till now."""
        handles = self._known.named({ref for pair in self._rules.same for ref in pair})
        self._load(handles.values())
        groups: list[set[int]] = []
        for pair in self._rules.same:
            rows = [handles[ref] for ref in pair if ref in handles]
            heads = {self._representative(row) for row in rows if row in self._members}
            touched = [group for group in groups if group & heads]
            groups = [group for group in groups if group not in touched]
            groups.append(heads.union(*touched))
        self._load(head for group in groups for head in group)
        known = (self._members[row] for row in handles.values() if row in self._members)
        return {member.representative: member.representative for member in known} | {
            head: min(group, key=lambda each: self._members[each].order)
            for group in groups
            for head in group
        }

    def _keep(self, handle: int, verdict: Verdict) -> None:
        self.verdicts[handle] = verdict
        if verdict.of is not None:
            self._named_by[verdict.of].add(handle)

    def _look_round(self, todo: Mapping[int, Printing]) -> None:
        near = _candidates(todo, self._known)
        for handle, dependents in self._known.dependents(todo).items():
            near[handle].update(dependents)
        for handle in near.keys() & self._named_by.keys():
            near[handle] |= self._named_by[handle]
        self._near.update(near)
        self._apart.update(self._partners(todo))
        around = set().union(todo, *near.values(), *(self._apart[each] for each in todo))
        self._load(around)
        for found in (self._near, self._apart):
            for handle in todo:  # who is not there does not count yet
                found[handle] &= self._members.keys()
        self._load(map(self._representative, around & self._members.keys()))
        # What stands for it, or for a near one, is near, however many printings crowd round it.
        for handle in todo:
            heads = set(map(self._representative, (handle, *self._near[handle])))
            self._near[handle] |= heads & self._members.keys() - {handle}

    def _partners(self, todo: Mapping[int, Printing]) -> dict[int, set[int]]:
        """For each printing those that must not be joined with it."""
        refs = {handle: each.fingerprint.ref for handle, each in todo.items()}
        others = self._rules.others(refs.values())
        handles = self._known.named(set().union(*others.values()))
        return {
            handle: {handles[other] for other in others.get(ref, ()) if other in handles}
            for handle, ref in refs.items()
        }

    def _load(self, handles: Iterable[int]) -> None:
        missing = set(handles) - self._members.keys()
        if missing:
            self._members.update(self._known.members(missing))

    def _representative(self, handle: int) -> int:
        verdict = self.verdicts.get(handle)
        if verdict is None:
            return self._members[handle].representative
        return verdict.of if verdict.answer is Answer.SAME and verdict.of is not None else handle

    def _others(self, handle: int) -> list[Member]:
        return [self._members[other] for other in self._near[handle]]

    def _later(self, handle: int) -> set[int]:
        """The later printings whose answer may change with this one's."""
        me = self._members[handle]
        split = {each for each in self._apart[handle] if self._members[each].order > me.order}
        return split | {
            other.handle
            for other in self._others(handle)
            if other.order > me.order
            and (other.of == handle or self._compare(other, me).answer is not Answer.NEW)
        }

    def _compare(self, me: Member, other: Member) -> Likeness:
        likeness = compare(me.fingerprint, other.fingerprint)
        apart = self._rules.apart
        if apart and frozenset((me.fingerprint.ref, other.fingerprint.ref)) in apart:
            return likeness._replace(answer=Answer.NEW, why="was split from it by hand")
        return likeness

    def _decide(self, me: Member) -> Verdict:
        earlier = [other for other in self._others(me.handle) if other.order < me.order]
        found = [(self._compare(me, other), other) for other in earlier]
        barred = {
            self._representative(each)
            for each in self._apart[me.handle]
            if self._members[each].order < me.order
        }
        alike = [
            (likeness, other)
            for likeness, other in sorted(found, key=_preference)
            if likeness.answer is not Answer.NEW
            and self._representative(other.handle) not in barred
        ]
        if not alike:
            return _NEW
        heads = {self._representative(other.handle) for _, other in alike}
        self._load(heads)
        best, head = min(
            ((self._compare(me, self._members[each]), self._members[each]) for each in heads),
            key=_preference,
        )
        if best.answer is not Answer.NEW:
            return _verdict(best, head.handle)
        return self._by_member(*alike[0])

    def _by_member(self, likeness: Likeness, other: Member) -> Verdict:
        """Who is like a member only, and not like what stands for it, follows the work."""
        why = f"{likeness.why}; what stands for that work is less like it"
        head = self._representative(other.handle)
        return _verdict(likeness._replace(answer=Answer.RELATED, why=why), head)


def _candidates(todo: Mapping[int, Printing], known: Known) -> dict[int, set[int]]:
    """For each printing those that share a name, and most of its marks; none is itself."""
    keys = {key for each in todo.values() for key in each.keys}
    places = known.at(keys)
    return {handle: _nearest(handle, each, places) for handle, each in todo.items()}


def _nearest(handle: int, printing: Printing, places: Mapping[int, Sequence[Place]]) -> set[int]:
    named = {place for key in printing.names for place in places.get(key, ())[:CROWD]}
    shared: defaultdict[Place, int] = defaultdict(int)
    for key in printing.marks:
        found = places.get(key, ())[:CROWD]
        counts = MARK if len(found) < CROWD else CROWDED_MARK
        for place in found:
            shared[place] += counts
    # Of a printing with an abstract the same work shares more than one crowded mark.
    least = CROWDED_MARK if printing.fingerprint.shingles < TOLD else MARK
    strong = named | {place for place, worth in shared.items() if worth >= ENOUGH}
    weak = sorted(
        (-worth, place)
        for place, worth in shared.items()
        if worth >= least and place not in strong and place[1] != handle
    )
    return {found for _, found in strong.union(place for _, place in weak[:MOST])} - {handle}


_RANKS = {Answer.SAME: 0, Answer.RELATED: 1, Answer.NEW: 2}


def _preference(found: tuple[Likeness, Member]) -> tuple[Any, ...]:
    """The most alike first; of equals the first in order."""
    likeness, other = found
    scores = -likeness.strength, -(likeness.abstract or 0.0), -likeness.title
    return _RANKS[likeness.answer], *scores, other.order


def _verdict(likeness: Likeness, of: int) -> Verdict:
    return Verdict(likeness.answer, of, likeness.why, likeness.title, likeness.abstract)
