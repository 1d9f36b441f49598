"""Serves the studio until it is stopped."""

import signal
import socket
import sys
from threading import current_thread, main_thread
from typing import Any

import uvicorn

from digest.studio import application
from digest.studio.studio import Studio
from digest.studio.watch import Watch

TURN = 0.0005
"""Seconds after which a thread that computes lets another one go on; Python's own are ten times
that, and an answer takes several turns.
"""


def run(studio: Studio, door: socket.socket) -> None:
    """Answer who knocks, until Ctrl-C, SIGTERM or the end of the terminal."""
    sys.setswitchinterval(TURN)
    pages, watch = application(studio)
    # What it has by itself; what else it would look for takes time.
    plain: dict[str, Any] = {"http": "h11", "ws": "none", "loop": "asyncio"}
    config = uvicorn.Config(pages, access_log=False, log_level="warning", **plain)
    server = _Server(config, watch)
    if hasattr(signal, "SIGHUP") and current_thread() is main_thread():
        signal.signal(signal.SIGHUP, server.handle_exit)
    server.run([door])


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, watch: Watch) -> None:
        super().__init__(config)
        self._watch = watch

    def handle_exit(self, *_: object) -> None:
        """End in good order, at the second signal at once; uvicorn would raise it again."""
        self.force_exit = self.should_exit
        self.should_exit = True

    async def shutdown(self, *arguments: Any, **options: Any) -> None:
        """End: what waits for changes or for others would be waited for."""
        self._watch.close()
        await super().shutdown(*arguments, **options)
