"""Mails that come back switch readers off, by a Maildir or a pipe; forged ones do nothing."""

import json
import re
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from conftest import Clock, Digest, Mailbox, MakeApp, page

from digest.app import App
from digest.model import Status

TITLES = (
    "Kites over Calm Water",
    "A Grammar of Fog",
    "Moss on Old Bridges",
    "How Ropes Remember",
    "Nets for Slow Fish",
)
ADA, GRACE = "ada@readers.example", "grace@readers.example"


@pytest.fixture
def letter(digest: Digest, mailbox: Mailbox) -> Digest:
    """A digest that has sent an edition to two readers."""
    digest.environment |= {
        f"DIGEST_{name.upper()}": str(value) for name, value in mailbox.settings.items()
    }
    digest.environment |= {
        "DIGEST_SENDER": "digest@news.example",
        "DIGEST_BOUNCES": "bounces@news.example",
    }
    digest.add_dump("page.txt", page("Kites over Calm Water", "A Grammar of Fog"))
    digest.here("subscribers", "add", ADA, GRACE)
    assert digest.here("run").code == 0
    return digest


def way_back(mailbox: Mailbox, reader: str) -> str:
    (sender,) = {sender for sender, recipient, _ in mailbox.arrived if recipient == reader}
    assert re.fullmatch(r"bounces\+[0-9a-z]+-[0-9a-z]+-[a-z2-7]{26}@news\.example", sender)
    return sender


def report(to: str, status: str = "5.1.1") -> str:
    return (
        f"Delivered-To: {to}\nFrom: postmaster@relay.example\nTo: {to}\nMIME-Version: 1.0\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="cut"\n\n'
        "--cut\nContent-Type: text/plain\n\nSorry.\n\n"
        "--cut\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; relay.example\n\n"
        f"Final-Recipient: rfc822; x@y.example\nAction: failed\nStatus: {status}\n\n--cut--\n"
    )


def complaint(about: str) -> str:
    return (
        "From: fbl@provider.example\nTo: fbl@news.example\nMIME-Version: 1.0\n"
        'Content-Type: multipart/report; report-type=feedback-report; boundary="cut"\n\n'
        "--cut\nContent-Type: text/plain\n\nAbuse.\n\n"
        "--cut\nContent-Type: message/feedback-report\n\n"
        f"Feedback-Type: abuse\nVersion: 1\nOriginal-Mail-From: <{about}>\n\n--cut--\n"
    )


def standings(digest: Digest) -> dict[str, str]:
    listed = digest.here("subscribers", "list", "--json").document
    return {each["address"]: each["standing"] for each in listed}


def test_a_reader_who_does_not_exist_is_off_at_once_by_a_pipe(letter, mailbox):
    mail = report(way_back(mailbox, ADA))
    ran = letter("bounces", stdin=mail)
    assert (ran.code, ran.out) == (0, "1 bounced\n")
    assert standings(letter) == {ADA: "bounced", GRACE: "active"}
    assert letter("bounces", "-", "--json", stdin="Hello").document["ignored"] == 1
    assert letter("bounces", stdin=mail).out == "1 known\n"


def test_a_complaint_is_honoured_at_once_and_stays(letter, mailbox):
    assert letter("bounces", stdin=complaint(way_back(mailbox, GRACE))).out == "1 complained\n"
    assert standings(letter)[GRACE] == "complained"
    letter.here("subscribers", "add", GRACE)
    assert standings(letter)[GRACE] == "complained"


def test_a_refusal_of_us_is_an_alarm_and_nobody_is_off(letter, mailbox):
    ran = letter("bounces", stdin=report(way_back(mailbox, ADA), "5.7.26"))
    assert (ran.code, ran.out) == (1, "1 refused\n")
    assert "5.7.x" in ran.complaint
    assert "SPF" in ran.complaint
    assert set(standings(letter).values()) == {"active"}


@pytest.mark.parametrize(("days", "stands"), [(4, "bounced"), (3, "active")])
def test_a_reader_whose_mails_come_back_for_now_is_off_after_five_over_two_weeks(
    make_app: MakeApp, clock: Clock, days: int, stands: str
):
    app = make_app(sender="digest@news.example", bounces="bounces@news.example", whole_mails=0)
    app.settings.dumps.mkdir()
    app.readers.add([ADA, GRACE], clock())
    heard = []
    for title in TITLES:
        dump = page(title, day=f"{clock():%b %d}")
        (app.settings.dumps / f"{title}.txt").write_text(dump, "utf-8")
        app.ingest()
        app.publish()
        assert app.deliver().counts[Status.SENT] == 2
        app.returns.take(report(envelope_sender(app), "4.2.2").encode())
        with app.store.reading() as shelves:
            heard.append(shelves.subscribers.anywhere(ADA)[0].standing)
        clock.wait(days=days)
    assert heard == [*["active"] * 4, stands]
    with app.store.reading() as shelves:
        assert shelves.subscribers.anywhere(GRACE)[0].standing == "active"


