"""A good mail has no finding; one change makes it bad by one rule."""

import re
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

import pytest

from digest.lint import RULES, lint
from digest.lint.style import colour, contrast
from digest.mime import Letterhead, fill, freeze
from digest.model import Message

DOCUMENT = (Path(__file__).parents[2] / "docs" / "lint.md").read_text("utf-8")
CLICK = "https://news.example.org/u/abcdefgh"
HEAD = """\
From: "Tide letter" <digest@news.example.org>
To: grete@readers.example.net
Subject: =?utf-8?q?Gezeiten_f=C3=BCr_alle?=
 =?utf-8?b?5r2u5rGQ?=
Date: Fri, 12 Jun 2026 07:00:00 +0000
Message-ID: <2026-06-12.0123456789abcdef@news.example.org>
List-Id: "Tide letter" <all.news.example.org>
List-Unsubscribe: <https://news.example.org/u/abcdefgh>, <mailto:leave@news.example.org?subject=x>
List-Unsubscribe-Post: List-Unsubscribe=One-Click
List-Archive: <https://news.example.org>
List-Help: <mailto:digest@news.example.org?subject=help>
Auto-Submitted: auto-generated
Precedence: list
Content-Language: en
MIME-Version: 1.0
DKIM-Signature: v=1; a=rsa-sha256; d=news.example.org; s=a; c=relaxed/relaxed;
 h=from:from:to:subject:date:message-id:mime-version:content-type:list-id:
 list-unsubscribe:list-unsubscribe-post; bh=eA==; b=
 AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA
 AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA
 AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA
 AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA
 AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA==
"""
TEXT = """\
Tide letter
===========

* Tides as Clocks for Slow Rivers
  Water levels near the sea keep time even far inland, to within a minute.
  https://papers.example/abs/2606.00001?q=a-very-long-query-that-stands-alone-on-its-line&p=1

* ﺮﺳﺎﺌﻟ
  https://papers.example/abs/2606.00002

You get this mail because you subscribed to it.
Sent by digest@news.example.org.

Unsubscribe:
https://news.example.org/u/abcdefgh

Archive:
https://news.example.org/editions/2026-06-12.html
"""
PAGE = """\
<!doctype html>
<html lang="en" dir="ltr">
<head>
<meta charset="utf-8"><title>Tide letter</title>
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<style>
/* colours */
.small { font-size: 14px }
@media (min-width: 480px) { .wide { width: 50% } }
@media (prefers-color-scheme: dark) {
.page { background-color: #191714 !important; }
.page, .page h1, .page h2, .page p { color: #ece5d8 !important; }
.page a { color: #f0a488 !important } }
</style>
</head>
<body class="page"
style="background:#fffdf8;color:#211c16;font-size:17px">
<div style="display:none;max-height:0">Tides as Clocks for Slow Rivers</div>
<div style="font-size:0"><table role="presentation"><tr>
<td style="font-size:17px">
<h1><a name="top">Tide letter</a></h1>
<h2><a style="color:#8a2d1b"
href="https://papers.example/abs/2606.00001?q=a-very-long-query-that-stands-alone-on-its-line&amp;p=1"
>Tides as Clocks for Slow Rivers</a></h2>
<p class="small">
Water levels near the sea keep time even far inland, to within a minute.</p>
<h2><bdi><a href="https://papers.example/abs/2606.00002"
style="color:#8a2d1b">ﺮﺳﺎﺌﻟ</a></bdi></h2>
<img src="cid:waves" alt="Waves" width="300" height="100">
<table><caption>Heights</caption><tr><th>Place</th></tr></table>
<p>You get this mail because you subscribed to it.
Sent by digest@news.example.org.</p>
<p><a style="color:#8a2d1b"
href="https://news.example.org/u/abcdefgh"
>Unsubscribe</a>
<a style="color:#8a2d1b"
href="https://news.example.org/editions/2026-06-12.html"
>Archive</a>
<a style="color:#8a2d1b"
href="https://news.example.org/editions/2026-06-12.html"
>Archive</a>
<a style="color:#8a2d1b"
href="https://papers.example/abs/2606.00002"
>www.papers.example</a>
<a href="#top" style="color:#8a2d1b">Up</a></p>
</td></tr></table></div>
</body></html>
"""


