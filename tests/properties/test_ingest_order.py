"""In whatever order dumps come, and wherever a run breaks off: the store ends the same."""

import json
from datetime import UTC, date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import event

from digest.app import quietly
from digest.pipeline import ingest
from digest.pipeline.dumps import export
from digest.pipeline.ingest import DumpReader, Limits
from digest.store import Store, open_store

NOW = datetime(2026, 11, 20, 7, tzinfo=UTC)
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


def read(store: Store, folder: Path, names: list[str]) -> None:
    reader = DumpReader(store, LIMITS, date(2026, 11, 20), NOW)
    reader.ingest([folder / name for name in names], quietly)


def works(store: Store) -> list[str]:
    with store.reading() as shelves:
        refs = sorted({each.work for each in shelves.papers.export()})
        known = shelves.papers.known(refs)
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


class Killed(BaseException):
    pass


@pytest.mark.parametrize("at", range(1, 8))
def test_a_dump_broken_off_between_chunks_counts_only_when_it_is_whole(tmp_path, monkeypatch, at):
    monkeypatch.setattr(ingest, "CHUNK", 2)
    lines = [
        {"dump": "d", "format": "f", "title": f"Paper {n}", "abstract": "We."} for n in range(9)
    ]
    (tmp_path / "a.jsonl").write_text("\n".join(map(json.dumps, lines)), "utf-8")
    store = open_store(f"sqlite:///{tmp_path / 'a.db'}")
    commits = 0

    def kill(_connection: object) -> None:
        nonlocal commits
        commits += 1
        if commits == at:
            raise Killed

    event.listen(store._engine, "commit", kill)
    whole = True
    try:
        read(store, tmp_path, ["a.jsonl"])
    except Killed:
        whole = False
    event.remove(store._engine, "commit", kill)
    with store.reading() as shelves:
        assert shelves.papers.waiting("all", date(2026, 11, 20)) == (9 if whole else 0)
        assert len(list(shelves.papers.export())) == (9 if whole else 0)
    read(store, tmp_path, ["a.jsonl"])
    with store.reading() as shelves:
        assert shelves.papers.waiting("all", date(2026, 11, 20)) == 9
        (row,) = shelves.dumps.all()
        assert (row.state, row.papers, row.new) == ("read", 9, 9)
    store.close()
