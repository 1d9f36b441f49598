import re
import shutil
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.utils import parseaddr
from typing import cast

import pytest

from digest import deliver
from digest.model import Kind, Message, Standing, Subscriber
from digest.subscribe import token

NOW = datetime(2026, 6, 12, 7, 0, tzinfo=UTC)
SENDER = deliver.Sender(
    name="Paper digest",
    address="digest@news.example.org",
    unsubscribe="leave+digest@news.example.org",
    list_id="digest.news.example.org",
    secret=b"a secret of the test",
)
READER = Subscriber(
    id=7,
    address="grete@readers.example.net",
    audience="all",
    kind=Kind.READER,
    standing=Standing.ACTIVE,
    token=token("grete@readers.example.net", b"a secret of the test"),
    since=NOW,
)
MARKER = "slot-unsubscribe-0f1e2d3c"
TEXT = f"""\
Paper digest, 12 June 2026
==========================

Tides as Clocks for Slow Rivers
  Water levels near the sea keep time even far inland – to within a minute.
  https://papers.example/abs/2606.00001

You get this mail because you asked for it.
Leave: {MARKER}
"""
HTML = f"""\
<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Paper digest</title></head>
<body><h1>Paper digest, 12 June 2026</h1>
<h2><a href="https://papers.example/abs/2606.00001">Tides as Clocks for Slow Rivers</a></h2>
<p>Water levels near the sea keep time even far inland – to within a minute.</p>
<p>You get this mail because you asked for it. <a href="{MARKER}">Leave</a></p>
</body></html>
"""
MESSAGE = Message(
    subject="Paper digest, 12 June 2026: Tides as Clocks for Slow Rivers",
    text=TEXT,
    html=HTML,
    slots={"unsubscribe": MARKER},
    shown=(),
)
HEADERS = [
    *("From", "To", "Subject", "Date", "Message-ID", "List-Id", "List-Unsubscribe"),
    *("Auto-Submitted", "Precedence", "Content-Language", "MIME-Version", "Content-Type"),
]
BREAKERS = "\r\n\v\f\x00\x1b\x85\u2028\u2029\ud800"


def made(message=MESSAGE, edition="2026-06-12", reader=READER, sender=SENDER) -> bytes:
    return deliver.mail(message, edition, NOW, reader, sender)


def parsed(raw: bytes) -> EmailMessage:
    return cast("EmailMessage", message_from_bytes(raw, policy=policy.default))


def lines_of(raw: bytes, name: str) -> list[str]:
    head = raw.partition(b"\r\n\r\n")[0].decode("ascii")
    return [line for line in head.split("\r\n") if line.startswith(f"{name}:")]


def longest_line(raw: bytes) -> int:
    """The longest but List-Unsubscribe, which is not folded for the sake of simple programs."""
    lines = (line for line in raw.split(b"\r\n") if not line.startswith(b"List-Unsubscribe:"))
    return max(map(len, lines))


def name_and_address(raw: bytes, header: str) -> tuple[str, str]:
    """Read by the old parser, which joins the encoded words of a phrase as RFC 2047 §6.2 says."""
    name, address = parseaddr(message_from_bytes(raw, policy=policy.compat32)[header])
    return str(make_header(decode_header(name))), address


def test_a_mail_has_each_header_once_and_no_other():
    assert parsed(made()).keys() == HEADERS


def test_the_text_comes_first_and_the_html_last():
    kinds = [part.get_content_type() for part in parsed(made()).iter_parts()]
    assert kinds == ["text/plain", "text/html"]


def test_a_reader_of_the_mail_sees_the_text_and_the_html_of_the_message():
    leave = f"mailto:leave+digest@news.example.org?subject=unsubscribe%20{READER.token}"
    text, page = parsed(made()).iter_parts()
    assert text.get_content().replace("\r\n", "\n") == TEXT.replace(MARKER, leave)
    assert page.get_content().replace("\r\n", "\n") == HTML.replace(MARKER, leave)


def test_a_filled_slot_is_escaped_in_the_html_only():
    sender = replace(SENDER, unsubscribe="o'hara@news.example.org")
    text, page = parsed(made(sender=sender)).iter_parts()
    assert "mailto:o%27hara@" in text.get_content()
    assert "mailto:o%27hara@" in page.get_content()
    hostile = replace(READER, token='x"><b>')
    text, page = parsed(made(reader=hostile)).iter_parts()
    assert 'x"><b>' in text.get_content()
    assert "x&quot;&gt;&lt;b&gt;" in page.get_content()


def test_what_fills_a_slot_is_not_taken_for_a_slot():
    reader = replace(READER, token=MARKER)
    text, _ = parsed(made(reader=reader)).iter_parts()
    assert text.get_content().count(MARKER) == 1


