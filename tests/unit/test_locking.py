import sqlite3
import time

import pytest

from digest.store import locking
from digest.store.locking import BEGIN_WRITING, begin_writing, look, looking


@pytest.fixture
def connect(tmp_path):
    """Open the same database once more."""
    opened = []

    def another():
        opened.append(sqlite3.connect(tmp_path / "some.db", isolation_level=None, timeout=0))
        return opened[-1]

    yield another
    for each in opened:
        each.close()


def test_a_writer_looks_again_until_nobody_else_writes(connect):
    busy, waiting = connect(), connect()
    busy.execute("BEGIN IMMEDIATE")
    looks = []

    def execute(statement):
        looks.append(statement)
        if looks == ["PRAGMA busy_timeout = 0", *["BEGIN IMMEDIATE"] * 3]:
            busy.execute("COMMIT")
        waiting.execute(statement)

    begin_writing(execute)
    assert waiting.in_transaction
    assert looks.count("BEGIN IMMEDIATE") == 3


def test_who_waits_for_too_long_is_told_and_may_look_for_longer_afterwards(connect, monkeypatch):
    monkeypatch.setattr(locking, "BUSY_MS", 50)
    busy, waiting = connect(), connect()
    busy.execute("BEGIN IMMEDIATE")
    with pytest.raises(sqlite3.OperationalError, match="locked"):
        begin_writing(waiting.execute)
    assert not waiting.in_transaction
    assert waiting.execute("PRAGMA busy_timeout").fetchone() == (50,)


def test_what_is_no_lock_is_told_at_once(connect):
    writing = connect()
    begin_writing(writing.execute)
    began = time.monotonic()
    with pytest.raises(sqlite3.OperationalError, match="within a transaction"):
        begin_writing(writing.execute)
    assert time.monotonic() - began < 1


def test_who_takes_many_locks_says_once_how_to_wait_for_them(connect):
    writing, said = connect(), []

    def execute(statement):
        said.append(statement)
        return writing.execute(statement)

    with looking(execute):
        for _ in range(3):
            look(execute, BEGIN_WRITING)
            writing.execute("COMMIT")
    assert [each for each in said if each.startswith("PRAGMA")] == [said[0], said[-1]]
    assert writing.execute("PRAGMA busy_timeout").fetchone() == (locking.BUSY_MS,)
