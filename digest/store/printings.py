"""The shelf of printings as dedupe sees them: fingerprints, blocking keys, answers, rules."""

from collections import defaultdict
from collections.abc import Collection, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from struct import pack, unpack
from typing import Any, NamedTuple

from sqlalchemy import Connection, bindparam, delete, func, insert, select, update

from digest.model import Answer
from digest.printings import CROWD, Fingerprint, Keyed, Member, Place, Printing, Rules
from digest.store import bulk
from digest.store.ahead import Ahead
from digest.store.bulk import among
from digest.store.news import counts
from digest.store.schema import blocking_key, fingerprint, meta, printing, rule, unfinished

LACKING, KEYED = "printings without fingerprint", "printings with keys"
"""The keys of notes that migrations leave."""


class Places(NamedTuple):
    """Printings by blocking key: those that count, and those that do not yet."""

    counting: dict[int, list[Place]]
    hidden: dict[int, list[Place]]


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
    def __init__(self, connection: Connection, ahead: Ahead) -> None:
        self._connection = connection
        self._ahead = ahead

    def expect(self, keys: Iterable[int]) -> None:
        """Have the database fetch what stands under these keys while other work goes on."""
        self._ahead.fetch(blocking_key.c.key, keys)

    def add(self, new: Mapping[int, tuple[Printing, date]]) -> None:
        """Store what dedupe compares of new printings, by row, with the day of each."""
        rows = [_row(row, each, day) for row, (each, day) in new.items()]
        bulk.execute(self._connection, insert(fingerprint), PRINTED, rows)

    def add_keys(self, keyed: Sequence[Keyed]) -> None:
        """Store under which keys printings are found; not where a crowd of others comes first.

        Those that are stored already stay.
        """
        last = self._last_of_crowds({key for key, _, _ in keyed})
        found = [place for place in keyed if place[1] <= last.get(place[0], place[1])]
        names, unless = blocking_key.columns.keys(), "ON CONFLICT DO NOTHING"
        bulk.execute(self._connection, insert(blocking_key), names, found, unless)

    def _last_of_crowds(self, keys: Collection[int]) -> dict[int, int]:
        """The highest rank under each of the keys that have a crowd of printings that count."""
        joined = unfinished.c.printing_id == blocking_key.c.printing_id
        crowds = (
            select(blocking_key.c.key, func.max(blocking_key.c.rank))
            .outerjoin(unfinished, joined)
            .where(among(blocking_key.c.key), unfinished.c.printing_id.is_(None))
            .group_by(blocking_key.c.key)
            .having(func.count() >= CROWD)
        )
        return dict(self._connection.execute(crowds, {"some": [*keys]}).all())

    def at(self, keys: Collection[int], hidden: Container[int] = ()) -> Places:
        """The printings under each of these blocking keys, in order of rank.

        Those that are `hidden` stand apart.
        """
        found = Places(defaultdict(list), defaultdict(list))
        columns = blocking_key.c.key, blocking_key.c.rank, blocking_key.c.printing_id
        query = select(*columns).where(among(blocking_key.c.key)).order_by(*columns)
        for key, rank_, row in self._connection.execute(query, {"some": [*keys]}).all():
            (found.hidden if row in hidden else found.counting)[key].append((rank_, row))
        return found

    def thin(self, crowded: Iterable[tuple[int, Place]]) -> None:
        """Take printings from under keys."""
        left_out = [{"k": key, "r": rank_, "p": row} for key, (rank_, row) in crowded]
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
        self._ahead.fetch(fingerprint.c.printing_id, sorted(rows))
        joined = unfinished.c.printing_id == fingerprint.c.printing_id
        query = select(unfinished.c.dump_id, *COMPARED).outerjoin(unfinished, joined)
        query = query.where(among(fingerprint.c.printing_id))
        for hidden, *compared in self._connection.execute(query, {"some": [*rows]}).all():
            if hidden is None or compared[0] in own:
                found[compared[0]] = _member(compared, own)
        return found

    def dependents(self, rows: Collection[int]) -> dict[int, list[int]]:
        """The printings whose answer names each of these."""
        found: defaultdict[int, list[int]] = defaultdict(list)
        columns = fingerprint.c.of_id, fingerprint.c.printing_id
        query = select(*columns).where(among(fingerprint.c.of_id))
        for of, row in self._connection.execute(query, {"some": [*rows]}).all():
            found[of].append(row)
        return found

    def ids(self, refs: Iterable[str]) -> dict[str, int]:
        """The rows of these refs."""
        query = select(printing.c.ref, printing.c.id).where(among(printing.c.ref))
        return dict(self._connection.execute(query, {"some": [*refs]}).all())

    def date(self, days: Mapping[int, date]) -> None:
        """Store from which days on printings are known."""
        rows = [{"row": row, "seen": day} for row, day in days.items()]
        if rows:
            statement = update(fingerprint).where(fingerprint.c.printing_id == bindparam("row"))
            self._connection.execute(statement.values(day=bindparam("seen")), rows)

    def answer(self, answers: Sequence[Answered]) -> None:
        names = ("answer", "of_id", "title_score", "abstract_score", "why")
        rows = [
            (each.answer.value, each.of, each.title, each.abstract, each.why, each.printing_id)
            for each in answers
        ]
        which = update(fingerprint).where(fingerprint.c.printing_id == bindparam("row"))
        values = which.values({name: bindparam(name) for name in names})
        bulk.execute(self._connection, values, [*names, "row"], rows)

    def root(self, roots: Mapping[int, int]) -> None:
        """Store which printing stands for the work of each."""
        rows = [(root, row) for row, root in roots.items()]
        which = update(printing).where(printing.c.id == bindparam("row"))
        values = which.values(root_id=bindparam("root"))
        bulk.execute(self._connection, values, ["root", "row"], rows)

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
        """Whether printings of an earlier version are still without a fingerprint, or its keys."""
        notes = select(meta.c.key).where(meta.c.key.in_((LACKING, KEYED)))
        return self._connection.scalar(notes) is not None

    def lacks_none(self) -> None:
        self._connection.execute(delete(meta).where(meta.c.key.in_((LACKING, KEYED))))

    def without_keys(self, most: int) -> list[int]:
        """The next printings to which an earlier version gave other keys."""
        last = self._connection.scalar(select(meta.c.value).where(meta.c.key == KEYED))
        if last is None:
            return []
        query = select(fingerprint.c.printing_id).where(fingerprint.c.printing_id > int(last))
        query = query.order_by(fingerprint.c.printing_id).limit(most)
        return list(self._connection.scalars(query))

    def have_keys(self, rows: Sequence[int]) -> None:
        """Note that these, and all before them, have their keys."""
        note = update(meta).where(meta.c.key == KEYED)
        self._connection.execute(note.values(value=str(rows[-1])))

    def without_fingerprint(self, most: int) -> list[int]:
        """Printings that an earlier version stored."""
        query = (
            select(printing.c.id)
            .outerjoin(fingerprint, fingerprint.c.printing_id == printing.c.id)
            .where(fingerprint.c.printing_id.is_(None))
            .limit(most)
        )
        return list(self._connection.scalars(query))


