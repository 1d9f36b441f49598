"""Whatever an edition holds, its mail is one that any program reads as it was meant."""

import html as htmllib
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage

from hypothesis import example, given, settings
from hypothesis import strategies as st

from digest.mime import Letterhead, fill, freeze
from digest.model import Message
from digest.store.editions import FORM

NOW = datetime(2026, 6, 12, 7, 0, tzinfo=UTC)
MARKER = "slot-unsubscribe-c0ffee"
TOKEN = "t" * 32
OVERRIDES = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
LEAVE = "https://news.example.org/u/"
NAMES = {
    *("From", "To", "Subject", "Date", "Message-ID", "List-Id", "List-Unsubscribe", "List-Help"),
    *("List-Unsubscribe-Post", "List-Archive", "Auto-Submitted", "Precedence"),
    *("Content-Language", "MIME-Version", "Content-Type"),
}

# Surrogates and controls, too: no text may stop an edition.
hostile = st.text(st.characters(exclude_categories=()))
lines = st.lists(hostile | st.sampled_from([MARKER, ".", "..", " ", "\t", "From ", "x" * 999, "="]))
tokens = st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=200)


def body() -> st.SearchStrategy[str]:
    return st.builds(str.join, st.sampled_from(["", "\n", "\r\n", "\r", " "]), lines)


def letterhead(name: str) -> Letterhead:
    return Letterhead(
        name,
        "digest@news.example.org",
        "leave@news.example.org",
        "digest.example.org",
        "https://news.example.org",
    )


def made(subject: str, name: str, text: str, html: str, token: str = TOKEN) -> bytes:
    message = Message(subject, text, html, {"unsubscribe": MARKER}, ())
    form = freeze(message, "2026-06-12", NOW, letterhead(name))
    assert FORM.validate_json(FORM.dump_json(form)) == form
    return fill(form, {"to": "a@b.example", "message_id": "0" * 24, "unsubscribe": token})


def read(raw: bytes) -> EmailMessage:
    return message_from_bytes(raw, policy=policy.default)


def sound(text: str) -> str:
    """Line ends of one kind and no lone surrogate."""
    return text.replace("\r\n", "\n").replace("\r", "\n").encode(errors="replace").decode()


def as_meant(text: str, token: str = TOKEN) -> str:
    """What a reader gets: a sound text with a filled slot."""
    return sound(text).replace(MARKER, f"{LEAVE}{token}")


def visible(text: str) -> str:
    """What must be left of a header: all but white space, controls, surrogates and overrides."""
    return "".join(
        c
        for c in text
        if not c.isspace() and not "\x00" <= c <= "\x1f" and not "\x7f" <= c <= "\x9f"
        if not "\ud800" <= c <= "\udfff" and c not in OVERRIDES
    )


@settings(deadline=None, max_examples=300)
@given(subject=hostile, name=hostile.map(lambda name: name[:60]), text=body(), html=body())
@example("=?utf-8?q?x?= =?utf-8?b?eA==?=", '"\\', "--=_\r\n", "<p>\r\r")
@example("a\r\nBcc: eve@evil.example", "\u2028x\x85y\vz", ".\n..\n", "\ud800 \n\t\n=")
@example("x" * 998, "x" * 60, "x" * 5000, "ü" * 5000)
def test_any_mail_is_read_back_as_it_was_meant(subject, name, text, html):
    raw = made(subject, name, text, html)
    message = read(raw)
    parts = list(message.iter_parts())
    assert set(message.keys()) == NAMES
    assert len(message.keys()) == len(NAMES)
    assert visible(message["Subject"]) == visible(subject)
    by_mail = f"mailto:leave@news.example.org?subject=unsubscribe%20{TOKEN}"
    assert message["List-Unsubscribe"] == f"<{LEAVE}{TOKEN}>, <{by_mail}>"
    assert [address.addr_spec for address in message["From"].addresses] == [
        "digest@news.example.org"
    ]
    assert [part.get_content_type() for part in parts] == ["text/plain", "text/html"]
    assert [sound(part.get_content()) for part in parts] == [as_meant(text), as_meant(html)]
    assert [part.defects for part in (message, *parts)] == [[], [], []]
    assert [message[name].defects for name in NAMES] == [()] * len(NAMES)


@settings(deadline=None, max_examples=300)
@given(subject=hostile, name=hostile, text=body(), html=body())
def test_any_mail_is_short_lines_of_ascii(subject, name, text, html):
    raw = made(subject, name, text, html)
    assert raw.isascii()
    assert b"\0" not in raw
    assert raw.count(b"\r\n") == raw.count(b"\r") == raw.count(b"\n")
    assert all(
        len(line) <= 78 or (line.startswith(b"List-Unsubscribe: <") and len(line) <= 998)
        for line in raw.split(b"\r\n")
    )


@settings(deadline=None, max_examples=300)
@given(text=body(), html=body(), token=tokens)
@example("漢" * 50 + MARKER + "é", "é" * 76 + MARKER, "x" * 77)
def test_a_mail_carries_what_the_standard_library_would(text, html, token):
    """The same headers, the same text and the same HTML as an EmailMessage of the library."""
    mail = read(made("Tides – and clocks", "Gezeiten für alle", text, html, token))
    theirs = EmailMessage(policy=policy.SMTP)
    for name in ("From", "To", "Subject", "Date", "Message-ID", "List-Id"):
        theirs[name] = str(mail[name])
    theirs.set_content(as_meant(text, token))
    theirs.add_alternative(as_meant(html, htmllib.escape(token)), subtype="html")
    again = read(theirs.as_bytes())
    for name in ("From", "To", "Subject", "Date", "Message-ID", "List-Id"):
        assert mail[name] == again[name]
    for ours, other in zip(mail.iter_parts(), again.iter_parts(), strict=True):
        assert ours.get_content_type() == other.get_content_type()
        text = sound(ours.get_content())
        # The library ends a text that has no line end with one.
        assert sound(other.get_content()) == (text if text.endswith("\n") else f"{text}\n")


@settings(deadline=None)
@given(token=tokens)
def test_no_token_makes_a_long_line_or_another_header(token):
    raw = made("Tides", "News", f"{'a' * 70}{MARKER}{'b' * 99}", f"<p>{MARKER}", token)
    assert set(read(raw).keys()) == NAMES
    assert all(
        len(line) <= 78 or line.startswith(b"List-Unsubscribe: <") for line in raw.split(b"\r\n")
    )
    assert not any(line.startswith(b".") for line in raw.split(b"\r\n"))


@settings(deadline=None)
@given(subject=hostile, name=hostile, text=body(), html=body())
def test_the_same_mail_is_the_same_bytes(subject, name, text, html):
    assert made(subject, name, text, html) == made(subject, name, text, html)
