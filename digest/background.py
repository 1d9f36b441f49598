"""How common a word is in papers: frozen counts, the same for everyone.

benchmarks/background.py makes the table from some 20,000 papers. Words are those of
`text.searchable`; one that is not in the table is rarer than all that are.
"""

from collections.abc import Callable
from functools import cache, lru_cache
from math import log
from pathlib import Path
from typing import NamedTuple

TABLE = Path(__file__).with_name("background.tsv")


class Counts(NamedTuple):
    """In how many papers a word stands in the title, and in the abstract."""

    titles: int
    abstracts: int


RARE = Counts(0, 0)

ASKED = 8192
"""Answers that are kept: papers of one day have many words in common."""


@cache
def _table() -> dict[str, str]:
    """The counts by word, as written: few are asked for. The empty word's are those of papers."""
    lines = TABLE.read_text(encoding="utf-8").splitlines()
    return dict(line.split("\t", 1) for line in lines)


def counts(word: str) -> Counts:
    written = _table().get(word)
    return Counts(*map(int, written.split("\t"))) if written else RARE


@cache
def commoner(abstracts: int) -> frozenset[str]:
    """The words that stand in as many abstracts or more."""
    rows = _table().items()
    return frozenset(w for w, written in rows if int(written.partition("\t")[2]) >= abstracts)


@cache
def _papers() -> int:
    return counts("").abstracts


@lru_cache(maxsize=ASKED)
def idf(word: str) -> float:
    """The inverse document frequency of a word in abstracts, smoothed, at least 0.

    ln((N + 1) / (n + 1)), as in Salton and Buckley (1988) with one paper more than there is.
    """
    return log((_papers() + 1) / (counts(word).abstracts + 1))


class ByWord(dict[str, float]):
    """What is computed of a word's idf: soon looked up, the same for all that are in no paper."""

    def __init__(self, compute: Callable[[float], float]) -> None:
        super().__init__()
        self._compute = compute
        self._rarest = compute(log(_papers() + 1))

    def __missing__(self, word: str) -> float:
        """Those in the table are kept, which few papers need all of; there is no end of others."""
        if not word or word not in _table():
            return self._rarest
        found = self[word] = self._compute(idf(word))
        return found
