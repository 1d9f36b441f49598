"""The lines of a file around a mistake in it."""

from collections.abc import Sequence
from difflib import SequenceMatcher
from pathlib import Path

WIDTH = 120
LIKE = 0.6  # so much of two lines is the same, at the least, if one came from the other


def excerpt(path: Path, line: int, around: int = 2) -> list[tuple[int, str]]:
    """Return the line, counted from 1, and so many before and after it, each with its number.

    What is not there, and all of a file that cannot be read, is left out.
    """
    text = text_of(path)
    lines = text.split("\n") if text else []
    first = max(line - around, 1)
    return list(enumerate(lines[first - 1 : line + around], start=first))


def text_of(path: Path) -> str:
    """Return what can be read of a file, which may be gone by now."""
    try:
        return path.read_text("utf-8", "replace")
    except OSError:
        return ""


def offending(path: Path, line: int) -> str:
    """Return the line alone as it fits into a sentence, "" where it is not there or is empty."""
    return fitting("".join(text for _, text in excerpt(path, line, around=0)))


def fitting(text: str) -> str:
    """Return a text in one line that fits into a sentence."""
    text = " ".join(text.split())
    return text if len(text) <= WIDTH else f"{text[:WIDTH]}…"


def filled_from(template: str, filled: str, line: int) -> int | None:
    """Return the line of a template from which a line of what it filled came, counted from 1.

    It is the one that reads the same, else the likest of those in its place.
    """
    before, after = (_stripped(text) for text in (template, filled))
    if not 1 <= line <= len(after):
        return None
    wanted = after[line - 1]
    if before.count(wanted) == 1:
        return before.index(wanted) + 1
    for kind, i, j, m, n in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if m < line <= n:
            return i + line - m if kind == "equal" else _likest(before, i, j, wanted)
    return None


def _likest(lines: Sequence[str], first: int, end: int, wanted: str) -> int | None:
    """Of the lines that were filled there; where there are none, of all, if it is like enough."""
    places = range(first, end) or range(len(lines))
    likeness = {n: SequenceMatcher(None, lines[n], wanted).ratio() for n in places}
    best = max(likeness, key=likeness.__getitem__)
    return best + 1 if first < end or likeness[best] >= LIKE else None


def _stripped(text: str) -> list[str]:
    return [line.strip() for line in text.split("\n")]
