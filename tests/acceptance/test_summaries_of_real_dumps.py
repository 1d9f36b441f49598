"""The 308 papers of the shared dumps, cleaned and summarised."""

import json
import re
from pathlib import Path

import pytest

from digest.links import code_url
from digest.summarise import COMPACT_LENGTH, LEAD_LENGTH, LENGTH, summarise
from digest.summarisers import summariser
from digest.text import clean, title_key

SHARED = Path(__file__).parents[2].parent / "shared"
LEFT_OVER = re.compile(
    r"[\\$]|[_^]\{|``|''|\*\*|\S~[A-Za-z(]|\d(?:times|sim)|\bsim\d|x201[34]|math(?:cal|bb)|textbf|infty"
)

pytestmark = pytest.mark.skipif(not SHARED.is_dir(), reason="../shared is not there")


@pytest.fixture(scope="module")
def printed():
    files = sorted((SHARED / "gold").glob("*.gold.json"))
    papers = [paper for file in files for paper in json.loads(file.read_text())["papers"]]
    return [(paper["title"], paper["abstract"]) for paper in papers]


@pytest.fixture(scope="module")
def cleaned(printed):
    return [(clean(title), clean(abstract)) for title, abstract in printed]


@pytest.fixture(scope="module")
def summaries(cleaned):
    trained = summariser("trained")
    return [summarise(title, abstract, trained) for title, abstract in cleaned]


def test_no_markup_is_left_in_any_title_or_abstract(cleaned):
    texts = [text for paper in cleaned for text in paper]
    assert len(texts) == 616
    assert [text for text in texts if LEFT_OVER.search(re.sub(r"https?://\S+", "", text))] == []
    assert [text for text in texts if clean(text) != text] == []


def test_the_seven_papers_printed_twice_have_one_key_each_and_no_others_share_one(printed):
    assert len({title_key(title) for title, _ in printed}) == 301


def test_every_paper_has_a_lead_that_stands_in_its_abstract_and_fits(cleaned, summaries):
    for (_, abstract), summary in zip(cleaned, summaries, strict=True):
        texts = summary.lead + (summary.finding or "")
        assert "".join(abstract[start:end] for start, end in summary.spans) == texts
        assert len(summary.lead) <= LEAD_LENGTH
        assert len(texts) <= LENGTH
        assert len(summary.compact or "") <= COMPACT_LENGTH
        assert "…" not in summary.lead


def test_leads_ask_nothing_link_nowhere_and_hang_on_nothing(summaries):
    leads = [summary.lead for summary in summaries]
    assert [lead for lead in leads if "://" in lead or lead.endswith("?")] == []
    opening = re.compile(
        r"(?:This|These)\b(?! (?:\w+ )?(?:paper|work|study|survey|article))"
        r"|(?:It|Such|However|Yes)\b"
    )
    assert [lead for lead in leads if opening.match(lead)] == []


def test_most_papers_have_a_finding_and_it_tells_a_figure_or_compares(summaries):
    findings = [summary.finding for summary in summaries if summary.finding]
    assert len(findings) > 150
    assert not any("://" in finding or finding.endswith("?") for finding in findings)


def test_links_to_code_are_found(printed):
    links = [url for _, abstract in printed if (url := code_url(abstract))]
    assert len(links) > 40
    assert not any(re.search(r"[{}\])>,.]$", url) for url in links)
