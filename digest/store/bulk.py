"""Many values to the database at once: SQLAlchemy would take as long over each as the database."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import (
    ARRAY,
    JSON,
    Column,
    ColumnElement,
    Connection,
    UpdateBase,
    bindparam,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement


class _Among(FunctionElement[bool]):
    """Of no type: of a truth value SQLite would be asked whether it is 1, and use no index."""

    inherit_cache = True


def among(column: Column[Any]) -> ColumnElement[bool]:
    """Whether a column is one of those in the parameter `some`, a list.

    It is one parameter however long the list is, so that the statement is made once for all.
    """
    values = ARRAY(column.type).with_variant(JSON(), "sqlite")
    return _Among(column, bindparam("some", type_=values))


@compiles(_Among)
def _any(element: _Among, compiler: SQLCompiler, **options: Any) -> str:
    column, values = (compiler.process(each, **options) for each in element.clauses)
    return f"{column} = ANY ({values})"


@compiles(_Among, "sqlite")
def _listed(element: _Among, compiler: SQLCompiler, **options: Any) -> str:
    column, values = (compiler.process(each, **options) for each in element.clauses)
    return f"{column} IN (SELECT value FROM json_each({values}))"  # noqa: S608 - made of a statement


def execute(
    connection: Connection,
    statement: UpdateBase,
    names: Sequence[str],
    rows: Sequence[Sequence[Any]],
    after: str = "",
) -> None:
    """Execute a statement for each of the rows, which hold values for parameters of these names."""
    if not rows:
        return
    dialect = connection.dialect
    made = statement.compile(dialect=dialect, column_keys=names)
    columns: dict[str, Iterable[Any]] = dict(zip(names, zip(*rows, strict=True), strict=True))
    for name in names:
        prepare = made.binds[name].type.dialect_impl(dialect).bind_processor(dialect)
        if prepare:
            columns[name] = map(prepare, columns[name])
    order = made.positiontup or names
    values: Any = list(zip(*(columns[name] for name in order), strict=True))
    if not dialect.positional:
        values = [dict(zip(order, row, strict=True)) for row in values]
    connection.exec_driver_sql(f"{made} {after}", values)
