"""The theme of a paper, decided by the phrases of a table."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from digest.keyphrases import keyphrases, rarity
from digest.model import Tag
from digest.theme_table import OTHER_ID, OTHER_LABEL, TOKEN, ThemeTable, forms_of, stem

IN_TITLE, MOST_IN_ABSTRACT = 3, 2
"""What a match in the title counts, and how many in the abstract count, one each."""

WEAK = 1 / 3
LEAST = 0.9
"""A theme with a smaller score was hinted at only and is not taken."""


MOST_OF_A_THEME = 0.25
"""A theme with a larger part of all papers says little to a reader."""


class _Claim(NamedTuple):
    """A phrase speaks for the theme at `place` in the grouper's order.

    Its rarity comes to the weight where a paper has it: few of a table's phrases stand in one.
    """

    place: int
    phrase: str
    weight: float
    telling: bool


class _Vote(NamedTuple):
    """A claim that a paper bears out, and its phrase as the paper prints it."""

    claim: _Claim
    score: float
    printed: str


@dataclass(frozen=True, slots=True)
class Findings:
    """`overlaps` are phrases and the themes that share them, as stems; `unused` the phrases of a
    theme that stand in no paper; `greedy` the themes with too many papers, and how many of one;
    `themeless` how many papers have no theme; `others` the user's tables that are for another
    profile, and for which.
    """

    papers: int
    overlaps: Mapping[str, tuple[str, ...]]
    unused: Mapping[str, tuple[str, ...]]
    greedy: Mapping[str, float]
    themeless: int
    others: Mapping[str, str]


class PhraseGrouper:
    """The grouper that a table of phrases makes."""

    def __init__(self, table: ThemeTable) -> None:
        order = [section.id for section in table.sections]
        self._others = table.others
        self._sections = {section.id: section.label for section in table.sections}
        self._rows = sorted(
            (row for row in table.rows if row.weight), key=lambda row: order.index(row.section)
        )
        self._claims: defaultdict[tuple[str, ...], list[_Claim]] = defaultdict(list)
        self._longest: defaultdict[str, int] = defaultdict(int)
        for place, row in enumerate(self._rows):
            for phrase in row.phrases:
                self._claim(place, phrase, row.weight, telling=True)
            for phrase in row.weak:
                self._claim(place, phrase, row.weight * WEAK, telling=False)
            for phrase in row.unless:
                self._claim(place, phrase, 0.0, telling=False)

    def _claim(self, place: int, phrase: str, weight: float, *, telling: bool) -> None:
        claim = _Claim(place, phrase, weight, telling)
        for form in forms_of(phrase):
            self._claims[form].append(claim)
            self._longest[form[0]] = max(self._longest[form[0]], len(form))

    def tags(self, papers: Sequence[tuple[str, str]]) -> list[Tag]:
        return [self._tag(title, abstract) for title, abstract in papers]

    def _tag(self, title: str, abstract: str) -> Tag:
        votes = self._votes(title, abstract)
        place = self._winner(votes)
        keywords = keyphrases(title, abstract, self._known(votes))
        if place is None:
            return Tag(OTHER_ID, OTHER_LABEL, "", keywords)
        row = self._rows[place]
        own = (vote for vote in votes if vote.claim.place == place)
        why = tuple((vote.claim.phrase, round(vote.score, 2)) for vote in own)
        return Tag(row.id, row.label, self._sections[row.section], keywords, why)

    def _votes(self, title: str, abstract: str) -> list[_Vote]:
        """One vote for each claim that the texts bear out, the strongest first."""
        printed: dict[_Claim, tuple[list[str], list[str]]] = {}
        for part, text in enumerate((title, abstract)):
            for form, words in self._matches(text):
                for claim in self._claims[form]:
                    printed.setdefault(claim, ([], []))[part].append(words)
        votes = [
            _Vote(
                claim,
                weight * (IN_TITLE * len(titles) + min(len(abstracts), MOST_IN_ABSTRACT)),
                min(titles + abstracts, key=_capitals),
            )
            for claim, (titles, abstracts) in printed.items()
            if (weight := claim.weight * rarity(claim.phrase))
        ]
        return sorted(votes, key=lambda vote: (-vote.score, vote.claim))

    def _matches(self, text: str) -> Iterator[tuple[tuple[str, ...], str]]:
        """Phrases in a text, from the left, the longest at each place: its form, and as printed."""
        tokens = list(TOKEN.finditer(text))
        stems = [stem(token[0]) for token in tokens]
        past = 0  # where the phrase before ends
        for at, first in enumerate(stems):
            if at < past or first not in self._longest:
                continue
            for end in range(min(at + self._longest[first], len(stems)), at, -1):
                form = tuple(stems[at:end])
                if form in self._claims:
                    yield form, text[tokens[at].start() : tokens[end - 1].end()]
                    past = end
                    break

    def _winner(self, votes: Iterable[_Vote]) -> int | None:
        """The place of the theme with the highest score; a fallback only without another."""
        scores: defaultdict[int, float] = defaultdict(float)
        for vote in votes:
            scores[vote.claim.place] += vote.score
        ranked = [
            (self._rows[place].fallback, -round(score, 6), place)
            for place, score in scores.items()
            if score >= LEAST
        ]
        return min(ranked)[2] if ranked else None

    def check(self, papers: Iterable[tuple[str, str]]) -> "Findings":
        """What the owner of the table may want to mend, told by these papers' texts."""
        texts = list(papers)
        used = {
            (claim.place, claim.phrase)
            for text in (text for both in texts for text in both)
            for form, _ in self._matches(text)
            for claim in self._claims[form]
        }
        sizes = Counter(tag.theme_id for tag in self.tags(texts))
        return Findings(
            papers=len(texts),
            overlaps=self._overlaps(),
            unused={
                row.id: phrases
                for place, row in enumerate(self._rows)
                if (phrases := tuple(p for p in row.phrases if (place, p) not in used))
            },
            greedy={
                theme: count / len(texts)
                for theme, count in sizes.most_common()
                if count > MOST_OF_A_THEME * len(texts) and theme != OTHER_ID
            },
            themeless=sizes[OTHER_ID],
            others=self._others,
        )

    def _overlaps(self) -> dict[str, tuple[str, ...]]:
        found: dict[str, tuple[str, ...]] = {}
        for form, claims in self._claims.items():
            places = sorted({claim.place for claim in claims if claim.telling})
            if len(places) > 1:
                found[" ".join(form)] = tuple(self._rows[place].id for place in places)
        return dict(sorted(found.items()))

    def _known(self, votes: Iterable[_Vote]) -> set[str]:
        """The phrases that tell a paper from others, as it prints them."""
        return {
            vote.printed
            for vote in votes
            if vote.claim.telling and not self._rows[vote.claim.place].fallback
        }


def _capitals(text: str) -> int:
    return sum(map(str.isupper, text))
