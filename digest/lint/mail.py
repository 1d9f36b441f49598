"""A mail as the rules look at it: its lines as they are, its headers as written, its parts read."""

import re
from binascii import a2b_base64, a2b_qp
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from email.message import Message
from email.utils import getaddresses
from functools import cached_property

from digest.lint import style
from digest.lint.page import Element, parse

DEEPEST = 20  # parts within parts
LINE_END = re.compile(rb"\r\n|\r|\n")
URL = re.compile(r"\b(?:https?://|mailto:)[^\s<>\"]+", re.IGNORECASE)
AFTER_URL = ".,;:!?)]}'»”"
HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")


def scheme(url: str) -> str:
    """What stands before the colon, in small letters; the library's answer to some is an error."""
    found = re.match(r"([a-zA-Z][a-zA-Z0-9+.-]*):", url)
    return found[1].lower() if found else ""


@dataclass(frozen=True, slots=True)
class Field:
    """A header: `raw` as it stands there, folds included; `line` is where it begins, from 1."""

    name: str
    raw: bytes
    line: int

    @property
    def place(self) -> str:
        return f"{self.name}, line {self.line}"

    @property
    def is_utf8(self) -> bool:
        try:
            self.raw.decode()
        except UnicodeDecodeError:
            return False
        return True

    @property
    def value(self) -> str:
        """The value on one line; bytes that are no UTF-8 are shown as they would be in Latin-1."""
        text = self.raw.partition(b":")[2].decode("utf-8" if self.is_utf8 else "latin-1")
        return re.sub(r"\r?\n(?=[ \t])", "", text).strip()

    @property
    def lines(self) -> int:
        return self.raw.count(b"\n") + 1

    @property
    def words(self) -> str | None:
        """The value with its encoded words read; None where they can't be."""
        try:
            return str(make_header(decode_header(self.value)))
        except (HeaderParseError, LookupError, ValueError):
            return None


@dataclass(frozen=True)
class Part:
    """A part that holds no other; `body` is as it is encoded."""

    kind: str
    charset: str
    encoding: str
    body: bytes
    decoded: bytes
    is_attached: bool
    is_flowed: bool

    @cached_property
    def text(self) -> str:
        try:
            text = self.decoded.decode(self.charset)
        except (LookupError, ValueError):
            text = self.decoded.decode("utf-8", "replace")
        return text.replace("\r\n", "\n").replace("\r", "\n")

    @property
    def is_readable(self) -> bool:
        """Whether its bytes are what its charset says."""
        try:
            self.decoded.decode(self.charset)
        except (LookupError, ValueError):
            return False
        return True


