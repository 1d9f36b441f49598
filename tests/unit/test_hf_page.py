import io
import json

import pytest

from digest.errors import DumpError
from digest.formats.hf_page import accepts, papers
from digest.model import PrintedDate, Sighting

BANNER = "Get trending papers in your email inbox!\n\nSubscribe\n\n"
TITLE = "Kites over Quiet Data"
ABSTRACT = "Quiet data say little. We fly kites over them and hear 12\\% more."
LONG = " ".join(["A long abstract has many words and no end in sight, yet it is one."] * 6)


def read(text: str) -> list[Sighting]:
    return list(papers(io.BytesIO(text.encode())))


def trouble(text: str) -> DumpError:
    with pytest.raises(DumpError) as caught:
        read(text)
    return caught.value


@pytest.mark.parametrize(
    "text",
    [
        BANNER,
        "new\n\nbyAK and the research community\n\nDec 11\n",
        "get trending papers in your email inbox once a day!\r\nTitle\r\n",
        f"{TITLE}\n\n{ABSTRACT}\n\n  • 4 authors\n·\nAug 2, 2018\n",
        f"{TITLE}\n\n{ABSTRACT}\n\nelm-ai Elm AI\n·\nAug 2\n",
    ],
    ids=["banner", "by AK", "CRLF", "authors", "organisation"],
)
def test_a_page_is_known_by_its_chrome_or_by_its_lines_on_authors_and_dates(text):
    assert accepts(text.encode())
    assert accepts(text.encode("utf-16"))


@pytest.mark.parametrize(
    "text",
    [
        f"{TITLE}\n\n{ABSTRACT}\n",
        "# Kites\n\nThis tool reads pages that say “Get trending papers in your email inbox!”.\n",
        json.dumps({"title": TITLE, "chrome": BANNER}),
        json.dumps([{"title": TITLE, "authors": "• 4 authors"}], indent=1),
        f"<html>\n<p>\n{BANNER}</p></html>",
        "@article{kites,\n  title = {Kites},\n  year = 2018\n}\n",
        "Minutes\n\n- 4 authors came.\n- On Aug 2, 2018 we met again.\n",
        "Daily papers are dear to us.\n\nSubscribe\n",
        "Words.\n\n" * 40 + "  • 4 authors\n·\nAug 2, 2018\n\n" + "More words.\n\n" * 40,
    ],
    ids=["bare", "readme", "json", "json-list", "html", "bibtex", "minutes", "blog", "essay"],
)
def test_what_only_speaks_of_such_pages_is_none(text):
    assert not accepts(text.encode())


def test_a_head_that_ends_within_a_character_is_known():
    page = f"{TITLE}\n\n{ABSTRACT}\n\n  • 4 authors\n·\nAug 2, 2018\n\nGull"
    assert accepts(page.encode() + "ö".encode()[:1])


def test_the_number_after_a_date_counts_comments_and_is_no_year():
    [paper] = read(f"{TITLE}\n\n{ABSTRACT}\n\n  • 4 authors\n·\nMay 2 3\n")
    assert paper.published == PrintedDate(5, 2)
    assert paper.comments == 3
    assert paper.upvotes is None


def test_a_missing_number_after_the_date_is_no_zero():
    [paper] = read(f"{TITLE}\n\n{ABSTRACT}\n\n  • 4 authors\n·\nMay 2, 2018\n")
    assert paper.comments is None


def test_an_organisation_stands_where_authors_are_not_counted():
    [paper] = read(f"{TITLE}\n\n{ABSTRACT}\n\nelm-ai Elm AI Lab\n·\nMay 2\n")
    assert (paper.organization_handle, paper.organization) == ("elm-ai", "Elm AI Lab")
    assert paper.author_count is None


def test_an_organisation_of_one_word_has_no_handle():
    [paper] = read(f"{TITLE}\n\n{ABSTRACT}\n\nElm\n·\nMay 2\n")
    assert (paper.organization_handle, paper.organization) == (None, "Elm")


def test_a_short_abstract_is_no_organisation():
    [paper] = read(f"{TITLE}\n\nWe fly kites.\n\n·\nMay 2\n")
    assert paper.abstract == "We fly kites."


