import random
from datetime import date
from time import process_time

import pytest

from digest.model import Paper, Tag
from digest.query import QueryError, parse, view
from digest.theme_table import shipped

GULLS = Tag("flight", "Birds & kites", "Things in the air", ())


def paper(title="", abstract="", *, tag=GULLS, **facts):
    return view(Paper("r", title, abstract, date(2031, 5, 6), **facts), title, abstract, tag)


KITES = paper(
    "Steering Box-Kites by Ear",
    "We fly kites over calm water. Radar sees none of the kites' tails: in fog, pilots listen.",
    authors=("Inés Mora", "Li Na", "Per-Erik Berg"),
    organization="Tidal Institute",
    organization_handle="tidal-lab",
    categories=("cs.RO", "astro-ph.GA", "math-ph"),
)


def chosen(query, by=KITES):
    return parse(query).matches(by)


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("kite", ("kite",)),
        ("KITES", ("KITES",)),
        ("box-kite", ("box-kite",)),
        ('"box kite"', ("box kite",)),
        ('"box-kites by ear"', ("box-kites by ear",)),
        ("radar fog", ("radar", "fog")),
        ("radar AND fog", ("radar", "fog")),
        ("snow OR fog OR radar", ("fog", "radar")),
        ("fog OR fog", ("fog",)),
        ("snow OR radar fog", ("radar", "fog")),
        ("(snow OR radar) fog", ("radar", "fog")),
        ("kite NOT snow", ("kite",)),
        ("NOT snow", ()),
        ("NOT NOT kite", ("kite",)),
        ("NOT (snow OR hail)", ()),
        ("title:ear", ("title:ear",)),
        ("author:mora", ("author:mora",)),
        ('author:"ines mora"', ("author:ines mora",)),
        ("author:berg", ("author:berg",)),
        ('org:"tidal institute"', ("org:tidal institute",)),
        ("org:tidal-lab", ("org:tidal-lab",)),
        ("category:cs.RO", ("category:cs.RO",)),
        ("category:CS", ("category:CS",)),
        ("category:astro-ph", ("category:astro-ph",)),
        ("theme:flight", ("theme:flight",)),
        ('theme:"birds & kites"', ("theme:birds & kites",)),
        ('theme:"Things in the air"', ("theme:Things in the air",)),
    ],
)
def test_a_query_chooses_a_paper_by_words(query, words):
    assert chosen(query) == words


@pytest.mark.parametrize(
    "query",
    [
        *("snow", "kit", "kiting", "radar snow", '"calm kites"', "kite NOT fog", "NOT kite"),
        '"water radar"',  # a full stop is between them
        '"fog pilots"',  # and a comma
        '"ear we"',  # one stands in the title, one in the abstract
        "title:fog",
        *("author:mor", 'author:"mora li"', "author:tidal", "author:kite"),
        *("org:mora", "category:cs.R", "category:cs.CV", "category:math", "category:ro"),
        *("theme:birds", "theme:kite", "theme:air"),
        "NOT (kite OR snow)",
    ],
)
def test_a_query_does_not_choose_a_paper_that_lacks_them(query):
    assert chosen(query) is None


def test_a_paper_of_a_title_alone_can_be_chosen():
    assert chosen("kite", paper("A Kite")) == ("kite",)
    assert chosen("kite", paper()) is None
    assert chosen("NOT kite", paper()) == ()


def test_and_binds_closer_than_or_and_not_closest():
    assert parse("a OR b c AND NOT d e") == parse("a OR (b AND c AND (NOT d) AND e)")


