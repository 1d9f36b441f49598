"""`digest preview --send-test`: a mail that is no delivery, by every way out."""

import re
import socket
import sqlite3
from contextlib import closing
from email.utils import parseaddr
from pathlib import Path

import pytest
from conftest import Digest, Mailbox, page, parsed

from digest.lint import lint
from digest.mime import marked
from digest.stamps import bounced

TITLES = (
    "Kites over Calm Water",
    "Über Taue und ihr Gedächtnis, gemessen in Häfen",
    "A Grammar of Fog",
)
EDITOR = "editor@news.example"


def dumped(folder: Path) -> list[str]:
    """The whole database, as text."""
    with closing(sqlite3.connect(folder / "var" / "digest.db")) as connection:
        return list(connection.iterdump())


def opaque(mail: bytes) -> set[str]:
    """All in it that could be a token."""
    return set(re.findall(r"\b[a-z2-7]{32}\b", mail.replace(b"=\r\n", b"").decode()))


@pytest.fixture
def online(digest: Digest) -> Digest:
    digest.environment |= {
        "DIGEST_PUBLIC_URL": "https://news.example",
        "DIGEST_SENDER": "letter@news.example",
        "DIGEST_BOUNCES": "bounces@news.example",
    }
    digest.add_dump("page.txt", page(*TITLES))
    return digest


@pytest.mark.parametrize("stage", ["ingest", "run"])
def test_a_test_mail_of_a_draft_or_an_edition_leaves_no_trace_in_the_store(online, stage):
    if stage == "run":
        online.here("subscribers", "add", EDITOR)
    online.here(stage)
    before, there = dumped(online.folder), set(online.outbox)
    for _ in range(2):
        ran = online("preview", "--send-test", EDITOR)
        assert (ran.code, ran.out) == (0, "")
        assert ran.complaint.startswith(f"Sent to {EDITOR}, marked as a preview: outbox/preview-")
    assert dumped(online.folder) == before
    new = sorted(set(online.outbox) - there)
    assert len(new) == 2
    assert all(name.startswith("preview-") for name in new)
    assert online.here("fsck").code == 0


def test_a_test_mail_is_what_readers_get_but_for_its_mark_and_what_is_nobody_s(online):
    online.here("subscribers", "add", EDITOR)
    online.here("run")
    (real,) = online.outbox.values()
    online("preview", "--send-test", EDITOR)
    (test,) = (mail for name, mail in online.outbox.items() if name.startswith("preview-"))
    assert lint(test).findings == ()
    one, other = parsed(test), parsed(real)
    assert one["Subject"] == f"[Preview] {other['Subject']}"
    assert one["Message-ID"] != other["Message-ID"]
    assert opaque(test)
    assert opaque(test).isdisjoint(opaque(real))
    assert len(opaque(test)) == len(opaque(real)) == 1
    (token,), (real_token,) = opaque(test), opaque(real)
    test_id, real_id = (re.search(r"\.([a-z]+)@", each["Message-ID"])[1] for each in (one, other))
    same = test.replace(token.encode(), real_token.encode())
    same = same.replace(test_id.encode(), real_id.encode())
    assert same == marked(real, "[Preview]")


def test_its_link_for_leaving_takes_nobody_off_the_list(online):
    online.here("subscribers", "add", EDITOR)
    online.here("run")
    online.here("preview", "--send-test", EDITOR)
    (test,) = (mail for name, mail in online.outbox.items() if name.startswith("preview-"))
    (token,) = opaque(test)
    before = dumped(online.folder)
    online.here("subscribers", "remove", token)
    assert dumped(online.folder) == before


def test_it_goes_by_the_relay_and_comes_back_to_the_sender(online, mailbox: Mailbox):
    online.here("ingest")
    before = dumped(online.folder)
    ran = online("preview", "--send-test", "Ada@lab.example", **mailbox.settings)
    assert ran.code == 0
    assert ran.complaint == "Sent to Ada@lab.example, marked as a preview: 250 2.0.0 taken"
    ((sender, recipient, mail),) = mailbox.arrived
    assert (sender, recipient) == ("letter@news.example", "ada@lab.example")
    assert bounced(sender, b"") is None
    assert mail["To"] == recipient
    assert mail["Subject"].startswith("[Preview] ")
    assert parseaddr(mail["From"])[1] == sender
    assert dumped(online.folder) == before


@pytest.mark.parametrize(
    ("answer", "code", "told"),
    [
        ("451 4.3.0 later", 3, "digest: the test mail was not sent; try again later: "),
        ("554 5.7.1 no", 1, "digest: the test mail was refused; mend what the answer says: "),
    ],
)
def test_a_relay_that_does_not_take_it_is_told_in_one_line(
    online, mailbox: Mailbox, answer, code, told
):
    online.here("ingest")
    mailbox.answers = [answer]
    ran = online("preview", "--send-test", EDITOR, **mailbox.settings)
    assert (ran.code, ran.out) == (code, "")
    assert ran.complaint.startswith(told)
    assert answer in ran.complaint


def test_a_relay_that_is_not_there_is_told_in_one_line(online):
    online.here("ingest")
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    settings = {"transport": "smtp", "smtp__host": "127.0.0.1", "smtp__port": port}
    ran = online("preview", "--send-test", EDITOR, **settings, smtp__security="none")
    assert (ran.code, ran.out) == (3, "")
    assert str(port) in ran.complaint


@pytest.mark.parametrize(
    ("arguments", "code"),
    [(["nobody"], 2), ([EDITOR, "--text"], 2), ([EDITOR, "--date", "2020-02-29"], 1)],
)
def test_bad_use_sends_nothing(online, arguments, code):
    online.here("ingest")
    ran = online("preview", "--send-test", *arguments)
    assert (ran.code, ran.out) == (code, "")
    assert online.outbox == {}


def test_dumps_that_are_not_ingested_can_be_sent_as_a_test(online):
    ran = online("preview", "--dumps", "dumps", "--send-test", EDITOR)
    assert ran.code == 0
    (mail,) = online.mails
    assert mail["Subject"].startswith("[Preview] ")
    assert not (online.folder / "var").exists()


def test_a_long_subject_in_any_script_stays_right_and_its_lines_short(online):
    name = "Перекличка über die Gezeiten 潮汐通信 Перекличка 潮汐通信"
    ran = online("preview", "--dumps", "dumps", "--send-test", EDITOR, name=name)
    assert ran.code == 0
    ((_, mail),) = online.outbox.items()
    assert lint(mail).errors == ()
    told = online.here("preview", "--dumps", "dumps", "--json", name=name).document
    assert parsed(mail)["Subject"] == f"[Preview] {told['subject']}"
    assert max(map(len, mail.split(b"\r\n\r\n")[0].split(b"\r\n"))) <= 998