def part(kind: str, text: str, encoding: str = "8bit", charset: str = "utf-8") -> str:
    head = f"Content-Type: {kind}; charset={charset}\nContent-Transfer-Encoding: {encoding}"
    return f"--b\n{head}\n\n{text}\n"


def mail(
    *changes: tuple[str, str], head: str = HEAD, text: str = TEXT, html: str = PAGE, **options: str
) -> bytes:
    """The good mail with each first text of the changes replaced by its second."""
    parts = part("text/plain", text, **options) + part("text/html", html, **options)
    kind = 'Content-Type: multipart/alternative; boundary="b"\n\n'
    whole = f"{head}{kind}{parts}--b--\n"
    for old, new in changes:
        assert old in whole, old
        whole = whole.replace(old, new)
    return whole.replace("\n", "\r\n").encode("utf-8", "surrogateescape")


GOOD = mail()
LONG = "words and " * 30

BAD = {
    "line-ends": GOOD.replace(b"Precedence: list\r\n", b"Precedence: list\n"),
    "line-ends-saved": GOOD.replace(b"\r\n", b"\n"),
    "line-length": mail(("Tides as", "x" * 999)),
    "header-width": mail(("Precedence", f"X-Words: {LONG}\nPrecedence")),
    "plain-width": mail(("<h1>", f"<h1 title='{LONG}'>")),
    "encoded-width": mail(text="=C3=BC" * 13, encoding="quoted-printable"),
    "eight-bit": mail(encoding="7bit"),
    "nul": mail(("Tides", "Ti\0des")),
    "mime": mail(("--b--\n", "")),
    "mail-size": mail(text=TEXT + "words and more\n" * 70_000),
    "header-missing": mail(("Date: Fri, 12 Jun 2026 07:00:00 +0000\n", "")),
    "header-twice": mail(("To: ", "To: eve@evil.example\nTo: ")),
    "from-one-address": mail(
        ('"Tide letter" <digest@news.example.org>\nTo', "a@b.example, c@d.example\nTo")
    ),
    "from-freemail": mail(("<digest@news.example.org>\nTo", "<tides@gmail.com>\nTo")),
    "to-one-reader": mail(("grete@readers.example.net", "grete@readers.example.net, b@c.example")),
    "date": mail(("Fri, 12 Jun 2026 07:00:00 +0000", "12 June")),
    "message-id-form": mail(
        ("<2026-06-12.0123456789abcdef@news.example.org>", "2026 06@news.example.org")
    ),
    "message-id-address": mail(("<2026-06-12.0123456789abcdef", "<grete=readers.example.net")),
    "message-id-domain": mail(("abcdef@news.example.org", "abcdef@localhost.localdomain")),
    "return-path": mail(("From: ", "Return-Path: <b+grete=readers.example.net@b.example>\nFrom: ")),
    "encoded-word": mail(
        ("=?utf-8?q?Gezeiten_f=C3=BCr_alle?=", "=?utf-8?q?f=C3?= =?utf-8?q?=BCr?=")
    ),
    "encoded-token": mail(('"Tide letter" <digest@', "Tides <=?utf-8?q?digest?=@")),
    "header-unseen": mail(("5r2u5rGQ", "4oCuYg==")),
    "list-unsubscribe": mail(("List-Unsubscribe: ", "X-Leave: ")),
    "list-unsubscribe-form": mail(("abcdefgh>, <mailto:", "abcdefgh>,\n <mailto:")),
    "list-unsubscribe-https": mail(
        ("<https://news.example.org/u/abcdefgh>", "<http://news.example.org/u/abcdefgh>"),
        ("List-Unsubscribe-Post: List-Unsubscribe=One-Click\n", ""),
    ),
    "one-click": mail(("List-Unsubscribe=One-Click", "List-Unsubscribe=one-click")),
    "list-id": mail(("<all.news.example.org>", "all.news.example.org")),
    "list-addresses": mail(("List-Help: <mailto:digest@news.example.org?subject=help>\n", "")),
    "auto-submitted": mail(("Auto-Submitted: auto-generated", "Auto-Submitted: no")),
    "precedence": mail(("Precedence: list\n", "")),
    "content-language": mail(("Content-Language: en", "Content-Language: de")),
    "dkim": mail(("list-unsubscribe-post; bh", "list-unsubscribe; bh")),
    "dkim-strength": mail(("c=relaxed/relaxed", "c=simple")),
    "alternative": mail(head=HEAD, text=TEXT)
    .replace(b"text/plain", b"text/x")
    .replace(b"text/html", b"text/plain")
    .replace(b"text/x", b"text/html"),
    "attachment": mail(("--b--", f"{part('text/calendar', 'BEGIN')}--b--")),
    "charset": GOOD.replace("ﺮﺳﺎﺌﻟ".encode(), b"\xff\xfe"),
    "charset-utf-8": mail(charset="cp1256", text="words", html="<p>words"),
    "base64": mail(text="VGlkZSBsZXR0ZXI=", encoding="base64"),
    "html-size": mail(html=PAGE + "<p>words and more</p>\n" * 5_000),
    "html-goal": mail(html=PAGE + "<p>words and more</p>\n" * 4_000),
    "text-unseen": mail(("* Tides", "* \u202eTides")),
    "text-width": mail(("  Water levels near", "  Water levels near water levels near")),
    "text-flowed": mail(
        ("charset=utf-8", "charset=utf-8; format=flowed"), ("  Water levels", "From levels")
    ),
    "text-stub": mail(text="Tide letter\n"),
    "same-titles": mail(("* Tides as Clocks", "* Clocks")),
    "same-links": mail(("2606.00002\n\nYou", "2606.00003\n\nYou")),
    "unsubscribe-link": mail(("Unsubscribe:\nhttps://news.example.org/u/abcdefgh\n", "")),
    "reason": mail(text="Leave: https://news.example.org/u/abcdefgh"),
    "imprint": mail(
        html=PAGE.replace("digest@news.example.org", "us").replace("Tide letter", "Tides")
    ),
    "archive-link": mail(("\nArchive:\nhttps://news.example.org/editions/2026-06-12.html\n", "")),
    "html-active": mail(("<img", "<script>x</script><img")),
    "html-loads": mail(("/* colours */", "@import 'https://fonts.example/a.css';")),
    "tracking-pixel": mail(
        (
            '<img src="cid:waves"',
            '<img src="https://t.example/1" width="1" alt=""><img src="cid:waves"',
        )
    ),
    "remote-picture": mail(("cid:waves", "https://pictures.example/waves.png")),
    "link-scheme": mail(('href="#top"', 'href="java\tscript:alert(1)"')),
    "link-password": mail(('href="#top"', 'href="https://news.example.org@evil.example/"')),
    "link-host": mail(('href="#top"', 'href="https://раpers.example/"')),
    "text-host": mail(("00002\n\nYou", "00002\nhttps://раpers.example\n\nYou")),
    "link-disguise": mail((">www.papers.example<", ">https://bank.example<")),
    "link-anchor": mail(('href="#top"', 'href="#nowhere"')),
    "html-lang": mail((' lang="en"', "")),
    "html-dir": mail(('lang="en" dir="ltr"', 'lang="he" dir="ltr"')),
    "html-title": mail(("<title>Tide letter</title>", "<title> </title>")),
    "html-charset": mail(('<meta charset="utf-8">', "")),
    "html-viewport": mail(('name="viewport"', 'name="port"')),
    "color-scheme": mail(('content="light dark"', 'content="light"')),
    "dark-colours": mail(("background-color: #191714 !important;", "")),
    "preheader": mail(("display:none;max-height:0", "")),
    "img-alt": mail((' alt="Waves"', "")),
    "img-size": mail((' height="100"', "")),
    "table-role": mail((' role="presentation"', "")),
    "heading-order": mail(("<h2><bdi>", "<h3><bdi>"), ("</bdi></h2>", "</bdi></h3><h5>x</h5>")),
    "link-name": mail((">Up<", "><")),
    "link-twins": mail((">Up<", ">Archive<")),
    "text-size": mail(("font-size: 14px", "font-size: 10pt")),
    "contrast": mail(("color:#8a2d1b", "color:#e0a090")),
    "contrast-dark": mail((".page a { color: #f0a488 !important }", "")),
    "bidi": mail(("<bdi>", ""), ("</bdi>", "")),
}
"""Rule → the good mail, made bad in one way."""


