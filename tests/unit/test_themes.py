import os
import re
import subprocess
import sys
from pathlib import Path
from time import process_time

import pytest

from digest.errors import ConfigError, UnknownPlugin
from digest.keyphrases import rarity
from digest.theme_table import PROFILES, load, shipped
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


def counted(*matches):
    """The reasons of a tag: (phrase, how often it counts)."""
    return tuple(
        (phrase, pytest.approx(times * rarity(phrase), abs=0.005)) for phrase, times in matches
    )


def problem(text, over=None):
    with pytest.raises(ConfigError) as caught:
        load(text, "mine.toml", over)
    return caught.value.where, caught.value.problem


def test_a_paper_gets_the_theme_whose_phrases_it_holds_with_its_section():
    stars = tag("A census of red dwarfs")
    assert (stars.theme_id, stars.theme, stars.section) == ("stars", "Stars", "The sky")


def test_a_match_in_the_title_counts_three_and_two_matches_in_the_abstract_count_at_most():
    assert tag("Planets", "planet planet planet").why == counted(("planet", 5))


def test_a_phrase_counts_more_the_rarer_its_words_are_and_a_weak_one_a_third():
    why = tag("Notes", "A red dwarf in a star forming region gives light.").why
    assert why == counted(("red dwarf", 1), ("star-forming region", 1), ("light", 1 / 3))
    assert rarity("language model") < rarity("dwarf") < rarity("red dwarf") < 2 * rarity("dwarf")


def test_what_was_only_hinted_at_is_no_theme():
    assert tag("Light").theme_id == "stars"
    assert tag("Notes", "light").theme_id == "other"


def test_a_theme_s_weight_multiplies_its_score():
    heavy = tag("A planet full of fish", over="[theme.fish]\nweight = 9")
    assert tag("A planet full of fish").theme_id == "planets"
    assert (heavy.theme_id, heavy.why) == ("fish", counted(("fish", 3 * 9)))


def test_the_longest_phrase_wins_and_hides_the_shorter_ones_in_it():
    sea = tag("The star fish of a planet")
    assert (sea.theme_id, sea.why) == ("planets", counted(("planet", 3)))


@pytest.mark.parametrize(
    "printed", ["Star-forming regions", "star forming region", "STARFORMING REGION"]
)
def test_capitals_plurals_and_hyphens_do_not_matter(printed):
    assert tag(printed).why == counted(("star-forming region", 3))


@pytest.mark.parametrize(
    "printed", ["starlet", "a red. Dwarf", "red (dwarf)", "https://x.org/star"]
)
def test_a_phrase_matches_whole_words_in_one_piece_of_text_only(printed):
    assert tag(printed).theme_id == "other"


def test_a_fallback_is_taken_only_where_no_other_theme_matches():
    assert tag("Water, water: on nature", "a herring").theme_id == "fish"
    assert tag("Water, water: on nature", "a hat").theme_id == "nature"


def test_of_themes_that_match_equally_well_the_first_in_the_table_is_taken():
    both = '[theme.fish]\nadd = ["vela"]\n[theme.stars]\nadd = ["vela"]\n'
    assert tag("Of a vela", over=both).theme_id == "stars"
    assert tag("Of a vela", over=both + "[section.sea]\norder = 5").theme_id == "fish"


def test_a_paper_that_no_theme_knows_says_so_under_one_honest_heading():
    other = tag("On hats", "Hats are worn.")
    assert (other.theme_id, other.theme, other.section) == ("other", "More papers", "")
    assert other.why == ()


def test_a_paper_keeps_its_tag_in_whatever_company():
    papers = [("Red dwarfs", ""), ("Herring shoals", "water"), ("", ""), ("On hats", "light")]
    grouper = PhraseGrouper(load(TABLE))
    assert grouper.tags(papers) == [grouper.tags([paper])[0] for paper in papers]
    assert grouper.tags([]) == []


def test_the_phrases_of_a_theme_are_keywords_as_the_text_prints_them():
    words = tag(
        "On the way they move", "A star, or a red Dwarf, is dim. Of a red dwarf we know all."
    ).keywords
    assert words[0] == "red dwarf"


@pytest.mark.parametrize("profile", PROFILES)
def test_a_shipped_table_names_every_theme_of_the_trade(profile):
    table = shipped(profile)
    labels = {heading.label for heading in table.headings}
    assert {row.section for row in table.rows} == {section.id for section in table.sections}
    assert len(table.headings) == len(labels) == len(table.sections) + len(table.rows)


@pytest.mark.parametrize("profile", PROFILES)
def test_the_themes_of_a_shipped_table_share_no_phrase_and_say_how_usual_they_are(profile):
    assert PhraseGrouper(shipped(profile)).check([]).overlaps == {}
    assert all(0 <= row.share < 50 for row in shipped(profile).rows)


def test_a_profile_that_does_not_exist_is_named_with_those_that_do():
    with pytest.raises(UnknownPlugin, match=r"bio.*ml, arxiv|bio.*arxiv, ml"):
        shipped("bio")


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
        ("Half a Sentence at a Time: Masked Diffusion Language Models", "diffusion-language"),
        ("Long Context Tuning for Video Generation of Puddings", "video"),
        ("Preference Optimization for Diffusion Alignment with Cooks", "imagegen"),
        ("Linear Attention over Long Behavior Sequences for Recommendation", "recommendation"),
        ("Physics-Based Character Control for Waiters", "threed"),
        ("Waiters on the Way: Action Chunking for Robot Policies by Diffusion", "robotics"),
        ("Differential Privacy of Tips under Continual Observation", "privacy"),
        ("A Large Language Model for Everyone", "llm"),
    ],
)
def test_the_shipped_table_knows_machine_learning(title, theme):
    assert PhraseGrouper(shipped()).tags([(title, "")])[0].theme_id == theme


