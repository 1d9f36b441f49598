"""The table of themes: a file that its owner can edit, read with its mistakes named by line."""

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from importlib import resources
from itertools import product
from math import isfinite
from typing import Any, NamedTuple

from digest.errors import ConfigError, UnknownPlugin
from digest.toml_lines import line_of

OTHER_ID, OTHER_LABEL = "other", "More papers"
"""The theme of a paper that no theme knows."""

NEW_SECTION_ORDER = 1000
"""A section that a user adds comes last where it gives no order."""

PLURALS = (
    ("ies", "y"),
    ("sses", "ss"),
    ("xes", "x"),
    ("ches", "ch"),
    ("shes", "sh"),
    ("ss", "ss"),
    ("s", ""),
)

# A phrase reaches over spaces, hyphens and apostrophes; other signs and links break it.
TOKEN = re.compile(r"https?://\S+|[^\W_]+|[^\w\s'’‐‑–-]")
_ID = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")


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
    share: float = 100.0


class Heading(NamedTuple):
    """What a reader may see; `share` is how many of a hundred papers stand under it."""

    label: str
    share: float


@dataclass(frozen=True, slots=True)
class ThemeTable:
    """Sections by their order and themes as they stand in the file.

    `others` are the tables of a user's file that change what only another profile has, with its
    name: they count for nothing here.
    """

    sections: tuple[Section, ...]
    rows: tuple[Row, ...]
    others: Mapping[str, str] = field(default_factory=dict)

    @property
    def headings(self) -> tuple[Heading, ...]:
        """Every heading a reader may see, in the table's order: a section, then its themes."""
        return tuple(
            heading
            for section in self.sections
            for heading in (
                Heading(section.label, 100.0),
                *(Heading(row.label, row.share) for row in self.rows if row.section == section.id),
            )
        )

    def knows(self, theme: str) -> bool:
        """Whether a theme or a section is called so, by its ID or by its label."""
        names = [OTHER_ID, OTHER_LABEL, *(row.id for row in self.rows)]
        names += [heading.label for heading in self.headings]
        return _said(theme) in map(_said, names)


PROFILES = {"ml": "themes.toml", "arxiv": "themes_arxiv.toml"}
"""The tables that come with the program."""


def shipped(profile: str = "ml") -> ThemeTable:
    """The table of a profile; UnknownPlugin where there is none of that name."""
    if profile not in PROFILES:
        raise UnknownPlugin("profile of themes", profile, tuple(PROFILES))
    return load((resources.files("digest") / PROFILES[profile]).read_text("utf-8"))


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
        "share": (float, "a number, 0 or more"),
    },
}

_LISTS = ("phrases", "weak", "unless")
_SAID = ("add", *_LISTS)

_Keys = Mapping[str, Any]