def findings(raw: bytes) -> dict[str, str]:
    return {each.rule: f"{each.where}: {each.found}" for each in lint(raw).findings}


def test_a_good_mail_has_no_finding():
    assert findings(GOOD) == {}


def test_every_rule_has_a_bad_mail():
    assert list(BAD) == [rule.id for rule in RULES]


def test_every_rule_stands_in_the_documentation():
    rows = re.findall(r"(?m)^\| `([\w-]+)` \| (error|warning) \| (.*) \|$", DOCUMENT)
    assert rows == [(each.id, each.severity, each.why.replace("<", "&lt;")) for each in RULES]


@pytest.mark.parametrize("rule", BAD)
def test_a_rule_finds_what_is_bad_and_says_where(rule):
    found = findings(BAD[rule])
    assert rule in found
    where, _, what = found[rule].partition(": ")
    assert where
    assert what


def test_a_signature_shows_how_long_its_key_is():
    found = findings(mail((f" {'A' * 72}\n", " AAA\n")))
    assert found == {"dkim-strength": "DKIM-Signature, line 16: its key has 384 bits"}


# --- what is no fault -----------------------------------------------------------------------------

INNER = b'Content-Type: multipart/alternative; boundary="b"\r\n'
OUTER = b'Content-Type: multipart/mixed; boundary="o"\r\n\r\n--o\r\n'
NOW = datetime(2026, 6, 12, 7, tzinfo=UTC)
LETTERHEAD = Letterhead(
    "Tide letter",
    "digest@news.example.org",
    "leave@news.example.org",
    "all.news.example.org",
    "https://news.example.org",
)


