import io
import os
import subprocess
import sys
from html import escape
from pathlib import Path

import pytest

from digest.errors import DumpError
from digest.formats.feed import accepts, papers
from digest.formats.feed.html import blocks, plain
from digest.model import PrintedDate, Sighting

TITLE = "Kites over Quiet Data"
LINK = "<link>https://kites.example/1</link>"
ENTRY = f"<item><title>{TITLE}</title>{LINK}</item>"
ATOM = '<feed xmlns="http://www.w3.org/2005/Atom">'


def rss(*entries: str, prolog: str = "") -> str:
    lines = ['<rss version="2.0">', "<channel>", *entries, "</channel>", "</rss>"]
    return prolog + "\n".join(lines)


def item(body: str = "", title: str = TITLE, more: str = "") -> str:
    return (
        f"<item><title>{escape(title)}</title>{LINK}"
        f"<description>{escape(body)}</description>{more}</item>"
    )


def read(text: str | bytes) -> list[Sighting]:
    content = text.encode() if isinstance(text, str) else text
    return list(papers(io.BytesIO(content)))


def only(text: str | bytes) -> Sighting:
    (paper,) = read(text)
    return paper


def trouble(text: str | bytes) -> DumpError:
    with pytest.raises(DumpError) as caught:
        read(text)
    return caught.value


# --- what is a feed -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        rss(),
        rss(prolog="<?xml version='1.0'?>\n<?xml-stylesheet href='x'?><!-- <html> -->\n"),
        rss(prolog='<!DOCTYPE rss [ <!ENTITY % h SYSTEM "h.ent"> %h; ]>\n'),
        "<a:feed xmlns:a='http://www.w3.org/2005/Atom'/>",
        "<channel><item/></channel>",
        '<rdf:RDF xmlns:rdf="x" xmlns="http://purl.org/rss/1.0/"><channel/></rdf:RDF>',
        '<rdf:RDF xmlns="http://my.netscape.com/rdf/simple/0.9/"><channel/></rdf:RDF>',
        '{"title": "Kites", "version": "https:\\/\\/jsonfeed.org\\/version\\/1.1", "items": []}',
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_a_feed_is_known_by_its_root_whatever_stands_before(text, encoding):
    assert accepts(text.encode(encoding))


@pytest.mark.parametrize(
    "text",
    [
        "<!DOCTYPE html><html><body><rss></rss></body></html>",
        '<svg xmlns="http://www.w3.org/2000/svg"><title>feed</title></svg>',
        '<opml version="2.0"><body><outline type="rss"/></body></opml>',
        '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"></urlset>',
        '<book xmlns="http://docbook.org/ns/docbook"><title>rss</title></book>',
        '<rdf:RDF xmlns:owl="http://www.w3.org/2002/07/owl#"><owl:Class/></rdf:RDF>',
        "<!-- <rss> --><html/>",
        "<feedback><item/></feedback>",
        "&lt;rss&gt;",
        "A word on <rss> and <feed>.",
        '{"version": "1.0", "items": []}',
        '["version": "https://jsonfeed.org/version/1"]',
        "<rss",
    ],
)
def test_what_is_no_feed_is_not_accepted(text):
    assert not accepts(text.encode())


def test_feedparser_is_not_loaded_until_a_feed_is_read():
    code = (
        "import sys; from digest.formats import format_of; format_of(b'<rss/>');"
        "print('feedparser' in sys.modules)"
    )
    asked = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=os.environ
    )
    assert asked.stdout.strip() == "False"


# --- whole or not at all --------------------------------------------------------------------


@pytest.mark.parametrize("keep", range(30, len(rss(ENTRY, ENTRY)) - 1, 11))
def test_a_feed_cut_anywhere_is_refused(keep):
    cut = rss(ENTRY, ENTRY)[:keep]
    assert "cut off" in trouble(cut).reason


def test_a_cut_feed_is_refused_with_the_line_where_it_ends():
    assert trouble(f'<rss version="2.0">\n<channel>\n{ENTRY}\n').line == 3


def test_a_feed_cut_within_an_entry_is_refused_with_the_line_of_the_entry():
    error = trouble(rss(ENTRY, ENTRY.removesuffix("</item>"), ""))
    assert (error.line, error.reason) == (4, "cut off: this entry does not end")


def test_a_feed_without_entries_has_no_papers():
    assert read(rss()) == read(f"{ATOM}</feed>") == read("<rss/>") == []


def test_a_feed_whose_entries_are_no_papers_says_so_with_the_first_line():
    error = trouble(rss("<item><title>No link</title></item>", "<item></item>"))
    assert (error.line, error.reason) == (3, "no entry has a title and a link")


