"""Load: a dump's papers into the store, each recognised; they count when all are there."""

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from digest.batches import batches
from digest.dedupe import printed
from digest.dedupe.fingerprint import LONGEST_TITLE
from digest.merge import merge
from digest.model import Paper, Sighting
from digest.pipeline.dedupe import Decided, Own, decide, save
from digest.printings import Printing, Rules, keyed
from digest.store import Shelves, Store
from digest.store.dumps import Row
from digest.store.locking import LOOK
from digest.store.papers import Placed
from digest.text import searchable

CHUNK = 250
"""Papers that are stored in one transaction, a tenth of a second."""

KEYS = 6_000
"""Keys that are stored in one transaction, a tenth of a second where history is large."""

SWEEP = 2_500
"""Printings whose keys are stored in the order of the keys: each part of the tree is written once
for all of them."""

TURN = 3 * LOOK
"""Seconds between the chunks of one dump. Without a pause another writer, a delivery say, might
never find the store free."""

TRIES = 3
"""How often a dump is decided about while others may write, before they have to wait."""


class Found(NamedTuple):
    """A sighting with its place in the dump, from 1, the ref of its printing, and its day."""

    place: int
    ref: str
    day: date
    sighting: Sighting


@dataclass(frozen=True, slots=True)
class Brought:
    """What a dump holds: its printings by ref, and its sightings."""

    papers: dict[str, Paper] = field(default_factory=dict)
    printings: dict[str, Printing] = field(default_factory=dict)
    sightings: list[Found] = field(default_factory=list)


class Loaded(NamedTuple):
    """How many papers a dump has, and how many works nobody knew."""

    papers: int
    new: int


def bring(sightings: Iterable[Sighting], today: date, *, history: bool) -> Brought:
    brought = Brought()
    for place, sighting in enumerate(sightings, 1):
        paper, printing = printed(sighting, today, history=history)
        known = brought.papers.get(paper.ref)
        brought.papers[paper.ref] = merge(known, paper) if known else paper
        brought.printings[paper.ref] = printing
        brought.sightings.append(Found(place, paper.ref, paper.first_seen, sighting))
    return brought


class _Overtaken(Exception):
    """Another run has begun the dump anew."""


@dataclass(frozen=True, slots=True)
class Concluded:
    """What makes a dump count, by row.

    `own` are the printings that were decided about, `changed` those that were there before and
    change, `new` those that did not count, `held` those of them that another dump has brought.
    """

    own: Own
    changed: dict[int, Paper]
    new: frozenset[int]
    held: frozenset[int]
    decided: Decided


Basis = tuple[int, Rules]


def _basis(shelves: Shelves) -> Basis:
    """What decisions rest on: the dumps that count, and what people decided."""
    return shelves.dumps.mark(), shelves.printings.rules()


def load(store: Store, row: Row, brought: Brought) -> Loaded | None:
    """Store a dump: a small one at once, a large one in turns. None where another run does it."""
    with store.reading() as shelves:
        for some in batches(brought.printings.values(), SWEEP):
            shelves.printings.expect(sorted({key for each in some for key in each.keys}))
    if len(brought.sightings) > CHUNK:
        with suppress(_Overtaken):
            return _load_in_turns(store, row, brought)
        return None
    with store.writing() as shelves:
        dump_id = shelves.dumps.begin(row)
        if dump_id is None:
            return None
        entered = _enter(shelves, dump_id, brought, brought.sightings)
        shelves.printings.add_keys(keyed(_hidden(shelves, brought).items()))
        concluded = _conclude(shelves, brought, entered)
        save(shelves, concluded.decided)
        return _finish(shelves, dump_id, brought, concluded)


@contextmanager
def _turn(store: Store, dump_id: int) -> Iterator[Shelves]:
    time.sleep(TURN)
    with store.writing() as shelves:
        if not shelves.dumps.is_loading(dump_id):
            raise _Overtaken
        yield shelves


