"""What can be counted about the sentences of an abstract, and what it weighs.

Two models share this module, and benchmarks/train_summaries.py fits the weights of both. The first
says of each word how likely the authors' own one-sentence summary has it. The second says of each
sentence how good a summary it is; the first one's answer is one of its features. A feature's name
begins with its kind: `place:first`.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import pairwise
from math import exp, log, sqrt

from digest.background import counts, idf
from digest.text import words

Facts = dict[str, float]

# --- words ----------------------------------------------------------------------------------

COMMON = frozenset(
    "a an the of to in for on with and or by from as at is are was were be been being that this "
    "these those it its we our they their which who can could may might will would should not no "
    "do does did has have had than then there here such also both between into over under while "
    "where when how what but if so thus however via using used use more most some any each other "
    "all one two new propose proposed paper show present work approach method based".split()
)
_SPEAKERS = frozenset("we paper work study article".split())
_ANNOUNCING = frozenset(
    verb + ending
    for verb in "propose introduce present develop design describe devise formulate establish".split()
    for ending in ("", "s", "d", "ed")
)
_BETWEEN = frozenset("here thus then first also".split())
_OWN = frozenset("we our us".split())
_NAMES_OF_PAPERS = frozenset("paper work study article report survey review thesis letter".split())
_PLURALS = 4
_RARELY = 40
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


@lru_cache(maxsize=1 << 16)
def _weight(word: str) -> float:
    return idf(word)


@lru_cache(maxsize=1 << 16)
def facts_of_word(word: str) -> Facts:
    """What is true of a word as printed, wherever it stands."""
    rare = _weight(stem(word)) / 10
    return {
        "always": 1.0,
        "rare": rare,
        "rare twice": rare * rare,
        "digit": float(any(letter.isdigit() for letter in word)),
        "capitals": float(word[1:].lower() != word[1:]),
        "length": min(len(word), 12) / 12,
        "common": float(stem(word) in COMMON),
    }


PLACES = (
    "title",
    "title rare",
    "announced",
    "announced rare",
    "announced title",
    "own",
    "first sentence",
    "last sentence",
    "begins",
    "count",
    "spread",
    "sentences",
    "nothing announced",
)
"""The facts about a word's places, in the order in which `Text.places` gives them."""


def _is_announced(tokens: Sequence[str]) -> bool:
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
        return [[word.lower() for word in sentence] for sentence in self.sentences]

    @cached_property
    def stems(self) -> list[list[str]]:
        return [[stem(word) for word in sentence] for sentence in self.sentences]

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
        found: dict[str, str] = {}
        for sentence in self.sentences:
            for word in sentence:
                found.setdefault(stem(word), word)
        return found

    def places(self) -> Iterator[tuple[str, tuple[float, ...]]]:
        """Each stem with its values of PLACES."""
        sets = [frozenset(sentence) for sentence in self.stems]
        size = len(sets)
        often = Counter(word for sentence in self.stems for word in sentence)
        spread = Counter(word for sentence in sets for word in sentence)
        begins = {w: i / size for i in range(size - 1, -1, -1) for w in sets[i]}
        nothing: frozenset[str] = frozenset()
        announced = sets[self.announced] if self.announced >= 0 else nothing
        own = sets[self.own] if self.own >= 0 else nothing
        silent = float(self.announced < 0)
        for word in self.printed:
            titled, told, rare = word in self.title_stems, word in announced, _weight(word) / 10
            yield (
                word,
                (
                    float(titled),
                    titled * rare,
                    float(told),
                    told * rare,
                    float(told and titled),
                    float(word in own),
                    float(word in sets[0]),
                    float(word in sets[-1]),
                    begins[word],
                    log(often[word]),
                    log(spread[word]),
                    spread[word] / size,
                    silent,
                ),
            )


class Salience:
    """How likely a stem of the abstract is in the summary: logistic regression."""

    def __init__(self, facts: Mapping[str, float], stems: Mapping[str, float]) -> None:
        self._facts, self._stems = facts, stems
        self._places = [facts.get(name, 0.0) for name in PLACES]
        self._known: dict[str, float] = {}

    def __call__(self, text: Text) -> dict[str, float]:
        return {
            word: 1 / (1 + exp(-self._of_word(text.printed[word]) - self._of_places(values)))
            for word, values in text.places()
        }

    def _of_places(self, values: Sequence[float]) -> float:
        return sum(map(float.__mul__, self._places, values))

    def _of_word(self, word: str) -> float:
        if word not in self._known:
            self._known[word] = self._stems.get(stem(word), 0.0) + sum(
                self._facts.get(name, 0.0) * value for name, value in facts_of_word(word).items()
            )
        return self._known[word]


# --- sentences ------------------------------------------------------------------------------

Vector = dict[str, float]

_USUAL_LENGTH = 19
"""Words of a summary that an author writes, on average."""


def _norm(vector: Vector) -> float:
    return sqrt(sum(value * value for value in vector.values()))


def _product(one: Vector, other: Vector) -> float:
    if len(one) > len(other):
        one, other = other, one
    return sum(value * other[word] for word, value in one.items() if word in other)


