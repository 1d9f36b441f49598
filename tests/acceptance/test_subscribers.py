"""Readers come, get their mail, and leave; by the outbox and by a real SMTP server."""

import re
import socket

import pytest
from conftest import Digest, Mailbox, page, taking_mails

ADA, GRACE, EMMY = (f"{name}@readers.example" for name in ("ada", "grace", "emmy"))
TOKEN = re.compile(r"unsubscribe%20([a-z2-7]{32})>$")


@pytest.fixture
def letter(digest: Digest) -> Digest:
    """A digest with news and two readers."""
    digest.add_dump("page.txt", page("Kites over Calm Water", "A Grammar of Fog"))
    assert digest.here("subscribers", "add", ADA, GRACE).code == 0
    return digest


JUERGEN = "jürgen@readers.example"


@pytest.mark.parametrize("offered", [True, False])
def test_an_address_outside_ascii_gets_its_mail_where_the_relay_takes_that(letter, offered):
    assert letter("subscribers", "add", "JÜRGEN@readers.example").code == 0
    with taking_mails(enable_SMTPUTF8=offered) as mailbox:
        ran = letter("run", "--json", **mailbox.settings)
    assert ran.document["deliver"]["sent"] == 2 + offered
    assert ran.document["deliver"]["refused"] == 1 - offered
    got = {to: mail for _, to, mail in mailbox.arrived}
    assert got.keys() == {ADA, GRACE} | ({JUERGEN} if offered else set())
    if offered:
        assert got[JUERGEN]["To"] == JUERGEN
        assert [name for name, value in got[JUERGEN].items() if "ü" in value] == ["To"]
        return
    (problem,) = letter.here("status", "--json").document["problems"]
    assert problem["address"] == JUERGEN
    assert "takes no address outside ASCII: it does not offer SMTPUTF8" in problem["detail"]


def test_a_mail_in_the_outbox_to_an_address_outside_ascii_passes_the_linter(letter):
    letter.here("subscribers", "add", JUERGEN)
    letter.here("run")
    (name,) = (name for name, mail in letter.outbox.items() if "To: jürgen".encode() in mail)
    assert letter("lint", f"outbox/{name}").code == 0


def standings(digest: Digest) -> dict[str, tuple[str, str]]:
    listed = digest.here("subscribers", "list", "--json").document
    return {each["address"]: (each["kind"], each["standing"]) for each in listed}


def test_adding_says_when_the_first_mail_comes(digest):
    ran = digest("subscribers", "add", ADA, schedule="30 6 * * 1-5", timezone="Europe/Berlin")
    assert ran.code == 0
    assert f"{ADA}: added" in ran.out
    assert re.search(r"first mail comes .*: \w+day \d\d \w+ \d{4}, 06:30", ran.out)
    again = digest.here("subscribers", "add", ADA, GRACE, "--json").document
    assert again["added"] == [GRACE]
    assert again["first_mail"]
    assert f"{ADA}: is a reader already" in digest.here("subscribers", "add", ADA).out


def test_a_bad_address_is_named_and_nobody_is_added(digest):
    ran = digest("subscribers", "add", ADA, "nobody", GRACE)
    assert (ran.code, ran.out) == (2, "")
    assert ran.complaint.startswith("digest: address: 'nobody' is no mail address")
    assert standings(digest) == {}


def test_an_address_is_known_again_however_it_is_written(letter):
    ran = letter("subscribers", "add", " ada@READERS.example ")
    assert ran.out.startswith(f"{ADA}: is a reader already")


def test_the_sender_gets_the_editions_until_there_is_a_reader(digest):
    digest.add_dump("one.txt", page("Kites over Calm Water"))
    digest.here("run", owner="editor@lab.example")
    assert standings(digest) == {"editor@lab.example": ("owner", "active")}
    digest.here("subscribers", "add", ADA)
    digest.add_dump("two.txt", page("A Grammar of Fog"))
    digest.here("ingest")
    digest.here("publish", "--extra", owner="editor@lab.example")
    digest.here("deliver")
    assert sorted(mail["To"] for mail in digest.mails) == [ADA, "editor@lab.example"]


