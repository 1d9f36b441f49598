from dataclasses import replace
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from digest.dedupe import decide, merge
from digest.model import Answer, Paper, PrintedDate, Sighting

TODAY = date(2026, 11, 20)
KITES = Sighting("On the Flight of Kites", "We fly kites. They rise.", 1)


def seen(*sightings: Sighting, known: dict[str, Paper] | None = None) -> list[Paper]:
    return decide(sightings, known or {}, TODAY)[1]


def test_a_paper_seen_twice_in_a_dump_is_news_once():
    decisions, papers = decide([KITES, replace(KITES, line=9)], {}, TODAY)
    assert [each.answer for each in decisions] == [Answer.NEW, Answer.SAME]
    assert decisions[1].of == decisions[0].ref
    assert len(papers) == 1


def test_a_title_printed_otherwise_is_the_same_paper():
    plain = replace(KITES, title="μ-Kites: O(n) flight for kites")
    stripped = replace(KITES, title=r"$\mu$-Kites: $O(n)$ Flight for Kites")
    decisions, _ = decide([plain, stripped], {}, TODAY)
    assert decisions[0].ref == decisions[1].ref


def test_a_sequel_that_adds_plusses_is_another_paper():
    decisions, _ = decide([KITES, replace(KITES, title=KITES.title + "++")], {}, TODAY)
    assert [each.answer for each in decisions] == [Answer.NEW, Answer.NEW]


def test_the_whole_abstract_wins_over_the_cut_one_in_either_order():
    cut = replace(KITES, abstract="We fly kites. They rise. And then, for a very long time, …")
    for pair in ([KITES, cut], [cut, KITES]):
        assert seen(*pair)[0].abstract == KITES.abstract


def test_the_title_with_its_symbols_wins_over_the_stripped_one_in_either_order():
    symbols = replace(KITES, title="On the Flight of $\\alpha$-Kites")
    stripped = replace(KITES, title="ON THE FLIGHT OF ALPHA-KITES")
    for pair in ([symbols, stripped], [stripped, symbols]):
        assert seen(*pair)[0].title == symbols.title


def test_a_known_paper_that_says_nothing_new_is_not_saved_again():
    (paper,) = seen(KITES)
    decisions, changed = decide([KITES], {paper.ref: paper}, date(2026, 12, 24))
    assert decisions[0].answer is Answer.SAME
    assert "title" in decisions[0].why
    assert changed == []


def test_an_earlier_sighting_moves_the_day_on_which_a_paper_was_first_seen():
    (paper,) = seen(KITES)
    earlier = replace(KITES, day=PrintedDate(1, 5, 2026))
    assert seen(earlier, known={paper.ref: paper})[0].first_seen == date(2026, 1, 5)


def test_history_stays_history_when_it_is_seen_again():
    _, (paper,) = decide([KITES], {}, TODAY, history=True)
    assert seen(replace(KITES, comments=4), known={paper.ref: paper})[0].history


words = st.sampled_from(["We fly.", "We fly kites. They rise.", "We fly kites…", ""])
counts = st.none() | st.integers(0, 9)
sightings = st.builds(
    replace,
    st.just(KITES),
    title=st.sampled_from([KITES.title, KITES.title.upper(), "On the flight of  kites"]),
    abstract=words,
    upvotes=counts,
    comments=counts,
    authors=st.lists(st.sampled_from(["Ada", "Grace"]), unique=True).map(tuple),
    day=st.none() | st.builds(PrintedDate, st.integers(1, 12), st.integers(1, 28), st.just(2026)),
)


@given(
    st.lists(sightings, min_size=1, max_size=4).flatmap(
        lambda s: st.tuples(st.just(s), st.permutations(s))
    )
)
def test_the_order_of_the_printings_does_not_matter(orders: tuple[list[Sighting], list[Sighting]]):
    one, other = orders
    assert seen(*one) == seen(*other)


@given(sightings)
def test_merging_a_paper_with_itself_changes_nothing(sighting: Sighting):
    (paper,) = seen(sighting)
    assert merge(paper, paper) == paper
