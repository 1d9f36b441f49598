"""What two titles say of two papers: numbers that differ, misspellings, a cut, no name at all.

Titles are in the words of `text.searchable`.
"""

import re
from collections.abc import Iterator
from itertools import zip_longest

from rapidfuzz.distance import OSA, DamerauLevenshtein, Levenshtein

from digest.background import counts

Words = list[str]


def _set(text: str) -> frozenset[str]:
    return frozenset(text.split())


_ROMAN = _set("ii iii iv vi vii viii ix")
_COUNTED = _set("two three four five six seven eight nine ten second third")
_ORDERED = _set("part volume vol chapter version phase stage")
# These make another paper of one with the same title.
_ABOUT = _set("erratum corrigendum correction addendum retraction reply comment")
_LETTERS = _set("i v x a b c d")
_DIGITS = re.compile(r"\d+(?:[.,]\d+)*")


def numbers(words: Words) -> Words:
    """The numbers, versions, sizes, years, parts and closing plus signs of a title, in order.

    Of a word with digits only these count: "qwen2.5" and "qewn2.5" have the same number.
    """
    return [number for i in range(len(words)) if (number := _number(words, i))]


def _number(words: Words, i: int) -> str:
    word = words[i]
    if word in _ROMAN or word in _COUNTED or word == "part":
        return word
    if word in _ABOUT:
        return word if i in (0, len(words) - 1) else ""
    if word in _LETTERS:
        is_part = i > 0 and words[i - 1] in _ORDERED
        return word if is_part or (i == len(words) - 1 and word in "ivx") else ""
    return _figures(word)


_THOUSANDS = re.compile(r",(?=\d{3}(?!\d))")


def _figures(word: str) -> str:
    return _THOUSANDS.sub("", " ".join(_DIGITS.findall(word))) + word[len(word.rstrip("+")) :]


_SMALL = _set("a an the of for in on to and or with by from via at as is are using")
_SLIPS = 2
_LONG_TITLE = 60
"""Among 24,000 titles no two works had such long ones that differ in two letters only."""


def misspelt(one: Words, other: Words) -> bool:
    """Whether the titles differ in nothing but misspelt, inflected and small words."""
    one, other = sorted((one, other))  # which stands first makes no difference
    ours, theirs = " ".join(one), " ".join(other)
    is_long = min(len(ours), len(theirs)) >= _LONG_TITLE
    is_close = is_long and OSA.distance(ours, theirs, score_cutoff=_SLIPS) <= _SLIPS
    pairs = [sorted(pair, key=len) for pair in _differing(one, other)]
    careless = any(_is_slip(*pair) for pair in pairs)
    return all(_slipped(*pair, is_close=is_close, careless=careless) for pair in pairs)


def _differing(one: Words, other: Words) -> Iterator[tuple[str, str]]:
    """The words at whose place the other title has another one, or none; small ones need not."""
    for step in Levenshtein.opcodes(one, other):
        here, there = one[step.src_start : step.src_end], other[step.dest_start : step.dest_end]
        if step.tag != "equal":
            pairs = zip_longest(here, there, fillvalue="")
            yield from (pair for pair in pairs if not _SMALL.issuperset(filter(None, pair)))


_NAME, _WORD = 3, 5
_FEW_TITLES = 5


def _is_slip(one: str, other: str) -> bool:
    """Whether one is no word, and so near to another that it can only be that one, misspelt."""
    known = [word for word in (one, other) if counts(word).abstracts]
    return len(known) == 1 and (one + other).isalpha() and _are_near(one, other, part=2)


def _are_near(one: str, other: str, part: int = 3) -> bool:
    """Whether they differ in a slip or two, in no more than one of so many letters."""
    short, long = sorted((one, other), key=len)
    slips = DamerauLevenshtein.distance(short, long)
    # Names of three letters are one letter apart: GAN, VAN; LLMs, SLMs.
    are_short = len(short.removesuffix("s")) == len(long.removesuffix("s")) <= _NAME
    are_names = are_short and sorted(short) != sorted(long)
    is_counted = short in _COUNTED or long in _COUNTED
    return slips <= _SLIPS and part * slips <= len(long) and (is_counted or not are_names)


