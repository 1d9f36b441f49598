"""What can be counted about the sentences of an abstract, and what it weighs.

benchmarks/train_summaries.py fits the weights; how likely a sentence's words are in a summary
(`digest.salience`) is one of the features. A feature's name begins with its kind: `place:first`.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import chain, pairwise
from math import fsum, log, sqrt
from operator import mul

from digest.salience import COMMON, Text, stem, weights
from digest.text import has_digit

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
                links[i][j] = links[j][i] = text.squared(shared) / (norms[i] * norms[j])
    for i, row in enumerate(links):
        total = sum(row)
        links[i] = [link / total for link in row] if total else [1 / size] * size
    columns = list(zip(*links, strict=True))
    ranks, jump, stay = [1 / size] * size, teleport / size, 1 - teleport
    for _ in range(rounds):
        ranks = [jump + stay * sum(map(mul, ranks, column)) for column in columns]
    return [rank * size for rank in ranks]


_RAISED_OR_LOWERED = re.compile("[²³¹⁰⁴-⁹₀-₉]")

Columns = dict[str, list[float]]
"""By the name of a feature its value in each sentence."""


def measures(text: Text, printed: Sequence[str], salience: Sequence[float]) -> Columns:
    """What is counted of each sentence."""
    last, lengths = len(printed) - 1, list(map(len, text.stems))
    return {
        "place:share": [i / last if last else 0.0 for i in range(len(printed))],
        "length:words": [length / 30 for length in lengths],
        "length:logarithm": [log(length + 1) for length in lengths],
        "signs:parentheses": [float(min(each.count("("), 3)) for each in printed],
        "signs:commas": [min(each.count(","), 6) / 3 for each in printed],
        "signs:colon": [float(":" in each) for each in printed],
        "signs:semicolon": [float(";" in each) for each in printed],
        "signs:hyphen": [float("-" in each) for each in printed],
        "signs:question": [float(each.endswith("?")) for each in printed],
        "signs:digit": [float(_has_digit(each)) for each in printed],
        **_title(text),
        **_centrality(text),
        **_salience(text, salience),
    }


def _has_digit(printed: str) -> bool:
    return has_digit(printed) or _RAISED_OR_LOWERED.search(printed) is not None


def _title(text: Text) -> Columns:
    title = text.title_stems - COMMON
    weight = list(map(weights().__getitem__, title))
    whole, norm = fsum(weight) or 1.0, sqrt(fsum(each**2 for each in weight)) or 1.0
    numbers, name = text.numbered(title), set(map(text.numbers.get, map(stem, text.name)))
    pairs = frozenset(pairwise(map(str.lower, text.title)))
    shared = [stems & numbers for stems in text.content]
    said = list(map(text.weighed, shared))
    cosines = [
        text.squared(stems) / (norm * own) for stems, own in zip(shared, text.norms, strict=True)
    ]
    best = max(cosines)
    return {
        "title:share of it": [each / whole for each in said],
        "title:share of the sentence": [
            each / (text.weighed(stems) or 1.0)
            for each, stems in zip(said, text.content, strict=True)
        ],
        "title:cosine": cosines,
        "title:against the best": [cosine / (best or 1.0) for cosine in cosines],
        "title:best": [float(cosine == best) for cosine in cosines],
        "title:its name": [float(bool(name) and name <= stems) for stems in text.content],
        "title:pairs": [
            len(pairs.intersection(pairwise(tokens))) / (len(pairs) or 1) for tokens in text.tokens
        ],
    }


def _centrality(text: Text) -> Columns:
    spread = Counter(chain.from_iterable(text.content))
    products = {number: text.squares[number] * times for number, times in spread.items()}
    whole = sqrt(fsum(map(mul, products.values(), spread.values()))) or 1.0
    return {
        "centrality:lexrank": lexrank(text),
        "centrality:cosine": [
            fsum(map(products.__getitem__, stems)) / (whole * own)
            for stems, own in zip(text.content, text.norms, strict=True)
        ],
    }


def _salience(text: Text, salience: Sequence[float]) -> Columns:
    sums = [fsum(map(salience.__getitem__, stems)) for stems in text.sets]
    values = [
        2 * each / (len(stems) + _USUAL_LENGTH)
        for each, stems in zip(sums, text.stems, strict=True)
    ]
    best, whole = max(values), fsum(salience)
    return {
        "salience:value": [value * 5 for value in values],
        "salience:against the best": [value / best for value in values],
        "salience:best": [float(value == best) for value in values],
        "salience:share": [each / whole for each in sums],
    }


def marks(text: Text) -> Iterator[list[str]]:
    """The features that a sentence has or has not: where it stands, and about how long it is."""
    size = len(text.stems)
    for i, stems in enumerate(text.stems):
        found = [f"place:{min(i, 6) + 1}", f"length:{min(len(stems) // 4, 12) * 4} words"]
        if i >= size - 2:
            found.append(f"place:{size - i} from the end")
        if text.own >= 0:
            found.append(f"place:{_clipped(i - text.own)} from the authors' first")
        if text.announced >= 0:
            found.append(f"place:{_clipped(i - text.announced)} from the first announcement")
        yield found


def _clipped(distance: int) -> int:
    return max(-2, min(distance, 4))


def phrases(tokens: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """The words and pairs of a sentence, and with ^ its first one, two and three words."""
    first = [(f"^{tokens[0]}", *tokens[1:size]) for size in (1, 2, 3) if len(tokens) >= size]
    return chain(zip(tokens, strict=True), pairwise(tokens), first)
