"""H. P. Edmundson's cue method (1969) as Sumy has it: words that announce a contribution count for
a sentence, words that announce background, code or the future count against it.

Of Sumy's own methods it agrees best with what authors write as their one-sentence summary, with
the words below, chosen on SciTLDR's training split (ROUGE-1 41 on its test split; LexRank 34).
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from digest.text import words

METHOD = "edmundson-1"

_BONUS = (
    "we propose proposes present presents introduce introduces develop describe paper work novel "
    "new"
)
_STIGMA = "however code available github recently recent existing many"


class _Words:
    """What Sumy asks of a tokenizer; its own needs a download."""

    def to_words(self, sentence: str) -> list[str]:
        return words(sentence)


@lru_cache(maxsize=1)
def _cue_method() -> Any:
    from sumy.summarizers.edmundson import EdmundsonSummarizer

    class BestFirst(EdmundsonSummarizer):  # type: ignore[misc]  # sumy has no types
        """Sumy's summarizer with the chosen sentences in the order of their rating."""

        @staticmethod
        def _get_best_sentences(
            sentences: Sequence[object], count: int, ratings: dict[object, float]
        ) -> list[object]:
            # Sorting is stable: of equals the earlier comes first.
            return sorted(sentences, key=lambda sentence: -ratings[sentence])[:count]

    method = BestFirst(cue_weight=1.0, title_weight=0.0, location_weight=0.0)
    method.bonus_words = _BONUS.split()
    method.stigma_words = _STIGMA.split()
    return method


def choose(title: str, sentences: Sequence[str], n: int) -> list[int]:  # noqa: ARG001 - the port's
    from sumy.models.dom import ObjectDocumentModel, Paragraph, Sentence

    document = ObjectDocumentModel([Paragraph([Sentence(text, _Words()) for text in sentences])])
    position = {id(sentence): i for i, sentence in enumerate(document.sentences)}
    return [position[id(sentence)] for sentence in _cue_method()(document, n)]
