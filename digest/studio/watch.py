"""The files that an edition is made of are watched, and whoever shows it is told."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import watchfiles
from starlette.concurrency import run_in_threadpool

from digest.studio.studio import Studio

QUIET_MS = 30
"""A change counts when there was no other for so long: an editor writes a file in steps."""

PATIENCE_MS = 300
"""No longer than that is waited for quiet."""

LOOK_EVERY_MS = 500
"""How soon it is noticed that the watch is over."""


class Watch:
    """Tells pages of each version of the studio, until it is closed."""

    def __init__(self, studio: Studio) -> None:
        self._studio = studio
        self._turned = asyncio.Event()
        self._closed = asyncio.Event()

    def close(self) -> None:
        self._closed.set()
        self._turned.set()

    async def versions(self) -> AsyncIterator[int]:
        """Yield the version that there is, and each one after it."""
        while not self._closed.is_set():
            turned = self._turned
            yield self._studio.version
            await turned.wait()

    async def run(self) -> None:
        """Watch until it is closed; where to look may change with what is found."""
        while not self._closed.is_set():
            files, folders = self._studio.files, _with_inner(self._studio.folders)
            async for paths in self._changes(files, folders):
                await run_in_threadpool(self._studio.change, paths)
                self._turned.set()
                self._turned = asyncio.Event()
                if (files, folders) != (self._studio.files, _with_inner(self._studio.folders)):
                    break

    async def _changes(self, files: set[Path], folders: set[Path]) -> AsyncIterator[set[Path]]:
        """Yield the files that have changed, of these and of those in the folders.

        For a file its folder is watched: an editor may put another file in its place.
        """

        def counts(_: watchfiles.Change, path: str) -> bool:
            return Path(path) in files or Path(path).parent in folders

        places = {*folders, *(file.parent for file in files if file.parent.is_dir())}
        async for changes in watchfiles.awatch(
            *places,
            watch_filter=counts,
            recursive=False,
            debounce=PATIENCE_MS,
            step=QUIET_MS,
            rust_timeout=LOOK_EVERY_MS,
            stop_event=self._closed,
        ):
            yield {Path(path) for _, path in changes}


def _with_inner(folders: set[Path]) -> set[Path]:
    """The folders with those in them: none is watched to any depth, for it may hold much else."""
    inner = (each for folder in folders for each in folder.rglob("*") if each.is_dir())
    return {*folders, *inner}
