"""Choose what a reader sees of an abstract: one sentence that says what is new, one with a result.

A summariser ranks the sentences; the rules here know what a summariser does not: that a sentence
must stand alone, fit two lines, and be no question, link or cut-off end.
"""

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import inf

from digest.evidence import evidence, is_hint, is_score
from digest.faults import Fault, is_whole
from digest.model import Note, Summary
from digest.ports import Explaining, Summariser
from digest.references import goes_on_from_the_lead, points_at_a_thing
from digest.sentence import HARDLY_ANY, LEAD_LENGTH, Sentence, title_of
from digest.text import is_english, sentences
from digest.voice import is_own

LENGTH = 420
COMPACT_LENGTH = 200
MOST_RATED = 100
"""A summariser is asked about no more: no abstract has as many, and some methods are slow."""

# A change of the rules makes every summary anew, as a change of the summariser does.
_RULES = "rules-11"

_NEARLY, _BARELY, _HARDLY = 1.3, 2.2, 2.8
"""A claim takes the place of what gives way to it if it is rated less by no more: where a result
stands behind, where a reader would learn of none, and where the better rated one only asks."""
_HOW_NEARLY, _HOW_NEARLY_NAMED = 2.5, 3.1
"""What says how it works takes the place of a bare lead if it is rated less by no more: where the
title has no name of the work, and where it has told one already."""
_WORTH_NEARLY = 0.4
"""Where the title has told the name, what tells anything else does so if its value is less by no
more."""
_NEARLY_ALIKE = 1.0
"""A claim that stands for the lead in a list is rated less by no more."""


