"""Opening a database, and transactions, in SQLite and PostgreSQL."""

import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, nullcontext
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, func, inspect, select, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError

from digest.crash import point
from digest.errors import SchemaTooNew, SetupError, StoreError
from digest.store.ahead import Ahead
from digest.store.bounces import Bounces
from digest.store.deliveries import Deliveries
from digest.store.dumps import Dumps
from digest.store.editions import Editions
from digest.store.ledger import Ledger
from digest.store.locking import BUSY_MS, begin_writing, looking, when_free
from digest.store.mailings import Mailings
from digest.store.paces import Paces
from digest.store.papers import Papers
from digest.store.printings import Printings
from digest.store.runs import Runs
from digest.store.schema import delivery
from digest.store.subscribers import Subscribers

HEAD = "0008"
MOST_FAULTS = 10  # are named
CACHE_KB = 10_000  # of pages in memory: the upper levels of the trees that dedupe looks into
SQLITE_MAGIC = b"SQLite format 3\x00"
WRITING = "digest_writing"
WRITE_LOCK = 0x64696765  # any number, the same for all writers of one PostgreSQL database


class Shelves:
    """The store inside one transaction, a shelf per kind of thing."""

    def __init__(self, connection: Connection, ahead: Ahead) -> None:
        self.dumps = Dumps(connection)
        self.papers = Papers(connection)
        self.printings = Printings(connection, ahead)
        self.editions = Editions(connection)
        self.subscribers = Subscribers(connection)
        self.mailings = Mailings(connection)
        self.deliveries = Deliveries(connection)
        self.paces = Paces(connection)
        self.bounces = Bounces(connection)
        self.runs = Runs(connection)


class Store:
    """A database. Read and write in transactions; heavy work belongs outside of them.

    Whatever the database reports comes out as a StoreError: the transaction is undone, and the
    same run may succeed later.
    """

    def __init__(self, engine: Engine, name: str) -> None:
        self._engine = engine
        self._ahead = Ahead(_file_of(engine))
        self.name = name

    @contextmanager
    def reading(self) -> Iterator[Shelves]:
        with _mapped(self.name), self._engine.begin() as connection:
            yield Shelves(connection, self._ahead)

    @contextmanager
    def writing(self) -> Iterator[Shelves]:
        """Writers wait for one another, so what is read inside stays true until the end."""
        with _mapped(self.name), _writing(self._engine) as connection:
            yield Shelves(connection, self._ahead)

    @contextmanager
    def ledger(
        self, worker: str, lease: timedelta, clock: Callable[[], datetime]
    ) -> Iterator[Ledger]:
        """The ledger for one run that sends; other transactions go on beside it."""

        def mapped(error: Exception) -> StoreError:
            return StoreError(self.name, _cause(error))

        with _mapped(self.name):
            connection = self._engine.raw_connection()
        dialect = self._engine.dialect
        is_sqlite = dialect.name == "sqlite"
        with (
            closing(connection),
            looking(connection.cursor().execute) if is_sqlite else nullcontext(),
        ):
            yield Ledger(connection, dialect, mapped, worker=worker, lease=lease, clock=clock)

    def faults(self) -> list[str]:
        """What the database itself finds wrong with its file; PostgreSQL looks after its own.

        Whether the indexes say what the rows do is asked of the ledger only, as its sums are
        counted in them: it takes several times as long as all the rest.
        """
        if self._engine.dialect.name != "sqlite":
            return []
        with _mapped(self.name), self._engine.begin() as connection:
            for check in (f"quick_check({MOST_FAULTS})", f"integrity_check({delivery.name})"):
                said = list(connection.exec_driver_sql(f"PRAGMA {check}").scalars())
                if said != ["ok"]:
                    return said[:MOST_FAULTS]
            lost = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
        orphans = Counter(f"{row[0]} without its {row[2]}" for row in lost)
        return [f"{number} rows of {what}" for what, number in sorted(orphans.items())]

    def close(self) -> None:
        self._ahead.close()
        self._engine.dispose()


def open_store(url: str, *, survive_power_loss: bool = False) -> Store:
    """Open the database, making or upgrading its tables where needed.

    SQLite survives a crash of the program in any case; to survive a loss of power as well, it waits
    for the disk at every commit. PostgreSQL does what its own settings say.

    SetupError where the address is wrong or the database belongs to something else, SchemaTooNew
    where a later version wrote it, StoreError where it doesn't answer.
    """
    address = _address(url)
    name = _name(address)
    if address.get_backend_name() == "sqlite":
        _check_sqlite_file(address)
    engine = _engine(address, survive_power_loss=survive_power_loss)
    try:
        with _mapped(name):
            _bring_up(engine, name)
    except BaseException:
        engine.dispose()
        raise
    return Store(engine, name)