@pytest.mark.parametrize(
    ("query", "printed"),
    [
        ("  a   b ", "a AND b"),
        ("((a))", "a"),
        ("(a b) (c d)", "a AND b AND c AND d"),
        ("a OR (b OR c)", "a OR b OR c"),
        ("(a OR b) c", "(a OR b) AND c"),
        ("NOT (a b)", "NOT (a AND b)"),
        ('"a" "a  b" "or" "C++ (17)"', 'a AND "a b" AND "or" AND "C++ (17)"'),
        ('author:"Li" title:"a: b"', 'author:Li AND title:"a: b"'),
    ],
)
def test_a_query_is_printed_as_it_was_read(query, printed):
    assert str(parse(query)) == printed


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("", "column 1: the query is empty; for all papers leave it out"),
        ("  ", "column 1: the query is empty; for all papers leave it out"),
        ("AND a", "column 1: nothing stands before AND; add a term"),
        ("a OR", "column 3: nothing stands behind OR; add a term"),
        ("a OR OR b", "column 3: nothing stands behind OR; add a term"),
        ("a (b NOT)", "column 6: nothing stands behind NOT; add a term"),
        ("(a OR", "column 4: nothing stands behind OR; add a term"),
        ("a (b", "column 3: this bracket is never closed; add a )"),
        ("a (", "column 3: this bracket is never closed; add a )"),
        ("a) b", "column 2: this bracket closes nothing; take it out"),
        (") b", "column 1: this bracket closes nothing; take it out"),
        ("a ()", "column 3: nothing stands between these brackets; take them out"),
        ('a "b', 'column 3: the quotes that begin here do not end; add a "'),
        ("a author: b", "column 3: nothing stands behind author:; write a word or a phrase there"),
        ("org:(a b)", "column 1: nothing stands behind org:; write a word or a phrase there"),
        ("a auther:b", "column 3: there is no field 'auther', only title, author, org, category"),
        ("a and b", 'column 3: write AND in capitals, or "and" in quotes for the word itself'),
        ("a -b", "column 3: write NOT b for what must not be there"),
        ("a !b", "column 3: write NOT b for what must not be there"),
        ("robot*", "column 1: robot* has a sign that means nothing here; plurals are found"),
        ("a && b", "column 3: && has no letter and no digit; take it out"),
        ('a "…"', 'column 3: "…" has no letter and no digit; take it out'),
        ("(" * 21 + "a", "column 21: more than 20 brackets within one another; use fewer"),
    ],
)
def test_what_is_wrong_is_named_with_its_column_and_what_to_do(query, told):
    with pytest.raises(QueryError) as found:
        parse(query)
    assert str(found.value).startswith(told)
    assert "\n" not in str(found.value)


def test_a_query_that_never_ends_is_read_all_the_same():
    assert parse("NOT " * 20_001 + "kite").matches(KITES) is None
    assert parse(" OR ".join(["snow"] * 20_000)).matches(KITES) is None


def test_a_match_is_the_share_of_the_terms_and_counts_half_in_the_abstract():
    assert parse("kite").match(KITES) == 1
    assert parse("fog").match(KITES) == 0.5
    assert parse("kite OR snow").match(KITES) == 0.5
    assert parse("kite OR fog").match(KITES) == 0.75
    assert parse("author:mora OR snow").match(KITES) == 0.5


def test_three_terms_are_a_full_match_of_a_long_list():
    alternatives = " OR ".join(f"snow{n}" for n in range(30))
    assert parse(f"kite OR {alternatives}").match(KITES) == pytest.approx(1 / 3)
    assert parse(f"kite OR ear OR box OR {alternatives}").match(KITES) == 1
    assert parse("kite ear box steering").match(KITES) == 1


def test_what_must_not_be_there_is_no_part_of_the_match():
    assert parse("kite NOT snow").match(KITES) == 1
    assert parse("NOT snow").match(KITES) == 0


def test_a_query_tells_what_it_asks_of_a_field_also_under_a_not():
    asked = parse('theme:flight OR a NOT (theme:"b c" OR author:x)')
    assert asked.named("theme") == ["flight", "b c"]


def test_a_hundred_papers_meet_a_thousand_queries_within_a_second():
    phrases = [phrase for row in shipped().rows for phrase in (*row.phrases, *row.weak)]
    chance = random.Random(7)
    papers = [
        paper(chance.choice(phrases), ". ".join(chance.sample(phrases, 90))) for _ in "x" * 100
    ]
    queries = [
        parse('("{}" OR "{}" OR "{}") NOT "{}"'.format(*chance.sample(phrases, 4)))
        for _ in range(1_000)
    ]
    began = process_time()
    found = sum(query.matches(each) is not None for query in queries for each in papers)
    assert process_time() - began < 1
    assert found > 1_000
