"""What is asked of SpamAssassin, and what becomes of it where that does not answer."""

from pathlib import Path

import pytest
from conftest import needs

from digest.errors import ItemError
from digest.spam import Spam, spam

GOOD = b"From: a@b.example\r\nTo: c@d.example\r\nSubject: kites\r\n\r\nA kite flies.\r\n"
BAD = b"Subject: XJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X\r\n\r\nx\r\n"


def test_each_mail_has_its_score_and_its_rules_in_their_order():
    needs("spamassassin")
    found = spam([GOOD, BAD, GOOD], seconds=120)
    assert found is not None
    assert found[0] == found[2]
    assert found[0].score < 5
    assert found[1].score > 100
    assert "GTUBE" in found[1].rules
    assert all(rule for each in found for rule in each.rules)


def test_where_it_is_not_installed_there_is_no_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert spam([GOOD], seconds=1) is None


def test_where_no_rule_applies_none_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    program = tmp_path / "spamassassin"
    status = "X-Spam-Status: No, score=0.0 required=5.0 tests=none autolearn=ham"
    program.write_text(f"#!/bin/sh\necho '{status}'\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    assert spam([GOOD], seconds=60) == [Spam(0.0, ())]


@pytest.mark.parametrize(
    ("script", "told"),
    [
        ("exec sleep 60", "SpamAssassin did not answer within 0.3 seconds"),
        ("exit 3", "SpamAssassin ended with 3"),
        ("echo nothing", "SpamAssassin has judged 0 of 1 mails"),
    ],
)
def test_where_it_does_not_do_its_work_that_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str, told: str
):
    program = tmp_path / "spamassassin"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    with pytest.raises(ItemError, match=told):
        spam([GOOD], seconds=0.3 if "sleep" in script else 60)
