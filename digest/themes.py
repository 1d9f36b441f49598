"""The theme of a paper, decided by the phrases of a table that its owner can edit."""

import re
import tomllib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib import resources
from itertools import product
from math import isfinite
from typing import Any, NamedTuple

from digest.errors import ConfigError
from digest.model import Tag

OTHER_ID, OTHER_LABEL = "other", "More papers"
"""The theme of a paper that no theme knows."""

IN_TITLE, MOST_IN_ABSTRACT = 3, 2
"""What a match in the title counts, and how many in the abstract count, one each."""

WEAK = 1 / 3
BY_WORDS = {1: 1.0, 2: 1.5}
LONGEST = 2.0
"""Longer phrases are rarer and say more: a factor by the number of words."""

LEAST = 1.0
"""A theme with a smaller score was hinted at only and is not taken."""

KEYWORDS, LONGEST_RUN = 5, 3
PLURALS = (
    ("ies", "y"),
    ("sses", "ss"),
    ("xes", "x"),
    ("ches", "ch"),
    ("shes", "sh"),
    ("ss", "ss"),
    ("s", ""),
)

NEW_SECTION_ORDER = 1000
"""A section that a user adds comes last where it gives no order."""

# A phrase reaches over spaces, hyphens and apostrophes; other signs and links break it.
_TOKEN = re.compile(r"https?://\S+|[^\W_]+|[^\w\s'’‐‑–-]")
_WORD = re.compile(r"[^\W_]+(?:[-'’][^\W_]+)*")
_ID = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
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


@dataclass(frozen=True, slots=True)
class Section:
    """What a theme is shown under on days on which it has too few papers."""

    id: str
    label: str
    order: int


@dataclass(frozen=True, slots=True)
class Row:
    """One theme of the table."""

    id: str
    label: str
    section: str
    phrases: tuple[str, ...]
    weak: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()
    weight: float = 1.0
    fallback: bool = False


@dataclass(frozen=True, slots=True)
class ThemeTable:
    """Sections by their order and themes as they stand in the file."""

    sections: tuple[Section, ...]
    rows: tuple[Row, ...]

    @property
    def headings(self) -> tuple[str, ...]:
        """Every label a reader may see, in the table's order: a section, then its themes."""
        return tuple(
            label
            for section in self.sections
            for label in (
                section.label,
                *(row.label for row in self.rows if row.section == section.id),
            )
        )


_KINDS: dict[str, dict[str, tuple[type, str]]] = {
    "section": {"label": (str, "a text"), "order": (int, "a whole number")},
    "theme": {
        "label": (str, "a text"),
        "section": (str, "a text"),
        "phrases": (list, "a list of texts"),
        "weak": (list, "a list of texts"),
        "add": (list, "a list of texts"),
        "remove": (list, "a list of texts"),
        "weight": (float, "a number, 0 or more"),
        "fallback": (bool, "true or false"),
    },
}


def shipped() -> ThemeTable:
    """The table that comes with the program."""
    return load((resources.files("digest") / "themes.toml").read_text("utf-8"))


def load(text: str, where: str = "themes.toml", over: ThemeTable | None = None) -> ThemeTable:
    """Read a table; `over` is the one that it is laid over, key by key.

    Raises ConfigError with the file, which `where` names, and the line.
    """
    return _File(text, where).table(over or ThemeTable((), ()))


_TEXTS = (list, "a list of texts in quotes")
_KEYS: dict[str, dict[str, tuple[type, str]]] = {
    "section": {"label": (str, "a text in quotes"), "order": (int, "a whole number")},
    "theme": {
        "label": (str, "a text in quotes"),
        "section": (str, "the ID of a section in quotes"),
        "phrases": _TEXTS,
        "weak": _TEXTS,
        "unless": _TEXTS,
        "add": _TEXTS,
        "remove": _TEXTS,
        "weight": (float, "a number, 0 or more"),
        "fallback": (bool, "true or false"),
    },
}

