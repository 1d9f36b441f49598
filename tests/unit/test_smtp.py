import shutil
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Sink
from aiosmtpd.smtp import AuthResult
from postfix import needs_smtp_sink, smtp_sink

from digest.errors import (
    ConfigError,
    DeliveryError,
    DigestError,
    Refused,
    SetupError,
    TryLater,
    Uncertain,
)
from digest.model import Envelope, Receipt
from digest.transports.smtp import Smtp

BODY = b"Subject: Tides\r\n\r\n" + b"Slow rivers keep time.\r\n" * 3000
ENVELOPE = Envelope("2026-06-12-0123456789ab", "digest@news.example.org", "grete@example.net")
USER, PASSWORD = "grete", "tidal-canary-31"
HERE = "127.0.0.1"
NOT_LOOPBACK = "0.0.0.0"  # leads to this machine, too, and does not say so

# Instead of an answer; CUT hangs up within the mail, STALLED stops reading it, HELD says nothing
# and listens on.
HANG_UP, SILENCE, CUT, STALLED, HELD = "", "...", "!", "#", "?"
ONE_BY_ONE, AT_ONCE = "250 relay", "250-relay\r\n250 PIPELINING"


def yes() -> bool:
    return True


USUAL = {"connect": "220 hello", "data": "354 go on", "quit": "221 bye"}


@dataclass
class Relay:
    """A server on a socket that answers by a table; it keeps what it was told.

    What stands in `once` is answered instead, one time.
    """

    answers: dict[str, str]
    tls: ssl.SSLContext | None = None
    heard: list[str] = field(default_factory=list)
    mails: list[bytes] = field(default_factory=list)
    once: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.listener = socket.create_server((HERE, 0))
        self.port: int = self.listener.getsockname()[1]

    def serve(self) -> None:
        while True:
            try:
                peer, _ = self.listener.accept()
            except OSError:
                return
            if self.tls:
                peer = self.tls.wrap_socket(peer, server_side=True)
            with peer, peer.makefile("rb") as lines, suppress(ConnectionError):
                self._talk(peer, lines)

    def _talk(self, peer: socket.socket, lines) -> None:
        command = "connect"
        while self._answer(peer, command):
            if command == "data" and "354" in self.answers.get("data", "354"):
                command = self._mail(lines)
            else:
                line = lines.readline().decode("utf-8", "replace").strip().lower()
                command = line[:4]
                self.heard += [line] if line else []
            if not command:
                return

    def _mail(self, lines) -> str:
        mail = b""
        for line in lines:
            if self.answers.get("dot") in {CUT, STALLED}:
                time.sleep(1 if self.answers["dot"] == STALLED else 0)
                break
            if line == b".\r\n":
                self.mails.append(mail)
                return "dot"
            mail += line
        return ""

    def _answer(self, peer: socket.socket, command: str) -> bool:
        usual = self.answers.get(command, USUAL.get(command, "250 ok"))
        answer = self.once.pop(command, usual)
        if answer == SILENCE:
            peer.recv(1)
            return False
        if answer == HELD:
            return True
        peer.sendall(answer.encode() + b"\r\n" if answer else b"")
        return bool(answer) and not answer.startswith("421")


@contextmanager
def relay(tls: ssl.SSLContext | None = None, **answers: str) -> Iterator[Relay]:
    server = Relay(answers, tls)
    thread = threading.Thread(target=server.serve)
    thread.start()
    try:
        yield server
    finally:
        # Closing alone does not wake a thread that waits for somebody to call.
        server.listener.shutdown(socket.SHUT_RDWR)
        server.listener.close()
        thread.join()


def plain(port: int, **more) -> Smtp:
    quick = {"timeout": 5, "dot_timeout": 5, "local_hostname": "localhost", **more}
    return Smtp(HERE, port, "none", **quick)


def sent(way: Smtp, body: bytes = BODY) -> Receipt:
    with way.connect() as connection:
        return connection.send(ENVELOPE, body, yes)


def trouble(way: Smtp, body: bytes = BODY) -> DigestError:
    with pytest.raises(DigestError) as caught:
        sent(way, body)
    assert "\n" not in str(caught.value)
    return caught.value


# --- what an answer means in its phase --------------------------------------------------------


