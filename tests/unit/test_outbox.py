import json
import resource
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

import pytest

from digest.errors import SetupError, TryLater
from digest.model import Envelope
from digest.transports.outbox import Outbox, whole

BODY = b"Subject: Tides\r\n\r\nSlow rivers keep time.\r\n"
ENVELOPE = Envelope("2026-06-12-0123456789ab", "digest@news.example.org", "grete@example.net")


def yes() -> bool:
    return True


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@contextmanager
def files_of_at_most(size: int) -> Iterator[None]:
    """The system refuses to write more into a file, as it does on a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_the_folder_is_made_and_holds_one_file_by_the_name_of_the_delivery(tmp_path):
    folder = tmp_path / "deep" / "outbox"
    with Outbox(folder).connect() as connection:
        receipt = connection.send(ENVELOPE, BODY, yes)
    assert names(folder) == ["2026-06-12-0123456789ab.eml"]
    assert receipt.detail == str(folder / "2026-06-12-0123456789ab.eml")


def test_the_name_appears_only_when_the_mail_is_whole(tmp_path):
    def may_send() -> bool:
        (half,) = tmp_path.iterdir()
        assert half.suffix == ".tmp"
        assert half.read_bytes() == BODY
        return True

    with Outbox(tmp_path).connect() as connection:
        connection.send(ENVELOPE, BODY, may_send)
    assert names(tmp_path) == ["2026-06-12-0123456789ab.eml"]


def test_a_full_disk_leaves_no_half_file_and_the_mail_goes_out_when_there_is_room(tmp_path):
    with Outbox(tmp_path).connect() as connection:
        with files_of_at_most(1000), pytest.raises(TryLater, match="File too large"):
            connection.send(ENVELOPE, BODY * 1000, yes)
        assert names(tmp_path) == []
        connection.send(ENVELOPE, BODY * 1000, yes)
    assert names(tmp_path) == ["2026-06-12-0123456789ab.eml"]


def test_a_mail_that_is_not_sent_leaves_no_file(tmp_path):
    with Outbox(tmp_path).connect() as connection, pytest.raises(TryLater):
        connection.send(ENVELOPE, BODY, lambda: False)
    assert names(tmp_path) == []


def in_a_process(script: str) -> subprocess.CompletedProcess[str]:
    head = (
        "import os\nfrom pathlib import Path\nfrom digest.model import Envelope\n"
        "from digest.transports.outbox import Outbox\n"
    )
    command = [sys.executable, "-c", head + script]
    return subprocess.run(command, check=False, capture_output=True, text=True)


def test_what_a_killed_run_left_half_written_is_gone_at_the_next_start(tmp_path):
    killed = in_a_process(
        f"with Outbox(Path({str(tmp_path)!r})).connect() as connection:\n"
        "    connection.send(Envelope('a', 'b', 'c'), b'd', lambda: os.kill(os.getpid(), 9))"
    )
    assert killed.returncode == -9
    assert [name.endswith(".tmp") for name in names(tmp_path)] == [True]
    with Outbox(tmp_path).connect():
        assert names(tmp_path) == []


# --- an edition of many mails ---------------------------------------------------------------------

MANY = 1_001


def one_of(many: int, number: int = 1) -> tuple[Envelope, bytes]:
    reader = f"reader{number}@example.net"
    name = f"2026-06-12-{number:012x}"
    envelope = Envelope(name, ENVELOPE.sender, reader, "2026-06-12", many)
    return envelope, BODY + f"To leave: {number}\r\nüber\r\n".encode()


def send(folder: Path, many: int, *numbers: int) -> None:
    with Outbox(folder).connect() as connection:
        for number in numbers:
            connection.send(*one_of(many, number), yes)


def test_an_edition_of_many_has_its_message_once_and_an_envelope_for_each_delivery(tmp_path):
    send(tmp_path, MANY, 1, 2, 3)
    mails = [one_of(MANY, number)[1] for number in (1, 2, 3)]
    envelopes = [f"2026-06-12-{number:012x}.envelope" for number in (1, 2, 3)]
    assert names(tmp_path) == [*envelopes, "2026-06-12.message"]
    assert (tmp_path / "2026-06-12.message").read_bytes() == mails[0]
    assert [whole(tmp_path / name) for name in envelopes] == mails
    assert json.loads((tmp_path / envelopes[1]).read_text("utf-8")) == {
        "message": "2026-06-12.message",
        "from": ENVELOPE.sender,
        "to": "reader2@example.net",
        "sha256": sha256(mails[1]).hexdigest(),
        "lines": {"4": "To leave: 2"},
    }


def test_a_mail_that_is_unlike_the_others_of_its_edition_is_a_whole_file(tmp_path):
    send(tmp_path, MANY, 1)
    with Outbox(tmp_path).connect() as connection:
        connection.send(one_of(MANY, 2)[0], BODY * 2, yes)
    assert (tmp_path / "2026-06-12-000000000002.eml").read_bytes() == BODY * 2


@pytest.mark.parametrize(("before", "after"), [(MANY, MANY - 1), (MANY - 1, MANY)])
def test_a_delivery_has_one_file_though_its_edition_came_to_have_more_or_fewer(
    tmp_path, before, after
):
    send(tmp_path, before, 1, 2)
    send(tmp_path, after, 2)
    found = [Path(name).stem for name in names(tmp_path) if not name.endswith(".message")]
    assert found == ["2026-06-12-000000000001", "2026-06-12-000000000002"]
    assert len(list(tmp_path.glob("*02.eml"))) == (after < MANY)


def test_connections_that_begin_an_edition_together_agree_on_its_message(tmp_path):
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda number: send(tmp_path, MANY, number), range(40)))
    found = sorted(whole(each) for each in tmp_path.glob("*.envelope"))
    assert found == sorted(one_of(MANY, number)[1] for number in range(40))
    assert len(names(tmp_path)) == 41


def test_a_full_disk_leaves_neither_half_a_message_nor_half_an_envelope(tmp_path):
    envelope, body = one_of(MANY)
    with Outbox(tmp_path).connect() as connection:
        for room in (10, 100):  # too little for the message, and then for the envelope
            with files_of_at_most(room), pytest.raises(TryLater, match="File too large"):
                connection.send(envelope, body, yes)
        assert names(tmp_path) == ["2026-06-12.message"]
        connection.send(envelope, body, yes)
    assert whole(tmp_path / f"{envelope.name}.envelope") == body


@pytest.mark.parametrize(
    ("harm", "said"),
    [
        (lambda envelope, _: envelope.unlink(), "cannot be read: No such file"),
        (lambda envelope, _: envelope.write_text("Subject: Tides"), "is no envelope"),
        (lambda envelope, _: envelope.write_text("{}"), "is no envelope"),
        (lambda envelope, _: envelope.write_text('{"message": "/etc/passwd"}'), "is no envelope"),
        (lambda _, message: message.unlink(), "its message .*: No such file"),
        (lambda _, message: message.write_bytes(b"other"), "is not the message"),
        (lambda _, message: message.write_bytes(BODY * 9), "is not the message"),
    ],
)
def test_an_envelope_that_stands_for_no_mail_is_told_in_one_line(tmp_path, harm, said):
    send(tmp_path, MANY, 1, 2)
    envelope = tmp_path / "2026-06-12-000000000002.envelope"
    harm(envelope, tmp_path / "2026-06-12.message")
    with pytest.raises(SetupError, match=rf"^{envelope}: [^\n]*{said}[^\n]*$"):
        whole(envelope)


def test_files_of_others_are_left_alone(tmp_path):
    for name in (".gitkeep", "notes.tmp", ".hidden.tmp", "old.eml"):
        (tmp_path / name).touch()
    with Outbox(tmp_path).connect() as connection:
        connection.send(ENVELOPE, BODY, yes)
    expected = [".gitkeep", ".hidden.tmp", "2026-06-12-0123456789ab.eml", "notes.tmp", "old.eml"]
    assert names(tmp_path) == expected


def test_a_folder_that_vanishes_on_the_way_is_a_case_for_later(tmp_path):
    folder = tmp_path / "outbox"
    with Outbox(folder).connect() as connection:
        folder.rmdir()
        with pytest.raises(TryLater, match="No such file"):
            connection.send(ENVELOPE, BODY, yes)


@pytest.mark.parametrize("place", ["outbox", "outbox/inside"])
def test_a_file_in_its_place_is_named_with_what_to_do(tmp_path, place):
    (tmp_path / "outbox").touch()
    clear = rf"^the outbox {tmp_path / place} cannot be written: [^\n]+; make it a folder [^\n]+$"
    with pytest.raises(SetupError, match=clear), Outbox(tmp_path / place).connect():
        pass


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="needs /proc, where nobody can write")
def test_a_place_where_no_folder_can_be_made_is_named():
    clear = "the outbox /proc/outbox cannot be written"
    with pytest.raises(SetupError, match=clear), Outbox(Path("/proc/outbox")).connect():
        pass


def test_a_folder_without_permission_is_named():
    run = in_a_process(
        "if os.getuid() == 0:\n    os.setuid(65534)\n"  # root may write everywhere
        "with Outbox(Path('/')).connect():\n    pass"
    )
    assert "SetupError: the outbox / cannot be written: no permission" in run.stderr
