"""A program of this machine that takes a mail on its standard input, as `sendmail` does."""

import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from errno import EAGAIN, ENOMEM
from tempfile import TemporaryFile
from typing import IO

from digest.crash import point
from digest.errors import Refused, SetupError, TryLater, Uncertain
from digest.model import Envelope, Receipt
from digest.text import plain

PLACE = re.compile(r"\{(from|to)\}")
LONGEST = 300


@dataclass(frozen=True, slots=True)
class Command:
    """A program and its arguments, called without a shell, once for each mail.

    `{from}` and `{to}` in an argument stand for the addresses of the envelope, in UTF-8. After
    `timeout` seconds the program is killed.
    """

    argv: tuple[str, ...]
    timeout: float = 600
    connections: int = 1
    # It queues what it is given: a mail that is given twice is sent twice.
    repeatable = False

    @property
    def name(self) -> str:
        return self.argv[0]

    @contextmanager
    def connect(self) -> Iterator["Command"]:
        if shutil.which(self.name) is None:
            raise SetupError(
                f"{self.name}: no such program, or none that may be called; "
                "install it, or name another one in `argv` under [command]"
            )
        yield self

    def send(self, envelope: Envelope, body: bytes, may_send: Callable[[], bool]) -> Receipt:
        """Call the program, which says by its exit code whether it took the mail.

        It reads a file that is whole before it starts: from a pipe it would take half a mail for
        all of it when this process is killed. The lines of the file end as they do on this system.
        """
        call = self._call(envelope)
        with ExitStack() as files:
            try:
                mail = files.enter_context(_file(body.replace(b"\r\n", b"\n")))
                said = files.enter_context(_file(b""))
            except OSError as error:
                raise TryLater(f"no room to lay the mail down: {error.strerror}") from error
            if not may_send():
                raise TryLater(f"{envelope.name}: held back")
            point("command: before the start")
            code = self._exit_code(call, mail, said)
            point("command: after the end")
            said.seek(0)
            words = plain(said.read(LONGEST).decode("utf-8", "replace"))
            # The program reads on from where we stand in the file, and so moves us.
            untouched = os.lseek(mail.fileno(), 0, os.SEEK_CUR) == 0
        if code == os.EX_OK:
            return Receipt(words or f"{self.name} took it")
        reason = f"{self.name} ended with {code}{': ' if words else ''}{words}"
        raise TryLater(reason) if untouched or code == os.EX_TEMPFAIL else Uncertain(reason)

    def _call(self, envelope: Envelope) -> list[bytes]:
        if envelope.recipient.startswith("-") and "--" not in self.argv:
            raise Refused(
                f"{envelope.recipient} begins with a dash, as an option does; "
                'put "--" before "{to}" in `argv` under [command]'
            )
        values = {"from": envelope.sender, "to": envelope.recipient}
        # As bytes: the system's own encoding need not be that of the mail.
        filled = (PLACE.sub(lambda place: values[place[1]], argument) for argument in self.argv)
        return [argument.encode("utf-8", "surrogateescape") for argument in filled]

    def _exit_code(self, call: list[bytes], mail: IO[bytes], said: IO[bytes]) -> int:
        try:
            return subprocess.run(  # noqa: S603 - the owner's own call, and no shell reads it
                call,
                stdin=mail,
                stdout=said,
                stderr=subprocess.STDOUT,
                timeout=self.timeout,
                start_new_session=True,  # Ctrl-C is for us, and the mail in hand goes out
                check=False,
            ).returncode
        except subprocess.TimeoutExpired:
            problem = f"{self.name} was given the mail and did not end in {self.timeout:g} seconds"
            raise Uncertain(problem) from None
        except OSError as error:
            kind = TryLater if error.errno in {EAGAIN, ENOMEM} else SetupError
            raise kind(f"{self.name} cannot be called: {error.strerror}") from error


@contextmanager
def _file(content: bytes) -> Iterator[IO[bytes]]:
    """A file without a name, to be read from its beginning."""
    with TemporaryFile() as file:
        file.write(content)
        file.seek(0)
        yield file