def test_an_entry_that_is_arxivs_error_is_refused_with_what_it_says():
    error = trouble(
        f"{ATOM}<entry><id>http://arxiv.org/api/errors#bad</id><title>Error</title>"
        '<link href="http://arxiv.org/api/errors#bad"/><summary>bad id for &lt;b&gt;x</summary>'
        "</entry></feed>"
    )
    assert error.reason == "bad id for x"


# --- sloppy feeds ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("Caf&eacute;&nbsp;&amp; Kites", "Café & Kites"),
        ("Kites &bogus; here", "Kites &bogus; here"),
        ("AT&T Kites", "AT&T Kites"),
        ("Ki\0t\x0bes&#0;&#11;&#xD800;&#99999999;", "Ki t es"),
        ("<b>Kites</i>", "Kites"),
        ("<unbound:x>Kites</unbound:x>", "Kites"),
        ("<![CDATA[Kites <item> ]]>&amp; strings", "Kites <item> & strings"),
    ],
)
def test_a_sloppy_feed_is_read(text, title):
    assert only(rss(f"<item><title>{text}</title>{LINK}</item>")).title == title


@pytest.mark.parametrize(
    ("declared", "written"),
    [
        ("utf-8", "cp1252"),
        ("ascii", "utf-8"),
        ("utf-16", "utf-8"),
        ("utf-7", "utf-8"),
        ("undefined", "utf-8"),
        ("no such thing", "utf-8"),
        ("iso-8859-1", "iso-8859-1"),
        ("utf-8", "utf-16"),
    ],
)
def test_a_wrong_encoding_declaration_does_no_harm(declared, written):
    text = rss(item(title="Über Drachen"), prolog=f"<?xml version='1.0' encoding='{declared}'?>")
    assert only(text.encode(written)).title == "Über Drachen"


def test_one_bad_byte_spoils_no_other_line():
    text = rss(item(title="Über Drachen"), item(title="Écoutez")).encode()
    titles = [paper.title for paper in read(text.replace("Ü".encode(), b"\xdc"))]
    assert titles == ["Über Drachen", "Écoutez"]


def test_utf_7_is_never_read_so_that_nothing_hides_in_it():
    text = rss(item("+ADw-script+AD4-"), prolog="<?xml version='1.0' encoding='utf-7'?>")
    assert only(text).abstract == "+ADw-script+AD4-"


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_the_line_is_the_one_where_the_entry_begins(end):
    text = rss(ENTRY, "<!-- <item>\n</item> -->", item("<![CDATA[</item>]]>"), ENTRY)
    found = read(text.replace("\n", end))
    assert [paper.line for paper in found] == [3, 6, 7]


def test_a_feed_of_many_batches_loses_no_entry_and_no_line():
    entries = [item("word " * 200, f"{TITLE} {number}") for number in range(1500)]
    found = read(rss(*entries))
    assert [paper.title for paper in found] == [f"{TITLE} {n}" for n in range(1500)]
    assert [paper.line for paper in found] == list(range(3, 1503))


# --- fields ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("printed", "day"),
    [
        ("<pubDate>Fri, 10 Dec 2021 00:30:00 +0900</pubDate>", (12, 10, 2021)),
        ("<pubDate>2021/10/16 9:23:28</pubDate>", (10, 16, 2021)),
        ("<pubDate>Mi, 30 Jun 2021 00:00:00 +0000</pubDate>", (6, 30, 2021)),
        ("<pubDate>soon</pubDate><updated>2021-03-04T23:00:00-05:00</updated>", (3, 4, 2021)),
        ("<pubDate>2021-02-31</pubDate>", None),
        ("", None),
    ],
)
def test_the_date_is_the_printed_one(printed, day):
    published = only(rss(item(more=printed))).published
    assert published == (day and PrintedDate(*day))


@pytest.mark.parametrize(
    ("elements", "names"),
    [
        (["Ada Ahoy, Bo Brine"], ("Ada Ahoy", "Bo Brine")),
        (["Ada Ahoy, Bo Brine, and Cy Cove"], ("Ada Ahoy", "Bo Brine", "Cy Cove")),
        (["Ada Ahoy and Bo Brine"], ("Ada Ahoy", "Bo Brine")),
        (["Brine, Bo"], ("Brine, Bo",)),
        (["Brine, Bo", "Ahoy, Ada"], ("Brine, Bo", "Ahoy, Ada")),
        (["Brine, Bo; Ahoy, Ada"], ("Brine, Bo", "Ahoy, Ada")),
        (["范存祥,林志斌"], ("范存祥", "林志斌")),
        (["Ahoy A, Brine B, et al."], ("Ahoy A", "Brine B")),
        (["Plato"], ("Plato",)),
        (["Ada Ahoy (Pier (North), Quay), Bo Brine"], ("Ada Ahoy", "Bo Brine")),
        (["JosÃ© Brine"], ("José Brine",)),
        (["gull@sea.org (Bo Brine)"], ("Bo Brine",)),
        (["gull@sea.org"], ()),
        (["", " "], ()),
    ],
)
def test_authors_are_told_apart_and_their_mail_addresses_left_out(elements, names):
    authors = "".join(f"<author>{element}</author>" for element in elements)
    assert only(rss(item(more=authors))).authors == names


