"""The bytes of a feed → UTF-8, whatever they are and say of themselves."""

import codecs
import io
import re

from digest.reading.lines import decoded

# How files begin that are not made of single bytes, and how much of that is no text.
BEGINNINGS = (
    (codecs.BOM_UTF8, "utf-8", 3),
    (codecs.BOM_UTF32_LE, "utf-32-le", 4),  # before UTF-16, whose mark is a part of it
    (codecs.BOM_UTF32_BE, "utf-32-be", 4),
    (codecs.BOM_UTF16_LE, "utf-16-le", 2),
    (codecs.BOM_UTF16_BE, "utf-16-be", 2),
    (b"<\0\0\0", "utf-32-le", 0),
    (b"\0\0\0<", "utf-32-be", 0),
    (b"<\0", "utf-16-le", 0),
    (b"\0<", "utf-16-be", 0),
)
DECLARED = re.compile(rb"\s*<\?xml[^>]*?\sencoding\s*=\s*[\"']([\w.:-]{1,40})[\"']")
ASCII = bytes(range(32, 127))
CONTROLS = bytes.maketrans(bytes({*range(32)} - {*b"\t\n\r"}), b" " * 29)
PIECE = 1 << 20


def as_utf8(raw: bytes) -> bytes:
    """Return the text as UTF-8, with the line ends of Unix and without control characters.

    A mark or a declaration names the encoding; where it is wrong, each line is UTF-8 or else
    Windows-1252.
    """
    return _marked(raw) or _declared(raw) or _by_line(raw)


def _marked(raw: bytes) -> bytes | None:
    begins = next((each for each in BEGINNINGS if raw.startswith(each[0])), None)
    return _recoded(raw[begins[2] :], begins[1], "replace") if begins else None


def _declared(raw: bytes) -> bytes | None:
    """Read as declared or else as UTF-8; None where it is neither.

    Markup is ASCII. An encoding of single bytes that reads ASCII as anything else (UTF-7, escapes)
    can only hide it, and is not tried.
    """
    declared = DECLARED.match(raw)
    names = [declared[1].decode(), "utf-8"] if declared else ["utf-8"]
    return next(filter(None, (_recoded(raw, name) for name in names if _is_for_markup(name))), None)


def _is_for_markup(encoding: str) -> bool:
    try:
        return ASCII.decode(encoding) == ASCII.decode()
    except (LookupError, ValueError):
        return False


def _recoded(raw: bytes, encoding: str, errors: str = "strict") -> bytes | None:
    """Recode by pieces; None where that fails.

    The whole as one string could take four times the memory.
    """
    try:
        text = io.TextIOWrapper(io.BytesIO(raw), encoding, errors)
        return b"".join(iter(lambda: text.read(PIECE).encode().translate(CONTROLS), b""))
    except (LookupError, ValueError):
        return None


def _by_line(raw: bytes) -> bytes:
    return b"\n".join(_line(line).translate(CONTROLS) for line in raw.splitlines())


def _line(line: bytes) -> bytes:
    return decoded(line).encode()