_LISTS = ("phrases", "weak", "unless")

_Keys = Mapping[str, Any]


class _File:
    """One file of themes, which knows where its errors stand."""

    def __init__(self, text: str, where: str) -> None:
        self.text, self.where = text, where

    def table(self, base: ThemeTable) -> ThemeTable:
        given = self._parsed()
        sections = {section.id: section for section in base.sections}
        rows = {row.id: row for row in base.rows}
        for name, keys in given.get("section", {}).items():
            sections[name] = self._section(name, keys, sections.get(name))
        for name, keys in given.get("theme", {}).items():
            rows[name] = self._row(name, keys, rows.get(name))
            if rows[name].section not in sections:
                problem = f"there is no section {rows[name].section!r}"
                raise self._error(problem, f"theme.{name}", "section")
        self._check_labels(given, sections, rows)
        ordered = sorted(sections.values(), key=lambda section: section.order)
        return ThemeTable(tuple(ordered), tuple(rows.values()))

    def _parsed(self) -> Mapping[str, Mapping[str, _Keys]]:
        """The tables of the file; every key is known and of the right kind."""
        try:
            given = tomllib.loads(self.text)
        except tomllib.TOMLDecodeError as error:
            found = re.search(r"at line (\d+)", str(error))
            line = int(found[1]) if found else self.text.count("\n") + 1
            raise ConfigError(f"{self.where}:{line}", f"not valid TOML: {error}") from error
        for kind, tables in given.items():
            if kind not in _KEYS or not isinstance(tables, dict):
                raise self._error(f"unknown key {kind!r}; there are: section, theme", kind)
            for name, keys in tables.items():
                self._check_keys(kind, name, keys)
        return given

    def _check_keys(self, kind: str, name: str, keys: object) -> None:
        table, known = f"{kind}.{name}", _KEYS[kind]
        if not isinstance(keys, dict):
            raise self._error(f"{name!r} must stand in a table [{kind}.ID]", kind, name)
        if not _ID.fullmatch(name):
            raise self._error(f"{name!r} is no ID: small letters, digits and hyphens only", table)
        if name == OTHER_ID:
            raise self._error(f"the ID {name!r} is taken by {OTHER_LABEL!r}", table)
        for key, value in keys.items():
            if key not in known:
                problem = f"unknown key {key!r}; there are: {', '.join(known)}"
                raise self._error(problem, table, key)
            if not _fits(value, known[key][0]):
                raise self._error(f"{key} must be {known[key][1]}", table, key)

    def _section(self, name: str, keys: _Keys, old: Section | None) -> Section:
        if not old:
            self._need("section", name, keys, ("label",))
        return replace(old or Section(name, "", NEW_SECTION_ORDER), **keys)

    def _row(self, name: str, keys: _Keys, old: Row | None) -> Row:
        if not old:
            self._need("theme", name, keys, ("label", "section"))
        given: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in keys.items()}
        add, remove = given.pop("add", ()), given.pop("remove", ())
        said = [*add, *(phrase for key in _LISTS for phrase in given.get(key, ()))]
        self._check_phrases(name, said)
        old = old or Row(name, "", "", ())
        for phrase in remove:
            if not any(phrase in getattr(old, key) for key in _LISTS):
                problem = f"cannot remove {phrase!r}: the theme has no such phrase"
                raise self._error(problem, f"theme.{name}", "remove", phrase)
        gone = {form for phrase in (*said, *remove) for form in _forms(phrase)}
        kept = {key: tuple(p for p in getattr(old, key) if not _forms(p) & gone) for key in _LISTS}
        row = replace(old, **(kept | given))
        row = replace(row, phrases=(*row.phrases, *add))
        if not row.phrases:
            problem = "a theme needs phrases (weight = 0 switches it off)"
            raise self._error(problem, f"theme.{name}", "phrases")
        return row

    def _check_phrases(self, name: str, phrases: Iterable[str]) -> None:
        seen: dict[tuple[str, ...], str] = {}
        for phrase in phrases:
            forms = _forms(phrase)
            if not forms:
                raise self._error(f"phrase {phrase!r} has no word", f"theme.{name}", phrase)
            for form in sorted(forms & seen.keys()):
                problem = f"phrase {phrase!r} says the same as {seen[form]!r} in this theme"
                raise self._error(problem, f"theme.{name}", seen[form], phrase)
            seen |= dict.fromkeys(forms, phrase)

    def _need(self, kind: str, name: str, keys: _Keys, needed: Iterable[str]) -> None:
        for key in needed:
            if key not in keys:
                raise self._error(f"a new {kind} needs a {key}", f"{kind}.{name}")

    def _check_labels(
        self, given: Mapping[str, _Keys], sections: Mapping[str, Section], rows: Mapping[str, Row]
    ) -> None:
        """Each label once: to a reader, two headings of the same words are one."""
        owners = {_said(OTHER_LABEL): ("", "")}
        for kind, items in (("section", sections), ("theme", rows)):
            for name, item in items.items():
                owner = owners.setdefault(_said(item.label), (kind, name))
                if owner != (kind, name):
                    at = (kind, name) if name in given.get(kind, {}) else owner
                    problem = f"label {item.label!r} is taken: each heading must read differently"
                    raise self._error(problem, ".".join(at), "label")

    def _error(self, problem: str, *path: str) -> ConfigError:
        """An error at the last step of `path` that the file has: a table, a key, a phrase."""
        at, end = 0, len(self.text)
        for step in path:
            found = _place(step).search(self.text, at, end)
            if found:
                at = found.end()
                following = _TABLE.search(self.text, at)
                end = following.start() if following else end
        return ConfigError(f"{self.where}:{self.text.count(chr(10), 0, at) + 1}", problem)


