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
from digest.sumy_document import document, with_words

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
        self._phrases = weights["phrases"]

    def parts(self, document: Any) -> Iterator[Parts]:
        title = " ".join(map(str, document.headings))
        text = Text(title, [sentence.words for sentence in document.sentences])
        facts = facts_of_sentences(text, [str(s) for s in document.sentences], self._salience(text))
        weights, known = self._weights, self._phrases
        for each, tokens in zip(facts, text.tokens, strict=True):
            parts = {name: weights[name] * value for name, value in each.items() if name in weights}
            parts.update((p, known[p]) for p in filter(known.__contains__, phrases(tokens)))
            yield parts


@cache
def summariser() -> Any:
    """The model as a summariser of Sumy's."""
    from sumy.summarizers import AbstractSummarizer

    class Trained(AbstractSummarizer):  # type: ignore[misc]  # sumy has no types
        model = Model(json.loads(WEIGHTS.read_text("utf-8")))

        def __call__(self, document: Any, sentences_count: int) -> Any:
            ratings = iter(self.rate_sentences(document))
            return self._get_best_sentences(
                document.sentences, sentences_count, lambda _: next(ratings)
            )

        def rate_sentences(self, document: Any) -> list[float]:
            return [fsum(parts.values()) for parts in self.model.parts(document)]

    return Trained()


_WITHOUT_WORDS = -100.0


def rate(title: str, sentences: Sequence[str]) -> list[float]:
    ratings = [_WITHOUT_WORDS] * len(sentences)
    if worded := with_words(sentences):
        whole = document(title, [sentences[i] for i in worded])
        for i, rating in zip(worded, summariser().rate_sentences(whole), strict=True):
            ratings[i] = rating
    return ratings


def why(title: str, sentences: Sequence[str]) -> list[Parts]:
    """What made the rating of each sentence."""
    found: list[Parts] = [{} for _ in sentences]
    if worded := with_words(sentences):
        whole = document(title, [sentences[i] for i in worded])
        for i, parts in zip(worded, summariser().model.parts(whole), strict=True):
            found[i] = parts
    return found
