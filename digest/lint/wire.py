"""Rules about the bytes: lines, their ends, and what may stand in them."""

import re
from email.utils import getaddresses

from digest.lint.mail import Field, Mail
from digest.lint.rule import ERROR, WARNING, Hits, rule

LONGEST_LINE = 998
WIDTH = 78
ENCODED_WIDTH = 76
LARGEST_MAIL = 1_000_000
RAW = {"list-unsubscribe"}  # one line each, however long
IN_SEVEN_BITS = {"7bit", "quoted-printable", "base64"}


@rule("line-ends", ERROR, "every line ends in CRLF, and neither stands alone (RFC 5322 §2.3)")
def line_ends(mail: Mail) -> Hits:
    if _is_from_unix(mail):
        return
    bare = re.search(rb"\r(?!\n)|(?<!\r)\n", mail.raw)
    if bare:
        line = mail.raw[: bare.start()].count(b"\n") + 1
        yield f"line {line}", "it ends in CR or LF alone"


@rule("line-ends-saved", WARNING, "a saved mail has CRLF, or what is looked at is not what is sent")
def line_ends_saved(mail: Mail) -> Hits:
    if _is_from_unix(mail):
        yield "the whole file", "its lines end in LF"


def _is_from_unix(mail: Mail) -> bool:
    return b"\r" not in mail.raw and b"\n" in mail.raw


@rule("line-length", ERROR, "a line has 998 bytes at most (RFC 5322 §2.1.1)")
def line_length(mail: Mail) -> Hits:
    for number, line in enumerate(mail.lines, start=1):
        if len(line) > LONGEST_LINE:
            yield f"line {number}", f"it has {len(line):,} bytes"


@rule("header-width", WARNING, "a header is folded to lines of 78 (RFC 5322 §2.1.1)")
def header_width(mail: Mail) -> Hits:
    for field in mail.fields:
        for line in field.raw.split(b"\n"):
            foldable = b" " in line.partition(b":")[2].strip()
            if len(line) > WIDTH and foldable and field.name.lower() not in RAW:
                yield field.place, f"it has a line of {len(line)} bytes"


@rule(
    "plain-width",
    WARNING,
    "HTML that is not encoded is broken into lines of 78 (RFC 5322 §2.1.1)",
)
def plain_width(mail: Mail) -> Hits:
    if mail.html and mail.html.encoding not in {"quoted-printable", "base64"}:
        for number, line in enumerate(mail.html.body.splitlines(), start=1):
            if len(line) > WIDTH and b" " in line.strip():
                yield f"text/html, line {number}", f"it has {len(line):,} bytes"


@rule("encoded-width", ERROR, "lines in quoted-printable and base64 have 76 at most (RFC 2045 §6)")
def encoded_width(mail: Mail) -> Hits:
    for part in mail.parts:
        if part.encoding in {"quoted-printable", "base64"}:
            longest = max(map(len, part.body.splitlines()), default=0)
            if longest > ENCODED_WIDTH:
                yield part.kind, f"it has a line of {longest} bytes"


@rule(
    "eight-bit",
    ERROR,
    "bytes above 127 stand only in parts that are declared 8bit (RFC 2045 §6), "
    "and in the reader's address, left of the @, as UTF-8 (RFC 6532)",
)
def eight_bit(mail: Mail) -> Hits:
    for field in mail.fields:
        if not (field.raw.isascii() or _is_reader_beyond_ascii(field)):
            yield field.place, "it has bytes above 127"
    for part in mail.parts:
        if part.encoding in IN_SEVEN_BITS and not part.body.isascii():
            yield part.kind, f"it has bytes above 127 and says that it is {part.encoding}"


def _is_reader_beyond_ascii(field: Field) -> bool:
    if field.name.lower() != "to" or not field.is_utf8:
        return False
    rest = "".join(
        f"{name}{address.rpartition('@')[2]}" for name, address in getaddresses([field.value])
    )
    return rest.isascii()


@rule("nul", ERROR, "no byte is NUL (RFC 5322 §4)")
def nul(mail: Mail) -> Hits:
    if b"\0" in mail.raw:
        yield f"line {mail.raw.partition(bytes(1))[0].count(bytes([10])) + 1}", "it has a NUL"


@rule("mime", ERROR, "the parts can be read without guessing (RFC 2046 §5)")
def mime(mail: Mail) -> Hits:
    for part in mail.message.walk():
        for defect in part.defects:
            yield part.get_content_type(), type(defect).__name__
    if mail.all("MIME-Version") and mail.value("MIME-Version") != "1.0":
        yield "MIME-Version", "it is not 1.0"


@rule("mail-size", ERROR, "the whole mail is 1,000,000 bytes at most")
def mail_size(mail: Mail) -> Hits:
    if len(mail.raw) > LARGEST_MAIL:
        yield "the mail", f"{len(mail.raw):,} bytes"


RULES = (
    line_ends,
    line_ends_saved,
    line_length,
    header_width,
    plain_width,
    encoded_width,
    eight_bit,
    nul,
    mime,
    mail_size,
)
