"""Ingest: read the dumps that are new, know their papers again, store both."""

import hashlib
import io
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from digest.batches import batches
from digest.dedupe import decide, ref_of
from digest.errors import DumpError
from digest.formats import HEAD, format_of, name_of
from digest.ingest import capped, dated, day_in_name
from digest.model import Decision, Paper, Sighting
from digest.pipeline import DONE, LEFT_OUT
from digest.ports import Progress
from digest.sources.folder import Dump, contents, dumps
from digest.sources.packed import Member
from digest.store import Shelves, Store
from digest.store.dumps import Row, State

CHUNK = 500
"""Papers that are stored in one transaction, a tenth of a second."""

TURN = 0.05
"""Seconds between the chunks of one dump: SQLite's writers don't queue, they look again and again.
Without a pause another one, a delivery say, might never find the store free."""


@dataclass(frozen=True, slots=True)
class Limits:
    dump_bytes: int
    dump_ratio: int
    dump_papers: int


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A file that gave no papers, and why; `line` counts from 1."""

    dump: str
    state: State
    reason: str
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Parsed:
    """A dump's papers; they are read while they are asked for."""

    format: str
    taken: date | None
    sightings: Iterator[Sighting]


@dataclass(frozen=True, slots=True)
class Unchanged:
    """A file that holds what was read before, under this name or another."""

    dump: str


@dataclass(frozen=True, slots=True)
class Stored:
    dump: str
    papers: int
    new: int


Entry = Stored | Unchanged | LeftOut


@dataclass(frozen=True, slots=True)
class IngestReport:
    entries: tuple[Entry, ...]

    @property
    def stored(self) -> list[Stored]:
        return [entry for entry in self.entries if isinstance(entry, Stored)]

    @property
    def left_out(self) -> list[LeftOut]:
        return [entry for entry in self.entries if isinstance(entry, LeftOut)]

    @property
    def dumps(self) -> int:
        return len(self.stored)

    @property
    def unchanged(self) -> int:
        return sum(isinstance(entry, Unchanged) for entry in self.entries)

    @property
    def papers(self) -> int:
        return sum(entry.papers for entry in self.stored)

    @property
    def new(self) -> int:
        return sum(entry.new for entry in self.stored)

    @property
    def known(self) -> int:
        return self.papers - self.new

    @property
    def exit_code(self) -> int:
        return LEFT_OUT if self._count(State.QUARANTINED) else DONE

    def _count(self, state: State) -> int:
        return sum(entry.state == state for entry in self.left_out)

    def document(self) -> dict[str, Any]:
        return {
            "dumps": self.dumps,
            "unchanged": self.unchanged,
            "papers": self.papers,
            "new": self.new,
            "known": self.known,
            "quarantined": self._count(State.QUARANTINED),
            "ignored": self._count(State.IGNORED),
            "left_out": [asdict(entry) for entry in self.left_out],
        }


def members(dump: Dump, limits: Limits) -> Iterator[Member]:
    """Yield the dumps in a file; one that cannot be opened or unpacked is refused as a whole."""
    try:
        yield from contents(dump, limits.dump_bytes, limits.dump_ratio)
    except DumpError as error:
        yield Member(dump.name, b"", error.reason)


def parse(member: Member, taken: date | None, limits: Limits) -> Parsed | None:
    """Return the papers of a dump; None where no format accepts it.

    Where it is bad, reading them raises DumpError under the dump's name.
    """
    format_ = format_of(member.content[:HEAD])
    if format_ is None:
        return None
    taken = taken or day_in_name(member.name)
    found = capped(format_.papers(io.BytesIO(member.content)), limits.dump_papers)
    return Parsed(name_of(format_), taken, _named(member.name, dated(found, taken)))


def _named(name: str, sightings: Iterator[Sighting]) -> Iterator[Sighting]:
    try:
        yield from sightings
    except DumpError as error:
        raise DumpError(name, error.reason, error.line) from error
    except RecursionError as error:
        raise DumpError(name, "nested too deeply") from error