@pytest.mark.parametrize("ehlo", [ONE_BY_ONE, AT_ONCE], ids=["one by one", "at once"])
@pytest.mark.parametrize(
    ("answers", "meaning"),
    [
        ({"connect": "421 too busy"}, TryLater),
        ({"connect": "554 go away"}, TryLater),
        ({"connect": HANG_UP}, TryLater),
        ({"connect": "what"}, TryLater),
        ({"ehlo": HANG_UP}, TryLater),
        ({"ehlo": "421 too busy"}, TryLater),
        ({"mail": "450 4.3.0 later"}, TryLater),
        ({"mail": "550 5.7.1 sender not allowed"}, Refused),
        ({"mail": "553 5.1.8 no such sender"}, SetupError),
        ({"mail": HANG_UP}, TryLater),
        ({"rcpt": "450 4.2.0 greylisted"}, TryLater),
        ({"rcpt": "550 5.1.1 no such user"}, Refused),
        ({"rcpt": "421 4.7.0 too many"}, TryLater),
        ({"rcpt": HANG_UP}, TryLater),
        ({"data": "451 4.3.0 later"}, TryLater),
        ({"data": "554 5.5.1 no"}, Refused),
        ({"data": "250 what"}, TryLater),
        ({"data": HANG_UP}, TryLater),
        ({"dot": "452 4.3.1 disk full"}, TryLater),
        ({"dot": "421 4.3.2 shutting down"}, TryLater),
        ({"dot": "552 5.3.4 too big"}, Refused),
        ({"dot": "354 what"}, Uncertain),
        ({"dot": "what"}, Uncertain),
        ({"dot": "250" + "x" * 10_000}, Uncertain),
        ({"dot": HANG_UP}, Uncertain),
    ],
    ids=lambda value: "-".join(*value.items())[:16] if isinstance(value, dict) else None,
)
def test_each_answer_means_what_it_means_in_its_phase(answers, meaning, ehlo):
    with relay(**{"ehlo": ehlo, **answers}) as server:
        error = trouble(plain(server.port))
    assert type(error) is meaning
    assert str(error).startswith(f"{HERE}:{server.port} ")
    assert server.mails == [] or "dot" in answers
    assert getattr(error, "fewer", False) == any("421" in each for each in answers.values())


def test_the_words_of_an_answer_are_kept():
    with relay(rcpt="550 5.1.1 no such user") as server:
        error = trouble(plain(server.port))
    assert str(error).endswith(f":{server.port} answered RCPT TO with 550 5.1.1 no such user")
    with relay(dot="250 2.0.0 queued as 4711") as server:
        assert sent(plain(server.port)).detail == "250 2.0.0 queued as 4711"


def test_no_answer_after_the_dot_in_time_is_uncertain():
    with relay(dot=SILENCE) as server:
        error = trouble(plain(server.port, dot_timeout=0.1))
    assert isinstance(error, Uncertain)
    assert "timed out" in str(error)


@pytest.mark.parametrize("phase", ["connect", "ehlo", "mail", "rcpt", "data"])
@pytest.mark.parametrize("ehlo", [ONE_BY_ONE, AT_ONCE], ids=["one by one", "at once"])
def test_no_answer_before_the_dot_is_a_case_for_later(phase, ehlo):
    with relay(**{"ehlo": ehlo, phase: SILENCE}) as server:
        assert isinstance(trouble(plain(server.port, timeout=0.1)), TryLater)


def test_a_relay_that_hangs_up_within_the_mail_does_not_have_it():
    lost = pytest.raises(TryLater, match="broke off while it was given the mail")
    with relay(dot=CUT) as server, lost:
        sent(plain(server.port), BODY * 500)
    assert server.mails == []


def test_a_peer_that_stops_reading_within_the_mail_does_not_have_it_and_is_left():
    with relay(dot=STALLED) as server:
        error = trouble(plain(server.port, timeout=0.3), BODY * 300)
    assert isinstance(error, TryLater)
    assert "broke off while it was given the mail" in str(error)
    assert "timed out" in str(error)


def test_the_session_goes_on_after_a_refusal():
    no = "550 5.1.1 no such user"
    with relay(rcpt=no) as server, plain(server.port).connect() as connection:
        with pytest.raises(Refused):
            connection.send(ENVELOPE, BODY, yes)
        server.answers.clear()
        connection.send(ENVELOPE, BODY, yes)
    verbs = [line[:4] for line in server.heard]
    assert verbs == ["ehlo", "mail", "rcpt", "rset", "mail", "rcpt", "data", "quit"]


def test_a_reader_who_is_put_off_is_taken_at_the_second_try_in_the_same_session():
    with relay(rcpt="450 4.2.0 greylisted") as server, plain(server.port).connect() as connection:
        with pytest.raises(TryLater, match="greylisted"):
            connection.send(ENVELOPE, BODY, yes)
        server.answers.clear()
        connection.send(ENVELOPE, BODY, yes)
    assert server.mails == [BODY]
    assert [line[:4] for line in server.heard].count("ehlo") == 1


