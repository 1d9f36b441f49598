"""Reading ahead: what is looked for, and where it is not worth the while."""

import sqlite3
from contextlib import closing

import pytest

from digest.store import ahead
from digest.store.ahead import Ahead
from digest.store.schema import blocking_key


@pytest.fixture
def asked(tmp_path, monkeypatch):
    """What is looked for in a file with one row, in the order of the questions."""
    monkeypatch.setattr(ahead, "READERS", 1)
    file = tmp_path / "a.db"
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("CREATE TABLE blocking_key (key INTEGER PRIMARY KEY)")
        connection.execute("INSERT INTO blocking_key VALUES (3)")
    return file


def touched(file, monkeypatch, values):
    """How often SQLite is asked while these are fetched."""
    found = []
    connect = sqlite3.connect

    def traced(*how, **more):
        connection = connect(*how, **more)
        connection.set_trace_callback(found.append)
        return connection

    monkeypatch.setattr(ahead.sqlite3, "connect", traced)
    reader = Ahead(file)
    reader.fetch(blocking_key.c.key, values)
    reader._readers.shutdown()
    return [each for each in found if each.startswith("SELECT")]


def test_of_a_large_file_all_values_are_looked_for_slice_by_slice(asked, monkeypatch):
    monkeypatch.setattr(ahead, "LARGE", 1)
    monkeypatch.setattr(ahead, "SLICE", 2)
    looked = touched(asked, monkeypatch, [1, 2, 3])
    assert [each.partition(" IN ")[2] for each in looked] == ["(1,2)", "(3)"]


def test_a_small_file_is_in_memory_soon(asked, monkeypatch):
    assert touched(asked, monkeypatch, [1, 2, 3]) == []
