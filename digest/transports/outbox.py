"""The outbox: a folder of complete .eml files, one per delivery."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from digest.crash import point
from digest.errors import SetupError, TryLater
from digest.model import Envelope, Receipt
from digest.worker import is_gone, new_worker

HALF = ".eml.tmp"
"""Ends the name of a mail while it is written; before it stands who writes it."""


@dataclass(frozen=True, slots=True)
class Outbox:
    folder: Path
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
        final = self.folder / f"{envelope.name}.eml"
        half = self.folder / f".{envelope.name}.{new_worker()}{HALF}"
        try:
            _write(half, body)
            if not may_send():
                raise TryLater(f"{final}: held back")
            point("outbox: before the rename")
            half.replace(final)
            point("outbox: after the rename")
            _sync(self.folder)  # where this fails, the mail is written once more in its place
        except OSError as error:
            raise TryLater(f"{final}: {_cause(error)}") from error
        finally:
            with suppress(OSError):
                half.unlink(missing_ok=True)
        return Receipt(str(final))

    def _unusable(self, why: str) -> SetupError:
        return SetupError(
            f"the outbox {self.folder} cannot be written: {why}; "
            "make it a folder that you may write to, or set `outbox` to another one"
        )


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