@pytest.mark.parametrize(
    ("title", "theme"),
    [
        ("Slow Light Curves of a Dim Supernova in a Nearby Galaxy", "astro"),
        ("Finite Element Error Estimates on Curved Meshes", "numerics"),
        ("Why Wages Lag: Monetary Policy and Household Income", "economics"),
        ("Gene Expression in the Sleeping Hippocampus of Voles", "biology"),
        ("On the Chromatic Number of Sparse Planar Graphs", "discrete"),
        ("Surface Codes with Fewer Qubits", "quantum"),
        ("Beamforming for Massive MIMO with Cheap Antennas", "signals"),
        ("Talking to Refrigerators: a User Study with Older Adults", "people"),
        ("Quark Masses from Lattice QCD", "particles"),
        ("Retrieval for Recommendation in Small Libraries", "retrieval"),
    ],
)
def test_the_profile_arxiv_knows_all_of_arxiv(title, theme):
    assert PhraseGrouper(shipped("arxiv")).tags([(title, "")])[0].theme_id == theme


def test_a_table_is_checked_for_shared_and_unused_phrases_and_for_themes_that_take_too_much():
    table = load('[theme.fish]\nadd = ["star", "eel"]', "mine.toml", load(TABLE))
    papers = [
        ("Gas giants", "A planet."),
        ("Planets", ""),
        ("Herring in a shoal", ""),
        ("Hats", ""),
    ]
    found = PhraseGrouper(table).check(papers)
    assert found.papers == 4
    assert found.overlaps == {"star": ("stars", "fish")}
    assert found.unused["fish"] == ("fish", "star", "eel")
    assert "planets" not in found.unused
    assert found.greedy == {"planets": 0.5}
    assert found.themeless == 1


def test_code_that_is_only_available_does_not_make_a_paper_about_code():
    abstract = "We study hats. Our code is available at https://github.com/hats/code."
    assert PhraseGrouper(shipped()).tags([("Hats", abstract)])[0].theme_id == "other"


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
    assert [heading.label for heading in table.headings] == [
        *("The sky", "Suns", "Planets", "The sea", "Fish", "Nature at large", "The land", "Hills"),
    ]


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
        ('[theme.sand]\nlabel = "Sand"\n', 1, "a new theme needs a label and a section"),
        ('[theme.sand]\nlabel = "S"\nsection = "sea"\n', 1, "a theme needs phrases"),
        ("[section.sand]\norder = 1\n", 1, "a new section needs a label"),
        ("\n[theme.stars]\nphrases = []\n", 3, "a theme needs phrases"),
        ("[theme.stars]\nshare = true\n", 2, "share must be"),
        ('[theme.stars]\nadd = [\n  "sun",\n  "!",\n]\n', 4, "phrase '!' has no word"),
        ('[theme.stars]\nadd = [\n  "sun",\n  "sun",\n]\n', 4, "says the same as 'sun'"),
        ('[theme.stars]\nadd = ["sun"]\nweak = ["Suns"]\n', 3, "says the same as 'sun'"),
        ('[theme.stars]\nremove = [\n  "star",\n  "moon",\n]\n', 4, "cannot remove 'moon'"),
        ('[theme.stars]\nweight = 2\nlabel = "fish"\n', 3, "label 'Fish' is taken"),
        ('[theme.stars]\nlabel = "More papers"\n', 2, "label 'More papers' is taken"),
        ('[theme.stars]\nlabel = "The-Sea!"\n', 2, "label 'The-Sea!' is taken"),
        ('\n[theme.other]\nlabel = "Odds"\n', 2, "the ID 'other' is taken"),
        ('[theme."Big stars"]\nlabel = "Big"\n', 1, "is no ID"),
        ("[theme]\nfish.share = 2\nstars.weight = -1\n", 3, "weight must be"),
        ("section.sea.order = 3\ntheme.stars.weak = [3]\n", 2, "weak must be"),
        ("[theme]\nfish = {share = 2}\nstars = { share = 1, weight = -1 }\n", 3, "weight must be"),
        ('[theme]\n\nstars = { add = [\n"sun",\n"!"\n] }\n', 5, "phrase '!' has no word"),
    ],
)
def test_what_is_wrong_in_a_file_is_named_with_its_line(text, line, says):
    where, what = problem(text, load(TABLE))
    assert where == f"mine.toml:{line}"
    assert says in what


def test_tables_for_what_only_another_profile_has_count_for_nothing_and_are_named():
    over = """\
[section.media]
order = 5

[theme.imagegen]
add = ["etching"]

[theme.etchings]
label = "Etchings"
section = "media"
phrases = ["copper plate"]
"""
    ml = load(over, "mine.toml", shipped("ml"))
    arxiv = load(over, "mine.toml", shipped("arxiv"))
    assert ml.others == {}
    assert PhraseGrouper(ml).tags([("Etching", "")])[0].theme_id == "imagegen"
    assert arxiv.others == dict.fromkeys(
        ("section.media", "theme.imagegen", "theme.etchings"), "ml"
    )
    assert (arxiv.sections, arxiv.rows) == (shipped("arxiv").sections, shipped("arxiv").rows)
    assert PhraseGrouper(arxiv).check([]).others == arxiv.others


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
    assert [each.label for each in table.headings[:2]] == ["Weather & climate", "Weather models"]
    assert (forecast.theme, sheet.theme) == ("Weather models", "Programming")
    assert PhraseGrouper(shipped()).tags(papers)[2].theme_id == "bandits"
    assert poker.theme_id != "bandits"
