"""What the checks say of a mail: what the linter, its bytes and the list of features say."""

import re
import time
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from judges import caniemail
from mails import parsed
from samples import CARD, HOME, LOOK, TEMPLATES

from digest import support
from digest.checks import Header, Link, check
from digest.lint import GROUPS, RULES, lint
from digest.mime import Letterhead, fill, freeze
from digest.model import Edition, Message, Theme, Tier
from digest.render import compiler, render

NOW = datetime(2026, 11, 20, 7, tzinfo=UTC)
LETTERHEAD = Letterhead("Tide letter", "ada@lab.example", "leave@lab.example", "all.lab.example")
VALUES = {
    "to": "grete@readers.example.net",
    "message_id": "abcdefghijklmnopabcdefgh",
    "unsubscribe": "t" * 32,
    "preferences": "t" * 32,
}
ARABIC = "نقدم نموذجا لغويا يقرأ سجلات الموانئ القديمة في ثلاث مدن على البحر"


def card(n: int, **changes: object):
    return replace(CARD, ref=f"p{n}", title=f"Lantern {n} of the – Harbour", **changes)


def message(*themes: Theme, look=HOME, limit: int = 90_000) -> Message:
    edition = Edition("all", date(2026, 11, 20), 1, themes)
    return render(edition, look, TEMPLATES, compiler(), limit)


def mail(made: Message, now: datetime = NOW) -> bytes:
    online = "https://lab.example/a" if "preferences" in made.slots else ""
    letterhead = replace(LETTERHEAD, public_url=online)
    return fill(freeze(made, "2026-11-20", now, letterhead), VALUES)


def theme(number: int, *cards) -> Theme:
    return Theme(f"theme-{number}", f"Sea & shore {number}", "Water", cards)


LINE = {"tier": Tier.LINE}
CROWDED = (
    theme(0, card(0), card(1, finding=None, code_url=None), card(2, **LINE), card(3, url=None)),
    theme(1, card(4, part="Boats"), card(5, part="Boats", **LINE), card(6, part="Nets", **LINE)),
    theme(2, card(7, lead=""), *(card(n, tier=Tier.ONLINE) for n in range(8, 12))),
    theme(3, card(12, **LINE), card(13, tier=Tier.ONLINE)),
)


@pytest.mark.parametrize("look", [HOME, LOOK, replace(LOOK, locale="ar")])
def test_every_paper_that_the_mail_prints_has_its_bytes_and_its_heading(look):
    made = message(*CROWDED, look=look)
    size = check(mail(made)).size
    titles = {each.ref: each.title for each in (c for t in CROWDED for c in t.cards)}
    assert [paper.title for paper in size.papers] == [titles[ref] for ref in made.shown]
    headings = {c.title: t.label for t in CROWDED for c in t.cards}
    assert [paper.theme for paper in size.papers] == [headings[p.title] for p in size.papers]
    assert sum(paper.bytes for paper in size.papers) + size.frame == size.html_encoded


def block(html: list[str], title: str) -> slice:
    """The lines of a paper, found by what they say."""
    start = next(
        n for n, line in enumerate(html) if title in line and re.match("<h[34]|<p style", line)
    )
    is_card = html[start].startswith("<h")
    ends = (
        n
        for n, line in enumerate(html)
        if n >= start and line.endswith("</p>") and (not is_card or "aria-label" in line)
    )
    return slice(start, next(ends) + 1)


@pytest.mark.parametrize("look", [HOME, LOOK])
def test_a_mail_without_a_paper_is_smaller_by_what_the_paper_takes(look):
    made = message(*CROWDED, look=look)
    whole = check(mail(made)).size
    assert len(whole.papers) == len(made.shown)
    for paper in whole.papers:
        lines = made.html.split("\n")
        del lines[block(lines, paper.title)]
        less = check(mail(replace(made, html="\n".join(lines)))).size
        assert whole.html_encoded - less.html_encoded == paper.bytes, paper


def test_in_base64_papers_and_frame_add_up_too():
    cards = [card(n, lead=ARABIC * 9, finding=ARABIC * 3) for n in range(9)]
    raw = mail(message(theme(0, *cards)))
    assert b"Content-Transfer-Encoding: base64" in raw
    size = check(raw).size
    assert len(size.papers) == 9
    assert sum(paper.bytes for paper in size.papers) + size.frame == size.html_encoded
    smallest, largest = (f(paper.bytes for paper in size.papers) for f in (min, max))
    assert 0 <= largest - smallest < 100


def test_the_figures_are_those_of_the_linter():
    raw = mail(message(*CROWDED))
    told = check(raw).document()
    assert told["lint"] == lint(raw).document()
    sizes = told["lint"]["sizes"]
    assert {name: told["size"][name] for name in sizes if name != "text_decoded"} == {
        name: size for name, size in sizes.items() if name != "text_decoded"
    }


