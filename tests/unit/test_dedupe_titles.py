import pytest

from digest.dedupe.titles import cut, is_generic, misspelt, numbers, numbers_conflict


@pytest.mark.parametrize(
    ("title", "found"),
    [
        ("kite3 flies in 2d", ["3", "2"]),
        ("a 2.5 knot wind", ["2.5"]),
        ("gust++ for sails", ["++"]),
        ("ropes part ii", ["part", "ii"]),
        ("ropes part b", ["part", "b"]),
        ("two lanterns", ["two"]),
        ("erratum on ropes", ["erratum"]),
        ("vitamin c and kites", []),
        ("error correction with ropes", []),
        ("on kites", []),
    ],
)
def test_the_numbers_of_a_title_are_what_tells_a_series_apart(title: str, found: list[str]):
    assert numbers(title.split()) == found


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("kite 2 technical report", "kite 3 technical report"),
        ("kite 9b and kite 22b", "kite 7b and kite 22b"),
        ("the 2024 ropes challenge", "the 2025 ropes challenge"),
        ("knots in the wind part i", "knots in the wind part ii"),
        ("two kites in a gale", "three kites in a gale"),
        ("gust retrieval", "gust++ retrieval"),
        ("gust", "gust++"),
        ("kite", "kite 2 a better way to fly in winter"),
        ("kite", "kite v2 a better way to fly in winter"),
        ("knots in the wind", "knots in the wind part ii steady gales"),
        ("knots in the wind", "knots in the wind chapter ii steady gales"),
        ("on ropes", "on ropes erratum"),
        ("a survey of kite", "a survey of kites part two"),
        ("kite 2", "kite 25"),
    ],
)
def test_another_number_part_version_year_or_plus_is_a_conflict(one: str, other: str):
    assert numbers_conflict(one.split(), other.split())
    assert numbers_conflict(other.split(), one.split())


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("kite3 in the wind", "kiet3 in the wind"),
        ("gale", "gale 3d sails from single drawings"),
        ("gale", "gale two stages of drying ropes"),
        ("gale", "gale a report on 300 ropes and their knots"),
        ("steady wind for vi", "steady wind for video sails"),
        ("steady wind for efficient kit", "steady wind for efficient kites at 30 knots"),
    ],
)
def test_a_slip_and_what_stands_in_the_tail_of_a_cut_title_are_none(one: str, other: str):
    assert not numbers_conflict(one.split(), other.split())
    assert not numbers_conflict(other.split(), one.split())


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("meteorological kites", "meteorologcal kites"),
        ("meteorological kites", "meteorological kite"),
        ("the colour of optimised kites", "the color of optimized kites"),
        ("modelling of kites", "modeling of kites"),
        ("a rope for a kite", "rope for the kite"),
        ("anisotropy of kites", "ansiotropy fo kites"),
        (
            "learning to fly a kite in a gale with ropes made of paper and glue",
            "leaning to fly a kite in a gale with ropes made of paper and glue",
        ),
    ],
)
def test_a_slip_an_ending_a_spelling_and_a_small_word_make_no_other_title(one: str, other: str):
    assert misspelt(one.split(), other.split())
    assert misspelt(other.split(), one.split())


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("minimization of drag", "maximization of drag"),
        ("online kites", "offline kites"),
        ("learning kites", "leaning kites"),
        ("kites with a gan", "kites with a van"),
        ("kites of paper", "kites of silk"),
        ("kites", "kites and how to fly them"),
        (
            "flows of steady wind on directed graphs of ropes and knots in winter",
            "flows of steady wind on undirected graphs of ropes and knots in winter",
        ),
        ("", "kites"),
    ],
)
def test_another_word_makes_another_title(one: str, other: str):
    assert not misspelt(one.split(), other.split())
    assert not misspelt(other.split(), one.split())


def test_a_cut_title_is_the_head_of_the_whole_one_even_within_a_word():
    whole = ["how", "to", "fly", "a", "kite", "in", "winter"]
    for length in range(1, len(whole)):
        assert cut(whole, whole[:length]) == (whole[:length], whole[:length], whole[length:])
    short = [*whole[:4], "ki"]
    assert cut(short, whole) == cut(whole, short) == (short, whole[:5], whole[5:])
    assert cut(whole[:5], short) == cut(short, whole[:5]) == (short, whole[:5], [])


@pytest.mark.parametrize("other", ["", "how to fly a rope", "why to fly", "to fly a kite"])
def test_another_beginning_is_no_cut(other: str):
    assert cut(["how", "to", "fly", "a", "kite"], other.split()) is None


@pytest.mark.parametrize(
    "title",
    ["", "editorial", "technical report", "report of the workshop 2024", "language models", "42"],
)
def test_titles_without_a_name_of_their_own_are_generic(title: str):
    assert is_generic(title.split())


@pytest.mark.parametrize("title", ["kite 2 technical report", "quokka", "how kites fly"])
def test_a_name_makes_a_title_ones_own(title: str):
    assert not is_generic(title.split())
