"""The dumps folder is watched: what appears in it is read once nobody writes to it any more.

A file that is read too early does no harm: it is read again when it has grown, and gives only what
is new then. So this is about quiet and not about right.
"""

import logging
from collections.abc import Iterator
from pathlib import Path
from threading import Event

import watchfiles

from digest.app import App
from digest.errors import DigestError
from digest.sources.folder import dumps

log = logging.getLogger(__name__)

SETTLED = 1.0
"""Seconds for which no file has changed its size or time."""

MOST_WAITS = 5
AGAIN = 2.0
"""Seconds until a folder that is not there is looked for again."""

LOOK_EVERY_MS = 500


def watch(app: App, stop: Event) -> None:
    """Ingest what stands in the folder, and what appears in it until `stop` is set.

    A folder that is taken away is waited for.
    """
    folder = app.settings.dumps
    told = False
    while not stop.is_set():
        try:
            folder.mkdir(parents=True, exist_ok=True)
            _watch(app, folder, stop)
        except (OSError, DigestError) as error:
            if not told:
                log.warning("%s cannot be watched now: %s", folder, error)
            told = True
            stop.wait(AGAIN)


def _watch(app: App, folder: Path, stop: Event) -> None:
    _settle(folder, stop)
    _ingest(app)
    for _ in _changes(folder, stop):
        _settle(folder, stop)
        _ingest(app)
        if not folder.is_dir():
            return


def _changes(folder: Path, stop: Event) -> Iterator[object]:
    """Whenever something changes; by looking again and again where the system tells nothing."""

    def changes(*, polling: bool) -> Iterator[object]:
        return watchfiles.watch(
            folder,
            stop_event=stop,
            rust_timeout=LOOK_EVERY_MS,
            force_polling=polling or None,
            raise_interrupt=False,
        )

    try:
        yield from changes(polling=False)
    except OSError as error:  # no more watches to be had, or a file system without them
        log.warning("%s is looked at again and again: %s", folder, error)
        yield from changes(polling=True)


def _settle(folder: Path, stop: Event) -> None:
    """Wait until the folder stays as it is, but not for ever: others may wait beside a long one."""
    before = _state(folder)
    for _ in range(MOST_WAITS):
        if stop.wait(SETTLED):
            return
        now = _state(folder)
        if now == before:
            return
        before = now


def _state(folder: Path) -> list[tuple[str, int, int]]:
    found = []
    for dump in dumps([folder]):
        try:
            status = dump.path.lstat()
        except OSError:  # it has just gone
            continue
        found.append((dump.name, status.st_size, status.st_mtime_ns))
    return found


def _ingest(app: App) -> None:
    try:
        report = app.ingest()
    except DigestError as error:
        log.error("ingest: %s", error)  # noqa: TRY400 - what went wrong is in the message
        return
    except Exception:
        log.exception("a mistake of the program; it goes on")
        return
    if report.dumps or report.left_out:
        log.info("ingest: %d dumps, %d new papers", report.dumps, report.new)
    for entry in report.left_out:
        log.warning("%s: %s: %s", entry.state, entry.dump, entry.reason)
