"""Whatever an edition holds, its mail fits, and every paper is printed or counted."""

import re
from binascii import b2a_qp
from datetime import date

import html5lib
from hypothesis import given, settings
from hypothesis import strategies as st
from samples import HTML, LOOK, TEMPLATES

from digest.archive import pages
from digest.look import printable
from digest.model import Card, Edition, Theme
from digest.render import compiler, render

LIMIT = 30_000

words = st.text(max_size=120)
lines = words | st.text("Aé漢 ", max_size=600) | st.sampled_from(["<b>{{ 1 }}</b>", "]]>&amp;\x00"])
counts = st.none() | st.integers(0, 10**6)


@st.composite
def cards(draw):
    return Card(
        ref=draw(st.uuids()).hex,
        title="T" + draw(lines),
        lead=draw(lines),
        finding=draw(st.none() | lines),
        authors=tuple(draw(st.lists(words, max_size=5))),
        author_count=draw(counts),
        organization=draw(st.none() | words),
        published=draw(st.none() | st.dates()),
        upvotes=draw(counts),
        comments=draw(counts),
        url=draw(st.none() | lines | st.just("https://papers.example/1?a=b&c=d")),
        code_url=draw(st.none() | lines),
        keywords=(),
    )


@st.composite
def editions(draw):
    """A few papers and many copies of them, so that some editions are far too large."""
    kinds = draw(st.lists(cards(), min_size=1, max_size=4))
    sizes = draw(st.lists(st.integers(1, 25), min_size=1, max_size=5))
    themes = [
        Theme(
            f"t{t}", draw(st.text(max_size=25)), "s", tuple(kinds[i % len(kinds)] for i in range(n))
        )
        for t, n in enumerate(sizes)
    ]
    return Edition("all", date(2026, 11, 20), 1, tuple(themes))


def headings(page):
    root = html5lib.parse(page)
    return [" ".join("".join(node.itertext()).split()) for node in root.iter(f"{HTML}h3")]


@settings(max_examples=60, deadline=None)
@given(editions())
def test_a_mail_fits_and_prints_or_counts_every_paper(edition):
    message = render(edition, LOOK, TEMPLATES, compiler(), LIMIT)
    left_out = len(edition.cards) - len(message.shown)

    assert len(message.html.encode()) <= LIMIT
    assert len(b2a_qp(message.html.encode())) <= LIMIT
    assert len(headings(message.html)) == len(message.shown)
    assert len(re.findall(r"^\* T", message.text, re.MULTILINE)) == len(message.shown)
    note = f"{left_out} more paper{'s' * (left_out != 1)} of this edition"
    assert (note in message.html) == (note in message.text) == bool(left_out)
    assert len(message.subject) <= 90
    assert message.subject == printable(message.subject)


@settings(max_examples=30, deadline=None)
@given(editions())
def test_an_archive_page_is_valid_and_prints_every_paper(edition):
    files = pages([edition], {}, LOOK, TEMPLATES)

    for path, page in files.items():
        if path.endswith(".html"):
            html5lib.HTMLParser(strict=True).parse(page)
    expected = [" ".join(printable(card.title).split()) for card in edition.cards]
    assert headings(files["editions/2026-11-20.html"]) == expected
