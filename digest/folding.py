"""What is kept of a mail that is like another: the lines in which the two differ.

The mails of an edition differ in what fills their slots, which stands on lines of its own.
"""

from collections.abc import Mapping

CRLF = b"\r\n"


def fold(message: bytes, mail: bytes) -> dict[int, str] | None:
    """Return the lines of a mail that are not those of the message, by their numbers from 1.

    None where it has more or fewer lines, or one of them is no text.
    """
    theirs, ours = message.split(CRLF), mail.split(CRLF)
    if len(theirs) != len(ours):
        return None
    lines = enumerate(zip(theirs, ours, strict=True), start=1)
    try:
        return {number: own.decode() for number, (other, own) in lines if own != other}
    except UnicodeDecodeError:
        return None


def unfold(message: bytes, lines: Mapping[int, str]) -> bytes:
    """Return the mail; IndexError where the message has no such line."""
    whole = message.split(CRLF)
    for number, line in lines.items():
        whole[number - 1] = line.encode()
    return CRLF.join(whole)
