"""What every summariser must keep to; each file of the package is found and tried."""

import json
import os
import subprocess
import sys

import pytest

from digest.errors import UnknownPlugin
from digest.summarisers import names, summariser

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

everyone = pytest.mark.parametrize("name", names())


@everyone
@pytest.mark.parametrize("n", [0, 1, 3, 100])
def test_at_most_n_sentences_are_chosen_each_once(name, n):
    chosen = summariser(name).choose(TITLE, SENTENCES, n)
    assert len(chosen) <= n
    assert len(set(chosen)) == len(chosen)
    assert set(chosen) <= set(range(len(SENTENCES)))


@everyone
def test_no_sentences_give_no_choice(name):
    assert summariser(name).choose(TITLE, [], 3) == []


@everyone
def test_one_sentence_is_chosen_whatever_it_is(name):
    assert summariser(name).choose("", ["Recent work is available."], 2) == [0]


@everyone
def test_the_best_comes_first(name):
    few = summariser(name).choose(TITLE, SENTENCES, 2)
    assert summariser(name).choose(TITLE, SENTENCES, len(SENTENCES))[:2] == few
    assert few[0] == 2


@everyone
def test_the_method_names_itself_with_a_version(name):
    stem, _, version = summariser(name).METHOD.rpartition("-")
    assert stem
    assert version.isdigit()


@everyone
def test_another_process_chooses_the_same(name):
    code = (
        "import json, sys; from digest.summarisers import summariser; "
        "title, sentences = json.load(sys.stdin); "
        f"print(json.dumps(summariser({name!r}).choose(title, sentences, len(sentences))))"
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
    here = summariser(name).choose(TITLE, SENTENCES, len(SENTENCES))
    assert [json.loads(answer) for answer in answers] == [here, here]


def test_an_unknown_name_is_answered_with_the_known_ones():
    with pytest.raises(UnknownPlugin) as caught:
        summariser("oracle")
    assert caught.value.known == names()
    assert "edmundson" in names()
