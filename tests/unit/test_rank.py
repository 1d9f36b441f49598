from dataclasses import replace
from datetime import date, timedelta
from time import process_time

import pytest

from digest.rank import TOP, Entrant, Weights, rank

DAY = date(2031, 5, 6)
WEIGHTS = Weights()


def entrant(title, votes=None, days_ago=0, **facts):
    """A paper seen `days_ago`; `votes` is its count of today, or a list of the last days'."""
    counts = [votes] if isinstance(votes, int) else votes or []
    series = [(DAY - timedelta(len(counts) - 1 - n), count) for n, count in enumerate(counts)]
    seen = DAY - timedelta(days_ago)
    return Entrant(f"ref-{title}", title, seen, votes=tuple(series), **facts)


def order(*entrants, weights=WEIGHTS, last=None):
    ranks = rank(entrants, DAY, weights, last)
    titles = {each.ref: each.title for each in entrants}
    return [titles[ref] for ref in sorted(ranks, key=lambda ref: ranks[ref].place)]


def parts(of, *others, weights=WEIGHTS):
    return dict(rank([of, *others], DAY, weights)[of.ref].parts)


def test_more_votes_are_better():
    assert order(entrant("A", 1), entrant("B", 30), entrant("C", 7)) == ["B", "C", "A"]


def test_it_is_the_votes_a_day_that_count():
    fresh, old = entrant("Fresh", 20), entrant("Old", 30, days_ago=6)
    assert order(old, fresh) == ["Fresh", "Old"]


def test_one_good_hour_is_no_proof():
    alone = parts(entrant("A", 30), weights=Weights(votes=1))["votes"]
    among = parts(entrant("A", 30), *(entrant(f"x{n}", 0) for n in range(9)))["votes"]
    assert alone == among == 1.0  # the best of the day
    one, many = entrant("One", 8), entrant("Many", 24, days_ago=2)
    few = [entrant(f"x{n}", 0) for n in range(9)]
    assert parts(one, many, *few)["votes"] < parts(many, one, *few)["votes"]


def test_a_paper_whose_votes_nobody_printed_is_like_the_mean():
    said = [entrant("Good", 20), entrant("Poor", 0)]
    assert order(*said, entrant("Unsaid")) == ["Good", "Unsaid", "Poor"]


def test_without_votes_the_latest_comes_first_then_what_more_sources_carry_then_by_title():
    papers = [
        entrant("b"),
        entrant("A"),
        entrant("Carried", sources=3),
        entrant("Old", published=DAY - timedelta(30)),
        entrant("Older", published=DAY - timedelta(60)),
    ]
    assert order(*papers) == ["Carried", "A", "b", "Old", "Older"]


def test_recency_halves_with_every_week():
    week = parts(entrant("A", published=DAY - timedelta(7)), weights=Weights(recency=1))
    assert week["recency"] == 0.5
    assert parts(entrant("A", published=DAY + timedelta(9)))["recency"] == WEIGHTS.recency


def test_what_fits_the_query_comes_first():
    assert order(entrant("A", 5), entrant("B", 5, match=0.9)) == ["B", "A"]


def test_papers_on_one_trick_do_not_fill_the_top():
    trick = [entrant(f"Trick {n}", 20 - n, keyphrases=("felt lens", f"x{n}")) for n in range(5)]
    other = entrant("Other", 14, keyphrases=("wool",))
    assert order(*trick, other)[:2] == ["Trick 0", "Other"]
    assert order(*trick, other, weights=Weights(diversity=0))[5] == "Other"


def test_only_two_hundred_of_the_best_give_way_to_one_another():
    best = [entrant(f"Best {n:03}", 500 - n, keyphrases=(f"k{n}",)) for n in range(TOP)]
    twins = [entrant(f"Twin {n}", 9 - n, keyphrases=("felt lens",)) for n in range(2)]
    assert order(*best, *twins)[TOP:] == ["Twin 0", "Twin 1"]
    assert "diversity" not in parts(twins[1], *best, twins[0])
    assert parts(best[-1], *best[:-1], *twins)["diversity"] == 0


@pytest.mark.parametrize("name", ["votes", "recency", "sources", "match"])
def test_a_part_without_weight_counts_for_nothing(name):
    paper = entrant("A", 9, sources=2, match=1.0)
    weights = replace(WEIGHTS, **{name: 0})
    assert parts(paper)[name] > 0
    assert parts(paper, weights=weights)[name] == 0


def test_the_score_is_the_sum_of_its_parts_which_are_all_told():
    papers = [entrant("A", 9, keyphrases=("x",)), entrant("B", 3, sources=2, keyphrases=("x",))]
    for found in rank(papers, DAY, WEIGHTS).values():
        assert [name for name, _ in found.parts] == [
            *("votes", "recency", "sources", "match", "diversity"),
        ]
        assert found.score == pytest.approx(sum(value for _, value in found.parts))


def test_the_order_of_the_entrants_changes_nothing():
    papers = [entrant(f"P{n}", n % 3, keyphrases=(f"k{n % 4}", "z")) for n in range(30)]
    assert rank(papers, DAY, WEIGHTS) == rank(papers[::-1], DAY, WEIGHTS)


def test_the_paper_whose_votes_grew_most_since_the_last_edition_is_rising():
    papers = [entrant("Big", [100, 101]), entrant("Up", [2, 12]), entrant("New", 50)]
    ranks = rank(papers, DAY, WEIGHTS, DAY - timedelta(1))
    assert [ref for ref, each in ranks.items() if each.rising] == ["ref-Up"]


def test_growth_counts_from_the_last_edition_on():
    papers = [entrant("Early", [0, 90, 91]), entrant("Late", [0, 1, 11])]
    ranks = rank(papers, DAY, WEIGHTS, DAY - timedelta(1))
    assert ranks["ref-Late"].rising


@pytest.mark.parametrize("votes", [[5], [5, 5], [5, 3], []])
def test_nothing_rises_where_no_votes_grew(votes):
    assert not any(each.rising for each in rank([entrant("A", votes)], DAY, WEIGHTS).values())


def test_no_papers_have_no_ranks():
    assert rank([], DAY, WEIGHTS) == {}


def test_ten_thousand_papers_are_ranked_in_a_second():
    papers = [entrant(f"P{n}", n % 7, keyphrases=(f"k{n % 50}", f"z{n}")) for n in range(10_000)]
    start = process_time()
    rank(papers, DAY, WEIGHTS)
    assert process_time() - start < 1
