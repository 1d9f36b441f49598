import io

import pytest

from digest.errors import DumpError
from digest.formats.title_summary import accepts, papers
from digest.model import Sighting

PAPER = "Title: Kites\nPDF: https://arxiv.org/pdf/1808.00001v3\nSummary: We fly.\n---\n"


def read(text: str) -> list[Sighting]:
    return list(papers(io.BytesIO(text.encode())))


@pytest.mark.parametrize(
    "text",
    [
        "Title: Kites\n\nA letter about them.\n",
        "Title: Kites\nSummary: We fly.\n",
        "Summary: first\nPDF: second\nTitle: third\n",
        "Titles: Kites\nPDFs: none\nSummary: We fly.\n",
    ],
)
def test_other_lists_with_titles_are_not_accepted(text):
    assert not accepts(text.encode())


def test_the_fields_may_stand_in_any_order():
    [paper] = read("Summary: We fly.\nPDF: https://arxiv.org/pdf/1808.00001v3\nTitle: Kites\n---\n")
    assert paper == read(PAPER)[0].__class__(
        "Kites", "We fly.", 3, arxiv_id="1808.00001", version=3, url="https://arxiv.org/pdf/1808.00001v3"
    )  # fmt: skip


def test_a_word_with_a_colon_within_a_summary_begins_no_paper():
    [paper] = read(PAPER.replace("We fly.", "We fly.\nFinding: high."))
    assert paper.abstract == "We fly. Finding: high."


@pytest.mark.parametrize(
    ("text", "reason", "line"),
    [
        (f"{PAPER}PDF: x\nSummary: We fly.\n---\n", "a paper without title", 5),
        (f"{PAPER}Title:\nPDF: x\n", "a paper without title", 5),
        ("", "no line that begins with Title:", None),
    ],
)
def test_a_paper_without_title_is_trouble_at_its_line(text, reason, line):
    with pytest.raises(DumpError) as caught:
        read(text)
    assert (caught.value.reason, caught.value.line) == (reason, line)
