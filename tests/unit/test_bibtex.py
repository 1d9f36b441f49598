"""BibTeX files; the golden pairs show the fields."""

import io

import pytest

from digest.errors import DumpError
from digest.formats import bibtex
from digest.model import PrintedDate, Sighting


def read(text: str | bytes) -> list[Sighting]:
    content = text if isinstance(text, bytes) else text.encode()
    return list(bibtex.papers(io.BytesIO(content)))


def one(fields: str) -> Sighting:
    return read(f"@article{{key, title = {{Ebb}}, {fields}}}")[0]


def titles(text: str) -> list[str]:
    return [paper.title for paper in read(text)]


# --- which files ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "head",
    [
        "@article{key, title = {Ebb}}",
        "  @ InProceedings { key-1:a/b , title = {Ebb} }",
        "@misc(key, title = {Ebb})",
        "@dataset{key,",
        "@article{,\n title",
        "@article{title = {Ebb}}",
        '@string{a = "b"}',
        "@comment{jabref-meta: 7}",
        "Made by hand.\nEncoding: UTF-8\n\n@book{key,",
        "% a long licence\n" * 500 + "@book{key,",
        "\ufeff@article{key, title = {Ebb}}",
    ],
)
def test_a_bibliography_is_known_by_its_first_entry(head):
    assert bibtex.accepts(head.encode())


@pytest.mark.parametrize(
    "head",
    [
        "",
        "Write to ada@example.org{now, please}",
        "@given(dumps, x=1)\ndef test(): ...",
        '@pytest.mark.parametrize("x", [])',
        "@dataclass(frozen=True)\nclass Paper: ...",
        "@media screen {\n  a { color: red }\n}",
        "@font-face {\n  font-family: a, b;\n}",
        "<feed>\n@article{key,\n</feed>",
        '{"bibtex": "\n@article{key,"}',
        "A long letter. " * 200 + "\n@article{key, title = {Ebb}}",
        "@article{key,\0",
    ],
)
def test_what_only_has_an_at_sign_is_none(head):
    assert not bibtex.accepts(head.encode())


# --- entries ----------------------------------------------------------------------------------


def test_an_entry_without_title_is_no_paper():
    assert titles("@book{a, author = {A}}\n@book{b,}\n@book{c}\n@misc{d, title = {Ebb}}") == ["Ebb"]


@pytest.mark.parametrize("text", ["", "@book{a, author = {A}}", "@string{a = {b}}", "no entry"])
def test_a_file_without_papers_is_told(text):
    with pytest.raises(DumpError, match="a bibliography without titles"):
        read(text)


def test_the_line_is_where_the_entry_begins():
    text = (
        "% one\r\n@string{a = {b\r\nc}}\r\n\r\n@misc{a,\r\n title = {Ebb}}\r\n@misc{b, title = a}"
    )
    assert [(paper.title, paper.line) for paper in read(text)] == [("Ebb", 5), ("b c", 7)]


def test_what_is_commented_out_is_no_paper():
    text = """
        @comment{ @misc{a, title = {One}}
          @misc{b, title = {Two}} }
        % @misc{c, title = {Three}} @misc{d, title = {Four}}
        @misc{e, title = {Ebb}} % @misc{f, title = {Five}}
    """
    assert titles(text) == ["Ebb"]


def test_names_of_fields_and_abbreviations_are_read_in_either_case():
    text = '@STRING{Sea = "Sea"}\n@Misc{a, TITLE = "The " # sea # { } # 7 # unknown}'
    assert titles(text) == ["The Sea 7unknown"]


def test_an_abbreviation_of_one_file_is_unknown_in_the_next():
    read("@string{jan = {Janus}}\n@misc{a, title = jan}")
    assert titles("@misc{a, title = jan}") == ["January"]


def test_of_two_fields_with_one_name_the_first_counts():
    assert titles("@misc{a, title = {Ebb}, Title = {Flow}}") == ["Ebb"]


def test_two_entries_with_one_key_are_two_papers():
    assert titles("@misc{a, title = {Ebb}}@misc{a, title = {Flow}}") == ["Ebb", "Flow"]


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ("@misc{a,\n title = {Ebb}\n year = 2031\n}", 3, "line 1 is broken: '}' expected"),
        ("\n@misc{a,\n title = {Ebb {open}\n}\n\n", 2, "an entry that does not end"),
        ("@misc{a, title = {Ebb}}\n@misc{b, title = {Fl", 2, "an entry that does not end"),
        ("@misc{a, title = {Ebb}}\n@misc{b", 2, "an entry that does not end"),
        ("@misc{title = {Ebb}}", 1, "line 1 is broken"),
        ("@misc{a, title = }", 1, "field value expected"),
        ('@misc{a, title = "Eb}b"}', 1, "unbalanced braces"),
        ("@misc{a,\n\ntitle = " + "{" * 200, 3, "too many nested braces"),
        ("@comment{ {open}\n", 1, "an entry that does not end"),
        ("@misc{a, title = {" + "Ebb " * 300_000 + "}}", 1, "longer than 1 MB"),
        ("@misc{a, title = " + "1 # " * 260_000 + "1}", 1, "longer than 1 MB"),
        (
            "@string{a = {ten pages}}" + "@string{a = a # a}" * 40 + "@misc{b, title = a}",
            1,
            "abbreviations unfold to more than the file is long",
        ),
    ],
    ids=[
        "no comma",
        "open brace",
        "cut in a field",
        "cut in a key",
        "no key",
        "no value",
        "brace in quotes",
        "deep",
        "open comment",
        "long",
        "many pieces",
        "bomb",
    ],
)
def test_a_broken_entry_is_told_with_its_line(text, line, reason):
    with pytest.raises(DumpError) as caught:
        read(text)
    assert caught.value.line == line
    assert reason in caught.value.reason


