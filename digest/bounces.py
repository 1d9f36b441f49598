"""What comes back: reports of mails that did not arrive, and complaints of readers.

A report is believed for the address it was sent to, which only we can make, never for what stands
in it: anyone can write a mail.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from email import message_from_bytes
from email.message import Message
from itertools import takewhile

from digest.model import Bounce, Verdict

BIGGEST = 1_000_000  # bytes that are looked at; the headers and the report stand first
SOFT_EDITIONS = 5
SOFT_SPAN = timedelta(days=14)
LEAST_ALARM = 10
ALARM_SHARE = 0.05

ADDRESS = re.compile(r"[^\s<>,;:\"()]+\+[^\s<>,;:\"()]+@[^\s<>,;:\"()]+")
STATUS = re.compile(r"\b([245])\.(\d{1,3})\.(\d{1,3})\b")
ENVELOPE = ("X-Original-To", "Delivered-To", "Envelope-To", "To")
"""Where a mail system writes down to whom a mail was sent."""

GONE = ("5.1.0", "5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.2.1")
"""RFC 3463 and RFC 7505: no such mailbox, no such host, or switched off for good."""


def read(mail: bytes, owed: Callable[[str], tuple[int, int] | None]) -> Bounce | None:
    """Return what a mail reports, or None where it reports nothing of a mail of ours.

    `owed` says of an address that a mail was returned to which edition's row and which reader's it
    stands for; None where we did not make it. A delay is no report, as the relay tries on, and
    neither is an automatic reply.
    """
    message = message_from_bytes(mail[:BIGGEST])
    verdict, status = _verdict(message)
    if verdict is None:
        return None
    found = next((each for each in map(owed, _addresses(message, verdict)) if each), None)
    return Bounce(*found, verdict, status) if found else None


def is_worn_out(came_back: Sequence[tuple[datetime, bool]]) -> bool:
    """Whether a reader whose mails come back for passing reasons is given up.

    `came_back` has the editions that were sent to the reader, latest first: when each was published
    and whether it came back. A report can take days, so those after the last report don't count.
    """
    start = next((n for n, (_, back) in enumerate(came_back) if back), len(came_back))
    row = [when for when, _ in takewhile(lambda each: each[1], came_back[start:])]
    return len(row) >= SOFT_EDITIONS and row[0] - row[-1] >= SOFT_SPAN


def too_many(gone_within_the_hour: int, active: Callable[[], int]) -> bool:
    """Whether so many are given up at once that it is rather our fault than theirs.

    `active` counts the readers, which takes long where they are many, and is rarely asked.
    """
    gone = gone_within_the_hour
    return gone >= LEAST_ALARM and gone >= ALARM_SHARE * active()


def _verdict(message: Message) -> tuple[Verdict | None, str]:
    kind = message.get_content_type()
    if kind != "multipart/report":
        return None, ""
    for part in message.walk():
        if part.get_content_type() == "message/feedback-report":
            return (Verdict.COMPLAINT, "") if _is_abuse(_fields(part)) else (None, "")
        if part.get_content_type() == "message/delivery-status":
            return _of_status(_fields(part))
    return None, ""


def _is_abuse(fields: Sequence[tuple[str, str]]) -> bool:
    kinds = [value.strip().lower() for name, value in fields if name == "feedback-type"]
    return kinds == ["abuse"]


def _of_status(fields: Sequence[tuple[str, str]]) -> tuple[Verdict | None, str]:
    """One mail has one recipient, so the first that failed is the reader."""
    actions = [value.strip().lower() for name, value in fields if name == "action"]
    if "failed" not in actions:
        return None, ""
    given = (STATUS.search(value) for name, value in fields if name == "status")
    status = next((found[0] for found in given if found and found[1] != "2"), "5.0.0")
    if status.startswith("5.7."):
        return Verdict.POLICY, status
    return (Verdict.GONE if status in GONE else Verdict.SOFT), status


def _fields(part: Message) -> list[tuple[str, str]]:
    """The fields of a report, whose groups the parser reads as messages of headers only."""
    payload = part.get_payload()
    groups = payload if isinstance(payload, list) else [_parsed(payload)]
    items = (item for group in groups if isinstance(group, Message) for item in group.items())
    return [(name.lower(), str(value)) for name, value in items]


def _addresses(message: Message, verdict: Verdict) -> Iterator[str]:
    """The addresses it was sent to; a complaint, which goes to one for all, quotes the mail's."""
    for name in ENVELOPE:
        yield from _in_headers(message, name)
    for part in message.walk() if verdict is Verdict.COMPLAINT else ():
        match part.get_content_type():
            case "message/feedback-report":
                mail_from = (value for name, value in _fields(part) if name == "original-mail-from")
                yield from ADDRESS.findall(" ".join(mail_from))
            case "message/rfc822" | "text/rfc822-headers":
                yield from _in_headers(_quoted(part), "Return-Path")


def _quoted(part: Message) -> Message:
    """The mail that a report brings back, or its headers alone."""
    payload = part.get_payload()
    if isinstance(payload, list) and isinstance(payload[0], Message):
        return payload[0]
    return _parsed(payload)


def _parsed(text: object) -> Message:
    return message_from_bytes(str(text).encode(errors="replace"))


def _in_headers(message: Message, name: str) -> Iterator[str]:
    for value in message.get_all(name, []):
        yield from ADDRESS.findall(str(value))
