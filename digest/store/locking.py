"""Whose turn it is to write to SQLite: its writers don't queue, they look again and again."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

Execute = Callable[[str], Any]

BEGIN_WRITING = "BEGIN IMMEDIATE"
BUSY = 5  # SQLITE_BUSY, in the lowest byte of an error's code
BUSY_MS = 5_000
LOOK = 0.005
"""Seconds between two looks. SQLite itself would soon look every tenth of a second only, and who
writes much would have to pause as long for others to find the database free."""


def begin_writing(execute: Execute) -> None:
    """Begin a transaction that writes, as soon as nobody else does.

    A writer takes the lock at once: taking it in mid-transaction fails when another was first. The
    driver's error where others write for over BUSY_MS.
    """
    when_free(execute, BEGIN_WRITING)


def when_free(execute: Execute, statement: str) -> None:
    """Execute a statement that takes a lock, as soon as nobody else has it."""
    with looking(execute):
        look(execute, statement)


@contextmanager
def looking(execute: Execute) -> Iterator[None]:
    """Keep SQLite itself from waiting within, for whoever takes many locks with `look`.

    To say so takes as long as to change a row.
    """
    execute("PRAGMA busy_timeout = 0")
    try:
        yield
    finally:
        execute(f"PRAGMA busy_timeout = {BUSY_MS}")


def look(execute: Execute, statement: str) -> None:
    """Try a statement that takes a lock again and again, while others have it."""
    latest = time.monotonic() + BUSY_MS / 1000
    while not _done(execute, statement, is_last=time.monotonic() > latest):
        time.sleep(LOOK)


def _done(execute: Execute, statement: str, *, is_last: bool) -> bool:
    try:
        execute(statement)
    except Exception as error:
        code = getattr(getattr(error, "orig", error), "sqlite_errorcode", 0)
        if is_last or code & 0xFF != BUSY:
            raise
        return False
    return True
