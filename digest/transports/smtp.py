"""SMTP to a relay by the standard library, the commands of a mail in one write (RFC 2920)."""

import re
import smtplib
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cached_property
from ipaddress import ip_address
from typing import Literal

from digest.crash import point
from digest.errors import ConfigError, Refused, TryLater, Uncertain
from digest.model import Envelope, Receipt
from digest.smtp_answers import Answer, Phase, Says

MAILS_A_SESSION = 100
"""Then a session is opened anew: many relays end one that goes on, some in the midst of a mail."""

FAREWELL = 5
"""Seconds to wait for the last answer, which changes nothing."""

LEADING_DOT = re.compile(rb"\r\n\.")
COMMANDS = (Phase.MAIL, Phase.RCPT, Phase.DATA)


@dataclass(frozen=True)
class Smtp:
    """A relay; times in seconds.

    `none` sends in the clear and is for loopback only. `starttls` and `tls` insist on a trusted
    certificate, save that `starttls` takes on loopback what it is offered. The wait after the dot
    is the ten minutes of RFC 5321 §4.5.3.2: to hang up earlier makes mails uncertain that the relay
    is about to take.
    """

    host: str
    port: int
    security: Literal["none", "starttls", "tls"] = "starttls"
    username: str = ""
    password: str = field(default="", repr=False)
    timeout: float = 60
    dot_timeout: float = 600
    local_hostname: str | None = None
    connections: int = 1
    repeatable = False

    @property
    def name(self) -> str:
        return f"{self.host}:{self.port}"

    @contextmanager
    def connect(self) -> Iterator["Session"]:
        session = Session(self)
        try:
            yield session
        finally:
            session.close()

    def open(self) -> smtplib.SMTP:
        """Return a session that is ready for a mail; raise TryLater or SetupError."""
        self._check()
        with _TroubleIs(TryLater, f"{self.name} cannot be reached"):
            smtp = self._greeted()
        try:
            with _TroubleIs(TryLater, f"{self.name} broke off at the start"):
                # The dot would wait for the relay to acknowledge the mail before it.
                _socket(smtp).setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                _introduce(smtp)
                self._secure(smtp)
                self._log_in(smtp)
        except BaseException:
            smtp.close()
            raise
        return smtp

    def _check(self) -> None:
        if self.security == "none" and not _is_loopback(self.host):
            raise ConfigError(
                "smtp.security",
                f'"none" is for this machine only; set "starttls" or "tls" for {self.host}',
            )
        if not (self.username + self.password).isascii():
            raise ConfigError("smtp.password", "user name and password must be ASCII")

    def _greeted(self) -> smtplib.SMTP:
        where = (self.host, self.port, self.local_hostname)
        try:
            if self.security == "tls":
                return smtplib.SMTP_SSL(*where, timeout=self.timeout, context=self._trust)
            return smtplib.SMTP(*where, timeout=self.timeout)
        except UnicodeError:  # a label of a host name is empty or too long
            raise ConfigError("smtp.host", f"{self.host!r} is no host name") from None

    def _secure(self, smtp: smtplib.SMTP) -> None:
        if self.security != "starttls":
            return
        if smtp.has_extn("starttls"):
            smtp.starttls(context=self._trust)
            _introduce(smtp)
        elif not _is_loopback(self.host):
            raise ConfigError("smtp.security", f'{self.name} offers no STARTTLS; try "tls"')

    @cached_property
    def _trust(self) -> ssl.SSLContext:
        """The certificates of this machine; to read them takes longer than to send a mail."""
        context = ssl.create_default_context()
        if self.security == "starttls" and _is_loopback(self.host):
            # Local relays sign for themselves, and in the clear would do.
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        return context

    def _log_in(self, smtp: smtplib.SMTP) -> None:
        if not self.username:
            return
        try:
            smtp.login(self.username, self.password)
        except smtplib.SMTPAuthenticationError as error:
            if Answer(error.smtp_code, error.smtp_error).says != Says.NEVER:
                raise
            problem = f"{self.name} does not let {self.username} in: {_cause(error)}"
            raise ConfigError("smtp.password", problem) from error
        except smtplib.SMTPServerDisconnected:
            raise
        except smtplib.SMTPException as error:
            problem = f"{self.name} offers no way to log in; a relay without needs no user name"
            raise ConfigError("smtp.username", problem) from error


