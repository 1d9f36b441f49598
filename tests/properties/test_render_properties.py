"""Whatever an edition holds, its mail fits, and every paper is printed or counted."""

import re
from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import pairwise

import html5lib
from hypothesis import given, settings
from hypothesis import strategies as st
from samples import HTML, LOOK, TEMPLATES

from digest.archive import pages
from digest.look import WIDTH, printable, wrapped
from digest.mime import Letterhead, fill, freeze
from digest.model import Card, Edition, Form, Rank, Theme, Tier
from digest.render import compiler, render

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
LETTERHEAD = Letterhead(
    name="R&D letter",
    address="ada@lab.example",
    unsubscribe=f"{'leave' * 12}@lab.example",
    list_id="all.lab.example",
    public_url=f"https://{'lab.' * 20}example/a",
)

words = st.text(max_size=120)
lines = (
    words
    | st.text("Aé漢 ", max_size=600)
    | st.sampled_from(["<b>{{ 1 }}</b>", "]]>&amp;\x00", "." * 900, "From " * 90])
)
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
        rank=Rank(draw(st.integers(0, 99)), 1.0),
        tier=draw(st.sampled_from(Tier)),
        compact=draw(st.none() | lines),
        version=draw(st.none() | st.integers(1, 9)),
        pdf_url=draw(st.none() | lines),
        chosen_by=tuple(draw(st.lists(words, max_size=3))),
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
@given(editions(), st.sampled_from(["en", "de", "ar"]), st.integers(20_000, 90_000))
def test_a_mail_fits_and_prints_or_counts_every_paper(edition, locale, limit):
    look = replace(LOOK, locale=locale)
    message = render(edition, look, TEMPLATES, compiler(), limit)
    budget = message.budget
    left_out = len(edition.cards) - len(message.shown)

    assert size_on_the_wire(message) <= budget.size <= limit
    assert (budget.cards + budget.lines, budget.online) == (len(message.shown), left_out)
    assert len(headings(message.html)) == budget.cards
    assert len(re.findall(r"^\* T", message.text, re.MULTILINE)) == len(message.shown)
    if locale == "en":
        note = f"{left_out} more paper{'s' * (left_out != 1)} of this edition"
        assert (note in message.html) == (note in message.text) == bool(left_out)
    assert len(message.subject) <= 90
    assert message.subject == printable(message.subject)


@settings(max_examples=40, deadline=None)
@given(editions(), st.integers(20_000, 90_000))
def test_a_more_important_paper_is_never_shown_with_less(edition, limit):
    edition = numbered(edition)
    message = render(edition, LOOK, TEMPLATES, compiler(), limit)
    cards = {title.split()[0] for title in headings(message.html)}
    # What stands first in its theme is the best of it; of the others the better rank counts.
    shown = [
        (card.title in cards) + (card.ref in message.shown)
        for _, card in sorted(
            ((card.tier is Tier.LINE, place > 0, card.rank.place, place, i), card)
            for i, theme in enumerate(edition.themes)
            for place, card in enumerate(sorted(theme.cards, key=lambda card: card.rank.place))
            if card.tier is not Tier.ONLINE
        )
    ]
    assert shown == sorted(shown, reverse=True)


def size_on_the_wire(message):
    """Bytes of the HTML as it is sent, with long links in its slots."""
    form = freeze(message, "2026-11-20", NOON, LETTERHEAD)
    values = dict.fromkeys(message.slots, "t" * 64)
    whole = fill(Form((), (), form.html, b""), values)
    return len(whole.partition(b"\r\n\r\n")[2].removesuffix(b"\r\n"))


def numbered(edition):
    """The edition with names by which its papers are told apart."""
    themes = [
        replace(
            theme,
            cards=tuple(
                replace(card, ref=f"{t}-{n}", title=f"T{t}-{n}")
                for n, card in enumerate(theme.cards)
            ),
        )
        for t, theme in enumerate(edition.themes)
    ]
    return replace(edition, themes=tuple(themes))


@given(st.text(" aé-", max_size=400), st.sampled_from(["", "    "]), st.sampled_from(["", "* "]))
def test_plaintext_keeps_its_words_and_fills_its_lines(text, indent, first):
    """A word goes to the next line where it does not fit, and stands alone where it never does."""
    whole = wrapped(text, indent, first)
    assert [word for line in whole.split("\n") for word in line.split()] == [
        word for word in f"{first if whole else ''}{text}".split(" ") if word
    ]
    for line, following in pairwise(whole.split("\n")):
        assert len(f"{line} {following.split()[0]}") > WIDTH
        assert following.startswith(indent)
    for line in whole.split("\n"):
        assert len(line) <= WIDTH or " " not in line.removeprefix(first).strip()


@settings(max_examples=30, deadline=None)
@given(editions())
def test_an_archive_page_is_valid_and_prints_every_paper(edition):
    files = pages([edition], {}, LOOK, TEMPLATES)

    for path, page in files.items():
        if path.endswith(".html"):
            html5lib.HTMLParser(strict=True).parse(page)
    expected = [" ".join(printable(card.title).split()) for card in edition.cards]
    assert headings(files["editions/2026-11-20.html"]) == expected
