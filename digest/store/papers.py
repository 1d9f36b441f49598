"""The shelf of papers, their sightings and their summaries."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import date
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    bindparam,
    func,
    insert,
    or_,
    select,
    update,
)

from digest.batches import batches
from digest.ids import arxiv_id, doi
from digest.model import Answer, Decision, Paper, Sighting, Summary
from digest.store.dumps import State
from digest.store.schema import dump, edition_work, sighting, summary, work
from digest.text import searchable

BATCH = 500
PAPER = tuple(field.name for field in fields(Paper))
PRINTED: TypeAdapter[Sighting] = TypeAdapter(Sighting)
SUMMARY: TypeAdapter[Summary | None] = TypeAdapter(Summary | None)


@dataclass(frozen=True, slots=True)
class Seen:
    """A sighting as the store keeps it, with the dump that it stands in."""

    dump: str
    line: int
    day: date | None
    answer: Answer
    why: str
    printed: Sighting


@dataclass(frozen=True, slots=True)
class Exported:
    """A sighting as it leaves the store: nothing in it tells when or in what order it came."""

    work: str
    history: bool
    sha256: str
    format: str
    printed: Sighting


class Papers:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def known(self, refs: Collection[str]) -> dict[str, Paper]:
        """The papers of these that stand in a dump that counts."""
        found: dict[str, Paper] = {}
        for some in batches(refs):
            rows = self._connection.execute(_papers().where(work.c.ref.in_(some), _is_whole()))
            found.update((row.ref, _paper(row)) for row in rows)
        return found

    def save(self, papers: Sequence[Paper]) -> None:
        """Store new papers and changed ones."""
        ids = self._ids([paper.ref for paper in papers])
        for some in batches(paper for paper in papers if paper.ref not in ids):
            self._connection.execute(insert(work), [_row(paper) for paper in some])
        changed = [_changes(paper) for paper in papers if paper.ref in ids]
        if changed:
            columns: dict[str, Any] = {name: bindparam(name) for name in _row(papers[0])}
            del columns["ref"]
            statement = update(work).where(work.c.ref == bindparam("known_ref")).values(columns)
            self._connection.execute(statement, changed)

    def sight(self, dump_id: int, decisions: Sequence[tuple[int, Decision]]) -> None:
        """Store what was decided of the papers at these places of a dump."""
        ids = self._ids([decision.ref for _, decision in decisions])
        for some in batches(decisions):
            rows = [_sighting(dump_id, place, ids[each.ref], each) for place, each in some]
            self._connection.execute(insert(sighting), rows)

    def retire(self, sha256: str) -> None:
        """Make history of all papers of a dump."""
        seen = (
            select(sighting.c.work_id)
            .join(dump, dump.c.id == sighting.c.dump_id)
            .where(dump.c.sha256 == sha256)
        )
        self._connection.execute(update(work).where(work.c.id.in_(seen)).values(history=True))

    def candidates(self, audience: str, day: date) -> list[Paper]:
        """Papers first seen on or before the day, in no edition of the audience, not history."""
        query = _candidates(_papers(), audience, day).order_by(work.c.first_seen, work.c.ref)
        return [_paper(row) for row in self._connection.execute(query)]

    def waiting(self, audience: str, day: date) -> int:
        """How many candidates there are."""
        query = _candidates(select(func.count()).select_from(work), audience, day)
        return int(self._connection.scalar(query) or 0)

    def later(self, day: date) -> int:
        """How many papers are of a day after this one."""
        query = select(func.count()).select_from(work)
        query = query.where(work.c.first_seen > day, work.c.history.is_(False), _is_whole())
        return int(self._connection.scalar(query) or 0)

    def count(self) -> int:
        query = select(func.count()).select_from(work).where(_is_whole())
        return int(self._connection.scalar(query) or 0)

    def export(self) -> Iterator[Exported]:
        """Every sighting with its work, in an order that does not depend on when it was read."""
        query = (
            select(work.c.ref, work.c.history, dump.c.sha256, dump.c.format, sighting.c.printed)
            .join(work, work.c.id == sighting.c.work_id)
            .join(dump, dump.c.id == sighting.c.dump_id)
            .where(dump.c.state == State.READ)
            .order_by(work.c.ref, dump.c.sha256, sighting.c.place)
            .execution_options(yield_per=BATCH)
        )
        for row in self._connection.execute(query):
            printed = PRINTED.validate_python(row.printed)
            yield Exported(row.ref, row.history, row.sha256, row.format, printed)

    def by_id(self, name: str) -> list[Paper]:
        """Papers whose ref, arXiv id (with or without a version) or DOI this is."""
        arxiv, named_doi = arxiv_id(name), doi(name)
        hits = [work.c.ref == name]
        hits += [work.c.arxiv_id == arxiv.id] if arxiv else []
        hits += [func.lower(work.c.doi) == named_doi] if named_doi else []
        return [_paper(row) for row in self._connection.execute(_papers().where(or_(*hits)))]

    def by_words(self, text: str, most: int) -> list[Paper]:
        """Papers whose title holds all the words, or beginnings of them; `most` at the most."""
        query = _papers().order_by(work.c.title).limit(most)
        for word in searchable(text).split():
            begins = (" " + work.c.words).contains(f" {word}", autoescape=True)
            query = query.where(begins)
        return [_paper(row) for row in self._connection.execute(query)]

    def sightings(self, ref: str) -> list[Seen]:
        query = (
            select(sighting, dump.c.name.label("dump_name"))
            .join(dump, dump.c.id == sighting.c.dump_id)
            .join(work, work.c.id == sighting.c.work_id)
            .where(work.c.ref == ref)
            .order_by(sighting.c.id)
        )
        return [_seen(row) for row in self._connection.execute(query)]

    def summaries(self, refs: Collection[str]) -> dict[str, tuple[str, Summary | None]]:
        """The cache key and the summary of each paper that has one."""
        found = {}
        for some in batches(refs):
            query = (
                select(work.c.ref, summary.c.cache_key, summary.c.found)
                .join(work, work.c.id == summary.c.work_id)
                .where(work.c.ref.in_(some))
            )
            for row in self._connection.execute(query):
                found[row.ref] = (row.cache_key, SUMMARY.validate_python(row.found))
        return found

    def keep_summaries(self, summaries: Mapping[str, tuple[str, Summary | None]]) -> None:
        """Store summaries by ref, in place of older ones."""
        ids = self._ids(summaries)
        for some in batches(summaries.items()):
            known = [ids[ref] for ref, _ in some]
            self._connection.execute(summary.delete().where(summary.c.work_id.in_(known)))
            rows = [
                {"work_id": ids[ref], "cache_key": key, "found": SUMMARY.dump_python(found)}
                for ref, (key, found) in some
            ]
            self._connection.execute(insert(summary), rows)

    def _ids(self, refs: Iterable[str]) -> dict[str, int]:
        found: dict[str, int] = {}
        for some in batches(refs):
            rows = self._connection.execute(
                select(work.c.ref, work.c.id).where(work.c.ref.in_(some))
            )
            found.update((row.ref, row.id) for row in rows)
        return found


def _papers() -> Select[Any]:
    return select(*(work.c[name] for name in PAPER))


def _candidates(query: Select[Any], audience: str, day: date) -> Select[Any]:
    listed = edition_work.c.work_id == work.c.id, edition_work.c.audience == audience
    return query.where(
        work.c.first_seen <= day,
        work.c.history.is_(False),
        _is_whole(),
        ~select(edition_work.c.work_id).where(*listed).exists(),
    )


def _is_whole() -> ColumnElement[bool]:
    """Whether a work is in a dump that is stored to its end."""
    return (
        select(sighting.c.id)
        .join(dump, dump.c.id == sighting.c.dump_id)
        .where(sighting.c.work_id == work.c.id, dump.c.state == State.READ)
        .exists()
    )


def _paper(row: Row[Any]) -> Paper:
    values = {**row._mapping}  # noqa: SLF001 - SQLAlchemy's public name for it
    return Paper(**{**values, "authors": tuple(row.authors), "categories": tuple(row.categories)})


def _changes(paper: Paper) -> dict[str, Any]:
    values = _row(paper)
    return {**values, "known_ref": values.pop("ref")}


def _row(paper: Paper) -> dict[str, Any]:
    return {**asdict(paper), "words": searchable(paper.title)}


def _sighting(dump_id: int, place: int, work_id: int, decision: Decision) -> dict[str, Any]:
    printed = decision.sighting
    return {
        "dump_id": dump_id,
        "work_id": work_id,
        "place": place,
        "line": printed.line,
        "day": printed.day and printed.day.date(),
        "answer": decision.answer,
        "of": decision.of,
        "why": decision.why,
        "printed": PRINTED.dump_python(printed, mode="json"),
    }


def _seen(row: Row[Any]) -> Seen:
    printed = PRINTED.validate_python(row.printed)
    return Seen(row.dump_name, row.line, row.day, Answer(row.answer), row.why, printed)
