import resource
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from digest.errors import SetupError, TryLater
from digest.model import Envelope
from digest.transports.outbox import Outbox

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
