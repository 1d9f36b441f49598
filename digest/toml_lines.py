"""On which line of a TOML text something stands; its parser does not say."""

import tomllib
from bisect import bisect_left
from collections.abc import Sequence

_ENDS = ("", "\n]", "\n]}", "\n]]", "\n]]}")
"""What makes a text that breaks off within a list a whole one."""


def line_of(text: str, path: Sequence[str]) -> int:
    """The line of the last step of a path that a valid text has; 1 where it has none of them.

    Steps are keys, and at the end perhaps a text in a list, of which the last one is meant.
    """
    lines = text.splitlines()
    # The more lines, the more of the path: so the parser itself can be asked, a few times.
    return bisect_left(
        range(len(lines)), _held(lines, path), lo=1, key=lambda end: _held(lines[:end], path)
    )


def _held(lines: Sequence[str], path: Sequence[str]) -> tuple[int, int]:
    """How many steps of the path the lines have, and how often the text that follows."""
    for end in range(len(lines), 0, -1):
        for closed in _ENDS:
            try:
                return _steps(tomllib.loads("\n".join(lines[:end]) + closed), path)
            except tomllib.TOMLDecodeError:
                continue
    return 0, 0


def _steps(value: object, path: Sequence[str]) -> tuple[int, int]:
    for taken, step in enumerate(path):
        if isinstance(value, list):
            return taken, value.count(step)
        if not isinstance(value, dict) or step not in value:
            return taken, 0
        value = value[step]
    return len(path), 0
