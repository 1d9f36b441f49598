"""A run that is killed at any moment, or that meets another, leaves nothing double or half-done."""

import fcntl
import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT, Digest, Ran, contents, environment, page, wait_until
from sqlalchemy import Connection, Engine, event

from digest.app import App
from digest.model import Status
from digest.settings import Settings
from digest.store.store import WRITING
from digest.worker import HOST

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
DUMPS = {
    "one.txt": page("Kites over Calm Water", "How Ropes Remember"),
    "two.txt": page("How Ropes Remember", "A Grammar of Fog"),
}
READERS = [f"reader{number}@readers.example" for number in range(2)]
SHARES = 2
MOMENTS = 6
CANONICAL = {
    "printing": "SELECT ref, title, abstract, first_seen, authors, author_count, organization,"
    " organization_handle, published, history FROM printing ORDER BY ref",
    "answers": "SELECT hex(ref), day, answer, of_id IS NULL, why FROM fingerprint ORDER BY ref",
    "works": "SELECT printing.ref, root.ref FROM printing JOIN printing root"
    " ON root.id = printing.root_id ORDER BY printing.ref",
    "unfinished": "SELECT * FROM unfinished",
    "sighting": "SELECT ref, sha256, day, upvotes, comments, printed FROM sighting JOIN printing"
    " ON printing.id = printing_id JOIN dump ON dump.id = dump_id ORDER BY ref, sha256, place",
    "edition": "SELECT name, number, papers, sha256 FROM edition JOIN message"
    " ON edition_id = edition.id",
    "listed": "SELECT ref, shown FROM edition_work JOIN printing ON printing.id = work_id"
    " ORDER BY ref",
    "delivery": "SELECT address, status FROM delivery JOIN subscriber"
    " ON subscriber.id = subscriber_id ORDER BY address",
}


def stored(folder: Path) -> dict[str, Any]:
    with closing(sqlite3.connect(folder / "var" / "digest.db")) as store:
        return {name: store.execute(query).fetchall() for name, query in CANONICAL.items()}


def left(folder: Path) -> dict[str, Any]:
    """All that a run leaves, save for times and the numbers of rows."""
    return {
        **stored(folder),
        "outbox": contents(folder / "outbox"),
        "archive": contents(folder / "archive"),
    }


# Killed at every point at which something becomes lasting. The test calls this file as a program,
# which forks: a process that was started afresh for each point would take a second for it.


def run(folder: Path) -> None:
    folder.mkdir(exist_ok=True)
    settings = Settings(dumps=folder.parent / "dumps", secret="tidal-canary-31").under(folder)
    app = App(settings, lambda: NOON)
    app.readers.add(READERS, NOON)
    app.run()
    app.store.close()


def at_each_point(act: Callable[[], None]) -> None:
    """Call `act` before each commit of a writer, each opening of a file to write, each renaming."""

    def heard(name: str, arguments: tuple[Any, ...]) -> None:
        writes = name == "open" and isinstance(arguments[2], int) and arguments[2] & os.O_CREAT
        if name == "os.rename" or writes:
            act()

    def commits(connection: Connection) -> None:
        if connection.get_execution_options().get(WRITING):
            act()

    sys.addaudithook(heard)
    event.listen(Engine, "commit", commits)


def in_a_fork(act: Callable[[], None]) -> int:
    pid = os.fork()
    if pid == 0:
        act()
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def killed_at(point: int, folder: Path) -> None:
    points = iter(range(point + 1))
    at_each_point(lambda: None if next(points) < point else os.kill(os.getpid(), signal.SIGKILL))
    run(folder)


def sweep(base: Path, share: int) -> dict[str, list[int]]:
    """Return the points of this share after which the next run did not mend all."""
    (base / "dumps").mkdir()
    for name, text in DUMPS.items():
        (base / "dumps" / name).write_text(text)
    run(base / "undisturbed")
    expected = left(base / "undisturbed")
    points, wrong = [], []
    for point in range(share, 1000, SHARES):
        folder = base / str(point)
        if in_a_fork(partial(killed_at, point, folder)) == 0:
            break
        points.append(point)
        run(folder)
        if left(folder) != expected:
            wrong.append(point)
    return {"points": points, "wrong": wrong}


