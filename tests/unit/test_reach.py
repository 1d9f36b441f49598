"""Web addresses are asked of servers that really listen, here."""

import socket
import time
from collections.abc import Iterator
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from digest.reach import Answer, Found, is_public, reach


class Shop(BaseHTTPRequestHandler):
    """Answers by the path, and notes what it was asked."""

    asked: list[str]

    def do_HEAD(self) -> None:
        self._answer()

    def do_GET(self) -> None:
        self._answer()

    def _answer(self) -> None:
        self.asked.append(f"{self.command} {self.path}")
        step, _, rest = self.path.partition("?")[0].strip("/").partition("/")
        if step == "no-head":
            self.send_response(405 if self.command == "HEAD" else 200)
        elif step == "to":
            self.send_response(302)
            self.send_header("Location", rest if ":" in rest else f"/{rest}")
        elif step == "ring":
            self.send_response(301)
            self.send_header("Location", self.path)
        else:
            self.send_response(int(step or 200))
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *arguments: object) -> None:
        """Say nothing."""


@pytest.fixture
def shop() -> Iterator[str]:
    Shop.asked = []
    with ThreadingHTTPServer(("127.0.0.1", 0), Shop) as server:
        thread = Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_an_address_answers_or_leads_elsewhere_or_says_no(shop: str):
    urls = [f"{shop}/200", f"{shop}/to/200", f"{shop}/404", f"{shop}/to/to/410", f"{shop}/ring"]
    assert reach(urls, own=[shop]) == [
        Answer(urls[0], Found.OK, 200),
        Answer(urls[1], Found.MOVED, 200, f"{shop}/200"),
        Answer(urls[2], Found.FAILED, 404, None, "it answers 404"),
        Answer(urls[3], Found.FAILED, 410, f"{shop}/410", "it answers 410"),
        Answer(urls[4], Found.FAILED, None, urls[4], "it was sent on more than 5 times"),
    ]


def test_who_refuses_head_is_asked_by_get(shop: str):
    (answer,) = reach([f"{shop}/no-head?a=%20b#c"], own=[shop])
    assert answer == Answer(f"{shop}/no-head?a=%20b#c", Found.OK, 200)
    assert Shop.asked == ["HEAD /no-head?a=%20b", "GET /no-head?a=%20b"]


def test_an_address_is_asked_once_however_often_it_is_linked(shop: str):
    assert len(reach([shop, f"{shop}/200", shop], own=[shop])) == 2
    assert sorted(Shop.asked) == ["HEAD /", "HEAD /200"]


def test_a_network_that_is_not_public_is_not_called(shop: str):
    port = shop.rpartition(":")[2]
    hosts = ("127.0.0.1", "localhost", "2130706433", "0x7f.1", "[::ffff:127.0.0.1]", "0.0.0.0")
    urls = [f"http://{host}:{port}/200" for host in hosts]
    for answer in reach(urls):
        assert answer.found is Found.UNASKED, answer
        assert "is not on the public internet" in answer.why
    assert Shop.asked == []


def test_not_even_where_somebody_else_leads_there(shop: str):
    door = f"{shop}/to"
    url = f"{door}/{shop}/200"
    (answer,) = reach([url], own=[door])
    assert (answer.found, answer.to) == (Found.FAILED, f"{shop}/200")
    assert answer.why == "127.0.0.1 is not on the public internet"
    assert Shop.asked == [f"HEAD /to/{shop}/200"]


@pytest.mark.parametrize(
    "url",
    [
        *("ftp://127.0.0.1/", "file:///etc/passwd", "mailto:a@b.example", "http://", "//x", "x"),
        "http://user@127.0.0.1/",
    ],
)
def test_what_is_no_plain_address_of_the_web_is_not_asked(url: str):
    (answer,) = reach([url], own=["http://127.0.0.1", "http://user@127.0.0.1"])
    assert (answer.found, answer.why) == (
        Found.UNASKED,
        "it is no plain address of http or https",
    )


@pytest.mark.parametrize("url", ["http://127.0.0.1:99999/", "http://[::1/", "http://127.0.0.1/a b"])
def test_what_is_no_address_at_all_fails_with_a_reason(url: str):
    (answer,) = reach([url], own=["http://127.0.0.1"])
    assert answer.found is Found.FAILED
    assert answer.why


@pytest.mark.parametrize("target", ["\n", "http://[", "\xff\xfe", "javascript:alert(1)", "//"])
def test_a_server_that_leads_to_nonsense_is_told(target: str):
    head = f"HTTP/1.1 302 Found\r\nLocation: {target}\r\nContent-Length: 0\r\n\r\n"
    with closing(_Once(head.encode("latin-1"))) as server:
        (answer,) = reach([f"{server.url}/"], own=[server.url], seconds=5)
    assert answer.found is Found.FAILED
    assert answer.why


def test_a_port_where_nobody_listens_is_told():
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"http://127.0.0.1:{server.getsockname()[1]}/"
    (answer,) = reach([url], own=[url])
    assert (answer.found, answer.why) == (Found.FAILED, "connection refused")


def test_a_host_that_is_not_there_is_told():
    (answer,) = reach(["http://nobody.invalid/"], seconds=20)
    assert answer.found is Found.FAILED
    assert answer.why == "there is no such host"


