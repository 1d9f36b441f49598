"""Ingest: read the dumps that are new, know their papers again, store both."""

import gc
import hashlib
import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from digest.errors import DumpError
from digest.formats import HEAD, format_of, name_of
from digest.ingest import capped, dated, day_in_name
from digest.model import Sighting
from digest.pipeline import DONE, LEFT_OUT
from digest.pipeline.load import bring, load
from digest.ports import Progress
from digest.sources.folder import Dump, contents, dumps
from digest.sources.packed import Member
from digest.store import Store
from digest.store.dumps import Row, State


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


SELDOM = 100_000
"""Things that are made before Python looks for cycles among them."""


@contextmanager
def rare_collections() -> Iterator[None]:
    """Let the garbage collector look for cycles seldom.

    A dump makes millions of small things and no cycles; looking at them over and over, as Python
    does for each 700, took a fifth of the time.
    """
    before = gc.get_threshold()
    gc.set_threshold(SELDOM, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)


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
        with rare_collections():
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
            brought = parsed and bring(parsed.sightings, self.today, history=self.history)
        except DumpError as error:
            return self._leave_out(member, State.QUARANTINED, error.reason, error.line)
        if not parsed or not brought:
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
        stored = load(self.store, row, brought)
        if stored is None or is_known:  # another run was quicker, or only its day is an earlier one
            return Unchanged(member.name)
        return Stored(member.name, *stored)

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


def why_ignored(content: bytes) -> str:
    if not content.strip():
        return "the file is empty"
    if b"\0" in content[:HEAD]:
        return "is binary, not text"
    return "no format knows it (docs/formats.md lists them)"
