"""What an audience wants to read: a query, which papers it chooses, and by which words.

    query   all of one line: either
    either  both, or several with OR between them
    both    one, or several with AND or nothing between them
    one     a term, NOT one, or ( either )
    term    a word or "a phrase", perhaps behind a field and a colon: author:"Ines Mora"

Words are compared as those of the table of themes: small letters, no plural, a hyphen of the query
is a space or nothing.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, NoReturn

from digest.model import Paper, Tag
from digest.text import searchable
from digest.theme_table import TOKEN, forms_of, stem

DEEPEST = 20
"""Brackets within brackets: more is no query that a person wrote."""

FULL = 3
"""So many terms make a full match: of a long list of alternatives no paper has all."""

IN_ABSTRACT = 0.5
"""What a term counts that stands in the abstract only."""

OPERATORS = ("AND", "OR", "NOT")


class QueryError(ValueError):
    """A query that cannot be read; `column` counts from 1."""

    def __init__(self, column: int, problem: str) -> None:
        super().__init__(f"column {column}: {problem}")
        self.column = column
        self.problem = problem


@dataclass(frozen=True, slots=True)
class View:
    """What a query sees of a paper: a line for each field; that without a name is all its text."""

    lines: dict[str, str]


def view(paper: Paper, title: str, abstract: str, tag: Tag) -> View:
    """Look at a paper; title and abstract are clean."""
    categories = [part for each in paper.categories for part in (each, each.partition(".")[0])]
    organizations = filter(None, (paper.organization, paper.organization_handle))
    printed = _stems(title)
    return View(
        {
            "": f"{printed}.{_stems(abstract)}",  # a full stop, which no phrase reaches over
            "title": printed,
            "author": _line(f" {searchable(name)} " for name in paper.authors),
            "org": _line(f" {searchable(name)} " for name in organizations),
            "category": _line(category.casefold() for category in categories),
            "theme": _line(map(searchable, (tag.theme_id, tag.theme, tag.section))),
        },
    )


def _stems(text: str) -> str:
    return f" {' '.join(map(stem, TOKEN.findall(text)))} "


def _line(names: Iterable[str]) -> str:
    return f"|{'|'.join(names)}|"


def _in_text(text: str) -> tuple[str, ...]:
    return tuple(sorted(f" {' '.join(form)} " for form in forms_of(text)))


def _in_a_name(text: str) -> tuple[str, ...]:
    return (f" {searchable(text)} ",)


def _whole(text: str) -> tuple[str, ...]:
    return (_line([searchable(text)]),)


def _category(text: str) -> tuple[str, ...]:
    return (_line([text.casefold()]),)


NEEDLES: dict[str, Callable[[str], tuple[str, ...]]] = {
    "": _in_text,
    "title": _in_text,
    "author": _in_a_name,
    "org": _in_a_name,
    "category": _category,
    "theme": _whole,
}
"""What a term of each field looks like in a view's line."""

FIELDS = tuple(filter(None, NEEDLES))


@dataclass(frozen=True, slots=True)
class Term:
    """A word or a phrase; `within` is its field, empty for title and abstract.

    One of the `needles` must be in the view.
    """

    text: str
    within: str = ""
    needles: tuple[str, ...] = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "needles", NEEDLES[self.within](self.text))

    @property
    def words(self) -> str:
        """As a reader sees it."""
        return f"{self.within}:{self.text}" if self.within else self.text

    def share(self, paper: View) -> float:
        """How strongly a paper has the term, from 0 to 1."""
        if self._stands_in(paper.lines[self.within or "title"]):
            return 1.0
        return IN_ABSTRACT if self.hits(paper) else 0.0

    def hits(self, paper: View) -> tuple["Term", ...] | None:
        return (self,) if self._stands_in(paper.lines[self.within]) else None

    def _stands_in(self, line: str) -> bool:
        for needle in self.needles:  # noqa: SIM110 - any() takes twice as long, a million times
            if needle in line:
                return True
        return False

    def terms(self) -> tuple["Term", ...]:
        return (self,)

    def __str__(self) -> str:
        bare = BARE.fullmatch(self.text) and self.text.upper() not in OPERATORS
        text = self.text if bare else f'"{self.text}"'
        return f"{self.within}:{text}" if self.within else text


