import subprocess
import sys
from math import isfinite

import pytest

from digest.faults import Fault, fault_of
from digest.model import Note
from digest.summarise import (
    COMPACT_LENGTH,
    LEAD_LENGTH,
    LENGTH,
    MOST_RATED,
    explain,
    summarise,
    text_hash,
)
from digest.summarisers import summariser
from digest.text import sentences
from digest.trim import trimmed

EDMUNDSON = summariser("edmundson")
TRAINED = summariser("trained")

TITLE = "Stirred Networks"
FIELD = "Deep networks have become a common tool for kitchens."
REFERENCE = "However, these networks are costly to stir."
QUESTION = "Can we stir them faster?"
NEWS = "We propose Stirred Networks, which mix layers without a spoon."
DETAIL = "A ladle joins the two halves."
RESULT = "Experiments on three benchmarks show a speed-up of 2.5× at the same accuracy."
CODE = "Our code is available at https://github.com/example/stirred."


def _summary(*parts):
    return summarise(TITLE, " ".join(parts), EDMUNDSON)


def test_the_lead_says_what_is_new_and_the_finding_gives_the_figure():
    summary = _summary(FIELD, REFERENCE, QUESTION, NEWS, DETAIL, RESULT, CODE)
    assert (summary.lead, summary.finding) == (NEWS, RESULT)
    assert summary.method == EDMUNDSON.METHOD


def test_the_spans_spell_lead_and_finding():
    abstract = f"{FIELD} {NEWS} {DETAIL} {RESULT}"
    summary = summarise(TITLE, abstract, EDMUNDSON)
    lead, finding = summary.spans
    assert summary.lead_spans == 1
    assert abstract[slice(*lead)] == summary.lead
    assert abstract[slice(*finding)] == summary.finding


def test_no_abstract_has_no_summary():
    assert summarise(TITLE, "", EDMUNDSON) is None


@pytest.mark.parametrize(
    "only",
    [
        FIELD,
        "These networks are costly to stir.",
        QUESTION,
        CODE,
        "We propose a stirrer that is",
        "Yes.",
        "42",
    ],
)
def test_an_only_sentence_is_the_lead_however_poor(only):
    assert _summary(only).lead == only


@pytest.mark.parametrize(
    "poor",
    [
        "This makes our new networks cheap, and we present them in this work.",
        "It is a novel network that we develop and introduce in this new work.",
        "Such new networks, we propose, are novel and new.",
        "However, we propose and present and introduce new and novel networks.",
        "Can we propose a novel and new network and describe it in a new paper?",
        "We present new networks, see https://example.org/new for a new paper.",
        "We release our new code and the novel data of this new paper.",
        "(2) Finally, we propose new networks and we present novel work.",
        "Unfortunately, we are currently unable to propose or present new work.",
    ],
)
def test_a_plain_sentence_of_the_authors_beats_one_that(poor):
    plain = "A way to mix layers without a spoon is shown in this paper."
    assert _summary(poor, plain).lead == plain
    assert _summary(plain, poor).lead == plain


