"""In whatever order dumps come, and wherever a run breaks off: the store ends the same."""

import json
import shutil
from collections import Counter
from collections.abc import Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from sqlalchemy import event

from digest.app import quietly
from digest.dedupe import decide, printed
from digest.formats.export import sighting
from digest.pipeline import dedupe, load
from digest.pipeline.dumps import export
from digest.pipeline.ingest import DumpReader, Limits
from digest.printings import CROWD
from digest.store import Store, open_store

NOW = datetime(2026, 11, 20, 7, tzinfo=UTC)
TODAY = NOW.date()
LIMITS = Limits(1_000_000, 100, 1_000)
TITLES = [
    "On Kites",
    "On kites",
    "ON KITES",
    r"On $\alpha$-Kites",
    "On alpha-Kites",
    "Ropes",
    "Fog",
]

papers = st.fixed_dictionaries(
    {
        "dump": st.just("d"),
        "format": st.just("f"),
        "title": st.sampled_from(TITLES),
        "abstract": st.sampled_from(["We fly.", "We fly kites. They rise.", "We fly kites…", None]),
        "authors": st.none() | st.lists(st.sampled_from(["Ada", "Grace"]), min_size=1, unique=True),
        "organization": st.sampled_from([None, "Lab A", "Lab B"]),
        "published": st.sampled_from([None, "2026-01-05", "2026-02-06"]),
        "upvotes": st.none() | st.integers(0, 9),
        "arxiv_id": st.sampled_from([None, "2601.00001", "2601.00002"]),
        "url": st.sampled_from([None, "https://a.example/1", "https://b.example/2"]),
        "categories": st.none() | st.lists(st.sampled_from(["cs.LG", "cs.CL"]), min_size=1),
    }
)

FLIGHT = """
    We fly kites of anisotropic paper over a northern harbour and measure how the ropes bend in a
    gale. Meadows of copper lanterns light the quay at night, so that each knot is seen. Our kites
    rise higher than those of silk, and fall later, in nine of ten winters. We also tell how the
    paper is glued, why cedar is lighter than amber, and what the sparrows thought of it.
"""
GROWTH = """
    An orchard sleeps in winter, yet below the snow a hundred roots drink slowly. The gardener
    counts each bud twice, writes the number on birch bark, and burns what is wrong. After thirty
    years the bark tells which trees bear pears early and which of them only promise to. Nobody
    else reads it, and so it has never been proved.
"""
KITES = "Anisotropic Kites: How Paper Flies in a Gale over the Northern Harbour"
ORCHARDS = "Orchards in Winter and What Grows There"
WITHDRAWN = "This paper has been withdrawn by its authors: the ropes of section two were too short."

printings = st.fixed_dictionaries(
    {
        "dump": st.just("d"),
        "format": st.just("f"),
        "title": st.sampled_from(
            [
                *(KITES, KITES.upper(), KITES[:45], "Why Sparrows Sing at Night", "Editorial"),
                *(KITES.replace("Northern", "Nortern"), KITES.replace("Kites:", "Kites 2:")),
                *(ORCHARDS, ORCHARDS + "++", ORCHARDS.replace("Winter", "Wintre")),
            ]
        ),
        "abstract": st.sampled_from(
            [
                *(FLIGHT, FLIGHT[:200], FLIGHT[:90] + "…", FLIGHT.replace("paper", "silk")),
                *(GROWTH, GROWTH[:220], FLIGHT[:300] + GROWTH[:150], WITHDRAWN, None),
            ]
        ),
        "day": st.sampled_from([None, "2026-11-16", "2026-11-17", "2026-11-18"]),
        "arxiv_id": st.sampled_from([None, None, None, "2601.00001", "2601.00002"]),
        "doi": st.sampled_from([None, None, "10.1000/kites"]),
        "version": st.sampled_from([None, 1, 2]),
        "announced": st.sampled_from([None, None, "new", "replace", "withdrawn"]),
        "authors": st.sampled_from([None, ["Ada Byron"], ["Grace Moss", "Ada Byron"]]),
        "published": st.sampled_from([None, "2025-11-05", "2026-02-06"]),
        "upvotes": st.none() | st.integers(0, 9),
        "comments": st.none() | st.integers(0, 2),
    }
)


@dataclass(frozen=True)
class Page:
    """The records of a dump, and whether it is read as history."""

    records: list[dict[str, Any]]
    history: bool


pages = st.lists(papers | printings, min_size=1, max_size=5)
dumps = st.lists(st.builds(Page, pages, st.booleans()), min_size=1, max_size=4)


