"""The records of a JSON file, one at a time and each with its line.

A file is a list of records, or an object that holds such lists at any depth. It is read in pieces,
so that memory holds one record and not the file.
"""

import codecs
import json
import re
from collections.abc import Callable, Iterator
from datetime import date
from io import IncrementalNewlineDecoder
from typing import Any, BinaryIO

from digest.errors import DumpError
from digest.model import PrintedDate
from digest.text import fold

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")

CHUNK = 256 * 1024
LONGEST_RECORD = 4_000_000  # characters; one with 3,000 authors has a tenth of it
HIGHEST_COUNT = 1_000_000_000
MOST_FACTS, LONGEST_FACT = 50, 200

_SIGN = re.compile(r"\S")
# What is left of true, false, null, a number or an escape where a file ends in it.
_CUT_OFF = re.compile(r"\s*(?:-|tr?u?|fa?l?s?|nu?l?|\\?u?[0-9A-Fa-f]{0,4})")
# What no database takes as text: NUL and halves of characters.
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")
_JSON = json.JSONDecoder(strict=False)  # line ends within texts are read as they stand


def head_text(head: bytes) -> str:
    """The beginning of a JSON file as text, or "" where it looks like none."""
    text = head.decode(json.detect_encoding(head), "ignore").lstrip()
    return text if text[:1] in set('[{"-0123456789ntf') else ""


class Records:
    """Iterate over the records as (value, line); raise DumpError where the JSON breaks.

    `wanted` says of an element of a list whether it is a record. Lists without any are passed
    over; a list that has records must have nothing else. `facts` are the texts and numbers that
    stand outside the lists, as far as they have been read (their beginnings, of the first few);
    `empty_lists` counts the lists with nothing in them.
    """

    def __init__(self, stream: BinaryIO, wanted: Callable[[Any], bool]) -> None:
        head = stream.read(4)
        decoder = codecs.getincrementaldecoder(json.detect_encoding(head))("replace")
        self._decoder = IncrementalNewlineDecoder(decoder, translate=True)
        self._stream = stream
        self._wanted = wanted
        self._text = self._decoder.decode(head)  # a window of the file; what is behind is forgotten
        self._at = 0
        self._line = 1  # that of the place up to which line ends are counted
        self._counted = 0
        self._ended = False
        self.facts: dict[str, Any] = {}
        self.empty_lists = 0

    def __iter__(self) -> Iterator[tuple[Any, int]]:
        try:
            if not self._next():
                raise DumpError("dump", "an empty file", 1)
            yield from self._inside("")
            if self._next():
                raise self._broken("something after the end of the JSON")
        except RecursionError as error:
            raise DumpError("dump", "JSON nested too deeply", self._line_here()) from error

    # --- down to the lists --------------------------------------------------------------------

    def _inside(self, key: str) -> Iterator[tuple[Any, int]]:
        match self._next():
            case "[":
                yield from self._list()
            case "{":
                yield from self._object()
            case _:
                fact = self._value()
                if len(self.facts) < MOST_FACTS:
                    self.facts[key] = fact[:LONGEST_FACT] if isinstance(fact, str) else fact

    def _object(self) -> Iterator[tuple[Any, int]]:
        self._pass("{")
        while self._next() != "}":
            if self._next() != '"':
                raise self._broken("JSON breaks: a name was expected")
            key = self._value()
            self._pass(":")
            yield from self._inside(key)
            self._comma("}")
        self._pass("}")

    def _list(self) -> Iterator[tuple[Any, int]]:
        self._pass("[")
        self.empty_lists += self._next() == "]"
        found, strange = False, None
        while self._next() != "]":
            line = self._line_here()
            value = self._value()
            if self._wanted(value):
                found = True
            else:
                strange = strange or line
            if found and strange:
                raise DumpError("dump", "something that is no paper among papers", strange)
            if found:
                yield value, line
            self._comma("]")
        self._pass("]")

    # --- the text, a window at a time ---------------------------------------------------------

    def _next(self) -> str:
        """The next character that is no blank, or "" at the end."""
        while True:
            found = _SIGN.search(self._text, self._at)
            self._at = found.start() if found else len(self._text)
            if found or not self._more():
                return found[0] if found else ""

    def _pass(self, sign: str) -> None:
        if self._next() != sign:
            raise self._broken(f"JSON breaks: {sign} was expected")
        self._at += 1

    def _comma(self, end: str) -> None:
        if self._next() != end:
            self._pass(",")

    def _value(self) -> Any:
        while True:
            try:
                value, end = _JSON.raw_decode(self._text, self._at)
            except json.JSONDecodeError as error:
                if not self._more():
                    self._at = len(self._text) if self._is_cut(error) else error.pos
                    raise self._broken(f"JSON breaks: {error.msg.lower()}") from error
            except ValueError as error:
                raise self._broken("JSON with a number too long to read") from error
            else:
                # A number that ends where the window ends may go on behind it.
                if end < len(self._text) or not self._more():
                    self._at = end
                    return value

    def _is_cut(self, error: json.JSONDecodeError) -> bool:
        """Whether a value breaks because the text ends in it."""
        return error.msg.startswith("Unterminated") or bool(
            _CUT_OFF.fullmatch(self._text, error.pos)
        )

    def _more(self) -> bool:
        """Read on, as much again as is waiting, so that a long value is not tried too often."""
        waiting = len(self._text) - self._at
        if waiting > LONGEST_RECORD:
            raise DumpError("dump", "JSON with an endless value", self._line_here())
        if self._ended:
            return False
        chunk = self._stream.read(max(CHUNK, waiting))
        self._ended = not chunk
        self._line_here()
        self._text = self._text[self._at :] + self._decoder.decode(chunk, final=self._ended)
        self._at = self._counted = 0
        return True

    def _line_here(self) -> int:
        self._line += self._text.count("\n", self._counted, self._at)
        self._counted = self._at
        return self._line

    def _broken(self, reason: str) -> DumpError:
        if not self._next():
            reason = "JSON ends in the middle of a value"
        return DumpError("dump", reason, self._line_here())


# --- values: what is not as it should be is None or "" -----------------------------------------


def text(value: Any) -> str:
    if not isinstance(value, str):
        return ""
    storable = value.isascii() and "\0" not in value  # as most are; it is soon told
    return fold(value if storable else _UNSTORABLE.sub(" ", value))


def texts(value: Any) -> tuple[str, ...]:
    return tuple(filter(None, map(text, value))) if isinstance(value, list) else ()


def count(value: Any) -> int | None:
    whole = isinstance(value, int) and not isinstance(value, bool)
    return value if whole and 0 <= value <= HIGHEST_COUNT else None


def day(value: Any) -> PrintedDate | None:
    """The date of a time such as 2024-05-24T17:34:15.000Z."""
    try:
        printed = date.fromisoformat(text(value)[:10])
    except ValueError:
        return None
    return PrintedDate(printed.month, printed.day, printed.year)
