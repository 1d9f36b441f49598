"""The preview studio: a page of this machine that shows editions and all that is known of them.

Only this machine reaches it. What a dump says reaches its page as text; the mail stands in a frame
where nothing runs, whatever it holds.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from concurrent.futures import Future
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any, TypeVar

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.responses import StreamingResponse as Stream
from starlette.routing import Route

from digest.errors import DigestError, SetupError
from digest.spam import judge
from digest.studio.studio import Shown, Studio, Wanted
from digest.studio.watch import Watch

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

T = TypeVar("T")

HOSTS = ["127.0.0.1", "localhost"]
"""By another name a page of the web could reach this machine's (DNS rebinding)."""

HERE = Path(__file__).parent
ASSETS = {
    "studio.css": "text/css",
    "studio.js": "text/javascript",
    "checks.js": "text/javascript",
    "el.js": "text/javascript",
}
FIRST = "{{ first }}"
"""Where page.html has what it shows first."""

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
        watch.close()  # for a server that does not do it sooner
        await watching

    pages = Starlette(
        routes=[
            Route("/", desk.page),
            *(Route(f"/{name}", _asset(name, kind)) for name, kind in ASSETS.items()),
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
        middleware=[Middleware(TrustedHostMiddleware, allowed_hosts=HOSTS), Middleware(OwnOnly)],
        exception_handlers={DigestError: _troubled},
        lifespan=watched,
    )
    return pages, watch


class OwnOnly:
    """Refuses what a page of another site asks for: it could not read it, but keep us at work."""

    def __init__(self, app: "ASGIApp") -> None:
        self._app = app

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        asker = Headers(scope=scope).get("sec-fetch-site") if scope["type"] == "http" else None
        if asker in {"cross-site", "same-site"} and not _is_page(scope):
            await Response(status_code=403)(scope, receive, send)
            return
        await self._app(scope, receive, send)


def _is_page(scope: "Scope") -> bool:
    """Whether a person goes to the page; another site's picture or frame of it is none."""
    shown_as = Headers(scope=scope).get("sec-fetch-dest", "document")
    return scope["path"] == "/" and shown_as == "document"


def _asset(name: str, kind: str) -> Callable[[Request], Awaitable[Response]]:
    """Out of memory: what a browser needs to show anything waits for no thread."""
    found = Response((HERE / name).read_bytes(), media_type=kind, headers=COMMON)

    async def asset(_: Request) -> Response:
        return found

    return asset


def _troubled(_: Request, error: Exception) -> Response:
    return JSONResponse({"said": str(error)}, 503, headers=COMMON)


@dataclass(frozen=True, slots=True)
class Pages:
    studio: Studio
    watch: Watch
    one_at_a_time: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def page(self, request: Request) -> Response:
        """The page at once, so that a browser loads and starts it while the edition is made."""
        before, _, after = (HERE / "page.html").read_text("utf-8").partition(FIRST)

        async def parts() -> AsyncIterator[str]:
            yield before
            yield _data(await run_in_threadpool(self._first, request.query_params))
            yield after

        headers = COMMON | {"Content-Security-Policy": PAGE}
        return Stream(parts(), media_type="text/html", headers=headers)

    def _first(self, asked: Mapping[str, str]) -> dict[str, Any] | None:
        """None where that makes no sense: the page asks again, and shows the answer."""
        try:
            day = _wanted(asked).day if asked.get("day") else None
            return self.studio.first(asked.get("audience", ""), day, asked.get("to") or None)
        except DigestError:
            return None

    def choices(self, request: Request) -> Response:
        return _json(self.studio.choices(request.query_params.get("audience", "")))

    def readers(self, request: Request) -> Response:
        asked = request.query_params
        found = self.studio.readers(asked.get("audience", ""), asked.get("to", ""))
        return _json({"addresses": found})

    def edition(self, request: Request) -> Response:
        return _json(self.studio.edition(_wanted(request.query_params)))

    async def mail(self, request: Request) -> Response:
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
            return _json(asdict(await self._beside(judge, mail)))

    async def links(self, request: Request) -> Response:
        await _body(request)
        shown = self._shown(request)
        return _json({"links": await self._beside(self.studio.links, shown)})

    async def test(self, request: Request) -> Response:
        asked = await _body(request)
        wanted, address = _wanted(asked), str(asked.get("address", ""))
        return _json(await self._beside(self.studio.send_test, wanted, address))

    async def changes(self, _: Request) -> Response:
        """Server-sent events: the version of what is shown, now and whenever it changes."""

        async def told() -> AsyncIterator[str]:
            async for version in self.watch.versions():
                yield f"data: {version}\n\n"

        return Stream(told(), media_type="text/event-stream", headers=COMMON)

    async def _beside(self, work: Callable[..., T], *arguments: object) -> T:
        """Do what may take long in a thread for which nobody waits when the studio ends."""
        done: Future[T] = Future()

        def do() -> None:
            try:
                done.set_result(work(*arguments))
            except BaseException as error:  # noqa: BLE001 - handed on to who waits
                done.set_exception(error)

        Thread(target=do, daemon=True).start()
        closed = asyncio.ensure_future(self.watch.closed())
        either: set[asyncio.Future[Any]] = {asyncio.wrap_future(done), closed}
        await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        closed.cancel()
        if not done.done():
            raise HTTPException(503)
        return done.result()

    def _shown(self, request: Request) -> Shown:
        shown = self.studio.shown(request.path_params["key"])
        if shown is None:
            raise HTTPException(404)
        return shown


def _json(document: Mapping[str, Any]) -> Response:
    return JSONResponse(document, headers=COMMON)


def _data(document: Mapping[str, Any] | None) -> str:
    """JSON that can stand in a script element: nothing in it ends that."""
    return json.dumps(document).replace("<", r"\u003c")


def _wanted(given: Mapping[str, Any]) -> Wanted:
    try:
        day = date.fromisoformat(str(given.get("day")))
    except ValueError:
        raise SetupError("the day is no date; one is, for example, 2026-11-20") from None
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
