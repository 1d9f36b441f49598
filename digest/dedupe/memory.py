"""Known printings in memory."""

from bisect import insort
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import date

from digest.model import Answer
from digest.printings import CROWD, Member, Place, Printing, rank


class Memory:
    """Known printings in memory."""

    def __init__(self) -> None:
        self._members: dict[int, Member] = {}
        self._printings: dict[int, Printing] = {}
        self._handles: dict[str, int] = {}
        self._places: defaultdict[int, list[Place]] = defaultdict(list)
        self._dependents: defaultdict[int, set[int]] = defaultdict(set)

    def add(self, printing: Printing, day: date) -> int:
        """Note a printing that was seen on the day; return its handle."""
        ref = printing.fingerprint.ref
        handle = self._handles.setdefault(ref, len(self._handles) + 1)
        known = self._members.get(handle)
        if known is None:
            self._members[handle] = Member(handle, printing.fingerprint, day)
            self._printings[handle] = printing
            for key in (*printing.names, *printing.marks):
                insort(self._places[key], (rank(ref), handle))
                del self._places[key][CROWD:]
        elif day < known.day:
            self._members[handle] = known._replace(day=day)
        return handle

    def handle(self, ref: str) -> int:
        return self._handles[ref]

    def ref(self, handle: int) -> str:
        return self._members[handle].fingerprint.ref

    def answer(self, handle: int, answer: Answer, of: int | None) -> None:
        known = self._members[handle]
        if known.of is not None:
            self._dependents[known.of].discard(handle)
        if of is not None:
            self._dependents[of].add(handle)
        self._members[handle] = known._replace(answer=answer, of=of)

    def at(self, keys: Collection[int]) -> Mapping[int, Sequence[Place]]:
        return {key: self._places[key] for key in keys if key in self._places}

    def members(self, handles: Collection[int]) -> Mapping[int, Member]:
        return {handle: self._members[handle] for handle in handles}

    def printings(self, handles: Collection[int]) -> Mapping[int, Printing]:
        return {handle: self._printings[handle] for handle in handles}

    def dependents(self, handles: Collection[int]) -> Mapping[int, Sequence[int]]:
        asked = self._dependents.keys() & set(handles)
        return {handle: sorted(self._dependents[handle]) for handle in asked}

    def named(self, refs: Collection[str]) -> Mapping[str, int]:
        return {ref: self._handles[ref] for ref in refs if ref in self._handles}
