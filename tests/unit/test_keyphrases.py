import pytest

from digest.keyphrases import key_of, keyphrases, rarity

TITLE = "HAT-1: Finding Red Dwarfs with Felt Lens Arrays"
ABSTRACT = (
    "Most red dwarfs are dim. We propose felt lens arrays, which are cheap and easy to fold. "
    "Our felt lens arrays find red dwarfs that no other telescope sees."
)


def test_keyphrases_are_phrases_of_the_text_as_it_prints_them():
    phrases = keyphrases(TITLE, ABSTRACT)
    assert 3 <= len(phrases) <= 5
    assert all(phrase in f"{TITLE}. {ABSTRACT}" for phrase in phrases)


def test_what_stands_early_and_often_comes_first_without_the_capitals_of_a_title():
    assert keyphrases(TITLE, ABSTRACT)[:3] == ("felt lens arrays", "red dwarfs", "HAT-1")


def test_no_keyphrase_holds_all_the_words_of_another():
    keys = [set(key_of(phrase)) for phrase in keyphrases(TITLE, ABSTRACT, ["lens", "dwarfs"])]
    assert not any(one < other for one in keys for other in keys)


@pytest.mark.parametrize("word", ["propose", "novel", "2024", "significantly", "which"])
def test_words_of_any_abstract_part_phrases(word):
    assert keyphrases("", f"felt lens {word} red dwarf") == ("felt lens", "red dwarf")


def test_a_phrase_that_a_table_knows_comes_before_one_that_it_does_not():
    text = "A tidal basin is beside a tidal shelf. " + "It is so. " * 9
    assert keyphrases("", text)[0] == "tidal basin"
    assert keyphrases("", text, ["tidal shelf"])[0] == "tidal shelf"


@pytest.mark.parametrize("text", ["", "...", "of the and", "\u6f22\u5b57", "7 8 9"])
def test_a_text_without_phrases_has_none_and_breaks_nothing(text):
    assert len(keyphrases(text, "")) <= 1


def test_plurals_capitals_and_hyphens_make_no_other_phrase():
    assert key_of("Red-Dwarfs") == key_of("red dwarf") == ("red", "dwarf")


def test_rarity_grows_with_rarer_words_and_with_more_of_them():
    assert rarity("the model") < rarity("autoencoder") < rarity("sparse autoencoder")
