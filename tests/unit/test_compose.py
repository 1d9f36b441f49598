from dataclasses import replace
from datetime import date

import pytest

from digest.compose import Pick, Room, compose, summarised
from digest.model import Note, Paper, Rank, Summary, Tag, Tier, Votes
from digest.theme_table import Heading, load
from digest.themes import PhraseGrouper

DAY = date(2031, 5, 6)
SECTIONS = {
    "stars": "The sky",
    "planets": "The sky",
    "comets": "The sky",
    "fish": "The sea",
    "whales": "The sea",
}
SHARES = {"The sky": 100, "Stars": 30, "Planets": 20, "Comets": 1, "The sea": 100, "Fish": 25}
SUMMARY = Summary("It shines.", "By half.", ((0, 10), (11, 19)), 1, "edmundson-1")
HEADINGS = tuple(Heading(label, share) for label, share in SHARES.items())


def tag(theme, keywords):
    if theme == "other":
        return Tag("other", "More papers", "", keywords)
    return Tag(theme, theme.capitalize(), SECTIONS.get(theme, f"Land of {theme}"), keywords)


def pick(title, theme="stars", *, place=1, score=0.0, keywords=(), **facts):
    given = {"abstract": "An abstract.", "code_url": None} | facts
    abstract, code_url = given.pop("abstract"), given.pop("code_url")
    counted = given.pop("upvotes", None), given.pop("comments", None)
    paper = Paper(
        ref=f"ref-{title}",
        title=title,
        abstract=abstract,
        first_seen=DAY,
        votes=(Votes(DAY, *counted),),
        **given,
    )
    rank = Rank(place, score)
    return Pick(paper, title, abstract, tag(theme, keywords), code_url, rank)


def edition(picks, **options):
    return compose("all", DAY, 1, picks, HEADINGS, **options)


def contents(picks):
    return [(theme.label, [card.title for card in theme.cards]) for theme in edition(picks).themes]


def labels(picks):
    return [theme.label for theme in edition(picks).themes]


def many(theme, count=19):
    return [pick(f"{theme} {i:02}", theme) for i in range(count)]


def test_without_papers_there_is_no_edition():
    assert compose("all", DAY, 1, []) is None


def test_an_edition_is_for_its_audience_day_and_number():
    made = compose("physics", DAY, 2, [pick("A")])
    assert (made.audience, made.day, made.number) == ("physics", DAY, 2)


def test_a_small_day_is_set_by_sections_only():
    day = [pick("A"), pick("B"), pick("C", "planets"), pick("D", "fish")]
    assert contents(day) == [("The sky", ["A", "B", "C"]), ("The sea", ["D"])]


def test_from_twenty_papers_on_no_heading_has_a_single_paper():
    day = [*many("stars", 18), pick("A", "fish")]
    assert labels(day) == ["The sky", "The sea"]
    assert labels([*day, pick("B", "stars")]) == ["Stars", "More papers"]


def test_a_busy_day_of_few_sections_is_set_by_their_themes():
    day = [paper for theme in ("stars", "planets", "fish", "whales") for paper in many(theme, 5)]
    assert sorted(labels(day)) == ["Fish", "Planets", "Stars", "Whales"]


def test_a_theme_with_two_papers_has_its_own_heading():
    day = [*many("stars"), pick("B", "fish"), pick("A", "fish")]
    assert contents(day)[1] == ("Fish", ["A", "B"])


def test_papers_that_are_alone_in_their_themes_meet_under_their_section():
    day = [*many("fish"), pick("A", "stars"), pick("B", "planets")]
    assert contents(day)[1] == ("The sky", ["A", "B"])


def test_papers_that_no_section_holds_meet_under_a_phrase_they_share():
    day = [
        *many("stars"),
        pick("Felt", "other", keywords=("felt lens arrays",)),
        pick("Felt Lens Arrays in Fog", "sand"),
        pick("Hats", "other"),
    ]
    assert contents(day)[1:] == [
        ("Also on felt lens arrays", ["Felt", "Felt Lens Arrays in Fog"]),
        ("More papers", ["Hats"]),
    ]


def test_a_phrase_that_is_everywhere_makes_no_heading():
    words = ("large models",)
    day = [*many("stars"), pick("A", "sand", keywords=words), pick("B", "mud", keywords=words)]
    assert labels(day) == ["Stars", "More papers"]


def test_papers_without_themes_are_more_than_nothing():
    assert labels([pick("Hats", "other"), pick("Sand", "other")]) == ["Papers"]


def test_what_has_no_theme_or_no_company_comes_last_however_good_it_is():
    day = [*many("stars"), pick("Hats", "other", score=9.0), pick("Sand", "sand")]
    assert contents(day)[-1] == ("More papers", ["Hats", "Sand"])
    assert edition(day).themes[-1].id == "other"
    assert edition(day).themes[-1].section == ""


def test_where_there_are_too_many_headings_the_least_usual_themes_give_way_to_their_sections():
    sky = [*many("stars", 6), *many("planets", 3), *many("comets", 9)]
    day = [*sky, *many("fish", 3), *many("sand", 2)]
    assert set(labels(day)) == {"Stars", "More in The sky", "Fish", "Land of sand"}
    assert {"Planets", "Comets", "Sand"} < set(labels([*day, *many("fish", 11)]))


