import re
import shutil
import subprocess
import sys
import time
from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.utils import parseaddr

import pytest

from digest import __version__
from digest.errors import RenderError
from digest.mime import Filler, Letterhead, fill, freeze, manifest, marked
from digest.model import Form, Message

NOW = datetime(2026, 6, 12, 7, 0, tzinfo=UTC)
HOME = Letterhead(
    name="Paper digest",
    address="digest@news.example.org",
    unsubscribe="leave+digest@news.example.org",
    list_id="digest.news.example.org",
)
ONLINE = replace(HOME, public_url="https://news.example.org/digest")
TOKEN = "abcdefghijklmnopqrstuvwxyz234567"
VALUES = {
    "to": "grete@readers.example.net",
    "message_id": "0123456789abcdef01234567",
    "unsubscribe": TOKEN,
    "preferences": TOKEN,
}
LEAVE = f"mailto:leave+digest@news.example.org?subject=unsubscribe%20{TOKEN}"
SLOTS = {"unsubscribe": "slot-unsubscribe-0f1e2d3c", "preferences": "slot-preferences-0f1e2d3c"}
MARKER = SLOTS["unsubscribe"]
TEXT = f"""\
Paper digest, 12 June 2026
==========================

Tides as Clocks for Slow Rivers
  Water levels near the sea keep time even far inland – to within a minute.
  https://papers.example/abs/2606.00001

You get this mail because you asked for it.
Leave: {MARKER}
"""
PAGE = f"""\
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
    html=PAGE,
    slots=SLOTS,
    shown=(),
)
HEADERS = [
    *("From", "To", "Subject", "Date", "Message-ID", "List-Id", "List-Unsubscribe", "List-Help"),
    *("Auto-Submitted", "Precedence", "Content-Language", "MIME-Version", "Content-Type"),
]
BREAKERS = "\r\n\v\f\x00\x1b\x85\u2028\u2029\ud800"


def frozen(message: Message = MESSAGE, letterhead: Letterhead = HOME) -> Form:
    return freeze(message, "2026-06-12", NOW, letterhead)


def made(message: Message = MESSAGE, letterhead: Letterhead = HOME, **values: str) -> bytes:
    return fill(frozen(message, letterhead), VALUES | values)


def parsed(raw: bytes) -> EmailMessage:
    return message_from_bytes(raw, policy=policy.default)


def contents(raw: bytes) -> list[str]:
    return [part.get_content().replace("\r\n", "\n") for part in parsed(raw).iter_parts()]


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


# --- what is in it --------------------------------------------------------------------------------


def test_a_mail_has_each_header_once_and_no_other():
    assert parsed(made()).keys() == HEADERS


def test_the_text_comes_first_and_the_html_last():
    kinds = [part.get_content_type() for part in parsed(made()).iter_parts()]
    assert kinds == ["text/plain", "text/html"]


def test_a_reader_of_the_mail_sees_the_text_and_the_html_of_the_message():
    assert contents(made()) == [TEXT.replace(MARKER, LEAVE), PAGE.replace(MARKER, LEAVE)]


def test_a_filled_slot_is_escaped_in_the_html_only():
    text, page = contents(made(letterhead=replace(HOME, unsubscribe="o'hara@news.example.org")))
    assert "mailto:o%27hara@" in text
    assert "mailto:o%27hara@" in page
    text, page = contents(made(unsubscribe='x"><b>'))
    assert 'x"><b>' in text
    assert "x&quot;&gt;&lt;b&gt;" in page


def test_what_fills_a_slot_is_not_taken_for_a_slot():
    text, _ = contents(made(unsubscribe=MARKER))
    assert text.count(MARKER) == 1


def test_the_message_id_is_the_edition_the_mark_and_the_domain():
    assert parsed(made())["Message-ID"] == "<2026-06-12.0123456789abcdef01234567@news.example.org>"


def test_no_header_but_to_shows_the_address():
    raw = made()
    assert raw.count(b"grete") == len(lines_of(raw, "To")) == 1
    assert lines_of(raw, "To") == ["To: grete@readers.example.net"]


def test_list_unsubscribe_is_one_raw_line_however_long_the_address():
    long = f"{'l' * 60}@{'.'.join(['d' * 50] * 3)}.example.org"
    for letterhead in (HOME, replace(HOME, unsubscribe=long)):
        leave = f"mailto:{letterhead.unsubscribe}?subject=unsubscribe%20{TOKEN}"
        raw = made(letterhead=letterhead)
        assert lines_of(raw, "List-Unsubscribe") == [f"List-Unsubscribe: <{leave}>"]


def test_one_click_and_links_are_offered_only_where_there_is_a_public_url():
    assert "List-Unsubscribe-Post" not in parsed(made())
    both = f"{MARKER}\n{SLOTS['preferences']}\n"
    raw = made(replace(MESSAGE, text=both), ONLINE)
    url = f"https://news.example.org/digest/u/{TOKEN}"
    assert lines_of(raw, "List-Unsubscribe") == [f"List-Unsubscribe: <{url}>, <{LEAVE}>"]
    assert parsed(raw)["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert contents(raw)[0] == f"{url}\nhttps://news.example.org/digest/p/{TOKEN}\n"


def test_one_click_needs_https_as_rfc_8058_has_it():
    raw = made(letterhead=replace(HOME, public_url="http://news.example.org"))
    assert f"<http://news.example.org/u/{TOKEN}>" in parsed(raw)["List-Unsubscribe"]
    assert "List-Unsubscribe-Post" not in parsed(raw)


def test_a_link_that_needs_a_public_url_is_an_error_where_there_is_none():
    with pytest.raises(RenderError, match=r"'preferences': only .* public_url"):
        frozen(replace(MESSAGE, html=SLOTS["preferences"]))


def test_the_date_is_the_day_of_publishing_with_its_zone():
    assert parsed(made())["Date"] == "Fri, 12 Jun 2026 07:00:00 +0000"


def test_the_archive_is_named_only_where_it_is_online():
    assert "List-Archive" not in parsed(made())
    assert parsed(made(letterhead=ONLINE))["List-Archive"] == "<https://news.example.org/digest>"


def test_addresses_outside_ascii_are_written_in_ascii():
    raw = made(letterhead=replace(HOME, public_url="https://zeitung.müller.example/tägliches/%20"))
    online = "https://zeitung.xn--mller-kva.example/t%C3%A4gliches/%20"
    assert parsed(raw)["List-Archive"] == f"<{online}>"
    assert f"{online}/u/{TOKEN}" in contents(raw)[0]


def test_the_language_is_named():
    assert parsed(made(letterhead=replace(HOME, language="fa")))["Content-Language"] == "fa"


# --- headers that hold words ----------------------------------------------------------------------


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
    raw = made(letterhead=replace(HOME, name=name))
    assert name_and_address(raw, "From") == (name, "digest@news.example.org")
    assert name_and_address(raw, "List-Id") == (name, "digest.news.example.org")
    assert longest_line(raw) <= 78


@pytest.mark.parametrize("breaker", BREAKERS)
def test_no_text_can_break_a_header(breaker):
    evil = f"Tides{breaker}Bcc: eve@evil.example{breaker}{breaker}<script>"
    mail = parsed(made(replace(MESSAGE, subject=evil), replace(HOME, name=evil)))
    assert mail.keys() == HEADERS
    assert mail["Subject"] == "Tides Bcc: eve@evil.example <script>"


@pytest.mark.parametrize("slot", ["to", "message_id", "unsubscribe"])
@pytest.mark.parametrize("evil", BREAKERS)
def test_nothing_that_breaks_a_header_can_fill_it(slot, evil):
    with pytest.raises(ValueError, match="cannot stand in a header"):
        made(**{slot: f"a{evil}Bcc: eve@evil.example"})


def test_an_address_may_be_outside_ascii_and_nothing_else_in_a_header():
    raw = made(to="jürgen@readers.example.net")
    assert b"\r\nTo: j\xc3\xbcrgen@readers.example.net\r\n" in raw
    assert raw.replace(b"\xc3\xbc", b"u").isascii()
    assert message_from_bytes(raw, policy=policy.SMTPUTF8)["To"] == "jürgen@readers.example.net"
    for slot in ("message_id", "unsubscribe"):
        with pytest.raises(ValueError, match="cannot stand in a header"):
            made(**{slot: "ü"})


# --- lines ----------------------------------------------------------------------------------------


def test_every_line_ends_in_crlf_and_is_short_and_ascii():
    raw = made(replace(MESSAGE, text="ü" * 5000 + "\n.\n" + "x" * 5000, html="<p>\r\ry\n"))
    assert raw.isascii()
    assert b"\0" not in raw
    assert raw.count(b"\r") == raw.count(b"\n") == raw.count(b"\r\n")
    assert longest_line(raw) <= 78


@pytest.mark.parametrize(
    "text",
    [
        *(".", "..\n.x\n...\n", "a" * 75 + ".b", f"{'a' * 75}{'.' * 80}", f"{'.' * 400}\n"),
        *("From here\nFrom there", f"{'a' * 75}From {'b' * 75}", f"{'From ' * 90}\n"),
        *(f".{MARKER}.", f"{'a' * 75}{MARKER}.", f"{'.' * 75}{MARKER}{'.' * 75}"),
    ],
)
def test_no_line_begins_with_a_dot_or_like_a_mailbox_separator(text):
    raw = made(replace(MESSAGE, text=text), unsubscribe="." * 200)
    assert not re.search(rb"(?m)^(\.|From )", raw.partition(b"\r\n\r\n")[2])
    assert longest_line(raw) <= 78
    assert contents(raw)[0] == text.replace(MARKER, LEAVE.replace(TOKEN, "." * 200))


@pytest.mark.parametrize("before", range(70, 80))
@pytest.mark.parametrize("length", [0, 1, 74, 75, 76, 77, 300])
def test_a_slot_changes_no_line_but_its_own(before, length):
    message = replace(MESSAGE, text=f"{'a' * before}{MARKER}{'b' * 200}\nend\n")
    letterhead = replace(HOME, unsubscribe="l@x.example")
    leave = f"mailto:l@x.example?subject=unsubscribe%20{'t' * length}"
    raw = made(message, letterhead, unsubscribe="t" * length)
    assert contents(raw)[0] == f"{'a' * before}{leave}{'b' * 200}\nend\n"
    assert longest_line(raw) <= 78
    other = made(message, letterhead, unsubscribe="other")
    alike = {line for line in raw.split(b"\r\n") if b"bb" in line or b"aa" in line}
    assert alike <= set(other.split(b"\r\n"))


@pytest.mark.parametrize("length", range(7))
@pytest.mark.parametrize("odd", range(4))
def test_a_text_that_is_mostly_not_ascii_is_base64_with_slots_that_move(length, odd):
    text = f"{'漢字' * 70}{'é' * odd}\n{MARKER}\n漢{MARKER}字\n"
    raw = made(replace(MESSAGE, text=text), unsubscribe="t" * length)
    first, second = parsed(raw).iter_parts()
    assert first["Content-Transfer-Encoding"] == "base64"
    assert second["Content-Transfer-Encoding"] == "quoted-printable"
    assert contents(raw)[0] == text.replace(MARKER, LEAVE.replace(TOKEN, "t" * length))
    assert longest_line(raw) <= 78
    assert first.defects == []


# --- the form -------------------------------------------------------------------------------------


def test_the_same_edition_gives_the_same_bytes_in_any_process():
    script = (
        f"import sys; sys.path.insert(0, {str(__file__.rpartition('/')[0])!r})\n"
        "import test_mime; sys.stdout.buffer.write(test_mime.made())"
    )
    for seed in ("1", "2"):
        run = subprocess.run(
            [sys.executable, "-c", script],
            env={"PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        )
        assert run.stdout == made()


def test_the_manifest_tells_sizes_slots_and_version():
    told = manifest(frozen(replace(MESSAGE, text=f"{'漢字' * 99}{MARKER}"), ONLINE))
    bare = fill(frozen(replace(MESSAGE, text=f"{'漢字' * 99}{MARKER}"), ONLINE), EMPTY)
    assert told["size"] == len(bare)
    head, text, page = bare.split(b"--=_")[:3]
    assert told["parts"]["head"] == len(head)
    assert (told["parts"]["text"], told["parts"]["html"]) == (len(text) + 4, len(page) + 4)
    assert told["slots"] == ["to", "message_id", "unsubscribe"]
    assert told["version"] == __version__


EMPTY = dict.fromkeys(VALUES, "")


def test_a_filler_fills_one_mail_after_the_other():
    filler = Filler(frozen(letterhead=ONLINE))
    other = VALUES | {"to": "other@x.example", "unsubscribe": "o" * 90}
    mails = [filler.fill(values) for values in (VALUES, other, VALUES)]
    assert mails[0] == mails[2]
    assert mails[:2] == [made(letterhead=ONLINE), made(letterhead=ONLINE, **other)]
    assert mails[1].count(b"other@x.example") == 1


def test_filling_a_mail_of_82_kilobytes_takes_less_than_a_tenth_of_a_millisecond():
    card = "<p>Water levels near the sea keep time – even far inland, to within a minute.</p>\n"
    big = replace(MESSAGE, text=TEXT * 20, html=card * 800 + PAGE)
    form = frozen(big, ONLINE)
    assert len(fill(form, VALUES)) > 82_000
    fastest = min(timed(form) for _ in range(20))
    assert fastest < 0.1e-3


def timed(form: Form) -> float:
    began = time.process_time()
    for _ in range(50):
        fill(form, VALUES)
    return (time.process_time() - began) / 50


@pytest.mark.skipif(not shutil.which("spamassassin"), reason="needs Debian's spamassassin")
@pytest.mark.parametrize("letterhead", [HOME, ONLINE], ids=["home", "online"])
def test_a_normal_mail_is_no_spam_to_spamassassin(tmp_path, letterhead):
    report = subprocess.run(
        ["spamassassin", "-L", "-t"],
        input=made(letterhead=letterhead),
        env={"HOME": str(tmp_path), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        check=True,
    ).stdout.decode("utf-8", "replace")
    score = re.search(r"^X-Spam-Status: .*score=(-?[\d.]+)", report, re.MULTILINE)
    assert score is not None
    assert float(score[1]) <= 0, report


@pytest.mark.parametrize(
    "subject",
    ["Kites", "Kites over calm water " * 9, "=?utf-8?q?x?=", "潮汐通信 " * 40, "Gezeiten für alle"],
)
def test_a_mark_stands_before_the_subject_and_moves_nothing_else(subject):
    mail = fill(freeze(replace(MESSAGE, subject=subject), "2026-06-12", NOW, ONLINE), VALUES)
    found = message_from_bytes(marked(mail, "[Preview]"), policy=policy.default)
    was = message_from_bytes(mail, policy=policy.default)
    assert found["Subject"] == f"[Preview] {was['Subject']}"
    assert marked(mail, "[Preview]").replace(b"[Preview]\r\n ", b"", 1) == mail
