"""Whatever an edition holds, its mail is one that any program reads as it was meant."""

from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import cast

from hypothesis import example, given, settings
from hypothesis import strategies as st

from digest.deliver import Sender, mail
from digest.model import Kind, Message, Standing, Subscriber

NOW = datetime(2026, 6, 12, 7, 0, tzinfo=UTC)
READER = Subscriber(1, "a@b.example", "all", Kind.READER, Standing.ACTIVE, "t" * 32, NOW)
MARKER = "slot-unsubscribe-c0ffee"
LEAVE = f"mailto:leave@news.example.org?subject=unsubscribe%20{'t' * 32}"
NAMES = {
    *("From", "To", "Subject", "Date", "Message-ID", "List-Id", "List-Unsubscribe"),
    *("Auto-Submitted", "Precedence", "Content-Language", "MIME-Version", "Content-Type"),
}

# Surrogates and controls, too: no text may stop an edition.
hostile = st.text(st.characters(exclude_categories=()))
lines = st.lists(hostile | st.sampled_from([MARKER, ".", "..", " ", "\t", "From ", "x" * 999, "="]))


def body() -> st.SearchStrategy[str]:
    return st.builds(str.join, st.sampled_from(["", "\n", "\r\n", "\r", " "]), lines)


def made(subject: str, name: str, text: str, html: str) -> bytes:
    sender = Sender(
        name, "digest@news.example.org", "leave@news.example.org", "digest.example.org", b"secret"
    )
    message = Message(subject, text, html, {"unsubscribe": MARKER}, ())
    return mail(message, "2026-06-12", NOW, READER, sender)


def read(raw: bytes) -> EmailMessage:
    return cast("EmailMessage", message_from_bytes(raw, policy=policy.default))


def as_meant(text: str) -> str:
    """What a reader gets: line ends of one kind, a filled slot, no lone surrogate."""
    folded = text.replace(MARKER, LEAVE).replace("\r\n", "\n").replace("\r", "\n")
    return folded.encode(errors="replace").decode()


def visible(text: str) -> str:
    """What must be left of a header: all of it but white space, controls and surrogates."""
    return "".join(
        c
        for c in text
        if not c.isspace() and not "\x00" <= c <= "\x1f" and not "\x7f" <= c <= "\x9f"
        if not "\ud800" <= c <= "\udfff"
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
    assert message["List-Unsubscribe"] == f"<{LEAVE}>"
    assert [address.addr_spec for address in message["From"].addresses] == [
        "digest@news.example.org"
    ]
    assert [part.get_content_type() for part in parts] == ["text/plain", "text/html"]
    assert [as_meant(part.get_content()) for part in parts] == [as_meant(text), as_meant(html)]
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


@settings(deadline=None)
@given(subject=hostile, name=hostile, text=body(), html=body())
def test_the_same_mail_is_the_same_bytes(subject, name, text, html):
    assert made(subject, name, text, html) == made(subject, name, text, html)
