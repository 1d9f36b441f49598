from dataclasses import replace
from datetime import date

import pytest
from samples import CARD, LOOK, TEMPLATES

from digest.filling import locale
from digest.model import Edition, Note, Rank, Theme
from digest.wording import Wording, preheader

ENGLISH, GERMAN, ARABIC = (Wording(locale(TEMPLATES, tag)) for tag in ("en", "de", "ar"))


def edition(*sizes, label="Sea & shore {}", section="Water"):
    themes = [
        Theme(f"t{n}", label.format(n), section, (CARD,) * size) for n, size in enumerate(sizes)
    ]
    return Edition("all", date(2026, 11, 20), 1, tuple(themes))


@pytest.mark.parametrize(
    ("names", "count", "organization", "line"),
    [
        (("A", "B"), 2, None, ["A, B"]),
        (("A", "B", "C"), None, "Lab", ["A, B, C", "Lab"]),
        (("A", "B", "C"), 9, None, ["A, B, C\N{NO-BREAK SPACE}+6"]),
        (("A",), 4, None, ["A\N{NO-BREAK SPACE}+3"]),
        ((), 1, "Lab", ["1 author", "Lab"]),
        ((), 1204, None, ["1,204 authors"]),
        ((), None, None, []),
    ],
)
def test_a_byline_gives_names_or_their_number(names, count, organization, line):
    card = replace(CARD, authors=names, author_count=count, organization=organization)
    assert ENGLISH.byline(card) == line


def test_a_line_names_one_author():
    assert ENGLISH.byline(CARD, 1) == ["Ines Mora\N{NO-BREAK SPACE}+4", "Tidal Institute"]


def test_counts_are_said_in_words_and_nothing_is_said_of_nothing_and_the_unknown():
    said = ENGLISH.counts(replace(CARD, upvotes=1, comments=2))
    assert said == ["1\N{NO-BREAK SPACE}upvote", "2\N{NO-BREAK SPACE}comments"]
    assert ENGLISH.counts(replace(CARD, upvotes=0, comments=None)) == []


def test_the_paper_that_rises_and_a_new_version_say_so():
    rising = replace(CARD, rank=Rank(1, 1.0, rising=True))
    assert ENGLISH.news(replace(rising, version=3)) == ["Rising", "New version (v3)"]
    assert ENGLISH.news(replace(rising, version=1)) == ["Rising"]
    assert ENGLISH.news(CARD) == []


def test_what_is_wanting_in_an_abstract_is_told():
    card = replace(CARD, notes=(Note.ONLY, Note.FOREIGN, Note.CUT))
    assert ENGLISH.notes(card) == ["abstract cut off", "not in English"]
    assert ENGLISH.notes(replace(CARD, notes=(Note.LONG,))) == []


@pytest.mark.parametrize(
    ("own", "part", "section", "said"),
    [
        ("Eels", "", "Water", ["Eels"]),
        ("The sea", "", "Water", []),
        ("Eels", "Eels", "Water", []),
        ("", "", "Water", []),
        ("More papers", "", "", []),
    ],
)
def test_a_paper_says_its_own_theme_where_no_heading_does(own, part, section, said):
    theme = Theme("sea", "The sea", section, ())
    assert ENGLISH.topic(replace(CARD, theme=own, part=part), theme) == said


def test_headings_of_the_table_stay_and_those_of_the_program_are_translated():
    labels = ["More in Science", "Also on eels", "More papers", "Papers", "Other", "Eels", ""]
    assert list(map(ENGLISH.heading, labels)) == labels
    assert list(map(GERMAN.heading, labels)) == [
        *("Mehr in Science", "Außerdem zu eels", "Weitere Arbeiten", "Arbeiten", "Anderes"),
        *("Eels", ""),
    ]


@pytest.mark.parametrize(
    ("wording", "text", "said"),
    [
        (ENGLISH, "Eels", ""),
        (ENGLISH, "שלום Eels", ' dir="rtl"'),
        (GERMAN, "3 Eels", ' lang="en"'),
        (GERMAN, "漢字", ""),
        (ARABIC, "“Eels” and more", ' lang="en" dir="ltr"'),
        (ARABIC, "漢字", ' dir="ltr"'),
        (ARABIC, "אבג", ""),
        (ARABIC, "12 · 34", ""),
    ],
)
def test_a_text_in_another_language_or_direction_than_the_mail_says_so(wording, text, said):
    assert wording.tongue(text) == said


@pytest.mark.parametrize(
    ("number", "german", "arabic"),
    [
        (1, "1 neue Arbeit in 2 Themen", "ورقة جديدة واحدة في موضوعين"),
        (2, "2 neue Arbeiten in 2 Themen", "ورقتان جديدتان في موضوعين"),
        (3, "3 neue Arbeiten in 2 Themen", "3 أوراق جديدة في موضوعين"),
        (11, "11 neue Arbeiten in 2 Themen", "11 ورقة جديدة في موضوعين"),
        (1100, "1.100 neue Arbeiten in 2 Themen", "1,100 ورقة جديدة في موضوعين"),
    ],
)
def test_counts_follow_the_rules_of_each_language(number, german, arabic):
    assert GERMAN.sizes(edition(number, 0), new=True) == german
    assert ARABIC.sizes(edition(number, 0), new=True) == arabic


def test_one_theme_is_not_counted():
    assert ENGLISH.sizes(edition(3)) == "3 papers"
    assert ENGLISH.sizes(edition(3), new=True) == "3 new papers"


def test_a_subject_says_date_count_and_themes_and_stays_short():
    assert ENGLISH.subject(edition(3, 1), LOOK) == (
        "R&D letter, 20 Nov 2026: 4 new papers on Sea & shore 0 and Sea & shore 1"
    )
    assert (
        GERMAN.subject(edition(1), LOOK) == "R&D letter, 20.11.2026: 1 neue Arbeit zu Sea & shore 0"
    )
    assert ENGLISH.subject(edition(1, section=""), LOOK).endswith("1 new paper")
    long = ENGLISH.subject(edition(1), replace(LOOK, name="Long\nname \u2028" * 20))
    assert long.endswith("Long name…")
    assert 80 < len(long) <= 90
    assert long.isprintable()


def test_a_subject_names_as_many_themes_as_fit():
    named = [
        ENGLISH.subject(edition(1, 1, 1, label="x" * n + " {}"), LOOK) for n in (9, 18, 30, 60)
    ]
    assert [subject.count("x ") for subject in named] == [3, 2, 1, 0]


def test_the_preheader_gives_the_three_best_titles_and_stays_short():
    assert preheader(["Eels", "Reefs", "Tides", "Kelp"]) == "Eels · Reefs · Tides"
    assert preheader(["Eels", "x" * 104, "Tides"]) == f"Eels · {'x' * 94}… · Tides"
    assert preheader(["Eels: Fish That Travel Far from the Sea"] * 3) == " · ".join(
        ["Eels: Fish That Travel Far from…"] * 3
    )
    assert 100 < len(preheader(["endless " * 50])) <= 110
    assert preheader([]) == ""
