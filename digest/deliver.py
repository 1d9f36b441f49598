"""Delivery, the part that decides: the bytes of a mail, and what becomes of a delivery."""

import binascii
import hashlib
import hmac
import html
import re
import textwrap
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.header import Header
from email.utils import format_datetime
from urllib.parse import quote

from digest.errors import DeliveryError, Refused, TryLater, Uncertain
from digest.model import (
    Delivery,
    Envelope,
    Message,
    OnUncertain,
    Outcome,
    Receipt,
    Status,
    Subscriber,
)

CRLF = "\r\n"
WIDTH = 78  # what RFC 5322 §2.1.1 asks a header line to stay within
# Controls, line and paragraph separators, lone surrogates.
BREAKERS = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
URL_SIGNS = ":/?#[]@!$&'()*+,;=%"  # what stays as it is in a URL that is written as ASCII
FIRST_WAIT = timedelta(minutes=5)
LONGEST_WAIT = timedelta(hours=1)
MOST_DOUBTS = 3


@dataclass(frozen=True, slots=True)
class Sender:
    """What all mails of a newsletter have in common.

    `unsubscribe` is the address that takes mails of people who leave, `list_id` a host-like name
    (RFC 2919); they and `address` are ASCII. `public_url` is where the archive is read, empty where
    it is not online.
    """

    name: str
    address: str
    unsubscribe: str
    list_id: str
    secret: bytes = field(repr=False)
    public_url: str = ""
    language: str = "en"

    @property
    def domain(self) -> str:
        return self.address.rpartition("@")[2]


def mail(
    message: Message, edition: str, published: datetime, subscriber: Subscriber, sender: Sender
) -> bytes:
    """Return the whole RFC 5322 mail, CRLF lines of ASCII; the same input gives the same bytes.

    `edition` is the edition's name, `published` is aware.
    """
    mark = _mark(edition, subscriber, sender)
    archive = quote(sender.public_url, safe=URL_SIGNS)
    # The encoding of the parts never gives "=_", so no text can hold the boundary.
    boundary = f"=_{mark}"
    text, page = filled(message, subscriber, sender)
    headers = [
        _mailbox("From", sender.name, sender.address),
        _mailbox("To", "", subscriber.address),
        _phrase("Subject", message.subject),
        _raw("Date", format_datetime(published)),
        _raw("Message-ID", f"<{edition}.{mark}@{sender.domain}>"),
        _mailbox("List-Id", sender.name, sender.list_id),
        _raw("List-Unsubscribe", f"<{_leave(subscriber, sender)}>"),
        *([_raw("List-Archive", f"<{archive}>")] if archive else []),
        _raw("Auto-Submitted", "auto-generated"),
        _raw("Precedence", "list"),
        _raw("Content-Language", sender.language),
        _raw("MIME-Version", "1.0"),
        _raw("Content-Type", f'multipart/alternative; boundary="{boundary}"'),
    ]
    parts = (_part("text/plain", text), _part("text/html", page))
    return _joined(headers, parts, boundary)


def filled(message: Message, subscriber: Subscriber, sender: Sender) -> tuple[str, str]:
    """Return the text and the HTML that this reader gets."""
    leave = _leave(subscriber, sender)
    text = _filled(message.text, message.slots, {"unsubscribe": leave})
    page = _filled(message.html, message.slots, {"unsubscribe": html.escape(leave)})
    return text, page


def envelope(edition: str, subscriber: Subscriber, sender: Sender) -> Envelope:
    name = f"{edition}-{_mark(edition, subscriber, sender)[:12]}"
    return Envelope(name, sender.address, subscriber.address)


def _mark(edition: str, subscriber: Subscriber, sender: Sender) -> str:
    """24 hex digits of one edition for one subscriber, the same in every attempt."""
    about = f"message\0{edition}\0{subscriber.token}".encode()
    return hmac.new(sender.secret, about, hashlib.sha256).hexdigest()[:24]


def _leave(subscriber: Subscriber, sender: Sender) -> str:
    return f"mailto:{quote(sender.unsubscribe, safe='@+')}?subject=unsubscribe%20{subscriber.token}"


def _filled(text: str, markers: Mapping[str, str], values: Mapping[str, str]) -> str:
    """Put the values in the places of their markers, in one pass: a value is never looked at."""
    if not markers:
        return text
    fillings = {marker: values[slot] for slot, marker in markers.items()}
    anywhere = re.compile("|".join(map(re.escape, fillings)))
    return anywhere.sub(lambda found: fillings[found[0]], text)