def ours(text: str, page: str) -> bytes:
    """The mail that the program makes of these, with a slot for leaving."""
    slots = {"unsubscribe": "\ufdd0unsubscribe\ufdd0"}
    (slot,) = slots.values()
    parts = (each.replace(CLICK, slot) for each in (text, page))
    form = freeze(Message("Gezeiten für alle", *parts, slots, ()), "2026-06-12", NOW, LETTERHEAD)
    token = CLICK.rpartition("/")[2]
    return fill(form, {"to": "a@b.example", "message_id": "0" * 24, "unsubscribe": token})


FINE = {
    "a plain mail of two addresses for leaving": mail(
        ("<https://news.example.org/u/abcdefgh>, ", ""),
        ("List-Unsubscribe-Post: List-Unsubscribe=One-Click\n", ""),
        ("List-Archive: <https://news.example.org>\n", ""),
        ("\nhttps://news.example.org/u/abcdefgh\n", "\nmailto:leave@news.example.org?subject=x\n"),
        ('"https://news.example.org/u/abcdefgh"', '"mailto:leave@news.example.org?subject=x"'),
    ),
    "an address with =? in it": mail(
        ("u/abcdefgh>", "u/abcdefgh?a=?b&c=d?=>"),
        ("u/abcdefgh\n", "u/abcdefgh?a=?b&c=d?=\n"),
        ('u/abcdefgh"', 'u/abcdefgh?a=?b&amp;c=d?="'),
    ),
    "a reader's address in UTF-8": mail(("To: grete@", "To: ĝrēté@")),
    "no signature yet": re.sub(rb"DKIM-Signature(?s:.*?)A==\r\n(?! )", b"", GOOD),
    "a short signature that is not RSA's": mail(
        ("v=1; a=rsa-sha256", "v=1;\n a=ed25519-sha256"), (f" {'A' * 72}\n", "")
    ),
    "a return path that is a token": mail(("From: ", "Return-Path: <b+0123@b.example>\nFrom: ")),
    "a folded header": mail(
        ("Precedence", f"X-Words: {'words and ' * 6}\n {'more ' * 9}\nPrecedence")
    ),
    "a long address": mail(("grete@", f"{'g' * 64}@{'r' * 60}.")),
    "a newsletter below the sender's domain": mail(("abcdef@news.example.org", "ab@example.org")),
    "the mail that we make of it": ours(TEXT, PAGE),
    "and where it is mostly not ASCII": ours(TEXT + "漢字" * 900, PAGE + "<p>漢字</p>" * 900),
    "twins that are told apart": mail((">Up<", ' aria-describedby="t">Archive<')),
    "large text": mail(("<h1>", '<h1 style="color:#8a8680">')),
    "a style for the dark of its own": mail(
        (
            "@media (prefers-color-scheme: dark) {",
            '</style><style media="(prefers-color-scheme: dark)">',
        ),
        ("important } }", "important }"),
    ),
    "a colour that is not known": mail(("color:#211c16", "color:var(--ink)")),
    "a picture behind the text": mail(("background:#fffdf8", "background:#fffdf8 url(cid:a)")),
    "a direction that the words decide": mail(('dir="ltr"', 'dir="auto"')),
    "mixed with other parts": GOOD.replace(INNER, OUTER + INNER) + b"--o--\r\n",
}