@pytest.mark.parametrize(
    ("link", "number", "doi"),
    [
        ("https://arxiv.org/abs/2101.00001v2", "2101.00001", None),
        ("https://j.example/doi/10.1000/kite.1?af=R", None, "10.1000/kite.1"),
        ("https://j.example/article?id=10.1000/kite.1", None, "10.1000/kite.1"),
        ("https://j.example/10.1000/2021.01.02v3.full.pdf", None, "10.1000/2021.01.02"),
        ("https://doi.org/10.1000/2101.00001", None, "10.1000/2101.00001"),
        ("https://j.example/2021/kites", None, None),
    ],
)
def test_ids_are_read_from_links(link, number, doi):
    paper = only(rss(f"<item><title>{TITLE}</title><link>{link}</link></item>"))
    assert (paper.arxiv_id, paper.doi) == (number, doi)


@pytest.mark.parametrize(
    "link",
    [
        "javascript:alert(1)",
        "JavaScript&#58;alert(1)",
        "data:text/html,x",
        "file:///etc/passwd",
        "//kites.example",
        "https://bank.example@kites.example/",
        'https://kites.example/"onclick="x',
    ],
)
def test_a_link_that_is_no_web_address_is_left_out_and_the_paper_is_not(link):
    paper = only(rss(f"<item><title>{TITLE}</title><link>{link}</link></item>"))
    assert (paper.title, paper.url) == (TITLE, None)


@pytest.mark.parametrize(
    ("body", "abstract"),
    [
        ("Abstract: Kites hear.", "Kites hear."),
        ("<h2>ABSTRACT</h2><p>Kites hear.</p>", "Kites hear."),
        ("Abstract\nKites hear.", "Kites hear."),
        ("Abstract interpretation of kites.", "Abstract interpretation of kites."),
        ("<p>Volume 56, Issue 3, December 2021, Page 1-2<br/>. <br/></p>", ""),
        ("<p>N/A</p>", ""),
        ("arXiv:2101.00001v1 Announce Type: new \nAbstract: Kites hear.", "Kites hear."),
        ("<p>Kites<br>hear.</p><p>kites.example</p>", "Kites hear."),
    ],
)
def test_the_abstract_is_the_abstract_alone(body, abstract):
    assert only(rss(item(body))).abstract == abstract


# --- HTML -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("h<i>Oe</i>-66<sup>T</sup> in H<sub class='x'>2</sub>O", "hOe-66^{T} in H_{2}O"),
        ("a<p>b</p>c<br/>d", "a b c d"),
        ("p<0.05 and 0<x<1, if a < b > c", "p<0.05 and 0<x<1, if a < b > c"),
        ("if a<b and c>d", "if a<b and c>d"),
        ("$1<k$ and n>2 or q<n>m", "$1<k$ and n>2 or q<n>m"),
        ("x&lt;y &amp;amp; z &#956; &bogus;", "x<y & z μ &bogus;"),
        ("before<script>alert(1)</script>after", "before after"),
        ("the <script> tag alone", "the tag alone"),
        ("<STYLE>p{}</STYLE>x<!-- y -->z", "xz"),
        ("<img src=x onerror=alert(1)>a", "a"),
        ("<img alt='a > b' onerror='alert(1)'>a", "a"),
        ("<xss onclick=alert(1)>a", "a"),
        ("<anything>a</anything>", "a"),
        ("a<img onerror=alert(1) ", "a"),
        ("a<b onclick=alert(1)<i>c", "ac"),
        ("&lt;script&gt;alert(1)&lt;/script&gt;a", "a"),
        ("&amp;lt;b onclick=x&amp;gt;a", "a"),
        ("a <math><mi>x</mi></math> b", "a x b"),
        ("<![CDATA[a]]> <?php x ?> <!DOCTYPE html>b", "a b"),
        ("&#0;a&#99999999999999999999;\ufeff", "\ufffda&#99999999999999999999;"),
    ],
)
def test_html_becomes_plain_text(markup, text):
    assert plain(markup) == text


def test_blocks_are_told_apart():
    assert blocks("<div>a <b>b</b></div><p>c</p>") == ["a b", "c"]


