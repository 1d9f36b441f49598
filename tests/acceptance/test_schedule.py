"""The schedule, with a clock that stands until it is moved; one test lets it run as a process."""

import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest
from conftest import ROOT, Digest, page

from digest.app import App
from digest.engines.local import Schedule
from digest.errors import StoreError
from digest.model import Status
from digest.pipeline import daily
from digest.pipeline.archive import ArchiveReport
from digest.worker import HOST, is_gone

SEVEN = "0 7 * * *"
TITLES = ("Kites over Calm Water", "How Ropes Remember", "A Grammar of Fog")


@pytest.fixture
def app(make_app) -> App:
    made: App = make_app(schedule=SEVEN)
    made.settings.dumps.mkdir()
    add_dump(made, TITLES[0])
    return made


def add_dump(app: App, *titles: str) -> None:
    (app.settings.dumps / f"{titles[0]}.txt").write_text(page(*titles), "utf-8")


def slots(app: App) -> list[str | None]:
    """The scheduled times that were done, the latest first."""
    with app.store.reading() as shelves:
        return [run.slot for run in shelves.runs.last(50) if run.finished_at]


def mails(app: App) -> list[str]:
    return sorted(path.name[:10] for path in app.settings.outbox.glob("*.eml"))


def dead() -> str:
    """The ledger's name of a run whose process has ended."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return f"{HOST}:{process.pid}:00000000:1"


def test_a_first_start_makes_up_for_nothing_that_was_before_it(app):
    schedule = Schedule(app)
    assert schedule.due() is None
    schedule.tick()
    assert (slots(app), mails(app)) == ([], [])


def test_the_job_is_done_when_its_time_has_come_and_once(app, clock):
    schedule = Schedule(app)
    clock.wait(hours=18, minutes=59)
    schedule.tick()
    assert slots(app) == []
    clock.wait(minutes=1)
    assert schedule.due() == datetime(2026, 11, 21, 7, tzinfo=UTC)
    schedule.tick()
    clock.wait(minutes=1)
    schedule.tick()
    assert slots(app) == ["2026-11-21T07:00"]
    assert mails(app) == ["2026-11-21"]


def test_times_that_were_missed_are_made_up_for_once_after_a_restart(app, clock):
    schedule = Schedule(app)
    clock.wait(days=1)
    schedule.tick()
    add_dump(app, TITLES[1])
    clock.wait(days=4)
    restarted = Schedule(app)
    restarted.tick()
    restarted.tick()
    assert slots(app) == ["2026-11-25T07:00", "2026-11-21T07:00"]
    assert mails(app) == ["2026-11-21", "2026-11-25"]


def test_two_schedulers_on_one_store_do_the_job_once(app, make_app, clock):
    other = make_app(schedule=SEVEN)
    schedules = [Schedule(app), Schedule(other)]
    clock.wait(days=1)
    assert all(schedule.due() for schedule in schedules)
    slot = "2026-11-21T07:00"
    assert [each.run_slot(slot) is not None for each in (app, other)] == [True, False]
    for schedule in schedules:
        schedule.tick()
    assert slots(app) == [slot]
    assert mails(app) == ["2026-11-21"]


def test_a_run_that_another_living_process_has_begun_is_left_to_it(app, clock):
    schedule = Schedule(app)
    clock.wait(days=1)
    with app.store.writing() as shelves:
        shelves.runs.claim("2026-11-21T07:00", f"{HOST}:1:00000000:1", clock(), is_gone)
    schedule.tick()
    assert (slots(app), mails(app)) == ([], [])


@pytest.mark.parametrize("restart", [False, True])
def test_a_run_whose_process_was_killed_is_taken_over(app, clock, restart):
    schedule = Schedule(app)
    clock.wait(days=1)
    with app.store.writing() as shelves:
        shelves.runs.claim("2026-11-21T07:00", dead(), clock(), is_gone)
    clock.wait(minutes=5)
    if restart:
        schedule = Schedule(app)
    schedule.tick()
    schedule.tick()
    assert slots(app) == ["2026-11-21T07:00"]
    assert mails(app) == ["2026-11-21"]


def test_a_killed_run_is_not_made_up_for_when_a_later_one_was_done(app, clock):
    with app.store.writing() as shelves:
        shelves.runs.claim("2026-11-20T07:00", dead(), clock(), is_gone)
        done = shelves.runs.claim("2026-11-20T08:00", "me", clock(), is_gone)
        shelves.runs.note(done, 0, {}, clock())
    assert Schedule(app).due() is None


def test_the_hour_that_autumn_repeats_has_one_run(make_app, clock):
    clock.now = datetime(2026, 10, 24, 12, tzinfo=UTC)
    app = make_app(schedule="30 2 * * *", timezone="Europe/Berlin")
    app.settings.dumps.mkdir()
    schedule = Schedule(app)
    for hours in range(1, 30):
        clock.wait(hours=1)
        add_dump(app, f"Kites of Hour {hours}")
        schedule.tick()
    assert slots(app) == ["2026-10-25T02:30"]
    assert mails(app) == ["2026-10-25"]
    assert schedule.announcement() == "next run: Monday 2026-10-26 02:30 CET"


def test_an_hour_that_spring_leaves_out_has_its_run_all_the_same(make_app, clock):
    clock.now = datetime(2026, 3, 28, 12, tzinfo=UTC)
    app = make_app(schedule="30 2 * * *", timezone="Europe/Berlin")
    app.settings.dumps.mkdir()
    schedule = Schedule(app)
    for _ in range(30):
        clock.wait(hours=1)
        schedule.tick()
    assert len(slots(app)) == 1


def test_what_was_put_off_is_sent_by_a_later_tick(make_app, clock, mailbox):
    app = make_app(schedule=SEVEN, transport="smtp", smtp=relay(mailbox.port))
    app.settings.dumps.mkdir()
    add_dump(app, TITLES[0])
    app.readers.add(["ada@readers.example"], clock())
    schedule = Schedule(app)
    mailbox.answers = ["451 4.7.1 come back later"]
    clock.wait(days=1)
    schedule.tick()
    assert mailbox.arrived == []
    clock.wait(minutes=4)
    schedule.tick()
    assert mailbox.arrived == []
    clock.wait(minutes=2)
    schedule.tick()
    assert [to for _, to, _ in mailbox.arrived] == ["ada@readers.example"]
    assert slots(app) == ["2026-11-21T07:00"]


def relay(port: int) -> dict[str, object]:
    return {"host": "127.0.0.1", "port": port, "security": "none"}


def test_a_delivery_that_a_killed_run_left_is_sent_by_the_next_tick(app, clock):
    app.ingest()
    app.publish()
    with app.store.writing() as shelves:
        (mailing,) = shelves.mailings.open()
        shelves.deliveries.lease(worker := dead(), clock() + timedelta(hours=1))
        (owed,) = shelves.deliveries.claim(mailing.edition_id, worker, clock(), 10)
    assert owed.status is Status.WAITING
    Schedule(app).tick()
    assert mails(app) == ["2026-11-20"]


def test_a_run_in_which_a_stage_failed_is_repeated_until_it_is_done(app, clock):
    schedule = Schedule(app)
    app.settings.outbox.touch()
    clock.wait(days=1)
    schedule.tick()
    assert slots(app) == []
    app.settings.outbox.unlink()
    clock.wait(minutes=1)
    schedule.tick()
    assert slots(app) == ["2026-11-21T07:00"]
    assert mails(app) == ["2026-11-21"]


def test_a_run_that_the_database_cut_short_is_tried_again(app, clock):
    schedule = Schedule(app)
    clock.wait(days=1)

    def fails() -> ArchiveReport:
        raise StoreError("digest.db", "locked by another program")

    slot = "2026-11-21T07:00"
    with app.store.writing() as shelves:
        run = shelves.runs.claim(slot, dead(), clock(), is_gone)
    reports = daily.recorded(app.store, run, {"ingest": fails}, clock, app.stop, repeat=True)
    assert daily.worst(reports.values()) == 3
    assert slots(app) == []
    schedule.tick()
    assert slots(app) == [slot]
    assert mails(app) == ["2026-11-21"]


def test_scheduler_py_says_when_the_next_run_is_and_ends_when_it_is_told_to(digest: Digest):
    process = subprocess.Popen(
        [sys.executable, str(ROOT / "scheduler.py")],
        cwd=digest.folder,
        env=digest.environment | {"DIGEST_SCHEDULE": SEVEN, "DIGEST_TIMEZONE": "Europe/Berlin"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stderr is not None
        first = process.stderr.readline()
        assert first.startswith("next run: ")
        assert "07:00 CE" in first
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=10)
    finally:
        process.kill()
    assert (process.returncode, out) == (0, "")
    assert err == "stopping; a second signal breaks off at once\n"


def test_digest_schedule_does_a_missed_run_as_soon_as_it_starts(digest: Digest):
    digest.add_dump("page.txt", page(*TITLES))
    digest.here("status")
    yesterday = f"{datetime.now(UTC) - timedelta(days=1):%Y-%m-%d}T00:00"
    with closing(sqlite3.connect(digest.folder / "var" / "digest.db")) as store, store:
        store.execute(
            "INSERT INTO run (slot, worker, started_at, finished_at, exit_code)"
            " VALUES (?, 'x:1:y:1', '2026-01-01 00:00:00', '2026-01-01 00:00:00', 0)",
            (yesterday,),
        )
    process = digest.start("schedule", schedule="0 0 * * *")
    try:
        assert process.stderr is not None
        lines = iter(process.stderr.readline, b"")
        assert any(line.startswith(b"run of ") and b"exit code 0" in line for line in lines)
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=10)
    finally:
        process.kill()
    assert process.returncode == 0
    assert len(digest.mails) == 1
