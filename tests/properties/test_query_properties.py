"""What holds for every query and every paper."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from digest.model import Paper, Tag
from digest.query import FIELDS, And, Not, Or, Query, QueryError, Term, parse, view

WORDS = (
    "kite",
    "kites",
    "fog",
    "box kite",
    "box-kite",
    "and",
    "C++",
    "ñandú",
    "a: (b)",
    "sea, air",
)
SIGNS = ("(", ")", '"', "AND", "OR", "NOT", "author:", ":", "-", "*", "é", " ")
TERMS = st.builds(Term, st.sampled_from(WORDS), st.sampled_from(("", *FIELDS)))
TEXTS = st.lists(st.sampled_from((*WORDS, ".")), max_size=6).map(" ".join)


def joined(kind, parts):
    """What the reader makes of it: no AND within an AND."""
    inner = [one for part in parts for one in (part.parts if isinstance(part, kind) else (part,))]
    return kind(tuple(inner))


def larger(nodes):
    several = st.lists(nodes, min_size=2, max_size=3)
    return (
        several.map(lambda parts: joined(And, parts))
        | several.map(lambda parts: joined(Or, parts))
        | nodes.map(lambda node: node.part if isinstance(node, Not) else Not(node))
    )


NODES = st.recursive(TERMS, larger, max_leaves=8)


@st.composite
def papers(draw):
    title, abstract = draw(TEXTS), draw(TEXTS)
    facts = Paper(
        "r",
        title,
        abstract,
        date(2031, 5, 6),
        authors=tuple(draw(st.lists(st.sampled_from(WORDS), max_size=2))),
        organization=draw(st.sampled_from((None, *WORDS))),
        categories=tuple(draw(st.lists(st.sampled_from(WORDS), max_size=2))),
    )
    theme = draw(st.sampled_from(WORDS))
    return view(facts, title, abstract, Tag(theme, theme, "The sea", ()))


def chooses(node, paper):
    return Query(node).matches(paper) is not None


@given(NODES)
def test_a_printed_query_reads_the_same(node):
    assert parse(str(Query(node))).root == node


@given(st.lists(st.sampled_from((*SIGNS, *WORDS)), max_size=12))
def test_any_text_is_a_query_or_is_told_with_a_column_of_its_own(pieces):
    text = "".join(pieces)
    try:
        found = parse(text)
    except QueryError as error:
        told = error
    else:
        assert parse(str(found)) == found
        return
    assert 1 <= told.column <= max(len(text), 1)


@given(NODES, NODES, papers())
def test_and_or_and_not_keep_the_laws_of_logic(one, other, paper):
    a, b = chooses(one, paper), chooses(other, paper)
    assert chooses(And((one, other)), paper) == chooses(And((other, one)), paper) == (a and b)
    assert chooses(Or((one, other)), paper) == chooses(Or((other, one)), paper) == (a or b)
    assert chooses(Not(one), paper) == (not a)
    assert chooses(Not(Or((one, other))), paper) == chooses(And((Not(one), Not(other))), paper)


@given(NODES, papers())
def test_words_that_choose_a_paper_stand_in_it_and_are_asked_for(node, paper):
    words = Query(node).matches(paper) or ()
    asked = {term.words: term for term in node.terms()}
    assert len(set(words)) == len(words)
    assert all(asked[word].hits(paper) for word in words)


@given(NODES, papers())
def test_a_match_is_between_nothing_and_all(node, paper):
    share = Query(node).match(paper)
    assert 0 <= share <= 1
    if not any(term.hits(paper) for term in node.terms()):
        assert share == 0