def test_the_commands_of_a_mail_come_in_one_write_where_the_relay_takes_that():
    together = {"mail": HELD, "rcpt": HELD, "data": "250 ok\r\n250 ok\r\n354 go on"}
    with relay(ehlo=AT_ONCE, **together) as server:
        assert sent(plain(server.port)).detail == "250 ok"


def test_a_relay_that_waits_for_the_mail_of_a_reader_it_refused_gets_none():
    no = {"rcpt": "550 5.1.1 no such user"}
    with relay(ehlo=AT_ONCE, **no) as server, plain(server.port).connect() as connection:
        with pytest.raises(Refused, match="no such user"):
            connection.send(ENVELOPE, BODY, yes)
        del server.answers["rcpt"]
        connection.send(ENVELOPE, BODY, yes)
    assert server.mails == [BODY]
    assert [line[:4] for line in server.heard].count("ehlo") == 2


def test_a_reader_who_is_put_off_is_asked_for_once_though_the_session_cannot_go_on():
    with relay(ehlo=AT_ONCE) as server, plain(server.port).connect() as connection:
        connection.send(ENVELOPE, BODY, yes)
        server.answers["rcpt"] = "450 4.2.0 greylisted"
        with pytest.raises(TryLater, match="greylisted"):
            connection.send(ENVELOPE, BODY, yes)
    assert server.mails == [BODY]
    assert [line[:4] for line in server.heard].count("rcpt") == 2


def test_the_session_goes_on_where_the_relay_refused_the_mail_with_its_reader():
    no = {"rcpt": "550 5.1.1 no such user", "data": "554 5.5.1 no valid recipients"}
    with relay(ehlo=AT_ONCE, **no) as server, plain(server.port).connect() as connection:
        with pytest.raises(Refused, match="no such user"):
            connection.send(ENVELOPE, BODY, yes)
        del server.answers["rcpt"], server.answers["data"]
        connection.send(ENVELOPE, BODY, yes)
    verbs = [line[:4] for line in server.heard]
    assert verbs == ["ehlo", "mail", "rcpt", "data", "rset", "mail", "rcpt", "data", "quit"]


@pytest.mark.parametrize("ended", ["421 4.4.2 idle for too long", HANG_UP])
@pytest.mark.parametrize("ehlo", [ONE_BY_ONE, AT_ONCE], ids=["one by one", "at once"])
def test_a_session_that_the_relay_has_ended_since_the_last_mail_is_opened_anew(ehlo, ended):
    with relay(ehlo=ehlo) as server, plain(server.port).connect() as connection:
        connection.send(ENVELOPE, BODY, yes)
        server.once["mail"] = ended
        connection.send(ENVELOPE, BODY, yes)
    assert server.mails == [BODY, BODY]
    assert [line[:4] for line in server.heard].count("ehlo") == 2


def test_a_session_ends_after_many_mails_and_the_next_goes_on(monkeypatch):
    monkeypatch.setattr("digest.transports.smtp.MAILS_A_SESSION", 2)
    with relay() as server, plain(server.port).connect() as connection:
        for _ in range(5):
            connection.send(ENVELOPE, BODY, yes)
    assert len(server.mails) == 5
    verbs = [line[:4] for line in server.heard]
    assert verbs.count("ehlo") == verbs.count("quit") == 3


def test_nobody_waits_long_for_a_farewell(monkeypatch):
    monkeypatch.setattr("digest.transports.smtp.FAREWELL", 0.1)
    with relay(quit=SILENCE) as server:
        began = time.monotonic()
        assert sent(plain(server.port, timeout=60)).detail == "250 ok"
        assert time.monotonic() - began < 30


@pytest.mark.parametrize("answers", [{"rcpt": "421 4.7.0 too many"}, {"dot": HANG_UP}])
def test_a_broken_session_is_opened_anew_for_the_next_mail(answers):
    with relay(**answers) as server, plain(server.port).connect() as connection:
        with pytest.raises(DeliveryError):
            connection.send(ENVELOPE, BODY, yes)
        server.answers.clear()
        connection.send(ENVELOPE, BODY, yes)
    assert [line[:4] for line in server.heard].count("ehlo") == 2


def test_dots_that_begin_a_line_are_doubled_and_the_end_is_closed():
    with relay() as server:
        sent(plain(server.port), b"a\r\n.b\r\n..c\r\n.\r\nd.")
    assert server.mails == [b"a\r\n..b\r\n...c\r\n..\r\nd.\r\n"]


