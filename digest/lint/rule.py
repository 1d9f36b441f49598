"""What a rule is, and what it finds."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from digest.lint.mail import Mail

Hits = Iterator[tuple[str, str]]
"""Where, and what is found there."""


class Severity(StrEnum):
    ERROR = "error"  # it harms the reader or the delivery: no edition goes out with it
    WARNING = "warning"  # it ought to be better


@dataclass(frozen=True, slots=True)
class Rule:
    """`why` is a sentence that says what is asked, with its source."""

    id: str
    severity: Severity
    why: str
    check: Callable[[Mail], Hits]


ERROR, WARNING = Severity.ERROR, Severity.WARNING


def rule(name: str, severity: Severity, why: str) -> Callable[[Callable[[Mail], Hits]], Rule]:
    """Make a rule of the check that stands below it."""
    return lambda check: Rule(name, severity, why, check)