@dataclass(frozen=True, slots=True)
class DumpReader:
    """One run of ingest; `today` is the local date, `taken` the day that a person gave.

    `in_folder` says that the dumps folder of the settings is read, all of it: what was left out
    there before and is gone is forgotten.
    """

    store: Store
    limits: Limits
    today: date
    now: datetime
    taken: date | None = None
    history: bool = False
    in_folder: bool = False

    def ingest(self, paths: Sequence[Path], progress: Progress[Dump]) -> IngestReport:
        """Read what is new under the paths, each dump whole or not at all.

        SetupError where a path doesn't exist. What cannot be read is in the report.
        """
        found = progress(dumps(paths), "Reading dumps")
        entries = tuple(
            self._one(member) for dump in found for member in members(dump, self.limits)
        )
        if self.in_folder:
            with self.store.writing() as shelves:
                left = [entry.dump for entry in entries if isinstance(entry, LeftOut)]
                shelves.dumps.forget(left)
        return IngestReport(entries)

    def _one(self, member: Member) -> Entry:
        if member.refused:
            return self._leave_out(member, State.QUARANTINED, member.refused)
        sha256 = hashlib.sha256(member.content).hexdigest()
        taken = self.taken or day_in_name(member.name)
        with self.store.reading() as shelves:
            is_read = shelves.dumps.is_read(sha256, taken)
            is_known = shelves.dumps.is_read(sha256, None)
        if is_read:
            self._retire(sha256)
            return Unchanged(member.name)
        try:
            parsed = parse(member, self.taken, self.limits)
            sightings = tuple(parsed.sightings) if parsed else ()
        except DumpError as error:
            return self._leave_out(member, State.QUARANTINED, error.reason, error.line)
        if parsed is None:
            return self._leave_out(member, State.IGNORED, why_ignored(member.content))
        row = Row(
            member.name,
            State.LOADING,
            sha256,
            self.now,
            format=parsed.format,
            taken=parsed.taken,
            history=self.history,
            in_folder=self.in_folder,
        )
        entry = self._load(row, sightings)
        return Unchanged(member.name) if is_known else entry  # only its day is an earlier one

    def _retire(self, sha256: str) -> None:
        """What is asked for as history is, also where it was read as news before."""
        if self.history:
            with self.store.writing() as shelves:
                shelves.papers.retire(sha256)

    def _leave_out(
        self, member: Member, state: State, reason: str, line: int | None = None
    ) -> LeftOut:
        sha256 = hashlib.sha256(member.content).hexdigest() if not member.refused else ""
        row = Row(
            member.name,
            state,
            sha256,
            self.now,
            reason=reason,
            line=line,
            in_folder=self.in_folder,
        )
        with self.store.writing() as shelves:
            shelves.dumps.leave_out(row)
        return LeftOut(member.name, state, reason, line)

    def _load(self, row: Row, sightings: Sequence[Sighting]) -> Entry:
        """Store a dump: a small one at once, a large one in turns; it counts when all is stored."""
        if len(sightings) <= CHUNK:
            with self.store.writing() as shelves:
                dump_id = shelves.dumps.begin(row)
                if dump_id is None:
                    return Unchanged(row.name)  # another run was quicker
                decisions, papers = self._decided(shelves, sightings)
                shelves.papers.save(papers)
                shelves.papers.sight(dump_id, list(enumerate(decisions, 1)))
                return Stored(row.name, *shelves.dumps.finish(dump_id))
        return self._load_in_turns(row, sightings)

    def _load_in_turns(self, row: Row, sightings: Sequence[Sighting]) -> Entry:
        """Store chunk by chunk what nobody sees yet, and at last what is known already.

        A run that breaks off leaves rows that do not count; the next begins anew.
        """
        with self.store.writing() as shelves:
            dump_id = shelves.dumps.begin(row)
        if dump_id is None:
            return Unchanged(row.name)
        with self.store.reading() as shelves:
            mark = shelves.dumps.mark()
            decisions, papers = self._decided(shelves, sightings)
        by_ref = {paper.ref: paper for paper in papers}
        for chunk in batches(enumerate(decisions, 1), CHUNK):
            time.sleep(TURN)
            with self.store.writing() as shelves:
                if not shelves.dumps.is_loading(dump_id):
                    return Unchanged(row.name)  # another run has begun it anew
                refs = {decision.ref for _, decision in chunk} & by_ref.keys()
                seen = shelves.papers.known(refs)
                shelves.papers.save([by_ref[ref] for ref in sorted(refs - seen.keys())])
                shelves.papers.sight(dump_id, chunk)
        with self.store.writing() as shelves:
            if not shelves.dumps.is_loading(dump_id):
                return Unchanged(row.name)
            if shelves.dumps.mark() != mark:  # what others have stored since is to be merged with
                _, papers = self._decided(shelves, sightings)
            known = shelves.papers.known([paper.ref for paper in papers])
            shelves.papers.save([paper for paper in papers if paper.ref in known])
            return Stored(row.name, *shelves.dumps.finish(dump_id))

    def _decided(
        self, shelves: Shelves, sightings: Sequence[Sighting]
    ) -> tuple[list[Decision], list[Paper]]:
        known = shelves.papers.known({ref_of(sighting.title) for sighting in sightings})
        return decide(sightings, known, self.today, history=self.history)


def why_ignored(content: bytes) -> str:
    if not content.strip():
        return "the file is empty"
    if b"\0" in content[:HEAD]:
        return "is binary, not text"
    return "no format knows it (docs/formats.md lists them)"
