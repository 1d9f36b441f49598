"""A summariser of Sumy's kind whose features are weighed as SciTLDR's authors would choose.

The features are those of `digest.features`; the weights stand in trained.json and are made by
benchmarks/train_summaries.py. Without that file `digest.summarisers` gives out Edmundson's method.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from itertools import chain, repeat
from math import fsum
from operator import mul
from pathlib import Path
from typing import Any
from zlib import crc32

from digest.features import marks, measures, phrases
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
        self._weights, self._phrases = weights["sentences"], weights["phrases"]
        self._known = {tuple(phrase.split()): phrase for phrase in self._phrases}

    def rated(
        self, title: str, sentences: Sequence[str]
    ) -> Iterator[tuple[Iterable[str], list[float]]]:
        """Of each sentence the names of its features and what each adds, in the same order."""
        if not sentences:
            return
        text = Text(title, [words(sentence) for sentence in sentences])
        columns = measures(text, sentences, self._salience(text))
        measured = [self._weights.get(name, 0.0) for name in columns]
        for row, marked, tokens in zip(
            zip(*columns.values(), strict=True), marks(text), text.tokens, strict=True
        ):
            said = [self._known[phrase] for phrase in self._known.keys() & phrases(tokens)]
            yield (
                chain(columns, marked, said),
                [
                    *map(mul, measured, row),
                    *map(self._weights.get, marked, repeat(0.0)),
                    *map(self._phrases.__getitem__, said),
                ],
            )

    def parts(self, title: str, sentences: Sequence[str]) -> Iterator[Parts]:
        known = self._weights.keys() | self._phrases.keys()
        for names, values in self.rated(title, sentences):
            yield {name: value for name, value in zip(names, values, strict=True) if name in known}


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
    return [fsum(added) for _, added in _model().rated(title, sentences)]


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
