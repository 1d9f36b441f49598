import pytest

from digest.trim import trimmed


def left(sentence):
    return "".join(sentence[start:end] for start, end in trimmed(sentence, (0, len(sentence))))


def short(sentence):
    parts = trimmed(sentence, (0, len(sentence)), short=True)
    return "".join(sentence[start:end] for start, end in parts)


@pytest.mark.parametrize(
    "lead_in",
    [
        "In this paper, ",
        "In this short paper ",
        "In the present study, ",
        "Here, ",
        "However, ",
        "Finally, ",
        "Therefore, in this paper, ",
        "(ii) ",
        "To this end, ",
        "To tackle these leaks, ",
        "In order to keep such soup warm, ",
        "Motivated by this observation, ",
        "Building on recent progress in stirring, ",
        "To tackle O1, ",
        "Thereby ",
        "With this goal in mind, ",
        "As a step towards this goal, ",
        "While earlier ladles bend under it, ",
        "Alongside the ladle, ",
        "Namely, ",
        "In both cases, ",
        "Main results: ",
        "Addressing this, ",
    ],
)
def test_a_lead_in_is_left_out(lead_in):
    assert left(f"{lead_in}we propose a spoon.") == "we propose a spoon."


@pytest.mark.parametrize(
    "sentence",
    [
        "Under these assumptions, we prove that soup is round.",
        "With such priors, we show that soup is round.",
        "To the best of our knowledge, we are the first to stir.",
        "To keep soup warm, we propose a lid.",
        "This paper proposes a lid.",
        "In this paper lies the rub.",
        "We propose a lid, which keeps soup warm, while it is cheap.",
        "Stirring Soups (SSP) takes 3 spoons (4 at most) and (under mild heat) no ladle.",
        "It takes (i.e., 12%) more and (e.g., 3 of 4) less.",
        "With any stirring rate p in [0,1], soup is round.",
        "We use the spoon proposed in [12], which bends.",
        "Weights in [0, 1] and integers in [1, 100] are stirred.",
        "A ladle similar to [6], of [7] and [8], is bent.",
        "Stir the pots (p, q) ∈ [1, 2] × [3, 4] and the range [1, 5] by x [2, 3].",
        "The map t: [1,2] → [3,4] and the set of [Doe, 2020] are round.",
        "We extend a bound with (Doe et al., 2020).",
    ],
)
def test_what_a_claim_rests_on_stays(sentence):
    assert left(sentence) == sentence


@pytest.mark.parametrize("cited", ["[7]", "[1, 100]", "[Doe, 2020]", "(Doe et al., 2020)"])
@pytest.mark.parametrize("asks", ["in", "of", "from", "to", "by", "with", "on", "as", "see"])
def test_no_preposition_is_left_without_what_it_asks_for(asks, cited):
    for end in (".", ", which bends.", "; it bends."):
        sentence = f"We stir the spoon {asks} {cited}{end}"
        assert left(sentence) == sentence


@pytest.mark.parametrize(
    ("printed", "shown"),
    [
        ("Stir it (e.g., with a spoon) well.", "Stir it well."),
        ("Soup [1, 2] is round [3].", "Soup is round."),
        (
            "The bound of Doe et al. [10] holds for soup [20], too.",
            "The bound of Doe et al. holds for soup, too.",
        ),
        ("Soup (Doe et al., 2020; Roe, 2021) is round.", "Soup is round."),
        ("Soup is round (see Fig. 2b).", "Soup is round."),
        ("Soup (Table 3) is round.", "Soup is round."),
        ("Soup (Figures 2 and 3) is round (Appendix B).", "Soup is round."),
        ("Soup (table salt) is round (fig wasps).", "Soup (table salt) is round (fig wasps)."),
        ("To fill such gaps we introduce a lid.", "we introduce a lid."),
        ("We aim to fill this gap and introduce a lid.", "We introduce a lid."),
    ],
)
def test_asides_and_citations_are_left_out(printed, shown):
    assert left(printed) == shown


def test_the_parts_stand_inside_of_the_sentence_they_are_of():
    text = "Before. In this paper, we stir (see below) soup. After [1]."
    parts = trimmed(text, (8, 48))
    assert [text[start:end] for start, end in parts] == ["we stir", " soup."]


