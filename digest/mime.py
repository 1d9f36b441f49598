"""The bytes of a mail: an edition's message is encoded once, and its slots are filled per reader.

A form is lines of 7-bit ASCII that end in CRLF. In a quoted-printable part every slot stands on
lines of its own, parted from the text by soft line breaks, so whatever fills it changes no other
line. No line begins with a dot: a form needs no dot-stuffing (RFC 5321 §4.5.2).
"""

import html
import re
import textwrap
from binascii import b2a_base64, b2a_qp
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from email.header import Header
from email.utils import format_datetime
from functools import lru_cache
from typing import Any
from urllib.parse import quote, urlsplit

from digest import __version__
from digest.errors import RenderError
from digest.model import Base64, Form, Message, Pieces, Slot, Within

CRLF = "\r\n"
WIDTH = 78  # what RFC 5322 §2.1.1 asks a header line to stay within
QP_WIDTH = 76
BASE64_BYTES = 57  # that a line of 76 holds
BEYOND_ASCII = bytes(range(0x80, 0x100))
CONTINUES = range(0x80, 0xC0)  # bytes of UTF-8 within a character
FOREIGN = 1 / 3  # the share of bytes outside ASCII above which a part is base64
LONGEST_WORD = 75  # of RFC 2047
# Controls, line and paragraph separators, bidirectional overrides, lone surrogates.
BREAKERS = re.compile("[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
# A dot would need stuffing, and some programs put a ">" before "From ". The end of the line before
# is found ten times as fast as the beginning of a line.
BEGINS_BADLY = re.compile(rb"\n((?:\.|From ).*)")
URL_SIGNS = ":/?#[]@!$&'()*+,;=%"  # what stays as it is in a URL that is written as ASCII

READER = "to"
"""The slot of the address, the one in a header that may hold letters outside ASCII."""

Text = list[str | Slot]
"""Text, slot, text, slot, ..., text."""

Raw = list[bytes | Slot]
"""The same in UTF-8."""


@dataclass(frozen=True, slots=True)
class Letterhead:
    """What all mails of a newsletter say of it.

    `unsubscribe` is the address that takes mails of people who leave, `list_id` a host-like name
    (RFC 2919); they and `address` are ASCII. `public_url` is where the archive stands, and the
    pages for leaving and for preferences; empty where nothing is online.
    """

    name: str
    address: str
    unsubscribe: str
    list_id: str
    public_url: str = ""
    language: str = "en"

    @property
    def domain(self) -> str:
        return self.address.rpartition("@")[2]

    @property
    def by_mail(self) -> str:
        """The start of the address for leaving by mail; a reader's token ends it."""
        return f"mailto:{quote(self.unsubscribe, safe='@+')}?subject=unsubscribe%20"

    @property
    def links(self) -> Mapping[str, str]:
        """The start of each slot's link; a reader's token ends it."""
        if not self.public_url:
            return {"unsubscribe": self.by_mail}
        online = ascii_url(self.public_url)
        return {"unsubscribe": f"{online}/u/", "preferences": f"{online}/p/"}


def freeze(message: Message, edition: str, published: datetime, letterhead: Letterhead) -> Form:
    """Encode the mail of an edition; the same input gives the same bytes.

    `edition` is the edition's name, `published` is aware. RenderError where the message links what
    is not online.
    """
    # Neither encoding has a "=_", so no text can hold the boundary.
    boundary = f"=_{message.sha256[:24]}"
    links = letterhead.links
    text = _cut(_sound(message.text), message.slots, links, Within.TEXT)
    page = _cut(_sound(message.html), message.slots, links, Within.HTML)
    return Form(
        head=_head(message.subject, edition, published, letterhead, boundary),
        text=_part("text/plain", boundary, text),
        html=_part("text/html", boundary, page),
        end=f"--{boundary}--{CRLF}".encode("ascii"),
        shown=message.shown,
    )


def fill(form: Form, values: Mapping[str, str]) -> bytes:
    """Return the whole RFC 5322 mail; what fills a slot is never looked at for slots.

    `values` has the reader's part of each slot. ValueError where one that stands in a header is
    not printable ASCII. An address may be outside ASCII and stands there in UTF-8 (RFC 6532):
    encoded words may not be part of one.
    """
    return Filler(form).fill(values)


class Filler:
    """Fills one form again and again: what is alike in all mails is put together once."""

    def __init__(self, form: Form) -> None:
        pieces = (*form.head, *form.text, *form.html, form.end)
        self._kinds = list(dict.fromkeys(each for each in pieces if not isinstance(each, bytes)))
        self._order: list[int] = []
        self._pieces = [b""]  # text, slot, text, slot, ..., text
        for each in pieces:
            if isinstance(each, bytes):
                self._pieces[-1] += each
            else:
                self._order.append(self._kinds.index(each))
                self._pieces += (b"", b"")

    def fill(self, values: Mapping[str, str]) -> bytes:
        filled = [_filled(each, values) for each in self._kinds]
        pieces = self._pieces.copy()
        pieces[1::2] = [filled[number] for number in self._order]
        return b"".join(pieces)


def marked(mail: bytes, mark: str) -> bytes:
    """Return a mail that was filled, with an ASCII mark on a line of its own before the subject.

    So no encoded word moves and no line grows; readers see all of it on one line.
    """
    subject = f"{CRLF}Subject: ".encode("ascii")
    return mail.replace(subject, subject + f"{mark}{CRLF} ".encode("ascii"), 1)


def manifest(form: Form) -> dict[str, Any]:
    """Say what was frozen and by which version; sizes are in bytes, with empty slots."""
    slots = _slots(form)
    empty = dict.fromkeys(slots, "")
    parts = {"head": form.head, "text": form.text, "html": form.html}
    sizes = {name: len(fill(Form(some, (), (), b""), empty)) for name, some in parts.items()}
    size = sum(sizes.values()) + len(form.end)
    return {"size": size, "parts": sizes, "slots": slots, "version": __version__}


def _slots(form: Form) -> list[str]:
    """Return the names of the slots, each once, in their order."""
    inner = (
        each.pieces if isinstance(each, Base64) else (each,)
        for each in (*form.head, *form.text, *form.html)
    )
    names = (each.name for some in inner for each in some if isinstance(each, Slot))
    return list(dict.fromkeys(names))


def _filled(piece: Slot | Base64, values: Mapping[str, str]) -> bytes:
    if isinstance(piece, Base64):
        return _base64(b"".join(_canonical(each, values) for each in piece.pieces))
    if piece.within is not Within.HEADER:
        return _on_lines_of_its_own(_value(piece, values))
    value = values[piece.name]
    if not (value.isprintable() and (value.isascii() or piece.name == READER)):
        raise ValueError(f"{value!r} cannot stand in a header")
    return value.encode()


@lru_cache(maxsize=64)
def _on_lines_of_its_own(value: bytes) -> bytes:
    """What fills a slot of a quoted-printable part; in one mail it is often the same in several."""
    return _quoted(value, goes_on=True)


def _value(slot: Slot, values: Mapping[str, str]) -> bytes:
    value = values[slot.name]
    return _sound(html.escape(value) if slot.within is Within.HTML else value)


def _canonical(piece: str | Slot, values: Mapping[str, str]) -> bytes:
    if isinstance(piece, str):
        return piece.encode()
    return _value(piece, values).replace(b"\n", b"\r\n")


def _sound(text: str) -> bytes:
    """Give lines one kind of end; a lone surrogate, which no encoding has, becomes a "?"."""
    return text.replace("\r\n", "\n").replace("\r", "\n").encode(errors="replace")


def _cut(text: bytes, markers: Mapping[str, str], links: Mapping[str, str], within: Within) -> Raw:
    """Put slots in the places of their markers; the start of a link becomes text before them."""
    pieces: Raw = [text]
    for name, marker in markers.items():
        # Every edition has markers of its own: a pattern would have to be compiled for each.
        pieces = [
            each
            for piece in pieces
            for each in _parted(piece, marker.encode(), links.get(name), Slot(name, within))
        ]
    return pieces


def _parted(
    piece: bytes | Slot, marker: bytes, link: str | None, slot: Slot
) -> Iterator[bytes | Slot]:
    if isinstance(piece, Slot) or marker not in piece:
        yield piece
        return
    if link is None:
        raise RenderError(
            f"slot {slot.name!r}", "only a newsletter with a public_url has such a link"
        )
    start = (html.escape(link) if slot.within is Within.HTML else link).encode()
    *before, last = piece.split(marker)
    for part in before:
        yield part + start
        yield slot
    yield last


# --- the parts ------------------------------------------------------------------------------------


def _part(kind: str, boundary: str, text: Raw) -> Pieces:
    static = b"".join(each for each in text if isinstance(each, bytes))
    foreign = len(static) - len(static.translate(None, BEYOND_ASCII))
    in_base64 = foreign > FOREIGN * len(static)
    head = (
        f"--{boundary}",
        f"Content-Type: {kind}; charset=utf-8",
        f"Content-Transfer-Encoding: {'base64' if in_base64 else 'quoted-printable'}",
        CRLF,
    )
    body = _in_base64(text) if in_base64 else _in_quoted_printable(text)
    return (CRLF.join(head).encode("ascii"), *body, CRLF.encode("ascii"))


def _in_quoted_printable(text: Raw) -> Iterator[bytes | Slot]:
    for n, piece in enumerate(text, start=1):
        yield _quoted(piece, goes_on=n < len(text)) if isinstance(piece, bytes) else piece


def _quoted(text: bytes, *, goes_on: bool) -> bytes:
    """Return lines of at most 76; where it goes on, what follows has lines of its own."""
    # A hyphen stands for what follows: without it the last line would have no room for the break.
    encoded = b"\n" + b2a_qp(text + b"-" * goes_on, istext=True)
    if goes_on:
        encoded = encoded[:-1]
        encoded += b"" if encoded.endswith(b"\n") else b"=\n"
    return BEGINS_BADLY.sub(_tamed, encoded)[1:].replace(b"\n", b"\r\n")


def _tamed(line: re.Match[bytes]) -> bytes:
    """Write the first letter as its code, on a line of its own where the line is full."""
    code, rest = b"\n=%02X" % line[1][0], line[1][1:]
    if len(line[1]) <= QP_WIDTH - 2:
        return code + rest
    return code + b"=" + BEGINS_BADLY.sub(_tamed, b"\n" + rest)


def _in_base64(text: Raw) -> Iterator[bytes | Base64]:
    """Encode all up to the first slot; what comes after moves with what fills it."""
    first, *rest = (
        each.decode().replace("\n", CRLF) if isinstance(each, bytes) else each for each in text
    )
    raw = str(first).encode()
    if not rest:
        yield _base64(raw)
        return
    aligned = len(raw) - len(raw) % 3
    while aligned < len(raw) and raw[aligned] in CONTINUES:
        aligned -= 3
    yield _base64(raw[:aligned])
    yield Base64((raw[aligned:].decode(), *rest))


def _base64(raw: bytes) -> bytes:
    lines = [raw[n : n + BASE64_BYTES] for n in range(0, len(raw), BASE64_BYTES)]
    return b"".join([b2a_base64(line, newline=False) + b"\r\n" for line in lines])


# --- the head -------------------------------------------------------------------------------------


def _head(
    subject: str, edition: str, published: datetime, letterhead: Letterhead, boundary: str
) -> Pieces:
    sender = letterhead.address
    lines: Iterable[Text] = (
        [_mailbox("From", letterhead.name, sender)],
        ["To: ", Slot(READER, Within.HEADER)],
        [_phrase("Subject", subject)],
        [f"Date: {format_datetime(published)}"],
        [f"Message-ID: <{edition}.", Slot("message_id", Within.HEADER), f"@{letterhead.domain}>"],
        *_about_the_list(letterhead),
        ["MIME-Version: 1.0"],
        [f'Content-Type: multipart/alternative; boundary="{boundary}"'],
        [],
    )
    pieces = (piece for line in lines for piece in (*line, CRLF))
    return tuple(each.encode("ascii") if isinstance(each, str) else each for each in pieces)


def _about_the_list(letterhead: Letterhead) -> Iterator[Text]:
    yield [_mailbox("List-Id", letterhead.name, letterhead.list_id)]
    yield from _leaving(letterhead)
    if letterhead.public_url:
        yield [f"List-Archive: <{ascii_url(letterhead.public_url)}>"]
    yield [f"List-Help: <mailto:{quote(letterhead.address, safe='@+')}?subject=help>"]
    yield ["Auto-Submitted: auto-generated"]
    yield ["Precedence: list"]
    yield [f"Content-Language: {letterhead.language}"]


def _leaving(letterhead: Letterhead) -> Iterator[Text]:
    """Name the ways to leave on one raw line: programs read it, and some do not unfold.

    Python's own writer turns an address of over 75 characters into encoded words.
    """
    token = Slot("unsubscribe", Within.HEADER)
    online = letterhead.links["unsubscribe"]
    if online == letterhead.by_mail:
        yield ["List-Unsubscribe: <", online, token, ">"]
        return
    yield ["List-Unsubscribe: <", online, token, ">, <", letterhead.by_mail, token, ">"]
    if online.startswith("https:"):  # RFC 8058 knows no other
        yield ["List-Unsubscribe-Post: List-Unsubscribe=One-Click"]


def ascii_url(url: str) -> str:
    """Write a URL in ASCII: its host as A-labels, the rest with percent signs; or UnicodeError."""
    host = urlsplit(url).netloc
    if not host.isascii():
        url = url.replace(host, host.encode("idna").decode("ascii"), 1)
    return quote(url.rstrip("/"), safe=URL_SIGNS)


def _one_line(text: str) -> str:
    """Fold white space, and with it all that could end a header line or cannot be encoded."""
    return " ".join(BREAKERS.sub(" ", text).split())


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
        return f"{name}: <{address}>"
    quoted = '"' + re.sub(r'(["\\])', r"\\\1", display) + '"'
    plain = _is_plain(display) and len(f"{name}: {quoted}") <= WIDTH
    words = quoted if plain else _encoded_words(name, display)
    fits = len(f"{name}: {words} <{address}>") <= WIDTH
    return f"{name}: {words}{'' if fits else CRLF} <{address}>"


def _is_plain(text: str) -> bool:
    return text.isascii() and "=?" not in text


def _encoded_words(name: str, text: str) -> str:
    # The library leaves no room for the blank that begins a line.
    return Header(text, "utf-8", LONGEST_WORD, name).encode(linesep=CRLF)
