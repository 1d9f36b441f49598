"""How likely a word of an abstract is in the summary that its authors would write of it.

A logistic regression on where the word stands and how rare it is; benchmarks/train_summaries.py
fits the weights.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from itertools import chain, pairwise, repeat
from math import exp, fsum, log, sqrt
from operator import mul, truediv
from typing import Any

from digest.background import ByWord
from digest.text import listed, words

Facts = dict[str, float]
Stems = frozenset[str]

COMMON = listed(
    "a an the of to in for on with and or by from as at is are was were be been being that",
    "this these those it its we our they their which who can could may might will would",
    "should not no do does did has have had than then there here such also both between into",
    "over under while where when how what but if so thus however via using used use more most",
    "some any each other all one two new propose proposed paper show present work approach",
    "method based",
)
_SPEAKERS = listed("we paper work study article")
_ANNOUNCING = frozenset(
    verb + ending
    for verb in listed(
        "propose introduce present develop design describe devise formulate establish"
    )
    for ending in ("", "s", "d", "ed")
)
_BETWEEN = listed("here thus then first also")
_OWN = listed("we our us")
_NAMES_OF_PAPERS = listed("paper work study article report survey review thesis letter")
_PLURALS = 4
_NAME = 3


@lru_cache(maxsize=1 << 16)
def stem(word: str) -> str:
    """A word in small letters without the ending of its plural (Harman's S-stemmer, 1991)."""
    word = word.lower()
    if len(word) > _PLURALS and word.endswith("ies"):
        return word[:-3] + "y"
    return (
        word[:-1] if len(word) >= _PLURALS and word[-1] == "s" and word[-2] not in "sui" else word
    )


@cache
def weights() -> ByWord:
    """How rare each word is in papers, about 0 to 1."""
    return ByWord(_weight)


@cache
def squares() -> ByWord:
    """Of the weights."""
    return ByWord(lambda idf: _weight(idf) ** 2)


def _weight(idf: float) -> float:
    return idf / 10


def weighed(stems: Stems) -> float:
    return fsum(map(weights().__getitem__, stems))


def squared(stems: Stems) -> float:
    return fsum(map(squares().__getitem__, stems))


def facts_of_word(word: str) -> Facts:
    """What is true of a word as printed, wherever it stands."""
    stemmed = stem(word)
    rare = weights()[stemmed]
    return {
        "always": 1.0,
        "rare": rare,
        "rare twice": rare * rare,
        "digit": float(not word.isalpha() and any(map(str.isdigit, word))),
        "capitals": float(word[1:].lower() != word[1:]),
        "length": min(len(word), 12) / 12,
        "common": float(stemmed in COMMON),
    }


FLAGS = ("title", "announced", "own", "first sentence", "last sentence")
"""Where a word stands; each is a bit of a mask, in this order."""

AMOUNTS = ("begins", "count", "spread", "sentences", "rare in the title", "rare and announced")
"""What is counted of a word in a text, in this order."""

SILENT = "nothing announced"


Place = tuple[str, int, float, float, float, float, float, float]
"""A stem of a text and where it stands: the mask of FLAGS, and the AMOUNTS."""


def facts_of_mask(mask: int, *, silent: bool) -> Facts:
    found = {name: float(mask >> bit & 1) for bit, name in enumerate(FLAGS)}
    both = found["title"] * found["announced"]
    return {**found, "announced and in the title": both, SILENT: float(silent)}


def _is_announced(tokens: Sequence[str]) -> bool:
    if _SPEAKERS.isdisjoint(tokens):
        return False
    for i, (one, two) in enumerate(pairwise(tokens)):
        if one in _SPEAKERS:
            if two.endswith("ly") or two in _BETWEEN:
                two = tokens[i + 2] if i + 2 < len(tokens) else ""  # noqa: PLW2901 - the next word
            if two in _ANNOUNCING:
                return True
    return False


def _is_own(tokens: Sequence[str]) -> bool:
    return not _OWN.isdisjoint(tokens) or any(
        one in {"this", "present", "current"} and two in _NAMES_OF_PAPERS
        for one, two in pairwise(tokens)
    )


@dataclass(frozen=True)
class Text:
    """A title, and the words of the sentences of its abstract in their order."""

    printed_title: str
    sentences: Sequence[Sequence[str]]

    @cached_property
    def title(self) -> list[str]:
        return words(self.printed_title)

    @cached_property
    def name(self) -> list[str]:
        """What the paper calls its work: a few words before a colon."""
        before, colon, _ = self.printed_title.partition(":")
        found = words(before) if colon else []
        return found if len(found) <= _NAME else []

    @cached_property
    def tokens(self) -> list[list[str]]:
        return [list(map(str.lower, sentence)) for sentence in self.sentences]

    @cached_property
    def stems(self) -> list[list[str]]:
        # Most words have no ending that a stem lacks.
        return [[stem(w) if w[-1] == "s" else w for w in tokens] for tokens in self.tokens]

    @cached_property
    def title_stems(self) -> frozenset[str]:
        return frozenset(map(stem, self.title))

    @cached_property
    def announced(self) -> int:
        """The first sentence that announces something; -1 where none does."""
        return next((i for i, each in enumerate(self.tokens) if _is_announced(each)), -1)

    @cached_property
    def own(self) -> int:
        """The first sentence in which the authors speak of themselves or of their paper."""
        return next((i for i, each in enumerate(self.tokens) if _is_own(each)), -1)

    @cached_property
    def printed(self) -> dict[str, str]:
        """Each stem as it is first printed."""
        stems, printed = list(chain.from_iterable(self.stems)), chain.from_iterable(self.sentences)
        return dict(zip(reversed(stems), reversed(list(printed)), strict=True))

    @cached_property
    def sets(self) -> list[frozenset[str]]:
        return list(map(frozenset, self.stems))

    @cached_property
    def content(self) -> list[frozenset[str]]:
        """The stems of each sentence that say what it is about."""
        return [stems - COMMON for stems in self.sets]

    @cached_property
    def norms(self) -> list[float]:
        """The lengths of the sentences as vectors of their words' weights."""
        return [sqrt(squared(stems)) or 1.0 for stems in self.content]

    def places(self) -> Iterator[Place]:
        """Where each stem stands, in the order of `printed`."""
        sets, size = self.sets, len(self.sets)
        often = Counter(chain.from_iterable(self.stems))
        spread = Counter(chain.from_iterable(sets))
        begins = {word: i / size for i in reversed(range(size)) for word in sets[i]}
        masks = dict.fromkeys(self.printed, 0)
        announced = sets[self.announced] if self.announced >= 0 else frozenset()
        own = sets[self.own] if self.own >= 0 else frozenset()
        title = self.title_stems.intersection(masks)
        for bit, where in enumerate((title, announced, own, sets[0], sets[-1])):
            for word in where:
                masks[word] |= 1 << bit
        rare_in_title = {word: weights()[word] for word in title}
        rare_and_announced = {word: weights()[word] for word in announced}
        counts = list(map(spread.__getitem__, masks))
        return zip(
            masks,
            masks.values(),
            map(begins.__getitem__, masks),
            map(log, map(often.__getitem__, masks)),
            map(log, counts),
            map(truediv, counts, repeat(size)),
            map(rare_in_title.get, masks, repeat(0.0)),
            map(rare_and_announced.get, masks, repeat(0.0)),
            strict=False,  # what repeats has no end
        )


class Memo(dict[Any, float]):
    """A dict that computes what it does not hold yet."""

    def __init__(self, compute: Callable[[Any], float]) -> None:
        super().__init__()
        self._compute = compute

    def __missing__(self, key: Any) -> float:
        self[key] = found = self._compute(key)
        return found


class Salience:
    """How likely a stem of the abstract is in the summary: logistic regression."""

    def __init__(self, facts: Mapping[str, float], stems: Mapping[str, float]) -> None:
        self._facts, self._stems = facts, stems
        self._amounts = [facts.get(name, 0.0) for name in AMOUNTS]
        self._of_words = [facts.get(name, 0.0) for name in facts_of_word("a")]
        self._words = Memo(self._of_word)
        self._masks = [
            [self._sum(facts_of_mask(mask, silent=silent)) for mask in range(1 << len(FLAGS))]
            for silent in (False, True)
        ]

    def __call__(self, text: Text) -> dict[str, float]:
        words, masks, printed = self._words, self._masks[text.announced < 0], text.printed
        a, b, c, d, e, f = self._amounts
        found = {}
        for word, mask, u, v, w, x, y, z in text.places():  # in the order of AMOUNTS
            amounts = a * u + b * v + c * w + d * x + e * y + f * z
            found[word] = 1 / (1 + exp(-(words[printed[word]] + masks[mask] + amounts)))
        return found

    def _of_word(self, word: str) -> float:
        told: float = sum(map(mul, self._of_words, facts_of_word(word).values()))
        return self._stems.get(stem(word), 0.0) + told

    def _sum(self, facts: Facts) -> float:
        return sum(self._facts.get(name, 0.0) * value for name, value in facts.items() if value)
