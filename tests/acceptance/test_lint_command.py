"""`digest lint`, and the same rules as the guard of every edition."""

import json
import shutil

import pytest
from conftest import ROOT, Digest, page

TITLES = ("Kites over Calm Water", "How Ropes Remember", "A Grammar of Fog")
MAIL = "email/digest.mjml.j2"
BODY = "<mj-raw><div"  # where the preheader stands
SCRIPT = "<mj-raw><script>track()</script><div"


@pytest.fixture
def published(digest: Digest) -> Digest:
    digest.add_dump("page.txt", page(*TITLES))
    assert digest.here("run").code == 0
    return digest


@pytest.fixture
def spoilt(digest: Digest) -> Digest:
    """A digest with a look of its own that puts a script into the mail."""
    digest.add_dump("page.txt", page(*TITLES))
    shutil.copytree(ROOT / "templates", digest.folder / "look")
    template = digest.folder / "look" / MAIL
    text = template.read_text("utf-8")
    assert BODY in text
    template.write_text(text.replace(BODY, SCRIPT), "utf-8")
    digest.environment["DIGEST_TEMPLATES"] = "look"
    return digest


def mend(digest: Digest) -> None:
    shutil.copy(ROOT / "templates" / MAIL, digest.folder / "look" / MAIL)


# --- the command ----------------------------------------------------------------------------------


@pytest.mark.parametrize("locale", ["en", "de", "ar"])
@pytest.mark.parametrize("public_url", ["", "https://news.example.org/digest"])
def test_a_published_mail_has_no_finding(digest, locale, public_url):
    digest.add_samples()
    assert digest.here("run", locale=locale, public_url=public_url).code == 0
    (name,) = digest.outbox
    ran = digest("lint", f"outbox/{name}")
    assert (ran.code, ran.err) == (0, "")
    first, *_, signed = ran.out.splitlines()
    assert first == f"outbox/{name}: 0 errors, 0 warnings", ran.out
    assert "h=from:from:to:subject:" in signed


def test_a_bad_mail_is_told_with_place_and_reason_and_exit_code_1(published):
    (mail,) = published.outbox.values()
    (published.folder / "bad.eml").write_bytes(
        mail.replace(b"Precedence: list\r\n", b"Precedence: list\n")
    )
    ran = published("lint", "bad.eml")
    assert ran.code == 1
    assert "\n  error    line-ends: line " in ran.out
    assert "every line ends in CRLF" in ran.out


def test_a_mail_may_come_from_standard_input_and_the_report_be_json(published):
    mail = published("preview", "--eml").out
    ran = published("lint", "-", "--json", stdin=mail)
    (told,) = json.loads(ran.out)["mails"]
    assert (ran.code, told["file"], told["errors"]) == (0, "-", 0)
    assert told["warnings"] == len(told["findings"])
    assert told["sizes"]["mail"] == len(mail.encode())


def test_several_mails_are_told_apart_and_one_error_is_enough(published):
    (mail,) = published.outbox.values()
    (published.folder / "good.eml").write_bytes(mail)
    (published.folder / "bad.eml").write_bytes(b"nothing")
    ran = published("lint", "good.eml", "bad.eml", "--json")
    assert [each["file"] for each in ran.document["mails"]] == ["good.eml", "bad.eml"]
    assert ran.code == 1


def test_a_file_that_is_not_there_is_told_in_one_line(digest):
    ran = digest("lint", "nothing.eml")
    assert (ran.code, ran.out) == (2, "")
    assert ran.complaint == "digest: nothing.eml: cannot be read: No such file or directory"


# --- the guard ------------------------------------------------------------------------------------


def test_an_edition_whose_mail_breaks_a_rule_is_not_published_and_nothing_is_kept(spoilt):
    spoilt.here("ingest")
    ran = spoilt("publish")
    assert (ran.code, ran.out) == (1, "")
    assert "its mail breaks the rule html-active: text/html, line " in ran.complaint
    assert "<script>" in ran.complaint
    told = spoilt.here("status", "--json").document
    assert (told["last_edition"], told["waiting_papers"]) == (None, 3)
    assert sum(told["deliveries"].values()) == 0
    mend(spoilt)
    assert spoilt.here("publish", "--json").document["papers"] == 3


def test_the_daily_job_goes_on_without_the_edition(spoilt):
    ran = spoilt("run")
    assert ran.code == 1
    assert "breaks the rule html-active" in ran.out
    assert spoilt.outbox == {}
    mend(spoilt)
    assert spoilt("run").code == 0
    assert len(spoilt.outbox) == 1


def test_a_draft_that_would_not_be_published_says_why(spoilt):
    spoilt.here("ingest")
    ran = spoilt("preview", "--html")
    assert ran.code == 0
    assert "<script>track()</script>" in ran.out
    assert ran.complaint.startswith("digest: this would not be published: html-active: ")


def test_what_was_frozen_is_in_the_report(digest):
    digest.add_dump("page.txt", page(*TITLES))
    digest.here("ingest")
    frozen = digest.here("publish", "--json").document["mail"]
    digest.here("deliver")
    (mail,) = digest.outbox.values()
    assert frozen["size"] < len(mail) < frozen["size"] + 400
    assert frozen["slots"] == ["to", "message_id", "unsubscribe"]
    assert len(frozen["sha256"]) == 64
