"""Our own JSON Lines, read back."""

import io
import json
from dataclasses import fields
from pathlib import Path

import pytest
from click.testing import CliRunner

from digest.cli.filters import parse
from digest.errors import DumpError
from digest.formats import arxiv_jsonl, export
from digest.model import Sighting

DUMPS = Path(__file__).parents[1] / "dumps"

PAPER = {"title": "Ebb", "abstract": None, "authors": None, "dump": "a", "format": "b", "line": 9}


def read(*papers: dict[str, object]) -> list[Sighting]:
    content = "".join(json.dumps(paper) + "\n" for paper in papers)
    return list(export.papers(io.BytesIO(content.encode())))


def test_every_field_of_a_sighting_is_read_back():
    assert set(export.READERS) | {"line"} == {field.name for field in fields(Sighting)}


def test_the_line_is_the_one_in_the_export():
    assert read(PAPER, PAPER) == [Sighting("Ebb", "", 1), Sighting("Ebb", "", 2)]


@pytest.mark.parametrize(
    "head",
    [
        json.dumps(PAPER).encode(),
        b"\n" + json.dumps({"format": "b", "dump": "a", "title": "Ebb"}).encode(),
        b'{"title": "Ebb", "abstract": "A", "authors": ["' + b"Ada Ahoy, " * 10_000,
    ],
    ids=["printed", "in another order", "cut in the authors"],
)
def test_an_export_is_known_by_what_it_says_of_the_dump(head):
    assert export.accepts(head)


@pytest.mark.parametrize(
    "head",
    [
        b'{"title": "Ebb", "abstract": "A", "authors": []}\n',
        b'{"title": "Ebb", "format": "pdf"}\n',
        b'{"title": "Ebb", "abstract": "' + b"A " * 40_000,
        b'[{"dump": "a", "format": "b"}]',
        b"dump, format",
    ],
)
def test_what_does_not_say_so_is_none(head):
    assert not export.accepts(head)


def test_a_value_that_is_not_of_its_kind_is_left_out():
    wrong = {"abstract": 7, "authors": "Ada", "upvotes": -1, "comments": 10**30, "day": "today"}
    assert read(PAPER | wrong) == [Sighting("Ebb", "", 1)]


@pytest.mark.parametrize("title", [None, "", " \n", 7])
def test_a_paper_without_title_is_told(title):
    with pytest.raises(DumpError, match="a paper without title") as caught:
        read(PAPER, PAPER | {"title": title})
    assert caught.value.line == 2


@pytest.mark.parametrize("name", ["arxiv_jsonl--snapshot", "arxiv_jsonl--daily-listing"])
def test_what_digest_parse_prints_gives_the_same_papers(name):
    dump = DUMPS / f"{name}.txt"
    printed = CliRunner().invoke(parse, [str(dump)], catch_exceptions=False)
    with dump.open("rb") as file:
        papers = list(arxiv_jsonl.papers(file))
    assert export.accepts(printed.stdout_bytes)
    assert list(export.papers(io.BytesIO(printed.stdout_bytes))) == papers
