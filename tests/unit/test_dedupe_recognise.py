import time
from collections.abc import Iterable
from datetime import date
from typing import Any

import pytest

from digest.dedupe.fingerprint import printing
from digest.dedupe.memory import Memory
from digest.dedupe.recognise import Recogniser, Verdict
from digest.model import Answer
from digest.printings import CROWD, NO_RULES, Printing, Rules

MONDAY, TUESDAY, FRIDAY = date(2026, 11, 16), date(2026, 11, 17), date(2026, 11, 20)

KITES = "Anisotropic Kites: How Paper Flies in a Gale over the Northern Harbour"
FLIGHT = """
    We fly kites of anisotropic paper over a northern harbour and measure how the ropes bend in a
    gale. Meadows of copper lanterns light the quay at night, so that each knot is seen. Our kites
    rise higher than those of silk, and fall later, in nine of ten winters. We also tell how the
    paper is glued, why cedar is lighter than amber, and what the sparrows thought of it.
"""
ORCHARDS = "Orchards in Winter and What Grows There"
GROWTH = """
    An orchard sleeps in winter, yet below the snow a hundred roots drink slowly. The gardener
    counts each bud twice, writes the number on birch bark, and burns what is wrong. After thirty
    years the bark tells which trees bear pears early and which of them only promise to. Nobody
    else reads it.
"""


class Desk:
    """Known papers and what was decided of them."""

    def __init__(self, rules: Rules = NO_RULES) -> None:
        self.known = Memory()
        self.rules = rules
        self.verdicts: dict[int, Verdict] = {}

    def see(self, *papers: tuple[date, Printing]) -> list[int]:
        fresh = {self.known.add(paper, day): paper for day, paper in papers}
        recogniser = Recogniser(self.known, self.rules)
        recogniser.see(fresh)
        self.verdicts |= recogniser.verdicts
        for handle, verdict in recogniser.verdicts.items():
            self.known.answer(handle, verdict.answer, verdict.of)
        return list(fresh)

    def answers(self, handles: Iterable[int]) -> list[Answer]:
        return [self.verdicts[handle].answer for handle in handles]

    def works(self, handles: Iterable[int]) -> set[int]:
        return {member.representative for member in self.known.members(list(handles)).values()}


def on(
    day: date, title: str = KITES, abstract: str = FLIGHT, **known: Any
) -> tuple[date, Printing]:
    return day, printing(title, abstract, **known)


def test_what_nothing_is_like_is_new():
    desk = Desk()
    handles = desk.see(on(MONDAY), on(MONDAY, ORCHARDS, GROWTH))
    assert desk.answers(handles) == [Answer.NEW, Answer.NEW]
    assert all(desk.verdicts[each].of is None and desk.verdicts[each].why for each in handles)


def test_what_was_seen_before_is_the_same_as_the_first_printing():
    desk = Desk()
    (first,) = desk.see(on(MONDAY))
    later = desk.see(on(TUESDAY, KITES.upper(), FLIGHT[:200]), on(FRIDAY, KITES[:60], ""))
    assert desk.answers(later) == [Answer.SAME, Answer.SAME]
    assert {desk.verdicts[each].of for each in later} == {first}


def test_an_answer_says_why_and_how_much_alike_the_two_are():
    desk = Desk()
    desk.see(on(MONDAY))
    (later,) = desk.see(on(TUESDAY, "Why Sparrows Sing"))
    verdict = desk.verdicts[later]
    assert verdict.answer is Answer.SAME
    assert verdict.why == "has much the same abstract"
    assert verdict.abstract == 1
    assert verdict.title is not None
    assert verdict.title < 60


def test_a_sequel_is_related_and_stands_for_itself():
    desk = Desk()
    (first,) = desk.see(on(MONDAY, "Kite 2 in the Wind"))
    (sequel,) = desk.see(on(TUESDAY, "Kite 3 in the Wind"))
    assert desk.verdicts[sequel].answer is Answer.RELATED
    assert desk.verdicts[sequel].of == first
    assert desk.works([first, sequel]) == {first, sequel}


def test_of_two_works_the_more_alike_is_taken():
    desk = Desk()
    one, _ = desk.see(on(MONDAY, arxiv_id="2601.00001"), on(MONDAY, arxiv_id="2601.00002"))
    (again,) = desk.see(on(TUESDAY, abstract=FLIGHT[:250], arxiv_id="2601.00001"))
    assert desk.known.members([again])[again].representative in desk.works([one])


def test_an_older_printing_that_comes_late_stands_for_the_work():
    desk = Desk()
    (late,) = desk.see(on(FRIDAY))
    (early,) = desk.see(on(MONDAY, abstract=FLIGHT[:250]))
    assert desk.verdicts[early].answer is Answer.NEW
    assert desk.verdicts[late].answer is Answer.SAME
    assert desk.verdicts[late].of == early


def test_a_printing_seen_on_an_earlier_day_than_was_known_comes_first():
    desk = Desk()
    one, other = desk.see(on(FRIDAY), on(TUESDAY, abstract=FLIGHT[:250]))
    assert desk.works([one, other]) == {other}
    desk.see(on(MONDAY))
    assert desk.works([one, other]) == {one}


def test_a_late_paper_joins_two_works_into_one():
    desk = Desk()
    one, other = desk.see(
        on(TUESDAY, KITES, "", arxiv_id="2601.00001"), on(FRIDAY, "Why Sparrows Sing", GROWTH)
    )
    assert desk.works([one, other]) == {one, other}
    (first,) = desk.see(on(MONDAY, KITES, GROWTH))
    assert desk.works([one, other, first]) == {first}


