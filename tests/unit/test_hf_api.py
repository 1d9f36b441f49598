import io
import json
import tracemalloc
from pathlib import Path
from typing import Any

import pytest

from digest.errors import DumpError
from digest.formats import hf_api, paperblog
from digest.formats.hf_api import accepts, papers
from digest.model import Sighting

DUMPS = Path(__file__).parents[1] / "dumps"
TITLE = "Kites over Quiet Data"
PAPER = {"id": "1808.00001", "authors": [{"name": "Ada Ahoy"}], "title": TITLE, "summary": "Hush."}
RECORD: dict[str, Any] = {"paper": PAPER, "title": TITLE, "numComments": 2}
BLOG = {"date": "2018-03-27", "papers": [{"id": "1", "title": TITLE, "abstract": "", "pdfUrl": ""}]}


def read(text: str | bytes) -> list[Sighting]:
    return list(papers(io.BytesIO(text.encode() if isinstance(text, str) else text)))


def trouble(text: str | bytes) -> DumpError:
    with pytest.raises(DumpError) as caught:
        read(text)
    return caught.value


def with_paper(**fields: Any) -> str:
    return json.dumps([{**RECORD, "paper": {**PAPER, **fields}}])


@pytest.mark.parametrize(
    "content",
    [
        [RECORD],
        [str(RECORD)],
        [json.dumps(RECORD)],
        {"status": "success", "date": "2018-08-04", "count": 1, "data": [str(RECORD)]},
        {"count": 1, "dailyPapers": {"papers": [RECORD]}},
        [dict(sorted(RECORD.items()))],
        [{**PAPER, "upvotes": 1, "discussionId": "5"}],
    ],
    ids=["list", "reprs", "texts", "wrapper", "nested", "sorted", "inner"],
)
@pytest.mark.parametrize("indent", [None, 1])
def test_the_answers_of_the_api_are_known_and_read_in_every_shape(content, indent):
    dump = json.dumps(content, indent=indent).encode()
    assert accepts(dump)
    assert not paperblog.accepts(dump)
    assert [paper.title for paper in read(dump)] == [TITLE]


@pytest.mark.parametrize(
    "content",
    [
        {"name": "kites", "version": "1.0.0", "files": [{"path": "x"}], "dependencies": {}},
        {"version": "https://jsonfeed.org/version/1.1", "title": "Kites", "items": [{"id": "1"}]},
        [{"id": 1, "title": TITLE, "abstract": "Hush.", "authors": [{"name": "Ada"}]}],
        BLOG,
        {"paper": PAPER},
        {"status": "ok"},
        {"error": "not found"},
        ["paper"],
        {},
        "paper",
        "[{'paper': {'id': '1'}}]",
    ],
)
def test_other_json_is_not_accepted(content):
    assert not accepts(json.dumps(content).encode())


def test_json_lines_are_not_accepted():
    assert not accepts(b"".join(json.dumps(RECORD).encode() + b"\n" for _ in range(3)))
    assert not accepts(b'{"id": "1808.00001", "title": "Kites"}\n{"id": "1808.00002"}\n')


@pytest.mark.parametrize(
    "text",
    [
        "[]",
        " [ ]\n",
        '{"status": "no_data", "date": "2018-08-04"}',
        '{"no_data": true, "date": "2018-08-04"}',
    ],
)
def test_a_day_without_papers_is_no_trouble(text):
    assert accepts(text.encode())
    assert read(text) == []


@pytest.mark.parametrize("text", ["1", "null", "0\n", '""'])
def test_what_is_left_of_a_failed_fetch_is_named(text):
    assert accepts(text.encode())
    assert trouble(text).reason == f"no list of papers, only {text.strip()}"


def test_a_failed_fetch_is_named_with_its_reason():
    text = '{"status": "error", "date": "2018-08-04", "code": 503, "message": "too\\nbusy"}'
    assert accepts(text.encode())
    assert trouble(text).reason == "fetching these papers failed: too busy"


@pytest.mark.parametrize("name", ["list", "reprs-in-a-wrapper", "papers-alone"])
def test_a_file_cut_off_anywhere_is_named_with_its_last_line(name):
    dump = (DUMPS / f"hf_api--{name}.txt").read_bytes().rstrip()
    for end in range(1, len(dump)):
        error = trouble(dump[:end])
        assert error.reason == "JSON ends in the middle of a value"
        assert error.line == dump[:end].count(b"\n") + 1
    assert any(accepts(dump[:end]) for end in range(100, 300))