def test_the_figures_are_those_of_the_benchmark_of_the_mail():
    raw = mail(message(*CROWDED)).replace(b"<body", b"<blink></blink><body", 1)
    found = check(raw)
    assert found.unlisted == ("<blink>",)
    assert caniemail([parsed("mail", raw)])["features_new"] == len(found.unlisted)
    lacking = {lack.feature for name in support.NEEDED for lack in found.programs[name].lacking}
    uses = support.used(parsed("mail", raw).html)
    assert lacking == {
        name
        for name, feature in support.listed().items()
        if support.lacking(feature) and not uses.isdisjoint(feature["used"])
    }
    assert all(lack.because for name in support.NEEDED for lack in found.programs[name].lacking)


def test_every_feature_of_the_mail_is_shown_or_partly_or_lacking():
    found = check(mail(message(*CROWDED)))
    assert set(found.programs) == set(support.PROGRAMS)
    for program in found.programs.values():
        assert program.shown > 10
        assert all(not lack.answer.startswith("no") for lack in program.partly)
        assert all(lack.answer.startswith("no") for lack in program.lacking)


def test_a_finding_tells_its_group_so_that_access_can_be_told_from_the_rest():
    raw = mail(message(theme(0, card(0)))).replace(b"<html lang=3D", b"<html data-lang=3D")
    groups = {each["rule"]: each["group"] for each in check(raw).document()["lint"]["findings"]}
    assert groups["html-lang"] == "access"
    assert {rule for rules in GROUPS.values() for rule in rules} == set(RULES)
    names = {rule.id for rule in GROUPS["access"]}
    assert {"contrast", "contrast-dark", "img-alt", "link-name"} <= names


def test_a_link_is_told_once_with_the_words_that_first_lead_there():
    cards = [card(n, url="https://papers.example/one", pdf_url=None) for n in range(2)]
    links = check(mail(message(theme(0, *cards), look=LOOK))).links
    assert links[0] == Link("https://papers.example/one", "Lantern 0 of the – Harbour", 4)
    assert len({link.url for link in links}) == len(links)
    assert all(re.match("https?://", link.url) for link in links)


def test_what_changed_is_told_and_what_always_does_is_not():
    before = mail(message(theme(0, card(0)), theme(1, card(1))))
    later = NOW.replace(day=21)
    now = mail(message(theme(1, card(2), card(3)), theme(2, card(4, **LINE))), later)
    changed = check(now, before).changed
    assert changed is not None
    assert changed.before == "Fri, 20 Nov 2026 07:00:00 +0000"
    assert changed.papers == (2, 3)
    assert (changed.headings_new, changed.headings_gone) == (
        ("Sea & shore 2",),
        ("Sea & shore 0",),
    )
    assert changed.bytes == (check(before).size.html_encoded, check(now).size.html_encoded)
    assert changed.headers == ()


def test_headers_that_need_not_differ_are_told_in_words():
    before = mail(message(theme(0, card(0))))
    now = before.replace(b'"Tide letter" <ada', b"=?utf-8?q?T=C3=ADde?= <ada", 1)
    now = now.replace(b"Precedence: list\r\n", b"")
    changed = check(now, before).changed
    assert changed is not None
    assert changed.headers == (
        Header("From", '"Tide letter" <ada@lab.example>', "Tíde <ada@lab.example>"),
        Header("Precedence", "list", ""),
    )
    assert changed.document()["headers"][1] == {"name": "Precedence", "was": "list", "is": ""}


def test_without_a_mail_before_nothing_has_changed():
    assert check(mail(message(theme(0, card(0))))).document()["changed"] is None


@pytest.mark.parametrize("raw", [b"", b"\r\n", b"Subject: a\r\n\r\nb", b"\xff\x00"])
def test_what_is_no_newsletter_is_looked_over_too(raw):
    told = check(raw, raw).document()
    assert told["size"]["papers"] == ()
    assert told["size"]["html_encoded"] == told["size"]["frame"] == 0


@pytest.mark.parametrize(
    "inner",
    [
        "<h3>a",
        "<h3>a</h3><p>",
        "<p><b><a>a</a></b>",
        "<h6>",
        "<h3>a</h3>\n",
        "<h3>a\n",
        "<h2><h3>a\n",
        "<b><a><p>",
    ],
)
def test_a_large_hostile_mail_is_looked_over_in_time(inner):
    head = b"Content-Type: text/html; charset=utf-8\r\n\r\n"
    raw = head + (inner * (20_000 // len(inner))).encode()
    began = time.process_time()
    size = check(raw).size
    assert time.process_time() - began < 10
    assert sum(paper.bytes for paper in size.papers) + size.frame == size.html_encoded