@pytest.mark.parametrize(
    "title",
    ["SubscribeNow Is Not a Title", "Subscribers at Rest", "New Kites", "Dec-POMDPs"],
)
def test_a_title_that_begins_like_chrome_stays_whole(title):
    first, second = read(f"{BANNER}Old Kites\n\n{ABSTRACT}\n\n{title}\n\n{ABSTRACT}\n")
    assert (first.title, second.title) == ("Old Kites", title)


def test_a_date_below_a_paper_is_not_the_day_of_the_page():
    paper, _ = read(f"·\nMay 2\n\n{TITLE}\n\n{ABSTRACT}\n\n·\nMay 3\n\n{TITLE} II\n\n{ABSTRACT}\n")
    assert paper.day is None


def test_titles_without_abstracts_are_trouble():
    titles = "\n\n".join(f"Kite Number {n}" for n in range(9))
    assert trouble(BANNER + titles).reason == "titles without abstracts"


def test_an_abstract_without_title_is_trouble_at_its_line():
    error = trouble(f"{TITLE}\n\n{LONG}\n\n{LONG}\n")
    assert (error.reason, error.line) == ("abstract without title", 5)


@pytest.mark.parametrize("text", ["", BANNER, "  • 4 authors\n·\nMay 2\n"])
def test_a_page_without_papers_is_trouble(text):
    assert "without papers" in trouble(text).reason


def test_a_page_that_lost_its_titles_is_trouble_that_says_so():
    names = "".join(f"Submitted by\n{name}\n" for name in ("boatswain", "cook-2", "owl"))
    page = f"Submitted by\nmate\nnew\n{BANNER.strip()}{names}"
    assert accepts(page.encode())
    assert trouble(page).reason == "a page that lost its titles: save it with its headings"


def test_who_submitted_a_paper_is_neither_title_nor_abstract():
    text = f"Submitted by\nboatswain\n\n{TITLE}\n\n{ABSTRACT}\n\n4 authors\n·\nMay 2\n\n"
    assert [paper.title for paper in read(BANNER + text + text.replace(TITLE, "Nets"))] == [
        TITLE,
        "Nets",
    ]


def test_two_printings_of_a_paper_are_one_that_has_what_either_says():
    paper = f"{TITLE}\n\n{ABSTRACT}\n\n"
    [joined] = read(f"{paper}·\nMay 2\n\n{paper}4 authors\n·\nPublished on May 2, 2018 3\n")
    assert (joined.author_count, joined.published) == (4, PrintedDate(5, 2))


def test_papers_of_one_title_and_two_abstracts_are_two():
    assert len(read(f"{BANNER}{TITLE}\n\n{ABSTRACT}\n\n{TITLE}\n\nWe fly no kites.\n")) == 2


def test_trouble_comes_before_the_first_paper():
    found = papers(io.BytesIO(f"{TITLE}\n\n{LONG}\n\n{LONG}\n".encode()))
    with pytest.raises(DumpError):
        next(found)


def test_a_character_cut_off_at_the_end_spoils_no_other():
    page = f"{BANNER}Tülips\n\n{ABSTRACT} Größe".encode()
    [paper] = papers(io.BytesIO(page[:-2]))
    assert paper.title == "Tülips"
    assert paper.abstract.endswith("Gr\u00f6")


def test_a_stray_byte_spoils_its_own_line_only():
    page = f"{BANNER}Tülips\n\n{ABSTRACT}\n\n  • 4 authors\n·\nMay 2\n".encode()
    [paper] = papers(io.BytesIO(page.replace(b"Quiet", b"Qui\x85et")))
    assert (paper.title, paper.author_count) == ("Tülips", 4)


def test_a_nul_stands_for_a_blank():
    [paper] = read(f"Kites\0Fly\n\n{ABSTRACT}\n\n·\nMay 2\n")
    assert paper.title == "Kites Fly"


def test_line_separators_within_an_abstract_end_no_line():
    [paper] = read(f"{BANNER}{TITLE}\n\nOne.\u2028Two.\x0cThree.\n")
    assert paper.abstract == "One. Two. Three."
