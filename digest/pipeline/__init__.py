"""Load, decide, save: one file a stage. Each stage's report says how it ended.

A report has `exit_code` and `document()`, what `--json` prints of it.
"""

from digest.errors import DigestError, SetupError, StoreError, TryLater

DONE, LEFT_OUT, WRONG, LATER = 0, 1, 2, 3
"""The exit codes of every command."""


def exit_code(error: DigestError) -> int:
    """The exit code that an error stands for."""
    if isinstance(error, SetupError):
        return WRONG
    return LATER if isinstance(error, StoreError | TryLater) else LEFT_OUT
