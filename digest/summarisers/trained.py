"""A summariser of Sumy's kind whose features are weighed as SciTLDR's authors would choose.

The features are those of `digest.features`; the weights stand in trained.json and are made by
benchmarks/train_summaries.py. Without that file `digest.summarisers` gives out Edmundson's method.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from math import fsum
from pathlib import Path
from typing import Any
from zlib import crc32

from digest.features import facts_of_sentences, phrases
from digest.salience import Salience, Text
from digest.sumy_document import with_words
from digest.text import words

WEIGHTS = Path(__file__).with_name("trained.json")

METHOD = f"trained-1-{crc32(WEIGHTS.read_bytes()) if WEIGHTS.exists() else 0}"
"""The version of the features and, so that nobody forgets it, of the weights."""

Parts = dict[str, float]
"""What each feature adds to the rating of a sentence, by the feature's name."""


class Model:
    """Rates sentences: the sum of its features, each times its weight."""

    def __init__(self, weights: Mapping[str, Mapping[str, float]]) -> None:
        self._salience = Salience(weights["words"], weights["stems"])
        self._weights = weights["sentences"]
        self._phrases = {tuple(part[0].split()): part for part in weights["phrases"].items()}

    def parts(self, title: str, sentences: Sequence[str]) -> Iterator[Parts]:
        if not sentences:
            return
        text = Text(title, [words(sentence) for sentence in sentences])
        facts = facts_of_sentences(text, sentences, self._salience(text))
        weights, known = self._weights, self._phrases
        for each, tokens in zip(facts, text.tokens, strict=True):
            parts = {name: weights[name] * value for name, value in each.items() if name in weights}
            parts.update(map(known.__getitem__, known.keys() & phrases(tokens)))
            yield parts


@cache
def _model() -> Model:
    return Model(json.loads(WEIGHTS.read_text("utf-8")))


@cache
def summariser() -> Any:
    """The model as a summariser of Sumy's, whose libraries take their time."""
    from sumy.summarizers import AbstractSummarizer

    class Trained(AbstractSummarizer):  # type: ignore[misc]  # sumy has no types
        def __call__(self, document: Any, sentences_count: int) -> Any:
            title = " ".join(map(str, document.headings))
            ratings = iter(_ratings(title, list(map(str, document.sentences))))
            return self._get_best_sentences(
                document.sentences, sentences_count, lambda _: next(ratings)
            )

    return Trained()


def _ratings(title: str, sentences: Sequence[str]) -> list[float]:
    return [fsum(parts.values()) for parts in _model().parts(title, sentences)]


_WITHOUT_WORDS = -100.0


def rate(title: str, sentences: Sequence[str]) -> list[float]:
    ratings = [_WITHOUT_WORDS] * len(sentences)
    worded = with_words(sentences)
    found = _ratings(title, [sentences[i] for i in worded])
    for i, rating in zip(worded, found, strict=True):
        ratings[i] = rating
    return ratings


def why(title: str, sentences: Sequence[str]) -> list[Parts]:
    """What made the rating of each sentence."""
    parts: list[Parts] = [{} for _ in sentences]
    worded = with_words(sentences)
    found = _model().parts(title, [sentences[i] for i in worded])
    for i, each in zip(worded, found, strict=True):
        parts[i] = each
    return parts