class Mail:
    """A whole mail; whatever is wrong with it, it can be looked at."""

    def __init__(self, raw: bytes) -> None:
        self.raw = raw
        self.lines = LINE_END.split(raw)
        """Without their ends, whatever these are."""

    @cached_property
    def fields(self) -> list[Field]:
        found: list[Field] = []
        for number, line in enumerate(self.lines, start=1):
            if not line:
                break
            if line[:1] in {b" ", b"\t"} and found:
                last = found.pop()
                found.append(Field(last.name, last.raw + b"\n" + line, last.line))
            elif b":" in line:
                name = line.partition(b":")[0].decode("latin-1").strip()
                found.append(Field(name, line, number))
        return found

    def all(self, name: str) -> list[Field]:
        return [field for field in self.fields if field.name.lower() == name.lower()]

    def first(self, name: str) -> Field | None:
        return next(iter(self.all(name)), None)

    def value(self, name: str) -> str:
        """The value of a header, "" where there is none."""
        field = self.first(name)
        return field.value if field else ""

    def addresses(self, *names: str) -> list[str]:
        values = [field.value for name in names for field in self.all(name)]
        return [address for _, address in getaddresses(values) if address]

    @cached_property
    def message(self) -> "Message[str, str]":
        return message_from_bytes(b"\r\n".join(self.lines), policy=policy.compat32)

    @cached_property
    def parts(self) -> list[Part]:
        return list(_leaves(b"\r\n".join(self.lines)))

    @cached_property
    def text(self) -> Part | None:
        return self._shown("text/plain")

    @cached_property
    def html(self) -> Part | None:
        return self._shown("text/html")

    def _shown(self, kind: str) -> Part | None:
        return next(
            (part for part in self.parts if part.kind == kind and not part.is_attached), None
        )

    @cached_property
    def page(self) -> Element:
        """The HTML as a tree, empty where there is none."""
        return parse(self.html.text if self.html else "")

    @cached_property
    def elements(self) -> list[Element]:
        return list(self.page)

    def tags(self, *tags: str) -> list[Element]:
        return [each for each in self.elements if each.tag in tags]

    @cached_property
    def css(self) -> str:
        """What the style elements say, those of a medium within a query for it."""
        found = []
        for element in self.tags("style"):
            media, text = element.get("media"), "".join(map(str, element.children))
            found.append(
                f"@media {media} {{{text}}}" if media not in {"", "all", "screen"} else text
            )
        return "\n".join(found)

    @cached_property
    def rules(self) -> list[style.Rule]:
        return style.sheet(self.css)

    def looks(self, *, dark: bool) -> list[tuple[Element, style.Look]]:
        return self._dark_looks if dark else self._light_looks

    @cached_property
    def _light_looks(self) -> list[tuple[Element, style.Look]]:
        return list(style.looks(self.page, self.rules, dark=False))

    @cached_property
    def _dark_looks(self) -> list[tuple[Element, style.Look]]:
        return list(style.looks(self.page, self.rules, dark=True))

    @cached_property
    def links(self) -> list[Element]:
        return [each for each in self.tags("a", "area") if "href" in each.attributes]

    @cached_property
    def text_urls(self) -> list[str]:
        """The addresses that stand in the text, without the signs of the sentence around them."""
        return [
            found.rstrip(AFTER_URL) for found in URL.findall(self.text.text if self.text else "")
        ]

    @cached_property
    def words_of_text(self) -> str:
        return " ".join(self.text.text.split()) if self.text else ""

    @cached_property
    def words_of_page(self) -> str:
        return self.page.text


def _leaves(raw: bytes, depth: int = 0) -> Iterator[Part]:
    """Yield the parts that hold no other; a forwarded mail counts as one.

    Not by the standard library: it gives parts as they are decoded, and what some hostile ones hold
    not at all.
    """
    head, _, body = (b"\r\n" + raw).partition(b"\r\n\r\n")
    message = message_from_bytes(head[2:] + b"\r\n\r\n", policy=policy.compat32)
    boundary = message.get_boundary() or ""
    if message.get_content_maintype() == "multipart" and boundary and depth < DEEPEST:
        for inner in _split(body, boundary.encode("utf-8", "surrogateescape")):
            yield from _leaves(inner, depth + 1)
        return
    encoding = str(message.get("Content-Transfer-Encoding", "7bit")).strip().lower()
    yield Part(
        kind=message.get_content_type(),
        charset=message.get_content_charset() or "us-ascii",
        encoding=encoding,
        body=body,
        decoded=_decoded(body, encoding),
        is_attached=message.get_content_disposition() == "attachment",
        is_flowed=str(message.get_param("format", "")).lower() == "flowed",
    )


def _split(body: bytes, boundary: bytes) -> Iterator[bytes]:
    delimiter = rb"(?:\A|\r\n)--" + re.escape(boundary) + rb"(--)?[ \t]*(?=\r\n|\Z)"
    _, *rest = re.split(delimiter, body)
    for closed, inner in zip(rest[::2], rest[1::2], strict=True):
        if closed:
            return
        yield inner.removeprefix(b"\r\n")


def _decoded(body: bytes, encoding: str) -> bytes:
    """Decode as programs do: what is no code is passed over."""
    if encoding == "quoted-printable":
        return a2b_qp(body)
    if encoding == "base64":
        digits = re.sub(rb"[^A-Za-z0-9+/]", b"", body)
        whole = digits[: len(digits) // 4 * 4]
        rest = digits[len(whole) :]
        return a2b_base64(whole + (rest + b"==")[:4] if len(rest) > 1 else whole)
    return body
