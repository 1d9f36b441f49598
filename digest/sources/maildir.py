"""A Maildir: a folder of mails, the new ones in `new`, those that were looked at in `cur`."""

from collections.abc import Iterator
from pathlib import Path

from digest.crash import point
from digest.errors import SetupError

SEEN = ":2,S"


def new_mails(folder: Path) -> Iterator[tuple[Path, bytes]]:
    """Yield the new mails, oldest name first; SetupError where this is no Maildir."""
    if not (folder / "new").is_dir():
        raise SetupError(f"{folder} is no Maildir: it has no folder `new`")
    for path in sorted((folder / "new").iterdir()):
        if path.is_file() and not path.name.startswith("."):
            yield path, _read(path)


def mail_of(file: Path) -> bytes:
    """The mail that is a file; SetupError where it cannot be read."""
    return _read(file)


def set_aside(path: Path) -> None:
    """Move a mail out of `new`, so that it is not looked at again."""
    done = path.parents[1] / "cur"
    try:
        done.mkdir(exist_ok=True)
        point("maildir: before the rename")
        path.rename(done / f"{path.name.partition(':')[0]}{SEEN}")
        point("maildir: after the rename")
    except OSError as error:
        raise SetupError(f"{path} cannot be moved to {done}: {error.strerror}") from error


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise SetupError(f"{path} cannot be read: {error.strerror}") from error