@pytest.mark.parametrize(
    ("text", "reason", "line"),
    [
        ("", "an empty file", 1),
        (" \n", "an empty file", 1),
        ('[\n{"title": "A"},\n{"title": "B",}\n]', "JSON breaks: ", 3),
        ('[\n{"title": "A"}\n{"title": "B"}]', "JSON breaks: , was expected", 3),
        ('{"a" [1]}', "JSON breaks: : was expected", 1),
        ("{1: 2}", "JSON breaks: a name was expected", 1),
        ('[{"title": "A"}]\n]', "something after the end", 2),
        ('[{"title": "A"},\n7]', "something that is no paper among papers", 2),
        ('[7,\n{"title": "A"}]', "something that is no paper among papers", 1),
        ('[\n{"title": " "}]', "a paper without title", 2),
        ('[{"paper": {"id": "1808.00001"}}]', "a paper without title", 1),
        ('[\n"{\'paper\': {\'id\': nobody}}"]', "a record saved as text", 2),
        ('["{\'paper\': open(1)}"]', "a record saved as text", 1),
        ('["{1}"]', "a paper without title", 1),
        (f'["{{{"(" * 999}"]', "a record saved as text", 1),
        ('{"papers": [1, 2]}', "JSON without papers", 1),
        (f'[{{"title": "A", "n": {"9" * 5000}}}]', "a number too long to read", 1),
        ("[" + '{"paper":' * 100_000, "nested too deeply", 1),
        ('{"a":' * 100_000, "nested too deeply", 1),
    ],
)  # fmt: skip
def test_broken_files_are_named_with_reason_and_line(text, reason, line):
    error = trouble(text)
    assert reason in error.reason
    assert error.line == line


def test_an_endless_value_is_given_up():
    assert "endless" in trouble('[{"title": "' + "A" * 9_000_000).reason


def test_the_last_of_two_equal_names_counts():
    [paper] = read('[{"title": "A", "title": "B"}]')
    assert paper.title == "B"


@pytest.mark.parametrize("count", ["NaN", "Infinity", "-1", "1e99", "true", '"7"', "9" * 30])
def test_what_is_no_count_is_none(count):
    [paper] = read(with_paper(upvotes=0).replace('"upvotes": 0', f'"upvotes": {count}'))
    assert paper.upvotes is None


def test_characters_that_no_database_takes_are_left_out():
    [paper] = read(with_paper(summary="\ud83d Hush\0hush \ud83d\udd26"))
    assert paper.abstract == "Hush hush \ud83d\udd26".encode("utf-16", "surrogatepass").decode(
        "utf-16"
    )


@pytest.mark.parametrize("field", ["authors", "summary", "publishedAt", "organization", "id"])
@pytest.mark.parametrize("value", [None, 7, "x", [], [None, 7], {"name": 7}, {"x": {}}])
def test_a_field_of_another_kind_spoils_no_paper(field, value):
    [paper] = read(with_paper(**{field: value}))
    assert paper.title == TITLE


def test_the_title_with_its_symbols_is_taken():
    [paper] = read(json.dumps([{"title": "$\\mu$-Kites", "paper": {**PAPER, "title": "mu-Kites"}}]))
    assert paper.title == "$\\mu$-Kites"


def test_what_a_model_wrote_is_never_the_abstract():
    [paper] = read(with_paper(summary="", ai_summary="Kites are nice.", ai_keywords=["kites"]))
    assert (paper.abstract, paper.ai_summary, paper.keywords) == ("", "Kites are nice.", ("kites",))


def test_a_large_file_takes_little_memory():
    dump = io.BytesIO(json.dumps([{**RECORD, "x": "🪁" * 500}] * 10_000).encode())
    tracemalloc.start()
    assert sum(1 for _ in papers(dump)) == 10_000
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 10_000_000 < len(dump.getvalue())


def test_a_large_file_gives_each_paper_its_line():
    dump = json.dumps([RECORD] * 3_000, indent=1)
    starts = [n for n, line in enumerate(dump.splitlines(), 1) if line == " {"]
    assert [paper.line for paper in read(dump)] == starts
    assert [paper.line for paper in read(dump.replace("\n", "\r\n"))] == starts


def test_a_scraped_day_is_no_answer_of_the_api():
    dump = json.dumps(BLOG).encode()
    assert paperblog.accepts(dump)
    assert not hf_api.accepts(dump)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('{"date": "2018-03-27", "papers": 7}', "JSON without papers"),
        ('{"date": "2018-03-27", "papers": [{"title": ""}]}', "a paper without title"),
        ('{"date": "2018-03-27", "papers": [{"title"', "ends in the middle"),
    ],
)
def test_a_broken_scraped_day_is_named(text, reason):
    with pytest.raises(DumpError, match=reason):
        list(paperblog.papers(io.BytesIO(text.encode())))