class Session:
    """A session that goes from mail to mail, opened anew where one is broken or worn."""

    def __init__(self, relay: Smtp) -> None:
        self._relay = relay
        self._smtp: smtplib.SMTP | None = relay.open()
        self._mails = 0  # that this session was asked to take

    def close(self) -> None:
        if self._smtp is not None:
            with suppress(OSError):
                _socket(self._smtp).settimeout(FAREWELL)
                self._smtp.quit()
            self._smtp.close()
            self._smtp = None

    def send(self, envelope: Envelope, body: bytes, may_send: Callable[[], bool]) -> Receipt:
        """Hand over one mail.

        Beside what the protocol names, SetupError is raised where the relay refuses the sender's
        address: that would meet every reader and is no reader's fault.
        """
        self._announce(envelope)
        with self._session() as smtp:
            return Receipt(self._hand_over(smtp, envelope, body, may_send))

    def _announce(self, envelope: Envelope) -> None:
        """Make the relay wait for the mail.

        It may have ended the session since the last mail, which is no word about this one. Nothing
        is handed over yet, so a new session is asked.
        """
        if self._mails == MAILS_A_SESSION:
            self.close()
        used = self._smtp is not None and self._mails > 0
        try:
            self._ask(envelope)
        except TryLater as error:
            ended = error.fewer or isinstance(error.__cause__, OSError)
            if not (used and ended):
                raise
            self._ask(envelope)

    def _ask(self, envelope: Envelope) -> None:
        broke_off = f"{self._relay.name} broke off before it was given the mail"
        with self._session() as smtp, _TroubleIs(TryLater, broke_off):
            self._mails += 1
            lines = self._lines(smtp, envelope)
            if smtp.has_extn("pipelining"):
                smtp.send(b"".join(lines))
                for place, phase in enumerate(COMMANDS, start=1):
                    _expect(phase, Answer(*smtp.getreply()), len(COMMANDS) - place)
            else:
                for phase, line in zip(COMMANDS, lines, strict=True):
                    smtp.send(line)
                    _expect(phase, Answer(*smtp.getreply()))

    def _lines(self, smtp: smtplib.SMTP, envelope: Envelope) -> list[bytes]:
        options = ""
        if not (envelope.sender + envelope.recipient).isascii():
            if not smtp.has_extn("smtputf8"):
                raise Refused(
                    f"{self._relay.name} takes no address outside ASCII: "
                    "it does not offer SMTPUTF8",
                    "5.6.7",
                )
            options = " BODY=8BITMIME SMTPUTF8"  # RFC 6531 §3.6 has the first with the second
        # Not by smtp.mail and smtp.rcpt: they parse what they get and may send another address.
        return [
            _line(f"MAIL FROM:<{envelope.sender}>{options}"),
            _line(f"RCPT TO:<{envelope.recipient}>"),
            _line("DATA"),
        ]

    def _hand_over(
        self, smtp: smtplib.SMTP, envelope: Envelope, body: bytes, may_send: Callable[[], bool]
    ) -> str:
        name = self._relay.name
        with _TroubleIs(TryLater, f"{name} broke off while it was given the mail"):
            _write(smtp, body if envelope.dotless else _stuffed(body))
        if not may_send():
            raise TryLater(f"{envelope.name}: held back")
        # Trouble while writing means that the system has not taken the last byte, hence no dot.
        with _TroubleIs(TryLater, f"{name} broke off while it was given the mail"):
            point("smtp: before the dot")
            _write(smtp, b".\r\n" if body.endswith(b"\r\n") else b"\r\n.\r\n")
            point("smtp: after the dot")
        with _TroubleIs(Uncertain, f"{name} was given the mail and did not answer"):
            _socket(smtp).settimeout(self._relay.dot_timeout)
            answer = Answer(*smtp.getreply())
            point("smtp: after the reply")
            _socket(smtp).settimeout(self._relay.timeout)
        _expect(Phase.DOT, answer)
        return answer.text

    @contextmanager
    def _session(self) -> Iterator[smtplib.SMTP]:
        """The session, or a new one; kept after an answer, closed where all else went wrong."""
        if self._smtp is None:
            self._smtp, self._mails = self._relay.open(), 0
        smtp, self._smtp = self._smtp, None
        try:
            yield smtp
        except _OtherAnswerError as other:
            if _is_reset(smtp, other):
                self._smtp = smtp
            else:
                smtp.close()
            raise other.answer.meaning(other.phase, self._relay.name) from None
        except Refused:  # by us, before a word was said
            self._smtp = smtp
            raise
        except BaseException:
            smtp.close()  # within a mail there is no other way to take it back
            raise
        self._smtp = smtp


