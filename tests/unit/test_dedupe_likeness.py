import random
from typing import Any

import pytest

from digest.dedupe.fingerprint import printing
from digest.dedupe.likeness import compare, containment, judge
from digest.model import Answer
from digest.printings import Fingerprint

TITLE = "Anisotropic Kites: How Paper Flies in a Gale over the Northern Harbour"
WORDS = [
    *("kites", "ropes", "paper", "gale", "harbour", "knots", "wind", "sails", "winter", "lantern"),
    *("copper", "meadow", "orchard", "violin", "river", "sparrow", "cedar", "amber", "granite"),
    *("thunder", "velvet", "pebble", "marble", "candle", "anchor", "bridge", "carpet", "desert"),
]


def text(seed: int, words: int = 120) -> str:
    return " ".join(random.Random(seed).choices(WORDS, k=words))


ABSTRACT, ANOTHER = text(1), text(2)


def paper(title: str = TITLE, abstract: str = ABSTRACT, **known: Any) -> Fingerprint:
    return printing(title, abstract, **known).fingerprint


def mixed(part: float) -> str:
    """An abstract of which about that part is the other's."""
    ours, theirs = ABSTRACT.split(), text(3).split()
    return " ".join(ours[: round(part * len(ours))] + theirs[round(part * len(theirs)) :])


def answer(one: Fingerprint, other: Fingerprint) -> Answer:
    found = compare(one, other)
    assert found == compare(other, one)
    assert found.why
    return found.answer


# --- the same -------------------------------------------------------------------------------


def test_one_title_is_one_work_whatever_became_of_the_abstract():
    assert answer(paper(), paper(abstract=ANOTHER)) is Answer.SAME
    assert answer(paper(), paper(abstract="")) is Answer.SAME


def test_an_id_makes_one_work_of_two_titles_that_share_some_text():
    one = paper(arxiv_id="2601.00001")
    other = paper("Paper in the Wind", mixed(0.4), arxiv_id="2601.00001")
    assert answer(one, other) is Answer.SAME
    assert (
        answer(paper(doi="10.1/KITE"), paper("Paper", mixed(0.4), doi="10.1/kite")) is Answer.SAME
    )


def test_a_doi_of_proceedings_does_not_make_one_work_of_its_papers():
    one = paper("Fast Inference of Large Trees", "", doi="10.1/all")
    other = paper("Banana Genome Evolution", "", doi="10.1/all")
    assert answer(one, other) is Answer.RELATED


def test_a_generic_title_with_another_id_is_another_paper_whoever_wrote_it():
    facts = {"authors": ("Ada Byron",), "year": 2026}
    one = paper("Editorial", "", doi="10.1/a", **facts)
    assert answer(one, paper("Editorial", "", doi="10.1/b", **facts)) is Answer.NEW
    assert answer(one, paper("Editorial", "", **facts)) is Answer.SAME


def test_the_first_names_of_a_long_list_of_authors_are_no_strangers():
    many = tuple(f"A. Name{n}" for n in range(100))
    assert (
        answer(paper(abstract="", authors=many), paper(abstract="", authors=many[:3]))
        is Answer.SAME
    )


def test_an_abstract_of_which_too_little_can_be_compared_says_nothing():
    words = [f"word{n}" for n in range(300)]
    whole, head = paper(abstract=" ".join(words)), paper(abstract=" ".join(words[:8]))
    assert containment(whole, head) is None or containment(whole, head) == 1


def test_an_abstract_that_was_kept_makes_one_work_of_two_titles():
    assert answer(paper(), paper("Why Sparrows Sing")) is Answer.SAME


def test_a_number_in_a_title_that_was_wholly_replaced_tells_it_apart_all_the_same():
    assert answer(paper(), paper("Why 12 Sparrows Sing")) is Answer.RELATED


def test_half_an_abstract_and_much_of_the_title_make_one_work():
    other = paper(TITLE.replace("How Paper Flies", "Why Paper Flew"), mixed(0.75))
    assert answer(paper(), other) is Answer.SAME


def test_part_of_the_abstract_is_enough_where_the_titles_are_nearly_the_same():
    other = paper(TITLE.replace("Northern", "Northerly Old"), mixed(0.6))
    assert answer(paper(), other) is Answer.SAME


@pytest.mark.parametrize("abstract", ["", ABSTRACT[:200], ABSTRACT])
def test_slips_in_a_title_make_no_other_work(abstract: str):
    other = paper(TITLE.replace("Anisotropic", "Ansiotropic").replace("Northern", "Nortern"))
    assert answer(paper(abstract=abstract), other) is Answer.SAME


@pytest.mark.parametrize("abstract", ["", ABSTRACT[:200], ABSTRACT])
@pytest.mark.parametrize("length", [40, 50, 60])
def test_a_cut_title_is_known_again_with_a_cut_abstract_or_none(length: int, abstract: str):
    assert answer(paper(TITLE[:length], abstract), paper()) is Answer.SAME


def test_a_title_without_its_subtitle_is_known_again_by_some_of_the_abstract():
    assert answer(paper("Anisotropic Kites", ABSTRACT[:300]), paper()) is Answer.SAME


def test_a_short_head_of_a_title_alone_is_no_name():
    assert answer(paper("Anisotropic Kites", ""), paper()) is not Answer.SAME


def test_authors_and_year_make_up_for_a_few_other_words():
    known = {"abstract": "", "authors": ["Ada Byron", "Grace Moss"], "year": 2024}
    other = TITLE.replace("in a Gale", "in Gales Then")
    assert answer(paper(**known), paper(other, **known)) is Answer.SAME
    assert answer(paper(**known), paper(other, **{**known, "year": 2025})) is not Answer.SAME
    assert answer(paper(**known), paper(other, **{**known, "authors": []})) is not Answer.SAME