# --- fields -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("printed", "authors"),
    [
        ("Ada Ahoy and Brine, Bo", ("Ada Ahoy", "Bo Brine")),
        ("Ahoy, Ada AND\n Brine, Bo", ("Ada Ahoy", "Bo Brine")),
        ("van der Cape, Jr, Dot", ("Dot van der Cape Jr",)),
        ("{Rope and Anchor Inc., Ltd} and others", ("Rope and Anchor Inc., Ltd",)),
        (r"Andy Band and {\"O}st, {\'E}va", ("Andy Band", r"{\'E}va {\"O}st")),
        ("Ahoy, and Bo, Brine", ("Ahoy", "Brine Bo")),
        ("Ada Ahoy and and Bo Brine", ("Ada Ahoy", "Bo Brine")),
        (",", ()),
    ],
)
def test_authors_are_told_apart_and_put_in_order(printed, authors):
    assert one(f"author = {{{printed}}}").authors == authors


@pytest.mark.parametrize(
    ("fields", "published"),
    [
        ("year = 2031, month = may, day = 3", PrintedDate(5, 3, 2031)),
        ("year = 2031, month = may # { 3}", PrintedDate(5, 3, 2031)),
        ("year = 2031, month = 3 # {~May}", PrintedDate(5, 3, 2031)),
        ("year = {2031}, month = {05}, day = {03}", PrintedDate(5, 3, 2031)),
        ("date = {2031-05-03}", PrintedDate(5, 3, 2031)),
        ("date = {2031-05-03T10:00:00Z}", PrintedDate(5, 3, 2031)),
        ("date = {2031-05-03/2031-05-09}", None),
        ("date = {2031-05}", None),
        ("year = 2031, month = may", None),
        ("year = 2031", None),
        ("year = 2031, month = feb, day = 30", None),
        ("year = {in press}, month = may, day = 3", None),
        ("year = 2031, month = 13, day = 13", None),
    ],
)
def test_a_date_counts_where_all_of_it_is_printed(fields, published):
    assert one(fields).published == published


@pytest.mark.parametrize(
    ("fields", "arxiv_id", "version"),
    [
        ("eprint = {3105.00017v2}, archivePrefix = {arXiv}", "3105.00017", 2),
        ("eprint = {hep-th/9901001}", "hep-th/9901001", None),
        ("eprint = {3105.00017}, eprinttype = {arxiv}", "3105.00017", None),
        ("eprint = {3105.00017}, archivePrefix = {jstor}", None, None),
        ("journal = {arXiv preprint arXiv:3105.00017}", "3105.00017", None),
        ("journal = {CoRR}, volume = {abs/3105.00017}", "3105.00017", None),
        ("url = {http://arxiv.org/abs/3105.00017v3}", "3105.00017", 3),
        ("url = {https://example.org/3105.00017}", None, None),
        ("note = {on arXiv}, howpublished = {\\url{arxiv.org/pdf/3105.00017}}", "3105.00017", None),
    ],
)
def test_the_arxiv_id_is_found_where_it_may_be_printed(fields, arxiv_id, version):
    paper = one(fields)
    assert (paper.arxiv_id, paper.version) == (arxiv_id, version)


@pytest.mark.parametrize(
    ("printed", "url"),
    [
        (r"\url{https://example.org/a_b}", "https://example.org/a_b"),
        (r"https://example.org/a\_b\%20c\&d", "https://example.org/a_b%20c&d"),
        ("javascript:alert(1)", None),
        ("www.example.org", None),
    ],
)
def test_an_address_of_the_web_is_read_out_of_its_latex(printed, url):
    assert one(f"url = {{{printed}}}").url == url


# --- bytes ------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_a_file_is_read_in_its_encoding_and_with_its_line_ends(encoding, end):
    text = end.join(["@misc{a,", " title = {Über", "  Ebbe}}", "@misc{b, title = {Flut}}"])
    content = text.encode(encoding)
    assert bibtex.accepts(content)
    assert [(paper.title, paper.line) for paper in read(content)] == [("Über Ebbe", 1), ("Flut", 4)]


def test_a_line_in_another_encoding_spoils_no_other_line():
    content = "@misc{a, title = {Über}}\n".encode() + "@misc{b, title = {Öl}}\n".encode("cp1252")
    assert [paper.title for paper in read(content)] == ["Über", "Öl"]


def test_a_zero_byte_is_a_blank():
    assert titles("@misc{a, title = {Eb\0b}}") == ["Eb b"]
