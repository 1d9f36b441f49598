from math import log

import pytest

from digest.features import measures
from digest.salience import RARE, Salience, Text, amounts, weights
from digest.text import words

PRINTED = ["Pots leak.", "We seal a pot, and the Pot stirs.", "Seals hold."]
TEXT = Text("Pot Lids", [words(each) for each in PRINTED])


def told_of(stem):
    number = TEXT.numbers[stem]
    return TEXT.printed[number], list(TEXT.places())[number], TEXT.masks()[number]


@pytest.mark.parametrize(
    ("stem", "printed", "place", "flags"),
    [
        ("pot", "Pots", (0, 3, 2, 3), "title own first"),
        ("seal", "seal", (1, 2, 2, 3), "own last"),
        ("stir", "stirs", (1, 1, 1, 3), "own"),
        ("hold", "hold", (2, 1, 1, 3), "last"),
    ],
)
def test_it_is_told_of_a_stem_how_it_is_printed_and_where_it_stands(stem, printed, place, flags):
    mask = sum(1 << ["title", "announced", "own", "first", "last"].index(f) for f in flags.split())
    assert told_of(stem) == (printed, place, mask)


def test_stems_that_are_not_in_the_abstract_have_no_number():
    assert TEXT.numbered(["lid", "pot", "we"]) == {TEXT.numbers["pot"], TEXT.numbers["we"]}


def test_amounts_are_shares_and_logarithms():
    assert amounts((1, 3, 2, 4)) == (0.25, log(3), log(2), 0.5)


def test_what_is_rare_counts_where_the_title_has_it():
    neutral, told = Salience({}, {})(TEXT), Salience({RARE[0]: 2.0}, {})(TEXT)
    pot = TEXT.numbers["pot"]
    assert set(neutral) == {0.5}
    assert {i for i, value in enumerate(told) if value != 0.5} == {pot}
    assert -log(1 / told[pot] - 1) == pytest.approx(2 * weights()["pot"])


def test_the_name_of_a_work_counts_where_a_sentence_has_all_of_it():
    printed = ["The deep pot leaks.", "A pot leaks."]
    facts = {}
    for title in ("Deep Pot: A Lid", "Deep Kettle: A Lid", "Deep Pot"):
        text = Text(title, [words(each) for each in printed])
        told = measures(text, printed, [0.5] * len(text.numbers))
        facts[title] = told["title:its name"]
    assert list(facts.values()) == [[1.0, 0.0], [0.0, 0.0], [0.0, 0.0]]


@pytest.mark.parametrize("sign", ["7", "²", "₃", "٣"])
def test_a_figure_is_seen_however_it_is_printed(sign):
    printed = [f"It is 'x{sign}'.", "It is 'x'."]
    told = measures(Text("", [words(each) for each in printed]), printed, [0.5] * 9)
    assert told["signs:digit"] == [1.0, 0.0]
