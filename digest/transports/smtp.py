"""SMTP to a relay, by the standard library.

What an answer means depends on the phase that it comes in, so each command is sent apart. RFC 5321
§6.1 and RFC 1047 say why no answer after the final dot can mean anything: the relay may have the
mail or not, and there is no way to ask.
"""

import re
import smtplib
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from ipaddress import ip_address
from typing import Literal

from digest.crash import point
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

CLOSING = 421  # the relay hangs up after it
LONGEST_REPLY = 300


class Says(IntEnum):
    """The first digit of an answer."""

    DONE = 2
    GO_ON = 3
    LATER = 4
    NEVER = 5


class Phase(StrEnum):
    """What an answer is an answer to."""

    MAIL = "MAIL FROM"
    RCPT = "RCPT TO"
    DATA = "DATA"
    DOT = "the mail"


@dataclass(frozen=True, slots=True)
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
        """Return a connection that is ready for a mail; raise TryLater or SetupError."""
        self._check()
        with _trouble_is(TryLater, f"{self.name} cannot be reached"):
            smtp = self._greeted()
        try:
            with _trouble_is(TryLater, f"{self.name} broke off at the start"):
                smtp.ehlo_or_helo_if_needed()
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
                context = ssl.create_default_context()
                return smtplib.SMTP_SSL(*where, timeout=self.timeout, context=context)
            return smtplib.SMTP(*where, timeout=self.timeout)
        except UnicodeError:  # a label of a host name is empty or too long
            raise ConfigError("smtp.host", f"{self.host!r} is no host name") from None

    def _secure(self, smtp: smtplib.SMTP) -> None:
        if self.security != "starttls":
            return
        if smtp.has_extn("starttls"):
            context = ssl.create_default_context()
            if _is_loopback(self.host):  # local relays sign for themselves; in the clear would do
                context.check_hostname = False
                context.verify_mode = ssl.CERT_NONE
            smtp.starttls(context=context)
            smtp.ehlo()
        elif not _is_loopback(self.host):
            raise ConfigError("smtp.security", f'{self.name} offers no STARTTLS; try "tls"')

    def _log_in(self, smtp: smtplib.SMTP) -> None:
        if not self.username:
            return
        try:
            smtp.login(self.username, self.password)
        except smtplib.SMTPAuthenticationError as error:
            if error.smtp_code // 100 != Says.NEVER:
                raise
            problem = f"{self.name} does not let {self.username} in: {_cause(error)}"
            raise ConfigError("smtp.password", problem) from error
        except smtplib.SMTPServerDisconnected:
            raise
        except smtplib.SMTPException as error:
            problem = f"{self.name} offers no way to log in; a relay without needs no user name"
            raise ConfigError("smtp.username", problem) from error


class Session:
    """A connection, opened anew for the next mail where one has broken it."""

    def __init__(self, relay: Smtp) -> None:
        self._relay = relay
        self._smtp: smtplib.SMTP | None = relay.open()

    def close(self) -> None:
        if self._smtp is not None:
            with suppress(OSError):
                self._smtp.quit()
            self._smtp.close()

    def send(self, envelope: Envelope, body: bytes, may_send: Callable[[], bool]) -> Receipt:
        """Hand over one mail.

        Beside what the protocol names, SetupError is raised where the relay refuses the sender:
        that would meet every reader and is no reader's fault.
        """
        smtp, self._smtp = self._smtp or self._relay.open(), None
        try:
            said = self._hand_over(smtp, envelope, body, may_send)
        except _OtherAnswerError as other:
            if other.leaves_session and _is_reset(smtp):
                self._smtp = smtp
            else:
                smtp.close()
            raise other.meaning(self._relay.name) from None
        except BaseException:
            smtp.close()  # within a mail there is no other way to take it back
            raise
        self._smtp = smtp
        return Receipt(said)

    def _hand_over(
        self, smtp: smtplib.SMTP, envelope: Envelope, body: bytes, may_send: Callable[[], bool]
    ) -> str:
        name = self._relay.name
        with _trouble_is(TryLater, f"{name} broke off before it was given the mail"):
            # Not by smtp.mail and smtp.rcpt: they parse what they get and may send another address.
            _expect(Says.DONE, Phase.MAIL, smtp.docmd(f"MAIL FROM:<{envelope.sender}>"))
            _expect(Says.DONE, Phase.RCPT, smtp.docmd(f"RCPT TO:<{envelope.recipient}>"))
            _expect(Says.GO_ON, Phase.DATA, smtp.docmd("DATA"))
        if not may_send():
            raise TryLater(f"{envelope.name}: held back")
        # Trouble while writing means that the system has not taken the last byte, hence no dot.
        with _trouble_is(TryLater, f"{name} broke off while it was given the mail"):
            point("smtp: before the dot")
            smtp.send(_stuffed(body))
            point("smtp: after the dot")
        with _trouble_is(Uncertain, f"{name} was given the mail and did not answer"):
            _set_timeout(smtp, self._relay.dot_timeout)
            answer = smtp.getreply()
            point("smtp: after the reply")
            _set_timeout(smtp, self._relay.timeout)
        return _expect(Says.DONE, Phase.DOT, answer)


