"""A sentence of an abstract, and what the rules ask of it."""

import re
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import NamedTuple

from digest.faults import REASONS, Fault, cost, fault_of, is_whole
from digest.model import Span
from digest.news import LITTLE, news, scarcity
from digest.references import leans_on_a_name, points_anywhere
from digest.salience import stem
from digest.text import has_digit, words
from digest.trim import trimmed
from digest.voice import (
    is_announced,
    is_bare,
    is_claim,
    is_discovery,
    is_own,
    is_topic,
    tells_how,
)

LEAD_LENGTH = 280

HARDLY_ANY, _FEW = 4, 6
"""Words of news. With hardly any an announcement is bare, with few if it does not say how."""
_GIVING_WAY = {Fault.TOPIC, Fault.TESTED, Fault.WORTH, Fault.DETAIL}
"""What is no lead while the abstract has a claim that is rated nearly as well."""
_SOUND = {Fault.NONE, Fault.SYMBOLS}
_POINTING = {Fault.TROUBLE, Fault.REFERRING, Fault.DANGLING}

# What is added to a rating and taken from it, in its unit: what agrees best with the sentences that
# were judged to do as leads of 1,500 abstracts (benchmarks/choices.py), while leads stay as near to
# what authors write.
_DISCOVERED = 0.3
"""To say "we show that" is better than what was done for it."""
_ANNOUNCED = 0.15
"""To say "we propose" and more than a name."""
_NAME, _LENGTH = 0.6, 0.4
"""Where the title names the work: to have that name, and each hundred characters."""
_UNTOLD = 0.3
"""To say "we propose" without how it works."""
_NOBODYS = 0.2
"""Not to say that it is the authors' work, and not how that works either."""
_LEANING = 0.4
"""To use a name that another sentence explains."""
_MOST = _DISCOVERED + _ANNOUNCED
_MOST_BESIDE_A_NAME = _MOST + _NAME + _LENGTH * LEAD_LENGTH / 100


class Title(NamedTuple):
    """Its stems, and what it calls the work: its first part, where a colon parts it."""

    stems: Collection[str]
    name: str = ""


def title_of(printed: str) -> Title:
    name, colon, _ = printed.partition(": ")
    return Title(frozenset(map(stem, words(printed))), name.strip() if colon else "")


