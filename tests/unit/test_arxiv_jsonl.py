"""JSON Lines of arXiv papers; the golden pairs show the dialects."""

import io
import json

import pytest

from digest.errors import DumpError
from digest.formats import arxiv_jsonl, export
from digest.model import PrintedDate, Sighting

PAPER = {
    "id": "3105.00017",
    "abs": "https://arxiv.org/abs/3105.00017",
    "authors": ["Ada Ahoy"],
    "title": "Tides of Attention",
    "categories": ["cs.LG"],
    "comment": None,
    "summary": "Heads come and go.",
}


def line(**changes: object) -> bytes:
    return json.dumps({**PAPER, **changes}).encode() + b"\n"


def read(content: bytes) -> list[Sighting]:
    return list(arxiv_jsonl.papers(io.BytesIO(content)))


def one(**changes: object) -> Sighting:
    return read(line(**changes))[0]


# --- which files ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "head",
    [
        b"\n\r\n  \n" + line(),
        b"\xef\xbb\xbf" + line(),
        line().decode().encode("utf-16"),
        line(id="hep-th/9901001v2"),
        line()[:-3],
        line(summary="long " * 50_000)[:65_536],
        b'{"id": "3105.00017", "authors": "' + b"A. A., " * 20_000,
        line().rstrip() + b" and more\n",
    ],
    ids=[
        "blank lines",
        "mark",
        "UTF-16",
        "old id",
        "cut end",
        "cut in the abstract",
        "cut before the title",
        "broken",
    ],
)
def test_a_list_is_known_by_the_arxiv_id_and_title_of_its_first_record(head):
    assert arxiv_jsonl.accepts(head)
    assert not export.accepts(head)


@pytest.mark.parametrize(
    "head",
    [
        b"",
        b"{",
        b"{}\n",
        b"null\n",
        b"[" + line().rstrip() + b"]\n",
        json.dumps(PAPER, indent=1).encode(),
        line(id="17", abs=None),
        line(id=3105.00017, abs=None),
        line(title=None),
        line(title=["Tides"]),
        line(dump="page.txt", format="hf_page"),
        b'{"date": "2031-05-01", "papers": [' + line().rstrip() + b"]}\n",
        b'{"paper": ' + line().rstrip() + b', "title": "Tides"}\n',
        b'{"version": "https://jsonfeed.org/version/1.1", "title": "A feed", "items": []}\n',
        b'{"id" "3105.00017", "title": "Tides"}\n',
        b'{"a":' * 30_000,
    ],
    ids=[
        "nothing",
        "a brace",
        "empty object",
        "null",
        "a list",
        "over many lines",
        "another id",
        "a number as id",
        "no title",
        "no text as title",
        "our own export",
        "papers in an object",
        "a record of an API",
        "JSON Feed",
        "broken before the title",
        "deep",
    ],
)
def test_other_json_is_left_to_other_formats(head):
    assert not arxiv_jsonl.accepts(head)


# --- what a record says -----------------------------------------------------------------------


def test_a_record_with_a_title_alone_is_a_paper():
    assert read(b'{"title": "Tides"}\n') == [Sighting("Tides", "", 1)]


def test_white_space_is_folded_and_what_no_database_stores_is_a_blank():
    paper = one(title="\n  Tides\u2003of\0Attention \ud83d", summary="a\r\n\tb")
    assert (paper.title, paper.abstract) == ("Tides of Attention", "a b")


@pytest.mark.parametrize(
    ("versions", "version", "published"),
    [
        (
            [{"version": "v1", "created": "Mon, 2 Apr 2031 19:18:42 GMT"}],
            1,
            PrintedDate(4, 2, 2031),
        ),
        ([{"version": "v1", "created": "Mon, 31 Feb 2031"}, {"version": "v2"}], 2, None),
        ([{"version": "v1", "created": "Mon, 2 Mai 2031"}], 1, None),
        ([{"version": "latest"}], None, None),
        (["v1"], None, None),
        ([], None, None),
        ("v1", None, None),
        (7, None, None),
    ],
)
def test_the_first_version_has_the_date_and_the_last_the_number(versions, version, published):
    paper = one(versions=versions)
    assert (paper.version, paper.published) == (version, published)


def test_a_version_in_the_id_or_the_link_is_read_and_no_part_of_the_id():
    assert (one(id="3105.00017v4").arxiv_id, one(id="3105.00017v4").version) == ("3105.00017", 4)
    link = one(id=None, abs=None, link="http://arxiv.org/abs/hep-th/9901001v2")
    assert (link.arxiv_id, link.version) == ("hep-th/9901001", 2)


