"""What became of every dump, and the store's content as it leaves it."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import date, datetime
from itertools import groupby
from typing import Any

from digest.model import PrintedDate, Sighting
from digest.store import Store
from digest.store.dumps import Row, State

HINTS = {
    State.QUARANTINED: "mend or remove the file, then: digest dumps retry",
    State.IGNORED: "remove it, or write a format for it (docs/formats.md)",
    State.LOADING: "it is being read, or that was broken off; then the next ingest reads it anew",
}


@dataclass(frozen=True, slots=True)
class Listed:
    """A dump for a person; `hint` says what can be done where something is wrong."""

    dump: str
    state: State
    when: datetime
    format: str | None
    taken: date | None
    papers: int
    new: int
    known: int
    history: bool
    why: str | None
    line: int | None
    hint: str | None


def listed(store: Store) -> list[Listed]:
    """Every dump, the latest first."""
    with store.reading() as shelves:
        return [_listed(row) for row in shelves.dumps.all()]


def _listed(row: Row) -> Listed:
    return Listed(
        dump=row.name,
        state=row.state,
        when=row.read_at,
        format=row.format,
        taken=row.taken,
        papers=row.papers,
        new=row.new,
        known=row.papers - row.new,
        history=row.history,
        why=row.reason or ("not all of it is stored" if row.state is State.LOADING else None),
        line=row.line,
        hint=HINTS.get(row.state),
    )


ALWAYS = (
    *("title", "abstract", "authors", "author_count", "organization", "organization_handle"),
    *("published", "upvotes", "comments", "arxiv_id", "doi", "url", "categories", "day"),
)
WHERE_SAID = ("version", "announced", "keywords", "ai_summary", "code_url")


def record(sighting: Sighting) -> dict[str, Any]:
    """The JSON line of a paper (docs/formats.md), but for where it stands.

    Null says that the dump does not say; what few dumps say is there only where it is said.
    """
    values = {**asdict(sighting), "published": _iso(sighting.published)}
    values["day"] = _iso(sighting.day)
    facts = {key: None if value in ((), "") else value for key, value in values.items()}
    said = {name: facts[name] for name in WHERE_SAID if facts[name] is not None}
    return {name: facts[name] for name in ALWAYS} | said


def _iso(printed: PrintedDate | None) -> str | None:
    day = printed.date() if printed else None
    return day.isoformat() if day else None


def export(store: Store) -> Iterator[dict[str, Any]]:
    """Every sighting with its work, in an order that depends on content alone.

    `dump` is the hash of the dump's content, as names may change.
    """
    with store.reading() as shelves:
        for each in shelves.papers.export():
            where = {"dump": each.sha256, "format": each.format, "line": each.printed.line}
            work = {"work": each.work, "history": each.history}
            yield {**where, **work, **record(each.printed)}


def texts(store: Store) -> Iterator[tuple[str, str]]:
    """The title and the abstract of every paper, as first printed."""
    with store.reading() as shelves:
        for _, sightings in groupby(shelves.papers.export(), key=lambda each: each.work):
            printed = next(sightings).printed
            yield printed.title, printed.abstract
