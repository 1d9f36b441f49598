"""The shelf of papers, their sightings and their summaries."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date
from operator import attrgetter
from typing import Any, NamedTuple

from pydantic import TypeAdapter
from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    bindparam,
    delete,
    func,
    insert,
    or_,
    select,
    update,
)

from digest.batches import batches
from digest.ids import arxiv_id, doi
from digest.merge import merged, series
from digest.model import Answer, Paper, Sighting, Summary, Votes
from digest.store import bulk
from digest.store.bulk import among
from digest.store.dumps import State
from digest.store.news import Served, counts, is_ahead, is_news, is_root
from digest.store.schema import (
    dump,
    fingerprint,
    printing,
    sighting,
    summary,
    unfinished,
)
from digest.text import searchable

BATCH = 500
DERIVED = ("votes", "sources", "follows")
"""What no printing has by itself: its sightings and what dedupe said of it have."""

STORED = tuple(field.name for field in fields(Paper) if field.name not in DERIVED)
COLUMNS = (*STORED, "words")
SIGHTED = ("dump_id", "printing_id", "place", "line", "day", "upvotes", "comments", "printed")
PRINTED: TypeAdapter[Sighting] = TypeAdapter(Sighting)
SUMMARY: TypeAdapter[Summary | None] = TypeAdapter(Summary | None)
_stored = attrgetter(*STORED)


class Placed(NamedTuple):
    """A sighting, its place in the dump, the row of its printing, and the day that it is for."""

    place: int
    printing_id: int
    day: date
    printed: Sighting


@dataclass(frozen=True, slots=True)
class Seen:
    """A sighting as the store keeps it, with its dump; `ref` is that of its printing."""

    dump: str
    line: int
    day: date
    ref: str
    printed: Sighting


@dataclass(frozen=True, slots=True)
class Name:
    """A printing of a work, and what dedupe said of it; `of` is the title of what it names."""

    ref: str
    title: str
    abstract: str
    first_seen: date
    answer: Answer
    why: str
    of: str | None
    title_score: float | None
    abstract_score: float | None


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

    def printed(self, rows: Collection[int]) -> dict[int, Paper]:
        """Printings by row, whether they count or not."""
        query = select(printing).where(among(printing.c.id))
        stored = self._connection.execute(query, {"some": [*rows]})
        return {row.id: _paper(row) for row in stored}

    def counting(self, rows: Collection[int]) -> dict[int, Paper]:
        """Those of the printings that stand in a dump that counts."""
        query = select(printing).where(among(printing.c.id), counts(printing))
        stored = self._connection.execute(query, {"some": [*rows]})
        return {row.id: _paper(row) for row in stored}

    def add(self, worded: Sequence[tuple[Paper, str]], dump_id: int) -> dict[str, int]:
        """Store new printings, which count when the dump does; return their rows by ref.

        With each come the words of its title, for they are known by then.
        """
        bulk.execute(self._connection, insert(printing), COLUMNS, [_row(*each) for each in worded])
        rows = self._ids(paper.ref for paper, _ in worded)
        values = [(row, dump_id) for row in rows.values()]
        bulk.execute(self._connection, insert(unfinished), ("printing_id", "dump_id"), values)
        return rows

    def hidden(self, dump_id: int | None = None) -> set[int]:
        """The printings that a dump has brought, or any, and that do not count yet."""
        query = select(unfinished.c.printing_id)
        if dump_id is not None:
            query = query.where(unfinished.c.dump_id == dump_id)
        return set(self._connection.scalars(query))

    def finish(self, dump_id: int, rows: Collection[int]) -> None:
        """Make the printings count that the dump brought, and these."""
        self._connection.execute(delete(unfinished).where(unfinished.c.dump_id == dump_id))
        for some in batches(rows):
            self._connection.execute(delete(unfinished).where(unfinished.c.printing_id.in_(some)))

    def change(self, papers: Mapping[int, Paper]) -> None:
        """Store printings anew, by row.

        What counts and is history stays so, whoever made it that meanwhile.
        """
        if papers:
            columns: dict[str, Any] = {name: bindparam(f"new_{name}") for name in COLUMNS}
            columns["history"] = or_(printing.c.history & counts(printing), columns["history"])
            names = ["row", *(f"new_{name}" for name in COLUMNS)]
            values = [
                dict(zip(names, (row, *_row(paper, searchable(paper.title))), strict=True))
                for row, paper in papers.items()
            ]
            statement = update(printing).where(printing.c.id == bindparam("row")).values(columns)
            self._connection.execute(statement, values)

    def sight(self, dump_id: int, sightings: Sequence[Placed]) -> None:
        """Store sightings of a dump."""
        rows = [_sighting(dump_id, each) for each in sightings]
        bulk.execute(self._connection, insert(sighting), SIGHTED, rows)

    def retire(self, sha256: str) -> None:
        """Make history of all papers of a dump."""
        seen = (
            select(sighting.c.printing_id)
            .join(dump, dump.c.id == sighting.c.dump_id)
            .where(dump.c.sha256 == sha256)
        )
        which = update(printing).where(printing.c.id.in_(seen))
        self._connection.execute(which.values(history=True))

    def candidates(self, audience: str, day: date, served: Served | None = None) -> list[int]:
        """Works first seen on or before the day, in no edition of the audience, not history.

        And not those that the audience has behind it. They are told by the rows of their roots.
        """
        query = select(printing.c.id).where(is_news(audience), printing.c.first_seen <= day)
        if served is not None:
            query = query.where(is_ahead(served))
        return list(self._connection.scalars(query.order_by(printing.c.id)))

    def waiting(self, audience: str, day: date) -> int:
        """How many candidates there are."""
        return self._count(is_news(audience), printing.c.first_seen <= day)

    def newest(self) -> date | None:
        """The last day on which a paper was first seen."""
        day: date | None = self._connection.scalar(select(func.max(printing.c.first_seen)))
        return day

    def later(self, audience: str, day: date) -> int:
        """How many papers are candidates on a later day."""
        return self._count(is_news(audience), printing.c.first_seen > day)

    def count(self) -> int:
        return self._count(is_root())

    def _count(self, *which: ColumnElement[bool]) -> int:
        query = select(func.count()).select_from(printing).where(*which)
        return int(self._connection.scalar(query) or 0)

    def export(self) -> Iterator[Exported]:
        """Every sighting with its work, in an order that does not depend on when it was read."""
        root = printing.alias()
        query = (
            select(root.c.ref, printing.c.history, dump.c.sha256, dump.c.format)
            .add_columns(sighting.c.printed)
            .join(printing, printing.c.id == sighting.c.printing_id)
            .join(root, root.c.id == printing.c.root_id)
            .join(dump, dump.c.id == sighting.c.dump_id)
            .where(dump.c.state == State.READ)
            .order_by(root.c.ref, dump.c.sha256, sighting.c.place)
            .execution_options(yield_per=BATCH)
        )
        for row in self._connection.execute(query):
            printed = PRINTED.validate_python(row.printed)
            yield Exported(row.ref, row.history, row.sha256, row.format, printed)

    def works(self, refs: Collection[str]) -> dict[str, Paper]:
        """The works with these printings, by the ref that was asked for."""
        roots: dict[str, int] = {}
        for some in batches(refs):
            query = select(printing.c.ref, printing.c.root_id).where(printing.c.ref.in_(some))
            rows = self._connection.execute(query.where(counts(printing)))
            roots.update((row.ref, row.root_id) for row in rows)
        found = self.at(roots.values())
        return {ref: found[root] for ref, root in roots.items()}

    def at(self, roots: Iterable[int]) -> dict[int, Paper]:
        """The works that these rows stand for, by row."""
        printings: defaultdict[int, list[Paper]] = defaultdict(list)
        for some in batches(sorted(set(roots))):
            query = _printings().where(printing.c.root_id.in_(some), counts(printing))
            for row in self._connection.execute(query):
                printings[row.root_id].append(_paper(row, row.follows))
        votes, sources = self._seen(printings)
        return {
            root: replace(
                merged(some), votes=series(votes[root]), sources=tuple(sorted(sources[root]))
            )
            for root, some in printings.items()
        }

    def of_printings(self, rows: Collection[int]) -> list[Paper]:
        """The works with these printings."""
        query = select(printing.c.root_id).where(printing.c.id.in_(rows))
        return self._works(self._connection.scalars(query.where(counts(printing))))

    def by_id(self, name: str) -> list[Paper]:
        """Works of which a printing has this ref, arXiv id (with or without a version) or DOI."""
        arxiv, named_doi = arxiv_id(name), doi(name)
        hits = [printing.c.ref == name]
        hits += [printing.c.arxiv_id == arxiv.id] if arxiv else []
        hits += [printing.c.doi == named_doi] if named_doi else []
        query = select(printing.c.root_id).where(or_(*hits), counts(printing))
        return self._works(self._connection.scalars(query))

    def by_words(self, text: str, most: int) -> list[Paper]:
        """Works under whose titles is one with all the words, or beginnings of them; by title."""
        query = select(printing.c.root_id, func.min(printing.c.title).label("title"))
        query = query.where(counts(printing)).group_by(printing.c.root_id)
        for word in searchable(text).split():
            begins = (" " + printing.c.words).contains(f" {word}", autoescape=True)
            query = query.where(begins)
        rows = self._connection.execute(query.order_by("title").limit(most))
        found = self._works([row.root_id for row in rows])
        return sorted(found, key=lambda paper: (paper.title, paper.ref))

    def sightings(self, ref: str) -> list[Seen]:
        """The sightings of a work, by the ref of its root."""
        root = printing.alias()
        query = (
            select(sighting, dump.c.name.label("dump_name"), printing.c.ref)
            .join(dump, dump.c.id == sighting.c.dump_id)
            .join(printing, printing.c.id == sighting.c.printing_id)
            .join(root, root.c.id == printing.c.root_id)
            .where(root.c.ref == ref, dump.c.state == State.READ)
            .order_by(sighting.c.id)
        )
        return [_seen(row) for row in self._connection.execute(query)]

    def names(self, ref: str) -> list[Name]:
        """The printings of a work, by the ref of its root, in the order of their days."""
        root, of = printing.alias(), printing.alias()
        said = [fingerprint.c[name] for name in ("answer", "why", "title_score", "abstract_score")]
        query = (
            select(
                printing.c.ref, printing.c.title, printing.c.abstract, printing.c.first_seen, *said
            )
            .add_columns(of.c.title.label("of"))
            .join(root, root.c.id == printing.c.root_id)
            .outerjoin(fingerprint, fingerprint.c.printing_id == printing.c.id)
            .outerjoin(of, of.c.id == fingerprint.c.of_id)
            .where(root.c.ref == ref, counts(printing))
            .order_by(printing.c.first_seen, printing.c.ref)
        )
        return [_name(row) for row in self._connection.execute(query)]

    def summaries(self, refs: Collection[str]) -> dict[str, tuple[str, Summary | None]]:
        """The cache key and the summary of each paper that has one."""
        found = {}
        for some in batches(refs):
            query = (
                select(printing.c.ref, summary.c.cache_key, summary.c.found)
                .join(printing, printing.c.id == summary.c.work_id)
                .where(printing.c.ref.in_(some))
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
        query = select(printing.c.ref, printing.c.id).where(among(printing.c.ref))
        return dict(self._connection.execute(query, {"some": [*refs]}).all())

    def _works(self, roots: Iterable[int]) -> list[Paper]:
        """The works that these rows stand for, by their first day and ref."""
        return sorted(self.at(roots).values(), key=lambda paper: (paper.first_seen, paper.ref))

    def _seen(self, roots: Iterable[int]) -> tuple[dict[int, list[Votes]], dict[int, set[str]]]:
        """What sources counted of each work, and which they are."""
        votes: defaultdict[int, list[Votes]] = defaultdict(list)
        sources: defaultdict[int, set[str]] = defaultdict(set)
        columns = sighting.c.day, sighting.c.upvotes, sighting.c.comments
        for some in batches(sorted(roots)):
            query = (
                select(printing.c.root_id, dump.c.format, *columns)
                .join(printing, printing.c.id == sighting.c.printing_id)
                .join(dump, dump.c.id == sighting.c.dump_id)
                .where(printing.c.root_id.in_(some), dump.c.state == State.READ)
            )
            for root, source, day, upvotes, comments in self._connection.execute(query):
                sources[root].add(source)
                if (upvotes, comments) != (None, None):
                    votes[root].append(Votes(day, upvotes, comments))
        return votes, sources


def _printings() -> Select[Any]:
    """Printings, each with the ref of the work that it follows."""
    of, followed = printing.alias(), printing.alias()
    related = fingerprint.c.answer == Answer.RELATED
    return (
        select(printing, followed.c.ref.label("follows"))
        .outerjoin(fingerprint, (fingerprint.c.printing_id == printing.c.id) & related)
        .outerjoin(of, of.c.id == fingerprint.c.of_id)
        .outerjoin(followed, followed.c.id == of.c.root_id)
    )


def _paper(row: Row[Any], follows: str | None = None) -> Paper:
    values = {name: getattr(row, name) for name in STORED}
    for name in ("authors", "categories"):
        values[name] = tuple(values[name])
    return Paper(**values, follows=follows)


def _row(paper: Paper, words: str) -> tuple[Any, ...]:
    """The values of the COLUMNS."""
    return *_stored(paper), words


def _sighting(dump_id: int, each: Placed) -> tuple[Any, ...]:
    """The values of what is SIGHTED."""
    place, printing_id, day, printed = each
    counted = printed.upvotes, printed.comments
    whole = PRINTED.dump_python(printed, mode="json")
    return dump_id, printing_id, place, printed.line, day, *counted, whole


def _seen(row: Row[Any]) -> Seen:
    printed = PRINTED.validate_python(row.printed)
    return Seen(row.dump_name, row.line, row.day, row.ref, printed)


def _name(row: Row[Any]) -> Name:
    values = {**row._mapping}  # noqa: SLF001 - SQLAlchemy's public name for it
    return Name(**{**values, "answer": Answer(row.answer or Answer.NEW), "why": row.why or ""})