@pytest.mark.parametrize(
    ("poor", "fault"),
    [
        ("Moreover, we propose a new lid and a novel pot.", Fault.SECONDARY),
        ("We study how a pot of soup can be kept warm on a windy day at sea.", Fault.TOPIC),
        ("Our goal is to keep every pot of soup warm on a windy day at sea.", Fault.TOPIC),
        ("We study how to keep soup warm, i.e., serving a pot on a windy day at sea.", Fault.TOPIC),
        ("We analyze a soup that is warmed by large lids on a windy day at sea.", Fault.TOPIC),
        ("Under mild winds, we study how pots of soup are kept warm at sea.", Fault.TOPIC),
        ("As lids are rare, we ask how a pot of soup should be kept warm at sea.", Fault.TOPIC),
        ("The article discusses how a pot of soup can be kept warm at sea.", Fault.TOPIC),
        ("We evaluate our new pots and present novel work.", Fault.TESTED),
        ("Extensive experiments on new pots show that StirNet keeps soup warm.", Fault.TESTED),
        ("We demonstrate our novel method by stirring a new pot.", Fault.TESTED),
        ("We conduct extensive experiments with new pots.", Fault.TESTED),
        ("Experiments demonstrate the effectiveness of our novel new pots.", Fault.TESTED),
        ("Our new paper provides novel insights into soup.", Fault.WORTH),
        ("New pots could potentially be used for novel soup.", Fault.WORTH),
        ("By warming soups, our new pots offer a powerful tool for novel kitchens.", Fault.WORTH),
        ("Our new work will be helpful to novel kitchens at sea.", Fault.WORTH),
        ("In each iteration, we stir a new pot with a novel ladle.", Fault.DETAIL),
        ("For large pots of soup, we propose and present a novel lid.", Fault.DETAIL),
        (f"As {'many ' * 18}lids are rare, we ask how soup is kept warm at sea.", Fault.TOPIC),
        ("We conduct a large, many-sided study of pots and an evaluation at sea.", Fault.TOPIC),
        ("We initiate a careful study of how soup is kept warm at sea.", Fault.TOPIC),
        ("We develop a statistical theory of stirring soup on windy days at sea.", Fault.TOPIC),
        ("This article deals with pots of soup of the following form: a lid, a wall.", Fault.TOPIC),
        ("We study how soup is kept warm at sea through a culinary lens.", Fault.TOPIC),
        ("We begin by introducing a new pot that keeps soup warm.", Fault.SECONDARY),
        ("We conjecture that new soups are warm and present novel work.", Fault.SECONDARY),
        ("Our algorithm provides a key technique for novel soups and new pots.", Fault.WORTH),
        ("We map the algorithm onto new pots and novel ladles.", Fault.REFERRING),
        ("We would like a better soup for every new kitchen.", Fault.BACKGROUND),
        ("We propose a new pot that in theory can overcome the challenges.", Fault.TROUBLE),
        ("We propose a new pot for cooks at sea that resolves such conflicts.", Fault.TROUBLE),
        ("We keep each bowl of soup warm for cooks at sea by these lids.", Fault.REFERRING),
        ("Photos of pots and a checklist of ladles are provided.", Fault.DETAIL),
        ("A key to the copper pots of the world is provided.", Fault.DETAIL),
        ("An identification key for lids of both forms is given.", Fault.DETAIL),
        ("At the second stage, we stir a new pot with a novel ladle.", Fault.DETAIL),
        ("We have the following findings about novel new soup: 1.", Fault.FRAGMENT),
        ("We introduce a novel new set of soups, .", Fault.FRAGMENT),
        ("We study how cooks learn to give warm soup on a windy day at sea.", Fault.TOPIC),
        ("We present new work that enriches the latter.", Fault.REFERRING),
        ("We propose the first novel pot to achieve this.", Fault.REFERRING),
        ("These new pots, as we propose, are novel.", Fault.DANGLING),
        ("For the second kind of pots, we propose a novel lid.", Fault.DANGLING),
        ("The novel taste of new soup is poorly understood.", Fault.BACKGROUND),
        ("We are witnessing novel soups in new pots.", Fault.BACKGROUND),
        ("Our new work offers a fresh perspective on novel soups.", Fault.WORTH),
        ("We then apply it to novel soups and new pots at sea.", Fault.REFERRING),
        ("By stirring novel soups in new pots, this ladle keeps cooks warm.", Fault.REFERRING),
        ("We propose a novel lid and new pots as remedies.", Fault.TROUBLE),
        ("Our new work shows that the community cannot ignore novel soups.", Fault.WORTH),
        ("We present a novel warmth of new soups adapted to our setting.", Fault.REFERRING),
        ("Through the definition, we present novel soups and new pots.", Fault.REFERRING),
        ("Our new hypothesis was that novel soups stay warm in pots.", Fault.TOPIC),
        ("By the Red List of pots we propose that new ladles are rare.", Fault.DETAIL),
        ("Descriptions and a key to the new species of pots are provided.", Fault.DETAIL),
        ("We present a new pot with a ≤ b, x = y and 0 < z.", Fault.SYMBOLS),
        ("This dissertation is dedicated to pots of soup that stay warm at sea.", Fault.TOPIC),
        ("Instead of larger lids, our work is devoted to pots of novel soup.", Fault.TOPIC),
        ("Theoretically, our new pots are novel work as we propose.", Fault.SECONDARY),
        ("To further evaluate the new pots, we propose novel soups.", Fault.TESTED),
        ("Our techniques generalize to new pots, as we show in novel work.", Fault.SECONDARY),
    ],
)
def test_what_brings_a_reader_little_has_its_fault(poor, fault):
    assert _fault(poor) == fault


def test_what_was_found_beats_what_is_studied():
    found = "A way to mix layers without a spoon is shown in this paper."
    assert _summary("We study and present new soup.", found).lead == found


@pytest.mark.parametrize(
    "told",
    [
        "We study pots and show that lids keep soup warm on a windy day at sea.",
        "We analyze pots by their lids, walls and handles on a windy day at sea.",
        "We review pots, dividing them into five kinds by lids, walls and handles.",
        "Our aim in this work is to show that lids keep soup warm on a windy day at sea.",
        "We present evidence of a deep study of soup by cooks at sea.",
        "Our empirical results show that lids keep soup warm on windy days.",
        "This publication tells of a pot that keeps soup warm at sea.",
        "We propose a pot that overcomes the challenges of windy days at sea.",
        "We propose pots for cooks of the U.S. and the U.K. on windy days at sea.",
        "We propose pots (e.g., of clay) with lids (e.g., of tin) for E. coli and C. elegans.",
    ],
)
def test_what_says_what_was_done_has_no_fault(told):
    assert _fault(told) == Fault.NONE


class Rated:
    """A summariser that is told its ratings."""

    METHOD = "rated-1"

    def __init__(self, *ratings):
        self._ratings = ratings

    def rate(self, title, parts):
        return self._ratings


CLAIM = "We demonstrate that a bent ladle keeps every soup warm."


def _lead(opener, claim, *ratings):
    return summarise(TITLE, f"{opener} {claim}", Rated(*ratings)).lead