class _OtherAnswerError(Exception):
    """A whole answer that is not the one hoped for; it never leaves this module."""

    def __init__(self, phase: Phase, code: int, said: str) -> None:
        super().__init__(phase, code, said)
        self.phase = phase
        self.code = code
        self.said = said

    @property
    def leaves_session(self) -> bool:
        return self.code // 100 in {Says.LATER, Says.NEVER} and self.code != CLOSING

    def meaning(self, relay: str) -> DigestError:
        reason = f"{relay} answered {self.phase} with {self.said}"
        match self.code // 100, self.phase:
            case Says.NEVER, Phase.MAIL:
                return SetupError(reason)
            case Says.NEVER, _:
                return Refused(reason, _enhanced(self.said))
            case Says.LATER, _:
                closing = self.code == CLOSING
                reader = self.phase is Phase.RCPT and not closing
                return TryLater(reason, fewer=closing, reader=reader)
            case _, Phase.DOT:
                return Uncertain(reason)
        return TryLater(reason)


def _expect(wanted: Says, phase: Phase, answer: tuple[int, bytes]) -> str:
    code, text = answer
    said = _readable(code, text)
    if code // 100 != wanted:
        raise _OtherAnswerError(phase, code, said)
    return said


@contextmanager
def _trouble_is(kind: type[DeliveryError], problem: str) -> Iterator[None]:
    """Say what it means when the connection, and not an answer, is the trouble.

    smtplib's own errors are OSErrors too.
    """
    try:
        yield
    except OSError as error:
        raise kind(f"{problem}: {_cause(error)}") from error


def _set_timeout(smtp: smtplib.SMTP, seconds: float) -> None:
    if smtp.sock is not None:
        smtp.sock.settimeout(seconds)


def _is_reset(smtp: smtplib.SMTP) -> bool:
    try:
        return smtp.rset()[0] // 100 == Says.DONE
    except OSError:
        return False


def _stuffed(body: bytes) -> bytes:
    """Double the dots that begin a line (RFC 5321 §4.5.2) and close with the one that ends all."""
    end = b"" if body.endswith(b"\r\n") else b"\r\n"
    return re.sub(rb"(?m)^\.", b"..", body) + end + b".\r\n"


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _readable(code: int, text: bytes | str) -> str:
    """What a server said, on one line of printable text and not without end."""
    plain = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    folded = " ".join("".join(c if c.isprintable() else " " for c in plain).split())
    return f"{code} {folded}"[:LONGEST_REPLY].strip()


def _enhanced(said: str) -> str:
    """The status code of RFC 3463 behind the three digits, or nothing."""
    found = re.match(r"\d{3} (\d\.\d{1,3}\.\d{1,3})\b", said)
    return found[1] if found else ""


def _cause(error: Exception) -> str:
    match error:
        case smtplib.SMTPResponseException():
            return _readable(error.smtp_code, error.smtp_error)
        case ssl.SSLCertVerificationError():
            return f"its certificate is not trusted: {error.verify_message}"
        case ssl.SSLError():
            return f"TLS failed: {(error.reason or str(error)).replace('_', ' ').lower()}"
        case OSError():
            return error.strerror or str(error)
    return str(error)