def new_store(tables: Path, file: Path) -> Store:
    return open_store(f"sqlite:///{shutil.copy(tables, file)}")


def read(store: Store, folder: Path, names: list[str], **how: bool) -> None:
    reader = DumpReader(store, LIMITS, TODAY, NOW, **how)
    reader.ingest([folder / name for name in names], quietly)


def broken_off(store: Store, folder: Path, name: str, at: int, **how: bool) -> None:
    """Read a dump until the commit of this number, which fails."""
    commits = 0

    def kill(_connection: object) -> None:
        nonlocal commits
        commits += 1
        if commits == at:
            raise Killed

    event.listen(store._engine, "commit", kill)
    with suppress(Killed):
        read(store, folder, [name], **how)
    event.remove(store._engine, "commit", kill)


class Killed(BaseException):
    pass


def works(store: Store) -> list[str]:
    """Each work, with what was said of its printings."""
    with store.reading() as shelves:
        refs = sorted({each.work for each in shelves.papers.export()})
        known = shelves.papers.works(refs)
        return [repr((known[ref], shelves.papers.names(ref))) for ref in refs]


def content(folder: Path, database: str, orders: list[list[str]]) -> tuple[list[str], list[str]]:
    with closing(open_store(f"sqlite:///{folder / database}")) as store:
        for names in orders:
            read(store, folder, names)
        return all_of(store)


def all_of(store: Store) -> tuple[list[str], list[str]]:
    return [json.dumps(record) for record in export(store)], works(store)


def written(folder: Path, pages: Sequence[Page]) -> list[tuple[str, bool]]:
    """Write the dumps; return their names, and whether each is history."""
    for n, page in enumerate(pages):
        text = "\n".join(map(json.dumps, page.records))
        (folder / f"{n}.jsonl").write_text(text, "utf-8")
    return [(f"{n}.jsonl", page.history) for n, page in enumerate(pages)]


def read_all(store: Store, folder: Path, dumps: Sequence[tuple[str, bool]]) -> None:
    for name, history in dumps:
        read(store, folder, [name], history=history)


def most_under_a_key(pages: Sequence[Page]) -> int:
    """How many printings share a blocking key."""
    records = (record for page in pages for record in page.records)
    found = [printed(sighting(record, 0), TODAY)[1] for record in records]
    by_ref = {each.fingerprint.ref: each.keys for each in found}
    return max(Counter(key for keys in by_ref.values() for key in keys).values())


@settings(max_examples=60, deadline=None)
@given(dumps, st.data())
def test_any_order_twice_or_broken_off_ends_the_same(tables, pages, data):
    assume(most_under_a_key(pages) < CROWD)  # from a crowd some are left out
    with TemporaryDirectory() as temporary, patch.multiple(load, CHUNK=2, TURN=0):
        folder = Path(temporary)
        dumps = written(folder, pages)
        with closing(new_store(tables, folder / "a.db")) as store:
            read_all(store, folder, dumps)
            expected = all_of(store)
        other = data.draw(st.permutations(dumps))
        with closing(new_store(tables, folder / "b.db")) as store:
            for name, history in other:
                if data.draw(st.booleans()):
                    at = data.draw(st.integers(1, 9))
                    broken_off(store, folder, name, at, history=history)
                if data.draw(st.booleans()):
                    read(store, folder, [name], history=history)
            read_all(store, folder, other)
            assert all_of(store) == expected
            read_all(store, folder, dumps)
            assert all_of(store) == expected


@settings(max_examples=60, deadline=None)
@given(dumps)
def test_the_filter_gives_the_same_works_as_the_store(tables, pages):
    records = [record for page in pages for record in page.records]
    said = [each.work for each in decide(sighting(each, 0) for each in records)]
    with TemporaryDirectory() as temporary:
        folder = Path(temporary)
        text = "\n".join(map(json.dumps, records))
        (folder / "all.jsonl").write_text(text, "utf-8")
        with closing(new_store(tables, folder / "a.db")) as store:
            read(store, folder, ["all.jsonl"])
            found = {record["line"]: record["work"] for record in export(store)}
    assert [found[line] for line in range(1, len(records) + 1)] == said


