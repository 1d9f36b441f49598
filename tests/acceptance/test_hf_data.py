"""Two years of Hugging Face papers, as several people saved them, counted in another way."""

import ast
import io
import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from digest.errors import DumpError
from digest.formats import HEAD, format_of, formats, name_of
from digest.model import Sighting
from digest.text import fold

DATA = Path(__file__).parents[2].parent / "shared" / "data"
DAYS = sorted((DATA / "hf_daily_json" / "raw").glob("*.json"))
REVISIONS = sorted((DATA / "hf_daily_json" / "revisions").glob("*.json"))
WEEKS = sorted((DATA / "hf_other" / "inmatrix_weekly_txt" / "paper_data").glob("*.txt"))
SCRAPED = sorted((DATA / "hf_other" / "paperblog_json" / "content" / "papers").glob("*.json"))
PAGES = sorted((DATA / "hf_page_dumps").glob("[DF]_*"))
pytestmark = pytest.mark.skipif(not DAYS, reason="the real data is not beside the repository")


def read(dump: Path, expected: str) -> list[Sighting]:
    content = dump.read_bytes()
    assert [name_of(each) for each in formats() if each.accepts(content[:HEAD])] == [expected]
    dump_format = format_of(content[:HEAD])
    assert dump_format
    return list(dump_format.papers(io.BytesIO(content)))


def records(dump: Path) -> list[dict[str, Any]]:
    """The records by the standard library alone."""
    return [
        ast.literal_eval(each) if isinstance(each, str) else each
        for each in json.loads(dump.read_bytes())
    ]


@pytest.fixture(scope="module")
def days() -> dict[str, tuple[list[Sighting], list[dict[str, Any]]]]:
    """What is read of each day, and its records by the standard library."""
    return {day.stem: (read(day, "hf_api"), records(day)) for day in DAYS}


def test_463_days_give_every_record_that_is_in_them(days):
    for day, (papers, expected) in days.items():
        assert [paper.arxiv_id for paper in papers] == [each["paper"]["id"] for each in expected], (
            day
        )
        assert [paper.abstract for paper in papers] == [
            fold(each["paper"]["summary"]) for each in expected
        ]
    assert len(days) == 463
    assert sum(len(papers) for papers, _ in days.values()) == 7231


def test_463_days_give_every_field_that_is_in_them(days):
    found, expected = Counter[str](), Counter[str]()
    for papers, recorded in days.values():
        for paper in papers:
            found.update(
                authors=len(paper.authors),
                organization=paper.organization is not None,
                organization_handle=paper.organization_handle is not None,
                upvotes=paper.upvotes or 0,
                comments=paper.comments or 0,
                published=paper.published is not None,
                day=paper.day is not None,
                keywords=len(paper.keywords),
                ai_summary=paper.ai_summary is not None,
                code_url=paper.code_url is not None,
            )
        for each in recorded:
            paper, organization = each["paper"], each["paper"].get("organization") or {}
            expected.update(
                authors=len(paper["authors"]),
                organization=bool(organization.get("fullname")),
                organization_handle=bool(organization.get("name")),
                upvotes=paper["upvotes"],
                comments=each["numComments"],
                published="publishedAt" in paper,
                day="submittedOnDailyAt" in paper,
                keywords=sum(map(bool, paper.get("ai_keywords") or [])),
                ai_summary=bool(paper.get("ai_summary")),
                code_url=bool(paper.get("githubRepo")),
            )
    assert found == expected


def test_an_answer_of_2026_as_it_came_gives_every_record():
    answer = DATA / "feeds" / "ai_weekly_radar" / "huggingface_papers.json"
    papers = read(answer, "hf_api")
    assert [paper.arxiv_id for paper in papers] == [each["paper"]["id"] for each in records(answer)]
    assert all(paper.abstract and paper.authors and paper.published for paper in papers)


def test_a_listing_of_a_day_says_that_it_is_of_that_day(days):
    said = {
        (day, paper.day.date().isoformat())
        for day, (papers, _) in days.items()
        for paper in papers
        if paper.day
    }
    assert len(said) > 200
    assert all(name == printed for name, printed in said)


def test_every_revision_is_read_or_refused_for_the_right_reason():
    outcomes = Counter[str]()
    for revision in REVISIONS:
        try:
            outcomes[f"{len(read(revision, 'hf_api'))} papers"] += 1
        except DumpError as error:
            outcomes[error.reason] += 1
    assert outcomes == {
        "no list of papers, only 1": 56,
        "14 papers": 1,
        "25 papers": 1,
    }


def test_a_day_that_grew_has_all_papers_of_its_earlier_version():
    for revision in REVISIONS:
        if revision.name.endswith(".old.json"):
            day = DAYS[0].parent / f"{revision.name[:10]}.json"
            earlier, later = ({p.arxiv_id for p in read(d, "hf_api")} for d in (revision, day))
            assert earlier <= later or earlier.isdisjoint(later)


def test_95_weeks_of_title_pdf_summary_give_every_paper():
    found = 0
    for week in WEEKS:
        papers = read(week, "title_summary")
        text = week.read_text("utf-8")
        ids = re.findall(r"^PDF: https://arxiv.org/pdf/(\S+)$", text, re.MULTILINE)
        assert [paper.arxiv_id for paper in papers] == ids
        assert [paper.line for paper in papers] == [
            number for number, line in enumerate(text.splitlines(), 1) if line.startswith("Title:")
        ]
        assert all(paper.abstract and paper.url for paper in papers)
        assert sum(len(paper.title.split()) for paper in papers) == sum(
            len(title.split())
            for title in re.findall(r"^Title: (.*?)^PDF: ", text, re.MULTILINE | re.DOTALL)
        )
        found += len(papers)
    assert found == 4674


def test_32_scraped_days_give_every_paper():
    found = 0
    for dump in SCRAPED:
        expected = json.loads(dump.read_bytes())["papers"]
        papers = read(dump, "paperblog")
        assert [
            (paper.title, paper.abstract, paper.arxiv_id, paper.url, paper.upvotes)
            for paper in papers
        ] == [
            (fold(p["title"]), fold(p["abstract"]), p["arxivId"], p["url"], p["upvotes"])
            for p in expected
        ]
        assert not any("," in name for paper in papers for name in paper.authors)
        found += len(papers)
    assert found == 309


def test_marked_up_pages_give_each_field_of_each_paper():
    facts = {
        page.name[0]: [
            (p.title[:8], p.upvotes, p.comments, p.author_count, p.organization, p.arxiv_id)
            for p in read(page, "hf_markup")
        ]
        for page in PAGES
    }
    assert facts == {
        "D": [
            ("MURMUR: ", 0, None, 3, None, None),
            ("Gemini 1", 65, 6, 671, None, None),
            ("VIBEVOIC", 1, 3, None, "Microsoft", None),
        ],
        "F": [
            ("OCC-RAG:", 101, 6, None, "OCC", "2606.00683"),
            ("The Nois", 0, None, 3, None, "2502.20581"),
        ],
    }
