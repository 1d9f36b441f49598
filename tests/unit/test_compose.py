from datetime import date

import pytest

from digest.compose import Pick, compose
from digest.model import Paper, Summary, Tag, Votes
from digest.theme_table import load
from digest.themes import PhraseGrouper

DAY = date(2031, 5, 6)
SECTIONS = {"stars": "The sky", "planets": "The sky", "comets": "The sky", "fish": "The sea"}
HEADINGS = ("The sky", "Stars", "Planets", "Comets", "The sea", "Fish", "The land")


def tag(theme):
    if theme == "other":
        return Tag("other", "More papers", "", ("hats",))
    return Tag(theme, theme.capitalize(), SECTIONS.get(theme, "The land"), (theme,))


def pick(title, theme="stars", summary=None, abstract="An abstract.", code_url=None, **facts):
    counted = facts.pop("upvotes", None), facts.pop("comments", None)
    paper = Paper(
        ref=f"ref-{title}",
        title=title,
        abstract=abstract,
        first_seen=DAY,
        votes=(Votes(DAY, *counted),),
        **facts,
    )
    return Pick(paper, title, abstract, summary, tag(theme), code_url)


def edition(picks):
    return compose("all", DAY, 1, picks, HEADINGS)


def contents(picks):
    return [(theme.label, [card.title for card in theme.cards]) for theme in edition(picks).themes]


def many(theme, count=9):
    return [pick(f"{theme} {i}", theme) for i in range(count)]


def test_without_papers_there_is_no_edition():
    assert compose("all", DAY, 1, []) is None


def test_an_edition_is_for_its_audience_day_and_number():
    made = compose("physics", DAY, 2, [pick("A")])
    assert (made.audience, made.day, made.number) == ("physics", DAY, 2)


def test_a_small_day_is_set_by_sections_only():
    day = [pick("A"), pick("B"), pick("C", "planets"), pick("D", "fish")]
    assert contents(day) == [("The sky", ["A", "B", "C"]), ("The sea", ["D"])]


def test_a_theme_with_two_papers_has_its_own_heading():
    day = [*many("stars", 10), pick("B", "fish"), pick("A", "fish")]
    assert contents(day)[1] == ("Fish", ["A", "B"])


def test_papers_that_are_alone_in_their_themes_meet_under_their_section():
    day = [*many("fish", 10), pick("A", "stars"), pick("B", "planets")]
    assert contents(day)[1] == ("The sky", ["A", "B"])


def test_a_paper_alone_in_its_section_takes_a_small_theme_of_it_along():
    day = [*many("fish", 9), pick("A"), pick("B"), pick("C", "planets")]
    assert contents(day)[1:] == [("The sky", ["A", "B", "C"])]


def test_a_paper_alone_leaves_the_big_themes_of_its_section_as_they_are():
    labels = [label for label, _ in contents([*many("stars", 12), pick("C", "planets")])]
    assert labels == ["Stars", "More papers"]


def test_what_has_no_theme_or_no_company_comes_last_however_good_it_is():
    day = [*many("stars", 12), pick("Hats", "other", upvotes=900), pick("Sand", "sand")]
    assert contents(day)[-1] == ("More papers", ["Hats", "Sand"])
    assert edition(day).themes[-1].id == "other"
    assert edition(day).themes[-1].section == ""


def test_that_heading_reads_as_the_themes_call_it():
    [untagged] = PhraseGrouper(load("")).tags([("On hats", "")])
    [theme] = compose("all", DAY, 1, [pick("Hats", "other")]).themes
    assert (theme.id, theme.label, theme.section) == (
        untagged.theme_id,
        untagged.theme,
        untagged.section,
    )


def test_headings_come_by_what_readers_gave_then_by_size_then_as_in_the_table():
    quiet = [*many("fish", 4), *many("planets", 4), *many("stars", 5)]
    assert [label for label, _ in contents(quiet)] == ["Stars", "Planets", "Fish"]
    liked = [*quiet, pick("Liked", "fish", upvotes=2, comments=1), pick("x", "planets", upvotes=2)]
    assert [label for label, _ in contents(liked)] == ["Fish", "Planets", "Stars"]


def test_papers_come_by_upvotes_and_comments_then_the_latest_then_by_title():
    day = [
        pick("b"),
        pick("A"),
        pick("Old", published=date(2030, 1, 1)),
        pick("New", published=date(2031, 1, 1)),
        pick("Talked about", comments=4, upvotes=1),
        pick("Liked", upvotes=4),
    ]
    [(_, titles)] = contents(day)
    assert titles == ["Talked about", "Liked", "New", "Old", "A", "b"]


def test_no_two_headings_of_a_day_share_an_id():
    day = [*many("stars"), *many("planets"), pick("A", "comets"), pick("B", "moons"), *many("fish")]
    ids = [theme.id for theme in edition(day).themes]
    assert len(ids) == len(set(ids))


def test_a_card_carries_what_the_paper_and_its_summary_say():
    summary = Summary("It shines.", "By half.", ((0, 10), (11, 19)), 1, "edmundson-1")
    facts = {
        "authors": ("Ada Byron", "Carl Gauss"),
        "author_count": 7,
        "organization": "Observatory",
        "published": date(2031, 5, 1),
        "upvotes": 3,
        "comments": 0,
    }
    [card] = edition([pick("A", summary=summary, code_url="https://x.org/a", **facts)]).cards
    assert (card.ref, card.title, card.lead, card.finding) == (
        *("ref-A", "A", "It shines.", "By half."),
    )
    assert {name: getattr(card, name) for name in facts} == facts
    assert (card.code_url, card.keywords) == ("https://x.org/a", ("stars",))


def test_a_paper_without_abstract_has_an_empty_lead():
    [card] = edition([pick("A", abstract="")]).cards
    assert (card.lead, card.finding) == ("", None)


@pytest.mark.parametrize(
    ("facts", "url"),
    [
        ({"url": "HTTPS://x.org/a?b#c", "arxiv_id": "3105.00001"}, "HTTPS://x.org/a?b#c"),
        ({"url": "http://x.org"}, "http://x.org"),
        ({"arxiv_id": "3105.00001"}, "https://arxiv.org/abs/3105.00001"),
        ({"arxiv_id": "math/0309136", "doi": "10.1/x"}, "https://arxiv.org/abs/math/0309136"),
        ({"doi": "10.1/a<b>"}, "https://doi.org/10.1/a%3Cb%3E"),
        ({}, None),
    ],
)
def test_a_title_links_to_the_paper_s_page_its_arxiv_number_or_its_doi(facts, url):
    assert edition([pick("A", **facts)]).cards[0].url == url


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "ftp://x.org/a",
        "/a",
        "https:",
        "https:///a",
        "https://x.org/a b",
        "https://x.org/a\x00",
        "",
    ],
)
def test_an_address_that_is_no_web_page_is_never_linked(url):
    assert edition([pick("A", url=url)]).cards[0].url is None
    assert edition([pick("A", url=url, doi="10.1/x")]).cards[0].url == "https://doi.org/10.1/x"
