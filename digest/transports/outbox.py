"""The outbox: a folder with a file for each delivery, by its name.

The file is the whole mail, NAME.eml. Where an edition has many, its first mail is kept once, as
EDITION.message, and NAME.envelope says of each delivery in which lines its mail differs from that:
some hundred bytes in the place of all.
"""

import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from digest.crash import point
from digest.errors import SetupError, TryLater
from digest.folding import fold, unfold
from digest.model import Envelope, Receipt
from digest.worker import is_gone, new_worker

WHOLE, FOLDED, MESSAGE = ".eml", ".envelope", ".message"
HALF = ".eml.tmp"
"""Ends the name of a file while it is written; before it stands who writes it."""


@dataclass(frozen=True, slots=True)
class Outbox:
    """`most_whole` is how many mails an edition may have so that each is a whole file."""

    folder: Path
    most_whole: int = 1_000
    # A delivery has one file name, so a second sending replaces the first.
    repeatable = True
    connections = 4  # file systems write down together what is asked at the same time

    @contextmanager
    def connect(self) -> Iterator["Outbox"]:
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            for half in self.folder.glob(f".*{HALF}"):
                if is_gone(half.name.removesuffix(HALF).split(".", 2)[-1]):
                    half.unlink(missing_ok=True)
        except OSError as error:
            raise self._unusable(_cause(error)) from error
        if not os.access(self.folder, os.W_OK | os.X_OK):
            raise self._unusable("no permission to write there")
        yield self

    def send(self, envelope: Envelope, body: bytes, may_send: Callable[[], bool]) -> Receipt:
        """Write the file so that its name appears only when all of it is on the disk."""
        half = self._half(envelope.name)
        final = self.folder / f"{envelope.name}{WHOLE}"
        try:
            folded = self._folded(envelope, body) if envelope.of > self.most_whole else None
            other = final.with_suffix(FOLDED)
            if folded is not None:
                final, other = other, final
            _write(half, folded or body)
            if not may_send():
                raise TryLater(f"{final}: held back")
            point("outbox: before the rename")
            half.replace(final)
            point("outbox: after the rename")
            other.unlink(missing_ok=True)  # of a time when the edition had fewer or more
            _sync(self.folder)  # where this fails, the mail is written once more in its place
        except OSError as error:
            raise TryLater(f"{final}: {_cause(error)}") from error
        finally:
            with suppress(OSError):
                half.unlink(missing_ok=True)
        return Receipt(str(final))

    def _folded(self, envelope: Envelope, body: bytes) -> bytes | None:
        """The envelope as a file; None where the mail is too unlike the edition's message."""
        path = self.folder / f"{envelope.edition}{MESSAGE}"
        lines = fold(self._message(path, body), body)
        if lines is None:
            return None
        says = {
            "message": path.name,
            "from": envelope.sender,
            "to": envelope.recipient,
            "sha256": sha256(body).hexdigest(),
            "lines": lines,
        }
        return json.dumps(says, ensure_ascii=False).encode() + b"\n"

    def _message(self, path: Path, body: bytes) -> bytes:
        """The message of an edition, which is what its first mail was."""
        if not path.exists():
            half = self._half(path.stem)
            try:
                _write(half, body)
                point("outbox: before the message")
                with suppress(FileExistsError):  # another was quicker
                    path.hardlink_to(half)
                point("outbox: after the message")
                _sync(self.folder)
            finally:
                half.unlink(missing_ok=True)
        return path.read_bytes()

    def _half(self, name: str) -> Path:
        return self.folder / f".{name}.{new_worker()}{HALF}"

    def _unusable(self, why: str) -> SetupError:
        return SetupError(
            f"the outbox {self.folder} cannot be written: {why}; "
            "make it a folder that you may write to, or set `outbox` to another one"
        )


def whole(envelope: Path) -> bytes:
    """Return the mail that an envelope of the outbox stands for, byte by byte.

    SetupError where it stands for none any more.
    """
    try:
        says = json.loads(envelope.read_bytes())
        message = envelope.with_name(says["message"])
        lines = {int(number): str(line) for number, line in says["lines"].items()}
    except OSError as error:
        raise SetupError(f"{envelope}: cannot be read: {_cause(error)}") from error
    except (ValueError, TypeError, LookupError, AttributeError):
        raise SetupError(f"{envelope}: is no envelope of an outbox") from None
    return _checked(envelope, message, lines, says.get("sha256"))


def _checked(envelope: Path, message: Path, lines: dict[int, str], sha: Any) -> bytes:
    try:
        mail = unfold(message.read_bytes(), lines)
    except OSError as error:
        raise SetupError(f"{envelope}: its message {message}: {_cause(error)}") from error
    except IndexError:
        mail = b""
    if sha256(mail).hexdigest() != sha:
        raise SetupError(f"{envelope}: {message} is not the message that it was written for")
    return mail


def _write(path: Path, body: bytes) -> None:
    with path.open("xb") as file:
        file.write(body)
        file.flush()
        os.fsync(file.fileno())


def _sync(folder: Path) -> None:
    """Make the names in the folder survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _cause(error: OSError) -> str:
    return error.strerror or str(error)
