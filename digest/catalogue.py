"""The fixed words, the dates and the numbers of mail and archive in a reader's language."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property, lru_cache
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path
from typing import Literal

import babel
from babel.dates import format_date, format_skeleton
from babel.lists import format_list
from babel.messages.mofile import write_mo
from babel.messages.pofile import PoFileError, read_po
from babel.numbers import format_decimal

from digest.errors import RenderError, UnknownPlugin

CATALOGUES = "locales"
SOURCE = "en"
"""The language of the words in the code; it needs no catalogue."""

# English of no country writes the day first, which nobody misreads.
CLDR = {"en": "en_001"}
DOT = "\u00a0· "
SHORT = 999  # the largest number without a sign between its digits
# The letters of scripts that run from right to left.
LEFTWARD = re.compile(
    "[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff]"
)


@dataclass(frozen=True, eq=False)
class Locale:
    """How a language tag such as "de" or "ar-EG" says things; two of one tag are not equal."""

    lang: str
    _cldr: babel.Locale = field(repr=False)
    _words: NullTranslations = field(repr=False)

    @cached_property
    def dir(self) -> str:
        """Which way it is written: "ltr" or "rtl"."""
        return self._cldr.text_direction

    @property
    def start(self) -> str:
        """The side on which its lines begin."""
        return "right" if self.dir == "rtl" else "left"

    @property
    def end(self) -> str:
        return "left" if self.dir == "rtl" else "right"

    def gettext(self, text: str) -> str:
        return self._words.gettext(text) if text else ""

    def ngettext(self, one: str, many: str, number: int) -> str:
        return self._words.ngettext(one, many, number)

    def long_date(self, day: date) -> str:
        return _date(day, "full", str(self._cldr))

    def short_date(self, day: date) -> str:
        return _date(day, "medium", str(self._cldr))

    def month(self, day: date) -> str:
        return format_skeleton("yMMMM", day, locale=self._cldr)

    def number(self, number: int) -> str:
        return format_decimal(number, locale=self._cldr) if abs(number) > SHORT else str(number)

    def dotted(self, words: Iterable[str]) -> str:
        """Return "A · B · C", where no line begins with a dot.

        A mark beside it keeps in their places words that run the other way.
        """
        line = DOT.join(words)
        if self.dir == "rtl":
            return line.replace(DOT, f"\u200f{DOT}\u200f")
        return line.replace(DOT, f"\u200e{DOT}\u200e") if LEFTWARD.search(line) else line

    def listed(self, words: Sequence[str]) -> str:
        """Return "A, B and C"."""
        return format_list(words, locale=self._cldr)


@lru_cache(maxsize=1024)
def _date(day: date, form: Literal["full", "medium"], cldr: str) -> str:
    """Papers of an edition are of few days."""
    return format_date(day, form, locale=cldr)


def locale(tag: str, folders: Sequence[Path]) -> Locale:
    """The locale of a tag, with the words of all folders that have its catalogue, the first first.

    Raises UnknownPlugin where there is no such language or no catalogue of it, and RenderError
    where a catalogue cannot be read.
    """
    try:
        cldr = babel.Locale.parse(CLDR.get(tag, tag), sep="_" if tag in CLDR else "-")
    except (ValueError, babel.UnknownLocaleError) as error:
        raise UnknownPlugin("locale", tag, known(folders)) from error
    names = dict.fromkeys((tag, cldr.language))
    paths = [folder / CATALOGUES / f"{name}.po" for name in names for folder in folders]
    found = tuple((path, path.stat().st_mtime_ns) for path in paths if path.is_file())
    if not found and cldr.language != SOURCE:
        raise UnknownPlugin("locale", tag, known(folders))
    return _locale(tag, cldr, found)


def known(folders: Sequence[Path]) -> tuple[str, ...]:
    """The languages there are."""
    files = [path.stem for folder in folders for path in (folder / CATALOGUES).glob("*.po")]
    return tuple(sorted({SOURCE, *files}))


@lru_cache(maxsize=32)
def _locale(tag: str, cldr: babel.Locale, files: tuple[tuple[Path, int], ...]) -> Locale:
    words = NullTranslations()
    for path, _ in files:
        words.add_fallback(_read(path))
    return Locale(tag, cldr, words)


def _read(path: Path) -> GNUTranslations:
    """Compile a catalogue in memory, so that no second file can differ from it."""
    place = f"{CATALOGUES}/{path.name}"
    try:
        with path.open("rb") as file:
            catalogue = read_po(file, locale=path.stem.replace("-", "_"), abort_invalid=True)
    except PoFileError as error:
        raise RenderError(place, str(error), error.lineno + 1, path) from error
    except (OSError, ValueError, babel.UnknownLocaleError) as error:
        raise RenderError(place, f"cannot be read: {error}", path=path) from error
    for message in catalogue:
        message.flags |= {"python-format"} if "%(" in str(message.id) else set()
        for problem in message.check(catalogue):
            raise RenderError(place, f"{message.id}: {problem}", message.lineno, path)
    compiled = BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return GNUTranslations(compiled)
