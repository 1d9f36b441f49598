"""Many values at once: they are found by an index, and stored as SQLAlchemy would."""

from datetime import date

import pytest
from sqlalchemy import Column, Date, Integer, MetaData, String, Table, create_engine, insert, select

from digest.store import bulk
from digest.store.bulk import among

boat = Table(
    "boat",
    MetaData(),
    Column("id", Integer, primary_key=True),
    Column("name", String(20), unique=True),
    Column("built", Date),
)


@pytest.fixture
def connection():
    engine = create_engine("sqlite://")
    with engine.connect() as opened:
        boat.create(opened)
        yield opened
    engine.dispose()


def test_values_go_to_their_columns_in_whatever_order_they_are_named(connection):
    rows = [(date(1869, 11, 22), 2, "Cutty Sark"), (None, 1, "Thermopylae")]
    bulk.execute(connection, insert(boat), ("built", "id", "name"), rows)
    stored = connection.execute(select(boat).order_by(boat.c.id)).all()
    assert stored == [(1, "Thermopylae", None), (2, "Cutty Sark", date(1869, 11, 22))]


def test_no_rows_are_no_statement(connection):
    bulk.execute(connection, insert(boat), ("id",), [])
    assert connection.execute(select(boat)).all() == []


@pytest.mark.parametrize(
    ("column", "values", "found"),
    [(boat.c.id, [1, 7], ["Thermopylae"]), (boat.c.name, ["Cutty Sark"], ["Cutty Sark"])],
)
def test_a_list_of_values_is_looked_up_and_the_table_not_read_through(
    connection, column, values, found
):
    rows = [(2, "Cutty Sark"), (1, "Thermopylae")]
    bulk.execute(connection, insert(boat), ("id", "name"), rows)
    query = select(boat.c.name).where(among(column))
    assert connection.scalars(query, {"some": values}).all() == found
    explained = f"EXPLAIN QUERY PLAN {query.compile(dialect=connection.dialect)}"
    steps = [row[-1] for row in connection.exec_driver_sql(explained, ("[]",))]
    assert any(step.startswith("SEARCH boat") for step in steps)
    assert not any(step.startswith("SCAN boat") for step in steps)