def _cosine(one: Vector, other: Vector) -> float:
    return _product(one, other) / (_norm(one) * _norm(other) or 1.0)


def _vector(stems: Collection[str]) -> Vector:
    return {word: _weight(word) for word in stems if word not in COMMON}


def lexrank(vectors: Sequence[Vector], teleport: float = 0.15, rounds: int = 12) -> list[float]:
    """Erkan and Radev's centrality (2004) with the idf of a corpus and without a threshold.

    1 is the average. With the idf of one abstract and the threshold of 0.1 all sentences of every
    other abstract tie.
    """
    size = len(vectors)
    units = []
    for vector in vectors:
        norm = _norm(vector) or 1.0
        units.append({word: value / norm for word, value in vector.items()})
    links = [[0.0] * size for _ in units]
    for i, one in enumerate(units):
        for j in range(i):
            links[i][j] = links[j][i] = _product(one, units[j])
    for i, row in enumerate(links):
        total = sum(row)
        links[i] = [link / total if total else 1 / size for link in row]
    columns = list(zip(*links, strict=True))
    ranks = [1 / size] * size
    for _ in range(rounds):
        ranks = [
            teleport / size + (1 - teleport) * sum(map(float.__mul__, ranks, column))
            for column in columns
        ]
    return [rank * size for rank in ranks]


def facts_of_sentences(
    text: Text, printed: Sequence[str], salience: Mapping[str, float]
) -> list[Facts]:
    """The features of each sentence, but for its phrases."""
    sets = [frozenset(sentence) for sentence in text.stems]
    vectors = list(map(_vector, sets))
    title = _vector(text.title_stems)
    title_pairs = frozenset(pairwise(map(str.lower, text.title)))
    name = frozenset(map(stem, text.name))
    whole: Counter[str] = Counter()
    for vector in vectors:
        whole.update(vector)  # type: ignore[arg-type]  # a Counter adds up any numbers
    central = lexrank(vectors)
    titled = [_cosine(vector, title) for vector in vectors]
    sums = [sum(salience[word] for word in stems) for stems in sets]
    told = [
        2 * each / (len(stems) + _USUAL_LENGTH)
        for each, stems in zip(sums, text.stems, strict=True)
    ]
    most, most_titled, all_salience = max(told), max(titled), sum(salience.values())
    weight = sum(title.values()) or 1.0
    return [
        {
            **_place(text, i),
            **_length(len(text.stems[i])),
            **_signs(printed[i]),
            "title:share of it": sum(v for word, v in title.items() if word in vectors[i]) / weight,
            "title:share of the sentence": sum(v for word, v in vectors[i].items() if word in title)
            / (sum(vectors[i].values()) or 1.0),
            "title:cosine": titled[i],
            "title:against the best": titled[i] / (most_titled or 1.0),
            "title:best": float(titled[i] == most_titled),
            "title:its name": float(bool(name) and name <= sets[i]),
            "title:pairs": len(title_pairs.intersection(pairwise(text.tokens[i])))
            / (len(title_pairs) or 1),
            "centrality:lexrank": central[i],
            "centrality:cosine": _cosine(vectors[i], whole),
            "salience:value": told[i] * 5,
            "salience:against the best": told[i] / (most or 1.0),
            "salience:best": float(told[i] == most),
            "salience:share": sums[i] / (all_salience or 1.0),
        }
        for i in range(len(sets))
    ]


def _place(text: Text, i: int) -> Facts:
    size = len(text.sentences)
    found = {f"place:{min(i, 6) + 1}": 1.0, "place:share": i / (size - 1) if size > 1 else 0.0}
    if i >= size - 2:
        found[f"place:{size - i} from the end"] = 1.0
    if text.own >= 0:
        found[f"place:{_clipped(i - text.own)} from the authors' first"] = 1.0
    if text.announced >= 0:
        found[f"place:{_clipped(i - text.announced)} from the first announcement"] = 1.0
    return found


def _clipped(distance: int) -> int:
    return max(-2, min(distance, 4))


def _length(count: int) -> Facts:
    return {
        f"length:{min(count // 4, 12) * 4} words": 1.0,
        "length:words": count / 30,
        "length:logarithm": log(count + 1),
    }


def _signs(printed: str) -> Facts:
    return {
        "signs:parentheses": float(min(printed.count("("), 3)),
        "signs:commas": min(printed.count(","), 6) / 3,
        "signs:colon": float(":" in printed),
        "signs:semicolon": float(";" in printed),
        "signs:hyphen": float("-" in printed),
        "signs:question": float(printed.endswith("?")),
        "signs:digit": float(any(map(str.isdigit, printed))),
    }


def phrases(tokens: Sequence[str]) -> set[str]:
    """The words and pairs of a sentence, and with ^ its first one, two and three words.

    A word is itself only where papers often have it: the rest is names and topics.
    """
    found = {word for word in tokens if _is_frequent(word)}
    found.update(map(" ".join, pairwise(tokens)))
    found.update("^" + " ".join(tokens[:size]) for size in (1, 2, 3) if len(tokens) >= size)
    return found


@lru_cache(maxsize=1 << 16)
def _is_frequent(word: str) -> bool:
    return counts(word).abstracts > _RARELY
