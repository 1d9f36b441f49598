"""Reading ahead in a large SQLite file: several of its pages are fetched from the disk at once.

What dedupe looks for stands all over a file of gigabytes, and SQLite waits for one page after the
other. Threads that look for the same a little earlier bring the pages into the system's memory.
They give no answers, take no locks and know of no write-ahead log: where a page changes under them
they find nonsense, and that makes no difference to anyone.
"""

import sqlite3
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from threading import local

from sqlalchemy import Column

from digest.batches import batches

READERS = 4
SLICE = 100
"""Values that one thread looks for before it takes others."""

CACHE_KB = 500
"""Of pages that a thread keeps to itself: no more than the uppermost."""

LARGE = 256 * 2**20
"""Bytes of a file from which on this is worth the while; a smaller one is in memory soon."""


class Ahead:
    """Fetches what will be asked for; of no `file`, as of PostgreSQL, nothing."""

    def __init__(self, file: Path | None) -> None:
        self._file = file
        self._readers = ThreadPoolExecutor(READERS, "ahead")
        self._own = local()

    def fetch(self, column: Column[int], values: Iterable[int]) -> None:
        """Look for rows with these values, in their order, while other work goes on."""
        if self._file and self._file.stat().st_size >= LARGE:
            address = f"{self._file.absolute().as_uri()}?immutable=1"
            slices = iter(list(batches(values, SLICE)))
            for _ in range(READERS):
                self._readers.submit(self._look, address, column, slices)

    def close(self) -> None:
        self._readers.shutdown(cancel_futures=True)

    def _look(self, address: str, column: Column[int], slices: Iterator[list[int]]) -> None:
        if not hasattr(self._own, "connection"):
            self._own.connection = sqlite3.connect(address, uri=True)
            self._own.connection.execute(f"PRAGMA cache_size = -{CACHE_KB}")
        for values in slices:
            marks = ",".join("?" * len(values))
            query = f"SELECT count(*) FROM {column.table} WHERE {column.name} IN ({marks})"  # noqa: S608
            with suppress(sqlite3.DatabaseError):  # something has changed meanwhile
                self._own.connection.execute(query, values).fetchone()
