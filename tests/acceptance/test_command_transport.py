"""Mails that leave through a program of the machine."""

from email import message_from_bytes, policy
from pathlib import Path

import pytest


@pytest.fixture
def sampled(digest):
    digest.add_samples()
    return digest


@pytest.fixture
def argv(tmp_path: Path) -> str:
    """A program that keeps what it is given by the name of its reader."""
    script = tmp_path / "post man"
    script.write_text(f'#!/bin/sh\ncat > "{tmp_path}/$2"\necho "taken from $1"\nexit $CODE\n')
    script.chmod(0o755)
    return f"'{script}' {{from}} {{to}}"


def through(argv: str) -> dict[str, str]:
    return {"transport": "command", "command__argv": argv, "owner": "ada@example.org"}


@pytest.mark.parametrize(
    ("code", "status", "ends"), [(0, "sent", 0), (75, "waiting", 3), (1, "uncertain", 1)]
)
def test_a_program_gets_the_mail_and_its_exit_code_counts(sampled, argv, code, status, ends):
    sampled.environment["CODE"] = str(code)
    ran = sampled("run", "--json", **through(argv))
    assert ran.code == ends
    assert ran.document["deliver"][status] == ran.document["deliver"]["planned"] == 1
    given = (sampled.folder.parent / "ada@example.org").read_bytes()
    mail = message_from_bytes(given, policy=policy.default)
    assert mail["To"] == "ada@example.org"
    assert "Lanternfish" in mail.get_body(("plain",)).get_content()
    assert sampled.mails == []


def test_a_person_reads_which_program_took_the_mails(sampled, argv):
    sampled.environment["CODE"] = "0"
    program = argv.split("'")[1]
    assert f"1 sent, by the program {program}" in sampled("run", **through(argv)).out


def test_a_program_that_is_missing_is_named_and_nothing_is_lost(sampled, argv):
    ran = sampled("run", **through("no-such-sendmail {to}"))
    assert ran.code == 2
    assert "no-such-sendmail: no such program" in ran.out
    sampled.environment["CODE"] = "0"
    assert sampled("deliver", "--json", **through(argv)).document["planned"] == 1
