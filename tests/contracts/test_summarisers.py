"""What every summariser must keep to; each file of the package is found and tried."""

import json
import math
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from digest.errors import UnknownPlugin
from digest.summarisers import names, summariser, trained
from digest.sumy_document import document

ROOT = Path(__file__).parents[2]
TITLE = "Stirred Networks: Mixing Layers Without a Spoon"
SENTENCES = [
    "Deep networks are often stacked layer upon layer.",
    "However, many recent stacks are costly to stir.",
    "In this paper, we propose Stirred Networks, a new way to mix layers.",
    "In this paper, we propose Stirred Networks, a new way to mix layers.",
    "On three invented benchmarks they are 2.5 times as fast.",
    "",
    "…",
    "Code is available on request.",
]

NEEDS_NUMPY = {"lexrank", "lsa", "textrank"}
without_numpy = pytest.mark.skipif(find_spec("numpy") is None, reason="numpy is not installed")
everyone = pytest.mark.parametrize(
    "name",
    [pytest.param(n, marks=without_numpy if n in NEEDS_NUMPY else ()) for n in names()],
)


@everyone
def test_each_sentence_has_a_rating(name):
    ratings = summariser(name).rate(TITLE, SENTENCES)
    assert len(ratings) == len(SENTENCES)
    assert all(math.isfinite(rating) for rating in ratings)


@everyone
def test_no_sentences_have_no_ratings(name):
    assert list(summariser(name).rate(TITLE, [])) == []


@everyone
def test_a_sentence_without_words_is_rated_last(name):
    ratings = summariser(name).rate(TITLE, SENTENCES)
    assert max(ratings[5:7]) < min(ratings[:5] + ratings[7:])


@everyone
def test_a_title_is_not_needed(name):
    assert len(summariser(name).rate("", ["Recent work is available."])) == 1


@pytest.mark.parametrize("name", ["trained", "edmundson"])
def test_those_that_know_papers_find_what_is_proposed(name):
    ratings = summariser(name).rate(TITLE, SENTENCES)
    assert ratings.index(max(ratings)) in {2, 3}


@everyone
def test_the_method_names_itself_with_a_version(name):
    stem, _, version = summariser(name).METHOD.rpartition("-")
    assert stem
    assert version.isdigit()


@everyone
def test_another_process_rates_the_same(name):
    code = (
        "import json, sys; from digest.summarisers import summariser; "
        "title, sentences = json.load(sys.stdin); "
        f"print(json.dumps(list(summariser({name!r}).rate(title, sentences))))"
    )
    answers = [
        subprocess.run(
            [sys.executable, "-c", code],
            input=json.dumps([TITLE, SENTENCES]),
            capture_output=True,
            text=True,
            check=True,
            env={**os.environ, "PYTHONHASHSEED": seed},
        ).stdout
        for seed in ("1", "2")
    ]
    here = list(summariser(name).rate(TITLE, SENTENCES))
    assert [json.loads(answer) for answer in answers] == [here, here]


def test_an_unknown_name_is_answered_with_the_known_ones():
    with pytest.raises(UnknownPlugin) as caught:
        summariser("oracle")
    assert caught.value.known == names()
    assert "edmundson" in names()
    assert {"trained", "lexrank", "textrank", "lsa", "luhn", "kl", "sumbasic"} <= set(names())


def test_without_its_weights_the_trained_one_gives_way_to_edmundson(monkeypatch, tmp_path):
    monkeypatch.setattr(trained, "WEIGHTS", tmp_path / "none.json")
    assert summariser("trained") is summariser("edmundson")


def test_the_weights_are_small_and_say_where_they_are_from():
    assert trained.WEIGHTS.stat().st_size <= 120_000
    provenance = json.loads(trained.WEIGHTS.read_text("utf-8"))["provenance"]
    assert "SciTLDR" in provenance["data"]
    assert (ROOT / provenance["made by"]).is_file()


def test_the_trained_one_is_a_summariser_of_sumys():
    from sumy.summarizers import AbstractSummarizer

    made = trained.summariser()
    assert isinstance(made, AbstractSummarizer)
    assert [str(each) for each in made(document(TITLE, SENTENCES[:3]), 1)] == [SENTENCES[2]]
