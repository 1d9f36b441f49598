"""`digest parse` and the stages as filters: JSON Lines in, JSON Lines out, nothing stored."""

import json
import re
import shlex
import subprocess
import sys

import pytest
from conftest import DUMPS, Digest, contents, page

PARSED = [
    "title", "abstract", "authors", "author_count", "organization", "organization_handle",
    "published", "upvotes", "comments", "arxiv_id", "doi", "url", "categories", "day", "dump",
    "format", "line",
]  # fmt: skip
NEW_KEYS = {
    "dedupe": ["work", "answer", "of", "why", "title_score", "abstract_score"],
    "summarise": [
        "clean_title",
        "clean_abstract",
        "lead",
        "finding",
        "compact",
        "lead_spans",
        "finding_spans",
        "compact_spans",
        "notes",
    ],
    "group": ["theme", "theme_id", "section", "keywords"],
}
KITES = {"title": "Kites over Calm Water", "abstract": "Kites fly. We show that 12 of 13 fly well."}
PROGRAM = f"{shlex.quote(sys.executable)} -m digest"


def lines(*records: object) -> str:
    return "".join(f"{json.dumps(record)}\n" for record in records)


def shell(digest: Digest, command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["bash", "-c", f"set -o pipefail; {command}"],
        cwd=digest.folder,
        env=digest.environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_the_stages_make_a_pipe_that_keeps_order_and_fields(digest):
    files = " ".join(shlex.quote(str(dump)) for dump in sorted(DUMPS.glob("*.txt")))
    stages = " | ".join(f"{PROGRAM} {stage}" for stage in NEW_KEYS)
    before = digest("parse", *sorted(DUMPS.glob("*.txt"))).records
    ran = shell(digest, f"{PROGRAM} parse --json {files} | {stages}")
    assert (ran.returncode, ran.stderr) == (0, "")
    after = [json.loads(line) for line in ran.stdout.splitlines()]
    assert len(after) == 28
    assert [{key: each[key] for key in PARSED} for each in after] == before
    assert list(after[0]) == [
        *PARSED,
        *NEW_KEYS["dedupe"],
        *NEW_KEYS["summarise"],
        *NEW_KEYS["group"],
    ]
    assert contents(digest.folder) == {}


def test_parse_prints_null_where_the_dump_does_not_say(digest):
    dump = digest.add_dump("page.txt", "new\n\nDaily Papers\n\n" + page("How Ropes Remember"))
    (paper,) = digest("parse", "--date", "2026-11-20", dump).records
    assert list(paper) == PARSED
    assert paper["title"] == "How Ropes Remember"
    assert paper["abstract"].startswith("What is known about the matter called How Ropes")
    assert (paper["author_count"], paper["comments"], paper["published"]) == (3, 2, "2026-11-20")
    assert (paper["dump"], paper["format"], paper["line"]) == ("page.txt", "hf_page", 15)
    assert {key for key, value in paper.items() if value is None} == {
        "authors", "organization", "organization_handle", "upvotes", "arxiv_id", "doi", "url",
        "categories",
    }  # fmt: skip


def test_a_date_whose_year_nothing_tells_is_null(digest):
    dump = digest.add_dump("page.txt", page("How Ropes Remember"))
    (paper,) = digest("parse", dump).records
    assert paper["published"] is None


def test_lead_and_finding_stand_in_the_clean_abstract_where_the_spans_say(digest):
    records = digest("parse", *sorted(DUMPS.glob("*.txt"))).out
    for paper in digest("summarise", stdin=records).records:
        for name in ("lead", "finding", "compact"):
            spans = paper[f"{name}_spans"]
            told = "".join(paper["clean_abstract"][begin:end] for begin, end in spans)
            assert told == (paper[name] or "")
            assert spans == sorted(spans)


def test_dedupe_gives_the_same_paper_the_same_work(digest):
    other = {"title": "How Ropes Remember", "abstract": None}
    again = KITES | {"title": "KITES over calm  water!"}
    first, second, third = digest("dedupe", stdin=lines(KITES, other, again)).records
    assert [each["answer"] for each in (first, second, third)] == ["new", "new", "same"]
    assert first["work"] == third["work"] == third["of"] != second["work"]
    assert first["of"] is None
    assert all(each["why"] for each in (first, second, third))


@pytest.mark.parametrize("stage", NEW_KEYS)
def test_a_filter_keeps_what_it_does_not_know_and_needs_no_abstract(digest, stage):
    strange = {"title": "Ünïcode \u2028 🚀", "x": {"y": [1, None, 2.5]}, "abstract": None}
    bare = {"title": "How Ropes Remember"}
    ran = digest(stage, "--json", stdin=lines(strange, KITES, bare))
    assert (ran.code, ran.err) == (0, "")
    found = ran.records
    assert [each["title"] for each in found] == [each["title"] for each in (strange, KITES, bare)]
    assert found[0]["x"] == strange["x"]
    assert set(NEW_KEYS[stage]) <= set(found[2])


def test_a_paper_without_abstract_gets_no_sentence_that_nobody_wrote(digest):
    (paper,) = digest("summarise", stdin=lines({"title": "How Ropes Remember"})).records
    assert (paper["lead"], paper["finding"], paper["compact"]) == (None, None, None)
    assert paper["notes"] == ["no abstract"]


@pytest.mark.parametrize("stage", NEW_KEYS)
def test_a_bad_line_is_named_and_left_out_and_the_rest_goes_on(digest, stage):
    bad = ["{", "[1]", '{"title": " "}', '{"title": 3}', '{"title": "a", "abstract": 1}', "\xff"]
    ran = digest(stage, stdin="\n".join([json.dumps(KITES), *bad, "", json.dumps(KITES)]))
    assert ran.code == 1
    assert len(ran.records) == 2
    told = ran.err.splitlines()
    assert len(told) == len(bad)
    for number, line in enumerate(told, 2):
        assert line.startswith(f"digest: standard input:{number}: left out: is no JSON")


def test_filters_read_files_too_and_name_them(digest):
    (digest.folder / "a.jsonl").write_text(lines(KITES) + "nonsense\n")
    ran = digest("group", "a.jsonl")
    assert (ran.code, len(ran.records)) == (1, 1)
    assert ran.complaint.startswith("digest: a.jsonl:2: left out: ")
    missing = digest("group", "b.jsonl")
    assert (missing.code, missing.out) == (2, "")
    assert missing.complaint == "digest: b.jsonl: cannot be read: No such file or directory"


def test_half_a_surrogate_pair_passes_through_as_it_came(digest):
    ran = digest("group", stdin='{"title": "Kites \\ud800 fly"}\n')
    assert (ran.code, ran.err) == (0, "")
    assert '"Kites \\ud800 fly"' in ran.out


def test_json_is_utf8_wherever_the_program_runs(digest):
    digest.environment["PYTHONIOENCODING"] = "latin-1"
    (paper,) = digest("group", stdin=lines(KITES | {"title": "β-Kites"})).records
    assert paper["title"] == "β-Kites"


def test_a_pipe_that_is_closed_early_is_nobodys_mistake(digest):
    digest.add_dump("page.txt", page(*(f"Kites of Kind {number}" for number in range(2000))))
    ran = shell(digest, f"{PROGRAM} parse dumps/page.txt | head -1")
    assert (ran.returncode, ran.stderr) == (0, "")
    assert len(ran.stdout.splitlines()) == 1


def test_parse_names_what_it_cannot_read_and_goes_on(digest):
    digest.add_dump("a.txt", "")
    digest.add_dump("b.txt", "Get trending papers in your email inbox!\n\nDaily Papers\n")
    digest.add_dump("c.txt", page("How Ropes Remember"))
    ran = digest("parse", "dumps")
    assert ran.code == 1
    assert [paper["title"] for paper in ran.records] == ["How Ropes Remember"]
    ignored, quarantined = ran.err.splitlines()
    assert ignored == "digest: ignored: a.txt: the file is empty"
    assert quarantined.startswith("digest: quarantined: b.txt: a page without papers")


def test_group_takes_another_profile(digest):
    paper = lines({"title": "Surface Codes with Fewer Qubits", "abstract": None})
    assert digest.here("group", "--profile", "bio").code == 2
    by_profile = {
        profile: digest("group", "--profile", profile, stdin=paper).records[0]["section"]
        for profile in ("ml", "arxiv")
    }
    assert by_profile == {"ml": "Science & health", "arxiv": "Physics"}
    assert digest("group", stdin=paper, profile="arxiv").records[0]["section"] == "Physics"


def test_tables_of_one_s_own_for_another_profile_are_named_and_stop_nothing(digest):
    (digest.folder / "mine.toml").write_text('[theme.imagegen]\nadd = ["etching"]\n', "utf-8")
    paper = lines({"title": "Etching"})
    ml = digest("group", "--profile", "ml", stdin=paper, themes="mine.toml")
    assert (ml.err, ml.records[0]["theme_id"]) == ("", "imagegen")
    arxiv = digest("group", "--profile", "arxiv", stdin=paper, themes="mine.toml")
    assert (arxiv.code, len(arxiv.records)) == (0, 1)
    assert arxiv.complaint == (
        "digest: mine.toml: [theme.imagegen] is for the profile ml and changes nothing here"
    )
    (digest.folder / "a.jsonl").write_text(paper)
    check = ["themes", "check", "--profile", "arxiv", "a.jsonl"]
    assert "[theme.imagegen]: ml" in digest(*check, themes="mine.toml").out
    told = digest(*check, "--json", themes="mine.toml").document["others"]
    assert told == [{"table": "theme.imagegen", "profile": "ml"}]


def test_themes_are_checked_against_the_papers_of_a_file_or_of_the_database(digest):
    papers = digest.folder / "papers.jsonl"
    papers.write_text(lines({"title": "On Tired Qubits", "abstract": "We count qubits."}, KITES))
    found = digest("themes", "check", papers, "--json").document
    assert (found["papers"], found["themeless"], found["overlaps"]) == (2, 1, [])
    assert found["greedy"] == [{"theme": "physics", "part": 0.5}]
    unused = {each["theme"]: each["phrases"] for each in found["unused"]}
    assert "qubit" not in unused["physics"]
    assert "galaxy" in unused["physics"]

    digest.add_samples()
    digest.here("ingest")
    told = digest("themes", "check").out
    assert re.match(r"\d+ papers, ", told)
    assert "Phrases that no paper holds" in told
