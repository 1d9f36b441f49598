"""Whatever happens to a dump on its way, it is read, ignored or named as bad: never more."""

import io
from contextlib import suppress
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from digest.errors import DumpError
from digest.formats import HEAD, format_of, formats
from digest.ingest import dated
from digest.model import Sighting
from digest.ports import Format

ROOT = Path(__file__).parents[2]
DUMPS = [
    path.read_bytes()
    for path in sorted([*ROOT.glob("dumps/*.txt"), *ROOT.glob("tests/dumps/*.txt")])
]
ENCODINGS = ["utf-8", "utf-8-sig", "utf-16", "utf-16-be", "utf-32", "cp1252", "latin-1", "utf-7"]

many = settings(max_examples=300, deadline=None)
dumps = st.sampled_from(DUMPS)
seeds = st.randoms(use_true_random=False)


@st.composite
def cut(draw: st.DrawFn) -> bytes:
    dump = draw(dumps)
    start, end = sorted(draw(st.integers(0, len(dump))) for _ in "ab")
    return dump[start:end]


@st.composite
def doubled(draw: st.DrawFn) -> bytes:
    return draw(cut()) + draw(st.sampled_from([b"", b"\n", b"\r\n\r\n"])) + draw(dumps)


@st.composite
def shuffled(draw: st.DrawFn) -> bytes:
    lines = draw(dumps).splitlines(keepends=True)
    draw(seeds).shuffle(lines)
    return b"".join(lines[draw(st.integers(0, len(lines) // 2)) :])


@st.composite
def thinned(draw: st.DrawFn) -> bytes:
    random = draw(seeds)
    kept = draw(st.floats(0.3, 1))
    return b"".join(
        line for line in draw(dumps).splitlines(keepends=True) if random.random() < kept
    )


@st.composite
def recoded(draw: st.DrawFn) -> bytes:
    encoding = draw(st.sampled_from(ENCODINGS))
    return draw(dumps).decode("utf-8", "replace").encode(encoding, "replace")


@st.composite
def spoiled(draw: st.DrawFn) -> bytes:
    dump = bytearray(draw(dumps))
    for place in draw(st.lists(st.integers(0, len(dump) - 1), min_size=1, max_size=9)):
        dump[place] = draw(st.integers(0, 255))
    return bytes(dump)


def read(content: bytes) -> list[Sighting]:
    """The papers, or none where the dump is ignored or named as bad."""
    dump_format = format_of(content[:HEAD])
    return read_as(dump_format, content) if dump_format else []


def read_as(dump_format: Format, content: bytes) -> list[Sighting]:
    with suppress(DumpError):
        return list(dated(dump_format.papers(io.BytesIO(content)), None))
    return []


def check(content: bytes) -> None:
    for paper in read(content):
        assert paper.title == " ".join(paper.title.split()) != ""
        assert paper.abstract == " ".join(paper.abstract.split())
        assert 1 <= paper.line <= len(content.splitlines())
        assert "\0" not in paper.title + paper.abstract


@settings(max_examples=2_000, deadline=None)
@given(st.one_of(cut(), doubled(), shuffled(), thinned(), recoded(), spoiled()))
def test_a_damaged_dump_is_read_or_named(content):
    check(content)


@many
@given(st.sampled_from(formats()), st.binary(max_size=2_000))
def test_any_bytes_are_read_or_named_by_any_format(dump_format, content):
    dump_format.accepts(content)
    assert all(paper.title for paper in read_as(dump_format, content))


@many
@given(st.sampled_from(formats()), st.text(max_size=500))
def test_any_text_is_read_or_named_by_any_format(dump_format, text):
    assert all(paper.title for paper in read_as(dump_format, text.encode()))


@many
@given(dumps, st.sampled_from(["\r\n", "\r"]))
def test_other_line_ends_give_the_same_papers(dump, line_end):
    lines = dump.decode("utf-8", "replace").removeprefix("\ufeff").splitlines()
    as_it_was, as_it_is = (
        [(paper.title, paper.abstract, paper.comments) for paper in read(each.join(lines).encode())]
        for each in ("\n", line_end)
    )
    assert as_it_is == as_it_was


def test_a_page_without_end_of_line_and_one_of_ends_of_lines_are_read_in_time():
    for content in (b"a" * 10_000_000, b"\r\n" * 200_000, b"Subscribe" * 100_000 + b"\n\nA."):
        check(b"Get trending papers in your email inbox!\n" + content)