def test_postgresql_and_sqlite_give_the_same_works(tmp_path, postgres_url, monkeypatch):
    monkeypatch.setattr(load, "CHUNK", 3)
    monkeypatch.setattr(load, "TURN", 0)
    dumps = written(tmp_path, PAGES)
    with closing(open_store(f"sqlite:///{tmp_path / 'a.db'}")) as store:
        read_all(store, tmp_path, dumps)
        expected = all_of(store)
    assert len(expected[1]) == 4
    with closing(open_store(postgres_url)) as store:
        for at in range(2, 7):
            broken_off(store, tmp_path, "1.jsonl", at, history=True)
            broken_off(store, tmp_path, "0.jsonl", at)
        read_all(store, tmp_path, dumps[::-1])
        assert all_of(store) == expected
        read_all(store, tmp_path, dumps)
        assert all_of(store) == expected


def test_what_is_exported_is_read_back_as_the_same_papers(tmp_path):
    line = {"dump": "d", "format": "f", "title": "On Kites", "abstract": "We fly.", "upvotes": 3}
    (tmp_path / "a.jsonl").write_text(json.dumps(line), "utf-8")
    store = open_store(f"sqlite:///{tmp_path / 'a.db'}")
    read(store, tmp_path, ["a.jsonl"])
    exported = "\n".join(map(json.dumps, export(store)))
    copy = open_store(f"sqlite:///{tmp_path / 'b.db'}")
    (tmp_path / "b.jsonl").write_text(exported, "utf-8")
    read(copy, tmp_path, ["b.jsonl"])
    assert works(copy) == works(store)
    store.close()
    copy.close()


LINES = [
    {
        "dump": "d",
        "format": "f",
        "title": f"Kites and ropes {n}",
        "abstract": "We fly.",
        "upvotes": 1,
    }
    for n in range(9)
]
MORE = [{**line, "abstract": "We fly, and much longer.", "upvotes": 99} for line in LINES]


def line(title: str, abstract: str | None, day: str, **facts: Any) -> dict[str, Any]:
    given = {"title": title, "abstract": abstract, "day": day}
    return {"dump": "d", "format": "f", **given, **facts}


PAGES = [
    Page(
        [
            line(KITES, FLIGHT, "2026-11-16", arxiv_id="2601.00001", version=1, upvotes=3),
            line(ORCHARDS.upper(), GROWTH[:200], "2026-11-16"),
            line(ORCHARDS + "++", GROWTH, "2026-11-17", comments=2),
            line("Editorial", None, "2026-11-16"),
            line(KITES[:45], FLIGHT[:120] + "…", "2026-11-17"),
        ],
        history=False,
    ),
    Page(
        [
            line("Why Sparrows Sing", FLIGHT, "2026-11-18", arxiv_id="2601.00001", version=2),
            line(ORCHARDS, GROWTH, "2026-11-15", upvotes=1),
            line(KITES, WITHDRAWN, "2026-11-19", arxiv_id="2601.00001", announced="withdrawn"),
            line(ORCHARDS.replace("Winter", "Wintre"), GROWTH[:250], "2026-11-18"),
        ],
        history=True,
    ),
    Page(
        [
            line(KITES, FLIGHT, "2026-11-16", arxiv_id="2601.00001", version=1, upvotes=9),
            line(ORCHARDS, None, "2026-11-17", doi="10.1000/orchards"),
        ],
        history=False,
    ),
]


@pytest.fixture
def store(tables, tmp_path, monkeypatch):
    """A store with nothing in it; a.jsonl is read in turns of two papers."""
    monkeypatch.setattr(load, "CHUNK", 2)
    monkeypatch.setattr(load, "TURN", 0)
    (tmp_path / "a.jsonl").write_text("\n".join(map(json.dumps, LINES)), "utf-8")
    (tmp_path / "more.jsonl").write_text("\n".join(map(json.dumps, MORE)), "utf-8")
    opened = new_store(tables, tmp_path / "a.db")
    yield opened
    opened.close()


def waiting(store: Store) -> int:
    with store.reading() as shelves:
        return shelves.papers.waiting("all", TODAY)


@pytest.mark.parametrize("at", range(1, 12))
def test_a_dump_broken_off_counts_only_when_it_is_whole(store, tmp_path, at):
    broken_off(store, tmp_path, "a.jsonl", at)
    assert (waiting(store), len(list(export(store)))) in {(0, 0), (9, 9)}
    read(store, tmp_path, ["a.jsonl"])
    assert waiting(store) == 9
    with store.reading() as shelves:
        (row,) = shelves.dumps.all()
        assert (row.state, row.papers, row.new) == ("read", 9, 9)


@pytest.mark.parametrize("at", range(3, 9))
def test_a_dump_broken_off_changes_nothing_that_is_known(store, tmp_path, at):
    read(store, tmp_path, ["a.jsonl"])
    before = works(store)
    broken_off(store, tmp_path, "more.jsonl", at)
    assert works(store) == before


