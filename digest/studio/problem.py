"""What is wrong, as the page shows it: in words, and with the place in the file."""

from dataclasses import dataclass

from digest.errors import ConfigError, DigestError, RenderError

AROUND = 3
"""So many lines are shown before and after the one that is wrong."""


@dataclass(frozen=True, slots=True)
class Problem:
    """`excerpt` has lines of the file with their numbers, `line` among them."""

    title: str
    message: str
    line: int | None = None
    excerpt: tuple[tuple[int, str], ...] = ()


def problem(error: DigestError) -> Problem:
    return Problem("x", str(error))
