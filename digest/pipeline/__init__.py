"""Load, decide, save: one file a stage. Each stage's report says how it ended.

A report has `exit_code` and `document()`, what `--json` prints of it.
"""

from collections.abc import Iterable

from digest.errors import DigestError, SetupError, StoreError, TryLater

DONE, LEFT_OUT, WRONG, LATER = 0, 1, 2, 3
"""The exit codes of every command."""

SERIOUS = (DONE, LEFT_OUT, LATER, WRONG)
"""Of several codes the one that stands last here is given."""


def most_serious(codes: Iterable[int]) -> int:
    return max(codes, key=SERIOUS.index, default=DONE)


def exit_code(error: DigestError) -> int:
    """The exit code that an error stands for."""
    if isinstance(error, SetupError):
        return WRONG
    return LATER if isinstance(error, StoreError | TryLater) else LEFT_OUT