def _said(label: str) -> tuple[str, ...]:
    return tuple(re.findall(r"\w+", label.casefold()))


_TABLE = re.compile(r"^\s*\[", re.MULTILINE)


def _place(step: str) -> re.Pattern[str]:
    """What a table's head, a key or a phrase looks like in a file."""
    name = re.escape(step)
    return re.compile(
        rf"""^\s*\[\s*{name}\s*[].]|^\s*["']?{name}["']?\s*=|["']{name}["']""", re.MULTILINE
    )


def _fits(value: object, kind: type) -> bool:
    match value:
        case list():
            return kind is list and all(isinstance(item, str) for item in value)
        case str():
            return kind is str and bool(value.strip())
        case bool():
            return kind is bool
        case int() | float():
            return (kind is float and isfinite(value) and value >= 0) or kind is type(value) is int
    return False


@lru_cache(maxsize=50_000)
def _stem(word: str) -> str:
    """The word in small letters without a plural's ending."""
    word = word.casefold()
    for ending, instead in PLURALS:
        if word.endswith(ending) and len(word) > len(ending) + 1:
            return word.removesuffix(ending) + instead
    return word


@lru_cache(maxsize=10_000)
def _forms(phrase: str) -> frozenset[tuple[str, ...]]:
    """The word sequences that a phrase stands for: each hyphen is a space, or nothing."""
    choices: list[set[tuple[str, ...]]] = []
    for word in phrase.split():
        parts = [part for part in _TOKEN.findall(word) if part[0].isalnum()]
        if parts:
            choices.append({tuple(map(_stem, parts)), (_stem("".join(parts)),)})
    return frozenset(sum(form, ()) for form in product(*choices) if form)


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
        forms = _forms(phrase)
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
        tokens = list(_TOKEN.finditer(text))
        stems = [_stem(token[0]) for token in tokens]
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
            words = {_stem(word) for word in _TOKEN.findall(phrase)}
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