@dataclass(frozen=True, slots=True)
class Not:
    part: "Node"

    def hits(self, paper: View) -> tuple[Term, ...] | None:
        return () if self.part.hits(paper) is None else None

    def terms(self) -> tuple[Term, ...]:
        return ()

    def __str__(self) -> str:
        return f"NOT {self.part}" if isinstance(self.part, Term) else f"NOT ({self.part})"


@dataclass(frozen=True, slots=True)
class And:
    parts: tuple["Node", ...]

    def hits(self, paper: View) -> tuple[Term, ...] | None:
        found: tuple[Term, ...] = ()
        for part in self.parts:
            hits = part.hits(paper)
            if hits is None:
                return None
            found += hits
        return found

    def terms(self) -> tuple[Term, ...]:
        return tuple(term for part in self.parts for term in part.terms())

    def __str__(self) -> str:
        return " AND ".join(f"({p})" if isinstance(p, Or) else str(p) for p in self.parts)


@dataclass(frozen=True, slots=True)
class Or:
    parts: tuple["Node", ...]

    def hits(self, paper: View) -> tuple[Term, ...] | None:
        found = [hits for part in self.parts if (hits := part.hits(paper)) is not None]
        return tuple(term for hits in found for term in hits) if found else None

    def terms(self) -> tuple[Term, ...]:
        return tuple(term for part in self.parts for term in part.terms())

    def __str__(self) -> str:
        return " OR ".join(map(str, self.parts))


Node = Term | Not | And | Or


@dataclass(frozen=True, slots=True)
class Query:
    """What `parse` has read; printed, it is a query that reads the same."""

    root: Node

    def matches(self, paper: View) -> tuple[str, ...] | None:
        """The words that choose a paper, each once; None where it is not chosen.

        A paper that is chosen for what it lacks alone is so by no words.
        """
        hits = self.root.hits(paper)
        return None if hits is None else tuple(dict.fromkeys(term.words for term in hits))

    def match(self, paper: View) -> float:
        """How much of the query a paper has, from 0 to 1.

        The share of the terms that are not under a NOT; one that stands in the abstract only
        counts half, and three make a full match.
        """
        terms = dict.fromkeys(self.root.terms())
        found = sum(term.share(paper) for term in terms)
        return min(found / min(len(terms), FULL), 1.0) if terms else 0.0

    def named(self, within: str) -> list[str]:
        """What the query asks of a field, also under a NOT."""
        return [term.text for term in _leaves(self.root) if term.within == within]

    def __str__(self) -> str:
        return str(self.root)


def _leaves(node: Node) -> Iterator[Term]:
    match node:
        case Term():
            yield node
        case Not():
            yield from _leaves(node.part)
        case And() | Or():
            for part in node.parts:
                yield from _leaves(part)


# --- reading --------------------------------------------------------------------------------------

BARE = re.compile(r"(?![-+!])[^\s():\"*?]+")
_PIECE = re.compile(
    r'(?P<bracket>[()])|(?:(?P<within>[^\s():"]*):)?(?:"(?P<phrase>[^"]*)"|(?P<word>[^\s():"]++)(?!:))'
)


class _Piece(NamedTuple):
    """A bracket, an operator or a term of a query, and its column."""

    column: int
    mark: str
    term: Term | None = None


def parse(text: str) -> Query:
    """Read a query; QueryError says where it is wrong and what to do."""
    pieces = list(_pieces(text))
    if not pieces:
        raise QueryError(1, "the query is empty; for all papers leave it out")
    return Query(_Reader(pieces, len(text) + 1).whole())


def _pieces(text: str) -> Iterator[_Piece]:
    at = 0
    while rest := text[at:].lstrip():
        at = len(text) - len(rest)
        found = _PIECE.match(text, at)
        if found is None:
            raise QueryError(at + 1, _stray(rest))
        yield _piece(found, at + 1)
        at = found.end()


def _stray(rest: str) -> str:
    if rest.startswith('"'):
        return 'the quotes that begin here do not end; add a "'
    name = rest.partition(":")[0]
    return f"nothing stands behind {name}:; write a word or a phrase there, without a blank"


