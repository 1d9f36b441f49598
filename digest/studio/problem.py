"""What is wrong, as the page shows it: in words, and with the place in the file."""

import re
from dataclasses import dataclass

from digest.errors import ConfigError, DigestError, RenderError
from digest.excerpt import excerpt

AROUND = 3
"""So many lines are shown before and after the one that is wrong."""

SECRET = re.compile(r"(?i)^(\s*\w*(?:password|secret)\w*\s*=).*|(://[^/@:]*:)[^/@]*(?=@)")
"""What nobody should read over the editor's shoulder."""


@dataclass(frozen=True, slots=True)
class Problem:
    """`excerpt` has lines of the file with their numbers, `line` among them.

    `saves` tells that saving a file will mend it.
    """

    title: str
    message: str
    saves: bool = True
    line: int | None = None
    excerpt: tuple[tuple[int, str], ...] = ()


def problem(error: DigestError) -> Problem:
    if error.path is None:
        return Problem("This cannot be shown", str(error), saves=False)
    if error.line is None:
        return Problem(f"Something is wrong with {error.path.name}", str(error))
    lines = tuple((n, _shown(text)) for n, text in excerpt(error.path, error.line, AROUND))
    title = f"Something is wrong in {error.path.name}, line {error.line}"
    return Problem(title, _reason(error), line=error.line, excerpt=lines)


def _reason(error: DigestError) -> str:
    """What is wrong, without the place, which is shown."""
    match error:
        case RenderError(reason=reason):
            return reason
        case ConfigError(problem=problem):
            return problem
    return str(error)


def _shown(text: str) -> str:
    return SECRET.sub(lambda found: f"{found[1] or found[2]} …", text)
