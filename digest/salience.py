"""How likely a word of an abstract is in the summary that its authors would write of it.

A logistic regression on where the word stands and how rare it is; benchmarks/train_summaries.py
fits the weights.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache, cached_property, lru_cache
from itertools import chain, count, pairwise, repeat
from math import exp, fsum, log, sqrt
from operator import mul
from typing import Any

from digest.background import ByWord
from digest.text import listed, words

Facts = dict[str, float]
Stems = frozenset[int]
"""The numbers of stems in a text."""

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


def _weight(idf: float) -> float:
    return idf / 10


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

AMOUNTS = ("begins", "count", "spread", "sentences")
"""What is counted of a word in a text, in this order."""

RARE = ("rare in the title", "rare and announced")
"""How rare a word is, if the first or the second of FLAGS holds."""

SILENT = "nothing announced"

Place = tuple[int, int, int, int]
"""The sentence where a stem begins, how often it stands, in how many sentences, and of how many.

Most words share it with many others.
"""


def amounts(place: Place) -> tuple[float, float, float, float]:
    """AMOUNTS of a place."""
    begins, often, spread, size = place
    return begins / size, log(often), log(spread), spread / size


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


class Text:
    """A title, and the words of the sentences of its abstract in their order.

    The stems of the abstract are numbered as they first stand; lists of what is true of each are in
    this order.
    """

    def __init__(self, title: str, sentences: Sequence[Sequence[str]]) -> None:
        self.printed_title, self.sentences = title, sentences
        self.title = words(title)
        self.tokens = [list(map(str.lower, sentence)) for sentence in sentences]
        numbers = defaultdict[str, int](count().__next__)
        self.stems: list[list[int]] = []
        self._begins: list[int] = []
        for i, tokens in enumerate(self.tokens):
            # Most words have no ending that a stem lacks.
            self.stems.append([numbers[stem(w) if w[-1] == "s" else w] for w in tokens])
            self._begins += [i] * (len(numbers) - len(self._begins))
        self.numbers = dict(numbers)
        self.sets = list(map(frozenset, self.stems))
        self.weights = list(map(weights().__getitem__, numbers))
        self.squares = [weight**2 for weight in self.weights]

    def numbered(self, stems: Iterable[str]) -> Stems:
        """Those of the stems that stand in the abstract."""
        return frozenset(map(self.numbers.__getitem__, self.numbers.keys() & stems))

    def weighed(self, stems: Stems) -> float:
        return fsum(map(self.weights.__getitem__, stems))

    def squared(self, stems: Stems) -> float:
        return fsum(map(self.squares.__getitem__, stems))

    @cached_property
    def name(self) -> list[str]:
        """What the paper calls its work: a few words before a colon."""
        before, colon, _ = self.printed_title.partition(":")
        found = words(before) if colon else []
        return found if len(found) <= _NAME else []

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
    def printed(self) -> list[str]:
        """Each stem as it is first printed."""
        printed: dict[int, str] = {}
        for stems, sentence in zip(reversed(self.stems), reversed(self.sentences), strict=True):
            printed.update(zip(reversed(stems), reversed(sentence), strict=True))
        return list(map(printed.__getitem__, self.numbers.values()))

    @cached_property
    def content(self) -> list[Stems]:
        """The stems of each sentence that say what it is about."""
        common = self.numbered(COMMON)
        return [stems - common for stems in self.sets]

    @cached_property
    def norms(self) -> list[float]:
        """The lengths of the sentences as vectors of their words' weights."""
        return [sqrt(self.squared(stems)) or 1.0 for stems in self.content]

    def places(self) -> Iterator[Place]:
        """Where each stem stands."""
        often = Counter(chain.from_iterable(self.stems))
        spread = Counter(chain.from_iterable(self.sets))
        in_order = self.numbers.values()
        return zip(
            self._begins,
            map(often.__getitem__, in_order),
            map(spread.__getitem__, in_order),
            repeat(len(self.sets)),
            strict=False,  # what repeats has no end
        )

    @cached_property
    def flagged(self) -> list[Stems]:
        """The stems for which each of FLAGS holds."""
        nothing: Stems = frozenset()
        return [
            self.numbered(self.title_stems),
            self.sets[self.announced] if self.announced >= 0 else nothing,
            self.sets[self.own] if self.own >= 0 else nothing,
            self.sets[0],
            self.sets[-1],
        ]

    def masks(self) -> list[int]:
        """Which of FLAGS hold for each stem."""
        masks = [0] * len(self.weights)
        for bit, stems in enumerate(self.flagged):
            for number in stems:
                masks[number] |= 1 << bit
        return masks


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
        self._of_amounts = [facts.get(name, 0.0) for name in AMOUNTS]
        self._of_rare = [facts.get(name, 0.0) for name in RARE]
        self._of_words = [facts.get(name, 0.0) for name in facts_of_word("a")]
        self._words, self._places = Memo(self._of_word), Memo(self._of_place)
        self._masks = [
            [self._sum(facts_of_mask(mask, silent=silent)) for mask in range(1 << len(FLAGS))]
            for silent in (False, True)
        ]

    def __call__(self, text: Text) -> list[float]:
        counted = list(map(self._places.__getitem__, text.places()))
        for weight, flagged in zip(self._of_rare, text.flagged, strict=False):
            for number in flagged:
                counted[number] += weight * text.weights[number]
        words = map(self._words.__getitem__, text.printed)
        masks = map(self._masks[text.announced < 0].__getitem__, text.masks())
        return [
            1 / (1 + exp(-(word + mask + count)))
            for word, mask, count in zip(words, masks, counted, strict=True)
        ]

    def _of_word(self, word: str) -> float:
        told: float = sum(map(mul, self._of_words, facts_of_word(word).values()))
        return self._stems.get(stem(word), 0.0) + told

    def _of_place(self, place: Place) -> float:
        a, b, c, d = self._of_amounts
        begins, often, spread, share = amounts(place)
        return a * begins + b * often + c * spread + d * share

    def _sum(self, facts: Facts) -> float:
        return sum(self._facts.get(name, 0.0) * value for name, value in facts.items() if value)
