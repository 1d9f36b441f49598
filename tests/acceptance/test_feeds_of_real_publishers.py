"""Real feeds against the counts taken by hand, and feedparser's own test feeds."""

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import pytest

from digest.errors import DumpError
from digest.formats import HEAD
from digest.formats.feed import accepts, papers
from digest.model import Sighting

SHARED = Path(__file__).parents[2].parent / "shared"
COUNTS = SHARED / "gold" / "feeds.tsv"
SUITE = sorted((SHARED / "data" / "feedparser_suite").rglob("*.xml"))
needs_feeds = pytest.mark.skipif(
    not COUNTS.exists(), reason="the real feeds are not beside the repository"
)
needs_suite = pytest.mark.skipif(
    not SUITE, reason="feedparser's test feeds are not beside the repository"
)
HARM = re.compile(
    r"<\s*/?\s*(?:script|style|iframe|object|embed|svg|img|a|b|p|div)\b"
    r"|<[^<>]*\son[a-z]+\s*=|(?:java|vb)script:",
    re.IGNORECASE,
)


def rows() -> list[list[str]]:
    if not COUNTS.exists():
        return []
    with COUNTS.open(encoding="utf-8", newline="") as lines:
        return list(csv.reader(lines, delimiter="\t"))[1:]


def read(content: bytes) -> list[Sighting]:
    assert accepts(content[:HEAD])
    return list(papers(io.BytesIO(content)))


def texts(paper: Sighting) -> Iterator[str]:
    for field in fields(paper):
        value = getattr(paper, field.name)
        yield from (text for text in (value if isinstance(value, tuple) else [value]) if text)


@needs_feeds
@pytest.mark.parametrize("row", rows(), ids=lambda row: row[0])
def test_entries_with_title_and_link_become_papers_and_errors_do_not(row):
    name, _, _, complete, errors = row
    content = (SHARED / "data" / "feeds" / name).read_bytes()
    wanted = int(complete) - int(errors)
    if int(errors) and not wanted:
        with pytest.raises(DumpError, match="incorrect id format"):
            read(content)
        return
    found = read(content)
    assert len(found) == wanted
    lines = content.splitlines()
    assert all(re.search(rb"<(item|entry)\b", lines[paper.line - 1]) for paper in found)
    assert not [text for paper in found for text in texts(paper) if HARM.search(str(text))]


@needs_feeds
def test_papers_of_arxiv_keep_id_version_authors_and_date():
    answers = [row[0] for row in rows() if row[0].startswith("arxiv_api_atom") and row[4] == "0"]
    found = [
        paper for name in answers for paper in read((SHARED / "data/feeds" / name).read_bytes())
    ]
    assert len(found) == 221
    for paper in found:
        assert paper.arxiv_id
        assert paper.version
        assert paper.authors
        assert paper.abstract
        assert paper.published
        assert paper.published.year
        assert paper.url == f"https://arxiv.org/abs/{paper.arxiv_id}v{paper.version}"


@needs_feeds
def test_papers_of_the_hugging_face_feed_have_authors_upvotes_and_a_whole_abstract():
    names = [row[0] for row in rows() if row[0].startswith("hf_rss")]
    found = [paper for name in names for paper in read((SHARED / "data/feeds" / name).read_bytes())]
    assert len(found) == 1513
    for paper in found:
        assert paper.arxiv_id
        assert paper.authors
        assert paper.upvotes is not None
        assert not re.match(r"(?:Authors|Upvotes|Summary|Abstract)\b\s*:", paper.abstract)


def completed(content: bytes) -> bytes:
    """A test feed with a title and a link in each entry, so that all of it is read."""
    for name, link in ((b"entry", b"<link href='http://a.example/'/>"), (b"item", b"")):
        both = b"<%s><title>T</title>%s" % (name, link or b"<link>http://a.example/</link>")
        content = content.replace(b"<%s>" % name, both)
    return content


@needs_suite
@pytest.mark.parametrize("prepared", [bytes, completed], ids=["as it is", "completed"])
def test_feedparsers_own_test_feeds_do_no_harm(prepared):
    read_feeds = 0
    for path in SUITE:
        content = prepared(path.read_bytes())
        if not accepts(content[:HEAD]):
            continue
        try:
            found = list(papers(io.BytesIO(content)))
        except DumpError:
            continue
        read_feeds += 1
        for paper in found:
            assert paper.title
            assert paper.url is None or paper.url.startswith(("http://", "https://"))
            harmful = [text for text in texts(paper) if HARM.search(str(text))]
            assert not harmful, path.name
    assert read_feeds > 400
