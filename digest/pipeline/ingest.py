"""Ingest: read the dumps that are new, know their papers again, store both."""

import hashlib
import io
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from digest.dedupe import decide, ref_of
from digest.errors import DumpError
from digest.formats import HEAD, format_of, name_of
from digest.ingest import capped, dated, day_in_name
from digest.model import Answer, Sighting
from digest.pipeline import DONE, LEFT_OUT
from digest.ports import Progress
from digest.sources.folder import Dump, dumps, read
from digest.store import Store
from digest.store.dumps import State


@dataclass(frozen=True, slots=True)
class Limits:
    dump_bytes: int
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
    format: str
    taken: date | None
    sightings: tuple[Sighting, ...]


@dataclass(frozen=True, slots=True)
class IngestReport:
    """`unchanged` files hold what was read before, under this name or another."""

    dumps: int
    unchanged: int
    papers: int
    new: int
    known: int
    left_out: tuple[LeftOut, ...]

    @property
    def exit_code(self) -> int:
        return LEFT_OUT if self.count(State.QUARANTINED) else DONE

    def count(self, state: State) -> int:
        return sum(entry.state == state for entry in self.left_out)

    def document(self) -> dict[str, Any]:
        return {
            "dumps": self.dumps,
            "unchanged": self.unchanged,
            "papers": self.papers,
            "new": self.new,
            "known": self.known,
            "quarantined": self.count(State.QUARANTINED),
            "ignored": self.count(State.IGNORED),
            "left_out": [asdict(entry) for entry in self.left_out],
        }


def content_of(dump: Dump, limits: Limits) -> bytes:
    """Return the bytes of a dump; DumpError where it must not or cannot be read."""
    if dump.refused:
        raise DumpError(dump.name, dump.refused)
    return read(dump.path, limits.dump_bytes)


def parse(name: str, content: bytes, taken: date | None, limits: Limits) -> Parsed | None:
    """Return the papers of a dump; None where no format accepts it, DumpError where it is bad."""
    format_ = format_of(content[:HEAD])
    if format_ is None:
        return None
    taken = taken or day_in_name(name)
    try:
        found = capped(format_.papers(io.BytesIO(content)), limits.dump_papers)
        sightings = tuple(dated(found, taken))
    except DumpError as error:
        raise DumpError(name, error.reason, error.line) from error
    return Parsed(name_of(format_), taken, sightings)


@dataclass(frozen=True, slots=True)
class DumpReader:
    """One run of ingest; `today` is the local date, `taken` the day that a person gave."""

    store: Store
    limits: Limits
    today: date
    now: datetime
    taken: date | None = None
    history: bool = False

    def ingest(
        self, paths: Sequence[Path], progress: Progress[Dump], *, everything: bool = False
    ) -> IngestReport:
        """Read what is new under the paths, a transaction per dump: whole or not at all.

        SetupError where a path doesn't exist. What cannot be read is in the report. With
        `everything` no other files count: what was left out before and is gone is forgotten.
        """
        found = dumps(paths)
        if everything:
            with self.store.writing() as shelves:
                shelves.dumps.forget([dump.name for dump in found])
        entries = [self._one(each) for each in progress(found, "Reading dumps")]
        read = [entry for entry in entries if isinstance(entry, _Read)]
        new = sum(entry.new for entry in read)
        papers = sum(entry.papers for entry in read)
        return IngestReport(
            dumps=len(read),
            unchanged=entries.count(None),
            papers=papers,
            new=new,
            known=papers - new,
            left_out=tuple(entry for entry in entries if isinstance(entry, LeftOut)),
        )

    def _one(self, dump: Dump) -> "_Read | LeftOut | None":
        """Read one dump; None where its content was read before."""
        try:
            content = content_of(dump, self.limits)
        except DumpError as error:
            return LeftOut(dump.name, State.QUARANTINED, error.reason)
        sha256 = hashlib.sha256(content).hexdigest()
        with self.store.reading() as shelves:
            known = bool(shelves.dumps.read([sha256]))
        if known:
            self._retire(sha256)
            return None
        try:
            parsed = parse(dump.name, content, self.taken, self.limits)
        except DumpError as error:
            left = LeftOut(dump.name, State.QUARANTINED, error.reason, error.line)
            return self._leave_out(sha256, left)
        if parsed is None:
            return self._leave_out(sha256, LeftOut(dump.name, State.IGNORED, why_ignored(content)))
        return self._keep(dump.name, sha256, parsed)

    def _retire(self, sha256: str) -> None:
        """What is asked for as history is, also where it was read as news before."""
        if self.history:
            with self.store.writing() as shelves:
                shelves.papers.retire(sha256)

    def _leave_out(self, sha256: str, left: LeftOut) -> LeftOut:
        with self.store.writing() as shelves:
            shelves.dumps.add(
                sha256=sha256,
                name=left.dump,
                state=left.state,
                reason=left.reason,
                line=left.line,
                read_at=self.now,
            )
        return left

    def _keep(self, name: str, sha256: str, parsed: Parsed) -> "_Read | None":
        refs = {ref_of(sighting.title) for sighting in parsed.sightings}
        with self.store.writing() as shelves:
            if shelves.dumps.read([sha256]):
                return None  # another run was quicker
            known = shelves.papers.known(refs)
            decisions, papers = decide(parsed.sightings, known, self.today, history=self.history)
            new = sum(decision.answer is not Answer.SAME for decision in decisions)
            dump_id = shelves.dumps.add(
                sha256=sha256,
                name=name,
                state=State.READ,
                format=parsed.format,
                taken=parsed.taken,
                papers=len(decisions),
                new=new,
                history=self.history,
                read_at=self.now,
            )
            shelves.papers.save(papers)
            shelves.papers.sight(dump_id, decisions)
        return _Read(len(decisions), new)


@dataclass(frozen=True, slots=True)
class _Read:
    papers: int
    new: int


def why_ignored(content: bytes) -> str:
    if not content.strip():
        return "the file is empty"
    if b"\0" in content[:HEAD]:
        return "is binary, not text"
    return "no format knows it (docs/formats.md lists them)"
