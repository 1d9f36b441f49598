"""Subscribers: their addresses, their tokens, and how their standing changes."""

import base64
import hashlib
import hmac
from enum import StrEnum

from digest.addresses import mail_address
from digest.errors import ConfigError
from digest.model import Standing

TOKEN_BYTES = 20  # base32 needs no padding for it; 160 bits are beyond guessing


class Act(StrEnum):
    """What is done to a subscriber; bounces and complaints come from the mail system."""

    ADD = "add"
    PAUSE = "pause"
    LEAVE = "leave"
    BOUNCE = "bounce"
    COMPLAIN = "complain"


NEXT = {
    (Standing.PENDING, Act.ADD): Standing.ACTIVE,
    (Standing.PAUSED, Act.ADD): Standing.ACTIVE,
    (Standing.BOUNCED, Act.ADD): Standing.ACTIVE,
    (Standing.LEFT, Act.ADD): Standing.ACTIVE,
    (Standing.PENDING, Act.LEAVE): Standing.LEFT,
    (Standing.ACTIVE, Act.LEAVE): Standing.LEFT,
    (Standing.PAUSED, Act.LEAVE): Standing.LEFT,
    (Standing.BOUNCED, Act.LEAVE): Standing.LEFT,
    (Standing.ACTIVE, Act.PAUSE): Standing.PAUSED,
    (Standing.ACTIVE, Act.BOUNCE): Standing.BOUNCED,
    (Standing.PAUSED, Act.BOUNCE): Standing.BOUNCED,
    **{(standing, Act.COMPLAIN): Standing.COMPLAINED for standing in Standing},
}
"""Nothing leads away from COMPLAINED: who called the mail spam gets none, whoever adds them."""


def after(standing: Standing, act: Act) -> Standing:
    """Return the standing that follows; an act that the table does not know changes nothing."""
    return NEXT.get((standing, act), standing)


def address(text: str, where: str = "address") -> str:
    """Return the address in its normal form; ConfigError says in one sentence what is wrong.

    It is in small letters: nobody's mailbox tells capitals apart, and a reader is one however
    typed. Before the @ it may have letters outside ASCII.
    """
    try:
        return mail_address(text, beyond_ascii=True).lower()
    except ValueError as error:
        raise ConfigError(where, str(error)) from None


def token(address: str, secret: bytes) -> str:
    """Return 32 letters and digits that stand for the address and do not show it.

    They are of one case, so that they survive a subject line that someone types anew.
    """
    digest = hmac.digest(secret, b"subscriber\0" + address.encode(), hashlib.sha256)
    return base64.b32encode(digest[:TOKEN_BYTES]).decode().lower()
