"""A relay that counts: it takes every mail, or does as it is told, and notes each copy.

    python tests/sink.py LOG

prints its port and appends "MESSAGE-ID RECIPIENT" to LOG before it answers a mail. Written for
speed, as tests of crashes are about many mails: it knows the SMTP that clients of tests speak.
"""

import asyncio
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread
from typing import Literal

HERE = "127.0.0.1"
END = b"\r\n.\r\n"
MESSAGE_ID = re.compile(rb"(?im)^message-id: *(\S+)")
ADDRESS = re.compile(rb"<([^>]*)>")

SILENCE = "silence"  # no answer, and the connection stays
HANG_UP = "hang up"  # no answer, and the connection ends

Phase = Literal["connect", "EHLO", "MAIL", "RCPT", "DATA", "DOT"]
USUAL: dict[Phase, str] = {
    "connect": "220 sink",
    "EHLO": "250-sink\r\n250 PIPELINING",
    "MAIL": "250 2.1.0 ok",
    "RCPT": "250 2.1.5 ok",
    "DATA": "354 go on",
    "DOT": "250 2.0.0 taken",
}


@dataclass
class Sink:
    """`answer` may say something else for a phase and its recipient; None is as usual.

    A mail of which the answer is a refusal is not taken; one that is answered by nothing is.
    """

    answer: Callable[[Phase, str], str | None] = lambda *_: None
    taken: list[tuple[str, str]] = field(default_factory=list)
    log: Path | None = None
    port: int = 0
    most_at_once: int = 0
    open: int = 0

    def take(self, mail: bytes, recipient: str) -> None:
        found = MESSAGE_ID.search(mail)
        copy = (found[1].decode() if found else "", recipient)
        self.taken.append(copy)
        if self.log:
            with self.log.open("a") as file:
                file.write(f"{copy[0]} {copy[1]}\n")

    @property
    def recipients(self) -> list[str]:
        return sorted(recipient for _, recipient in self.taken)

    async def serve(self, told: Callable[[int], None]) -> None:
        loop = asyncio.get_running_loop()
        server = await loop.create_server(lambda: _Session(self), HERE, 0)
        self.port = server.sockets[0].getsockname()[1]
        told(self.port)
        await server.serve_forever()

    @contextmanager
    def running(self) -> Iterator["Sink"]:
        """Serve in a thread."""
        loop = asyncio.new_event_loop()
        ready: asyncio.Future[int] = loop.create_future()
        thread = Thread(target=_until_stopped, args=(loop, self, ready.set_result))
        thread.start()
        while not ready.done():
            pass
        try:
            yield self
        finally:
            loop.call_soon_threadsafe(loop.stop)
            thread.join()

    def relay(self, **more: object) -> dict[str, object]:
        """What stands under [smtp] in the settings of a program that sends here."""
        return {"security": "none", "host": HERE, "port": self.port, **more}


def _until_stopped(
    loop: asyncio.AbstractEventLoop, sink: Sink, told: Callable[[int], None]
) -> None:
    serving = loop.create_task(sink.serve(told))
    loop.run_forever()
    for task in asyncio.all_tasks(loop):
        task.cancel()
    loop.run_until_complete(asyncio.gather(serving, return_exceptions=True))
    loop.close()


class _Session(asyncio.Protocol):
    def __init__(self, sink: Sink) -> None:
        self._sink = sink
        self._heard = bytearray()
        self._recipient = ""
        self._in_mail = False
        self._may_come = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._out = transport
        self._sink.open += 1
        self._sink.most_at_once = max(self._sink.most_at_once, self._sink.open)
        self._say("connect")

    def connection_lost(self, exc: Exception | None) -> None:
        self._sink.open -= 1

    def data_received(self, data: bytes) -> None:
        self._heard += data
        while self._step():
            pass

    def _step(self) -> bool:
        """Take one command or one mail; False where it has not come to its end."""
        end = END if self._in_mail else b"\r\n"
        at = self._heard.find(end)
        if at < 0:
            return False
        whole = bytes(self._heard[: at + len(end)])
        del self._heard[: at + len(end)]
        if self._in_mail:
            self._in_mail = False
            self._mail(whole)
        else:
            self._command(whole)
        return True

    def _mail(self, mail: bytes) -> None:
        said = self._sink.answer("DOT", self._recipient)
        if said is None or said[:1] not in {"4", "5"}:
            self._sink.take(mail, self._recipient)
        self._answer("DOT", said)

    def _command(self, line: bytes) -> None:
        verb = line[:4].upper()
        if verb in {b"EHLO", b"HELO"}:
            self._say("EHLO")
        elif verb == b"MAIL":
            self._say("MAIL")
        elif verb == b"RCPT":
            found = ADDRESS.search(line)
            self._recipient = found[1].decode() if found else ""
            self._may_come = self._say("RCPT")
        elif verb == b"DATA":
            if self._may_come:
                self._in_mail = self._say("DATA")
            else:
                self._write("503 5.5.1 no recipient")
        elif verb == b"QUIT":
            self._write("221 bye")
            self._out.close()
        else:
            self._write("250 ok")

    def _say(self, phase: Phase) -> bool:
        return self._answer(phase, self._sink.answer(phase, self._recipient))

    def _answer(self, phase: Phase, said: str | None) -> bool:
        """Return whether the client may go on."""
        if said == HANG_UP:
            self._out.close()
        elif said != SILENCE:
            self._write(said or USUAL[phase])
            if said and said.startswith("421"):
                self._out.close()
        return said is None

    def _write(self, line: str) -> None:
        self._out.write(line.encode() + b"\r\n")


def tell(port: int) -> None:
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(Sink(log=Path(sys.argv[1])).serve(tell))