def _piece(found: re.Match[str], column: int) -> _Piece:
    bracket, within, word = found["bracket"], found["within"], found["word"]
    if bracket:
        return _Piece(column, bracket)
    if word in OPERATORS and within is None:
        return _Piece(column, word)
    if within is not None and within not in FIELDS:
        known = ", ".join(FIELDS)
        problem = f"there is no field {within!r}, only {known}; put text with a colon in quotes"
        raise QueryError(column, problem)
    if word:
        _check_word(word, within, column)
    text = " ".join((word or found["phrase"]).split())
    if not any(map(str.isalnum, text)):
        raise QueryError(column, f"{found[0]} has no letter and no digit; take it out")
    return _Piece(column, "", Term(text, within or ""))


def _check_word(word: str, within: str | None, column: int) -> None:
    if word.upper() in OPERATORS and within is None:
        problem = f'write {word.upper()} in capitals, or "{word}" in quotes for the word itself'
        raise QueryError(column, problem)
    if word[0] in "-!":
        raise QueryError(column, f"write NOT {word[1:]} for what must not be there")
    if not BARE.fullmatch(word):
        problem = f"{word} has a sign that means nothing here; plurals are found by themselves"
        raise QueryError(column, problem)


class _Reader:
    """Reads pieces by the grammar above, from the left; `end` is the column behind them."""

    def __init__(self, pieces: Sequence[_Piece], end: int) -> None:
        self._pieces = [*pieces, _Piece(end, "end")]
        self._at = 0
        self._open: list[int] = []

    def whole(self) -> Node:
        found = self._either()
        if self._next.mark != "end":
            raise QueryError(self._next.column, "this bracket closes nothing; take it out")
        return found

    @property
    def _next(self) -> _Piece:
        return self._pieces[self._at]

    def _take(self) -> _Piece:
        self._at += 1
        return self._pieces[self._at - 1]

    def _either(self) -> Node:
        parts = [self._both()]
        while self._next.mark == "OR":
            self._take()
            parts.append(self._both())
        return _joined(Or, parts)

    def _both(self) -> Node:
        parts = [self._one()]
        while self._next.mark not in {"OR", ")", "end"}:
            if self._next.mark == "AND":
                self._take()
            parts.append(self._one())
        return _joined(And, parts)

    def _one(self) -> Node:
        turned = False
        while self._next.mark == "NOT":
            self._take()
            turned = not turned
        piece = self._take()
        if piece.mark == "(":
            found = self._bracketed(piece.column)
        elif piece.term is None:
            self._missing(piece)
        else:
            found = piece.term
        return _turned(found) if turned else found

    def _bracketed(self, column: int) -> Node:
        self._open.append(column)
        if len(self._open) > DEEPEST:
            raise QueryError(column, f"more than {DEEPEST} brackets within one another; use fewer")
        found = self._either()
        if self._take().mark != ")":
            raise QueryError(column, "this bracket is never closed; add a )")
        self._open.pop()
        return found

    def _missing(self, piece: _Piece) -> NoReturn:
        before = self._pieces[self._at - 2] if self._at > 1 else None
        if before and before.mark in OPERATORS:
            raise QueryError(before.column, f"nothing stands behind {before.mark}; add a term")
        if piece.mark in OPERATORS:
            raise QueryError(piece.column, f"nothing stands before {piece.mark}; add a term")
        if piece.mark == "end":
            raise QueryError(self._open[-1], "this bracket is never closed; add a )")
        if before and before.mark == "(":
            raise QueryError(before.column, "nothing stands between these brackets; take them out")
        raise QueryError(piece.column, "this bracket closes nothing; take it out")


def _joined(kind: type[And] | type[Or], parts: Sequence[Node]) -> Node:
    """One part as it is; of several, those of the same kind are taken in."""
    if len(parts) == 1:
        return parts[0]
    return kind(tuple(inner for p in parts for inner in (p.parts if isinstance(p, kind) else (p,))))


def _turned(node: Node) -> Node:
    return node.part if isinstance(node, Not) else Not(node)