@pytest.mark.parametrize(
    ("printed", "authors"),
    [
        ("Ada Ahoy", ("Ada Ahoy",)),
        ("A. Ahoy, B. Brine and\n  C. Cape", ("A. Ahoy", "B. Brine", "C. Cape")),
        ("A. Ahoy, B. Brine, and C. Cape", ("A. Ahoy", "B. Brine", "C. Cape")),
        ("A. Ahoy (1), Andy Band (2) ((1) Rock, (2) Shore)", ("A. Ahoy", "Andy Band")),
        (["Ada Ahoy", "", None, 7], ("Ada Ahoy",)),
        (None, ()),
        (7, ()),
    ],
)
def test_authors_may_be_a_list_or_one_text(printed, authors):
    assert one(authors=printed).authors == authors


def test_names_in_parts_are_put_in_order():
    parts = [["Ahoy", "Ada", ""], ["Brine", "Bo", "Jr", "a harbour"], ["Gulls", "", ""], []]
    assert one(authors="?", authors_parsed=parts).authors == ("Ada Ahoy", "Bo Brine Jr", "Gulls")


@pytest.mark.parametrize(
    "address", ["javascript:alert(1)", "//evil.example", "3105.00017", 7, None]
)
def test_only_addresses_of_the_web_are_taken(address):
    paper = one(abs=address, code_url=address)
    assert (paper.url, paper.code_url) == (None, None)


@pytest.mark.parametrize(
    "said",
    [
        {"comment": "Withdrawn"},
        {"comment": "This paper has been withdrawn by the author due to an error in eq. 4"},
        {"comments": "12 pages. arXiv admin note: withdrawn from arXiv, inappropriate overlap"},
        {"summary": "This paper has been withdrawn."},
        {"summary": "Our previous submission is hereby withdrawn by the authors, see 3104.1."},
        {"abstract": "The authors have withdrawn this article.", "summary": None},
    ],
)
def test_a_paper_that_says_so_is_withdrawn(said):
    assert one(**said).announced == "withdrawn"


@pytest.mark.parametrize(
    "said",
    [
        {"comment": "Not withdrawn, only renamed"},
        {"comment": "withdrawn from a conference, accepted at a better one"},
        {"comment": "On opioid withdrawal"},
        {"summary": "Anchors are withdrawn. This paper says why."},
        {"summary": "The drug was withdrawn after this study."},
        {"summary": "We study how retracted and withdrawn papers are cited."},
        {"comment": 7, "summary": None},
    ],
)
def test_a_paper_about_withdrawal_is_not_withdrawn(said):
    assert one(**said).announced is None


# --- lines ------------------------------------------------------------------------------------


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
def test_lines_are_counted_whichever_way_they_end(end):
    content = end.join([b"", line().strip(), b"", b"  ", line(title="Ebb").strip()])
    assert [(paper.title, paper.line) for paper in read(content)] == [
        ("Tides of Attention", 2),
        ("Ebb", 5),
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_a_list_is_read_in_its_encoding(encoding):
    text = json.dumps({**PAPER, "title": "Über Ebbe – und Flut"}, ensure_ascii=False)
    content = (text + "\n" + text + "\n").encode(encoding)
    assert arxiv_jsonl.accepts(content)
    assert [paper.title for paper in read(content)] == ["Über Ebbe – und Flut"] * 2


@pytest.mark.parametrize(
    ("second", "reason"),
    [
        (b'{"title": "Ebb"]\n', "JSON breaks in column 16: expecting ',' delimiter"),
        (b'{"title": "Ebb', "the file ends in the middle of a record"),
        (b'{"title": "Ebb"', "the file ends in the middle of a record"),
        (b'["Ebb"]\n', "a line that is no JSON object"),
        (b"null", "a line that is no JSON object"),
        (b'{"title": " "}\n', "a paper without title"),
        (b'{"id": "3105.00018"}\n', "a paper without title"),
        (b'{"title": ' + b"[" * 100_000 + b"\n", "JSON nested too deeply"),
        (b'{"title": "' + b"Ebb " * 300_000 + b'"}\n', "a line of more than 1 MB"),
        (b'{"title": ' + b"7" * 5_000 + b"}\n", "JSON with a number too long to read"),
        (b"\0\n", "JSON breaks"),
    ],
    ids=[
        "broken",
        "cut in a text",
        "cut before the end",
        "a list",
        "null",
        "blank title",
        "no title",
        "deep",
        "long",
        "endless number",
        "zero",
    ],
)
def test_a_line_that_is_no_paper_is_told_with_its_number_and_reason(second, reason):
    with pytest.raises(DumpError) as caught:
        read(line() + b"\n" + second)
    assert (caught.value.line, caught.value.reason[: len(reason)]) == (3, reason)


@pytest.mark.parametrize("content", [b"", b"\n \r\n\r"])
def test_a_list_without_records_is_told(content):
    with pytest.raises(DumpError, match="an empty file"):
        read(content)


def test_a_long_list_is_read_as_it_is_asked_for():
    stream = io.BytesIO(line() * 100_000)
    papers = arxiv_jsonl.papers(stream)
    for _ in range(10):
        next(papers)
    assert stream.tell() <= 10 * len(line())
