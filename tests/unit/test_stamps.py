import re
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from digest.errors import Refused
from digest.model import Delivery, Envelope, Kind, Standing, Status, Subscriber
from digest.stamps import Sender, bounced, envelope, mark, stamps, verp
from digest.subscribe import token

NOW = datetime(2026, 6, 12, 7, 0, tzinfo=UTC)
SECRET = b"a secret of the test"
SENDER = Sender("digest@news.example.org", SECRET)
VERP = replace(SENDER, bounces="bounces@news.example.org")
READER = Subscriber(
    id=7,
    address="grete@readers.example.net",
    audience="all",
    kind=Kind.READER,
    standing=Standing.ACTIVE,
    token=token("grete@readers.example.net", SECRET),
    since=NOW,
)


def posted(delivery: Delivery, sender: Sender = SENDER) -> Envelope:
    values = stamps(delivery.edition, delivery.subscriber, sender.secret)
    return envelope(delivery, values, sender)


def owed(reader: Subscriber = READER) -> Delivery:
    return Delivery(1, 35, "2026-06-12", reader, Status.SENDING, 1)


def test_a_reader_s_stamps_are_the_address_the_mark_and_the_token():
    assert stamps("2026-06-12", READER, SECRET) == {
        "to": READER.address,
        "message_id": mark("2026-06-12", READER, SECRET),
        "unsubscribe": READER.token,
        "preferences": READER.token,
    }


def test_a_mark_belongs_to_one_edition_one_reader_and_one_secret():
    other = replace(READER, token="another")
    marks = {
        mark("2026-06-12", READER, SECRET),
        mark("2026-06-13", READER, SECRET),
        mark("2026-06-12", other, SECRET),
        mark("2026-06-12", READER, b"other"),
    }
    assert len(marks) == 4
    assert all(re.fullmatch(r"[a-p]{24}", each) for each in marks)
    assert mark("2026-06-12", READER, SECRET) in marks


def test_the_secret_is_not_shown():
    assert "secret" not in repr(SENDER)


@pytest.mark.parametrize(
    ("address", "written"),
    [
        ("ada+x@lab.example", "ada+x@lab.example"),
        ("ada@localhost", "ada@localhost"),
        ("ada@lab.example\n", "ada@lab.example"),
        ("ada@müller.example", "ada@xn--mller-kva.example"),
        ("jürgen@lab.example", "jürgen@lab.example"),
        ("ju\u0308rgen@müller.example", "jürgen@xn--mller-kva.example"),
    ],
)
def test_an_address_is_written_in_its_normal_form_and_its_host_in_ascii(address, written):
    assert stamps("e", replace(READER, address=address), SECRET)["to"] == written
    assert posted(owed(replace(READER, address=address))).recipient == written


@pytest.mark.parametrize(
    "address",
    [
        *("jür gen@lab.example", "a@b.example, c@d.example", "a b@lab.example", "a@b@c"),
        *("jürgen@lab.example\u2028RCPT", "jürg\u202een@lab.example"),
        *(
            "a@b.example\r\nRCPT TO:<eve@evil.example>",
            "<a@lab.example>",
            "a@lab.example>",
            "@",
            "",
        ),
    ],
)
def test_no_mail_can_go_to_what_is_no_address(address):
    with pytest.raises(Refused, match="no mail address"):
        posted(owed(replace(READER, address=address)))


def test_an_envelope_has_a_name_fit_for_a_file_and_no_address_in_it():
    found = posted(owed())
    assert re.fullmatch(r"2026-06-12-[a-p]{12}", found.name)
    assert (found.sender, found.recipient) == (SENDER.address, READER.address)
    assert mark("2026-06-12", READER, SECRET).startswith(found.name.removeprefix("2026-06-12-"))


def test_a_mail_comes_back_to_an_address_of_its_own_where_bounces_are_taken():
    found = posted(owed(), VERP).sender
    assert re.fullmatch(r"bounces\+z-7-[a-z2-7]{26}@news\.example\.org", found)
    assert "grete" not in found
    assert bounced(found, SECRET) == (35, 7)


def test_a_bounce_address_is_known_again_in_capitals_and_however_high_the_rows():
    address = verp(2**55, 2**40, replace(VERP, bounces=f"{'b' * 16}@news.example.org"))
    assert len(address.partition("@")[0]) <= 64
    assert bounced(address.upper(), SECRET) == (2**55, 2**40)


def test_a_bounce_address_that_was_made_up_is_nobody_s():
    real = verp(35, 7, VERP)
    for n, letter in enumerate(real.partition("@")[0]):
        if letter not in "+-" and n > 7:
            forged = f"{real[:n]}{'b' if letter != 'b' else 'c'}{real[n + 1 :]}"
            assert bounced(forged, SECRET) is None
    assert bounced(real, b"another secret") is None
    for other in ("", "bounces@news.example.org", "bounces+z-7-@news.example.org", real[:-30]):
        assert bounced(other, SECRET) is None
