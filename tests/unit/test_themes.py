import os
import re
import subprocess
import sys
from pathlib import Path
from time import process_time

import pytest

from digest.errors import ConfigError
from digest.theme_table import load, shipped
from digest.themes import PhraseGrouper

TABLE = """\
[section.sky]
label = "The sky"
order = 10

[section.sea]
label = "The sea"
order = 20

[theme.stars]
label = "Stars"
section = "sky"
phrases = ["star", "red dwarf", "star-forming region"]
weak = ["light"]
unless = ["star fish"]

[theme.planets]
label = "Planets"
section = "sky"
phrases = ["planet", "gas giant"]

[theme.fish]
label = "Fish"
section = "sea"
phrases = ["fish", "herring", "shoal"]

[theme.nature]
label = "Nature at large"
section = "sea"
fallback = true
phrases = ["nature", "water"]
"""


def tag(title, abstract="", over=""):
    table = load(over, "mine.toml", load(TABLE)) if over else load(TABLE)
    return PhraseGrouper(table).tags([(title, abstract)])[0]


def problem(text, over=None):
    with pytest.raises(ConfigError) as caught:
        load(text, "mine.toml", over)
    return caught.value.where, caught.value.problem


def test_a_paper_gets_the_theme_whose_phrases_it_holds_with_its_section():
    stars = tag("A census of red dwarfs")
    assert (stars.theme_id, stars.theme, stars.section) == ("stars", "Stars", "The sky")


def test_a_match_in_the_title_counts_three_and_two_matches_in_the_abstract_count_at_most():
    assert tag("Planets", "planet planet planet").why == (("planet", 5.0),)


def test_longer_phrases_and_weak_ones_count_by_their_factors():
    why = tag("Notes", "A red dwarf in a star forming region gives light.").why
    assert why == (("star-forming region", 2.0), ("red dwarf", 1.5), ("light", 0.33))


def test_what_was_only_hinted_at_is_no_theme():
    assert tag("Light").theme_id == "stars"
    assert tag("Notes", "light").theme_id == "other"


def test_a_theme_s_weight_multiplies_its_score():
    heavy = tag("A planet full of fish", over="[theme.fish]\nweight = 1.5")
    assert tag("A planet full of fish").theme_id == "planets"
    assert (heavy.theme_id, heavy.why) == ("fish", (("fish", 4.5),))


def test_the_longest_phrase_wins_and_hides_the_shorter_ones_in_it():
    sea = tag("The star fish of a planet")
    assert (sea.theme_id, sea.why) == ("planets", (("planet", 3.0),))


@pytest.mark.parametrize(
    "printed", ["Star-forming regions", "star forming region", "STARFORMING REGION"]
)
def test_capitals_plurals_and_hyphens_do_not_matter(printed):
    assert tag(printed).why == (("star-forming region", 6.0),)


@pytest.mark.parametrize(
    "printed", ["starlet", "a red. Dwarf", "red (dwarf)", "https://x.org/star"]
)
def test_a_phrase_matches_whole_words_in_one_piece_of_text_only(printed):
    assert tag(printed).theme_id == "other"


def test_a_fallback_is_taken_only_where_no_other_theme_matches():
    assert tag("Water, water: on nature", "a herring").theme_id == "fish"
    assert tag("Water, water: on nature", "a hat").theme_id == "nature"


def test_of_themes_that_match_equally_well_the_first_in_the_table_is_taken():
    assert tag("Of fish and stars").theme_id == "stars"
    order = "[section.sea]\norder = 5"
    assert tag("Of fish and stars", over=order).theme_id == "fish"


def test_a_paper_that_no_theme_knows_says_so_under_one_honest_heading():
    other = tag("On hats", "Hats are worn.")
    assert (other.theme_id, other.theme, other.section) == ("other", "More papers", "")
    assert other.why == ()