def envelope_sender(app: App) -> str:
    """Where the latest mail to Ada comes back to."""
    found = [json.loads(each.read_bytes()) for each in app.settings.outbox.glob("*.envelope")]
    return str(max((each["message"], each["from"]) for each in found if each["to"] == ADA)[1])


AUTOMATIC = "Auto-Submitted: auto-replied\nSubject: I am away\n\nUntil Monday.\n"


def test_what_is_forged_or_automatic_changes_nothing_at_all(letter, mailbox):
    genuine = way_back(mailbox, ADA)
    sealed, _, host = genuine.partition("@")
    forged = [
        report(f"{sealed[:-1]}{'c' if sealed.endswith('a') else 'a'}@{host}"),
        report("bounces@news.example").replace("x@y.example", ADA),
        complaint(ADA),
        complaint("bounces+1-1-aaaaaaaaaaaaaaaaaaaaaaaaaa@news.example"),
        f"To: {genuine}\n{AUTOMATIC}",
        f"To: {genuine}\nReturn-Path: <>\n\nYour mail was delayed.\n",
        report(genuine).replace("Action: failed", "Action: delayed"),
    ]
    before = everything(letter)
    for mail in forged:
        assert letter.here("bounces", "--json", maildir_of(letter, mail)).document["ignored"] == 1
    assert everything(letter) == before


def maildir_of(digest: Digest, mail: str) -> Path:
    box = digest.folder / f"box{len(list(digest.folder.glob('box*')))}"
    (box / "new").mkdir(parents=True)
    (box / "new" / "1").write_text(mail)
    return box


def everything(digest: Digest) -> list[str]:
    with closing(sqlite3.connect(digest.folder / "var" / "digest.db")) as store:
        return list(store.iterdump())


def test_a_maildir_is_read_once(letter, mailbox):
    box = letter.folder / "Maildir"
    for name in ("new", "cur", "tmp"):
        (box / name).mkdir(parents=True)
    (box / "new" / "1.a.host").write_text(report(way_back(mailbox, ADA)))
    (box / "new" / "2.b.host").write_text("To: bounces@news.example\n\nIs anybody there?\n")
    forged = report("bounces+1-2-aaaaaaaaaaaaaaaaaaaaaaaaaa@news.example")
    (box / "new" / "3.c.host").write_text(forged)
    ran = letter("bounces", box)
    assert (ran.code, ran.out) == (0, "1 bounced, 2 ignored\n")
    assert standings(letter) == {ADA: "bounced", GRACE: "active"}
    assert letter("bounces", box).out == "nothing new\n"
    assert sorted(path.name for path in (box / "cur").iterdir()) == [
        "1.a.host:2,S",
        "2.b.host:2,S",
        "3.c.host:2,S",
    ]


def test_a_flood_is_held_and_its_mails_stay_new(letter, mailbox):
    many = [f"reader{n}@readers.example" for n in range(12)]
    letter.add_dump("more.txt", page("Moss on Old Bridges"))
    letter.here("subscribers", "add", *many)
    letter.here("ingest")
    letter.here("publish", "--extra")
    assert letter.here("deliver").code == 0
    box = letter.folder / "Maildir"
    (box / "new").mkdir(parents=True)
    for n, reader in enumerate(many):
        (box / "new" / f"{n:02}").write_text(report(way_back(mailbox, reader)))
    ran = letter("bounces", box)
    assert (ran.code, ran.out) == (1, "10 bounced, 2 held\n")
    assert "2 held" in ran.complaint
    assert sorted(path.name for path in (box / "new").iterdir()) == ["10", "11"]
    assert list(standings(letter).values()).count("active") == 4


@pytest.mark.parametrize(
    ("path", "complaint"),
    [("nowhere", "nowhere cannot be read: No such file"), ("dumps", "no Maildir")],
)
def test_what_is_no_maildir_is_said_in_one_line(letter, path, complaint):
    ran = letter("bounces", path)
    assert ran.code == 2
    assert complaint in ran.complaint


def test_a_pipe_of_the_mail_system_hears_later_when_the_database_is_away(letter, mailbox):
    shutil.rmtree(letter.folder / "var")
    (letter.folder / "var").write_text("in the way")
    line = [sys.executable, "-m", "digest", "bounces"]
    ran = subprocess.run(
        line,
        input=report(way_back(mailbox, ADA)).encode(),
        cwd=letter.folder,
        env=letter.environment,
        capture_output=True,
        check=False,
    )
    assert ran.returncode in {2, 3}