@pytest.mark.parametrize("what", FINE)
def test_what_is_no_fault_is_not_found(what):
    assert findings(FINE[what]) == {}


# --- mails of others ------------------------------------------------------------------------------


def letter() -> EmailMessage:
    """A newsletter as a program with Python's standard library makes it."""
    made = EmailMessage(SMTP)
    made["From"] = "Tide letter <digest@news.example.org>"
    made["To"] = "grete@readers.example.net"
    made["Subject"] = "Gezeiten für alle"
    made["Date"] = "Fri, 12 Jun 2026 07:00:00 +0000"
    made["Message-ID"] = "<1@news.example.org>"
    made["List-Unsubscribe"] = f"<https://news.example.org/unsubscribe?token={'t' * 64}>"
    made.set_content(TEXT)
    made.add_alternative(PAGE, subtype="html")
    return made


def test_the_trap_of_the_standard_library_is_found():
    found = findings(letter().as_bytes())
    assert "it is encoded" in found["list-unsubscribe-form"]
    assert set(found) == {
        *("list-unsubscribe-form", "list-id", "list-addresses", "auto-submitted", "precedence"),
        # Its quoted-printable has lines of 78, and RFC 2045 allows 76.
        *("content-language", "encoded-word", "encoded-width"),
    }


def test_a_mail_from_one_person_to_another_is_told_what_a_newsletter_needs():
    raw = b"From: ada@lab.example\nTo: grace@lab.example\nSubject: Tides\n\nCome and see.\n"
    found = findings(raw)
    assert {"header-missing", "list-unsubscribe", "list-id", "alternative", "line-ends-saved"} <= {
        *found
    }
    assert not {"mime", "html-lang", "contrast", "text-stub", "html-title"} & {*found}


@pytest.mark.parametrize("raw", [b"", b"\n", b"\0", b"no header at all", b"\xff" * 99, b":\n :\n"])
def test_what_is_no_mail_is_looked_over_all_the_same(raw):
    assert lint(raw).errors


# --- the report -----------------------------------------------------------------------------------


def test_a_finding_counts_its_places_and_says_the_first():
    (found,) = lint(
        mail(("Precedence", "X-A: \u00fc\nX-B: \u00fc\nX-C: \u00fc\nPrecedence"))
    ).findings
    assert (found.rule, found.where, found.times) == ("eight-bit", "X-A, line 13", 3)


def test_the_sizes_are_those_of_the_parts_encoded_and_decoded():
    sizes = lint(GOOD).sizes
    assert sizes["mail"] == len(GOOD)
    assert sizes["html_decoded"] == sizes["html_encoded"] == len(PAGE.encode()) + PAGE.count("\n")
    encoded = mail(text="VGlkZSBsZXR0ZXI=", html="PHA+VGlkZXM=", encoding="base64")
    assert lint(encoded).sizes == {
        "mail": len(encoded),
        "text_encoded": 16,
        "text_decoded": 11,
        "html_encoded": 12,
        "html_decoded": 8,
    }


def test_the_headers_to_sign_have_from_twice():
    assert lint(GOOD).signed == (
        "from:from:to:subject:date:message-id:mime-version:content-type:list-id:"
        "list-unsubscribe:list-unsubscribe-post"
    )


# --- colours --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("#fff", (255, 255, 255, 1)),
        ("#0008", (0, 0, 0, 136 / 255)),
        ("#8a2d1b", (138, 45, 27, 1)),
        ("#8a2d1b80", (138, 45, 27, 128 / 255)),
        ("rgb(1, 2, 3)", (1, 2, 3, 1)),
        ("rgba(1 2 3 / .5)", (1, 2, 3, 0.5)),
        ("navy", (0, 0, 128, 1)),
        ("var(--ink)", None),
        ("#12345", None),
    ],
)
def test_a_colour_is_read_as_browsers_do(written, read):
    assert colour(written) == read


def test_contrast_is_that_of_wcag():
    assert contrast((0, 0, 0), (255, 255, 255)) == pytest.approx(21)
    assert contrast((119, 119, 119), (255, 255, 255)) == pytest.approx(4.48, abs=0.01)
