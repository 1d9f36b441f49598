"""What is written into a mail and onto its envelope for one reader, the same in every attempt."""

import base64
import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache

from digest.addresses import mail_address
from digest.errors import Refused
from digest.model import Delivery, Envelope, Kind, Standing, Subscriber

# The usual kind, which needs no second look: it is asked of every mail.
PLAIN_ADDRESS = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]+@[a-zA-Z0-9.-]+", re.ASCII)
DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
LETTERS = str.maketrans("0123456789", "ghijklmnop")
SEAL_BYTES = 16
LONGEST_ROW = 12  # digits of a row's number in a bounce address
BOUNCED = re.compile(
    rf"(.+)\+([0-9a-z]{{1,{LONGEST_ROW}}})-([0-9a-z]{{1,{LONGEST_ROW}}})-([a-z2-7]{{26}})@(.+)"
)


@dataclass(frozen=True, slots=True)
class Sender:
    """Whose mails they are: `address` takes what comes back, unless `bounces` is set."""

    address: str
    secret: bytes = field(repr=False)
    bounces: str = ""


def stamps(edition: str, reader: Subscriber, secret: bytes) -> dict[str, str]:
    """Return what fills the slots of an edition's mail; Refused where it can't go to the address.

    `edition` is the edition's name.
    """
    return {
        "to": address_on_the_wire(reader.address),
        "message_id": mark(edition, reader, secret),
        "unsubscribe": reader.token,
        "preferences": reader.token,
    }


def mark(edition: str, reader: Subscriber, secret: bytes) -> str:
    """24 letters of one edition for one reader: a Message-ID of many digits looks like spam."""
    about = f"message\0{edition}\0{reader.token}".encode()
    made = _keyed(secret).copy()
    made.update(about)
    return made.hexdigest()[:24].translate(LETTERS)


@lru_cache(maxsize=1)
def _keyed(secret: bytes) -> hmac.HMAC:
    """A copy of it is made in half the time that the key takes anew."""
    return hmac.new(secret, digestmod=hashlib.sha256)


def nobody(address: str, audience: str, now: datetime, chance: bytes) -> Subscriber:
    """Return who gets a mail that is no delivery; what is made of `chance` is nobody's token."""
    token = base64.b32encode(chance).decode("ascii").lower()
    return Subscriber(0, address, audience, Kind.READER, Standing.ACTIVE, token, now)


def address_on_the_wire(address: str) -> str:
    """Return the address, its host as A-labels; Refused where it is none.

    A local part outside ASCII stays as it is: the transport knows whether the other side takes it.
    """
    if PLAIN_ADDRESS.fullmatch(address):
        return address
    try:
        return mail_address(address, beyond_ascii=True)
    except ValueError as error:
        raise Refused(str(error)) from None


def envelope(
    delivery: Delivery, values: Mapping[str, str], sender: Sender, of: int = 1
) -> Envelope:
    """Return what stands on the mail of a delivery, one of so many of its edition.

    `values` are the stamps in the mail.
    """
    name = f"{delivery.edition}-{values['message_id'][:12]}"
    back = verp(delivery.edition_id, delivery.subscriber.id, sender)
    return Envelope(name, back, values["to"], delivery.edition, of, dotless=True)


def verp(edition_id: int, subscriber_id: int, sender: Sender) -> str:
    """Return the address to which one mail comes back; it doesn't tell the reader's.

    Variable envelope return paths: `bounces+EDITION-READER-SEAL@host`, in letters of one case, as
    some programs fold them. Without an address for bounces it is that of the sender.
    """
    if not sender.bounces:
        return sender.address
    local, _, host = sender.bounces.rpartition("@")
    seal = _seal(edition_id, subscriber_id, sender.secret)
    return f"{local}+{_digits(edition_id)}-{_digits(subscriber_id)}-{seal}@{host}"


def bounced(address: str, secret: bytes) -> tuple[int, int] | None:
    """Return the edition's and the reader's row for an address that `verp` has made, else None."""
    found = BOUNCED.fullmatch(address.strip().lower())
    if found is None:
        return None
    edition_id, subscriber_id = int(found[2], 36), int(found[3], 36)
    genuine = hmac.compare_digest(_seal(edition_id, subscriber_id, secret), found[4])
    return (edition_id, subscriber_id) if genuine else None


def _seal(edition_id: int, subscriber_id: int, secret: bytes) -> str:
    about = f"bounce\0{edition_id}\0{subscriber_id}".encode()
    digest = hmac.digest(secret, about, hashlib.sha256)[:SEAL_BYTES]
    return base64.b32encode(digest).decode("ascii").rstrip("=").lower()


def _digits(number: int) -> str:
    """The number to the base 36, which int() reads."""
    rest, digit = divmod(number, len(DIGITS))
    return (_digits(rest) if rest else "") + DIGITS[digit]