def test_a_mail_that_is_known_to_have_no_such_dots_goes_out_as_it_is():
    with relay() as server, plain(server.port).connect() as connection:
        connection.send(replace(ENVELOPE, dotless=True), b"a\r\nb.\r\n", yes)
    assert server.mails == [b"a\r\nb.\r\n"]


@pytest.mark.parametrize("end", ["", ">"])
def test_an_address_cannot_smuggle_a_command(end):
    evil = Envelope("x", "digest@news.example.org", f"a@b.example{end}\r\nRCPT TO:<eve@c.example")
    stopped = pytest.raises(ValueError, match="a newline in")
    with relay() as server, plain(server.port).connect() as connection, stopped:
        connection.send(evil, BODY, yes)
    assert [line[:4] for line in server.heard] == ["ehlo"]


MIRIAM = Envelope("x", "digest@news.example.org", "müriam@example.net")


def test_an_address_outside_ascii_is_given_where_it_can_be_taken():
    offers = "250-relay\r\n250-8BITMIME\r\n250 SMTPUTF8"
    with relay(ehlo=offers) as server, plain(server.port).connect() as connection:
        connection.send(MIRIAM, BODY, yes)
    assert server.heard[1:3] == [
        "mail from:<digest@news.example.org> body=8bitmime smtputf8",
        "rcpt to:<müriam@example.net>",
    ]


def test_an_address_outside_ascii_is_refused_where_it_cannot_be_taken_and_the_session_goes_on():
    with relay() as server, plain(server.port).connect() as connection:
        with pytest.raises(Refused, match="takes no address outside ASCII") as caught:
            connection.send(MIRIAM, BODY, yes)
        assert caught.value.status == "5.6.7"
        connection.send(ENVELOPE, BODY, yes)
    assert [line[:4] for line in server.heard] == ["ehlo", "mail", "rcpt", "data", "quit"]


def test_what_a_server_says_is_one_line_and_not_endless():
    with relay(rcpt="550-\x1b[31mno\r\n550 " + "x" * 5000) as server:
        error = trouble(plain(server.port))
    assert "\x1b" not in str(error)
    assert len(str(error)) < 400


# --- the way to the relay ---------------------------------------------------------------------


def test_a_server_that_is_not_there_is_named():
    with socket.create_server((HERE, 0)) as gone:
        port = gone.getsockname()[1]
    error = trouble(plain(port))
    assert isinstance(error, TryLater)
    assert str(error) == f"{HERE}:{port} cannot be reached: Connection refused"


def test_a_host_name_that_cannot_be_one_is_a_wrong_setting():
    error = trouble(Smtp("mail..example.org", 25))
    assert isinstance(error, ConfigError)
    assert error.where == "smtp.host"


def test_sending_in_the_clear_is_for_this_machine_only():
    error = trouble(Smtp("mail.example.org", 25, "none"))
    assert isinstance(error, ConfigError)
    assert error.where == "smtp.security"


class AnyPort(Controller):
    """A real server on a port that is free, whoever else runs tests at the same time."""

    def _trigger_server(self) -> None:
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


@contextmanager
def aiosmtpd(handler=None, **options) -> Iterator[int]:
    server = AnyPort(handler or Sink(), hostname=HERE, port=0, **options)
    server.start()
    try:
        yield server.port
    finally:
        server.stop()


@pytest.fixture(scope="module")
def certificate(tmp_path_factory) -> Path:
    if not shutil.which("openssl"):
        pytest.skip("needs the openssl command")
    folder = tmp_path_factory.mktemp("tls")
    config = "[req]\ndistinguished_name=dn\nx509_extensions=ext\n[dn]\n[ext]\n"
    (folder / "cnf").write_text(f"{config}subjectAltName=IP:{HERE},IP:{NOT_LOOPBACK}\n")
    command = "openssl req -x509 -newkey rsa:2048 -nodes -config cnf -subj /CN=relay -days 2"
    subprocess.run(
        [*command.split(), "-keyout", "pem", "-out", "crt"],
        cwd=folder,
        check=True,
        capture_output=True,
    )
    return folder / "crt"


@pytest.fixture
def tls(certificate) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, certificate.with_name("pem"))
    return context


@pytest.mark.parametrize("host", [HERE, NOT_LOOPBACK])
def test_starttls_is_taken_where_it_is_offered(tls, certificate, monkeypatch, host):
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with aiosmtpd(tls_context=tls, require_starttls=True) as port:
        assert sent(Smtp(host, port)).detail.startswith("250")


def test_starttls_is_demanded_off_loopback_only():
    with aiosmtpd() as port:
        assert sent(Smtp(HERE, port)).detail.startswith("250")
        error = trouble(Smtp(NOT_LOOPBACK, port))
    assert isinstance(error, ConfigError)
    assert "offers no STARTTLS" in str(error)