def test_each_reader_gets_one_mail_by_smtp_with_their_own_address_and_token(letter, mailbox):
    ran = letter("run", "--json", sender="letter@lab.example", **mailbox.settings)
    assert (ran.code, ran.err) == (0, "")
    assert (ran.document["deliver"]["planned"], ran.document["deliver"]["sent"]) == (2, 2)
    assert sorted(to for _, to, _ in mailbox.arrived) == [ADA, GRACE]
    tokens = set()
    for sender, to, mail in mailbox.arrived:
        assert (sender, mail["To"], mail.defects) == ("letter@lab.example", to, [])
        (token,) = TOKEN.findall(mail["List-Unsubscribe"])
        for part in mail.iter_parts():
            assert token in part.get_content()
        tokens.add(token)
    assert len(tokens) == len({mail["Message-ID"] for *_, mail in mailbox.arrived}) == 2
    assert letter.outbox == {}

    letter.here("run", sender="letter@lab.example", **mailbox.settings)
    assert len(mailbox.arrived) == 2


def test_who_has_left_gets_nothing_even_of_what_was_owed_already(letter, mailbox):
    letter.here("ingest")
    assert letter.here("publish", "--json").document["planned"] == 2
    assert letter.here("subscribers", "remove", GRACE).out == f"{GRACE}: removed\n"
    told = letter("deliver", "--json", **mailbox.settings)
    assert told.code == 0
    assert (told.document["sent"], told.document["suppressed"]) == (1, 1)
    assert [to for _, to, _ in mailbox.arrived] == [ADA]
    assert standings(letter) == {ADA: ("reader", "active"), GRACE: ("reader", "left")}


def test_a_reader_can_be_removed_by_the_token_of_their_mail_and_come_back(letter):
    letter.here("run")
    (mail,) = (mail for mail in letter.mails if mail["To"] == ADA)
    (token,) = TOKEN.findall(mail["List-Unsubscribe"])
    assert letter.here("subscribers", "remove", token).code == 0
    assert standings(letter)[ADA] == ("reader", "left")
    assert letter.here("subscribers", "add", ADA).out.startswith(f"{ADA}: added")
    assert standings(letter)[ADA] == ("reader", "active")


def test_removing_who_is_no_reader_is_told(letter):
    ran = letter("subscribers", "remove", EMMY)
    assert (ran.code, ran.out, ran.complaint) == (1, "", f"{EMMY}: is no reader")


def test_a_server_that_is_not_there_is_a_case_for_later_and_all_else_is_done(letter, mailbox):
    with socket.create_server(("127.0.0.1", 0)) as closed:
        nowhere = Mailbox(closed.getsockname()[1])
    ran = letter("run", "--json", **nowhere.settings)
    assert ran.code == 3
    deliver = ran.document["deliver"]
    assert (deliver["planned"], deliver["waiting"], deliver["sent"]) == (2, 2, 0)
    assert deliver["problem"].startswith(f"127.0.0.1:{nowhere.port} cannot be reached")
    assert "\n" not in deliver["problem"]
    edition = f"archive/editions/{ran.document['publish']['edition']}.html"
    assert "Kites over Calm Water" in (letter.folder / edition).read_text("utf-8")

    told = letter("run", **nowhere.settings)
    assert told.code == 3
    assert "2 waiting" in told.out
    assert "cannot be reached" in told.out

    assert letter.here("run", "--json", **mailbox.settings).document["deliver"]["sent"] == 2
    assert letter.here("run", "--json", **mailbox.settings).document["deliver"]["planned"] == 0
    assert sorted(to for _, to, _ in mailbox.arrived) == [ADA, GRACE]