@pytest.mark.parametrize("at", range(3, 9))
def test_history_broken_off_is_no_history_of_papers_that_come_as_news(store, tmp_path, at):
    broken_off(store, tmp_path, "a.jsonl", at, history=True)
    read(store, tmp_path, ["more.jsonl"])
    assert waiting(store) == 9
    broken_off(store, tmp_path, "a.jsonl", 99)
    assert waiting(store) == 9


def test_the_earliest_day_counts_of_one_content_under_two_names(tmp_path):
    text = "\n".join(map(json.dumps, LINES))
    for name in ("2026-05-02.jsonl", "2026-05-04.jsonl"):
        (tmp_path / name).write_text(text, "utf-8")
    names = ["2026-05-02.jsonl", "2026-05-04.jsonl"]
    assert content(tmp_path, "a.db", [names]) == content(tmp_path, "b.db", [names[::-1]])


@pytest.mark.parametrize("pause", range(2, 6))
def test_what_a_person_splits_in_a_pause_stays_apart(store, tmp_path, monkeypatch, pause):
    first = line(KITES, FLIGHT, "2026-11-16"), line(KITES, FLIGHT[:250], "2026-11-17")
    (tmp_path / "b.jsonl").write_text("\n".join(map(json.dumps, first)), "utf-8")
    read(store, tmp_path, ["b.jsonl"])
    older = line(KITES, FLIGHT[:200], "2026-11-10")
    text = "\n".join(map(json.dumps, [older, *LINES[:3]]))
    (tmp_path / "a.jsonl").write_text(text, "utf-8")
    pauses = iter(range(1, 99))

    def meanwhile(_seconds: float) -> None:
        if next(pauses) == pause:
            with store.writing() as shelves:
                (kites,) = shelves.papers.by_words("anisotropic", 9)
                dedupe.split(shelves, kites, kites.ref, NOW)

    monkeypatch.setattr(load.time, "sleep", meanwhile)
    monkeypatch.setattr(dedupe, "STORED", 1)
    read(store, tmp_path, ["a.jsonl"])
    assert next(pauses) > pause
    assert len(works(store)) == 2 + 3


@pytest.mark.parametrize("pause", range(1, 9))
def test_what_another_run_stores_in_a_pause_is_hidden_by_nothing_that_does_not_count(
    store, tmp_path, monkeypatch, pause
):
    """A paper of the other run is like an older one of this dump, which does not count yet."""
    known, older = line(KITES, FLIGHT, "2026-11-16"), line(KITES, FLIGHT[:250], "2026-11-10")
    text = "\n".join(map(json.dumps, [known, older, *LINES[:3]]))
    (tmp_path / "a.jsonl").write_text(text, "utf-8")
    (tmp_path / "b.jsonl").write_text(json.dumps(known), "utf-8")
    pauses = iter(range(1, 99))

    def meanwhile(_seconds: float) -> None:
        now = next(pauses)
        if now == pause:
            read(store, tmp_path, ["b.jsonl"])
        if now >= pause:
            assert (waiting(store), len(works(store))) == (1, 1)

    monkeypatch.setattr(load.time, "sleep", meanwhile)
    monkeypatch.setattr(dedupe, "STORED", 1)
    read(store, tmp_path, ["a.jsonl"])
    assert next(pauses) > 4
    assert len(works(store)) == 1 + 3


def test_a_dump_is_decided_anew_while_others_may_write(store, tmp_path, monkeypatch):
    """Another dump comes to count just before this one does."""
    (tmp_path / "b.jsonl").write_text(json.dumps(line(KITES, FLIGHT, "2026-11-16")), "utf-8")
    looked: list[bool] = []
    is_writing = False

    def look(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        nonlocal is_writing
        if statement.startswith("BEGIN"):
            is_writing = "IMMEDIATE" in statement
        if "FROM blocking_key" in statement and "ORDER BY" in statement:
            looked.append(is_writing)

    def meanwhile(_seconds: float) -> None:
        if len(looked) == 1:
            with closing(open_store(f"sqlite:///{tmp_path / 'a.db'}")) as other:
                read(other, tmp_path, ["b.jsonl"])

    event.listen(store._engine, "before_cursor_execute", look)
    monkeypatch.setattr(load.time, "sleep", meanwhile)
    read(store, tmp_path, ["a.jsonl"])
    assert looked == [False, False]
    assert len(works(store)) == 1 + len(LINES)