def test_a_certificate_that_nobody_vouches_for_is_trusted_on_loopback_only(tls):
    with aiosmtpd(tls_context=tls, require_starttls=True) as port:
        assert sent(Smtp(HERE, port)).detail.startswith("250")
        error = trouble(Smtp(NOT_LOOPBACK, port))
    assert isinstance(error, TryLater)
    assert "its certificate is not trusted: self" in str(error)


def test_tls_from_the_first_byte(tls, certificate, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with aiosmtpd(ssl_context=tls) as port:
        assert sent(Smtp(HERE, port, "tls")).detail.startswith("250")


def test_large_mails_go_through_tls_one_after_the_other(tls, certificate, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with relay(tls, ehlo=AT_ONCE) as server, Smtp(HERE, server.port, "tls").connect() as connection:
        for _ in range(3):
            connection.send(ENVELOPE, BODY * 5, yes)
    assert server.mails == [BODY * 5] * 3


def test_tls_to_a_server_without_is_a_case_for_later_and_says_so():
    with aiosmtpd() as port:
        error = trouble(Smtp(HERE, port, "tls"))
    assert isinstance(error, TryLater)
    assert "TLS failed" in str(error)


class Guarded(Sink):
    def __call__(self, server, session, envelope, mechanism, data) -> AuthResult:
        return AuthResult(success=data.password == PASSWORD.encode(), handled=False)


IN_THE_CLEAR = pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")


def guarded():
    return aiosmtpd(Guarded(), authenticator=Guarded(), auth_required=True, auth_require_tls=False)


@IN_THE_CLEAR
def test_who_knows_the_password_is_let_in():
    with guarded() as port:
        assert sent(plain(port, username=USER, password=PASSWORD)).detail.startswith("250")


@IN_THE_CLEAR
def test_a_wrong_password_is_for_a_person_to_mend_and_is_not_shown():
    with guarded() as port:
        error = trouble(plain(port, username=USER, password="wrong-canary-77"))
    assert isinstance(error, ConfigError)
    assert error.where == "smtp.password"
    assert USER in str(error)
    assert "canary" not in repr(error) + str(error) + repr(error.__cause__)


@IN_THE_CLEAR
def test_a_relay_that_wants_a_login_says_so_at_the_sender():
    with guarded() as port:
        error = trouble(plain(port))
    assert isinstance(error, Refused)
    assert error.policy
    assert "530" in str(error)


def test_a_login_that_is_not_offered_is_a_wrong_setting():
    with relay() as server:
        error = trouble(plain(server.port, username=USER, password=PASSWORD))
    assert isinstance(error, ConfigError)
    assert error.where == "smtp.username"


def test_a_login_that_fails_for_now_is_a_case_for_later():
    with relay(ehlo="250-relay\r\n250 AUTH PLAIN", auth="454 4.7.0 later") as server:
        error = trouble(plain(server.port, username=USER, password=PASSWORD))
    assert isinstance(error, TryLater)


def test_a_password_is_nowhere_shown():
    way = Smtp(HERE, 25, username=USER, password=PASSWORD)
    assert PASSWORD not in repr(way)
    error = trouble(Smtp(HERE, 25, username=USER, password="naïve-canary"))
    assert isinstance(error, ConfigError)
    assert "canary" not in repr(error) + repr(error.__context__)


# --- Postfix's test server --------------------------------------------------------------------


@needs_smtp_sink
@pytest.mark.parametrize(
    ("switches", "meaning"),
    [
        ("", Receipt),
        ("-r connect", TryLater),
        ("-f connect", TryLater),
        ("-q connect", TryLater),
        ("-r mail", TryLater),
        ("-f mail", SetupError),
        ("-Q mail", TryLater),
        ("-r rcpt", TryLater),
        ("-f rcpt", Refused),
        ("-q rcpt", TryLater),
        ("-r data", TryLater),
        ("-f data", Refused),
        ("-q data", TryLater),
        ("-r .", TryLater),
        ("-f .", Refused),
        ("-Q .", TryLater),
        ("-q .", Uncertain),
        ("-A 0", Refused),
        ("-W connect:9", TryLater),
        ("-p -W mail:9", TryLater),
        ("-W .:9", Uncertain),
    ],
)
def test_each_fault_of_smtp_sink_is_understood(switches, meaning):
    patience = 0.3 if "-W" in switches else 5
    with smtp_sink(*switches.split()) as port:
        try:
            result = sent(plain(port, timeout=patience, dot_timeout=patience))
        except DigestError as error:
            result = error
    assert type(result) is meaning
