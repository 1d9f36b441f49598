"""What every transport promises; a new one subclasses Contract and says how to look behind it."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller

from digest.errors import TryLater
from digest.model import Envelope, Receipt
from digest.ports import Transport
from digest.transports.command import Command
from digest.transports.outbox import Outbox, whole
from digest.transports.smtp import Smtp

BODY = (
    b"Subject: Tides\r\nMIME-Version: 1.0\r\n\r\n"
    b".a dot at the start\r\n..two\r\n.\r\n\r\n" + b"x" * 990 + b"\r\n=C3=BC \r\n.\r\n"
)


def envelope(number: int = 1) -> Envelope:
    reader = f"reader{number}@readers.example.net"
    name = f"2026-06-12-{number:012x}"
    return Envelope(name, "digest@news.example.org", reader, "2026-06-12", of=10)


def yes() -> bool:
    return True


def no() -> bool:
    return False


@dataclass
class Way:
    """A transport and, at its other end, the mails that have come out."""

    transport: Transport
    arrived: Callable[[], list[bytes]]


class Contract:
    def test_a_mail_arrives_byte_by_byte(self, way: Way):
        with way.transport.connect() as connection:
            receipt = connection.send(envelope(), BODY, yes)
        assert way.arrived() == [BODY]
        assert isinstance(receipt, Receipt)
        assert receipt.detail

    def test_one_connection_takes_many_mails(self, way: Way):
        bodies = [b"Subject: %d\r\n\r\n.\r\n" % number for number in range(5)]
        with way.transport.connect() as connection:
            for number, body in enumerate(bodies):
                connection.send(envelope(number), body, yes)
        assert sorted(way.arrived()) == bodies

    def test_nothing_is_handed_over_where_the_mail_may_not_be_sent(self, way: Way):
        with way.transport.connect() as connection:
            with pytest.raises(TryLater, match="held back"):
                connection.send(envelope(), BODY, no)
            assert way.arrived() == []

    def test_a_mail_that_is_held_back_does_not_hold_the_next(self, way: Way):
        with way.transport.connect() as connection:
            with pytest.raises(TryLater):
                connection.send(envelope(1), b"Subject: no\r\n\r\n", no)
            connection.send(envelope(2), BODY, yes)
        assert way.arrived() == [BODY]

    def test_the_question_comes_once_and_before_anything_has_arrived(self, way: Way):
        seen: list[list[bytes]] = []

        def may_send() -> bool:
            seen.append(way.arrived())
            return True

        with way.transport.connect() as connection:
            connection.send(envelope(), BODY, may_send)
        assert seen == [[]]

    def test_an_error_of_the_question_itself_stops_the_mail(self, way: Way):
        def may_send() -> bool:
            raise ZeroDivisionError

        with way.transport.connect() as connection:
            with pytest.raises(ZeroDivisionError):
                connection.send(envelope(), BODY, may_send)
            assert way.arrived() == []
            connection.send(envelope(), BODY, yes)
        assert way.arrived() == [BODY]

    def test_a_repeatable_transport_leaves_one_copy_of_what_is_sent_twice(self, way: Way):
        for _ in range(2):
            with way.transport.connect() as connection:
                connection.send(envelope(), BODY, yes)
        assert way.arrived() == [BODY] * (1 if way.transport.repeatable else 2)

    def test_connections_of_several_threads_do_not_meet(self, way: Way):
        def send(thread: int) -> None:
            with way.transport.connect() as connection:
                for number in range(5):
                    mine = 10 * thread + number
                    connection.send(envelope(mine), b"Subject: %d\r\n\r\n" % mine, yes)

        with ThreadPoolExecutor(3) as threads:
            list(threads.map(send, range(3)))
        expected = {b"Subject: %d\r\n\r\n" % (10 * t + n) for t in range(3) for n in range(5)}
        assert len(way.arrived()) == len(expected)
        assert set(way.arrived()) == expected
        assert way.transport.connections >= 1


class TestOutbox(Contract):
    @pytest.fixture
    def way(self, tmp_path: Path) -> Way:
        folder = tmp_path / "outbox"
        return Way(Outbox(folder), lambda: [file.read_bytes() for file in folder.glob("*.eml")])


class TestFoldedOutbox(Contract):
    @pytest.fixture
    def way(self, tmp_path: Path) -> Way:
        folder = tmp_path / "outbox"

        def arrived() -> list[bytes]:
            whole_ones = [file.read_bytes() for file in folder.glob("*.eml")]
            return whole_ones + [whole(file) for file in folder.glob("*.envelope")]

        return Way(Outbox(folder, most_whole=9), arrived)


class TestCommand(Contract):
    @pytest.fixture
    def way(self, tmp_path: Path) -> Way:
        mails = tmp_path / "mails"
        mails.mkdir()
        program = tmp_path / "sendmail"
        program.write_text(f'#!/bin/sh\ncat > "{mails}/$$"\n')
        program.chmod(0o755)

        def arrived() -> list[bytes]:
            return [each.read_bytes().replace(b"\n", b"\r\n") for each in mails.iterdir()]

        return Way(Command((str(program), "{to}")), arrived)


@dataclass
class Mailbox:
    mails: list[bytes] = field(default_factory=list)

    async def handle_DATA(self, server, session, envelope):  # noqa: N802  aiosmtpd's name
        self.mails.append(envelope.content)
        return "250 2.0.0 taken"


class AnyPort(Controller):
    """A server on a port that is free, whoever else runs tests at the same time."""

    def _trigger_server(self) -> None:
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


class TestSmtp(Contract):
    @pytest.fixture
    def way(self) -> Iterator[Way]:
        mailbox = Mailbox()
        server = AnyPort(mailbox, hostname="127.0.0.1", port=0)
        server.start()
        try:
            relay = Smtp("127.0.0.1", server.port, security="none", local_hostname="localhost")
            yield Way(relay, lambda: list(mailbox.mails))
        finally:
            server.stop()
