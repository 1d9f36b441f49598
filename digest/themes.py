"""The theme of a paper, decided by the phrases of a table."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from digest.model import Tag
from digest.theme_table import OTHER_ID, OTHER_LABEL, TOKEN, ThemeTable, forms_of, stem

IN_TITLE, MOST_IN_ABSTRACT = 3, 2
"""What a match in the title counts, and how many in the abstract count, one each."""

WEAK = 1 / 3
BY_WORDS = {1: 1.0, 2: 1.5}
LONGEST = 2.0
"""Longer phrases are rarer and say more: a factor by the number of words."""

LEAST = 1.0
"""A theme with a smaller score was hinted at only and is not taken."""

KEYWORDS, LONGEST_RUN = 5, 3
_WORD = re.compile(r"[^\W_]+(?:[-'’][^\W_]+)*")
# English function words and those of any abstract: no keyphrase holds one of them.
_STOP = frozenset(
    """
    a about across after against all along also although among an and any approach are as at be
    because been before being best better between beyond both but by can case could do does doing
    done down each easy either enabling every far fast few first for from further get go good
    guide had has have here how however i if improve improved improving in into introducing is it
    its itself just large learn less let leveraging like made make making many may method might
    more most much must need needed needs never new no nor not novel of off on once one only or
    other our out over own paper part per present propose rather report same see should show
    simple since so some study such survey take technical than that the their them then there
    these they this those through to too toward towards two under understanding until up upon us
    use used using very via want was we well were what when where whether which while who whose
    why will with within without work would yet you your
    """.split()  # noqa: SIM905 - 190 words in quotes are no easier to read
)


class _Claim(NamedTuple):
    """A phrase speaks for the theme at `place` in the grouper's order."""

    place: int
    phrase: str
    weight: float
    telling: bool


class _Vote(NamedTuple):
    """A claim that a paper bears out, and its phrase as the paper prints it."""

    claim: _Claim
    score: float
    printed: str


class PhraseGrouper:
    """The grouper that a table of phrases makes."""

    def __init__(self, table: ThemeTable) -> None:
        order = [section.id for section in table.sections]
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
        forms = forms_of(phrase)
        factor = BY_WORDS.get(max(map(len, forms)), LONGEST)
        for form in forms:
            self._claims[form].append(_Claim(place, phrase, weight * factor, telling))
            self._longest[form[0]] = max(self._longest[form[0]], len(form))

    def tags(self, papers: Sequence[tuple[str, str]]) -> list[Tag]:
        return [self._tag(title, abstract) for title, abstract in papers]

    def _tag(self, title: str, abstract: str) -> Tag:
        votes = self._votes(title, abstract)
        place = self._winner(votes)
        own = [vote for vote in votes if vote.claim.place == place]
        keywords = self._keywords([*own, *votes], title, abstract)
        if place is None:
            return Tag(OTHER_ID, OTHER_LABEL, "", keywords)
        row = self._rows[place]
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
                claim.weight * (IN_TITLE * len(titles) + min(len(abstracts), MOST_IN_ABSTRACT)),
                min(titles + abstracts, key=_capitals),
            )
            for claim, (titles, abstracts) in printed.items()
            if claim.weight
        ]
        return sorted(votes, key=lambda vote: (-vote.score, vote.claim))

    def _matches(self, text: str) -> Iterator[tuple[tuple[str, ...], str]]:
        """Phrases in a text, from the left, the longest at each place: its form, and as printed."""
        tokens = list(TOKEN.finditer(text))
        stems = [stem(token[0]) for token in tokens]
        at = 0
        while at < len(stems):
            for end in range(min(at + self._longest.get(stems[at], 0), len(stems)), at, -1):
                form = tuple(stems[at:end])
                if form in self._claims:
                    yield form, text[tokens[at].start() : tokens[end - 1].end()]
                    at = end - 1
                    break
            at += 1

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

    def _keywords(self, votes: Iterable[_Vote], title: str, abstract: str) -> tuple[str, ...]:
        """A few phrases as they are printed, none of which holds all words of another."""
        generic: list[str] = []
        telling: list[str] = []
        for vote in votes:
            if vote.claim.telling:
                fallback = self._rows[vote.claim.place].fallback
                (generic if fallback else telling).append(vote.printed)
        chosen: dict[str, set[str]] = {}
        for phrase in (*telling, *_runs(title, abstract), *generic):
            words = {stem(word) for word in TOKEN.findall(phrase)}
            if not any(words <= old or old <= words for old in chosen.values()):
                chosen[phrase] = words
        return tuple(chosen)[:KEYWORDS]


def _capitals(text: str) -> int:
    return sum(character.isupper() for character in text)


def _runs(title: str, abstract: str) -> list[str]:
    """Runs of content words: those of the title, then those that the abstract repeats."""
    in_abstract = _content(abstract)
    printed = {run.casefold(): run for run in reversed(in_abstract)}
    repeated = Counter(run.casefold() for run in in_abstract if " " in run).most_common()
    return [
        *(min(run, printed.get(run.casefold(), run), key=_capitals) for run in _content(title)),
        *(printed[run] for run, count in repeated if count > 1),
    ]


def _content(text: str) -> list[str]:
    """Runs of words with no stop word in them; of a long run its end, where the noun stands."""
    runs: list[list[re.Match[str]]] = [[]]
    for word in _WORD.finditer(text):
        if runs[-1] and text[runs[-1][-1].end() : word.start()] != " ":
            runs.append([])
        if word[0].casefold() in _STOP or word[0].isdigit():
            runs.append([])
        elif runs[-1] or not word[0].endswith("ing"):  # at the head of a run that is a verb
            runs[-1].append(word)
    ends = (run[-LONGEST_RUN:] for run in runs if len(run) > 1 or (run and _is_name(run[0][0])))
    return [text[run[0].start() : run[-1].end()] for run in ends]


def _is_name(word: str) -> bool:
    """Whether a word alone is a keyword: "DA-Code", "RaBiT" and "SAM2" are, "Curse" is not."""
    return "-" in word or _capitals(word) > 1 or any(map(str.isdigit, word))