PRINTED = (
    *("printing_id", "ref", "day", "key", "arxiv_id", "doi", "year", "shingles", "title"),
    *("authors", "sketch"),
)


def _row(row: int, new: Printing, day: date) -> tuple[Any, ...]:
    """The values of what is PRINTED."""
    ref, title, key, arxiv_id, doi, year, authors, shingles, sketch = new.fingerprint
    names = pack(f">{len(authors)}I", *authors)
    known = bytes.fromhex(ref), day, key, arxiv_id, doi, year
    return row, *known, shingles, title, names, sketch


COMPARED = [
    fingerprint.c[name]
    for name in (
        *("printing_id", "day", "answer", "of_id", "ref", "authors"),
        *("title", "key", "arxiv_id", "doi", "year", "shingles", "sketch"),
    )
]
ANSWERS: dict[str | None, Answer] = {
    None: Answer.NEW,
    **{answer.value: answer for answer in Answer},
}


def _member(compared: Sequence[Any], own: Mapping[int, date]) -> Member:
    row, day, answer, of, ref, authors, *print_ = compared
    title, key, arxiv_id, doi, year, shingles, sketch = print_
    names = unpack(f">{len(authors) // 4}I", authors) if authors else ()
    told = Fingerprint(ref.hex(), title, key, arxiv_id, doi, year, names, shingles, sketch)
    return Member(row, told, own.get(row, day), ANSWERS[answer], of)
