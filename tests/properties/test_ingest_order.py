"""In whatever order dumps come, and wherever a run breaks off: the store ends the same."""

import json
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import event

from digest.app import quietly
from digest.pipeline import load
from digest.pipeline.dumps import export
from digest.pipeline.ingest import DumpReader, Limits
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
dumps = st.lists(st.lists(papers, min_size=1, max_size=5), min_size=1, max_size=4)


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
    with store.reading() as shelves:
        refs = sorted({each.work for each in shelves.papers.export()})
        known = shelves.papers.works(refs)
    return [repr(known[ref]) for ref in refs]


def content(folder: Path, database: str, orders: list[list[str]]) -> tuple[list[str], list[str]]:
    store = open_store(f"sqlite:///{folder / database}")
    for names in orders:
        read(store, folder, names)
    found = [json.dumps(record) for record in export(store)], works(store)
    store.close()
    return found


@settings(max_examples=25, deadline=None)
@given(dumps, st.data())
def test_any_order_twice_or_broken_off_ends_the_same(pages, data):
    with TemporaryDirectory() as temporary:
        folder = Path(temporary)
        names = [f"{n}.jsonl" for n in range(len(pages))]
        for name, page in zip(names, pages, strict=True):
            (folder / name).write_text("\n".join(map(json.dumps, page)), "utf-8")
        other = data.draw(st.permutations(names))
        stopped = other[: data.draw(st.integers(0, len(names)))]
        expected = content(folder, "a.db", [names])
        assert content(folder, "b.db", [stopped, list(other), names]) == expected


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


@pytest.fixture
def store(tmp_path, monkeypatch):
    """A store with nothing in it; a.jsonl is read in turns of two papers."""
    monkeypatch.setattr(load, "CHUNK", 2)
    monkeypatch.setattr(load, "TURN", 0)
    (tmp_path / "a.jsonl").write_text("\n".join(map(json.dumps, LINES)), "utf-8")
    (tmp_path / "more.jsonl").write_text("\n".join(map(json.dumps, MORE)), "utf-8")
    opened = open_store(f"sqlite:///{tmp_path / 'a.db'}")
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
