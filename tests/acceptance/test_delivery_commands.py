"""What a person sees of deliveries and decides about them: status, fsck, pause, one more reader."""

import os
import re
import runpy
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT, Digest, Mailbox, page

from digest.worker import HOST, PROCESS

ADA, GRACE, INES = "ada@lab.test", "grace@lab.test", "ines@lab.test"


@pytest.fixture
def published(digest: Digest) -> Digest:
    """A program with an edition for two readers that has not gone out."""
    digest.add_dump("page.txt", page("Kites over a Harbour"))
    digest.here("subscribers", "add", ADA, GRACE)
    digest.here("ingest")
    assert digest.here("publish").code == 0
    return digest


@pytest.fixture
def name(published: Digest) -> str:
    (edition,) = published.here("fsck", "--json").document["editions"]
    return str(edition["edition"])


def change(digest: Digest, statement: str) -> None:
    with closing(sqlite3.connect(digest.folder / "var" / "digest.db")) as store, store:
        store.execute(statement)


def recipients(digest: Digest) -> list[str]:
    return sorted(mail["To"] for mail in digest.mails)


def of_edition(digest: Digest) -> dict[str, Any]:
    (edition,) = digest.here("fsck", "--json").document["editions"]
    return dict(edition)


def test_an_edition_is_held_back_and_let_go_on(published: Digest, name: str):
    assert published("pause").out == f"{name}: paused\n"
    held = published.here("deliver")
    assert (held.code, published.outbox) == (3, {})
    assert f"stopped: {name} is paused: a person has paused it" in held.out
    assert "PAUSED: a person has paused it, until `digest resume`" in published.here("status").out
    assert published("resume", name, "--json").document == [
        {"edition": name, "state": "open", "why": None}
    ]
    assert published.here("deliver").code == 0
    assert recipients(published) == [ADA, GRACE]
    assert published.here("pause").out == "no edition is open\n"


def test_an_edition_that_is_cancelled_stays_so(published: Digest, name: str):
    assert published("cancel", name).out == f"{name}: cancelled\n"
    for command in ("resume", "deliver"):
        published.here(command)
    assert published.outbox == {}
    edition = of_edition(published)
    assert (edition["suppressed"], edition["finished"], edition["wrong"]) == (2, True, [])
    ran = published.here("cancel", name)
    assert (ran.code, ran.complaint) == (
        2,
        f"digest: {name} is finished: nothing of it waits any more",
    )


@pytest.mark.parametrize("command", ["pause", "resume", "cancel", "fsck"])
def test_an_edition_that_is_not_there_is_named(published: Digest, command: str):
    ran = published.here(command, "2020-02-02")
    assert (ran.code, "there is no edition 2020-02-02" in ran.complaint) == (2, True)


def test_one_more_reader_gets_an_edition_that_went_out(published: Digest, name: str):
    published.here("deliver")
    published.here("subscribers", "add", INES)
    day = name[:10]
    ran = published("deliver", "--date", day, "--to", INES.upper(), "--json")
    assert (ran.code, ran.document["sent"]) == (0, 1)
    assert recipients(published) == [ADA, GRACE, INES]
    edition = of_edition(published)
    assert (edition["planned"], edition["sent"], edition["finished"]) == (3, 3, True)
    again = published.here("deliver", "--to", INES)
    assert (again.code, again.complaint) == (2, f"digest: {INES} has got that edition already")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--to", INES], f"{INES} is no reader; `digest subscribers add` makes them one"),
        (["--to", "no address"], "address: 'no address' is no mail address"),
        (["--to", ADA, "--date", "2020-02-02"], "there is no edition of 2020-02-02"),
        (["--to", ADA, "--number", "7"], "there is no edition 7"),
        (["--date", "2020-02-02"], "--date, --number and --audience go with --to or --uncertain"),
        (["--audience", "all"], "--date, --number and --audience go with --to or --uncertain"),
    ],
)
def test_a_reader_or_an_edition_that_is_not_there_is_told(
    published: Digest, arguments: list[str], said: str
):
    ran = published.here("deliver", *arguments)
    assert (ran.code, published.outbox) == (2, {})
    assert said in ran.err


