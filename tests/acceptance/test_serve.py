"""The links in a mail work in a browser, by one click of a mail program, and by no accident."""

import re
import signal
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlencode

import pytest
from conftest import Digest, free_port, listens, page, wait_until
from playwright.sync_api import Browser

ADA, GRACE = "ada@readers.example", "grace@readers.example"
ONE_CLICK = "List-Unsubscribe=One-Click"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@dataclass
class Site:
    """A digest with two readers whose links are answered."""

    digest: Digest
    port: int

    def ask(
        self, method: str, path: str, body: str = "", headers: dict[str, str] = FORM
    ) -> tuple[int, str, dict[str, str]]:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=10)
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        found = answer.status, answer.read().decode(), _lower(answer.getheaders())
        connection.close()
        return found

    @property
    def links(self) -> dict[str, str]:
        """What one reader's mail links of us, by the header or the word it stands at."""
        (mail,) = (each for each in self.digest.mails if each["To"] == ADA)
        header = str(mail["List-Unsubscribe"])
        one_click = re.findall(r"<https://news\.example(/u/[a-z2-7]+)>", header)[0]
        return {"one click": one_click, "preferences": one_click.replace("/u/", "/p/")}

    @property
    def standings(self) -> dict[str, str]:
        listed = self.digest.here("subscribers", "list", "--json").document
        return {each["address"]: each["standing"] for each in listed}


def _lower(headers: list[tuple[str, str]]) -> dict[str, str]:
    return {name.lower(): value for name, value in headers}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("served")


@pytest.fixture
def site(digest: Digest) -> Iterator[Site]:
    digest.environment["DIGEST_PUBLIC_URL"] = "https://news.example"
    digest.add_dump("page.txt", page("Kites over Calm Water", "A Grammar of Fog"))
    digest.here("subscribers", "add", ADA, GRACE)
    assert digest.here("run").code == 0
    port = free_port()
    process = digest.start("serve", "--port", port)
    try:
        wait_until(lambda: listens(port), 20)
        yield Site(digest, port)
    finally:
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=20)
        assert "Traceback" not in err.decode(), err.decode()
        assert not re.search("[a-z2-7]{32}", (out + err).decode()), "a token in the log"


def test_one_click_of_a_mail_program_leaves(site):
    status, body, headers = site.ask("POST", site.links["one click"], ONE_CLICK)
    assert status == 200
    assert "You are unsubscribed" in body
    assert "set-cookie" not in headers
    assert site.standings == {ADA: "left", GRACE: "active"}


def test_one_click_as_form_data_leaves_too(site):
    body = (
        '--x\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--x--'
    )
    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    assert site.ask("POST", site.links["one click"], body, headers)[0] == 200
    assert site.standings[ADA] == "left"


def test_what_opens_every_link_changes_nothing(site):
    for link in site.links.values():
        for method in ("GET", "HEAD"):
            status, body, headers = site.ask(method, link)
            assert status == 200
            assert ADA not in body, "the link may have been passed on"
            assert headers["cache-control"] == "no-store"
            assert headers["referrer-policy"] == "no-referrer"
            assert "default-src 'none'" in headers["content-security-policy"]
    assert set(site.standings.values()) == {"active"}


def test_preferences_pause_and_take_up_again(site):
    link = site.links["preferences"]
    assert "paused" in site.ask("POST", link, "act=pause")[1]
    assert site.standings[ADA] == "paused"
    assert "You are subscribed" in site.ask("POST", link, "act=resume")[1]
    assert site.standings[ADA] == "active"
    assert site.ask("POST", link, "act=complain")[0] == 400
    assert site.standings[ADA] == "active"


def test_a_link_of_nobody_tells_nothing(site):
    real = site.links["one click"]
    wrong = [f"/u/{'a' * 32}", "/u/x", f"{real}a", f"/p/{'a' * 32}"]
    pages = {
        site.ask(method, link, "act=leave")[:2] for link in wrong for method in ("GET", "POST")
    }
    assert len(pages) == 1
    assert pages.pop()[0] == 404
    assert set(site.standings.values()) == {"active"}


def test_a_form_too_long_is_not_read(site):
    status, _, _ = site.ask("POST", site.links["preferences"], urlencode({"act": "x" * 20_000}))
    assert status == 413


def test_the_archive_stands_beside_and_nothing_else(site):
    assert "Kites over Calm Water" in site.ask("GET", _edition(site))[1]
    assert site.ask("GET", "/")[0] == 200
    for path in ("/../var/digest.db", "/%2e%2e/var/digest.db", "//etc/passwd"):
        assert site.ask("GET", path)[0] == 404


def _edition(site: Site) -> str:
    (found,) = (site.digest.folder / "archive" / "editions").glob("*.html")
    return f"/editions/{found.name}"


def test_while_the_database_is_away_the_page_says_so(site):
    database = site.digest.folder / "var" / "digest.db"
    kept = database.read_bytes()
    for path in database.parent.glob("digest.db*"):
        path.unlink()
    database.write_bytes(b"no database at all" * 400)
    status, body, _ = site.ask("POST", "/u/" + "a" * 32, ONE_CLICK)
    assert status in {404, 503}
    assert "Traceback" not in body
    database.write_bytes(kept)


def test_a_person_leaves_and_comes_back_with_the_keyboard(site, browser: Browser):
    tab = browser.new_page()
    tab.goto(f"http://127.0.0.1:{site.port}{site.links['one click']}")
    tab.keyboard.press("Tab")
    tab.keyboard.press("Enter")
    tab.wait_for_selector("text=You are unsubscribed")
    assert site.standings[ADA] == "left"
    tab.get_by_role("button", name="Get the editions again").click()
    tab.wait_for_selector("text=You are subscribed")
    assert site.standings[ADA] == "active"
    tab.close()


def test_a_port_in_use_is_said_in_one_line(site):
    ran = site.digest("serve", "--port", site.port)
    assert ran.code == 2
    assert re.search(
        r"nothing can listen on 127\.0\.0\.1:\d+: .*; take another --port", ran.complaint
    )


def test_it_ends_within_seconds_when_told(digest):
    process = digest.start("serve", "--port", free_port())
    time.sleep(1.5)
    process.send_signal(signal.SIGTERM)
    try:
        assert process.wait(10) in {0, -signal.SIGTERM}
    except subprocess.TimeoutExpired:
        process.kill()
        raise
    finally:
        process.communicate()
