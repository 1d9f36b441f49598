import pytest

from digest.background import ByWord, commoner, counts, idf


def test_a_common_word_weighs_less_than_a_rare_one():
    assert 0 <= idf("the") < idf("model") < idf("transformer") < idf("anisotropy")


def test_a_word_that_is_not_in_the_table_is_the_rarest():
    assert counts("qqzzx") == (0, 0)
    assert idf("qqzzx") > idf("anisotropy")


@pytest.mark.parametrize("word", ["the", "anisotropy", "qqzzx"])
def test_what_is_computed_of_the_idf_stands_by_every_word(word: str):
    assert ByWord(lambda idf: 2 * idf)[word] == 2 * idf(word)


@pytest.mark.parametrize("word", ["", "the"])
def test_no_word_stands_in_more_papers_than_there_are(word: str):
    assert counts(word).abstracts <= counts("").abstracts


def test_commoner_words_are_those_in_as_many_abstracts_or_more():
    least = counts("diffusion").abstracts
    common = commoner(least)
    assert {"diffusion", "models"} <= common
    assert "diffusion" not in commoner(least + 1)
    assert all(counts(word).abstracts >= least for word in common)
