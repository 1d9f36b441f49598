"""`digest preview` tells what changed and the checks, and shows files that are not ingested."""

import os
import sqlite3
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path

import pytest
from conftest import DUMPS, Digest, contents, needs, page, parsed
from judges import spamassassin
from mails import parsed as as_mail

pytestmark = pytest.mark.usefixtures("unjudged")

TITLES = ("Kites over Calm Water", "How Ropes Remember", "A Grammar of Fog")
SAMPLES = sorted(DUMPS.glob("*.txt"))


@pytest.fixture
def temporary(digest: Digest, tmp_path: Path) -> Path:
    """Where the program may put what is gone afterwards."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    digest.environment["TMPDIR"] = str(folder)
    return folder


def dumped(database: Path) -> list[str]:
    """The whole database, as text."""
    with closing(sqlite3.connect(database)) as connection:
        return list(connection.iterdump())


def dates(mail: bytes) -> list[str]:
    return [line for line in mail.decode().splitlines() if not line.startswith("Date: ")]


# --- as a reader gets it --------------------------------------------------------------------------


def test_a_reader_s_preview_is_byte_by_byte_what_is_delivered(digest):
    digest.add_dump("page.txt", page(*TITLES))
    for address in ("ada@lab.example", "bo@lab.example"):
        digest.here("subscribers", "add", address)
    draft = digest.here("preview", "--eml", "--to", "ada@lab.example")
    assert draft.code == 1  # the dump is not ingested yet
    digest.here("ingest")
    draft = digest.here("preview", "--eml", "--to", "ada@lab.example").out.encode()
    digest.here("run")
    mails = {parsed(mail)["To"]: mail for mail in digest.outbox.values()}
    for address, mail in mails.items():
        assert digest("preview", "--eml", "--to", address.upper()).out.encode() == mail
    assert dates(draft) == dates(mails["ada@lab.example"])


def test_a_stranger_and_what_is_no_address_are_told_in_one_line(digest):
    digest.add_dump("page.txt", page(*TITLES))
    digest.here("run")
    ran = digest("preview", "--to", "eve@lab.example")
    assert (ran.code, ran.out) == (2, "")
    assert ran.complaint == (
        "digest: eve@lab.example is no reader; "
        "`digest subscribers add eve@lab.example` makes them one"
    )
    assert digest.here("preview", "--to", "eve").code == 2
    unknown = digest("preview", "--audience", "robots")
    assert (unknown.code, unknown.out) == (2, "")
    assert unknown.complaint == "digest: there is no audience 'robots'; there are: all"


# --- what is told ---------------------------------------------------------------------------------


def test_the_figures_are_those_of_lint_and_of_the_benchmark_of_the_mail(digest):
    needs("spamassassin")
    digest.environment["PATH"] = os.environ["PATH"]
    digest.add_samples()
    digest.here("run")
    (mail,) = digest.outbox.values()
    told = digest("preview", "--json").document
    (file,) = (digest.folder / "outbox").iterdir()
    linted = digest.here("lint", "--json", file).document["mails"][0]
    assert told["checks"]["lint"] == {key: linted[key] for key in linted if key != "file"}
    for name, size in linted["sizes"].items():
        assert told["checks"]["size"].get(name, size) == size
    benchmark = spamassassin([as_mail("mail", mail)])
    assert told["spam"]["score"] == benchmark["spam_worst"] == benchmark["spam_mean"]
    assert "HTML_MESSAGE" in told["spam"]["rules"]
    assert (told["published"], told["papers"], told["left_out"]) == (True, None, [])


def test_what_changed_since_the_last_edition_is_told(digest):
    digest.add_samples()
    digest.here("run")
    digest.add_dump("page.txt", page(*TITLES))
    digest.here("ingest")
    today = date.fromisoformat(digest.here("status", "--json").document["last_edition"])
    tomorrow = str(today + timedelta(days=1))
    told = digest.here("preview", "--json", "--date", tomorrow).document
    changed = told["checks"]["changed"]
    assert changed["papers"] == [26, 3]
    assert changed["headings_gone"]
    assert changed["headers"] == []
    lines = digest("preview", "--date", tomorrow).err.splitlines()
    assert lines[0].startswith("Draft: ")
    assert f"3 papers in the mail, 26 in that of {changed['before']}" in lines[1]
    assert digest.here("preview", "--json").document["checks"]["changed"] is None


def test_without_spamassassin_that_is_said(digest):
    digest.add_samples()
    ran = digest("preview", "--dumps", "dumps")
    assert ran.code == 0
    assert "  Spam     SpamAssassin is not installed" in ran.err


def test_a_spamassassin_that_fails_is_told_and_the_rest_goes_on(digest, tmp_path):
    program = tmp_path / "spamassassin"
    program.write_text("#!/bin/sh\nexit 3\n")
    program.chmod(0o755)
    digest.environment["PATH"] = f"{tmp_path}:{os.defpath}"
    digest.add_samples()
    told = digest("preview", "--dumps", "dumps", "--json").document["spam"]
    assert (told["score"], told["rules"]) == (None, [])
    assert told["why"] == "SpamAssassin ended with 3"


def test_a_broken_template_is_told_with_its_line_and_what_stands_there(digest):
    templates = digest.folder / "look" / "email"
    templates.mkdir(parents=True)
    (templates / "digest.txt.j2").write_text("\n\n  {{ edition.dya }}\n")
    digest.add_dump("page.txt", page(*TITLES))
    ran = digest("preview", "--dumps", "dumps", templates="look")
    assert (ran.code, ran.out) == (1, "")
    assert ran.complaint.startswith("digest: email/digest.txt.j2:3: ")
    assert ran.complaint.endswith(", in: {{ edition.dya }}")


# --- dumps that are not ingested ------------------------------------------------------------------


@pytest.mark.parametrize("several", [False, True])
def test_files_that_are_not_ingested_are_previewed_and_leave_nothing(digest, temporary, several):
    named = [word for file in SAMPLES for word in ("--dumps", file)]
    ran = digest("preview", "--text", *(named if several else ["--dumps", *SAMPLES]))
    assert (ran.code, ran.err) == (0, "")
    assert ran.out == digest.here("preview", "--text", "--dumps", DUMPS).out
    assert contents(digest.folder) == {}
    assert list(temporary.iterdir()) == []


def test_the_real_store_is_as_it_was_whatever_is_previewed(digest, temporary):
    digest.add_dump("page.txt", page(*TITLES))
    digest.here("run")
    digest.here("subscribers", "add", "ada@lab.example")
    database = digest.folder / "var" / "digest.db"
    before, files = dumped(database), set(contents(digest.folder))
    ran = digest("preview", "--dumps", *SAMPLES, "--to", "ada@lab.example", "--eml")
    assert ran.code == 0
    assert parsed(ran.out.encode())["To"] == "ada@lab.example"
    assert "Kites over Calm Water" not in ran.out
    assert digest("preview", "--dumps", "dumps", "--json").document["papers"] == 3  # are news there
    assert dumped(database) == before
    assert set(contents(digest.folder)) == files
    assert list(temporary.iterdir()) == []


def test_what_cannot_be_read_is_named_and_the_rest_is_shown(digest, temporary):
    digest.add_samples()
    digest.add_dump("cut.txt", "Get trending papers in your email inbox!\n\nDaily Papers\n")
    ran = digest("preview", "--dumps", "dumps", "--json")
    assert ran.code == 1
    assert ran.complaint.startswith("digest: quarantined: cut.txt:")
    (left_out,) = ran.document["left_out"]
    assert (left_out["dump"], left_out["state"]) == ("cut.txt", "quarantined")

    alone = digest("preview", "--dumps", "dumps/cut.txt")
    assert (alone.code, alone.out) == (1, "")
    named, none = alone.err.splitlines()
    assert named == ran.complaint
    assert "no edition for" in none
    assert list(temporary.iterdir()) == []


@pytest.mark.parametrize("arguments", [["--dumps", "none.txt"], ["none.txt"]])
def test_a_file_that_is_not_there_or_not_behind_its_option_is_told(digest, temporary, arguments):
    ran = digest("preview", *arguments)
    assert (ran.code, ran.out) == (2, "")
    assert list(temporary.iterdir()) == []


def test_dumps_of_days_to_come_have_the_last_of_their_days(digest):
    digest.add_dump("2099-01-02.txt", page(*TITLES[:1]))
    digest.add_dump("2099-01-05.txt", page(*TITLES[1:]))
    assert digest("preview", "--dumps", "dumps", "--json").document["date"] == "2099-01-05"
    given = digest.here("preview", "--dumps", "dumps", "--date", "2099-01-03", "--json").document
    assert (given["date"], given["papers"]) == ("2099-01-03", 1)
    assert digest.here("preview", "--dumps", "dumps", "--date", "2098-01-01").code == 1


def test_a_template_that_breaks_leaves_no_store_behind(digest, temporary):
    (digest.folder / "look" / "email").mkdir(parents=True)
    (digest.folder / "look" / "email" / "digest.txt.j2").write_text("{% if %}")
    assert digest("preview", "--dumps", *SAMPLES, templates="look").code == 1
    assert list(temporary.iterdir()) == []
