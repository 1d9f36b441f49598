"""JSON Lines: an object a line, one in memory at a time."""

import codecs
import json
import re
from collections.abc import Iterator
from contextlib import suppress
from itertools import chain
from typing import Any, BinaryIO

from digest.errors import DumpError
from digest.reading.lines import decoded, utf8

Record = dict[str, Any]

OWN = {"dump", "format"}
"""The keys that mark this program's own lines: no other say which dump a paper was in."""

LONGEST_RECORD = 1_000_000  # bytes; one with 3,000 authors has a fifth of it

_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_LINE_END = (b"\n", b"\r")
_JSON = json.JSONDecoder(strict=False)  # tabs within texts are read as they stand
_KEY = re.compile(r'[\s,{]*("(?:[^"\\]|\\.)*")\s*:\s*')


def first_record(head: bytes) -> tuple[Record, bool]:
    """The object in the first line that is not blank, and whether the head of the file cuts it.

    Then it has the members that are whole, and None for the value that is not; as it has where
    the JSON breaks.
    """
    line, *rest = utf8(head).lstrip().splitlines() or [b""]
    text = line.decode("utf-8", "replace")
    record: Record = {}
    place = 0
    with suppress(ValueError, RecursionError):
        while text.startswith("{") and (key := _KEY.match(text, place)):
            name = json.loads(key[1])
            record[name] = None
            record[name], place = _JSON.raw_decode(text, key.end())
    return record, not (rest or line.endswith(b"}"))


def records(stream: BinaryIO) -> Iterator[tuple[Record, int]]:
    """Yield each object with its line; raise DumpError where a line is none, or there is none.

    Lines may end in any way. One that is not UTF-8 is read as Windows-1252.
    """
    found = False
    for number, line in enumerate(_lines(stream), 1):
        if line.strip():
            found = True
            yield _record(line, number), number
    if not found:
        raise DumpError("dump", "an empty file", 1)


def _lines(stream: BinaryIO) -> Iterator[bytes]:
    first = stream.readline()
    if first.startswith(_UTF16):
        first += stream.read()
    for chunk in chain([utf8(first)], stream):
        yield from chunk.splitlines(keepends=True)


def _record(line: bytes, number: int) -> Record:
    if len(line) > LONGEST_RECORD:
        raise DumpError("dump", f"a line of more than {LONGEST_RECORD / 1e6:g} MB", number)
    try:
        record = _JSON.decode(decoded(line))
    except json.JSONDecodeError as error:
        reason = f"JSON breaks in column {error.colno}: {error.msg.lower()}"
        if not line.endswith(_LINE_END):
            reason = "the file ends in the middle of a record"
        raise DumpError("dump", reason, number) from error
    except ValueError as error:
        raise DumpError("dump", "JSON with a number too long to read", number) from error
    except RecursionError as error:
        raise DumpError("dump", "JSON nested too deeply", number) from error
    if not isinstance(record, dict):
        raise DumpError("dump", "a line that is no JSON object", number)
    return record