def test_what_is_not_http_is_told():
    with closing(_Once(b"220 mail.example ESMTP\r\n")) as server:
        (answer,) = reach([f"{server.url}/"], own=[server.url], seconds=5)
        assert answer.found is Found.FAILED
        (answer,) = reach([server.url.replace("http", "https")], own=["https://127.0.0.1"])
        assert answer.found is not Found.OK


def test_nobody_waits_longer_than_was_said_for_one_who_drips():
    with closing(_Once(b"HTTP/1.1 200 OK\r\n", drip=b"X-More: 1\r\n")) as server:
        began = time.monotonic()
        urls = [f"{server.url}/{n}" for n in range(9)]
        answers = reach(urls, own=[server.url], seconds=1)
        assert time.monotonic() - began < 3
    assert [answer.url for answer in answers] == urls
    assert {answer.found for answer in answers} == {Found.UNASKED}
    assert answers[8].why == "1 seconds were not enough for all"


def test_of_too_many_addresses_the_first_are_asked(shop: str):
    urls = [f"{shop}/200?{n}" for n in range(5)]
    answers = reach(urls, own=[shop], most=3)
    assert [answer.found for answer in answers] == [Found.OK] * 3 + [Found.UNASKED] * 2
    assert answers[4].why == "only 3 are asked"


def test_the_own_archive_is_told_from_what_only_begins_like_it(shop: str):
    near = [f"{shop}/40", f"{shop}.nip.example/", f"{shop}@127.0.0.1/"]
    assert Found.OK not in {each.found for each in reach(near, own=[f"{shop}/4"], seconds=10)}
    assert Shop.asked == []


@pytest.mark.parametrize(
    "steps",
    [
        *("..", "%2e%2e", ".%2E", "%252e%252e", ".", "..;a", "a/../..", "..#", "..?a", ".\t."),
        *("..%2f", "a%2F..%2f", "..\\", "..%5c", "%255c..", "a%252f.."),
    ],
)
def test_the_own_archive_has_no_way_out(shop: str, steps: str):
    (answer,) = reach([f"{shop}/200/{steps}/200"], own=[f"{shop}/200"])
    assert (answer.found, answer.status) == (Found.UNASKED, None)
    assert answer.why == "127.0.0.1 is not on the public internet"
    assert Shop.asked == []


@pytest.mark.parametrize("step", ["a%20b", "v1.2", "...", ".well-known", "a;b", "?a=../b", "#../b"])
def test_but_what_only_looks_a_bit_like_one(shop: str, step: str):
    (answer,) = reach([f"{shop}/200/{step}"], own=[f"{shop}/200"])
    assert answer.status == 200


@pytest.mark.parametrize(
    ("number", "public"),
    [
        ("93.184.215.14", True),
        ("2606:2800:21f:cb07:6820:80da:af6b:8b2c", True),
        *((f"10.{n}.0.1", False) for n in (0, 255)),
        *((each, False) for each in ("172.16.0.1", "192.168.1.1", "127.8.8.8", "0.0.0.0")),
        *((each, False) for each in ("169.254.169.254", "100.64.0.1", "224.0.0.1", "240.0.0.1")),
        *((each, False) for each in ("255.255.255.255", "198.18.0.1", "192.0.2.1")),
        *((each, False) for each in ("::", "::1", "fe80::1", "fe80::1%eth0", "fc00::1", "ff02::1")),
        *((each, False) for each in ("::ffff:10.0.0.1", "::127.0.0.1", "2002:7f00:1::")),
        *((each, False) for each in ("64:ff9b::7f00:1", "64:ff9b:1::a00:1", "2001:db8::1")),
        *((each, False) for each in ("192.0.0.8", "192.0.0.192", "192.88.99.1", "fec0::1")),
        ("::ffff:192.0.0.192", False),
        ("::ffff:93.184.215.14", True),
        ("64:ff9b::5db8:d70e", True),
    ],
)
def test_which_numbers_are_public(number: str, public: bool):
    assert is_public(number) is public


class _Once:
    """A server that says the same to everyone, and then perhaps drips."""

    def __init__(self, said: bytes, drip: bytes = b"") -> None:
        self._said, self._drip, self._stopped = said, drip, False
        self._server = socket.create_server(("127.0.0.1", 0))
        self._server.settimeout(0.05)
        self.url = f"http://127.0.0.1:{self._server.getsockname()[1]}"
        self._threads = [Thread(target=self._serve)]
        self._threads[0].start()

    def _serve(self) -> None:
        while not self._stopped:
            try:
                client, _ = self._server.accept()
            except TimeoutError:
                continue
            self._threads.append(Thread(target=self._talk, args=(client,)))
            self._threads[-1].start()

    def _talk(self, client: socket.socket) -> None:
        with client:
            try:
                client.recv(1000)
                client.sendall(self._said)
                while self._drip and not self._stopped:
                    client.sendall(self._drip)
                    time.sleep(0.05)
            except OSError:
                return

    def close(self) -> None:
        self._stopped = True
        for thread in self._threads:
            thread.join()
        self._server.close()