def _load_in_turns(store: Store, row: Row, brought: Brought) -> Loaded | None:
    """Store turn by turn what does not count yet, decide, and at last make it count.

    A run that breaks off leaves rows that do not count; the next begins anew.
    """
    with store.writing() as shelves:
        dump_id = shelves.dumps.begin(row)
    if dump_id is None:
        return None
    entered: dict[str, int] = {}
    for chunk in batches(brought.sightings, CHUNK):
        with _turn(store, dump_id) as shelves:
            entered |= _enter(shelves, dump_id, brought, chunk)
    with store.reading() as shelves:
        keyless = _hidden(shelves, brought)
    for some in batches(keyless.items(), SWEEP):
        for keys in batches(keyed(some), KEYS):
            with _turn(store, dump_id) as shelves:
                shelves.printings.add_keys(keys)
    for _ in range(TRIES):
        with store.reading() as shelves:
            basis = _basis(shelves)
            hidden = shelves.papers.hidden(dump_id)  # another run has shown what it has brought too
            entered = {ref: row for ref, row in entered.items() if row in hidden}
            concluded = _conclude(shelves, brought, entered)
        if loaded := _finish_in_turns(store, dump_id, brought, basis, concluded):
            return loaded
    with _turn(store, dump_id) as shelves:
        concluded = _conclude(shelves, brought, {})
        save(shelves, concluded.decided)
        return _finish(shelves, dump_id, brought, concluded)


def _finish_in_turns(
    store: Store, dump_id: int, brought: Brought, basis: Basis, concluded: Concluded
) -> Loaded | None:
    """Save what was decided, and make the dump count.

    None where others have stored something since: what was hidden may count by now, and all is to
    be decided anew.
    """
    early, late = concluded.decided.parted(concluded.new - concluded.held)
    for some in early:
        with _turn(store, dump_id) as shelves:
            if _basis(shelves) != basis:
                return None
            save(shelves, some)
    with _turn(store, dump_id) as shelves:
        if _basis(shelves) != basis:
            return None
        save(shelves, late)
        return _finish(shelves, dump_id, brought, concluded)


def _enter(
    shelves: Shelves, dump_id: int, brought: Brought, sightings: Sequence[Found]
) -> dict[str, int]:
    """Store sightings, and those of their printings that the store lacks; return the rows of these.

    Nothing of it counts yet.
    """
    refs = {each.ref for each in sightings}
    rows = shelves.printings.ids(refs)
    missing = sorted(refs - rows.keys())
    worded = [(brought.papers[ref], _words(brought, ref)) for ref in missing]
    entered = shelves.papers.add(worded, dump_id)
    shelves.printings.add(
        {
            row: (brought.printings[ref], brought.papers[ref].first_seen)
            for ref, row in entered.items()
        }
    )
    rows |= entered
    placed = [Placed(each.place, rows[each.ref], each.day, each.sighting) for each in sightings]
    shelves.papers.sight(dump_id, placed)
    return entered


def _words(brought: Brought, ref: str) -> str:
    """The words of a title: a fingerprint has them, unless it had to leave some out."""
    words = brought.printings[ref].fingerprint.title
    return words if len(words) < LONGEST_TITLE else searchable(brought.papers[ref].title)


def _hidden(shelves: Shelves, brought: Brought) -> dict[int, Printing]:
    """Those of the printings that do not count, whoever stored them: they may have no keys yet."""
    rows = shelves.printings.ids(brought.papers)
    hidden = shelves.papers.hidden()
    return {row: brought.printings[ref] for ref, row in rows.items() if row in hidden}


def _conclude(shelves: Shelves, brought: Brought, entered: Mapping[str, int]) -> Concluded:
    """Decide about the printings of a dump; those `entered` are stored just as it brought them."""
    rows = shelves.printings.ids(brought.papers)
    before = [row for ref, row in rows.items() if ref not in entered]
    stored = shelves.papers.printed(before)
    counting = shelves.papers.counting(before)
    papers = {
        row: merge(counting[row], brought.papers[ref]) if row in counting else brought.papers[ref]
        for ref, row in rows.items()
    }
    own = {
        row: (brought.printings[ref], papers[row].first_seen)
        for ref, row in rows.items()
        if row not in counting or papers[row].first_seen < counting[row].first_seen
    }
    changed = {row: papers[row] for row in before if papers[row] != stored[row]}
    new = frozenset(rows.values() - counting.keys())
    held = new.intersection(before)
    return Concluded(own, changed, new, held, decide(shelves, own))


def _finish(shelves: Shelves, dump_id: int, brought: Brought, concluded: Concluded) -> Loaded:
    """Make a dump count; what was decided of its printings is stored."""
    shelves.papers.change(concluded.changed)
    days = {row: day for row, (_, day) in concluded.own.items() if row in concluded.changed}
    shelves.printings.date(days)
    found = Loaded(len(brought.sightings), _new_works(concluded))
    shelves.papers.finish(dump_id, concluded.held)
    shelves.dumps.finish(dump_id, *found)
    return found


def _new_works(concluded: Concluded) -> int:
    """How many works have no printing that was there before."""
    new, roots = concluded.new, concluded.decided.roots
    known = {root for row, root in roots.items() if row not in new}
    works = {root for row, root in roots.items() if row in new}
    return len((works & new) - known)
