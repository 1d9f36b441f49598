import io
import json

import pytest

from digest.errors import DumpError
from digest.formats import hf_page
from digest.formats.hf_markup import accepts, papers
from digest.model import PrintedDate, Sighting

BANNER = "Get trending papers in your email inbox!\n\n"
SITE = "https://huggingface.co"
TITLE = "Kites over Quiet Data"
ABSTRACT = "Quiet data say little. We fly kites over them and hear 12\\% more."


def card(title: str = TITLE, number: int = 1, below: str = "") -> str:
    link = f"({SITE}/papers/1808.0000{number})"
    return f"### [{title}]{link}\n\n[{ABSTRACT}]{link}\n\n{below}\n\n"


def read(text: str) -> list[Sighting]:
    return list(papers(io.BytesIO(text.encode())))


def trouble(text: str) -> DumpError:
    with pytest.raises(DumpError) as caught:
        read(text)
    return caught.value


@pytest.mark.parametrize(
    "text",
    [
        BANNER + card(),
        card(),
        f"{BANNER}### {TITLE}\n\n{ABSTRACT}\n",
        f"{BANNER}{TITLE}\n\n{SITE}/papers/1808.00001\n",
        f"5\n\n{SITE}/login?next=%2Fpapers%2F1808.00001\n\n{TITLE}\n\n{SITE}/papers/1808.00001\n",
    ],
    ids=["banner", "cut", "headings", "addresses", "votes"],
)
def test_a_page_with_headings_or_links_is_known(text):
    assert accepts(text.encode())
    assert accepts(text.replace("\n", "\r\n").encode("utf-16"))
    assert not hf_page.accepts(text.encode())


@pytest.mark.parametrize(
    "text",
    [
        f"{BANNER}{TITLE}\n\n{ABSTRACT}\n",
        "# Kites\n\n### How to fly\n\nAs on https://huggingface.co/papers/1808.00001 we fly.\n",
        f"<html>{BANNER}{card()}</html>",
        json.dumps({"page": BANNER + card()}, indent=1),
        json.dumps([BANNER + card()]),
    ],
    ids=["plain", "readme", "html", "object", "list"],
)
def test_what_is_no_such_page_is_not_accepted(text):
    assert not accepts(text.encode())


def test_links_name_the_paper_and_its_organisation():
    [paper] = read(card(below=f"[![elm](https://x.org/a.png)Elm AI]({SITE}/elm-ai)\n·\nMay 2"))
    assert (paper.arxiv_id, paper.url) == ("1808.00001", f"{SITE}/papers/1808.00001")
    assert (paper.organization, paper.organization_handle) == ("Elm AI", "elm-ai")


def test_relative_links_lead_to_the_site():
    [paper] = read(BANNER + card().replace(SITE, ""))
    assert paper.url == f"{SITE}/papers/1808.00001"


@pytest.mark.parametrize(
    ("votes", "number"), [("7", 7), ("1,204", 1204), ("1.5k", 1500), ("-", 0), ("Upvote\n\n8", 8)]
)
def test_votes_stand_before_the_title_and_comments_after_the_date(votes, number):
    login = f"[{votes}]({SITE}/login?next=%2Fpapers%2F1808.00001)"
    comments = f"[6]({SITE}/papers/1808.00001#community)"
    below = f"·\n\nMay 2{comments}"
    first, second = read(f"{login}\n\n{card(below=below)}{card('Nets', 2)}")
    assert (first.upvotes, first.comments) == (number, 6)
    assert (second.upvotes, second.comments) == (None, None)


def test_votes_that_follow_their_paper_are_told_by_their_link():
    login = f"[Upvote\n\n9]({SITE}/login?next=%2Fpapers%2F1808.00001)"
    first, second = read(card(below=f"· Published on May 2, 2018\n\n{login}") + card("Nets", 2))
    assert (first.upvotes, second.upvotes) == (9, None)
    assert first.published == PrintedDate(5, 2, 2018)


@pytest.mark.parametrize("abstract", ["in [0, 1) at last.", "[0, 1] is it.", "see [a](b) there."])
def test_brackets_within_an_abstract_do_not_break_it(abstract):
    link = f"({SITE}/papers/1808.00001)"
    for page in (
        f"### [{TITLE}]{link}\n\n[We show, {abstract}]{link}\n",
        f"### [{TITLE}]{link}\n\n[We show,\n{abstract}]{link}\n",
        f"### [{TITLE}]{link}\n\nWe show,\n{abstract}\n",
    ):
        assert read(page)[0].abstract.endswith(abstract.replace("[a](b)", "a").split(" ")[-1])
        assert read(page)[0].abstract.startswith("We show,")


def test_headings_of_the_page_are_no_titles_and_brackets_may_be():
    page = f"### Daily Papers\n\n{card()}### [Draft]\n\n{ABSTRACT}\n\n### Trending Papers\n"
    assert [paper.title for paper in read(page)] == [TITLE, "[Draft]"]


def test_a_picture_names_the_paper_below_it_and_a_citation_none():
    cites = f"{ABSTRACT} As [before](https://arxiv.org/abs/1807.00009)"
    picture = f"[[image: none]]({SITE}/papers/1808.00002)"
    page = f"{BANNER}### {TITLE}\n\n{cites}\n\n4 authors\n\n{picture}\n\n### Nets\n\n{ABSTRACT}\n"
    assert [paper.arxiv_id for paper in read(page)] == [None, None]
    page += "\n[arXiv Page](https://arxiv.org/abs/1808.00002v2)\n"
    assert (read(page)[1].arxiv_id, read(page)[1].version) == ("1808.00002", 2)


def test_the_foot_of_a_page_belongs_to_no_paper():
    foot = f"[Previous]({SITE}/papers/date/2018-08-01)\n\nAbout\n\n[Jobs]({SITE}/jobs)\n"
    [paper] = read(card() + foot)
    assert (paper.organization, paper.abstract) == (None, ABSTRACT)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (f"{BANNER}[5]({SITE}/papers/1808.00001)\n", "a page without titles"),
        (f"{BANNER}### []({SITE}/papers/1808.00001)\n\n{ABSTRACT}\n", "a page that lost a title"),
        (BANNER + "### Kites\n\n### Nets\n\n### Boats\n", "titles without abstracts"),
        (f"{BANNER}{'Words. ' * 50}\n\n{SITE}/papers/1808.00001\n", "an abstract without title"),
        ("", "a page without titles"),
    ],
)
def test_a_page_that_lost_its_titles_or_abstracts_is_trouble(text, reason):
    assert reason in trouble(text).reason


def test_trouble_comes_before_the_first_paper():
    found = papers(io.BytesIO((card() + f"### []({SITE}/papers/1808.00002)\n").encode()))
    with pytest.raises(DumpError):
        next(found)