def test_a_reader_who_has_left_gets_none_by_hand_either(published: Digest):
    published.here("subscribers", "remove", ADA)
    ran = published.here("deliver", "--to", ADA)
    assert (ran.code, "their standing is left" in ran.complaint) == (2, True)


def test_a_doubt_is_listed_with_what_can_be_done_about_it(
    published: Digest, mailbox: Mailbox, name: str
):
    change(published, "UPDATE delivery SET status = 'uncertain', doubts = 1 WHERE id = 1")
    published.environment |= {f"DIGEST_{k.upper()}": str(v) for k, v in mailbox.settings.items()}
    assert published.here("deliver").code == 0
    told = " ".join(published("status").out.split())
    decide = f"digest deliver --date {name[:10]} --number 1 --uncertain"
    assert f"Open {name}: 1 sent, 1 uncertain of 2, tried until" in told
    assert f"To decide {name}: {decide} resend (perhaps twice), or --uncertain hold" in told
    assert published.here(*f"{decide} resend".split()[1:]).code == 0
    assert [to for _, to, _ in mailbox.arrived] == [GRACE, ADA]
    assert of_edition(published)["finished"]


def test_what_is_sent_until_a_time_is_told(digest: Digest):
    digest.add_dump("page.txt", page("Kites over a Harbour"))
    digest.environment |= {"DIGEST_TIMEZONE": "Asia/Tokyo"}
    digest.here("ingest")
    assert digest("publish", "--not-after", "2020-01-01T07:30").code == 0
    assert "tried until 2019-12-31 22:30 UTC" in digest.here("status").out
    ran = digest.here("deliver", "--json")
    assert (ran.code, ran.document["expired"], digest.outbox) == (1, 1, {})
    assert digest.here("publish", "--not-after", "tomorrow").code == 2


# --- the outbox ---------------------------------------------------------------------------------


def test_an_envelope_in_the_outbox_unfolds_to_the_mail_that_would_be_there(published: Digest):
    published.here("subscribers", "add", INES)
    twin = Digest(published.folder.with_name("twin"), published.environment)
    shutil.copytree(published.folder, twin.folder)
    assert twin.here("deliver").code == 0
    assert published.here("deliver", whole_mails=1).code == 0
    envelopes = sorted(name for name in published.outbox if name.endswith(".envelope"))
    assert len(published.outbox) == len(envelopes) + 1
    unfolded = {name: published.here("unfold", f"outbox/{name}").out for name in envelopes}
    assert {
        name.replace(".envelope", ".eml"): mail.encode() for name, mail in unfolded.items()
    } == (twin.outbox)
    as_documented = runpy.run_path(str(program_of_the_docs(published.folder)))["mail"]
    for name in envelopes:
        assert as_documented(published.folder / "outbox" / name).decode() == unfolded[name]


def program_of_the_docs(folder: Path) -> Path:
    """What docs/operations.md gives to those who send mails on from the outbox."""
    text = (ROOT / "docs" / "operations.md").read_text("utf-8")
    (program,) = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    (folder / "program.py").write_text(program, "utf-8")
    return folder / "program.py"


def test_an_envelope_is_printed_for_other_programs_or_its_trouble_told(published: Digest):
    published.here("deliver", whole_mails=1)
    name = max(published.outbox, key=lambda name: name.endswith(".envelope"))
    mail = published("unfold", f"outbox/{name}").out
    assert published("lint", "-", stdin=mail).code == 0
    (message,) = (published.folder / "outbox").glob("*.message")
    message.unlink()
    ran = published("unfold", f"outbox/{name}")
    assert (ran.code, ran.out, "No such file" in ran.complaint) == (2, "", True)