@pytest.mark.parametrize("share", range(SHARES))
def test_a_run_that_is_killed_at_any_point_is_finished_by_the_next(tmp_path, share):
    program = [sys.executable, __file__, str(tmp_path), str(share)]
    paths = {"PYTHONPATH": os.pathsep.join(map(str, (ROOT, ROOT / "tests")))}
    swept = subprocess.run(
        program, env=environment(tmp_path) | paths, capture_output=True, text=True, check=False
    )
    assert (swept.returncode, swept.stderr) == (0, "")
    found = json.loads(swept.stdout)
    assert len(found["points"]) > 5
    assert found["wrong"] == []


# Killed at moments that the clock chooses


@pytest.fixture
def letter(digest: Digest) -> Digest:
    digest.add_samples()
    assert digest.here("subscribers", "add", *READERS).code == 0
    return digest


@pytest.mark.parametrize("moment", range(MOMENTS))
def test_a_run_that_is_killed_at_some_moment_is_finished_by_the_next(letter, moment):
    killed = letter.start("run")
    time.sleep(0.35 + 0.12 * moment)
    killed.kill()
    killed.communicate()

    again = letter("run", "--json")
    assert (again.code, again.err) == (0, "")
    deliver = again.document["deliver"]
    assert deliver["planned"] == sum(deliver[status] for status in Status)
    assert deliver["sent"] == deliver["planned"]
    assert sorted(mail["To"] for mail in letter.mails) == READERS
    kept = stored(letter.folder)
    assert len({root for _, root in kept["works"]}) == 26
    assert kept["unfinished"] == []
    assert len(kept["edition"]) == 1
    assert [status for _, status in kept["delivery"]] == ["sent"] * len(READERS)


def test_a_killed_run_is_told_as_broken_off(letter):
    killed = letter.start("run")
    wait_until(lambda: has_begun(letter.folder))
    killed.kill()
    killed.communicate()
    assert "broken off" in letter.here("status").out
    assert letter.here("status", "--json").document["runs"][0]["finished"] is None


def has_begun(folder: Path) -> bool:
    with closing(sqlite3.connect(folder / "var" / "digest.db")) as store:
        return store.execute("SELECT 1 FROM run").fetchone() is not None


def test_what_killed_runs_left_half_written_is_gone_after_the_next(letter):
    letter.here("ingest")
    name = letter.here("publish", "--json").document["edition"]
    gone = f"{HOST}:999999999:00000000:1"
    for half in (f"outbox/.x.{gone}.eml.tmp", f"archive/editions/.{name}.html.tmp"):
        path = letter.folder / half
        path.parent.mkdir(parents=True)
        path.write_text("half a")
    assert letter.here("run").code == 0
    names = [*letter.outbox, *contents(letter.folder / "archive")]
    assert not [name for name in names if name.endswith(".tmp")]


# Two at once


@pytest.mark.parametrize("readers", [3, 50])
def test_two_runs_at_once_make_one_edition_and_one_mail_each(digest, readers):
    digest.add_samples()
    addresses = [f"reader{number:02}@readers.example" for number in range(readers)]
    digest.here("subscribers", "add", *addresses)
    runs = [digest.start("run", "--json") for _ in range(2)]
    ended = [run.communicate(timeout=60) for run in runs]
    found = [
        Ran(run.returncode, out.decode(), err.decode())
        for run, (out, err) in zip(runs, ended, strict=True)
    ]
    for ran in found:
        assert (ran.code in {0, 3}, ran.err) == (True, "")
    assert sum(ran.document["ingest"]["new"] for ran in found) == 26
    assert sum(ran.document["publish"]["papers"] for ran in found) == 26
    assert sum(ran.document["deliver"]["sent"] for ran in found) == readers
    assert sorted(mail["To"] for mail in digest.mails) == addresses
    last = digest("run", "--json")
    assert (last.code, last.document["deliver"]["planned"]) == (0, 0)
    assert last.document["archive"]["written"] == 0


def test_who_builds_the_archive_waits_until_another_has_done_so(letter):
    letter.here("run")
    held = os.open(letter.folder / "archive", os.O_RDONLY)
    fcntl.flock(held, fcntl.LOCK_EX)
    waiting = letter.start("archive")
    with pytest.raises(subprocess.TimeoutExpired):
        waiting.communicate(timeout=1)
    os.close(held)
    waiting.communicate(timeout=30)
    assert waiting.returncode == 0


if __name__ == "__main__":
    json.dump(sweep(Path(sys.argv[1]), int(sys.argv[2])), sys.stdout)
