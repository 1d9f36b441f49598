"""The preview studio: a page of this machine that shows editions and all that is known of them.

Only this machine reaches it. What a dump says reaches its page as text; the mail stands in a frame
where nothing runs, whatever it holds.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, JSONResponse, Response
from starlette.responses import StreamingResponse as Stream
from starlette.routing import Route

from digest.spam import judge
from digest.studio.studio import Shown, Studio, Wanted
from digest.studio.watch import Watch

HOSTS = ["127.0.0.1", "localhost"]
"""By another name a page of the web could reach this machine's (DNS rebinding)."""

HERE = Path(__file__).parent
ASSETS = ("studio.css", "studio.js", "checks.js", "el.js")

COMMON = {
    "Cache-Control": "no-store",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
PAGE = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "frame-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
MAIL = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src {}; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'self'; sandbox allow-same-origin"
)
"""Nothing in a mail may run, and only pictures load; the page that frames it may look into it."""

PICTURES = {"on": "https: data:", "off": "'none'"}


def application(studio: Studio) -> "tuple[Starlette, Watch]":
    """Return the studio's pages, and the watch that tells them what has changed."""
    watch = Watch(studio)
    desk = Pages(studio, watch)

    @asynccontextmanager
    async def watched(_: Starlette) -> AsyncIterator[None]:
        watching = asyncio.create_task(watch.run())
        yield
        watch.close()
        await watching

    pages = Starlette(
        routes=[
            Route("/", desk.page),
            *(Route(f"/{name}", desk.asset, name=name) for name in ASSETS),
            Route("/choices", desk.choices),
            Route("/readers", desk.readers),
            Route("/edition", desk.edition),
            Route("/changes", desk.changes),
            Route("/mail/{key}", desk.mail),
            Route("/checks/{key}", desk.checks),
            Route("/spam/{key}", desk.spam),
            Route("/links/{key}", desk.links, methods=["POST"]),
            Route("/test", desk.test, methods=["POST"]),
        ],
        middleware=[Middleware(TrustedHostMiddleware, allowed_hosts=HOSTS)],
        lifespan=watched,
    )
    return pages, watch


@dataclass(frozen=True, slots=True)
class Pages:
    studio: Studio
    watch: Watch
    one_at_a_time: asyncio.Lock = field(default_factory=asyncio.Lock)

    def page(self, _: Request) -> Response:
        return FileResponse(HERE / "page.html", headers=COMMON | {"Content-Security-Policy": PAGE})

    def asset(self, request: Request) -> Response:
        return FileResponse(HERE / request.url.path.lstrip("/"), headers=COMMON)

    def choices(self, request: Request) -> Response:
        return _json(self.studio.choices(request.query_params.get("audience", "")))

    def readers(self, request: Request) -> Response:
        asked = request.query_params
        found = self.studio.readers(asked.get("audience", ""), asked.get("to", ""))
        return _json({"addresses": found})

    def edition(self, request: Request) -> Response:
        fresh = "fresh" in request.query_params
        return _json(self.studio.edition(_wanted(request.query_params), fresh=fresh))

    def mail(self, request: Request) -> Response:
        images = PICTURES["off" if request.query_params.get("images") == "off" else "on"]
        html = self._shown(request).found.html
        headers = COMMON | {"Content-Security-Policy": MAIL.format(images)}
        return HTMLResponse(html, headers=headers)

    def checks(self, request: Request) -> Response:
        return _json(self._shown(request).checks.document())

    async def spam(self, request: Request) -> Response:
        """One mail at a time: it takes seconds of a processor, and who saves again asks no more."""
        mail = self._shown(request).found.mail
        async with self.one_at_a_time:
            if await request.is_disconnected():
                return Response(status_code=204)
            return _json(asdict(await run_in_threadpool(judge, mail)))

    async def links(self, request: Request) -> Response:
        await _body(request)
        shown = self._shown(request)
        return _json({"links": await run_in_threadpool(self.studio.links, shown)})

    async def test(self, request: Request) -> Response:
        asked = await _body(request)
        wanted, address = _wanted(asked), str(asked.get("address", ""))
        return _json(await run_in_threadpool(self.studio.send_test, wanted, address))

    async def changes(self, _: Request) -> Response:
        """Server-sent events: the version of what is shown, now and whenever it changes."""

        async def told() -> AsyncIterator[str]:
            async for version in self.watch.versions():
                yield f"data: {version}\n\n"

        return Stream(told(), media_type="text/event-stream", headers=COMMON)

    def _shown(self, request: Request) -> Shown:
        shown = self.studio.shown(request.path_params["key"])
        if shown is None:
            raise HTTPException(404)
        return shown


def _json(document: Mapping[str, Any]) -> Response:
    return JSONResponse(document, headers=COMMON)


def _wanted(given: Mapping[str, Any]) -> Wanted:
    try:
        day = date.fromisoformat(str(given.get("day")))
    except ValueError:
        raise HTTPException(400, "day is no date; one is, for example, 2026-11-20") from None
    return Wanted(day, str(given.get("audience", "")), str(given.get("to") or "") or None)


async def _body(request: Request) -> dict[str, Any]:
    """What was sent as JSON, which no page of another site can do without being asked first."""
    if request.headers.get("content-type", "").partition(";")[0] != "application/json":
        raise HTTPException(415)
    try:
        given = await request.json()
    except ValueError:
        raise HTTPException(400) from None
    return given if isinstance(given, dict) else {}