@contextmanager
def _mapped(name: str) -> Iterator[None]:
    try:
        yield
    except DBAPIError as error:
        raise StoreError(name, _cause(error)) from error


@contextmanager
def _writing(engine: Engine) -> Iterator[Connection]:
    options = {WRITING: True}
    with engine.connect().execution_options(**options) as connection, connection.begin():
        if connection.dialect.name == "postgresql":
            connection.execute(select(func.pg_advisory_xact_lock(WRITE_LOCK)))
        yield connection
        point("store: before the commit")
    point("store: after the commit")


def _address(url: str) -> URL:
    try:
        address = make_url(url)
    except (ArgumentError, ValueError):  # ValueError: of a port that is no number
        raise SetupError(
            "database: no address of a database; one is, for example, sqlite:///var/digest.db"
        ) from None
    if address.drivername in {"postgres", "postgresql"}:
        address = address.set(drivername="postgresql+psycopg")
    if address.get_backend_name() not in {"sqlite", "postgresql"}:
        raise SetupError(
            f"database: {address.drivername} is not supported, only SQLite and PostgreSQL"
        )
    return address


def _file_of(engine: Engine) -> Path | None:
    name = engine.url.database
    return Path(name) if name and engine.dialect.name == "sqlite" else None


def _name(address: URL) -> str:
    return (
        address.database or ":memory:"
        if address.get_backend_name() == "sqlite"
        else address.render_as_string()
    )


def _check_sqlite_file(address: URL) -> None:
    if not address.database or address.database == ":memory:":
        raise SetupError("database: name a file, for example sqlite:///var/digest.db")
    file = Path(address.database)
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        if file.exists() and file.stat().st_size:
            with file.open("rb") as opened:
                if opened.read(len(SQLITE_MAGIC)) != SQLITE_MAGIC:
                    raise SetupError(f"{file}: is not a SQLite database; name another file")
    except OSError as error:
        raise SetupError(f"{file}: cannot be opened: {error.strerror}") from error


def _engine(address: URL, *, survive_power_loss: bool = False) -> Engine:
    try:
        if address.get_backend_name() == "postgresql":
            return create_engine(address, pool_pre_ping=True)
        engine = create_engine(address, connect_args={"timeout": BUSY_MS / 1000})
    except (ModuleNotFoundError, NoSuchModuleError) as error:
        raise SetupError(
            f"database: {error}; install it with: pip install 'paper-digest[postgres]'"
        ) from None
    synchronous = "FULL" if survive_power_loss else "NORMAL"
    event.listen(engine, "connect", partial(_set_up_sqlite, synchronous))
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _set_up_sqlite(synchronous: str, connection: Any, _record: object) -> None:
    # The driver must not begin transactions by itself: _begin_sqlite does, in the right mode.
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout = {BUSY_MS}")
    cursor.execute(f"PRAGMA synchronous = {synchronous}")
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.execute(f"PRAGMA cache_size = -{CACHE_KB}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    if connection.get_execution_options().get(WRITING):
        begin_writing(connection.exec_driver_sql)
    else:
        connection.exec_driver_sql("BEGIN")


def _bring_up(engine: Engine, name: str) -> None:
    with engine.connect() as connection:
        revision = _revision(connection, name)
    if revision != HEAD:
        with _writing(engine) as connection:
            _migrate(connection)
    if engine.dialect.name == "sqlite":
        _let_readers_in(engine, name)


def _let_readers_in(engine: Engine, name: str) -> None:
    """With a write-ahead log nobody waits for a reader; set last, as it writes to the file."""
    with closing(engine.raw_connection()) as connection:
        cursor = connection.cursor()
        try:
            if cursor.execute("PRAGMA journal_mode").fetchone() != ("wal",):
                when_free(cursor.execute, "PRAGMA journal_mode = WAL")
        except sqlite3.Error as error:
            raise StoreError(name, _cause(error)) from error


def _revision(connection: Connection, name: str) -> str | None:
    tables = set(inspect(connection).get_table_names())
    if not tables:
        return None
    if not {"alembic_version", "edition_work"} <= tables:
        raise SetupError(f"{name}: belongs to something else; name another database")
    revision = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    if revision is not None and revision > HEAD:
        raise SchemaTooNew(name, revision)
    return revision


def _migrate(connection: Connection) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", "digest.store:migrations")
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _cause(error: Exception) -> str:
    cause = str(getattr(error, "orig", None) or error).strip().splitlines()[0]
    if "database is locked" in cause:
        return f"locked by another program for over {BUSY_MS // 1000} s; run again later"
    return cause