@pytest.mark.parametrize(
    "opener",
    [
        "We study how a pot of soup can be kept warm on a windy day at sea.",
        "We consider the case of soup.",
        "We evaluate pots of soup and ladles of wood.",
        "This work also presents a lid for all the pots of a kitchen.",
        "This paper then shows that a lid is worth its price in every wind.",
        "A ladle joins the two halves.",
    ],
)
def test_what_opens_or_adds_gives_way_to_a_claim_that_is_rated_nearly_as_well(opener):
    assert _lead(opener, CLAIM, 2.6, 1.2) == CLAIM
    assert _lead(opener, CLAIM, 5.2, 1.2) == opener


def test_what_only_asks_what_the_title_asks_gives_way_to_a_claim_that_is_rated_far_less():
    asked = "We study the warmth of stirred networks under lids."
    more = "We study the warmth of stirred networks under lids of wood, copper and clay at sea."
    assert _lead(asked, CLAIM, 4.2, 1.5) == CLAIM
    assert _lead(asked, CLAIM, 4.5, 1.5) == asked
    assert _lead(more, CLAIM, 4.2, 1.5) == more


@pytest.mark.parametrize(
    "claim",
    [
        "We find, to the surprise of all cooks, that a bent ladle keeps soup warm.",
        "We prove a bound on the warmth of soup under a bent ladle.",
        "Our main results reveal a ladle that keeps soup warm.",
        "The warmth of soup under a bent ladle is proved for any wind.",
        "This work suggests that ladles should be bent.",
    ],
)
def test_a_claim_is_a_deed_of_the_authors_or_of_their_results(claim):
    assert _lead("We study how a pot of soup is kept warm at sea.", claim, 2.6, 1.2) == claim


@pytest.mark.parametrize(
    "other",
    [
        "We stir a pot with a bent ladle while every soup stays warm.",
        "We show by a long series of bent ladles for this soup that cooks know it.",
        "We prove for pots with bent ladles and with lids that such soups stay warm.",
        "We derive a bound on the error of the obtained formula for bent ladles.",
        "We also show that a bent ladle keeps every soup warm.",
    ],
)
def test_what_is_no_claim_by_itself_takes_no_place(other):
    opener = "We study how a pot of soup can be kept warm on a windy day at sea."
    assert _lead(opener, other, 3.0, 1.2) == opener


@pytest.mark.parametrize(
    "claim",
    [
        "We define a measure of how warm a bent ladle keeps a pot of soup.",
        "We create a taxonomy of ladles by how warm they keep a pot.",
        "We use the lids of pots to derive a bound on the warmth of soup.",
        "We prove that q ladles keep w pots of v soups warm in z bowls.",
    ],
)
def test_what_was_made_or_told_in_symbols_takes_the_place_of_what_is_studied(claim):
    assert _lead("We study how a pot of soup is kept warm at sea.", claim, 2.6, 1.4) == claim


def test_what_nobody_says_to_be_theirs_is_a_little_worse():
    nobodys = "Bent ladles of wood keep bowls of soup warm on windy days."
    ours = "We keep bowls of soup warm on windy days with ladles of wood."
    assert _lead(nobodys, ours, 2.1, 2.0) == ours


def test_of_two_that_are_rated_nearly_alike_what_was_found_leads():
    deed = "We stir soup of many kinds in large pots on a windy day at sea."
    found = "We show that a bent ladle keeps every soup warm on a windy day."
    assert _lead(deed, found, 2.2, 2.0) == found
    assert _lead(deed, found, 2.4, 2.0) == deed


def test_what_is_proposed_last_is_no_addition():
    proposed = "We then propose a lid that keeps soup warm for every wind."
    assert _lead(proposed, CLAIM, 3.0, 1.2) == proposed.replace(" then", "")


def _fault(sentence):
    start = trimmed(sentence, (0, len(sentence)))[0][0]
    said = sentence.lower()
    return fault_of(said[start:], [said[:start]])


@pytest.mark.parametrize(
    "contribution",
    [
        "We analyse 10,000 issues on GitHub and find new spoons among them.",
        "We study how models on Hugging Face are licensed in a new paper.",
        "We provide theoretical models of how schools of fish stir new soups.",
        "We present how models are at risk of collapse in new kitchens.",
        "Data augmentation is made available to new bowls by the novel ladle we propose.",
        "We present new soups of data where tasting is costly and only a novel ladle is available.",
    ],
)
def test_a_contribution_about_code_or_models_is_none_of_the_papers_links(contribution):
    assert _summary(DETAIL, contribution).lead == contribution


@pytest.mark.parametrize(
    "link",
    [
        "Our new code and novel data are available on GitHub.",
        "The novel models of this new paper will be publicly available.",
        "We propose our new paper on GitHub: https://example.org/new.",
        "Code on GitHub, as we present in this novel new paper.",
        "The new novel data are at the project page of this new paper.",
    ],
)
def test_where_to_get_it_is_no_contribution(link):
    assert _summary(DETAIL, link).lead == DETAIL


def test_what_is_to_come_of_the_field_is_no_contribution():
    outlook = "New paper spoons have the potential to change how we present and work new soups."
    assert _summary(outlook, DETAIL, NEWS).lead == NEWS
    assert _summary(
        f"{outlook[:-1]} by which we live.", "A new way to mix is shown here."
    ).lead == ("A new way to mix is shown here.")


def test_what_the_paper_brings_beats_background_even_where_it_refers_back():
    news = "We propose to stir such networks without a spoon."
    assert _summary(FIELD, "Stirring is an art of many centuries.", news).lead == news