class Paper:
    """The sentences of an abstract, as a summariser ranks them."""

    def __init__(self, title: str, abstract: str, summariser: Summariser) -> None:
        self.title, self.abstract, self.summariser = title, abstract, summariser
        self._spans = sentences(abstract)
        self.printed = [abstract[start:end] for start, end in self._spans]

    @cached_property
    def sentences(self) -> list[Sentence]:
        title = title_of(self.title)
        # Where the authors begin to speak of their own work; what stands before is background.
        own = next((i for i, text in enumerate(self.printed) if is_own(text.lower())), 0)
        return [
            Sentence(self.abstract, title, span, rating, i < own)
            for i, (span, rating) in enumerate(zip(self._spans, self._ratings(), strict=True))
        ]

    @cached_property
    def is_english(self) -> bool:
        return is_english(self.abstract)

    def _ratings(self) -> Sequence[float]:
        if not self.is_english:
            return [-float(i) for i in range(len(self.printed))]
        rated = self.summariser.rate(self.title, self.printed[:MOST_RATED])
        return [*rated, *[min(rated) - 1] * (len(self.printed) - len(rated))]

    @cached_property
    def ranked(self) -> list[Sentence]:
        """Best first; of equals the first."""
        return sorted(self.sentences, key=lambda each: -each.rating)

    @cached_property
    def cut(self) -> int:
        """The place of a last sentence that breaks off; -1 where it is whole."""
        return -1 if is_whole(self.printed[-1]) else len(self.printed) - 1

    @cached_property
    def lead(self) -> Sentence:
        """The best sentence that fits and is worth it; else the shortest of those that are.

        What only opens or adds gives way to what the authors claim.
        """
        fitting = self.best()
        if fitting and fitting.gives_way:
            fitting = self.claim(LEAD_LENGTH, self.least_of_a_claim(fitting)) or fitting
        if fitting and (fitting.is_bare or fitting.points_back):
            fitting = self.working(fitting) or fitting
        if fitting and fitting.fault < Fault.QUESTION:
            return fitting
        worthy = [each for each in self.sentences if each.fault < Fault.QUESTION]
        if worthy:
            return min(worthy, key=lambda each: len(each.text))
        return fitting or min(
            self.sentences, key=lambda each: (each.fault is Fault.CUT, len(each.text))
        )

    def least_of_a_claim(self, opener: Sentence) -> float:
        """The rating that a claim has at least that takes its place."""
        if opener.only_asks:
            return opener.rating - _HARDLY
        return opener.rating - (_NEARLY if self.has_a_result_behind(opener) else _BARELY)

    def has_a_result_behind(self, lead: Sentence) -> bool:
        start = self.sentences.index(lead) + 1
        return any(map(evidence, self.printed[start:]))

    def working(self, bare: Sentence) -> Sentence | None:
        """The first of the two sentences behind a bare one that takes its place.

        It tells how the work works or, where the title has told the name, is worth nearly as much.
        """
        start = self.sentences.index(bare) + 1
        nearly = _HOW_NEARLY_NAMED if bare.title.name else _HOW_NEARLY
        worth = bare.value - _WORTH_NEARLY if bare.title.name else inf
        return next(
            (
                each
                for each in self.sentences[start : start + 2]
                if each.rating >= bare.rating - nearly
                and len(each.text) <= LEAD_LENGTH
                and each.news > HARDLY_ANY
                and (each.tells_how_after(bare) or (each.is_faultless and each.value >= worth))
            ),
            None,
        )

    def claim(self, length: int, least: float) -> Sentence | None:
        """The claim of at most that length with the best rating."""
        fitting = (
            each for each in self.ranked if each.rating >= least and len(each.text) <= length
        )
        return next((each for each in fitting if each.is_claim), None)

    def best(self, beside: Sequence[Sentence] = ()) -> Sentence | None:
        """Of those that fit the one of the greatest value; of another language the first."""
        shown = (each.within(LEAD_LENGTH) for each in self.ranked if each not in beside)
        fitting = (each for each in shown if each)
        if not self.is_english:
            return min(fitting, key=lambda each: max(each.fault, Fault.BACKGROUND), default=None)
        found: Sentence | None = None
        for each in fitting:
            if found and each.promise <= found.value:
                break  # no later one can be better
            if not found or each.value > found.value:
                found = each
        return found

    @cached_property
    def finding(self) -> Sentence | None:
        """The best sentence behind the lead that has a number or a comparison, where both fit."""
        behind = self.sentences[self.sentences.index(self.lead) + 1 :]
        told = self._best_told(behind, lambda each: evidence(each.printed))
        return told or self._best_told(behind, lambda each: _HINT * is_hint(each.said))

    def _best_told(
        self, behind: Sequence[Sentence], told_by: Callable[[Sentence], int]
    ) -> Sentence | None:
        """The sentence that tells most of a result, of those that fit beside the lead."""
        room = LENGTH - len(self.lead.text)
        found: Sentence | None = None
        most = 0
        for i, each in enumerate(behind):
            told = told_by(each)
            if told <= most or each.text == self.lead.text:
                continue
            fitting = each.within(room)
            if fitting is None:
                continue
            if fitting is not each:
                told = min(told, told_by(fitting))
            if fitting.fault in _REFERRING:
                near = i == 0 or goes_on_from_the_lead(fitting.said)
                told -= _REFERS_BACK if near else _REFERS[points_at_a_thing(fitting.said)]
            sure = told >= _SURE or is_score(each.printed)
            told_late = each.fault is Fault.BACKGROUND and sure and not each.early
            worthy = each.fault < Fault.BACKGROUND or told_late
            if told > most and worthy:
                found, most = fitting, told
        return found

    @cached_property
    def compact(self) -> Sentence | None:
        """The lead, or where that is too long the finding if it stands alone, or another claim."""
        if len(self.lead.text) <= COMPACT_LENGTH:
            return self.lead
        found = self.finding
        if found and len(found.text) <= COMPACT_LENGTH and found.fault in _ALONE:
            return found
        return self.claim(COMPACT_LENGTH, self.lead.rating - _NEARLY_ALIKE)

    def notes(self) -> Iterator[Note]:
        if len(self.sentences) == 1:
            yield Note.ONLY
        if self.cut >= 0:
            yield Note.CUT
        if len(self.lead.text) > LEAD_LENGTH:
            yield Note.LONG
        if not self.is_english:
            yield Note.FOREIGN


