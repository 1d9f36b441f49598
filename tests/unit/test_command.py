import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from digest.errors import Refused, SetupError, TryLater, Uncertain
from digest.model import Envelope, Receipt
from digest.transports.command import Command

BODY = b"Subject: Tides\r\n\r\n.a dot\r\n" + b"Slow rivers keep time.\r\n" * 4000
ENVELOPE = Envelope("2026-06-12-0123456789ab", "digest@news.example.org", "grete@example.net")


def yes() -> bool:
    return True


@pytest.fixture
def program(tmp_path: Path):
    """A shell script that is called as sendmail is; `mail` and `called` take what it was given."""

    def make(script: str = "cat > mail") -> tuple[str, ...]:
        path = tmp_path / "sendmail"
        path.write_text(f'#!/bin/sh\ncd "{tmp_path}"\nprintf "%s\\n" "$@" > called\n{script}\n')
        path.chmod(0o755)
        return (str(path), "-i", "-f", "{from}", "--", "{to}")

    return make


def sent(way: Command, envelope: Envelope = ENVELOPE) -> Receipt:
    with way.connect() as connection:
        return connection.send(envelope, BODY, yes)


def test_the_program_gets_the_addresses_as_arguments_and_the_mail_with_lines_of_this_system(
    program, tmp_path
):
    receipt = sent(Command(program()))
    assert (tmp_path / "called").read_text().split() == [
        "-i",
        "-f",
        ENVELOPE.sender,
        "--",
        ENVELOPE.recipient,
    ]
    assert (tmp_path / "mail").read_bytes() == BODY.replace(b"\r\n", b"\n")
    assert receipt.detail == f"{tmp_path}/sendmail took it"


def test_an_address_outside_ascii_is_an_argument_in_utf_8_whatever_the_language(program, tmp_path):
    script = (
        "from digest.model import Envelope\nfrom digest.transports.command import Command\n"
        f"with Command({program()!r}).connect() as connection:\n"
        "    mail = Envelope('x', 'digest@news.example.org', 'j\\u00fcrgen@example.net')\n"
        "    connection.send(mail, b'Subject: Tides', lambda: True)\n"
    )
    of_ascii = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    subprocess.run([sys.executable, "-c", script], env={**os.environ, **of_ascii}, check=True)
    assert (tmp_path / "called").read_bytes().splitlines()[-1] == "jürgen@example.net".encode()


def test_what_the_program_says_when_it_took_the_mail_is_kept_on_one_line(program):
    said = sent(Command(program("cat > mail; echo queued; printf '\\033as 4711' >&2"))).detail
    assert said == "queued as 4711"


@pytest.mark.parametrize(
    "local", ["$(touch caught)", "a;touch${IFS}caught", "`touch caught`", "{from}"]
)
def test_no_shell_reads_an_address(program, tmp_path, local):
    envelope = Envelope("x", ENVELOPE.sender, f"{local}@example.net")
    sent(Command(program()), envelope)
    assert (tmp_path / "called").read_text().splitlines()[-1] == envelope.recipient
    assert not (tmp_path / "caught").exists()


def test_an_address_that_looks_like_an_option_goes_behind_the_dashes_only(program, tmp_path):
    option = Envelope("x", ENVELOPE.sender, "-oQ.@example.net")
    argv = program()
    sent(Command(argv), option)
    assert (tmp_path / "called").read_text().splitlines()[-1] == option.recipient
    (tmp_path / "called").unlink()
    with pytest.raises(Refused, match='put "--" before'):
        sent(Command((argv[0], "{to}")), option)
    assert not (tmp_path / "called").exists()


@pytest.mark.parametrize(
    ("script", "meaning"),
    [
        ("cat > mail; exit 0", Receipt),
        ("exit 0", Receipt),
        ("cat > mail; exit 75", TryLater),
        ("exit 75", TryLater),
        ("head -c 1 > mail; exit 1", Uncertain),
        ("cat > mail; exit 67", Uncertain),
        ("cat > mail; kill -9 $$", Uncertain),
        ("exit 64", TryLater),
        ("kill -9 $$", TryLater),
        ("cat > mail; exec sleep 9", Uncertain),
        ("exec sleep 9", Uncertain),
    ],
)
def test_the_exit_code_says_what_became_of_the_mail(program, script, meaning):
    way = Command(program(script), timeout=0.3 if "sleep" in script else 9)
    try:
        result = sent(way)
    except (TryLater, Uncertain) as error:
        result = error
    assert type(result) is meaning


def test_the_words_of_a_program_that_failed_are_told(program, tmp_path):
    with pytest.raises(TryLater) as caught:
        sent(Command(program("cat > mail; echo the queue is full >&2; exit 75")))
    assert str(caught.value) == f"{tmp_path}/sendmail ended with 75: the queue is full"
    with pytest.raises(Uncertain) as lost:
        sent(Command(program("cat > mail; exec sleep 9"), timeout=0.2))
    assert (
        str(lost.value) == f"{tmp_path}/sendmail was given the mail and did not end in 0.2 seconds"
    )


def test_the_program_is_not_called_for_a_mail_that_may_not_be_sent(program, tmp_path):
    with Command(program()).connect() as connection, pytest.raises(TryLater, match="held back"):
        connection.send(ENVELOPE, BODY, lambda: False)
    assert not (tmp_path / "called").exists()


def test_a_program_that_is_not_there_or_may_not_be_called_is_named(tmp_path):
    (tmp_path / "mine").write_text("#!/bin/sh\n")
    for name in (str(tmp_path / "none"), str(tmp_path / "mine"), "no-such-sendmail"):
        with (
            pytest.raises(SetupError, match=f"^{name}: no such program"),
            Command((name,)).connect(),
        ):
            pass


@pytest.mark.parametrize("content", [b"\x00\x01 no program", b"#!/no/such/shell\n"])
def test_a_program_that_cannot_be_started_is_for_a_person_to_mend(tmp_path, content):
    broken = tmp_path / "sendmail"
    broken.write_bytes(content)
    broken.chmod(0o755)
    with pytest.raises(SetupError, match=f"^{broken} cannot be called: "):
        sent(Command((str(broken),)))


def test_a_disk_without_room_is_a_case_for_later_and_the_program_is_not_called(
    program, tmp_path, monkeypatch
):
    argv = program()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "gone"))
    with pytest.raises(TryLater, match="no room to lay the mail down: No such file"):
        sent(Command(argv))
    assert not (tmp_path / "called").exists()


def test_a_killed_run_leaves_no_half_mail(program, tmp_path):
    """The program starts with the whole mail, whatever becomes of who called it."""
    argv = program("kill -9 $PPID; cat > half; mv half mail")
    script = (
        "from digest.model import Envelope\nfrom digest.transports.command import Command\n"
        f"with Command({argv!r}).connect() as connection:\n"
        f"    connection.send(Envelope('a', 'b@c.example', 'd@e.example'), {BODY!r}, lambda: True)"
    )
    killed = subprocess.run([sys.executable, "-c", script], check=False)
    assert killed.returncode == -signal.SIGKILL
    for _ in range(200):
        if (tmp_path / "mail").exists():
            break
        time.sleep(0.05)
    assert (tmp_path / "mail").read_bytes() == BODY.replace(b"\r\n", b"\n")