def test_a_cut_off_end_is_not_chosen_while_there_is_another_sentence():
    cut = "We propose Stirred Networks, a new and novel way to mix lay…"
    assert _summary(DETAIL, cut).lead == DETAIL
    assert _summary(DETAIL, cut.rstrip("…")).lead == DETAIL
    assert _summary(DETAIL, cut.replace("…", "...")).lead == DETAIL
    assert _summary(DETAIL, cut, "It is round.").lead == DETAIL
    assert _summary(NEWS, "We show that it is 30% faster than the b...…").finding is None


def test_the_lead_is_never_longer_than_two_lines_while_another_sentence_fits():
    long = "We propose " + "a very " * 60 + "long way to mix layers."
    assert len(long) > LEAD_LENGTH
    assert _summary(long, DETAIL).lead == DETAIL


def test_where_no_sentence_fits_the_shortest_whole_one_is_the_lead():
    long = "We propose " + "a very " * 60 + "long way to mix layers."
    longer = "We propose " + "a very " * 70 + "long way to mix layers."
    cut = "We propose " + "a very " * 50 + "short"
    assert _summary(longer, long, cut).lead == long


@pytest.mark.parametrize(
    "worthless",
    ["Code is available at https://example.org/new.", "Can they?", "Yes.", "We propose a new..."],
)
def test_a_worthless_sentence_is_no_lead_because_it_is_short(worthless):
    long = "We propose " + "a very " * 60 + "long way to mix layers."
    longer = "We propose " + "a very " * 70 + "long way to mix layers."
    summary = _summary(longer, long, worthless)
    assert summary.lead == long
    assert Note.LONG in summary.notes


def test_lead_and_finding_fit_the_card():
    result = "Experiments show a gain of 30% " + "and of more " * 27 + "besides."
    assert len(NEWS) + len(result) > LENGTH
    assert _summary(NEWS, result).finding is None
    assert _summary(NEWS, result, RESULT).finding == RESULT


@pytest.mark.parametrize(
    "empty",
    [
        "Stirred Networks lay a foundation to boost the warmth of soups.",
        "The pots represent a significant step towards faster soups.",
        "The ladle challenges the assumption that lids outperform pots.",
        DETAIL,
        "We present empirical evidence that supports our claims.",
        "Our aim is to reduce costs.",
        "Doe et al. (2020) stirred first [12].",
        "Do experiments show a gain of 30%?",
        "Experiments show a gain of 30%, see https://github.com/example/stirred.",
        "We discuss the limitations of our results in view of the increased autonomy of spoons.",
        "Our work has the potential to advance state-of-the-art stirring, reducing its footprint.",
        "We start by providing results on pots and a detailed view of the performance improvement.",
        "Experiments show promising results and are better left to future work.",
        "Further experiments on 3 pots are planned.",
        "Our results provide a foundation for better soups.",
        "Our experiments demonstrate the improvement and the increased warmth of soups.",
        "We conjecture that the results are better where winds are lower.",
        "We evaluate five state-of-the-art pots on simulated soups.",
        "Given how common soups are, we have evaluated our ladles on 13 tables.",
        "Experiments on 3 pots were run to observe how much better soups get.",
        "Our goal is to find results that reduce costs by 10%.",
        "To taste the results, we employ cooks, many of whom are better than ladles.",
        "We use a pot of 3 lids in our experiments and evaluations.",
        "Lids of O(n) pots are round.",
        "We perform tasting experiments to justify the bend and stir 20 pots.",
        "We identify the state-of-the-art ladles and the tools of cooks.",
        "Our overview tells cooks of state-of-the-art ladles.",
        "Together we stir state-of-the-art ladles.",
        "Comparative tastings were held against six state-of-the-art ladles.",
        "We make an assumption that one of two ladles outperforms the other.",
        "These ladles may surpass cooks as soups grow.",
        "To achieve more with lids, we introduce a result-driven pot of fewer walls.",
        "We show how lids can be added to pots to further improve soups.",
        "Instead of stirring soups.",
        "We test StirNet on a set of 120 soups.",
        "StirNet covers all soups of the years since 1903 and has 2 lids.",
        "Pots of soup consist of 3 lids.",
        "We use a ladle, rather than a spoon.",
        "The ladles are the first to be as bent as spoons.",
        "We use a set of 120 soups of all kinds at sea.",
        "A benchmark of 120 soups was split into two parts.",
        "Soups are named, featuring Ladle 3.1 and Ladle 1.5 Large.",
        "The bowls of soup span 1850 to 1900 on windy days.",
        "Bowls of soup were preserved in 70% ethanol.",
        "The bowls were split into 80% for cooks and 20% for guests.",
        "Pictures of 512×512 bowls are stirred.",
        "Soup cannot be stirred without additional lids.",
        "The lid does not need to be closed.",
        "We ask whether our lids, rather than pots, keep soup warm.",
        "We evaluate our ladles in two kitchens without any cooks.",
        "Unlike soups of words, tea provides warmth.",
        "We report on the state of the art in warm soups.",
        "This promising ladle needs no cook at all.",
        "We hope for ladles that need no cook.",
        "Our experiments show that with more lids, better soups could be achieved.",
    ],
)
def test_a_sentence_without_a_result_is_no_finding(empty):
    assert _summary(NEWS, empty).finding is None


