"""A month of arXiv listings as three crawlers saved them, when they lie beside the repository."""

import io
import json
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import NamedTuple

import pytest

from digest.formats import HEAD, arxiv_jsonl, bibtex, formats, name_of
from digest.ids import arxiv_id
from digest.model import Sighting
from digest.sources.folder import Dump, contents

ROOT = Path(__file__).parents[2]
SHARED = ROOT.parent / "shared" / "data"
LISTINGS = SHARED / "arxiv_daily"
BIBLIOGRAPHIES = sorted((SHARED / "feeds" / "bibtexparser").rglob("*.bib"))

needs_listings = pytest.mark.skipif(not LISTINGS.is_dir(), reason="shared arXiv lists not here")


class Expected(NamedTuple):
    papers: int
    ids: int
    empty: int = 0


CRAWLERS = {
    "arxiver": Expected(8_436, 7_913),  # versions of one paper are papers there
    "cs_multi": Expected(15_460, 8_516),
    "qbio": Expected(686, 436, empty=2),
}


def files(crawler: str) -> list[Path]:
    return sorted((LISTINGS / crawler).rglob("*.jsonl"))


def read(content: bytes) -> list[Sighting]:
    return list(arxiv_jsonl.papers(io.BytesIO(content)))


@needs_listings
@pytest.mark.parametrize("crawler", CRAWLERS)
def test_every_paper_of_a_crawler_is_read(crawler):
    dumps = [path.read_bytes() for path in files(crawler)]
    papers = [paper for dump in dumps if dump for paper in read(dump)]
    ids = {paper.arxiv_id for paper in papers}
    assert Expected(len(papers), len(ids), dumps.count(b"")) == CRAWLERS[crawler]


@needs_listings
@pytest.mark.parametrize("crawler", CRAWLERS)
def test_a_listing_is_accepted_by_its_format_alone(crawler):
    for path in files(crawler):
        head = path.read_bytes()[:HEAD]
        accepting = [name_of(each) for each in formats() if each.accepts(head)]
        assert accepting == ["arxiv_jsonl"] * bool(head), path.name


@needs_listings
@pytest.mark.parametrize("crawler", CRAWLERS)
def test_every_field_of_a_record_is_read(crawler):
    for path in files(crawler):
        lines = path.read_bytes().splitlines()
        papers = read(b"\n".join(lines)) if lines else []
        for number, (line, paper) in enumerate(zip(lines, papers, strict=True), 1):
            record = json.loads(line)
            known_by = arxiv_id(record.get("id") or record["link"])
            assert known_by == (paper.arxiv_id, paper.version)
            assert paper.line == number
            assert paper.title == " ".join(record["title"].split())
            abstract = record.get("summary") or record.get("abstract")
            assert paper.abstract == " ".join(abstract.split())
            assert paper.authors == tuple(record.get("authors", ()))
            assert paper.categories == tuple(
                " ".join(each.split()) for each in record["categories"]
            )
            assert paper.url == (record.get("abs") or record["link"])
            day = paper.published.date() if paper.published else None
            assert str(day) == record.get("published", "None")[:10]
            assert paper.announced is None  # none of these says that it was withdrawn


@needs_listings
def test_a_packed_week_gives_the_same_papers(tmp_path):
    week = files("cs_multi")[:7]
    path = tmp_path / "week.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for file in reversed(week):
            archive.write(file, file.name)
    members = list(contents(Dump(path, "week.zip")))
    assert [member.name for member in members] == [f"week.zip/{file.name}" for file in week]
    assert [member.content for member in members] == [file.read_bytes() for file in week]


MEASURED = """
import io, sys
from digest.formats import arxiv_jsonl
month = open(sys.argv[1], "rb").read()
lines = sorted(month.splitlines(keepends=True), key=len)[:100]

class Years(io.RawIOBase):
    'The lines over and over, 100,000 of them.'
    def __init__(self):
        self.place, self.rest = 0, b""
    def readable(self):
        return True
    def readinto(self, buffer):
        if not self.rest and self.place < 100_000:
            self.rest = lines[self.place % len(lines)]
            self.place += 1
        piece, self.rest = self.rest[:len(buffer)], self.rest[len(buffer):]
        buffer[:len(piece)] = piece
        return len(piece)

def peak():
    return int(open("/proc/self/status").read().partition("VmHWM:")[2].split()[0]) // 1024

papers = arxiv_jsonl.papers(io.BufferedReader(Years()))
first = sum(1 for _, paper in zip(range(1_000), papers))
before = peak()
print(first + sum(1 for _ in papers), peak() - before)
"""


@needs_listings
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="no /proc: memory not measured")
def test_a_hundred_thousand_papers_take_no_more_memory_than_a_thousand():
    done = subprocess.run(
        [sys.executable, "-c", MEASURED, str(files("cs_multi")[0])],
        capture_output=True,
        cwd=ROOT,
        check=True,
    )
    papers, megabytes = map(int, done.stdout.split())
    assert (papers, megabytes <= 2) == (100_000, True)


@pytest.mark.skipif(not BIBLIOGRAPHIES, reason="shared bibliographies not here")
def test_a_bibliography_in_an_unknown_encoding_still_gives_its_papers():
    dumps = [io.BytesIO(path.read_bytes()) for path in BIBLIOGRAPHIES]
    assert [paper.title for dump in dumps for paper in bibtex.papers(dump)] == ["Test Title"]