# --- fsck ---------------------------------------------------------------------------------------


def test_a_ledger_that_adds_up_is_told_in_two_lines(published: Digest, name: str):
    published.here("deliver")
    ran = published("fsck")
    assert (ran.code, ran.out) == (0, f"{name}: 2 planned: 2 sent; finished\nall adds up\n")
    assert published.here("fsck", name).out == ran.out


SENDING_STILL = """
UPDATE delivery SET status = 'sending', worker = 'x:1:y:1', taken = 0 WHERE id = 1;
UPDATE mailing SET finished_at = NULL;
INSERT INTO lease VALUES ('x:1:y:1', '2020-01-01 00:00:00.000000')
"""


@pytest.mark.parametrize(
    ("harm", "said"),
    [
        ("UPDATE mailing SET planned = 3", "3 were planned and the ledger has 2 mails"),
        ("DELETE FROM delivery WHERE id = 1", "2 were planned and the ledger has 1 mail"),
        ("UPDATE delivery SET taken = 2 WHERE id = 1", "1 reader got it more than once"),
        ("UPDATE delivery SET taken = 0", "2 mails with a status that no answer accounts for"),
        (
            "UPDATE delivery SET status = 'expired', taken = 0 WHERE id = 1",
            "when it was finished 2 were sent, and now 1 are",
        ),
        (
            "UPDATE delivery SET status = 'waiting', taken = 0 WHERE id = 1",
            "it is finished, and 1 mail of it still to be sent",
        ),
        ("UPDATE message SET sha256 = 'x'", "is not what was frozen; restore a backup"),
        ("DELETE FROM mailing", "has no plan of its deliveries"),
        ("DELETE FROM subscriber WHERE id = 1", "1 rows of delivery without its subscriber"),
        (SENDING_STILL, "1 mail in the hands of a run that is gone"),
    ],
)
def test_what_is_wrong_with_the_ledger_is_told(published: Digest, harm: str, said: str):
    published.here("deliver")
    for statement in harm.split(";"):
        change(published, statement)
    ran = published.here("fsck")
    assert ran.code == 1
    assert said in ran.out
    assert "WRONG" in ran.out


def test_half_a_mail_in_the_outbox_is_told_if_nobody_is_writing_it(published: Digest):
    published.here("deliver")
    for writer in (f"{HOST}:{os.getpid()}:{PROCESS}:1", "elsewhere:1:00000000:1"):
        (published.folder / "outbox" / f".alive.{writer}.eml.tmp").write_text("Subj")
    assert published.here("fsck").code == 0
    half = published.folder / "outbox" / f".dead.{HOST}:999999999:00000000:1.eml.tmp"
    half.write_text("Subj")
    ran = published.here("fsck", "--json")
    (said,) = ran.document["wrong"]
    assert (ran.code, half.name in said, "half a mail" in said) == (1, True, True)


@pytest.mark.parametrize(
    ("what", "at", "harm", "said"),
    [
        ("ix_delivery_subscriber_id", -8, bytes(8), "ix_delivery_subscriber_id"),
        ("bounce", 1, b"\xff\xff", "free space corruption"),
    ],
)
def test_a_file_that_is_damaged_is_told(
    published: Digest, what: str, at: int, harm: bytes, said: str
):
    """An index of the ledger, and any table."""
    published.here("deliver")
    file = published.folder / "var" / "digest.db"
    with closing(sqlite3.connect(file)) as store:
        query = "SELECT rootpage FROM sqlite_master WHERE name = ?"
        (number,) = store.execute(query, [what]).fetchone()
        (size,) = store.execute("PRAGMA page_size").fetchone()
        store.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    start = (number - 1) * size + at % size
    content = bytearray(file.read_bytes())
    content[start : start + len(harm)] = harm
    file.write_bytes(content)
    ran = published.here("fsck")
    assert ran.code == 1
    assert said in ran.out