@dataclass(frozen=True)
class Sentence:
    """A sentence of an abstract; what is asked of few of them is found when it is asked.

    `early` says that it stands before the authors speak of their own work, `short` that it goes
    without why and by what it was found.
    """

    abstract: str = field(compare=False)
    title: Title = field(compare=False)
    span: Span
    rating: float = field(compare=False)
    early: bool = field(compare=False)
    short: bool = field(default=False, compare=False)

    @cached_property
    def parts(self) -> list[Span]:
        return trimmed(self.abstract, self.span, short=self.short)

    @cached_property
    def text(self) -> str:
        return "".join(self.abstract[start:end] for start, end in self.parts)

    @cached_property
    def said(self) -> str:
        """The text in small letters, as the rules read it."""
        return self.text.lower()

    @property
    def left_out(self) -> tuple[str, ...]:
        """What stands between the parts and before them."""
        ends = [self.span[0], *(end for _, end in self.parts)]
        gaps = (self.abstract[a:b] for a, (b, _) in zip(ends, self.parts, strict=False))
        return tuple(gap.strip() for gap in gaps if gap.strip())

    @cached_property
    def fault(self) -> Fault:
        if not is_whole(self.text):
            return Fault.CUT
        own = fault_of(self.said, [each.lower() for each in self.left_out])
        return max(own, Fault.BACKGROUND) if self.early else own

    @cached_property
    def leans_on_a_name(self) -> bool:
        """Whether it uses a name that another sentence explains, and does not bring a new one."""
        before = self.abstract[: self.span[0]]
        return not self.is_announced and leans_on_a_name(self.text, before, self.title.stems)

    @cached_property
    def is_announced(self) -> bool:
        return is_announced(self.said)

    @cached_property
    def news(self) -> int:
        return news(self.text, self.title.stems)

    @property
    def is_own(self) -> bool:
        """Whether the authors speak of their work, be it in the "We show that" that is left out."""
        return is_own(self.said) or (self.short and is_own(self.printed.lower()))

    @property
    def printed(self) -> str:
        return self.abstract[slice(*self.span)]

    @property
    def promise(self) -> float:
        """The most that its value may be."""
        return self.rating + (_MOST_BESIDE_A_NAME if self.title.name else _MOST)

    @cached_property
    def value(self) -> float:
        """The rating with what readers like, less what faults, little news, and leaning take."""
        value = self.rating - cost(self.fault)
        if self.fault >= Fault.BACKGROUND:
            return value
        return value + self._merits - self._shortcomings

    @property
    def _merits(self) -> float:
        merits = _DISCOVERED * is_discovery(self.said)
        merits += _ANNOUNCED * (self.is_announced and self.news > HARDLY_ANY)
        if self.title.name:
            merits += _NAME * self._has_the_name + _LENGTH * len(self.text) / 100
        return merits

    @property
    def _shortcomings(self) -> float:
        untold = self.is_announced and is_bare(self.said)
        nobodys = not (self.is_own or tells_how(self.text))
        lacks = _UNTOLD * untold + _NOBODYS * nobodys + _LEANING * self.leans_on_a_name
        return lacks + scarcity(self.news)

    @property
    def why(self) -> str:
        """What is wrong with it, in words."""
        if self.fault < Fault.BACKGROUND and (little := LITTLE.get(self.news)):
            return little
        if self.is_faultless and self.leans_on_a_name:
            return "has a name that another explains"
        return REASONS[self.fault]

    @property
    def is_faultless(self) -> bool:
        return self.fault is Fault.NONE

    @property
    def gives_way(self) -> bool:
        """Whether a claim is the better lead."""
        if self.fault is Fault.SECONDARY:
            return not self.is_announced
        return self.fault in _GIVING_WAY or is_topic(self.said) or not self.is_own

    @property
    def only_asks(self) -> bool:
        """Whether it tells what is studied, in few words that the title has not."""
        return self.news <= HARDLY_ANY and is_topic(self.said)

    @property
    def is_claim(self) -> bool:
        """Whether it tells by itself what the authors found, proved or made."""
        return (
            self.fault in _SOUND
            and is_claim(self.said)
            and not points_anywhere(self.said)
            and not self.leans_on_a_name
            and self.news not in LITTLE
        )

    @property
    def points_back(self) -> bool:
        return self.fault in _POINTING

    @property
    def is_bare(self) -> bool:
        """Whether it names what the authors made, and little else that the title does not say."""
        return self.is_announced and (
            self.news in LITTLE
            or (self.news <= HARDLY_ANY and self._has_the_name and not has_digit(self.said))
            or (self.news <= _FEW and is_bare(self.said))
        )

    @cached_property
    def _has_the_name(self) -> bool:
        """Whether the name that the title gives stands in it as a word, printed alike or not.

        Many a paper prints its name in two ways: UltraEdit, ULTRAEDIT. In small letters alone it
        may be another word: TIME, time.
        """
        name = self.title.name
        if len(name) <= 1 or name.lower() not in self.said:
            return False
        found = re.findall(rf"(?<!\w){re.escape(name)}(?!\w)", self.text, re.IGNORECASE)
        return any(each == name or not each.islower() for each in found)

    def tells_how_after(self, bare: "Sentence") -> bool:
        """Whether it tells how what a bare sentence names works; the name explains itself so."""
        before = self.abstract[: bare.span[0]]
        return (
            self.is_faultless
            and " also " not in self.said
            and tells_how(self.text)
            and not leans_on_a_name(self.text, before, self.title.stems)
        )

    def within(self, length: int) -> "Sentence | None":
        """The sentence, or what it says without why and by what it was found, if that fits."""
        if len(self.text) <= length:
            return self
        short = replace(self, short=True)
        return short if len(short.text) <= length else None