@pytest.mark.parametrize(
    "told",
    [
        "Experiments show that stirring improves soups.",
        "Experiments show an improvement of 12% in warmth.",
        "Experiments show consistent improvements over ladles.",
        "Experiments show promising results, with 12% more warmth.",
        "We evaluate our ladles on 13 tables and find that soups stay warm on 12.",
        "We use bent ladles and achieve 12% more warmth.",
        "Our ladle achieves O(n) stirs for all soups.",
        "Stirring converges at a linear rate.",
        "Ladles improve the warmth by a factor of four.",
        "The warmth of soup is halved every two months.",
        "The warmth follows a power law in the size of pots.",
        "StirNet improves over the ladle of Doe.",
        "StirNet sets a new state-of-the-art in stirring.",
        "Ladles of wood are highly competitive with state of the art lids.",
        "Gains of 10% and 21.5% have been achieved with lids.",
        "The warmth of soup has been doubling every two months since 1903.",
        "The gain in warmth is large, by a factor up to 38.",
        "We find that lids (3 of 4) yield large gains in warmth.",
    ],
)
def test_a_comparison_or_a_figure_is_a_finding(told):
    assert _summary(NEWS, told).finding == told


@pytest.mark.parametrize(
    "told",
    [
        "Warmth rises with the size of pots.",
        "Stirring consistently improves soups.",
        "Cooks with lids need far fewer stirs than cooks without.",
        "Warmth scales sublinearly with the size of pots.",
        "We prove tight bounds for soups of any size.",
        "We find that lids fail to keep soups warm at sea, while pots do well.",
        "In all tastings, the improvement of warmth is significant.",
        "Our ladle attains a warmth polynomial in pots and overcomes the dependence on lids.",
        "A sub-linear time ladle is impossible.",
        "Cochlea undulata differs from all other ladles by its long and bent bowl.",
        "A pot is most similar to a kettle, but can be told by its lid.",
        "Our ladle cuts spills by 43.8% while soup stays warm.",
        "Unlike earlier ladles, StirNet bends with the wind.",
        "In contrast to large pots, we bend a ladle with the wind.",
        "Our ladle bends with the wind, rather than against it.",
        "StirNet stays warm without any additional lids.",
        "StirNet does not assume soups of one kind.",
        "The ladle keeps soup warm without requiring a lid.",
        "Our ladle does not need any wood.",
        "StirNet needs no cook at all.",
        "SoupBench comprises 3,276 bowls of two sizes.",
        "We curate Soup-33K, a set of over 33K bowls of warm soup.",
        "Stirred from 10M+ pots, SoupBench covers 57 soups.",
        "SoupBench contains 1,405 bowls that were filled and tested by cooks.",
        "We introduce SoupQA, a benchmark of 30M bowls of soup.",
        "The taxonomy of 58 ladles spans all kitchens.",
    ],
)
def test_a_comparison_in_other_words_is_a_finding_where_there_is_no_other(told):
    assert _summary(NEWS, told).finding == told
    assert _summary(NEWS, told, RESULT).finding == RESULT


def test_a_finding_that_does_not_fit_goes_without_experiments_show_that():
    result = f"soups stay {'much ' * 58}warmer, by 12%, than in pots."
    found = _summary(NEWS, f"Our experiments at sea show that {result}")
    assert len(NEWS) + len(result) <= LENGTH
    assert found.finding == result
    abstract = f"{NEWS} Our experiments at sea show that {result}"
    told = explain(TITLE, abstract, EDMUNDSON)
    assert [(each.role, each.left_out) for each in told[1:2]] == [
        ("finding", ("Our experiments at sea show that",))
    ]
    assert len(told) == 2


def test_a_finding_may_not_refer_back_once_it_has_lost_its_beginning():
    result = f"their soups stay {'much ' * 58}warmer, by 12%, than in pots."
    telling = "Our experiments at sea show that"
    assert len(NEWS) + len(result) <= LENGTH < len(NEWS) + len(f"{telling} {result}")
    assert _summary(NEWS, DETAIL, f"{telling} {result}", RESULT).finding == RESULT


def test_an_example_that_tells_most_is_the_finding_and_no_lead():
    example = "For instance, a pot of soup is kept warm by 35% longer, as experiments show."
    found = _summary(NEWS, "Experiments show that stirring improves soups.", example)
    assert found.finding == example.removeprefix("For instance, ")
    assert _summary(example, NEWS).lead == NEWS


def test_a_lead_that_does_not_fit_goes_without_this_paper_shows_that():
    claim = f"stirred networks mix layers {'very ' * 46}well without a spoon."
    assert len(claim) <= LEAD_LENGTH < len(f"This paper shows that {claim}")
    assert _lead(f"This paper shows that {claim}", DETAIL, 3.0, 1.0) == claim


def test_a_lead_that_does_not_fit_goes_without_why_it_was_done():
    why = f"Motivated by the finding that soup gets cold in {'old and ' * 12}new pots, "
    lead = f"we propose a lid that keeps soup warm {'and good ' * 12}on windy days at sea."
    assert len(why + lead) > LEAD_LENGTH
    summary = _summary(f"{why}{lead}", DETAIL)
    assert summary.lead == lead