def _slipped(short: str, long: str, *, is_close: bool, careless: bool) -> bool:
    """Whether the same word is meant, in titles that are close on the whole or are not.

    Who was careless once may be so again, and write another word.
    """
    slips = OSA.distance(short, long)
    if _folded(short) == _folded(long) or (careless and slips == 1):
        return True
    if slips == 1 and (short in _SMALL or long in _SMALL):
        other = long if short in _SMALL else short
        return len(other) == 1 or counts(other).titles < _FEW_TITLES
    if counts(short).abstracts and counts(long).abstracts:
        # What many write are two words, above all with a prefix: directed, undirected.
        return is_close and slips == 1 and len(short) >= _WORD and not long.endswith(short)
    return is_close or _are_near(short, long) or _is_slip(short, long)


def _folded(word: str) -> str:
    """Singular, and without what Britons and Americans spell in two ways."""
    word = word.rstrip("s").replace("z", "s").replace("our", "or")
    return re.sub(r"(.)\1", r"\1", word)


def cut(one: Words, other: Words) -> tuple[Words, Words, Words] | None:
    """The shorter title, and the longer one's head and tail, where the former is the latter's head.

    The last word of the shorter may be cut as well.
    """
    short, long = sorted((one, other), key=lambda words: sum(map(len, words)))
    whole, last = short[:-1], len(short) - 1
    if not short or long[:last] != whole or not long[last].startswith(short[last]):
        return None
    return short, long[: len(short)], long[len(short) :]


_LEAST_TAIL = 3
_VERSION = re.compile(r"v?\d+(?:[.,]\d+)*|.*\+")


def numbers_conflict(one: Words, other: Words) -> bool:
    """Whether numbers tell the papers apart; those in the tail of a cut title need not.

    Nor need one that is misspelt in the other title: "two", "tow".
    """
    slips = {word for pair in _differing(one, other) if _is_slip(*pair) for word in pair}
    if numbers(one) == numbers(other) or slips.issuperset(set(one) ^ set(other)):
        return False
    parts = cut(one, other)
    return parts is None or _heads_conflict(*parts)


def _heads_conflict(short: Words, head: Words, tail: Words) -> bool:
    if short[-1] != head[-1]:
        # Cut within a word, as a sequel's title is not; "vi" may be the beginning of "video".
        other = _figures(short[-1]) != _figures(head[-1]) or head[-1] in _ROMAN
        return other or _opens_with_number(tail)
    plain = len(tail) - len(numbers(tail))
    other = numbers(short) != numbers(head) or plain < _LEAST_TAIL
    return other or _opens_with_number(tail)


def _opens_with_number(tail: Words) -> bool:
    """Whether it tells a sequel; "3d" and "two stages" do not."""
    if not tail:
        return False
    is_part = tail[0] in _ORDERED and bool(numbers(tail[:2]))
    return is_part or tail[0] in _ROMAN | _ABOUT or bool(_VERSION.fullmatch(tail[0]))


_GENERIC = _set(
    """
    abstract abstracts appendix book books career card chair column contents demo discussion editor
    editorial editorials editors foreword forum guest influential introduction invited issue
    keynote letter letters material message model note notes overview panel paper papers poster
    preface proceedings profile profiles report response reminiscences review reviews special
    summary supplementary survey system talk technical tutorial welcome workshop
    a an and at by for from in of on s the this to
    """
)
_FEW_WORDS = 2


def is_generic(words: Words) -> bool:
    """Whether many papers bear such a title."""
    if all(word in _GENERIC or word in _ABOUT or word.isdigit() for word in words):
        return True
    return len(words) <= _FEW_WORDS and all(counts(word).titles >= _FEW_TITLES for word in words)
