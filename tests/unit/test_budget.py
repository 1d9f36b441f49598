from dataclasses import replace

import pytest
from samples import CARD

from digest.budget import KEPT_CARDS, Share, demoted, largest, turns
from digest.model import Rank, Theme, Tier


def theme(*papers):
    """A theme of papers, each with its place in the ranks and its tier."""
    cards = [replace(CARD, rank=Rank(place, 1.0), tier=tier) for place, tier in papers]
    return Theme("t", "T", "", tuple(cards))


def test_the_best_of_each_theme_comes_first_then_the_better_and_lines_after_cards():
    themes = [
        theme((4, Tier.CARD), (1, Tier.CARD), (5, Tier.LINE)),
        theme((2, Tier.CARD), (3, Tier.CARD), (9, Tier.ONLINE)),
        theme((6, Tier.LINE)),
    ]
    order, wanted = turns(themes, 90_000)
    assert [themes[i].cards[n].rank.place for i, n in order] == [1, 2, 3, 4, 6, 5]
    assert wanted == Share(4, 2)


def test_papers_without_ranks_take_turns():
    order, _ = turns([theme(*[(0, Tier.CARD)] * 3), theme(*[(0, Tier.CARD)] * 2)], 90_000)
    assert order == [(0, 0), (1, 0), (0, 1), (1, 1), (0, 2)]


def test_more_papers_than_ever_fit_are_not_even_tried():
    assert turns([theme(*[(0, Tier.CARD)] * 50)], 2_000)[1] == Share(20, 0)


def down(wanted):
    """Every share that is tried where only nothing at all fits, from the largest on."""
    room = sum(wanted) * 20 + 1
    found = []
    while not found or found[-1] != (0, 0):
        room -= 1
        share = largest(wanted, lambda share, room=room: 10 * share.cards + 3 * share.lines <= room)
        found += [share] if [share] != found[-1:] else []
    return found


def test_cards_become_lines_then_lines_go_and_the_best_cards_last():
    kept = KEPT_CARDS
    steps = down(Share(kept + 3, 2))
    assert steps[:7] == [
        *((kept + 3, 2), (kept + 2, 3), (kept + 1, 4), (kept, 5)),
        *((kept, 4), (kept, 3), (kept, 2)),
    ]
    assert steps[-4:] == [(1, 1), (1, 0), (0, 1), (0, 0)]


@pytest.mark.parametrize("wanted", [Share(0, 0), Share(3, 0), Share(0, 3), Share(60, 40)])
def test_a_less_important_paper_never_gets_more(wanted):
    for cards, lines in down(wanted):
        assert cards <= wanted.cards
        assert cards + lines <= sum(wanted)


def test_what_fits_as_it_was_wanted_is_asked_once():
    asked = []
    assert largest(Share(9, 9), lambda share: asked.append(share) or True) == (9, 9)
    assert len(asked) == 1


def test_a_thousand_papers_take_few_trials():
    asked = []

    def fits(share):
        asked.append(share)
        return sum(share) < 30

    assert largest(Share(400, 600), fits) == (KEPT_CARDS, 29 - KEPT_CARDS)
    assert len(asked) < 13


def test_nothing_fits_where_even_no_paper_does():
    assert largest(Share(2, 2), lambda _: False) is None


@pytest.mark.parametrize(
    ("share", "number"), [((4, 3), 0), ((2, 5), 2), ((2, 3), 4), ((0, 0), 7), ((4, 1), 2)]
)
def test_demoted_papers_are_those_that_got_less_than_they_should(share, number):
    assert demoted(Share(4, 3), Share(*share)) == number