def test_what_stands_right_behind_the_lead_may_refer_to_it():
    bound = "This needs O(n) stirs of a pot."
    assert _summary(NEWS, bound).finding == bound
    assert _summary(NEWS, DETAIL, bound).finding is None
    assert _summary(NEWS, bound, RESULT).finding == RESULT
    ours = "Experiments show that this method outperforms ladles."
    assert _summary(NEWS, DETAIL, ours).finding == ours


@pytest.mark.parametrize(
    ("told", "found"),
    [
        ("Experiments show that it outperforms all ladles of wood.", True),
        ("Experiments show that this loss outperforms ladles of wood.", False),
        ("From this, we show a ladle that outperforms those of wood.", False),
        ("Our ladle resolves these conflicts and outperforms all spoons.", False),
        ("Experiments show a speed-up of 3× by these ladles over spoons.", True),
    ],
)
def test_behind_others_a_finding_names_its_things_or_has_a_figure(told, found):
    assert _summary(NEWS, DETAIL, told).finding == (told if found else None)


def test_of_two_findings_the_one_that_beats_others_counts_as_much_as_one_that_is_shown():
    beats = "Our ladle outperforms all spoons by a large margin."
    assert _summary(NEWS, beats, "Experiments show that stirring improves soups.").finding == beats


@pytest.mark.parametrize(
    ("field", "found"),
    [
        ("Current cooks solve under 2% of all soups.", True),
        ("Current cooks stir 2% of all soups.", False),
    ],
)
def test_what_the_field_scores_is_a_finding_of_a_test_of_it(field, found):
    assert (_summary(NEWS, field).finding == field) is found
    assert _summary(field, NEWS).finding is None


def test_a_result_before_the_lead_is_no_finding():
    assert _summary(RESULT, NEWS).finding is None


def test_every_sentence_is_explained_in_the_order_of_preference():
    abstract = f"{FIELD} {REFERENCE} {QUESTION} {NEWS} {DETAIL} {RESULT} {CODE}"
    told = explain(TITLE, abstract, EDMUNDSON)
    assert [(each.sentence, each.role) for each in told[:3]] == [
        (NEWS, "lead"),
        (RESULT, "finding"),
        (DETAIL, "runner-up"),
    ]
    assert told[0].why == "stands alone; edmundson-1 ranks it 1 of 7"
    assert len(told) == len(sentences(abstract))
    whys = {each.sentence: each.why for each in told}
    assert whys[QUESTION].startswith("asks a question")
    assert whys[CODE].startswith("names code, data or a link")
    assert explain(TITLE, "", EDMUNDSON) == []


def test_the_notes_are_told_at_the_lead():
    told = explain(TITLE, f"{FIELD} {NEWS} It is 30% fas", EDMUNDSON)
    assert [each.notes for each in told] == [(Note.CUT,), (), ()]


def test_only_the_first_hundred_sentences_are_rated():
    abstract = " ".join([FIELD] * MOST_RATED + [NEWS])
    asked = []

    class Counting:
        METHOD = "counting-1"

        def rate(self, title, parts):
            asked.append(len(parts))
            return TRAINED.rate(title, parts)

    told = explain(TITLE, abstract, TRAINED)
    assert summarise(TITLE, abstract, Counting()).lead == NEWS
    assert asked == [MOST_RATED]
    assert len(told) == MOST_RATED + 1
    assert f"ranks it {MOST_RATED + 1} of" in next(
        each.why for each in told if each.sentence == NEWS
    )


@pytest.mark.parametrize("method", ["lexrank", "lsa", "textrank"])
def test_sentences_without_a_common_word_are_ranked_without_a_warning(method, recwarn):
    ratings = summariser(method).rate(TITLE, ["It is.", "They are.", "We stir.", "42"])
    assert all(map(isfinite, ratings))
    assert not recwarn.list


def test_what_was_left_out_is_told():
    told = explain(TITLE, f"{FIELD} In this paper, {NEWS[0].lower()}{NEWS[1:]}", EDMUNDSON)
    assert told[0].left_out == ("In this paper,",)


def test_the_trained_rating_is_the_sum_of_the_features_that_are_told():
    told = explain(TITLE, f"{FIELD} {NEWS} {RESULT}", TRAINED)
    ratings = dict(
        zip([FIELD, NEWS, RESULT], TRAINED.rate(TITLE, [FIELD, NEWS, RESULT]), strict=True)
    )
    for each in told:
        assert sum(weight for _, weight in each.features) == pytest.approx(ratings[each.sentence])
    weights = [abs(weight) for _, weight in told[0].features]
    assert weights == sorted(weights, reverse=True)
    assert "we propose" in dict(told[0].features)


@pytest.mark.parametrize(
    ("abstract", "notes"),
    [
        (f"{FIELD} {NEWS}", ()),
        (NEWS, (Note.ONLY,)),
        (f"{NEWS} It is 30% fas", (Note.CUT,)),
        (f"{NEWS} It is 30% fas...", (Note.CUT,)),
        (f"{NEWS} Code: https://github.com/example/stirred", ()),
        ("We stir " + "and stir " * 60 + "more. " + "So do they " * 40 + "now.", (Note.LONG,)),
        ("我们提出一种新的网络。它比别的快三倍。", (Note.FOREIGN,)),
        (
            "Les réseaux profonds sont devenus un outil des cuisines. Nous proposons une louche.",
            (Note.FOREIGN,),
        ),
    ],
)
def test_what_a_reader_should_know_is_noted(abstract, notes):
    assert summarise(TITLE, abstract, TRAINED).notes == notes


