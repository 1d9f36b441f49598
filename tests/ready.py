"""Processes of the program that need not import it: they are forks of one that has done so.

Each call in a test is a process of its own, as a person's is. Importing takes a second of CPU, the
rest of most calls a tenth of that, and there are hundreds of calls.

Run as a script, this is the process that is forked. It gets one datagram for each call, with the
folder, the environment, the arguments and the three streams, and answers how the call ended.
"""

import gc
import json
import os
import runpy
import signal
import socket
import subprocess
import sys
from importlib import import_module, reload
from pathlib import Path
from pkgutil import walk_packages
from tempfile import TemporaryFile

MOST = 200_000  # bytes of a datagram
PATIENCE = 120  # seconds
LATE = (
    *("alembic.command", "alembic.context", "email_validator", "feedparser"),
    *("pylatexenc.latex2text", "sumy.summarizers.edmundson", "uvicorn"),
)
"""What the program imports when it needs it, and most calls need."""

READ_AT_START = ("PYTHON", "LANG", "LC_")
"""Begin the names of the variables that Python looks at when it starts, and never again."""

Ended = tuple[int, bytes, bytes]
"""The exit code, or minus the signal, and what was printed to each stream."""


class Ready:
    """The process that waits to be forked; `environment` is the one that it starts in."""

    def __init__(self, environment: dict[str, str]) -> None:
        self._started_in = read_at_start(environment)
        self._calls, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._calls.settimeout(PATIENCE)
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, __file__, str(theirs.fileno())],
                env=environment,
                pass_fds=[theirs.fileno()],
                start_new_session=True,
            )

    def can_run_in(self, environment: dict[str, str]) -> bool:
        return read_at_start(environment) == self._started_in

    def run(
        self, folder: Path, environment: dict[str, str], arguments: list[str], stdin: bytes
    ) -> Ended:
        call = json.dumps([str(folder), environment, arguments]).encode()
        with TemporaryFile() as given, TemporaryFile() as out, TemporaryFile() as err:
            given.write(stdin)
            given.seek(0)
            streams = [each.fileno() for each in (given, out, err)]
            socket.send_fds(self._calls, [call], streams)
            code = int(self._calls.recv(MOST))
            out.seek(0)
            err.seek(0)
            return code, out.read(), err.read()

    def close(self) -> None:
        """End it, and what it has forked and does not come to an end."""
        self._calls.close()
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()


def read_at_start(environment: dict[str, str]) -> dict[str, str]:
    return {name: environment[name] for name in environment if name.startswith(READ_AT_START)}


def import_all() -> None:
    import digest

    own = (each.name for each in walk_packages(digest.__path__, "digest."))
    for name in (*own, *LATE):
        if name != "digest.__main__":
            import_module(name)
    gc.freeze()  # or each fork would write to the pages of all these objects


def wait_for_calls(calls: socket.socket) -> None:
    """Fork at each call; the fork comes back from here as the program that was called."""
    while True:
        message, streams, *_ = socket.recv_fds(calls, MOST, 3)
        if not message:
            sys.exit()
        child = os.fork()
        if not child:
            calls.close()
            become(streams, *json.loads(message))
            return
        for stream in streams:
            os.close(stream)
        _, status = os.waitpid(child, 0)
        calls.send(str(os.waitstatus_to_exitcode(status)).encode())


def become(
    streams: list[int], folder: str, environment: dict[str, str], arguments: list[str]
) -> None:
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    reload(sys.modules["digest.crash"])  # which reads it when it is imported
    sys.argv = ["digest", *arguments]


if __name__ == "__main__":
    import_all()
    wait_for_calls(socket.socket(fileno=int(sys.argv[1])))
    runpy.run_module("digest", run_name="__main__")
