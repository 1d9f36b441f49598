"""Reports are read as the relays of this world write them, and believed for their address only."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.bounces import is_worn_out, read, too_many
from digest.model import Bounce, Verdict

OURS = "bounces+3-4-seal@news.example"
DAY = datetime(2026, 11, 20, tzinfo=UTC)


def owed(address: str) -> tuple[int, int] | None:
    return (3, 4) if address == OURS else None


def dsn(status: str, action: str = "failed", to: str = OURS, head: str = "") -> bytes:
    return f"""\
Return-Path: <>
Delivered-To: {to}
From: Mail Delivery System <mailer-daemon@relay.example>
To: someone@else.example
Subject: Undelivered Mail Returned to Sender
Auto-Submitted: auto-replied
{head}MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="cut"

--cut
Content-Type: text/plain

The mail could not be delivered: 5.1.1 is what this text says.

--cut
Content-Type: message/delivery-status

Reporting-MTA: dns; relay.example
Arrival-Date: Fri, 20 Nov 2026 07:00:00 +0000

Original-Recipient: rfc822;ada@readers.example
Final-Recipient: rfc822; ada@readers.example
Action: {action}
Status: {status}
Diagnostic-Code: smtp; 550 no such user

--cut
Content-Type: text/rfc822-headers

Return-Path: <bounces+9-9-forged@news.example>
Subject: Paper digest

--cut--
""".encode()


def arf(mail_from: str = OURS, kind: str = "abuse", path: str = "x@y.example") -> bytes:
    return f"""\
From: <feedback@provider.example>
To: fbl@news.example
Subject: FW: Paper digest
MIME-Version: 1.0
Content-Type: multipart/report; report-type=feedback-report; boundary="cut"

--cut
Content-Type: text/plain

This is a report of abuse.

--cut
Content-Type: message/feedback-report

Feedback-Type: {kind}
User-Agent: SomeGenerator/1.0
Version: 1
Original-Mail-From: <{mail_from}>

--cut
Content-Type: message/rfc822

Return-Path: <{path}>
From: <digest@news.example>
Subject: Paper digest

text
--cut--
""".encode()


@pytest.mark.parametrize(
    ("status", "verdict"),
    [
        ("5.1.1", Verdict.GONE),
        ("5.1.10 (null MX)", Verdict.GONE),
        ("5.2.1", Verdict.GONE),
        ("5.2.2", Verdict.SOFT),
        ("4.4.1", Verdict.SOFT),
        ("5.7.26", Verdict.POLICY),
        ("nonsense", Verdict.SOFT),
    ],
)
def test_the_status_of_a_failure_says_what_it_is_about(status, verdict):
    found = read(dsn(status), owed)
    assert found is not None
    assert (found.edition_id, found.subscriber_id, found.verdict) == (3, 4, verdict)


@pytest.mark.parametrize("action", ["delayed", "delivered", "relayed", "expanded"])
def test_what_is_not_a_failure_is_ignored(action):
    assert read(dsn("4.4.1", action=action), owed) is None


def test_an_automatic_reply_is_ignored():
    reply = f"To: {OURS}\nAuto-Submitted: auto-replied\nSubject: Away\n\n5.1.1 I am away.\n"
    assert read(reply.encode(), owed) is None


def test_only_the_address_it_was_sent_to_counts():
    assert read(dsn("5.1.1", to="bounces+3-4-guess@news.example"), owed) is None
    forged = dsn("5.1.1", to="someone@news.example")
    assert read(forged.replace(b"9-9-forged", b"3-4-seal"), owed) is None


@pytest.mark.parametrize("name", ["X-Original-To", "Envelope-To", "To"])
def test_each_header_in_which_mail_systems_note_the_recipient_is_read(name):
    mail = dsn("5.1.1", to="box@news.example").replace(b"\nTo: ", f"\n{name}: <{OURS}>, ".encode())
    assert read(mail, owed) == Bounce(3, 4, Verdict.GONE, "5.1.1")


def test_a_complaint_names_the_mail_by_its_sender():
    assert read(arf(), owed) == Bounce(3, 4, Verdict.COMPLAINT)
    assert read(arf(mail_from="a+b@c.example", path=OURS), owed) == Bounce(3, 4, Verdict.COMPLAINT)
    assert read(arf(mail_from="a+b@c.example"), owed) is None


@pytest.mark.parametrize("kind", ["not-spam", "auth-failure", "other"])
def test_feedback_that_is_no_complaint_is_ignored(kind):
    assert read(arf(kind=kind), owed) is None


@given(st.binary(max_size=400))
def test_whatever_comes_in_is_read_without_an_error(junk):
    assert read(junk, owed) is None
    read(dsn("5.1.1") + junk, owed)
    read(dsn("5.1.1").replace(b"Status: 5.1.1", b"Status: " + junk), owed)


def sent(came_back: str, every: int = 1) -> list[tuple[datetime, bool]]:
    """Editions, latest first; "x" came back, "." did not."""
    return [(DAY - timedelta(days=every * n), back == "x") for n, back in enumerate(came_back)]


def test_a_reader_is_given_up_after_five_in_a_row_over_two_weeks():
    assert is_worn_out(sent("xxxxx", every=4))
    assert not is_worn_out(sent("xxxxx", every=3)), "twelve days"
    assert not is_worn_out(sent("xxxx", every=30)), "four"
    assert is_worn_out(sent("x" * 15)), "daily"
    assert not is_worn_out([]), "nothing was sent"


def test_one_that_arrived_begins_the_row_anew():
    assert not is_worn_out(sent("xxx.xxx", every=7))


def test_the_latest_editions_may_still_come_back():
    assert is_worn_out(sent("..xxxxx", every=4))


def test_a_flood_is_ten_readers_an_hour_or_one_of_twenty():
    def of(active: int) -> bool:
        return too_many(12, lambda: active)

    assert not too_many(9, lambda: 1)
    assert of(100)
    assert of(240)
    assert not of(241)
