from dataclasses import replace
from datetime import date

import pytest

from digest.dedupe import Decision, decide, printed
from digest.model import Answer, PrintedDate, Sighting

TODAY = date(2026, 11, 20)
FLIGHT = (
    "We fly kites of anisotropic paper over a northern harbour and measure how the ropes bend in "
    "a gale. Meadows of copper lanterns light the quay at night, so that each knot is seen. Our "
    "kites rise higher than those of silk, and fall later, in nine of ten winters."
)
KITES = Sighting("On the Flight of Anisotropic Kites over a Northern Harbour", FLIGHT, 1)


def told(*sightings: Sighting) -> list[Decision]:
    return list(decide(sightings))


def answers(*sightings: Sighting) -> list[Answer]:
    return [each.answer for each in told(*sightings)]


# --- a printing -----------------------------------------------------------------------------


def test_a_printing_has_all_that_its_source_prints_but_its_counts():
    sighting = replace(
        KITES,
        authors=("Ada Byron",),
        author_count=3,
        organization="Kite Lab",
        organization_handle="kites",
        published=PrintedDate(1, 5, 2026),
        upvotes=7,
        arxiv_id="2601.00001",
        version=2,
        doi="10.1/KITES",
        url="https://kites.example/1",
        code_url="https://code.example/kites",
        categories=("cs.RO",),
    )
    paper, found = printed(sighting, TODAY, history=True)
    for name in ("title", "abstract", "authors", "author_count", "organization", "doi", "url"):
        assert getattr(paper, name) == getattr(sighting, name)
    assert (paper.arxiv_id, paper.version, paper.code_url) == (
        *("2601.00001", 2, "https://code.example/kites"),
    )
    assert (paper.published, paper.history, paper.votes) == (date(2026, 1, 5), True, ())
    assert paper.ref == found.fingerprint.ref
    assert (found.fingerprint.year, found.fingerprint.doi) == (2026, "10.1/kites")


def test_it_was_first_seen_on_the_day_of_its_listing_or_today():
    listed = replace(KITES, day=PrintedDate(11, 16, 2026))
    of_no_day = replace(KITES, day=PrintedDate(2, 30, 2026))
    days = [printed(each, TODAY)[0].first_seen for each in (listed, of_no_day, KITES)]
    assert days == [date(2026, 11, 16), TODAY, TODAY]


def test_what_a_page_glues_to_a_title_is_no_part_of_it():
    paper, found = printed(replace(KITES, title=f"Subscribe{KITES.title}"), TODAY)
    assert paper.title == KITES.title
    assert found == printed(KITES, TODAY)[1]


@pytest.mark.parametrize(
    "note",
    [
        {"announced": "withdrawn"},
        {"abstract": "This paper has been withdrawn by the authors."},
        {"abstract": "(The manuscript was withdrawn: an error in Lemma 2.)"},
    ],
)
def test_a_note_of_withdrawal_is_one_wherever_it_stands(note: dict[str, str]):
    assert printed(replace(KITES, **note), TODAY)[0].withdrawn  # type: ignore[arg-type]


def test_an_abstract_about_withdrawal_is_no_note_of_it():
    about = "Once a paper has been withdrawn it is cited on. We ask why."
    assert not printed(replace(KITES, abstract=about), TODAY)[0].withdrawn


# --- decisions without a store --------------------------------------------------------------


def test_a_paper_printed_twice_is_one_work_and_the_second_time_the_same():
    first, again = told(KITES, replace(KITES, line=9, upvotes=4))
    assert (first.answer, first.of) == (Answer.NEW, None)
    assert (again.answer, again.of, again.work) == (Answer.SAME, first.work, first.work)
    assert again.why


def test_a_title_printed_otherwise_is_the_same_paper_and_scores_tell_how_much_alike():
    plain = replace(KITES, title="μ-Kites: O(n) flight for kites")
    stripped = replace(KITES, title=r"$\mu$-Kites: $O(n)$ Flight for Kites", abstract=FLIGHT[:150])
    found = told(plain, stripped)
    assert sorted(each.answer for each in found) == ["new", "same"]
    assert len({each.work for each in found}) == 1
    (same,) = (each for each in found if each.answer is Answer.SAME)
    assert same.title_score is not None
    assert same.title_score > 80
    assert same.abstract_score == 1


def test_a_sequel_that_adds_plusses_is_another_paper_and_follows():
    first, sequel = told(
        replace(KITES, day=PrintedDate(11, 16, 2026)),
        replace(KITES, title=KITES.title + "++", day=PrintedDate(11, 17, 2026)),
    )
    assert (first.answer, sequel.answer) == (Answer.NEW, Answer.RELATED)
    assert sequel.of == first.work != sequel.work


def test_what_comes_last_may_stand_for_a_work_where_its_day_is_the_first():
    late = replace(KITES, day=PrintedDate(11, 17, 2026))
    early = replace(KITES, abstract=FLIGHT[:150], day=PrintedDate(11, 16, 2026))
    assert answers(late, early) == [Answer.SAME, Answer.NEW]
    assert answers(KITES, early) == [Answer.SAME, Answer.NEW], "without a day it counts as late"


def test_without_papers_nothing_is_said():
    assert told() == []


def test_more_papers_than_a_batch_are_told_in_their_order():
    many = [Sighting(f"quokka{n} wombat{n} numbat{n}", "", n) for n in range(1_203)]
    found = told(*many, many[3])
    assert [each.answer for each in found] == [*[Answer.NEW] * len(many), Answer.SAME]
    assert found[-1].work == found[3].work
