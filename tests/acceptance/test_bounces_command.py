"""Mails that come back switch readers off, by a Maildir or a pipe; forged ones do nothing."""

import re
import shutil
import subprocess
import sys

import pytest
from conftest import Digest, Mailbox, page

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
