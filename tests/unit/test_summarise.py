import subprocess
import sys

import pytest

from digest.summarise import LEAD_LENGTH, LENGTH, code_url, explain, summarise, text_hash
from digest.summarisers import summariser
from digest.text import sentences

EDMUNDSON = summariser("edmundson")

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
    "only", [FIELD, REFERENCE, QUESTION, CODE, "We propose a stirrer that is", "Yes.", "42"]
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
    plain = "In this paper, a way to mix layers without a spoon is shown."
    assert _summary(poor, plain).lead == plain
    assert _summary(plain, poor).lead == plain


def test_what_the_paper_brings_beats_background_even_where_it_refers_back():
    news = "To address this, we propose Stirred Networks."
    assert _summary(FIELD, "Stirring is an art of many centuries.", news).lead == news


def test_a_cut_off_end_is_not_chosen_while_there_is_another_sentence():
    cut = "We propose Stirred Networks, a new and novel way to mix lay…"
    assert _summary(DETAIL, cut).lead == DETAIL
    assert _summary(DETAIL, cut.rstrip("…")).lead == DETAIL
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


def test_lead_and_finding_fit_the_card():
    result = "Experiments show a gain of 30% " + "and of more " * 27 + "besides."
    assert len(NEWS) + len(result) > LENGTH
    assert _summary(NEWS, result).finding is None
    assert _summary(NEWS, result, RESULT).finding == RESULT


@pytest.mark.parametrize(
    "empty",
    [
        DETAIL,
        "We present empirical evidence that supports our claims.",
        "Our aim is to reduce costs.",
        "Doe et al. (2020) stirred first [12].",
        "Do experiments show a gain of 30%?",
        "Experiments show a gain of 30%, see https://github.com/example/stirred.",
    ],
)
def test_a_sentence_without_a_result_is_no_finding(empty):
    assert _summary(NEWS, empty).finding is None


def test_a_result_before_the_lead_is_no_finding():
    assert _summary(RESULT, NEWS).finding is None


def test_every_sentence_is_explained_in_the_order_of_preference():
    abstract = f"{FIELD} {REFERENCE} {QUESTION} {NEWS} {DETAIL} {RESULT} {CODE}"
    told = explain(TITLE, abstract, EDMUNDSON)
    assert [text for text, _ in told[:2]] == [NEWS, RESULT]
    assert told[0][1].startswith("lead: says what the paper brings; edmundson-1 ranks it ")
    assert told[1][1].startswith("finding: ")
    assert sorted(text for text, _ in told) == sorted(
        abstract[start:end] for start, end in sentences(abstract)
    )
    assert dict(told)[QUESTION].startswith("asks a question")
    assert explain(TITLE, "", EDMUNDSON) == []


def test_text_and_method_make_the_hash():
    whole = text_hash("title", "abstract", "method-1")
    others = [("Title", "abstract", "method-1"), ("title", "abstract", "method-2"), ("t", "", "")]
    assert whole == text_hash("title", "abstract", "method-1")
    assert whole not in {text_hash(*other) for other in others}


@pytest.mark.parametrize(
    ("abstract", "url"),
    [
        (CODE, "https://github.com/example/stirred"),
        ("Code: http://stir.example/a_(b).", "http://stir.example/a_(b)"),
        ("(see https://example.github.io/stir/).", "https://example.github.io/stir/"),
        ("at https://x.github.io/{https://x.github.io/}.", "https://x.github.io/"),
        (r"at \url{https://gitlab.com/a/b}.", "https://gitlab.com/a/b"),
        ("[code](https://stir.example/c)", "https://stir.example/c"),
        (
            "Data at https://d.example, code at https://huggingface.co/a.",
            "https://huggingface.co/a",
        ),
        ("The code is fine. Our menu is at https://stir.example/menu", None),
        ("code at ftp://stir.example or javascript://github.com/x", None),
        ("code at https://github.com@evil.example/x", None),
        ("code at https:// and http://[::1", None),
        ("No link at all", None),
    ],
)
def test_the_first_link_to_code_or_project_is_found(abstract, url):
    assert code_url(abstract) == url


def test_the_heavy_libraries_wait_until_they_are_needed():
    code = (
        "import sys, digest.summarise, digest.summarisers, digest.text; "
        "digest.text.clean('plain text'); "
        "sys.exit(bool({'nltk', 'sumy', 'pylatexenc'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
