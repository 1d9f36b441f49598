"""The lines of a file around a mistake in it."""

from pathlib import Path

WIDTH = 120


def excerpt(path: Path, line: int, around: int = 2) -> list[tuple[int, str]]:
    """Return the line, counted from 1, and so many before and after it, each with its number.

    What is not there, and all of a file that cannot be read, is left out.
    """
    try:
        lines = path.read_text("utf-8", "replace").split("\n")
    except OSError:
        return []
    first = max(line - around, 1)
    return list(enumerate(lines[first - 1 : line + around], start=first))


def offending(path: Path, line: int) -> str:
    """Return the line alone as it fits into a sentence, "" where it is not there or is empty."""
    text = " ".join("".join(text for _, text in excerpt(path, line, around=0)).split())
    return text if len(text) <= WIDTH else f"{text[:WIDTH]}…"
