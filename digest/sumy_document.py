"""An abstract as Sumy's document, and Sumy's summarisers under the port `Summariser`."""

import warnings
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from math import isnan
from typing import Any

from digest.text import has_word, words

_DIGITS = 9
"""Some methods add up sets, in an order that differs from process to process."""


class _Words:
    """What Sumy asks of a tokenizer; its own needs a download."""

    def to_words(self, sentence: str) -> list[str]:
        return words(sentence)


def document(title: str, sentences: Sequence[str]) -> Any:
    """Sumy's document model; the title is its heading."""
    from sumy.models.dom import ObjectDocumentModel, Paragraph, Sentence

    tokenizer = _Words()
    heading = [Sentence(title, tokenizer, is_heading=True)] if title else []
    body = [Sentence(text, tokenizer) for text in sentences]
    return ObjectDocumentModel([Paragraph([*heading, *body])])


class BestFirst:
    """Before a summariser of Sumy's among the bases: the chosen come in the order of rating."""

    @staticmethod
    def _get_best_sentences(
        sentences: Sequence[object],
        count: int,
        rating: Mapping[object, float] | Callable[..., float],
        *args: object,
    ) -> list[object]:
        rate = rating if callable(rating) else rating.__getitem__
        ratings = (float(rate(s, *args)) for s in sentences)
        # LexRank divides by nothing where no two sentences share a word: they are all alike.
        rated = [(0.0 if isnan(r) else -round(r, _DIGITS), i) for i, r in enumerate(ratings)]
        return [sentences[i] for _, i in sorted(rated)[:count]]


def with_words(sentences: Sequence[str]) -> list[int]:
    """The places of the sentences that have a word: the others are nothing to a summariser."""
    return [i for i, sentence in enumerate(sentences) if has_word(sentence)]


_STEP = 0.4
"""Points from one place in a ranking to the next: methods differ in what their ratings mean."""


class SumySummariser:
    """A summariser of Sumy's, made when it is first asked: its libraries take their time."""

    def __init__(self, method: str, make: Callable[[], Any]) -> None:
        self.METHOD = method
        self._make = make

    @cached_property
    def _summariser(self) -> Any:
        return self._make()

    def rate(self, title: str, sentences: Sequence[str]) -> list[float]:
        """By place in the ranking; sentences without words come last."""
        worded = with_words(sentences)
        ratings = [-_STEP * len(sentences)] * len(sentences)
        if worded:
            whole = document(title, [sentences[i] for i in worded])
            place = {id(sentence): i for i, sentence in zip(worded, whole.sentences, strict=True)}
            for rank, sentence in enumerate(self._ranked(whole, len(worded))):
                ratings[place[id(sentence)]] = -_STEP * rank
        return ratings

    def _ranked(self, document: Any, count: int) -> Any:
        """What some methods warn of, such as few words, is no concern of who reads the log."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return self._summariser(document, count)
