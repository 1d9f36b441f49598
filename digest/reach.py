"""Edge: whether the web addresses that a mail links answer.

They come from dumps, which anybody may have written. So nothing but http and https is asked, and
nobody who is not on the public internet: a dump must not make this machine call its own network.
The address that was looked at is the one that is called, and so at every step of a redirection.
"""

import ipaddress
import socket
import ssl
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import asdict, dataclass, field, replace
from enum import StrEnum
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from queue import Empty, SimpleQueue
from threading import Lock, Thread
from typing import Any
from urllib.parse import SplitResult, quote, unquote, urljoin, urlsplit

from digest import __version__
from digest.look import URL_SIGNS

AT_ONCE = 4
MOST = 200  # addresses
SECONDS = 30.0  # for all of them
PATIENCE = 8.0  # seconds for one step of one
STEPS = 5  # of a redirection
FAULT = 400  # the first status of HTTP that is one
MOVED = {301, 302, 303, 307, 308}
PORTS = {"http": 80, "https": 443}
HEADERS = {"User-Agent": f"paper-digest/{__version__} (checks links)", "Accept": "*/*"}
# RFC 6052 and RFC 4291: addresses of IPv6 that end with one of IPv4.
WRAPPING = (ipaddress.IPv6Network("64:ff9b::/96"), ipaddress.IPv6Network("::/96"))
# Not every version of Python knows that these are not public, or not all of them.
CLOSED = (
    ipaddress.IPv4Network("192.0.0.0/24"),  # RFC 6890
    ipaddress.IPv4Network("192.88.99.0/24"),  # RFC 7526
    ipaddress.IPv6Network("64:ff9b:1::/48"),  # RFC 8215
    ipaddress.IPv6Network("fec0::/10"),  # RFC 3879
)


class Found(StrEnum):
    OK = "ok"
    MOVED = "moved"  # it answers, elsewhere
    FAILED = "failed"
    UNASKED = "not asked"


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of a link: the `status` of HTTP, `to` where it led, and `why` it failed."""

    url: str
    found: Found
    status: int | None = None
    to: str | None = None
    why: str = ""

    def document(self) -> dict[str, Any]:
        return asdict(self)


class _NotAllowed(Exception):
    """An address that is not asked, and why."""


def reach(
    urls: Sequence[str],
    *,
    own: Sequence[str] = (),
    seconds: float = SECONDS,
    most: int = MOST,
) -> list[Answer]:
    """Ask each address, a few at once, within so many seconds for all; answers are in their order.

    `own` are beginnings of addresses, such as that of the archive, that may be of any network.
    """
    once = list(dict.fromkeys(urls))
    late = Answer("", Found.UNASKED, why=f"{seconds:g} seconds were not enough for all")
    beyond = Answer("", Found.UNASKED, why=f"only {most} are asked")
    found = {url: replace(late, url=url) for url in once[:most]}
    waiting: SimpleQueue[str] = SimpleQueue()
    for url in found:
        waiting.put(url)
    asker = _Asker(own, time.monotonic() + seconds)

    def work() -> None:
        with suppress(Empty):
            while not asker.is_late:
                url = waiting.get_nowait()
                found[url] = asker.ask(url)

    # Nothing ends a thread that waits for a name server, and nobody shall wait for that thread.
    workers = [Thread(target=work, daemon=True) for _ in range(min(AT_ONCE, len(found)))]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(max(asker.end - time.monotonic(), 0))
    asker.hang_up()
    return [*list(found.values()), *(replace(beyond, url=url) for url in once[most:])]


@dataclass
class _Asker:
    """Asks until the `end`, by the clock that never goes back."""

    own: Sequence[str]
    end: float
    _open: set[HTTPConnection] = field(default_factory=set)
    _lock: Lock = field(default_factory=Lock)

    @property
    def is_late(self) -> bool:
        return time.monotonic() >= self.end

    def hang_up(self) -> None:
        """End what still waits for somebody who answers too slowly."""
        with self._lock:
            for each in self._open:
                with suppress(OSError):
                    each.sock.shutdown(socket.SHUT_RDWR)

    def ask(self, url: str) -> Answer:
        at = url
        try:
            for _ in range(STEPS + 1):
                status, location = self._status(at)
                if status not in MOVED or not location:
                    return _answer(url, at, status)
                at = urljoin(at, location)
        except _NotAllowed as error:
            kind = Found.UNASKED if at == url else Found.FAILED
            return Answer(url, kind, to=_to(url, at), why=str(error))
        except (OSError, HTTPException, ValueError) as error:
            return Answer(url, Found.FAILED, to=_to(url, at), why=_reason(error))
        return Answer(url, Found.FAILED, to=at, why=f"it was sent on more than {STEPS} times")

    def _status(self, url: str) -> tuple[int, str]:
        """The status, and where that leads; by GET where HEAD is refused."""
        status, location = self._call("HEAD", url)
        return (status, location) if status < FAULT else self._call("GET", url)

    def _call(self, method: str, url: str) -> tuple[int, str]:
        parts = urlsplit(url)
        target = f"{parts.path or '/'}{'?' if parts.query else ''}{parts.query}"
        with self._connection(url, parts) as connection:
            connection.request(method, target, headers=HEADERS)
            with closing(connection.getresponse()) as answer:  # its body is left unread
                return answer.status, _in_ascii(answer.getheader("Location") or "")

    @contextmanager
    def _connection(self, url: str, parts: SplitResult) -> Iterator[HTTPConnection]:
        if parts.scheme not in PORTS or not parts.hostname or "@" in parts.netloc:
            raise _NotAllowed("it is no plain address of http or https")
        host, port = parts.hostname, parts.port or PORTS[parts.scheme]
        is_safe = parts.scheme == "https"
        connection = HTTPSConnection(host, port) if is_safe else HTTPConnection(host, port)
        connection.sock = self._opened(self._numbers(url, host, port), port)
        with self._lock:
            self._open.add(connection)
        try:
            if is_safe:
                connection.sock = _encrypted(connection.sock, host)
                connection.sock.do_handshake()
            yield connection
        finally:
            with self._lock:
                self._open.discard(connection)
            connection.close()

    def _numbers(self, url: str, host: str, port: int) -> list[str]:
        """The host's IP addresses; none of them may be of a network that is not public."""
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        numbers = [str(address[4][0]) for address in found]
        is_own = any(_is_within(url, each) for each in self.own)
        if not is_own and not all(map(is_public, numbers)):
            raise _NotAllowed(f"{host} is not on the public internet")
        return numbers

    def _opened(self, numbers: Sequence[str], port: int) -> socket.socket:
        """Call the first one that takes the call."""
        error: OSError = TimeoutError()
        for number in numbers:
            left = min(PATIENCE, self.end - time.monotonic())
            if left <= 0:
                break
            try:
                return socket.create_connection((number, port), timeout=left)
            except OSError as failed:
                error = failed
        raise error


