"""A program that is stopped, or cannot write, while it sends: what it has sent stays known."""

import json
import random
import resource
import signal
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from threading import Timer
from typing import Any

import pytest
from conftest import Digest, wait_until
from letters import DUMP, addresses
from sink import HERE, SILENCE, Phase, Sink

from digest.store.locking import BUSY_MS

READERS = 400
CONNECTIONS = 8


@pytest.fixture
def sink() -> Iterator[Sink]:
    with Sink().running() as running:
        yield running


@pytest.fixture
def owing(digest: Digest, sink: Sink) -> Digest:
    """A program with an edition that many readers wait for, which sends to the sink."""
    relay = {"host": HERE, "port": sink.port, "security": "none", "connections": CONNECTIONS}
    digest.environment |= {"DIGEST_TRANSPORT": "smtp"}
    digest.environment |= {f"DIGEST_SMTP__{k.upper()}": str(v) for k, v in relay.items()}
    digest.add_dump("page.txt", DUMP)
    assert digest.here("subscribers", "add", *addresses(READERS)).code == 0
    digest.here("ingest")
    assert digest.here("publish", "--json").document["planned"] == READERS
    return digest


def fsck(digest: Digest) -> dict[str, Any]:
    ran = digest.here("fsck", "--json")
    (edition,) = ran.document["editions"]
    assert (ran.code, ran.document["wrong"], edition["wrong"]) == (0, [], [])
    return dict(edition)


def slowly(at: Phase, _: str) -> None:
    if at == "DOT":
        time.sleep(0.002)


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT])
def test_a_run_that_is_told_to_stop_ends_soon_and_leaves_no_doubt(
    owing: Digest, sink: Sink, stop: signal.Signals
):
    sink.answer = slowly
    run = owing.start("deliver", "--json")
    wait_until(lambda: len(sink.taken) > 50)
    run.send_signal(stop)
    began = time.monotonic()
    out, err = run.communicate(timeout=15)
    assert time.monotonic() - began < 10
    assert (run.returncode, err) == (3, b"stopping; a second signal breaks off at once\n")
    report = json.loads(out)
    assert report["problem"] == "it was stopped"
    there = len(sink.taken)
    assert 50 < there < READERS
    assert (report["sent"], report["waiting"], report["uncertain"]) == (there, READERS - there, 0)
    assert fsck(owing)["sent"] == there
    assert owing("deliver").code == 0
    assert sink.recipients == addresses(READERS)


def test_the_scheduler_that_is_told_to_stop_ends_soon_and_its_job_goes_on_later(
    owing: Digest, sink: Sink
):
    sink.answer = slowly
    running = owing.start("schedule")
    wait_until(lambda: len(sink.taken) > 50)
    running.send_signal(signal.SIGTERM)
    running.communicate(timeout=10)
    assert running.returncode == 0
    assert fsck(owing)["sent"] == len(sink.taken) < READERS
    assert owing("deliver").code == 0
    assert sink.recipients == addresses(READERS)


def test_a_relay_that_never_answers_does_not_keep_a_run_from_ending(owing: Digest, sink: Sink):
    silent = addresses(READERS)[3]
    sink.answer = lambda at, to: SILENCE if (at, to) == ("DOT", silent) else None
    run = owing.start("deliver", "--json")
    wait_until(lambda: len(sink.taken) == READERS)
    began = time.monotonic()
    run.send_signal(signal.SIGTERM)
    out, _ = run.communicate(timeout=30)
    assert time.monotonic() - began < 20
    assert json.loads(out)["sending"] == 1
    sink.answer = Sink().answer
    assert owing("deliver", "--json").document["uncertain"] == 1
    assert len(sink.taken) == READERS
    assert fsck(owing)["sent"] == READERS - 1


def test_a_disk_that_is_full_stops_the_mails_and_the_next_run_goes_on(owing: Digest, sink: Sink):
    database = owing.folder / "var" / "digest.db"
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    room = database.stat().st_size + 20_000
    run = owing.start("deliver", "--json")
    resource.prlimit(run.pid, resource.RLIMIT_FSIZE, (room, room))
    _, err = run.communicate(timeout=30)
    assert run.returncode == 3
    assert len(err.splitlines()) == 1
    there = len(sink.taken)
    assert there < READERS
    (left,) = owing.here("fsck", "--json").document["editions"]
    assert left["wrong"] == []
    assert left["sent"] <= there <= left["sent"] + left["sending"] <= left["sent"] + CONNECTIONS
    mended = owing("deliver", "--json").document
    assert mended["uncertain"] == left["sending"]
    assert set(addresses(READERS)) - set(sink.recipients) <= doubtful(owing)
    assert len(sink.recipients) == len(set(sink.recipients)), "none comes twice"
    assert fsck(owing)["sent"] == READERS - left["sending"]


def doubtful(digest: Digest) -> set[str]:
    problems = digest.here("status", "--all", "--json").document["problems"]
    return {each["address"] for each in problems if each["status"] == "uncertain"}


def test_a_database_that_another_program_holds_stops_the_mails(owing: Digest, sink: Sink):
    held: list[int] = []
    database = owing.folder / "var" / "digest.db"
    with closing(sqlite3.connect(database, check_same_thread=False)) as other:
        other.isolation_level = None
        let_go = Timer(BUSY_MS / 1000 + 1, other.execute, ["ROLLBACK"])

        def hold(at: Phase, _: str) -> None:
            if at == "DATA" and len(sink.taken) > 50 and not held:
                other.execute("BEGIN IMMEDIATE")
                let_go.start()
                held.append(len(sink.taken))

        sink.answer = hold
        ran = owing("deliver")
        assert ran.code == 3
        assert "locked by another program" in ran.complaint
        assert len(sink.taken) <= held[0] + CONNECTIONS
        let_go.join()
    assert fsck(owing)["sent"] == len(sink.taken), "what had gone out was written down at last"
    sink.answer = Sink().answer
    assert owing("deliver").code == 0
    assert sink.recipients == addresses(READERS)


@pytest.mark.parametrize("policy", ["resend", "hold"])
def test_runs_that_are_killed_at_random_lose_nobody_and_bound_the_copies(
    owing: Digest, sink: Sink, policy: str
):
    owing.environment |= {"DIGEST_DELIVERY__UNCERTAIN": policy}
    chance, kills = random.Random(policy), 4
    for kill in range(kills):
        run = owing.start("deliver")
        there = READERS * kill // kills + chance.randrange(5, READERS // kills)
        wait_until(lambda there=there: len(sink.taken) >= there)
        run.kill()
        run.communicate()
    owing("deliver")
    extra = len(sink.taken) - len(set(sink.taken))
    assert set(sink.recipients) | doubtful(owing) == set(addresses(READERS))
    assert len({message_id for message_id, _ in sink.taken}) == len(set(sink.recipients))
    stands = fsck(owing)
    assert stands["finished"]
    if policy == "hold":
        assert (extra, stands["uncertain"] <= CONNECTIONS * kills) == (0, True)
    else:
        assert (extra <= CONNECTIONS * kills, stands["uncertain"]) == (True, 0)