def test_a_paper_keeps_its_tag_in_whatever_company():
    papers = [("Red dwarfs", ""), ("Herring shoals", "water"), ("", ""), ("On hats", "light")]
    grouper = PhraseGrouper(load(TABLE))
    assert grouper.tags(papers) == [grouper.tags([paper])[0] for paper in papers]
    assert grouper.tags([]) == []


def test_keywords_are_the_matched_phrases_as_the_text_prints_them_then_runs_of_the_title():
    words = tag(
        "HAT-1: Finding Red Dwarfs with Felt Lens Arrays",
        "A red dwarf is dim. Herring is no star. Our felt lens arrays see them.",
    ).keywords
    assert words == ("red dwarf", "star", "Herring", "HAT-1", "felt lens arrays")


def test_keywords_never_repeat_one_another():
    words = tag("Star-forming regions and a star-forming region of stars").keywords
    assert words == ("star-forming region",)


def test_the_shipped_table_names_every_theme_of_the_trade():
    table = shipped()
    assert {row.section for row in table.rows} == {section.id for section in table.sections}
    assert len(table.headings) == len(set(table.headings)) == len(table.sections) + len(table.rows)


@pytest.mark.parametrize(
    ("title", "theme"),
    [
        ("Warm Restarts Considered: Learning Rate Schedules for Adam", "optimizers"),
        ("Four Bits Suffice: Post-Training Quantization of Chat Models", "compression"),
        ("Tutors that Never Forget: Class-Incremental Learning with Memory", "continual"),
        ("Painting by Noise: Text-to-Image Diffusion in Two Steps", "imagegen"),
        ("Who Booked the Flight? A Benchmark for Web Agents with Tool Use", "agents"),
        ("Kitchen Hands: Dexterous Manipulation from Human Demonstrations", "robotics"),
        ("Quiet Radiologists: Reading Chest X-rays with Little Supervision", "medicine"),
        ("A Large Language Model for Everyone", "llm"),
    ],
)
def test_the_shipped_table_knows_machine_learning(title, theme):
    assert PhraseGrouper(shipped()).tags([(title, "")])[0].theme_id == theme


def test_code_that_is_only_available_does_not_make_a_paper_about_code():
    abstract = "We study knots. Our code is available at https://github.com/knots/code."
    assert PhraseGrouper(shipped()).tags([("Knots", abstract)])[0].theme_id == "other"


def test_a_hundred_papers_are_themed_in_well_under_half_a_second():
    grouper = PhraseGrouper(shipped())
    text = "We train a language model with reinforcement learning on images of robots. " * 16
    start = process_time()
    grouper.tags([(f"Paper {i} on offline reinforcement learning", text) for i in range(100)])
    assert process_time() - start < 0.4


def test_tags_are_the_same_in_another_process():
    program = (
        "from digest.themes import *; from digest.theme_table import *;"
        "print(PhraseGrouper(shipped()).tags([('Graph transformers for molecules and proteins',"
        "'We prune a quantized diffusion model for protein design and test it on graphs.')]))"
    )
    seeds = ("0", "1", "77")
    outputs = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout
        for seed in seeds
    }
    assert len(outputs) == 1


def test_a_file_of_one_s_own_is_laid_over_key_by_key():
    over = """\
[theme.stars]
label = "Suns"
add = ["quasar", "light"]
remove = ["red dwarf"]

[section.land]
label = "The land"

[theme.hills]
label = "Hills"
section = "land"
phrases = ["hill"]
"""
    table = load(over, "mine.toml", load(TABLE))
    stars = next(row for row in table.rows if row.id == "stars")
    assert stars.label == "Suns"
    assert stars.phrases == ("star", "star-forming region", "quasar", "light")
    assert stars.weak == ()  # what is added is no longer weak
    assert stars.section == "sky"
    assert table.headings == (
        *("The sky", "Suns", "Planets", "The sea", "Fish", "Nature at large", "The land", "Hills"),
    )