def test_of_another_language_the_first_sentence_is_the_lead():
    first, second = "我们提出一种新的网络。", "它比别的快三倍。"
    assert summarise(TITLE, first + second, TRAINED).lead == first
    plain = "我们提出一种新的网络用来在海上的大风天里保持汤锅的温暖。"
    longer = "汤锅：我们用一把弯曲的勺子把两个木碗连接起来让汤在海上的大风天里保持温暖和美味。"
    assert summarise("汤锅: 网络", f"汤锅是什么？{plain}{longer}", TRAINED).lead == plain


LONG = f"{NEWS[:-1]} and {'keep what is in the pot warm and ' * 5}serve soup."


def test_the_compact_form_is_the_lead_or_the_finding_where_only_that_is_short_enough():
    assert COMPACT_LENGTH < len(LONG) <= LEAD_LENGTH
    assert _summary(FIELD, NEWS, RESULT).compact == NEWS
    summary = _summary(FIELD, LONG, DETAIL, RESULT)
    assert (summary.lead, summary.compact) == (LONG, RESULT)
    assert len(summary.compact_spans) == 1


def test_a_claim_stands_for_a_long_lead_where_it_is_rated_nearly_as_well():
    abstract = f"{LONG} {CLAIM}"
    assert summarise(TITLE, abstract, Rated(3.0, 2.1)).compact == CLAIM
    assert summarise(TITLE, abstract, Rated(3.0, 1.9)).compact is None


@pytest.mark.parametrize(
    "unfit",
    [
        DETAIL,
        "This new way makes soup 30% warmer in our experiments.",
        "We also show that soup gets 30% warmer.",
        f"Experiments show that soup gets 30% warmer {'and better ' * 14}each day.",
    ],
)
def test_no_compact_form_is_better_than_one_that_misleads(unfit):
    assert _summary(FIELD, LONG, unfit).compact is None


@pytest.mark.parametrize(
    ("sentence", "why"),
    [
        ("We present a novel approach, Stirred Networks.", "says no more than the title"),
        ("We propose stirred networks for soup.", "says hardly more than the title"),
        ("We stir soup in GVM pots of clay and copper.", "has a name that another explains"),
        ("We introduce GVM pots of clay and copper.", "stands alone"),
        ("We stir DNA in pots of clay and copper.", "stands alone"),
    ],
)
def test_how_little_a_sentence_says_beside_title_and_others_is_told(sentence, why):
    told = explain(TITLE, f"We call it GVM, and the other DNA, in this work. {sentence}", EDMUNDSON)
    assert {each.sentence: each.why for each in told}[sentence].startswith(f"{why};")


BARE = "We introduce Stirred Networks, a framework to improve soup for cooks at sea."


@pytest.mark.parametrize(
    "how",
    [
        "StirNet combines two bowls with one bent ladle of wood.",
        "Our framework combines two bowls with one bent ladle of wood.",
        "The key idea is to join two bowls by one bent ladle of wood.",
        "We construct two bowls of wood by bending one ladle.",
        "StirNet keeps every soup warm through a bent ladle of wood.",
        "StirNet first splits the soup into two bowls of wood.",
        "Unlike older pots, StirNet splits the soup into two bowls of wood.",
        "Our technique is a bent ladle that joins two bowls of wood.",
        "Central to our approach is a bent ladle that joins two bowls.",
        "The benchmark has 318 bowls of wood from 27 kitchens.",
        "Our framework first slowly splits the soup into two bowls of wood.",
    ],
)
def test_a_name_and_what_it_is_for_give_way_to_how_it_works(how):
    assert _lead(BARE, how, 3.0, 1.0) == how
    assert _lead(BARE, how, 3.0, 0.4) == BARE


@pytest.mark.parametrize(
    "other",
    [
        "Both pots combine bowls of clay with spoons of wood.",
        "Two groups are fed with soup from bowls by cooks.",
        "Soup is lost by radiation through lids of clay.",
        "There exists a soup that is made by cooks of clay.",
        "Diffusion pots generate bowls of copper by night.",
        "StirNet also combines two bowls with one bent ladle of wood.",
    ],
)
def test_what_has_no_name_does_not_tell_how_it_works(other):
    assert _lead(BARE, other, 3.0, 1.0) == BARE


def test_a_colon_behind_the_name_says_nothing_of_how_it_works():
    bare = "We introduce POT: Pots of Tin, a simple framework to improve soup for cooks at sea."
    how = "POT combines two bowls with one bent ladle of wood."
    assert _lead(bare, how, 3.0, 1.0) == how


def test_the_lens_through_which_it_is_seen_says_nothing_of_how_it_works():
    bare = "We develop a framework of soup for cooks at sea through the lens of ladles."
    how = "Our framework combines two bowls with one bent ladle of wood."
    assert _lead(bare, how, 3.0, 1.0) == how
    assert _lead(bare.replace("the lens of", "bent"), how, 3.0, 1.0) != how