def test_markup_escaped_too_often_loses_its_brackets():
    markup = "<script>x</script>"
    for _ in range(9):
        markup = escape(markup)
    assert "<" not in plain(markup)


def test_no_field_holds_markup():
    bad = escape("<b onclick=x>Bo</b> Brine<script>x</script>")
    paper = only(
        rss(
            f"<item><title>{bad}</title>{LINK}<description>{bad}</description>"
            f"<author>{bad}</author><category>{bad}</category></item>"
        )
    )
    assert (paper.title, paper.abstract) == ("Bo Brine", "Bo Brine")
    assert (paper.authors, paper.categories) == (("Bo Brine",), ("Bo Brine",))


# --- JSON Feed ------------------------------------------------------------------------------

JSON = '{"version": "https://jsonfeed.org/version/1.1", "authors": [{"name": "Ada"}], %s}'


@pytest.mark.parametrize(
    ("rest", "reason"),
    [
        ('"items": [{"id": "1", "title": "Ki', "JSON ends"),
        ('"items": ' + "[" * 100_000, "nested too deeply"),
        ('"items": {}', "without its items"),
        ('"items": [{"id": "1", "title": 7, "url": {}}]', "no entry has a title and a link"),
    ],
)
def test_a_broken_json_feed_is_refused(rest, reason):
    assert reason in trouble((JSON % rest)[: -1 if "[[" in rest or "Ki" in rest else None]).reason


def test_a_json_feed_of_nothing_has_no_papers():
    assert read(JSON % '"items": []') == []


def test_values_of_the_wrong_kind_in_a_json_feed_are_left_out():
    items = (
        '[{"title": "Ki\\ud800t\\u0000e", "url": "https://k.example/", "authors": "Ada",'
        ' "tags": [1, null], "date_published": {}, "content_html": true}]'
    )
    assert only(JSON % f'"items": {items}') == Sighting(
        title="Ki?t e", abstract="", line=1, url="https://k.example/"
    )


# --- hostile feeds --------------------------------------------------------------------------


def bomb(entity: str, use: str) -> str:
    return rss(item(more=f"<x>{use}</x>"), prolog=f"<!DOCTYPE rss [\n{entity}\n]>\n")


@pytest.mark.parametrize(
    "text",
    [
        bomb('<!ENTITY a "ha">\n<!ENTITY b "&a;&a;">', "&b;"),
        bomb(f'<!ENTITY a "{"A" * 50_000}">', "&a;" * 50_000),
        bomb('<!ENTITY a SYSTEM "file:///etc/passwd">', "&a;"),
    ],
    ids=["billion laughs", "quadratic", "external"],
)
def test_a_feed_with_entities_of_its_own_is_refused(text):
    error = trouble(text)
    assert (error.reason, error.line) == ("declares entities of its own", 2)


def test_feedparser_never_sees_the_document_type_and_so_fetches_nothing():
    text = rss(item("a"), prolog='<!DOCTYPE rss SYSTEM "http://127.0.0.1:9/rss.dtd">')
    assert only(text).abstract == "a"


def test_a_feed_that_names_a_file_is_not_that_file(tmp_path: Path):
    secret = tmp_path / "secret.rss"
    secret.write_text(rss(ENTRY), encoding="utf-8")
    assert trouble(str(secret)).reason == "no feed begins here"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "no feed begins here"),
        (rss(item("word " * 500_000)), "an entry of over 2,000,000 bytes"),
        (rss("<item></item>" * 20_000), "over 10,000 entries without title or link"),
        (rss(*[item(more="<b>" * 150_000)] * 6), "not well-formed: mismatched tag"),
        (rss(item(more="&bogus;<image><width/></image></width>")), "too broken"),
        ("<rss>" * 50_000, "cut off"),
        (rss(ENTRY)[:-10] + "<!--" * 100_000, "cut off"),
    ],
    ids=["empty", "long entry", "no papers", "broken", "feedparser", "deep root", "comments"],
)
def test_a_feed_beyond_measure_is_refused(text, reason):
    assert reason in trouble(text).reason


@pytest.mark.parametrize(
    "markup",
    [
        "<",
        "<a ",
        '<a "',
        "'<a \"",
        "<!--",
        "<script>",
        "<x onclick= ",
        "<sub>",
        "&amp;",
        "</q>",
        "(",
    ],
)
def test_the_time_for_hostile_markup_grows_with_its_length_only(markup):
    assert isinstance(plain(markup * 200_000), str)


def test_a_hundred_thousand_nested_tags_are_read():
    assert only(rss(item("<a>" * 100_000 + "x" + "</a>" * 100_000))).abstract == "x"
