"""Archive: write the static pages that have changed, and remove those that are no more."""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from digest.archive import pages
from digest.crash import point
from digest.errors import SetupError
from digest.look import Look
from digest.model import DEFAULT_AUDIENCE
from digest.pipeline import DONE
from digest.store import Store

MANIFEST = ".pages.json"
"""Lists what the last build wrote, so that the next removes only what is ours."""


@dataclass(frozen=True, slots=True)
class ArchiveReport:
    pages: int
    written: int
    index: Path
    exit_code = DONE

    def document(self) -> dict[str, Any]:
        return {"pages": self.pages, "written": self.written, "index": str(self.index)}


def build(store: Store, folder: Path, look: Look, templates: Path) -> ArchiveReport:
    """Bring the folder in line with the store; SetupError where it cannot be written.

    All editions of all audiences have their pages; the quiet days are those of `all`.
    """
    with _writing_to(folder):
        folder.mkdir(parents=True, exist_ok=True)
    with _alone_in(folder):
        with store.reading() as shelves:
            editions = list(shelves.editions.all())
            quiet = shelves.editions.quiet(DEFAULT_AUDIENCE)
        made = pages(editions, quiet, look, templates)
        with _writing_to(folder):
            _remove_old(folder, set(made))
            written = sum(_write(folder / path, text) for path, text in made.items())
            _write(folder / MANIFEST, json.dumps(sorted(made), indent=0))
    return ArchiveReport(len(made), written, folder / "index.html")


@contextmanager
def _writing_to(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise SetupError(
            f"the archive {folder} cannot be written: {error.strerror}; "
            "make it a folder that you may write to, or set `archive` to another one"
        ) from error


@contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    """Wait for other runs that build here: none may put older pages over newer ones."""
    with _writing_to(folder):
        descriptor = os.open(folder, os.O_RDONLY)
    try:
        with _writing_to(folder):
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _remove_old(folder: Path, kept: set[str]) -> None:
    try:
        before = json.loads((folder / MANIFEST).read_text("utf-8"))
    except (FileNotFoundError, ValueError):
        return
    for path in before:
        inside = isinstance(path, str) and ".." not in PurePosixPath(path).parts
        if inside and path not in kept and not PurePosixPath(path).is_absolute():
            (folder / path).unlink(missing_ok=True)


def _write(path: Path, text: str) -> bool:
    """Write the file whole or not at all; False where it stands there already."""
    new = text.encode()
    if path.exists() and path.read_bytes() == new:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    # One name for all: what a killed run has left is written over by the next, which is alone.
    half = path.with_name(f".{path.name}.tmp")
    try:
        half.write_bytes(new)
        point("archive: before the rename")
        half.replace(path)
        point("archive: after the rename")
    finally:
        half.unlink(missing_ok=True)
    return True
