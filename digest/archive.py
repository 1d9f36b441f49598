"""The static archive: a page for each edition and an index of all. It works from any folder."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from pathlib import Path

from digest import filling
from digest.catalogue import Locale
from digest.filling import fill, style
from digest.look import Look, edition_path, presentable
from digest.model import DEFAULT_AUDIENCE, Edition

NAMED_THEMES = 4


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the index: an edition, or why a day has none."""

    day: date
    edition: Edition | None = None
    reason: str = ""


def pages(
    published: Sequence[Edition], quiet: Mapping[date, str], look: Look, templates: Path
) -> dict[str, str]:
    """Return the files of the archive by their paths in it."""
    editions = sorted(map(presentable, published), key=_order)
    common = {"look": look, "style": style(templates), "named": NAMED_THEMES}
    months = _months(editions, quiet, filling.locale(templates, look.locale))

    def page(name: str, **values: object) -> str:
        return fill(templates, name, look.locale, **common, **values)

    files = {
        "index.html": page("archive/index.html.j2", months=months),
        "style.css": page("archive/style.css.j2"),
    }
    for edition, older, newer in _neighbours(editions):
        files[edition_path(edition.name)] = page(
            "archive/edition.html.j2", edition=edition, older=older, newer=newer
        )
    return files


def _order(edition: Edition) -> tuple[date, bool, str, int]:
    """By day; of a day those for all come first."""
    return edition.day, edition.audience != DEFAULT_AUDIENCE, edition.audience, edition.number


def _months(
    editions: Iterable[Edition], quiet: Mapping[date, str], locale: Locale
) -> list[tuple[str, list[Entry]]]:
    """Group all days by month, newest first; a day that got an edition after all is not quiet."""
    entries = [Entry(edition.day, edition) for edition in editions]
    busy = {edition.day for edition in editions if edition.audience == DEFAULT_AUDIENCE}
    entries += [Entry(day, reason=why) for day, why in quiet.items() if day not in busy]
    newest = sorted(entries, key=lambda entry: entry.day, reverse=True)
    return [
        (name, list(group))
        for name, group in groupby(newest, lambda entry: locale.month(entry.day))
    ]


def _neighbours(
    editions: Sequence[Edition],
) -> Iterator[tuple[Edition, Edition | None, Edition | None]]:
    """Yield each edition with the one before and the one after it for the same audience."""
    for audience in sorted({edition.audience for edition in editions}):
        row = [edition for edition in editions if edition.audience == audience]
        yield from zip(row, [None, *row[:-1]], [*row[1:], None], strict=True)