# --- related: printed, with a word about the other ------------------------------------------


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Kite 2 Technical Report", "Kite 3 Technical Report"),
        ("Anisotropic Kites, Part I", "Anisotropic Kites, Part II"),
        ("The Harbour Challenge 2024", "The Harbour Challenge 2025"),
        ("Kite-9B in the Wind", "Kite-22B in the Wind"),
        ("Two Kites in a Gale", "Three Kites in a Gale"),
        ("KiteTexture for Sails", "KiteTexture++ for Sails"),
        ("KiteTexture", "KiteTexture++"),
        ("Anisotropic Kites", "Anisotropic Kites v2"),
    ],
)
@pytest.mark.parametrize("abstract", ["", mixed(0.6), mixed(0.9), ABSTRACT])
def test_another_number_is_never_the_same_by_likeness_alone(one: str, other: str, abstract: str):
    first, second = paper(one), paper(other, abstract)
    assert answer(first, second) is not Answer.SAME
    for shared in (None, 0.0, 0.4, 0.89, 1.0):
        assert judge(first, second, shared).answer is not Answer.SAME


def test_a_sequel_that_repeats_the_abstract_follows():
    assert answer(paper("Kite 2 Report"), paper("Kite 3 Report")) is Answer.RELATED


def test_two_arxiv_ids_are_two_papers_unless_the_text_was_copied():
    one, other = paper(arxiv_id="2601.00001"), paper(abstract=mixed(0.7), arxiv_id="2601.00002")
    assert answer(one, other) is Answer.RELATED
    assert answer(one, paper(arxiv_id="2601.00002")) is Answer.SAME
    assert answer(one, paper("Why Sparrows Sing", arxiv_id="2601.00002")) is Answer.RELATED


def test_two_dois_of_one_publisher_are_two_papers_and_of_two_publishers_may_be_one():
    one = paper(abstract="", doi="10.1/a")
    assert answer(one, paper(abstract="", doi="10.1/b")) is Answer.RELATED
    assert answer(one, paper(abstract="", doi="10.2/b")) is Answer.SAME


def test_an_id_that_was_given_to_another_paper_does_not_swallow_it():
    one = paper(arxiv_id="2601.00001")
    other = paper("Why Sparrows Sing", ANOTHER, arxiv_id="2601.00001")
    assert answer(one, other) is Answer.RELATED


def test_one_title_of_other_authors_is_another_paper():
    one = paper(abstract="", authors=["Ada Byron"])
    assert answer(one, paper(abstract="", authors=["Grace Moss"])) is Answer.RELATED


def test_one_title_in_another_year_is_the_same_only_with_the_text():
    assert answer(paper(abstract="", year=2024), paper(abstract="", year=2025)) is Answer.RELATED
    assert answer(paper(year=2024), paper(year=2025)) is Answer.SAME


def test_what_shares_part_of_both_follows():
    other = paper(TITLE.replace("Northern", "Old Southern Copper"), mixed(0.62))
    found = judge(paper(), other, 0.45)
    assert found.answer is Answer.RELATED


# --- new ------------------------------------------------------------------------------------


def test_other_words_are_another_paper():
    assert answer(paper(), paper("Why Sparrows Sing", ANOTHER)) is Answer.NEW


@pytest.mark.parametrize("title", ["", "Editorial", "Technical Report", "Preface", "42"])
def test_a_title_that_many_bear_says_nothing_without_the_text(title: str):
    assert answer(paper(title), paper(title, ANOTHER)) is Answer.NEW
    assert answer(paper(title, ""), paper(title, "")) is Answer.NEW
    assert answer(paper(title), paper(title)) is Answer.SAME


def test_a_title_that_many_bear_is_known_by_authors_and_year_where_there_is_no_text():
    known = {"abstract": "", "authors": ["Ada Byron"], "year": 2024}
    assert answer(paper("Editorial", **known), paper("Editorial", **known)) is Answer.SAME
    assert answer(paper("Editorial", **known), paper("Editorial", **known | {"year": 2025})) is (
        Answer.NEW
    )


def test_a_title_that_differs_in_a_word_is_another_paper_where_nothing_else_is_known():
    one = paper("Fair Minimization of Drag with Ropes", "")
    assert answer(one, paper("Fair Maximization of Drag with Ropes", "")) is Answer.NEW


def test_few_words_of_an_abstract_say_nothing():
    assert compare(paper(abstract="We fly kites."), paper()).abstract is None
    assert answer(paper("Ropes", "a"), paper("Sails", "a")) is Answer.NEW


# --- how much is shared ---------------------------------------------------------------------


def test_a_cut_abstract_stands_wholly_in_the_other_and_a_strange_one_not_at_all():
    assert containment(paper(abstract=ABSTRACT[:300]), paper()) == pytest.approx(1, abs=0.1)
    assert containment(paper(), paper()) == 1
    assert containment(paper(), paper(abstract=ANOTHER)) == pytest.approx(0, abs=0.05)


@pytest.mark.parametrize("part", [0.25, 0.5, 0.75])
def test_the_estimate_is_near_the_part_that_is_shared(part: float):
    assert containment(paper(), paper(abstract=mixed(part))) == pytest.approx(part, abs=0.2)


def test_judging_with_a_known_part_gives_what_comparing_finds():
    one, other = paper(), paper("Why Sparrows Sing")
    assert judge(one, other, containment(one, other)) == compare(one, other)