@pytest.mark.parametrize(
    ("printed", "shown"),
    [
        ("We also propose a lid.", "We propose a lid."),
        ("We first bend a spoon.", "We bend a spoon."),
        ("We also, however, bend a spoon.", "We also, however, bend a spoon."),
        ("We further the art by bending a spoon.", "We further the art by bending a spoon."),
        ("We therefore bend a spoon.", "We therefore bend a spoon."),
        ("We aim to close this gap and introduce a lid.", "We introduce a lid."),
        ("We propose to close this gap by bending a spoon.", "We propose bending a spoon."),
        ("We first bend a spoon, then a ladle.", "We first bend a spoon, then a ladle."),
        ("We propose to close this pot.", "We propose to close this pot."),
        ("We ask what is also warm.", "We ask what is also warm."),
        ("Our tasting leads to two findings: 1.Soup is round.", "Soup is round."),
        ("We have findings: (1) a lid, (2) a pot.", "We have findings: (1) a lid, (2) a pot."),
        ("We found no such findings: 1.Soup is round.",) * 2,
        ("We bend in stages: (i) a spoon bends.", "We bend in stages: (i) a spoon bends."),
        ("As an illustrative example, soup is round.", "soup is round."),
    ],
)
def test_detours_between_the_authors_and_their_deed_are_left_out(printed, shown):
    assert left(printed) == shown


@pytest.mark.parametrize(
    "why",
    [
        "Motivated by cooks who let soup get cold at night, ",
        "To keep soups warm in each windy kitchen, ",
        "As a first step towards warm soup for all cooks, ",
        "Similar to lids that keep stew warm at night, ",
    ],
)
def test_a_short_sentence_does_not_say_why_it_was_done(why):
    assert short(f"{why}we propose a round lid.") == "we propose a round lid."
    assert left(f"{why}we propose a round lid.") != "we propose a round lid."


@pytest.mark.parametrize(
    "telling",
    [
        "Experiments show that ",
        "Finally, extensive experiments on soups and stews clearly demonstrate that ",
        "Our results on many soups, such as stew, further confirm, that ",
        "We also prove that ",
        "Through tasting experiments, including soups, stews, etc., we find that ",
    ],
)
def test_a_short_sentence_does_not_say_who_found_it(telling):
    assert short(f"{telling}soup is round.") == "soup is round."
    assert left(f"{telling}soup is round.") != "soup is round."


@pytest.mark.parametrize(
    "sentence",
    [
        "Experiments on 13 soups show that soup is round.",
        "Our results suggest that soup is round.",
        "Our results do not show that soup is round.",
        "No experiment shows that soup is round.",
        "Few studies show that soup is round.",
        "We fail to show that soup is round.",
        "We ask if experiments show that soup is round.",
        "Experiments show that it is round.",
        "Experiments show that soup is round and that stew is square.",
        "Experiments show that soup is round and reveal a square stew.",
        "Experiments in mice show that soup is round.",
        "In windy kitchens, we show that soup is round.",
        "To the best of our knowledge, we propose the first lid.",
        "To within a factor of two, we compute how soup is kept.",
        "To lowest order in the heat, we compute how soup is kept.",
        "To good approximation at low heat, we compute how soup is kept.",
        "To save 40% of the heat of a pot, we compute how soup is kept.",
        "To keep soups warm at sea, and if lids are large, we compute how soup is kept.",
        "To keep soups warm in kitchens, i.e., at sea, we compute how soup is kept.",
        "Through tastings of 14 soups, we compute how soup is kept.",
        "Through experiments in mice with weak hearts, we show that soup is round.",
        "Based on weak stirring at sea, we compute how soup is kept.",
        "Experiments show how soup is round.",
        "Under weak stirring, our analysis shows that soup is round.",
        "Our analysis under weak stirring shows that soup is round.",
        "With small spoons, experiments show that soup is round.",
        "Using tastings and experiments without lids, we find that soup is round.",
        "In contrast to previous studies, we find that soup is round.",
        "Although results show that soup is round, stew is better.",
        "When experiments show that soup is round, we eat.",
        "How studies show that soup is round is unclear.",
        "Some experiments show that soup is round.",
        "Previous work shows that soup is round.",
        "Our results hardly show that soup is round.",
        "Experiments at sea only show that soup is round.",
        "Our ladle beats spoons, and results show that soup is round.",
    ],
)
def test_a_short_sentence_keeps_what_a_claim_rests_on(sentence):
    assert short(sentence) == sentence
