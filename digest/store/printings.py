"""The shelf of printings as dedupe sees them: fingerprints, blocking keys, answers, rules."""

from collections import defaultdict
from collections.abc import Collection, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from struct import pack, unpack
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, insert, select, update

from digest.batches import batches
from digest.model import Answer
from digest.printings import CROWD, Fingerprint, Member, Place, Printing, Rules, rank
from digest.store.news import counts
from digest.store.schema import blocking_key, fingerprint, meta, printing, rule, unfinished

LACKING = "printings without fingerprint"
"""The key of a note that the migration to this version leaves."""


@dataclass(frozen=True, slots=True)
class Answered:
    """What was decided of a printing, by its row; `of` is the row of the one it names."""

    printing_id: int
    answer: Answer
    of: int | None
    why: str
    title: float | None
    abstract: float | None


class Printings:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, new: Mapping[int, tuple[Printing, date]]) -> None:
        """Store what dedupe compares of new printings, by row, with the day of each."""
        for some in batches(new.items()):
            rows = [_row(row, each, day) for row, (each, day) in some]
            self._connection.execute(insert(fingerprint), rows)
            places = [place for row, (each, _) in some for place in _places(row, each)]
            self._connection.execute(insert(blocking_key), places)

    def at(self, keys: Collection[int], own: Container[int] = ()) -> dict[int, list[Place]]:
        """The printings under each of these blocking keys, in order of rank.

        Of those that do not count only one's own.
        """
        found: defaultdict[int, list[Place]] = defaultdict(list)
        columns = blocking_key.c.key, blocking_key.c.rank, blocking_key.c.printing_id
        joined = unfinished.c.printing_id == blocking_key.c.printing_id
        places = select(*columns, unfinished.c.dump_id).outerjoin(unfinished, joined)
        for some in batches(sorted(keys)):
            query = places.where(blocking_key.c.key.in_(some)).order_by(*columns)
            for key, rank_, row, hidden in self._connection.execute(query).all():
                if hidden is None or row in own:
                    found[key].append(Place(rank_, row))
        return found

    def thin(self, crowded: Mapping[int, Sequence[Place]]) -> None:
        """Leave only the first of the printings under each of these keys."""
        left_out = [
            {"k": key, "r": place.rank, "p": place.handle}
            for key, places in crowded.items()
            for place in places[CROWD:]
        ]
        if left_out:
            which = (
                blocking_key.c.key == bindparam("k"),
                blocking_key.c.rank == bindparam("r"),
                blocking_key.c.printing_id == bindparam("p"),
            )
            self._connection.execute(delete(blocking_key).where(*which), left_out)

    def members(self, rows: Collection[int], own: Mapping[int, date]) -> dict[int, Member]:
        """Those of the printings that count, and those of one's `own`, with the days of these."""
        found = {}
        for some in batches(sorted(rows)):
            hidden = unfinished.c.dump_id.label("hidden")
            query = select(fingerprint, hidden).where(fingerprint.c.printing_id.in_(some))
            joined = unfinished.c.printing_id == fingerprint.c.printing_id
            for row in self._connection.execute(query.outerjoin(unfinished, joined)).all():
                if row.hidden is None or row.printing_id in own:
                    found[row.printing_id] = _member(row, own)
        return found

    def dependents(self, rows: Collection[int]) -> dict[int, list[int]]:
        """The printings whose answer names each of these."""
        found: defaultdict[int, list[int]] = defaultdict(list)
        columns = fingerprint.c.of_id, fingerprint.c.printing_id
        for some in batches(sorted(rows)):
            query = select(*columns).where(fingerprint.c.of_id.in_(some))
            for of, row in self._connection.execute(query):
                found[of].append(row)
        return found

    def ids(self, refs: Iterable[str]) -> dict[str, int]:
        """The rows of these refs."""
        found: dict[str, int] = {}
        for some in batches(refs):
            query = select(printing.c.ref, printing.c.id).where(printing.c.ref.in_(some))
            found.update((row.ref, row.id) for row in self._connection.execute(query))
        return found

    def date(self, days: Mapping[int, date]) -> None:
        """Store from which days on printings are known."""
        rows = [{"row": row, "seen": day} for row, day in days.items()]
        if rows:
            statement = update(fingerprint).where(fingerprint.c.printing_id == bindparam("row"))
            self._connection.execute(statement.values(day=bindparam("seen")), rows)

    def answer(self, answers: Sequence[Answered]) -> None:
        if answers:
            values: dict[str, Any] = {
                "answer": bindparam("said"),
                "of_id": bindparam("named"),
                "title_score": bindparam("by_title"),
                "abstract_score": bindparam("by_abstract"),
                "why": bindparam("because"),
            }
            statement = update(fingerprint).where(fingerprint.c.printing_id == bindparam("row"))
            self._connection.execute(statement.values(values), list(map(_answered, answers)))

    def root(self, roots: Mapping[int, int]) -> None:
        """Store which printing stands for the work of each."""
        rows = [{"row": row, "root": root} for row, root in roots.items()]
        if rows:
            statement = update(printing).where(printing.c.id == bindparam("row"))
            self._connection.execute(statement.values(root_id=bindparam("root")), rows)

    def family(self, ref: str) -> dict[int, str]:
        """The refs of all printings of the work with this printing, by row."""
        named = select(printing.c.root_id).where(printing.c.ref == ref).scalar_subquery()
        here = printing.c.root_id == named, counts(printing)
        query = select(printing.c.id, printing.c.ref).where(*here)
        return {row.id: row.ref for row in self._connection.execute(query)}

    def rules(self) -> Rules:
        rows = self._connection.execute(select(rule.c.one, rule.c.other, rule.c.same)).all()
        pairs = [(frozenset((row.one, row.other)), row.same) for row in rows]
        return Rules(
            same=frozenset(pair for pair, same in pairs if same),
            apart=frozenset(pair for pair, same in pairs if not same),
        )

    def rule(self, pairs: Iterable[tuple[str, str]], made_at: datetime, *, same: bool) -> None:
        """Note a decision about pairs of refs, in place of an earlier one."""
        rows = [
            {"one": min(pair), "other": max(pair), "same": same, "made_at": made_at}
            for pair in pairs
        ]
        self.forget_rules((row["one"], row["other"]) for row in rows)
        if rows:
            self._connection.execute(insert(rule), rows)

    def forget_rules(self, pairs: Iterable[tuple[Any, Any]]) -> None:
        rows = [{"a": min(pair), "b": max(pair)} for pair in pairs]
        which = rule.c.one == bindparam("a"), rule.c.other == bindparam("b")
        if rows:
            self._connection.execute(delete(rule).where(*which), rows)

    def lacking(self) -> bool:
        """Whether printings of an earlier version are still without a fingerprint."""
        return self._connection.scalar(select(meta.c.key).where(meta.c.key == LACKING)) is not None

    def lacks_none(self) -> None:
        self._connection.execute(delete(meta).where(meta.c.key == LACKING))

    def without_fingerprint(self, most: int) -> list[int]:
        """Printings that an earlier version stored."""
        query = (
            select(printing.c.id)
            .outerjoin(fingerprint, fingerprint.c.printing_id == printing.c.id)
            .where(fingerprint.c.printing_id.is_(None))
            .limit(most)
        )
        return list(self._connection.scalars(query))


