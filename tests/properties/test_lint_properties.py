"""The linter looks over anything, and nothing in a dump can keep an edition from its readers."""

from dataclasses import replace
from datetime import UTC, date, datetime

from hypothesis import example, given, settings
from hypothesis import strategies as st
from samples import CARD, HOME, HOSTILE, LOOK, NASTY_CARDS, TEMPLATES

from digest.lint import headers, lint, lists, wire
from digest.lint.mail import Mail
from digest.mime import Letterhead, fill, freeze
from digest.model import Edition, Message, Theme
from digest.pipeline.publish import LONGEST, guard
from digest.render import compiler, render
from digest.text import headline

NOW = datetime(2026, 11, 20, 7, tzinfo=UTC)
LETTERHEADS = {
    look: Letterhead(
        look.name, "ada@lab.example", "leave@lab.example", "all.lab.example", look.public_url or ""
    )
    for look in (LOOK, HOME)
}
texts = st.text(st.characters(exclude_categories=()), min_size=1) | st.sampled_from(HOSTILE)
urls = st.sampled_from(
    [
        *(CARD.url, "https://papers.example/ü?q=<b>&amp;=\"'", "HTTP://PAPERS.EXAMPLE:8080/#x"),
        *("https://ada:secret@papers.example/", "javascript:alert(1)", "https://[::1]/", "data:,x"),
        *("https://раpers.example/", "https://papers.example/раpers", "https://.."),
        *("//papers.example", "https://xn--pypal-4ve.example/", "mailto:a@b.example", "", None),
    ]
)


def sent(cards, look):
    """The mail of an edition of these cards, filled as far as it may be."""
    edition = Edition(
        "all", date(2026, 11, 20), 1, (Theme("sea", "The sea", "Water", tuple(cards)),)
    )
    message = render(edition, look, TEMPLATES, compiler())
    form = freeze(message, edition.name, NOW, LETTERHEADS[look])
    guard(form, edition.name)
    return fill(form, LONGEST)


@settings(deadline=None, max_examples=40)
@given(
    title=texts, lead=texts, finding=texts, author=texts, organization=texts, url=urls, code=urls
)
@example(
    title="https://evil.example",
    lead="see https://a@b.example now",
    finding="\u202e",
    author="\u200b",
    organization="x",
    url=None,
    code=None,
)
@example(
    title="漢" * 90,
    lead="رسائل من البحر",
    finding="=?utf-8?q?x?=",
    author=".",
    organization="From ",
    url=CARD.url,
    code=CARD.url,
)
def test_no_text_of_a_dump_keeps_an_edition_from_its_readers(
    *, title, lead, finding, author, organization, url, code
):
    card = replace(
        CARD,
        title=headline(title),
        lead=lead,
        finding=finding,
        authors=(author,),
        organization=organization,
        url=url,
        code_url=code,
    )
    for look in (LOOK, HOME):
        assert lint(sent([card, CARD], look)).errors == ()


def test_neither_do_all_hostile_texts_at_once():
    for look in (LOOK, HOME):
        assert lint(sent(NASTY_CARDS, look)).errors == ()


@settings(deadline=None, max_examples=60)
@given(name=texts, subject=texts)
@example(name="رسالة المد، " * 8, subject="潮汐" * 60)
def test_no_name_and_no_subject_makes_a_bad_header(name, subject):
    message = Message(subject, "Tides", "<p>Tides", {}, ())
    letterhead = replace(LETTERHEADS[LOOK], name=name)
    mail = Mail(fill(freeze(message, "2026-11-20", NOW, letterhead), LONGEST))
    for rule in (*headers.RULES, *lists.RULES, *wire.RULES):
        assert list(rule.check(mail)) == []


@settings(deadline=None)
@given(st.binary())
@example(b"Content-Type: multipart/alternative\r\n\r\nx")
@example(b'Content-Type: multipart/alternative; boundary="b"\r\n\r\n--b\r\n\r\n--b--\r\n')
@example(
    b"Content-Type: text/html; charset=nothing\r\nSubject: =?x?q?y?=\r\n\r\n<![x<a href=#><p></td>"
)
@example(b"Content-Type: text/html; charset*=a''b\r\n\xff: x\r\n\r\n<style>{}}@media{")
@example(b"Content-Type: text/html\r\n\r\n" + b"<div><p>x" * 3_000)
@example(
    b"List-Unsubscribe: <https://[x>\r\nContent-Type: text/html\r\n\r\n<img src=//[><a href=http://[>"
)
@example(
    b"Content-Type: text/html\r\n\r\n<style>"
    + b"@media (prefers-color-scheme:dark){" * 3_000
    + b"}" * 3_000
)
@example(b"Content-Type: text/plain; charset=undefined\r\n\r\n\xff")
@example(b"Content-Type: text/plain; charset=idna\r\n\r\nxn--..\xff")
@example(b'Content-Type: text/plain; charset="a\0b"\r\n\r\n\xff')
@example(b"Content-Transfer-Encoding: base64\r\n\r\n=A==\xff")
@example(b"Date: \xff 99 99\r\nFrom: <>\r\nTo: ,,\r\nMessage-ID:\r\nDKIM-Signature: h\r\n\r\n")
def test_nothing_is_too_odd_to_be_looked_over(raw):
    assert lint(raw) == lint(raw)


@settings(deadline=None, max_examples=60)
@given(st.data())
def test_a_mail_with_a_piece_cut_out_or_put_in_is_looked_over(data):
    good = sent([CARD], LOOK)
    start, end = sorted(data.draw(st.integers(0, len(good))) for _ in range(2))
    lint(good[:start] + data.draw(st.binary()) + good[end:])