class _OtherAnswerError(Exception):
    """A whole answer that is not the one hoped for; it never leaves this module.

    `to_come` says how many answers to commands of the same write are still to be read.
    """

    def __init__(self, phase: Phase, answer: Answer, to_come: int) -> None:
        super().__init__(phase, answer, to_come)
        self.phase = phase
        self.answer = answer
        self.to_come = to_come


def _expect(phase: Phase, answer: Answer, to_come: int = 0) -> None:
    if answer.says != phase.hoped_for:
        raise _OtherAnswerError(phase, answer, to_come)


def _is_reset(smtp: smtplib.SMTP, other: _OtherAnswerError) -> bool:
    """Whether the session is ready for another mail after this answer.

    A relay may refuse a reader and yet wait for the mail that was announced with it (RFC 2920
    §3.1). It would take a dot for an empty mail; so that session is to be closed.
    """
    if other.answer.says not in {Says.LATER, Says.NEVER} or other.answer.ends_the_session:
        return False
    try:
        rest = [Answer(*smtp.getreply()).says for _ in range(other.to_come)]
        return Says.GO_ON not in rest and Answer(*smtp.rset()).says == Says.DONE
    except OSError:
        return False


def _write(smtp: smtplib.SMTP, part: bytes) -> None:
    """Write a part of a mail; who has had enough of it may have said why before hanging up."""
    try:
        _socket(smtp).sendall(part)
    except OSError:
        answer = Answer(*smtp.getreply())
        smtp.close()  # in the midst of a mail there is no other command
        _expect(Phase.DOT, answer)
        raise


def _introduce(smtp: smtplib.SMTP) -> None:
    for greet in (smtp.ehlo, smtp.helo):
        answer = Answer(*greet())
        if answer.says == Says.DONE:
            return
        if answer.ends_the_session:
            break
    raise smtplib.SMTPHeloError(answer.code, answer.lines)


class _TroubleIs:
    """Says what it means when the connection, and not an answer, is the trouble.

    smtplib's own errors are OSErrors too. Every mail passes several of these, and a generator
    would take three times as long.
    """

    __slots__ = ("_kind", "_problem")

    def __init__(self, kind: type[TryLater | Uncertain], problem: str) -> None:
        self._kind = kind
        self._problem = problem

    def __enter__(self) -> None:
        pass

    def __exit__(self, _: object, error: BaseException | None, __: object) -> None:
        if not isinstance(error, OSError):
            return
        found = self._kind(f"{self._problem}: {_cause(error)}")
        if isinstance(found, TryLater) and isinstance(error, smtplib.SMTPResponseException):
            found.fewer = Answer(error.smtp_code, error.smtp_error).ends_the_session
        raise found from error


def _socket(smtp: smtplib.SMTP) -> socket.socket:
    if smtp.sock is None:
        raise smtplib.SMTPServerDisconnected("Connection is closed")
    return smtp.sock


def _line(command: str) -> bytes:
    if "\r" in command or "\n" in command:
        raise ValueError(f"a newline in {command!r}")
    return f"{command}\r\n".encode()


def _stuffed(body: bytes) -> bytes:
    """Double the dots that begin a line (RFC 5321 §4.5.2)."""
    stuffed = LEADING_DOT.sub(rb"\r\n..", body)  # this is `body` itself where there are none
    return b"." + stuffed if stuffed.startswith(b".") else stuffed


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _cause(error: Exception) -> str:
    match error:
        case smtplib.SMTPResponseException():
            return Answer(error.smtp_code, error.smtp_error).text
        case ssl.SSLCertVerificationError():
            return f"its certificate is not trusted: {error.verify_message}"
        case ssl.SSLError():
            return f"TLS failed: {(error.reason or str(error)).replace('_', ' ').lower()}"
        case OSError():
            return error.strerror or str(error)
    return str(error)
