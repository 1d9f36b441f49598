"""Serves the studio until it is stopped."""

import socket
from typing import Any

import uvicorn

from digest.studio import application
from digest.studio.studio import Studio
from digest.studio.watch import Watch


def run(studio: Studio, door: socket.socket) -> None:
    """Answer who knocks, until Ctrl-C or SIGTERM."""
    pages, watch = application(studio)
    config = uvicorn.Config(pages, access_log=False, log_level="warning")
    _Server(config, watch).run([door])


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, watch: Watch) -> None:
        super().__init__(config)
        self._watch = watch

    def handle_exit(self, *_: object) -> None:
        """End in good order whichever signal asks for it; uvicorn would raise it again."""
        self.should_exit = True

    async def shutdown(self, *arguments: Any, **options: Any) -> None:
        """End: a page that waits for changes would be waited for."""
        self._watch.close()
        await super().shutdown(*arguments, **options)
