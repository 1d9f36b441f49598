"""Archive: write the static pages that have changed, and remove those that are no more."""

import json
import os
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from digest.archive import pages
from digest.errors import SetupError
from digest.look import Look
from digest.pipeline import DONE
from digest.store import Store

HALF = ".page.tmp"
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


def build(store: Store, folder: Path, look: Look, templates: Path, audience: str) -> ArchiveReport:
    """Bring the folder in line with the store; SetupError where it cannot be written."""
    with store.reading() as shelves:
        editions = list(shelves.editions.all(audience))
        quiet = shelves.editions.quiet(audience)
    made = pages(editions, quiet, look, templates)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for half in folder.rglob(f".*{HALF}"):  # left by a run that was killed
            half.unlink(missing_ok=True)
        _remove_old(folder, set(made))
        written = sum(_write(folder / path, text) for path, text in made.items())
        _write(folder / MANIFEST, json.dumps(sorted(made), indent=0))
    except OSError as error:
        raise SetupError(
            f"the archive {folder} cannot be written: {error.strerror}; "
            "make it a folder that you may write to, or set `archive` to another one"
        ) from error
    return ArchiveReport(len(made), written, folder / "index.html")


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
    half = path.with_name(f".{path.name}.{os.getpid()}{HALF}")
    try:
        half.write_bytes(new)
        half.replace(path)
    finally:
        half.unlink(missing_ok=True)
    return True
