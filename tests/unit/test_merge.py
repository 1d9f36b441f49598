from dataclasses import fields, replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.merge import merge, merged, series
from digest.model import Paper, Votes

TODAY = date(2026, 11, 20)
KITES = Paper("a" * 16, "On the Flight of Kites", "We fly kites. They rise.", TODAY)


def both(**other: object) -> list[Paper]:
    """The work of two printings, and the printing of two sightings, each in either order."""
    pair = KITES, replace(KITES, ref="b" * 16, **other)  # type: ignore[arg-type]
    return [
        found
        for one, two in (pair, pair[::-1])
        for found in (merged([one, two]), merge(one, replace(two, ref=one.ref)))
    ]


def test_the_whole_abstract_wins_over_the_cut_one():
    cut = "We fly kites. They rise. And then, for a very long time, …"
    assert {each.abstract for each in both(abstract=cut)} == {KITES.abstract}
    assert {each.abstract for each in both(abstract="")} == {KITES.abstract}


@pytest.mark.parametrize(
    ("worse", "better"),
    [
        ("ON THE FLIGHT OF ALPHA-KITES", r"On the Flight of $\alpha$-Kites"),
        ("On the Flight of alpha-Kites", r"On the Flight of $\alpha$-Kites"),
        ("On the Flight of a Very Long and Str…", "On the Flight"),
        ("On the flight of kites", "On the Flight of Kites"),
    ],
)
def test_the_title_with_its_symbols_wins_over_the_stripped_the_cut_and_the_shouted_one(
    worse: str, better: str
):
    pair = replace(KITES, title=worse), replace(KITES, title=better)
    for order in (pair, pair[::-1]):
        assert merge(*order).title == merged(order).title == better


def test_ids_links_authors_and_counts_come_from_where_they_are():
    known: dict[str, object] = {
        "authors": ("Ada Byron", "Grace Moss"),
        "author_count": 2,
        "organization": "Kite Lab",
        "organization_handle": "kites",
        "published": TODAY,
        "arxiv_id": "2601.00001",
        "version": 2,
        "doi": "10.1/kites",
        "url": "https://kites.example/1",
        "code_url": "https://code.example/kites",
        "categories": ("cs.RO",),
        "history": True,
        "withdrawn": True,
    }
    for found in both(**known):
        assert {name: getattr(found, name) for name in known} == known


def test_the_first_by_day_and_ref_stands_for_the_work_and_says_what_it_follows():
    first = replace(KITES, ref="c" * 16, first_seen=TODAY - timedelta(days=1), follows="f" * 16)
    found = merged([KITES, first, replace(KITES, ref="0" * 16, follows="e" * 16)])
    assert (found.ref, found.first_seen, found.follows) == (
        *("c" * 16, first.first_seen, "f" * 16),
    )


def test_a_later_version_gives_the_text_though_it_be_shorter():
    second = replace(KITES, ref="b" * 16, title="Kites", abstract="They fall.", version=2)
    found = merged([replace(KITES, version=1), second])
    assert (found.title, found.abstract, found.version) == ("Kites", "They fall.", 2)


def test_a_cut_later_version_does_not_take_the_whole_text_away():
    second = replace(KITES, ref="b" * 16, title="Kites…", abstract="They…", version=2)
    found = merged([replace(KITES, version=1), second])
    assert (found.title, found.abstract) == (KITES.title, KITES.abstract)


def test_a_note_of_withdrawal_marks_the_work_and_leaves_it_its_text():
    note = "This paper has been withdrawn by its authors, for the kites of section two fell down."
    withdrawn = replace(KITES, ref="b" * 16, abstract=note, version=2, withdrawn=True)
    found = merged([KITES, withdrawn])
    assert (found.withdrawn, found.abstract) == (True, KITES.abstract)
    assert merged([withdrawn]).abstract == note


def test_votes_are_a_series_by_day_with_the_highest_count_of_each():
    monday, tuesday = TODAY, TODAY + timedelta(days=1)
    found = series(
        [
            Votes(tuesday, 9, None),
            Votes(monday, 3, 1),
            Votes(monday, 2, 4),
            Votes(tuesday, None, 5),
        ]
    )
    assert found == (Votes(monday, 3, 4), Votes(tuesday, 9, 5))
    paper = replace(KITES, votes=(*found, Votes(tuesday + timedelta(days=1), None, 6)))
    assert (paper.upvotes, paper.comments) == (9, 6), "the latest that is known of each"
    assert (KITES.upvotes, KITES.comments) == (None, None)


DERIVED = {"ref", "votes", "sources", "follows"}
texts = st.sampled_from(["", "We fly.", "We fly kites. They rise.", "We fly kites…", "WE FLY"])
maybe = st.none() | st.integers(0, 3)
papers = st.builds(
    Paper,
    ref=st.sampled_from("abcd"),
    title=texts,
    abstract=texts,
    first_seen=st.sampled_from([TODAY, TODAY + timedelta(days=1)]),
    authors=st.lists(st.sampled_from(["Ada", "Grace"]), unique=True).map(tuple),
    author_count=maybe,
    organization=st.none() | st.sampled_from("AB"),
    organization_handle=st.none() | st.sampled_from("ab"),
    published=st.none() | st.just(TODAY),
    arxiv_id=st.none() | st.sampled_from(["2601.00001", "2601.00002"]),
    version=maybe,
    withdrawn=st.booleans(),
    doi=st.none() | st.sampled_from(["10.1/a", "10.1/b"]),
    url=st.none() | st.sampled_from(["https://a.example", "https://b.example"]),
    code_url=st.none() | st.sampled_from(["https://a.example", "https://b.example"]),
    categories=st.lists(st.sampled_from(["cs.LG", "cs.CL"]), unique=True).map(tuple),
    history=st.booleans(),
)


@given(st.lists(papers, min_size=1, max_size=4, unique_by=lambda paper: paper.ref), st.data())
def test_the_order_of_the_printings_does_not_matter(some: list[Paper], data: st.DataObject):
    assert merged(data.draw(st.permutations(some))) == merged(some)


@given(papers, papers, papers)
def test_the_order_of_the_sightings_does_not_matter(one: Paper, two: Paper, three: Paper):
    def facts(paper: Paper) -> list[object]:
        names = (each.name for each in fields(Paper))
        return [getattr(paper, name) for name in names if name not in DERIVED]

    assert facts(merge(merge(one, two), three)) == facts(merge(three, merge(two, one)))


@given(papers)
def test_merging_a_paper_with_itself_changes_nothing(paper: Paper):
    assert merge(paper, paper) == paper
    assert merged([paper]) == paper


def test_two_arxiv_ids_of_one_work_leave_it_one():
    assert {each.arxiv_id for each in both(arxiv_id="2601.00002")} == {"2601.00002"}