def test_where_sections_alone_make_too_many_headings_the_smallest_join_the_rest():
    day = [paper for n in range(8) for paper in many(f"land {n}", 3)]
    small = [pick("A", "mud", place=2), pick("B", "mud", place=0)]
    assert "Land of mud" in labels([*day, *small])
    hats = pick("Hats", "other", place=1)
    assert contents([*day, *small, hats])[-1] == ("More papers", ["B", "Hats", "A"])


def test_a_theme_of_one_s_own_stays_when_others_give_way():
    themes = ("stars", "planets", "comets", "fish", "whales")
    day = [paper for theme in themes for paper in many(theme, 5)]
    headings = [*HEADINGS[:-1], Heading("Fish", 100), Heading("Whales", 1)]
    made = compose("all", DAY, 1, [*day, *many("sand", 2)], headings)
    assert "Fish" in [theme.label for theme in made.themes]
    assert len(made.themes) <= 4


def test_a_heading_with_over_a_third_of_the_papers_is_split_by_phrases_that_some_share():
    felt = [pick(f"F{i}", keywords=("felt lens arrays",), place=9) for i in range(3)]
    wool = [pick(f"Wool Hats {i}", keywords=(f"x{i}",), place=5) for i in range(2)]
    wool[0] = replace(wool[0], tag=tag("stars", ("wool hats",)))
    rest = many("stars", 6)
    [stars, _] = edition([*felt, *wool, *rest, *many("fish", 10)]).themes
    parts = [card.part for card in stars.cards]
    assert parts == ["Felt lens arrays"] * 3 + ["Wool hats"] * 2 + ["Other"] * 6


def test_a_big_section_is_split_into_its_themes():
    day = [*many("stars", 4), *many("planets", 3), pick("C", "comets"), *many("fish", 3)]
    [sky, sea] = edition(day).themes
    assert [card.part for card in sky.cards] == ["Planets"] * 3 + ["Stars"] * 4 + ["Other"]
    assert {card.part for card in sea.cards} == {""}


def test_a_section_beside_a_theme_of_its_own_says_that_it_has_the_others():
    day = [*many("stars"), pick("A", "planets"), pick("B", "comets"), *many("fish", 2)]
    assert labels(day) == ["Stars", "More in The sky", "Fish"]


def test_that_heading_reads_as_the_themes_call_it():
    [untagged] = PhraseGrouper(load("")).tags([("On hats", "")])
    *_, theme = edition([pick("Hats", "other"), *many("stars")]).themes
    assert (theme.id, theme.label, theme.section) == (
        untagged.theme_id,
        untagged.theme,
        untagged.section,
    )


def test_headings_come_by_their_best_papers_then_by_size_then_as_in_the_table():
    quiet = [*many("fish", 4), *many("planets", 9), *many("stars", 9)]
    assert labels(quiet) == ["Stars", "Planets", "Fish"]
    liked = [*quiet, pick("Liked", "fish", place=0, score=2.0)]
    assert labels(liked) == ["Fish", "Stars", "Planets"]


def test_papers_come_by_their_ranks_and_equal_ones_by_title():
    day = [pick("b", place=2), pick("A", place=2), pick("Best", place=1), pick("Last", place=3)]
    [(_, titles)] = contents(day)
    assert titles == ["Best", "A", "b", "Last"]


def test_the_best_of_each_heading_get_cards_then_the_best_of_all_then_lines_then_nothing():
    day = [pick(f"S{n}", place=n) for n in range(1, 5)] + [pick("F", "fish", place=9)]
    tiers = {card.title: card.tier for card in edition(day, room=Room(3, 1)).cards}
    assert tiers == {
        "S1": Tier.CARD,
        "S2": Tier.CARD,
        "F": Tier.CARD,
        "S3": Tier.LINE,
        "S4": Tier.ONLINE,
    }


def test_no_two_headings_of_a_day_share_an_id():
    day = [*many("stars"), *many("planets"), pick("A", "comets"), pick("B", "moons"), *many("fish")]
    ids = [theme.id for theme in edition(day).themes]
    assert len(ids) == len(set(ids))


def test_a_card_carries_what_the_paper_and_its_summary_say():
    facts = {
        "authors": ("Ada Byron", "Carl Gauss"),
        "author_count": 7,
        "organization": "Observatory",
        "published": date(2031, 5, 1),
        "upvotes": 3,
        "comments": 0,
    }
    [card] = edition([pick("A", code_url="https://x.org/a", **facts)]).cards
    assert (card.ref, card.title) == ("ref-A", "A")
    assert {name: getattr(card, name) for name in facts} == facts
    assert (card.code_url, card.theme, card.rank.place) == ("https://x.org/a", "Stars", 1)


def test_a_card_carries_lead_and_finding():
    [card] = summarised(edition([pick("A")]), {"ref-A": SUMMARY}).cards
    assert (card.lead, card.finding) == ("It shines.", "By half.")


def test_a_card_carries_what_a_line_shows_and_what_to_know_of_the_summary():
    short = replace(SUMMARY, compact="it gleams.", compact_spans=((20, 30),), notes=(Note.CUT,))
    [card] = summarised(edition([pick("A")]), {"ref-A": short}).cards
    assert (card.compact, card.notes) == ("It gleams.", (Note.CUT,))


def test_a_paper_without_abstract_has_an_empty_lead():
    [card] = summarised(edition([pick("A", abstract="")]), {"ref-A": None}).cards
    assert (card.lead, card.finding, card.compact, card.notes) == ("", None, None, ())


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