def is_public(number: str) -> bool:
    """Whether an IP address is one of the public internet, whatever it is wrapped in."""
    address = ipaddress.ip_address(number.partition("%")[0])
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if any(address in network for network in WRAPPING):
            inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(str(inner))
    if any(address in network for network in CLOSED):
        return False
    return address.is_global and not address.is_multicast


def _is_within(url: str, own: str) -> bool:
    """Whether an address is that one, or surely below it however a server reads the path."""
    return url == own or (url.startswith(f"{own.rstrip('/')}/") and _is_plain(urlsplit(url).path))


def _is_plain(path: str) -> bool:
    """Whether none of its steps leads upwards, not even decoded as often as two servers would."""
    decoded = unquote(unquote(path))
    steps = decoded.split("/")
    return (
        "\\" not in decoded
        and len(steps) == len(path.split("/"))
        and all(step.partition(";")[0] not in {".", ".."} for step in steps)
    )


def _encrypted(opened: socket.socket, host: str) -> ssl.SSLSocket:
    """The certificate is checked for the name of the host, whichever number was called."""
    context = ssl.create_default_context()
    return context.wrap_socket(opened, server_hostname=host, do_handshake_on_connect=False)


def _in_ascii(location: str) -> str:
    """Where a server leads to, which may have written it in UTF-8."""
    return quote(location.encode("latin-1", "replace").decode("utf-8", "replace"), safe=URL_SIGNS)


def _answer(url: str, at: str, status: int) -> Answer:
    if status >= FAULT or status in MOVED:  # the latter do not say where to
        return Answer(url, Found.FAILED, status, _to(url, at), f"it answers {status}")
    return Answer(url, Found.OK if at == url else Found.MOVED, status, _to(url, at))


def _to(url: str, at: str) -> str | None:
    return None if at == url else at


def _reason(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return "it did not answer in time"
    if isinstance(error, socket.gaierror):
        return "there is no such host"
    if isinstance(error, ssl.SSLError):
        return f"its certificate or encryption is no good: {error.reason or error}"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror.lower()
    return str(error) or type(error).__name__