def test_weight_nought_switches_a_theme_off():
    assert tag("Of a herring and a star", over="[theme.stars]\nweight = 0").theme_id == "fish"


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("[theme.stars\n", 1, "not valid TOML"),
        ('[theme.stars]\nlabel = "x\n', 2, "not valid TOML"),
        ("\n[themes.stars]\n", 2, "unknown key 'themes'"),
        ('label = "x"\n', 1, "unknown key 'label'"),
        ('[theme]\n\nstars = "x"\n', 3, "must stand in a table"),
        ('[theme.stars]\nlabel = "Suns"\nphrase = []\n', 3, "unknown key 'phrase'"),
        ("[theme.stars]\nlabel = 3\n", 2, "label must be"),
        ('[theme.stars]\nlabel = " "\n', 2, "label must be"),
        ("\n[theme.stars]\nweak = [\n  3,\n]\n", 3, "weak must be a list of texts"),
        ("[theme.stars]\nweight = -1\n", 2, "weight must be"),
        ("[theme.stars]\nweight = true\n", 2, "weight must be"),
        ("[theme.stars]\nweight = nan\n", 2, "weight must be"),
        ("[section.sky]\norder = 1.5\n", 2, "order must be"),
        ('[theme.stars]\nfallback = "no"\n', 2, "fallback must be"),
        ('# stars\n[theme.stars]\nsection = "sand"\n', 3, "there is no section 'sand'"),
        ('[theme.sand]\nlabel = "Sand"\n', 1, "a new theme needs a section"),
        ('[theme.sand]\nlabel = "S"\nsection = "sea"\n', 1, "a theme needs phrases"),
        ("[section.sand]\norder = 1\n", 1, "a new section needs a label"),
        ("\n[theme.stars]\nphrases = []\n", 3, "a theme needs phrases"),
        ('[theme.stars]\nadd = [\n  "sun",\n  "!",\n]\n', 4, "phrase '!' has no word"),
        ('[theme.stars]\nadd = [\n  "sun",\n  "sun",\n]\n', 4, "says the same as 'sun'"),
        ('[theme.stars]\nadd = ["sun"]\nweak = ["Suns"]\n', 3, "says the same as 'sun'"),
        ('[theme.stars]\nremove = [\n  "star",\n  "moon",\n]\n', 4, "cannot remove 'moon'"),
        ('[theme.stars]\nweight = 2\nlabel = "fish"\n', 3, "label 'Fish' is taken"),
        ('[theme.stars]\nlabel = "More papers"\n', 2, "label 'More papers' is taken"),
        ('[theme.stars]\nlabel = "The-Sea!"\n', 2, "label 'The-Sea!' is taken"),
        ('\n[theme.other]\nlabel = "Odds"\n', 2, "the ID 'other' is taken"),
        ('[theme."Big stars"]\nlabel = "Big"\n', 1, "is no ID"),
    ],
)
def test_what_is_wrong_in_a_file_is_named_with_its_line(text, line, says):
    where, what = problem(text, load(TABLE))
    assert where == f"mine.toml:{line}"
    assert says in what


def test_the_example_in_the_documentation_does_what_it_says():
    page = (Path(__file__).parents[2] / "docs" / "themes.md").read_text("utf-8")
    [example] = re.findall(r"```toml\n(.*?)```", page, re.DOTALL)
    table = load(example, "my-themes.toml", shipped())
    papers = [
        ("Better weather forecasting", ""),
        ("What people ask of a spreadsheet", ""),
        ("Regret in repeated poker", ""),
    ]
    forecast, sheet, poker = PhraseGrouper(table).tags(papers)
    assert table.headings[:2] == ("Weather & climate", "Weather models")
    assert (forecast.theme, sheet.theme) == ("Weather models", "Programming")
    assert PhraseGrouper(shipped()).tags(papers)[2].theme_id == "bandits"
    assert poker.theme_id != "bandits"
