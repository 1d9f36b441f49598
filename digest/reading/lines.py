"""Bytes → lines of text, whatever has happened to their encoding on the way."""

import codecs
from collections.abc import Iterator

from digest.text import fold

BLOCK = 64 * 1024


def utf8(raw: bytes) -> bytes:
    """The bytes without a mark at their start, recoded where it says UTF-16."""
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return raw.decode("utf-16", "replace").encode()
    return raw.removeprefix(codecs.BOM_UTF8)


def folded_lines(raw: bytes) -> Iterator[str]:
    """The lines in their order, white space folded; blank ones are "".

    UTF-8, or UTF-16 with its mark; a line that is neither is read as Windows-1252, so that a stray
    byte spoils no other line. A NUL stands for a blank. Few of the lines are in memory at a time.
    """
    text = utf8(raw)
    start = 0
    while start < len(text):
        end = text.find(b"\n", start + BLOCK) + 1 or len(text)
        yield from map(_folded, _lines(text[start:end], end < len(text)))
        start = end


def _folded(line: str) -> str:
    """Fold a line of any length without a list of all its words."""
    if len(line) <= BLOCK:
        return fold(line)
    folded, start = [], 0
    while start < len(line):
        end = line.find(" ", start + BLOCK)
        end = len(line) if end < 0 else end
        folded.append(fold(line[start:end]))
        start = end + 1
    return " ".join(filter(None, folded))


def _lines(block: bytes, whole: bool) -> list[str]:
    """Split whole lines; a character may be cut off at the end of those that end the dump."""
    try:
        text = codecs.utf_8_decode(block, "strict", whole)[0]
    except UnicodeDecodeError:
        raw = block.splitlines()
        return [_decoded(line, whole or n < len(raw)) for n, line in enumerate(raw, 1)]
    lines = text.replace("\0", " ").replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return lines[:-1] if text.endswith(("\r", "\n")) else lines


def _decoded(line: bytes, whole: bool) -> str:
    try:
        return codecs.utf_8_decode(line, "strict", whole)[0].replace("\0", " ")
    except UnicodeDecodeError:
        return decoded(line).replace("\0", " ")


def decoded(line: bytes) -> str:
    """The line as UTF-8, or as Windows-1252 where it is not: so one bad byte spoils no other."""
    try:
        return line.decode()
    except UnicodeDecodeError:
        return line.decode("cp1252", "replace")
