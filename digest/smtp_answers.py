"""What an answer of SMTP means, which depends on the phase that it comes in: no input, no output.

RFC 5321 §6.1 and RFC 1047 say why no answer after the final dot can mean anything: the relay may
have the mail or not, and there is no way to ask.
"""

import re
from dataclasses import dataclass
from enum import IntEnum, StrEnum

from digest.errors import DigestError, Refused, SetupError, TryLater, Uncertain
from digest.text import plain

CLOSING = 421
LOGIN = 53  # 530, 534, 535, 538: RFC 4954
LONGEST = 300


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

    @property
    def hoped_for(self) -> Says:
        return Says.GO_ON if self is Phase.DATA else Says.DONE


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer: its three digits, and its lines without them as they came."""

    code: int
    lines: bytes | str

    @property
    def says(self) -> int:
        return self.code // 100

    @property
    def ends_the_session(self) -> bool:
        """The relay hangs up after it: it is busy, or we have too many connections."""
        return self.code == CLOSING

    @property
    def text(self) -> str:
        """On one line of visible characters, and not without end."""
        lines = self.lines
        said = lines.decode("utf-8", "replace") if isinstance(lines, bytes) else lines
        return plain(f"{self.code} {said}")[:LONGEST].strip()

    @property
    def status(self) -> str:
        """The code of RFC 3463, such as "5.1.1", or nothing.

        An answer about logging in is one of policy, with such a code or without.
        """
        found = re.match(r"\d+ (\d\.\d{1,3}\.\d{1,3})\b", self.text)
        return found[1] if found else "5.7.0" if self.code // 10 == LOGIN else ""

    def meaning(self, phase: Phase, relay: str) -> DigestError:
        """What to raise for an answer that is not the one hoped for."""
        reason = f"{relay} answered {phase} with {self.text}"
        match self.says, phase:
            case Says.NEVER, _:
                refused = Refused(reason, self.status)
                of_setup = phase is Phase.MAIL and not refused.policy  # it would meet every reader
                return SetupError(reason) if of_setup else refused
            case Says.LATER, _:
                busy = self.ends_the_session
                return TryLater(reason, fewer=busy, reader=phase is Phase.RCPT and not busy)
            case _, Phase.DOT:
                return Uncertain(reason)
        return TryLater(reason)