def test_the_same_delivery_gives_the_same_bytes_in_any_process():
    script = (
        f"import sys; sys.path.insert(0, {str(__file__.rpartition('/')[0])!r})\n"
        "import test_deliver; sys.stdout.buffer.write(test_deliver.made())"
    )
    for seed in ("1", "2"):
        run = subprocess.run(
            [sys.executable, "-c", script],
            env={"PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        )
        assert run.stdout == made()


def test_the_message_id_belongs_to_one_edition_and_one_reader():
    other = replace(READER, token="another")
    ids = {
        parsed(made())["Message-ID"],
        parsed(made(edition="2026-06-13"))["Message-ID"],
        parsed(made(reader=other))["Message-ID"],
        parsed(made(sender=replace(SENDER, secret=b"other")))["Message-ID"],
    }
    assert len(ids) == 4
    assert all(re.fullmatch(r"<2026-06-1\d\.[0-9a-f]{24}@news\.example\.org>", i) for i in ids)


def test_no_header_but_to_shows_the_address():
    raw = made()
    assert raw.count(b"grete") == len(lines_of(raw, "To")) == 1
    assert lines_of(raw, "To") == ["To: grete@readers.example.net"]


def test_list_unsubscribe_is_one_raw_line_however_long_the_address():
    long = f"{'l' * 60}@{'.'.join(['d' * 50] * 3)}.example.org"
    for sender in (SENDER, replace(SENDER, unsubscribe=long)):
        leave = f"mailto:{sender.unsubscribe}?subject=unsubscribe%20{READER.token}"
        assert lines_of(made(sender=sender), "List-Unsubscribe") == [f"List-Unsubscribe: <{leave}>"]


def test_the_date_is_the_day_of_publishing_with_its_zone():
    assert parsed(made())["Date"] == "Fri, 12 Jun 2026 07:00:00 +0000"


def test_the_archive_is_named_only_where_it_is_online():
    sender = replace(SENDER, public_url="https://news.example.org/digest")
    assert "List-Archive" not in parsed(made())
    assert parsed(made(sender=sender))["List-Archive"] == "<https://news.example.org/digest>"


def test_an_archive_outside_ascii_is_written_in_ascii():
    sender = replace(SENDER, public_url="https://news.example.org/tägliches?a=1&b=%20")
    archive = "<https://news.example.org/t%C3%A4gliches?a=1&b=%20>"
    assert parsed(made(sender=sender))["List-Archive"] == archive


def test_the_language_is_named():
    assert parsed(made(sender=replace(SENDER, language="fa")))["Content-Language"] == "fa"


@pytest.mark.parametrize(
    "subject",
    [
        "Tides",
        "",
        "Tides – and clocks",
        "a plain subject of many short words that is longer than the line may be, so it is folded",
        "x" * 200,
        "潮汐" * 100,
        "=?utf-8?q?not_encoded?=",
        'with "quotes", commas; and <brackets> (or so)',
    ],
    ids=["word", "none", "dash", "fold", "long", "words", "markup", "signs"],
)
def test_any_subject_is_read_as_it_was_written(subject):
    raw = made(replace(MESSAGE, subject=subject))
    assert parsed(raw)["Subject"] == subject
    assert longest_line(raw) <= 78


@pytest.mark.parametrize(
    "name",
    ["Zeitung für Gezeiten", 'Tides, "Inc." \\', "=?x?=", "x" * 120, "潮" * 80, ""],
    ids=["words", "quotes", "markup", "long", "many words", "none"],
)
def test_any_name_of_the_sender_is_read_as_it_was_written(name):
    raw = made(sender=replace(SENDER, name=name))
    assert name_and_address(raw, "From") == (name, "digest@news.example.org")
    assert name_and_address(raw, "List-Id") == (name, "digest.news.example.org")
    assert longest_line(raw) <= 78


@pytest.mark.parametrize("breaker", BREAKERS)
def test_no_text_can_break_a_header(breaker):
    evil = f"Tides{breaker}Bcc: eve@evil.example{breaker}{breaker}<script>"
    mail = parsed(
        made(
            replace(MESSAGE, subject=evil),
            reader=replace(READER, address=evil),
            sender=replace(SENDER, name=evil),
        )
    )
    assert mail.keys() == HEADERS
    assert mail["Subject"] == "Tides Bcc: eve@evil.example <script>"


def test_every_line_ends_in_crlf_and_is_short_and_ascii():
    raw = made(replace(MESSAGE, text="ü" * 5000 + "\n.\n" + "x" * 5000, html="<p>\r\ry\n"))
    assert raw.isascii()
    assert b"\0" not in raw
    assert raw.count(b"\r") == raw.count(b"\n") == raw.count(b"\r\n")
    assert longest_line(raw) <= 78


def test_the_secret_is_not_shown():
    assert "secret" not in repr(SENDER)


def test_an_envelope_has_a_name_fit_for_a_file_and_no_address_in_it():
    envelope = deliver.envelope("2026-06-12", READER, SENDER)
    assert re.fullmatch(r"2026-06-12-[0-9a-f]{12}", envelope.name)
    assert (envelope.sender, envelope.recipient) == (SENDER.address, READER.address)
    assert envelope.name.replace("-12-", "-12.") in parsed(made())["Message-ID"]


@pytest.mark.skipif(not shutil.which("spamassassin"), reason="needs Debian's spamassassin")
def test_a_normal_mail_is_no_spam_to_spamassassin(tmp_path):
    report = subprocess.run(
        ["spamassassin", "-L", "-t"],
        input=made(),
        env={"HOME": str(tmp_path), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        check=True,
    ).stdout.decode("utf-8", "replace")
    score = re.search(r"^X-Spam-Status: .*score=(-?[\d.]+)", report, re.MULTILINE)
    assert score is not None
    assert float(score[1]) <= 0, report
