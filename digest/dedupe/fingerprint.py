"""What dedupe compares of a printing, and the keys by which it is found among millions.

The sketch is a bottom-k sketch (Cohen and Kaplan, 2007) of the abstract's word triples: the k
smallest of their hashes, from which the overlap of two abstracts is estimated. The smallest few,
and the pairs of the title's rarest words, are blocking keys: printings of one work share some.
"""

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from itertools import combinations, count, islice
from struct import pack

from xxhash import xxh64_intdigest

from digest.background import commoner, counts
from digest.model import Paper
from digest.printings import Fingerprint, Printing
from digest.text import searchable, title_key, without_chrome

SKETCH = 64
"""Hashes in a sketch."""

HASH_BYTES = 3
"""Of each hash in a sketch: the smallest of 64 differ by chance once in 10^5."""

PROBES = 8
"""Hashes of the sketch that are blocking keys."""

RARE_WORDS = 4
"""Words of a title whose pairs are blocking keys."""

KEY_BITS = 47
"""SQLite keeps an integer of 47 bits in six bytes."""
SHIFT = 64 - KEY_BITS

COMMON_IN_ABSTRACTS = 150
"""Word triples of commoner words alone are no blocking keys."""

COMMON_TOGETHER = 20_000
"""Of the product of two words' counts in titles: among millions more than sixteen hold both."""

FEW_WORDS = 3
"""A title of so few words has words of its own as blocking keys."""

HEAD = 24
"""Letters of a title's key that are a blocking key, as a cut may leave no more of it."""

LONGEST_TITLE = 500
"""Letters of a title that are compared."""

MOST_AUTHORS = 8


def printing(
    title: str,
    abstract: str,
    *,
    arxiv_id: str | None = None,
    doi: str | None = None,
    year: int | None = None,
    authors: Iterable[str] = (),
) -> Printing:
    """Take the fingerprint of a paper as printed; all of it follows from what its ref names."""
    key = title_key(title)
    words = searchable(without_chrome(title))[:LONGEST_TITLE]
    beginning = title_key(title.partition(": ")[0]) if ": " in title else ""
    doi = doi.lower() if doi else None
    arxiv_id = arxiv_id or _arxiv_id_in(doi)
    told = _words(abstract)
    places = _triples(told)
    hashes = sorted(places)
    family_names = _family_names(authors)
    names = [_hash(f"title {key}")]
    names += [_hash(f"arxiv {arxiv_id}")] if arxiv_id else []
    names += [_hash(f"doi {doi}")] if doi else []
    text = b" ".join(told).decode()
    content = (key, words, beginning, arxiv_id, doi, year, family_names, text)
    found = Fingerprint(
        ref=hashlib.sha256(repr(content).encode()).hexdigest()[:16],
        title=words,
        key=_hash(key),
        arxiv_id=arxiv_id,
        doi=doi,
        year=year,
        authors=family_names,
        shingles=len(hashes),
        sketch=_sketch(hashes[:SKETCH]),
    )
    common = _common()  # "in terms of" stands in every twentieth abstract
    telling = (
        each for each in hashes if not common.issuperset(told[places[each] : places[each] + 3])
    )
    marks = [each >> SHIFT for each in islice(telling, PROBES)]
    marks += map(_hash, _combinations(words.split()))
    marks += [_hash(f"head {key[:HEAD]}")] if len(key) >= HEAD else []
    marks += [_hash(f"title {beginning}")] if beginning else []
    return Printing(found, tuple(names), tuple(dict.fromkeys(marks)))


def printing_of(paper: Paper) -> Printing:
    """The same of a stored one; its ref may be older than this way of making them."""
    found = printing(
        paper.title,
        paper.abstract,
        arxiv_id=paper.arxiv_id,
        doi=paper.doi,
        year=paper.published.year if paper.published else None,
        authors=paper.authors,
    )
    return found._replace(fingerprint=found.fingerprint._replace(ref=paper.ref))


def title_name(title: str) -> int:
    """The blocking key of all printings with a title, whichever way it is printed."""
    return _hash(f"title {title_key(title)}")


def _hash(text: str) -> int:
    return xxh64_intdigest(text.encode()) >> SHIFT


def _sketch(hashes: Sequence[int]) -> bytes:
    """The first bytes of each."""
    packed = pack(f">{len(hashes)}Q", *hashes)
    found = bytearray(len(hashes) * HASH_BYTES)
    for n in range(HASH_BYTES):
        found[n::HASH_BYTES] = packed[n::8]
    return bytes(found)


def _arxiv_id_in(doi: str | None) -> str | None:
    """The arXiv id that arXiv's own DOIs hold."""
    _, is_arxiv, name = (doi or "").partition("10.48550/arxiv.")
    return name if is_arxiv else None


@cache
def _common() -> frozenset[bytes]:
    return frozenset(word.encode() for word in commoner(COMMON_IN_ABSTRACTS))


_WORD = re.compile(r"[^\W_]+")
_COMMAND = re.compile(r"\\[a-z]+")
_ASCII_WORD = re.compile(rb"[0-9a-z]")
_PARTED = bytes(code if _ASCII_WORD.match(bytes([code])) else 32 for code in range(256))
"""For each byte itself in a word, and a blank where it parts words."""


def _words(abstract: str) -> list[bytes]:
    """Small letters and numbers; accents and the names of LaTeX commands make no difference.

    Cleaning would cost five times as much and tell abstracts apart no better.
    """
    if abstract.isascii():  # as most are: in a fifth of the time
        text = abstract.lower()
        plain = _COMMAND.sub(" ", text) if "\\" in text else text
        return plain.encode().translate(_PARTED).split()
    text = unicodedata.normalize("NFKD", abstract).casefold()
    return [word.encode() for word in _WORD.findall(_COMMAND.sub(" ", text))]


def _triples(words: list[bytes]) -> dict[int, int]:
    """The word triples by their hashes, each by a place where it begins."""
    triples = map(b" ".join, zip(words, words[1:], words[2:], strict=False))
    return dict(zip(map(xxh64_intdigest, triples), count(), strict=False))


def _combinations(words: list[str]) -> Iterator[str]:
    """Words of a title that are rare together, or that are so in titles of as many words."""
    of = f"of {len(words)}"
    rarest = sorted((counts(word).titles, word) for word in set(words))[:RARE_WORDS]
    for (n, a), (m, b) in combinations(sorted(rarest, key=lambda each: each[1]), 2):
        yield f"pair {a} {b}" if n * m <= COMMON_TOGETHER else f"pair {a} {b} {of}"
    if len(words) <= FEW_WORDS:
        yield from (f"word {word} {of}" for _, word in rarest)


def _family_names(authors: Iterable[str]) -> tuple[int, ...]:
    """Hashes of the family names, the smallest few; one with a lost letter ("?") tells nothing."""
    names = set()
    for author in authors:
        words = searchable(author.partition(",")[0] if "," in author else author).split()
        # A trailing initial is none: "Smith J".
        whole = [word for word in words if len(word) > 1]
        if whole and "?" not in author:
            names.add(xxh64_intdigest(whole[-1].encode()) >> 32)
    return tuple(sorted(names)[:MOST_AUTHORS])
