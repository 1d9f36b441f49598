"""What can be counted about the sentences of an abstract, and what it weighs.

benchmarks/train_summaries.py fits the weights; how likely a sentence's words are in a summary
(`digest.salience`) is one of the features. A feature's name begins with its kind: `place:first`.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, pairwise
from math import fsum, log, sqrt
from operator import mul

from digest.salience import COMMON, Facts, Text, squared, squares, stem, weighed

# Sums over sets are exact (fsum), as the order of a set differs from process to process.

_USUAL_LENGTH = 19
"""Words of a summary that an author writes, on average."""


def lexrank(text: Text, teleport: float = 0.15, rounds: int = 10) -> list[float]:
    """Erkan and Radev's centrality (2004) with the idf of a corpus and without a threshold.

    1 is the average. With the idf of one abstract and the threshold of 0.1 all sentences of every
    other abstract tie.
    """
    sets, norms, size = text.content, text.norms, len(text.content)
    links = [[0.0] * size for _ in sets]
    for i, one in enumerate(sets):
        for j in range(i):
            if shared := one & sets[j]:
                links[i][j] = links[j][i] = squared(shared) / (norms[i] * norms[j])
    for i, row in enumerate(links):
        total = sum(row)
        links[i] = [link / total for link in row] if total else [1 / size] * size
    columns = list(zip(*links, strict=True))
    ranks, jump, stay = [1 / size] * size, teleport / size, 1 - teleport
    for _ in range(rounds):
        ranks = [jump + stay * sum(map(mul, ranks, column)) for column in columns]
    return [rank * size for rank in ranks]


def facts_of_sentences(
    text: Text, printed: Sequence[str], salience: Mapping[str, float]
) -> list[Facts]:
    """The features of each sentence, but for its phrases."""
    return [
        {**place, **length, **signs, **title, **centrality, **value}
        for place, length, signs, title, centrality, value in zip(
            (_place(text, i) for i in range(len(printed))),
            (_length(len(stems)) for stems in text.stems),
            map(_signs, printed),
            _title(text),
            _centrality(text),
            _salience(text, salience),
            strict=True,
        )
    ]


def _title(text: Text) -> list[Facts]:
    title = text.title_stems - COMMON
    pairs = frozenset(pairwise(map(str.lower, text.title)))
    name = frozenset(map(stem, text.name))
    norm, whole = sqrt(squared(title)) or 1.0, weighed(title) or 1.0
    shared = [stems & title for stems in text.content]
    cosines = [squared(stems) / (norm * own) for stems, own in zip(shared, text.norms, strict=True)]
    best = max(cosines)
    return [
        {
            "title:share of it": weighed(said) / whole,
            "title:share of the sentence": weighed(said) / (weighed(stems) or 1.0),
            "title:cosine": cosine,
            "title:against the best": cosine / (best or 1.0),
            "title:best": float(cosine == best),
            "title:its name": float(bool(name) and name <= stems),
            "title:pairs": len(pairs.intersection(pairwise(tokens))) / (len(pairs) or 1),
        }
        for cosine, said, stems, tokens in zip(
            cosines, shared, text.content, text.tokens, strict=True
        )
    ]


def _centrality(text: Text) -> list[Facts]:
    spread = Counter(chain.from_iterable(text.content))
    square = squares()
    products = {word: square[word] * count for word, count in spread.items()}
    whole = sqrt(fsum(map(mul, products.values(), spread.values()))) or 1.0
    return [
        {
            "centrality:lexrank": rank,
            "centrality:cosine": fsum(map(products.__getitem__, stems)) / (whole * own),
        }
        for rank, stems, own in zip(lexrank(text), text.content, text.norms, strict=True)
    ]


def _salience(text: Text, salience: Mapping[str, float]) -> list[Facts]:
    sums = [fsum(map(salience.__getitem__, stems)) for stems in text.sets]
    values = [
        2 * each / (len(stems) + _USUAL_LENGTH)
        for each, stems in zip(sums, text.stems, strict=True)
    ]
    best, whole = max(values), fsum(salience.values())
    return [
        {
            "salience:value": value * 5,
            "salience:against the best": value / best,
            "salience:best": float(value == best),
            "salience:share": each / whole,
        }
        for value, each in zip(values, sums, strict=True)
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


_DIGIT = re.compile(r"[\d²³¹⁰⁴-⁹₀-₉]")


def _signs(printed: str) -> Facts:
    return {
        "signs:parentheses": float(min(printed.count("("), 3)),
        "signs:commas": min(printed.count(","), 6) / 3,
        "signs:colon": float(":" in printed),
        "signs:semicolon": float(";" in printed),
        "signs:hyphen": float("-" in printed),
        "signs:question": float(printed.endswith("?")),
        "signs:digit": float(_DIGIT.search(printed) is not None),
    }


def phrases(tokens: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """The words and pairs of a sentence, and with ^ its first one, two and three words."""
    first = [(f"^{tokens[0]}", *tokens[1:size]) for size in (1, 2, 3) if len(tokens) >= size]
    return chain(zip(tokens, strict=True), pairwise(tokens), first)