def _one_line(text: str) -> str:
    """Fold white space, and with it all that could end a header line or cannot be encoded."""
    return " ".join(BREAKERS.sub(" ", text).split())


def _raw(name: str, value: str) -> str:
    """A header of ASCII tokens on one line: programs read it, and some do not unfold.

    Python's own writer turns a List-Unsubscribe of over 75 characters into encoded words.
    """
    return f"{name}: {_one_line(value)}"


def _phrase(name: str, text: str) -> str:
    """A header of words for people, folded where it is plain, else as RFC 2047 has it."""
    text = _one_line(text)
    lines = textwrap.wrap(
        f"{name}: {text}",
        WIDTH,
        subsequent_indent=" ",
        break_long_words=False,
        break_on_hyphens=False,
    )
    if _is_plain(text) and max(map(len, lines)) <= WIDTH:
        return CRLF.join(lines)
    return f"{name}: {_encoded_words(name, text)}"


def _mailbox(name: str, display: str, address: str) -> str:
    display, address = _one_line(display), _one_line(address)
    if not display:
        return _raw(name, f"<{address}>" if name == "List-Id" else address)
    quoted = '"' + re.sub(r'(["\\])', r"\\\1", display) + '"'
    plain = _is_plain(display) and len(f"{name}: {quoted}") <= WIDTH
    words = quoted if plain else _encoded_words(name, display)
    fits = len(f"{name}: {words} <{address}>") <= WIDTH
    return f"{name}: {words}{'' if fits else CRLF} <{address}>"


def _is_plain(text: str) -> bool:
    return text.isascii() and "=?" not in text


def _encoded_words(name: str, text: str) -> str:
    return Header(text, "utf-8", header_name=name).encode(linesep=CRLF)


def _part(kind: str, text: str) -> str:
    """A body part; lone surrogates, which no encoding has, become question marks."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").encode(errors="replace")
    encoded = binascii.b2a_qp(lines, istext=True).decode("ascii").replace("\n", CRLF)
    return CRLF.join(
        (
            f"Content-Type: {kind}; charset=utf-8",
            "Content-Transfer-Encoding: quoted-printable",
            "",
            encoded,
        )
    )


def _joined(headers: Iterable[str], parts: Iterable[str], boundary: str) -> bytes:
    body = "".join(f"--{boundary}{CRLF}{part}{CRLF}" for part in parts)
    return f"{CRLF.join(headers)}{CRLF}{CRLF}{body}--{boundary}--{CRLF}".encode("ascii")


def outcome(
    result: Receipt | DeliveryError, delivery: Delivery, policy: OnUncertain, now: datetime
) -> Outcome:
    """Say what an attempt has led to; `delivery.attempts` does not count it yet."""
    later = now + backoff(delivery.attempts + 1)
    match result:
        case Receipt():
            return Outcome(Status.SENT, result.detail, taken=True)
        case Refused() if result.policy:  # it is us: the reader loses nothing by our mistake
            return Outcome(Status.WAITING, result.reason, later)
        case Refused():
            return Outcome(Status.REFUSED, result.reason)
        case TryLater():
            asked = now + (result.after or timedelta())
            return Outcome(Status.WAITING, result.reason, max(later, asked))
        case Uncertain():
            return doubtful(result.reason, delivery, policy, later)
    raise TypeError(result)


def backoff(attempts: int) -> timedelta:
    """Return the wait after so many attempts: five minutes, doubled each time, an hour at most."""
    doublings = min(max(attempts - 1, 0), 10)
    return min(FIRST_WAIT * (1 << doublings), LONGEST_WAIT)


def doubtful(why: str, delivery: Delivery, policy: OnUncertain, later: datetime) -> Outcome:
    """Say what becomes of a mail that may have arrived.

    A relay that takes mails and never says so would make a copy at each attempt; so it is sent
    again a few times only, whatever the policy.
    """
    again = policy is OnUncertain.RESEND and delivery.doubts + 1 < MOST_DOUBTS
    status = Status.WAITING if again else Status.UNCERTAIN
    return Outcome(status, why, later if again else None, doubt=True)


def stale(delivery: Delivery, policy: OnUncertain, now: datetime, *, repeatable: bool) -> Outcome:
    """Say what becomes of a delivery that a dead run left in `sending`.

    Where the transport leaves one copy however often it is sent, it is sent again.
    """
    why = "the run that was sending it ended without a word"
    if repeatable:
        return Outcome(Status.WAITING, why, now)
    return doubtful(why, delivery, policy, now)