def test_what_points_back_gives_way_to_how_it_works():
    pointing = "We bridge this gap by introducing a pot for cooks at sea."
    how = "Our framework combines two bowls with one bent ladle of wood."
    assert _lead(pointing, how, 3.0, 1.2) == how


NAMED = "StirNet: Soup for Cooks at Sea"


def _named_lead(one, other, *ratings):
    return summarise(NAMED, f"{one} {other}", Rated(*ratings)).lead


def test_a_name_of_the_title_is_a_word_with_a_large_letter():
    with_it = "We show how TIME warms bowls of clay on windy days."
    without = "We show how bent ladles save time and bowls of clay."
    parts = f"{without} {with_it}"
    assert summarise("TIME: A Soup", parts, Rated(2.2, 2.0)).lead == with_it
    assert summarise("TI: A Soup", parts, Rated(2.2, 2.0)).lead == without
    assert summarise("A: A Soup", parts, Rated(2.2, 2.0)).lead == without
    assert summarise("Time 1:2 of A Soup", parts, Rated(2.2, 2.0)).lead == without
    assert summarise("Time: A Soup", parts, Rated(2.2, 2.0)).lead == with_it


def test_a_name_with_a_number_is_not_bare():
    bare = "We introduce StirNet, a set of 625 soups for cooks which stirs."
    how = "StirNet combines two bowls with one bent ladle of clay."
    assert _named_lead(bare, how, 4.0, 1.1) == bare


def test_beside_a_title_with_a_name_the_sentence_with_the_name_is_better():
    with_it = "We show how StirNet warms bowls of clay on windy days."
    without = "We show how bent ladles warm bowls of clay on windy days."
    assert _lead(without, with_it, 2.2, 2.0) == without
    assert _named_lead(without, with_it, 2.2, 2.0) == with_it


def test_beside_a_title_with_a_name_a_longer_sentence_is_better():
    short = "We heat bowls of clay with ladles."
    long = f"We heat bowls of clay with ladles {'and spoons of copper and of wood ' * 4}daily."
    assert _lead(short, long, 2.2, 2.0) == short
    assert _named_lead(short, long, 2.2, 2.0) == long


def test_a_name_that_the_title_has_told_gives_way_to_how_it_works_that_is_rated_far_less():
    bare = "We introduce StirNet, which stirs soup for cooks at sea."
    how = "StirNet combines two bowls with one bent ladle of clay."
    assert _named_lead(bare, how, 4.0, 1.1) == how
    assert _lead(bare, how, 4.0, 1.1) == bare


def test_a_name_that_the_title_has_told_gives_way_to_what_is_worth_nearly_as_much():
    bare = "We introduce StirNet, a framework to improve soup for cooks at sea."
    other = "Bent ladles keep bowls of tea by StirNet warm on windy days."

    def lead(title, *ratings):
        return summarise(title, f"{bare} {other}", Rated(*ratings)).lead

    assert lead("StirNet: A New Pot", 3.0, 2.5) == other
    assert lead("StirNet: A New Pot", 3.2, 2.4) == bare
    assert lead("A New Pot", 3.0, 2.7) == bare


@pytest.mark.parametrize(
    "opener",
    [
        "We introduce Stirred Networks, which mix all layers of soup by hand.",
        "We show that Stirred Networks improve soup on windy days at sea.",
    ],
)
def test_what_says_how_it_works_itself_gives_no_way(opener):
    assert (
        _lead(opener, "Our framework combines two bowls with one bent ladle.", 3.0, 2.0) == opener
    )


def test_how_it_works_stands_right_behind_the_name():
    how = "Our framework combines two bowls with one bent ladle of wood."
    parts = [BARE, DETAIL, DETAIL, how]
    assert summarise(TITLE, " ".join(parts), Rated(3.0, 1.0, 1.0, 2.0)).lead == BARE
    parts = [BARE, DETAIL, how, DETAIL]
    assert summarise(TITLE, " ".join(parts), Rated(3.0, 1.0, 2.0, 1.0)).lead == how


def test_a_name_without_what_it_does_gives_way_to_a_sentence_that_says_it():
    vacuous = "We propose a novel approach, Stirred Networks."
    told = "We propose a ladle that joins both halves of a bowl without any spoon."
    assert _summary(FIELD, vacuous, told).lead == told
    assert _summary(FIELD, vacuous).lead == vacuous


def test_a_name_that_enhances_abilities_loses_even_to_a_detail_of_the_authors_work():
    vacuous = "We propose a novel approach, Stirred Networks, to enhance solving abilities."
    told = "We employ a bent ladle to save spoons while keeping soups warm."
    assert summarise(TITLE, f"{FIELD} {vacuous} {told}", TRAINED).lead == told


def test_text_and_method_make_the_hash():
    whole = text_hash("title", "abstract", "method-1")
    others = [("Title", "abstract", "method-1"), ("title", "abstract", "method-2"), ("t", "", "")]
    assert whole == text_hash("title", "abstract", "method-1")
    assert whole not in {text_hash(*other) for other in others}


def test_the_heavy_libraries_wait_until_they_are_needed():
    code = (
        "import sys, digest.summarise, digest.summarisers, digest.text; "
        "digest.text.clean('plain text'); "
        "sys.exit(bool({'nltk', 'sumy', 'pylatexenc'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
