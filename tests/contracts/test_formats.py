"""What holds for every dump format, shown by the golden pairs in tests/dumps."""

import io
import json
import re
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

import digest.formats
from digest.errors import DumpError
from digest.formats import HEAD, format_of, formats, name_of
from digest.model import Sighting
from digest.text import title_key

ROOT = Path(__file__).parents[2]
GOLDEN = sorted((ROOT / "tests" / "dumps").glob("*--*.txt"))
SAMPLES = sorted((ROOT / "dumps").glob("*.txt"))
GUIDE = (ROOT / "docs" / "formats.md").read_text(encoding="utf-8")


def printed(sighting: Sighting) -> dict[str, Any]:
    """What the dump prints: the fields of the sighting without those that it leaves out."""
    return json.loads(json.dumps(without_blanks(asdict(sighting))))


def without_blanks(fields: dict[str, Any]) -> dict[str, Any]:
    full = {name: value for name, value in fields.items() if value not in (None, ())}
    return {
        name: without_blanks(value) if isinstance(value, dict) else value
        for name, value in full.items()
    }


def read(content: bytes) -> list[dict[str, Any]]:
    dump_format = format_of(content)
    assert dump_format
    return [printed(sighting) for sighting in dump_format.papers(io.BytesIO(content))]


@pytest.mark.parametrize("dump", GOLDEN, ids=lambda dump: dump.stem)
def test_a_golden_dump_is_accepted_by_the_format_it_is_named_after_alone(dump):
    head = dump.read_bytes()[:HEAD]
    accepting = [name_of(each) for each in formats() if each.accepts(head)]
    assert accepting == [dump.stem.partition("--")[0]]


@pytest.mark.parametrize("dump", GOLDEN, ids=lambda dump: dump.stem)
def test_a_golden_dump_gives_the_papers_beside_it(dump):
    expected = json.loads(dump.with_suffix(".json").read_text(encoding="utf-8"))
    assert read(dump.read_bytes()) == expected


@pytest.mark.parametrize("dump_format", formats(), ids=name_of)
def test_every_format_has_a_golden_dump(dump_format):
    assert any(dump.name.startswith(f"{name_of(dump_format)}--") for dump in GOLDEN)


@pytest.mark.parametrize("dump_format", formats(), ids=name_of)
@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\n\n",
        b"\0\1\2\3" * 999,
        bytes(range(256)) * 99,
        b"A letter to a friend.\n\nIt was a long winter, and the papers did not come.\n",
        b"Milk\nBread\n- 4 eggs\nMay 3\n",
    ],
    ids=["empty", "blank", "zeros", "every byte", "prose", "shopping list"],
)
def test_what_is_no_dump_is_accepted_by_no_format(dump_format, content):
    assert not dump_format.accepts(content[:HEAD])


@pytest.mark.parametrize("dump_format", formats(), ids=name_of)
def test_the_guides_of_this_repository_are_no_dumps(dump_format):
    guides = [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("*.toml")]
    assert not [guide for guide in guides if dump_format.accepts(guide.read_bytes()[:HEAD])]


@pytest.mark.parametrize("dump_format", formats(), ids=name_of)
def test_a_dump_without_papers_raises_a_dump_error(dump_format):
    with pytest.raises(DumpError):
        list(dump_format.papers(io.BytesIO(b"")))


@pytest.mark.parametrize("dump", SAMPLES, ids=lambda dump: dump.stem)
def test_a_sample_dump_holds_eight_to_twelve_papers_with_whole_sentences(dump):
    papers = read(dump.read_bytes())
    assert 8 <= len(papers) <= 12
    assert all(len(paper["abstract"]) > 300 for paper in papers)


def test_two_papers_of_the_sample_dumps_are_printed_twice():
    titles = [paper["title"] for dump in SAMPLES for paper in read(dump.read_bytes())]
    assert len(titles) - len({title_key(title) for title in titles}) == 2


def example(language: str) -> str:
    """The first code block of this language in the guide."""
    block = re.search(rf"^```{language}\n(.*?)^```$", GUIDE, re.MULTILINE | re.DOTALL)
    assert block
    return block[1]


@pytest.fixture
def with_example(tmp_path, monkeypatch):
    (tmp_path / "reading_list.py").write_text(example("python"), encoding="utf-8")
    monkeypatch.setattr(digest.formats, "__path__", [*digest.formats.__path__, str(tmp_path)])
    yield
    sys.modules.pop("digest.formats.reading_list", None)
    vars(digest.formats).pop("reading_list", None)


def test_the_format_in_the_guide_works_as_the_guide_says(with_example):
    dump = example("text").encode()
    assert [name_of(each) for each in formats() if each.accepts(dump)] == ["reading_list"]
    assert read(dump) == json.loads(example("json"))


def test_the_format_in_the_guide_takes_under_thirty_lines():
    assert len(example("python").splitlines()) < 30


def test_the_guide_names_every_format():
    assert [name for name in map(name_of, formats()) if f"`{name}`" not in GUIDE] == []
