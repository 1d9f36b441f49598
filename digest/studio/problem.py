"""What is wrong, as the page shows it: in words, and with the place in the file."""

import re
from dataclasses import dataclass
from pathlib import Path

from digest.errors import ConfigError, DigestError, RenderError
from digest.excerpt import excerpt

AROUND = 3
"""So many lines are shown before and after the one that is wrong."""

SECRET = re.compile(r"(?i)password|secret|://[^/]*@")
"""What stands on a line that nobody should read over the editor's shoulder."""

HIDDEN = "… (a line with a secret is not shown)"


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


def problem(error: DigestError, settings: Path) -> Problem:
    """Tell of an error; of the settings, which may hold secrets, only the line itself is shown."""
    saves = isinstance(error, ConfigError | RenderError)
    if error.path is None:
        return Problem("Something is wrong" if saves else "This cannot be shown", str(error), saves)
    if error.line is None:
        return Problem(f"Something is wrong with {error.path.name}", str(error))
    around = 0 if error.path.absolute() == settings.absolute() else AROUND
    lines = tuple((n, _shown(text)) for n, text in excerpt(error.path, error.line, around))
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
    return HIDDEN if SECRET.search(text) else text
