"""`digest dumps` and `digest export`, and files as people drop them."""

import gzip
import json
import zipfile

from conftest import page


def test_every_dump_is_listed_with_what_came_of_it(digest):
    digest.add_dump("2026-11-20-a.txt", page("Kites over Calm Water", "How Ropes Remember"))
    digest.add_dump("again.txt", page("How Ropes Remember", day="Nov 19"))
    digest.add_dump("notes.txt", "Nothing that anybody would call a dump.\n")
    digest.add_dump("broken.jsonl", '{"dump": "d", "format": "f", "title": "A Fog"}\n{"title"')
    assert digest("ingest").code == 1
    found = {each["dump"]: each for each in digest("dumps", "--json").document}
    assert [found[name]["state"] for name in sorted(found)] == [
        "read",
        "read",
        "quarantined",
        "ignored",
    ]
    first = found["2026-11-20-a.txt"]
    assert (first["format"], first["taken"]) == ("hf_page", "2026-11-20")
    assert [first[key] for key in ("papers", "new", "known")] == [2, 2, 0]
    assert [found["again.txt"][key] for key in ("papers", "new", "known")] == [1, 0, 1]
    assert found["broken.jsonl"]["line"] == 2
    assert "retry" in found["broken.jsonl"]["hint"]
    told = digest("dumps").out
    assert all(name in told for name in found)
    assert "line 2: " in told


def test_what_was_left_out_is_named_until_it_is_mended(digest):
    digest.add_dump("one.txt", page("A Grammar of Fog"))
    digest.add_dump("two.txt", page("Kites over Calm Water", "How Ropes Remember"))
    for _ in range(2):
        left = digest("ingest", "--json", max_dump_papers=1)
        assert (left.code, left.document["quarantined"]) == (1, 1)
        assert "max_dump_papers" in left.document["left_out"][0]["reason"]
    retried = digest("dumps", "retry", "--json")
    assert (retried.code, retried.document["new"]) == (0, 2)
    assert [each["state"] for each in digest("dumps", "--json").document] == ["read", "read"]


def test_a_copy_under_an_earlier_day_is_known_and_news_to_nobody(digest):
    text = page("A Grammar of Fog")
    digest.add_dump("2026-11-19.txt", text)
    assert digest("run", "--json").document["ingest"]["new"] == 1
    digest.add_dump("2026-11-18.txt", text)
    again = digest("run", "--json").document
    assert [again["ingest"][key] for key in ("dumps", "unchanged", "new")] == [0, 2, 0]
    assert again["deliver"]["planned"] == 0
    assert [each["taken"] for each in digest("dumps", "--json").document] == ["2026-11-18"]


def test_a_bad_file_that_became_a_known_one_is_left_out_no_more(digest):
    digest.add_dump("good.txt", page("A Grammar of Fog"))
    digest.add_dump("bad.txt", "no dump at all")
    digest("ingest")
    digest.add_dump("bad.txt", page("A Grammar of Fog"))
    assert digest("ingest", "--json").document["unchanged"] == 2
    assert [each["dump"] for each in digest("dumps", "--json").document] == ["good.txt"]


def test_a_bad_file_from_elsewhere_stays_listed(digest):
    digest.add_dump("good.txt", page("A Grammar of Fog"))
    (digest.folder / "bad.txt").write_text("no dump at all")
    digest("ingest", "bad.txt")
    digest("ingest")
    states = {each["dump"]: each["state"] for each in digest("dumps", "--json").document}
    assert states == {"good.txt": "read", "bad.txt": "ignored"}


def test_a_record_that_nests_without_end_stops_nothing_else(digest):
    record = "{'paper': {'title': 'x', 'a': " + "1+" * 20_000 + "1}}"
    digest.add_dump("a.json", json.dumps([record]))
    digest.add_dump("z.txt", page("A Grammar of Fog"))
    ran = digest("ingest", "--json")
    assert (ran.code, ran.document["quarantined"], ran.document["new"]) == (1, 1, 1)


def test_a_file_that_grew_gives_only_what_is_new(digest):
    digest.add_dump("day.txt", page("Kites over Calm Water"))
    assert digest("ingest", "--json").document["new"] == 1
    digest.add_dump("day.txt", page("Kites over Calm Water", "How Ropes Remember"))
    grown = digest("ingest", "--json").document
    assert (grown["papers"], grown["new"], grown["known"]) == (2, 1, 1)


def test_packed_dumps_are_unpacked_and_each_counts_for_itself(digest):
    folder = digest.add_dump("a.txt.gz", gzip.compress(page("Kites over Calm Water").encode()))
    with zipfile.ZipFile(folder.with_name("week.zip"), "w") as archive:
        archive.writestr("mon.txt", page("How Ropes Remember"))
        archive.writestr("tue.txt", page("A Grammar of Fog"))
        archive.writestr("../out.txt", page("An Escape"))
    done = digest("ingest", "--json")
    assert (done.code, done.document["dumps"], done.document["new"]) == (1, 3, 3)
    assert [each["dump"] for each in done.document["left_out"]] == ["week.zip/../out.txt"]
    names = {each["dump"] for each in digest("dumps", "--json").document}
    assert names == {"a.txt.gz", "week.zip/mon.txt", "week.zip/tue.txt", "week.zip/../out.txt"}


def test_what_is_exported_is_read_back_and_is_news_nowhere_twice(digest):
    digest.add_samples()
    digest("run")
    exported = digest("export")
    lines = [json.loads(line) for line in exported.out.splitlines()]
    assert (exported.code, len(lines), len({each["work"] for each in lines})) == (0, 28, 26)
    digest.add_dump("export.jsonl", exported.out)
    parsed = digest("parse", "dumps/export.jsonl")
    assert (parsed.code, len(parsed.records)) == (0, 28)
    assert {each["title"] for each in parsed.records} == {each["title"] for each in lines}
    again = digest("ingest", "--json").document
    assert (again["papers"], again["new"]) == (28, 0)
