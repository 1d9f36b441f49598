"""The files that an edition is made of are watched, and whoever shows it is told."""

import asyncio
import logging
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import suppress
from pathlib import Path

import watchfiles
from starlette.concurrency import run_in_threadpool

from digest.studio.studio import Studio

log = logging.getLogger(__name__)

QUIET_MS = 30
"""A change counts when there was no other for so long: an editor writes a file in steps."""

PATIENCE_MS = 300
"""No longer than that is waited for quiet."""

LOOK_EVERY_MS = 500
"""How soon it is noticed that the watch is over."""

AGAIN = 1.0
"""Seconds until it is tried again to watch what could not be watched."""


class Watch:
    """Tells pages of each version of the studio, until it is closed."""

    def __init__(self, studio: Studio) -> None:
        self._studio = studio
        self._turned = asyncio.Event()
        self._closed = asyncio.Event()

    def close(self) -> None:
        self._closed.set()
        self._turned.set()

    async def closed(self) -> None:
        await self._closed.wait()

    async def versions(self) -> AsyncIterator[int]:
        """Yield the version that there is, and each one after it."""
        while not self._closed.is_set():
            turned = self._turned
            yield self._studio.version
            await turned.wait()

    async def run(self) -> None:
        """Watch until it is closed, whatever becomes of what is watched."""
        told = False
        while not self._closed.is_set():
            try:
                await self._follow()
            except OSError as error:
                if not told:
                    log.warning("changes of files are not seen now: %s", error)
                told = True
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._closed.wait(), AGAIN)
            else:
                # What has changed before the next watch begins is seen so.
                await self._change(set())

    async def _follow(self) -> None:
        """Follow changes as long as the same folders stand where they are looked for."""
        files, folders = self._studio.files, self._studio.folders
        inner = _inner(folders)
        watched = _standing({*inner, *(path.parent for path in (*files, *folders))})

        def counts(_: watchfiles.Change, path: str) -> bool:
            return Path(path) in {*files, *folders} or Path(path).parent in inner

        async for changes in watchfiles.awatch(
            *watched,
            watch_filter=counts,
            recursive=False,
            debounce=PATIENCE_MS,
            step=QUIET_MS,
            rust_timeout=LOOK_EVERY_MS,
            stop_event=self._closed,
        ):
            await self._change({Path(path) for _, path in changes})
            now = {*_inner(folders), *(path.parent for path in (*files, *folders))}
            same = (files, folders) == (self._studio.files, self._studio.folders)
            if not same or _standing(now) != watched:
                return

    async def _change(self, paths: set[Path]) -> None:
        if self._closed.is_set():
            return
        await run_in_threadpool(self._studio.change, paths)
        self._turned.set()
        self._turned = asyncio.Event()


def _inner(folders: Iterable[Path]) -> set[Path]:
    """The folders with those in them: none is watched to any depth, for it may hold much else."""
    there = {folder for folder in folders if folder.is_dir()}
    return there | {each for folder in there for each in folder.rglob("*") if each.is_dir()}


def _standing(folders: Iterable[Path]) -> Mapping[Path, int]:
    """Which of them are there, by what tells a folder from another one in its place."""
    standing = {}
    for folder in folders:
        with suppress(OSError):
            standing[folder] = folder.stat().st_ino
    return standing