def test_who_is_like_a_member_only_follows_and_is_not_swallowed():
    desk = Desk()
    head, member = desk.see(on(MONDAY, KITES, ""), on(TUESDAY, KITES, FLIGHT))
    (chain,) = desk.see(on(FRIDAY, "Why Sparrows Sing", FLIGHT))
    assert desk.works([head, member]) == {head}
    assert desk.verdicts[chain].answer is Answer.RELATED
    assert desk.verdicts[chain].of == head
    assert desk.works([head, chain]) == {head, chain}


def test_an_id_in_the_wrong_place_swallows_nothing():
    desk = Desk()
    one, other = desk.see(
        on(MONDAY, arxiv_id="2601.00001"), on(TUESDAY, ORCHARDS, GROWTH, arxiv_id="2601.00001")
    )
    assert desk.verdicts[other].answer is Answer.RELATED
    (again,) = desk.see(on(FRIDAY, ORCHARDS, GROWTH))
    assert desk.works([one, other, again]) == {one, other}


def test_seeing_again_changes_nothing():
    desk = Desk()
    papers = on(MONDAY), on(TUESDAY, abstract=FLIGHT[:250]), on(FRIDAY, ORCHARDS, GROWTH)
    handles = desk.see(*papers)
    before = dict(desk.verdicts)
    assert desk.see(*papers) == handles
    assert desk.verdicts == before


def test_what_was_split_by_hand_stays_apart_and_its_copies_go_with_it():
    first, second = on(MONDAY), on(TUESDAY, abstract=FLIGHT[:250])
    refs = frozenset(each.fingerprint.ref for _, each in (first, second))
    desk = Desk(Rules(apart=frozenset([refs])))
    handles = desk.see(first, second)
    assert desk.answers(handles) == [Answer.NEW, Answer.NEW]
    assert len(desk.works(handles)) == 2


def test_what_it_was_compared_with_is_told_the_most_alike_first():
    known = Memory()
    papers = [on(MONDAY, "Kite 2 in the Wind"), on(TUESDAY, "Kite 3 in the Wind", FLIGHT[:300])]
    new = {known.add(each, day): each for day, each in [*papers, on(FRIDAY, "Kite 2 in the Wind")]}
    recogniser = Recogniser(known)
    recogniser.see(new)
    first, sequel = list(new)[:2]
    told = recogniser.compared(sequel)
    assert [member.handle for member, _ in told] == [first]
    assert told[0][1].answer is Answer.RELATED


@pytest.mark.parametrize("title", ["", "Editorial", "Kites", KITES, "x" * 5_000, "kite " * 1_000])
def test_a_thousand_papers_with_one_title_take_no_time_and_grow_no_chain(title: str):
    desk = Desk()
    papers = [
        on(MONDAY, title, f"Paper {n} of its own words tells alpha{n} beta{n} gamma{n} delta{n}.")
        for n in range(1_000)
    ]
    began = time.process_time()
    handles = desk.see(*papers)
    assert time.process_time() - began < 30
    members = desk.known.members(handles)
    for member in members.values():
        head = members[member.representative]
        assert head.representative == head.handle
        assert head.order <= member.order


def test_a_thousand_abstracts_of_one_letter_take_no_time_and_are_a_thousand_works():
    desk = Desk()
    began = time.process_time()
    handles = desk.see(*(on(MONDAY, f"quokka{n} wombat{n} numbat{n}", "a") for n in range(1_000)))
    assert time.process_time() - began < 30
    assert len(desk.works(handles)) == 1_000


def test_a_thousand_copies_of_an_id_are_one_work():
    desk = Desk()
    handles = desk.see(
        *(on(MONDAY, KITES, f"{FLIGHT} {n}", arxiv_id="2601.00001") for n in range(20 * CROWD))
    )
    assert len(desk.works(handles)) == 1


def test_empty_titles_of_different_papers_are_different_works():
    desk = Desk()
    handles = desk.see(on(MONDAY, "", FLIGHT), on(MONDAY, "", GROWTH), on(TUESDAY, "", ""))
    assert len(desk.works(handles)) == 3


@pytest.mark.parametrize("title", [KITES, "A Harbour at Night"])
def test_what_comes_late_is_known_by_title_or_text_however_many_have_its_id(title: str):
    late = on(MONDAY, KITES, arxiv_id="2601.00001")
    words = ["Amber", "Birch", "Cedar", "Copper", "Meadow", "Quay", "Rope", "Silk"]
    others = [on(FRIDAY, f"{word} and Lanterns", "", arxiv_id="2601.00001") for word in words]
    desk = Desk()
    known, *_ = desk.see(on(TUESDAY, title), *others)
    (first,) = desk.see(late)
    assert desk.works([known]) == {first}


@pytest.mark.parametrize("step", [1, -1, 7])
def test_a_paper_that_is_printed_forty_times_is_one_work_in_whatever_order(step: int):
    words = FLIGHT.split()
    printings = [
        on(date(2026, 1, 1 + n // 2), KITES, " ".join(words[: 20 + n]), arxiv_id="2601.00001")
        for n in range(40)
    ]
    desk = Desk()
    handles = [desk.see(printings[step * n % 40])[0] for n in range(40)]
    assert len(desk.works(handles)) == 1


def test_an_id_finds_its_paper_however_many_papers_have_the_title():
    desk = Desk()
    (first,) = desk.see(on(MONDAY, ORCHARDS, GROWTH, arxiv_id="2601.00001"))
    desk.see(*(on(MONDAY, KITES, f"{FLIGHT} {n}", arxiv_id=f"2602.{n:05}") for n in range(30)))
    (renamed,) = desk.see(on(FRIDAY, KITES, GROWTH, arxiv_id="2601.00001"))
    assert desk.works([renamed]) == {first}