class _File:
    """One file of themes, which knows where its errors stand."""

    def __init__(self, text: str, where: str) -> None:
        self.text, self.where = text, where

    def table(self, base: ThemeTable) -> ThemeTable:
        given = self._parsed()
        sections = {section.id: section for section in base.sections}
        rows = {row.id: row for row in base.rows}
        others: dict[str, str] = {}
        for name, keys in given.get("section", {}).items():
            old = sections.get(name)
            if not old and "label" not in keys:
                others[f"section.{name}"] = self._profile_with("section", name)
                continue
            sections[name] = replace(old or Section(name, "", NEW_SECTION_ORDER), **keys)
        for name, keys in given.get("theme", {}).items():
            if other := self._other_profile(name, keys, sections, rows):
                others[f"theme.{name}"] = other
            else:
                rows[name] = self._row(name, keys, rows.get(name))
        self._check_labels(given, sections, rows)
        ordered = sorted(sections.values(), key=lambda section: section.order)
        return ThemeTable(tuple(ordered), tuple(rows.values()), others)

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
        known = _KEYS[kind]
        if not isinstance(keys, dict):
            raise self._error(f"{name!r} must stand in a table [{kind}.ID]", kind, name)
        if not _ID.fullmatch(name):
            problem = f"{name!r} is no ID: small letters, digits and hyphens only"
            raise self._error(problem, kind, name)
        if name == OTHER_ID:
            raise self._error(f"the ID {name!r} is taken by {OTHER_LABEL!r}", kind, name)
        for key, value in keys.items():
            if key not in known:
                problem = f"unknown key {key!r}; there are: {', '.join(known)}"
                raise self._error(problem, kind, name, key)
            if not _fits(value, known[key][0]):
                raise self._error(f"{key} must be {known[key][1]}", kind, name, key)

    def _other_profile(
        self, name: str, keys: _Keys, sections: Mapping[str, Section], rows: Mapping[str, Row]
    ) -> str | None:
        """The profile that a table is for, as this one has not what the table builds on."""
        if name not in rows and not ("label" in keys and "section" in keys):
            return self._profile_with("theme", name)
        section = keys.get("section", rows[name].section if name in rows else "")
        if section not in sections:
            return self._profile_with("section", section, "theme", name, "section")
        return None

    def _profile_with(self, kind: str, wanted: str, *path: str) -> str:
        """The shipped profile that has a section or theme; an error at `path` where none has."""
        for profile in PROFILES:
            table = shipped(profile)
            known: Iterable[Section | Row] = table.sections if kind == "section" else table.rows
            if any(each.id == wanted for each in known):
                return profile
        if path:
            raise self._error(f"there is no section {wanted!r}", *path)
        needed = "a label" if kind == "section" else "a label and a section"
        raise self._error(f"a new {kind} needs {needed}", kind, wanted)

    def _row(self, name: str, keys: _Keys, old: Row | None) -> Row:
        given: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in keys.items()}
        self._check_phrases(name, given)
        add, remove = given.pop("add", ()), given.pop("remove", ())
        said = [*add, *(phrase for key in _LISTS for phrase in given.get(key, ()))]
        old = old or Row(name, "", "", ())
        for phrase in remove:
            if not any(phrase in getattr(old, key) for key in _LISTS):
                problem = f"cannot remove {phrase!r}: the theme has no such phrase"
                raise self._error(problem, "theme", name, "remove", phrase)
        gone = {form for phrase in (*said, *remove) for form in forms_of(phrase)}
        kept = {
            key: tuple(phrase for phrase in getattr(old, key) if not forms_of(phrase) & gone)
            for key in _LISTS
        }
        row = replace(old, **(kept | given))
        row = replace(row, phrases=(*row.phrases, *add))
        if not row.phrases:
            problem = "a theme needs phrases (weight = 0 switches it off)"
            raise self._error(problem, "theme", name, "phrases")
        return row

    def _check_phrases(self, name: str, given: _Keys) -> None:
        seen: dict[tuple[str, ...], str] = {}
        said = [(each, phrase) for each in _SAID for phrase in given.get(each, ())]
        for key, phrase in said:
            forms = forms_of(phrase)
            if not forms:
                raise self._error(f"phrase {phrase!r} has no word", "theme", name, key, phrase)
            for form in sorted(forms & seen.keys()):
                problem = f"phrase {phrase!r} says the same as {seen[form]!r} in this theme"
                raise self._error(problem, "theme", name, key, phrase)
            seen |= dict.fromkeys(forms, phrase)

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
                    raise self._error(problem, *at, "label")

    def _error(self, problem: str, *path: str) -> ConfigError:
        """An error at the last step of `path` that the file has: a table, a key, a phrase."""
        return ConfigError(f"{self.where}:{line_of(self.text, path)}", problem)


def _said(label: str) -> tuple[str, ...]:
    return tuple(re.findall(r"\w+", label.casefold()))


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
def stem(word: str) -> str:
    """The word in small letters without a plural's ending."""
    word = word.casefold()
    for ending, instead in PLURALS:
        if word.endswith(ending) and len(word) > len(ending) + 1:
            return word.removesuffix(ending) + instead
    return word


@lru_cache(maxsize=10_000)
def forms_of(phrase: str) -> frozenset[tuple[str, ...]]:
    """The word sequences that a phrase stands for: each hyphen is a space, or nothing."""
    choices: list[set[tuple[str, ...]]] = []
    for word in phrase.split():
        parts = [part for part in TOKEN.findall(word) if part[0].isalnum()]
        if parts:
            choices.append({tuple(map(stem, parts)), (stem("".join(parts)),)})
    return frozenset(sum(form, ()) for form in product(*choices) if form)
