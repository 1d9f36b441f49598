"""The pages that a link in a mail leads to: leaving, and preferences; and the archive beside them.

A link is opened by scanners and previews as much as by people, so only a POST changes anything.
Who has the link is the reader: its token cannot be guessed, and there is no other way to log in.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from digest.app import App
from digest.errors import StoreError
from digest.filling import fill, style
from digest.look import Look
from digest.model import DEFAULT_AUDIENCE, Standing, Subscriber
from digest.pipeline.subscribe import ReaderList
from digest.subscribe import Act

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

BIGGEST_FORM = 10_000  # bytes
ACTS = {"resume": Act.ADD, "pause": Act.PAUSE, "leave": Act.LEAVE}
"""What the buttons ask for."""

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",  # the address of the page is the key to it
    "X-Content-Type-Options": "nosniff",
}
PRIVATE = {"Cache-Control": "no-store", "X-Robots-Tag": "noindex"}


@dataclass(frozen=True, slots=True)
class Pages:
    """`look` and `templates` are those of an audience."""

    readers: ReaderList
    look: Callable[[str], Look]
    templates: Callable[[str], Path]
    clock: Callable[[], datetime]

    async def leave(self, request: Request) -> Response:
        """Ask (GET) or do it (POST, RFC 8058: whatever the form says, the token is the wish)."""
        if request.method != "POST":
            return await self._shown(request, "leave")
        await _form(request)
        return await self._done(request, Act.LEAVE)

    async def preferences(self, request: Request) -> Response:
        if request.method != "POST":
            return await self._shown(request, "preferences")
        wanted = ACTS.get((await _form(request)).get("act", ""))
        if wanted is None:
            raise HTTPException(400)
        return await self._done(request, wanted)

    def style(self, _: Request) -> Response:
        return Response(self._page("archive/style.css.j2"), media_type="text/css")

    def troubled(self, _: Request, error: Exception) -> Response:
        """One page for each kind of trouble: who guesses links learns nothing."""
        status = error.status_code if isinstance(error, HTTPException) else 503
        page = self._page("web/trouble.html.j2", status=status)
        return HTMLResponse(page, status, headers=PRIVATE)

    async def _shown(self, request: Request, page: str) -> Response:
        found = await run_in_threadpool(self.readers.holder, request.path_params["token"])
        return self._told(found, page)

    async def _done(self, request: Request, act: Act) -> Response:
        token, now = request.path_params["token"], self.clock()
        found = await run_in_threadpool(self.readers.act, token, act, now)
        return self._told(found, "preferences", done=True)

    def _told(self, found: Subscriber | None, page: str, *, done: bool = False) -> Response:
        if found is None:
            raise HTTPException(404)
        values = {"address": masked(found.address), "token": found.token, "done": done}
        name = f"web/{page}.html.j2"
        body = self._page(name, found.audience, standing=found.standing, **values)
        return HTMLResponse(body, headers=PRIVATE)

    def _page(self, name: str, audience: str = DEFAULT_AUDIENCE, **values: object) -> str:
        look, templates = self.look(audience), self.templates(audience)
        common = {"look": look, "style": style(templates), "Standing": Standing}
        return fill(templates, name, look.locale, **common, **values)


def application(app: App) -> Starlette:
    pages = Pages(app.readers, app.look_of, app.templates_of, app.clock)
    both = ["GET", "POST"]  # Starlette answers HEAD where it answers GET
    return Starlette(
        routes=[
            Route("/u/{token}", pages.leave, methods=both),
            Route("/p/{token}", pages.preferences, methods=both),
            Route("/style.css", pages.style),
            Mount("/", StaticFiles(directory=app.settings.archive, html=True, check_dir=False)),
        ],
        middleware=[Middleware(Careful)],
        exception_handlers={HTTPException: pages.troubled, StoreError: pages.troubled},
    )


class Careful:
    """Adds the headers that tell browsers what no page here does."""

    def __init__(self, app: "ASGIApp") -> None:
        self._app = app

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        async def with_headers(message: "Message") -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(HEADERS)
            await send(message)

        await self._app(scope, receive, with_headers)


def masked(address: str) -> str:
    """Enough of an address for its owner: the link may have been passed on."""
    local, _, host = address.rpartition("@")
    return f"{local[:1]}\N{HORIZONTAL ELLIPSIS}@{host}"


async def _form(request: Request) -> Mapping[str, str]:
    """The fields of a form, each once; a body that is none has none."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > BIGGEST_FORM:
            raise HTTPException(413)
    return {name: values[0] for name, values in parse_qs(body.decode("latin-1")).items()}