_ALONE = {Fault.NONE, Fault.TESTED}
_HINT, _SURE = 2, 6
"""What a hint counts as, and a figure with words for a result, be it told as of the field."""
_REFERRING = {Fault.TROUBLE, Fault.REFERRING, Fault.DANGLING}
_REFERS_BACK, _REFERS = 1, (3, 5)
"""A finding may refer to the lead, but not so gladly where others stand between, and hardly to a
thing that it does not name: "this complexity"."""


def summarise(title: str, abstract: str, summariser: Summariser) -> Summary | None:
    """Pick lead and finding from a cleaned title and abstract; None of an empty abstract."""
    paper = Paper(title, abstract, summariser)
    if not paper.printed:
        return None
    lead, finding = paper.lead, paper.finding
    compact = paper.compact
    return Summary(
        lead=lead.text,
        finding=finding.text if finding else None,
        spans=(*lead.parts, *(finding.parts if finding else ())),
        lead_spans=len(lead.parts),
        method=summariser.METHOD,
        compact=compact.text if compact else None,
        compact_spans=tuple(compact.parts) if compact else (),
        notes=tuple(paper.notes()),
    )


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a sentence was chosen or not.

    `role` is lead, finding, runner-up or empty; `features` are what the summariser's rating is
    made of, the weightiest first, where it can tell. `notes` are those of the summary, at its lead.
    """

    sentence: str
    role: str
    why: str
    left_out: tuple[str, ...]
    features: tuple[tuple[str, float], ...]
    notes: tuple[Note, ...] = ()


def explain(title: str, abstract: str, summariser: Summariser) -> list[Reason]:
    """The sentences in the order of preference."""
    paper = Paper(title, abstract, summariser)
    if not paper.printed:
        return []
    roles = {paper.lead: "lead"}
    if paper.finding:
        roles[paper.finding] = "finding"
    second = paper.best(beside=[paper.lead])
    if second:
        roles[second] = f"{roles[second]}, runner-up" if second in roles else "runner-up"
    rest = sorted(
        (each for each in paper.ranked if each not in roles),
        key=lambda each: (len(each.text) > LEAD_LENGTH, -each.value),
    )
    features = _features(paper)
    return [
        Reason(
            each.text,
            roles.get(each, ""),
            _why(paper, each),
            each.left_out,
            features.get(each, ()),
            tuple(paper.notes()) if each is paper.lead else (),
        )
        for each in (*roles, *rest)
    ]


def _why(paper: Paper, sentence: Sentence) -> str:
    long = f", longer than {LEAD_LENGTH}" if len(sentence.text) > LEAD_LENGTH else ""
    place = f"{paper.ranked.index(sentence) + 1} of {len(paper.sentences)}"
    who = f"{paper.summariser.METHOD} ranks it" if paper.is_english else "not English; its place is"
    return f"{sentence.why}{long}; {who} {place}"


def _features(paper: Paper) -> Mapping[Sentence, tuple[tuple[str, float], ...]]:
    if not (isinstance(paper.summariser, Explaining) and paper.is_english):
        return {}
    parts = paper.summariser.why(paper.title, paper.printed[:MOST_RATED])
    return {
        sentence: tuple(sorted(each.items(), key=lambda part: (-abs(part[1]), part[0])))
        for sentence, each in zip(paper.sentences, parts, strict=False)
    }


def text_hash(title: str, abstract: str, method: str) -> str:
    """What a summary depends on, so that it is made anew exactly when something of it changes."""
    return hashlib.sha256(f"{title}\0{abstract}\0{method}\0{_RULES}".encode()).hexdigest()