def _row(row: int, new: Printing, day: date) -> dict[str, Any]:
    print_ = new.fingerprint
    return {
        "printing_id": row,
        "ref": bytes.fromhex(print_.ref),
        "day": day,
        "key": print_.key,
        "arxiv_id": print_.arxiv_id,
        "doi": print_.doi,
        "year": print_.year,
        "shingles": print_.shingles,
        "title": print_.title,
        "authors": pack(f">{len(print_.authors)}I", *print_.authors),
        "sketch": print_.sketch,
    }


def _places(row: int, new: Printing) -> list[dict[str, int]]:
    rank_ = rank(new.fingerprint.ref)
    keys = dict.fromkeys((*new.names, *new.marks))
    return [{"key": key, "rank": rank_, "printing_id": row} for key in keys]


def _member(row: Row[Any], own: Mapping[int, date]) -> Member:
    print_ = Fingerprint(
        ref=row.ref.hex(),
        title=row.title,
        key=row.key,
        arxiv_id=row.arxiv_id,
        doi=row.doi,
        year=row.year,
        authors=unpack(f">{len(row.authors) // 4}I", row.authors),
        shingles=row.shingles,
        sketch=row.sketch,
    )
    answer = Answer(row.answer or Answer.NEW)
    return Member(row.printing_id, print_, own.get(row.printing_id, row.day), answer, row.of_id)


def _answered(each: Answered) -> dict[str, Any]:
    return {
        "row": each.printing_id,
        "said": each.answer,
        "named": each.of,
        "by_title": each.title,
        "by_abstract": each.abstract,
        "because": each.why,
    }
