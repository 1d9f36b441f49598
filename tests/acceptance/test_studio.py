"""The preview studio in a browser: it shows all there is, follows what is saved, and is safe."""

import json
import re
import shutil
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from conftest import ROOT, UNJUDGED, Digest, environment, free_port, page, wait_until
from playwright.sync_api import Browser, FrameLocator, Locator, Page, Route, expect
from samples import HOSTILE
from test_mail_is_safe import as_exported

ADA = "ada@readers.example"
WCAG = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
EARLIER = "2026-01-08"
expect.set_options(timeout=20_000)  # tests run beside one another


@dataclass
class Studio:
    """A studio that runs, and a tab that shows it."""

    digest: Digest
    port: int
    tab: Page
    process: subprocess.Popen[bytes]

    @property
    def mail(self) -> FrameLocator:
        return self.tab.frame_locator("iframe:not(.coming)")

    def paper(self, title: str) -> Locator:
        return self.mail.get_by_role("heading", name=title)

    @property
    def problem(self) -> Locator:
        return self.tab.locator("#problem")

    def open(self, query: str = "") -> None:
        self.tab.goto(f"http://127.0.0.1:{self.port}/{query}")

    def choose(self, group: str, name: str) -> None:
        group_box = self.tab.get_by_role("group", name=group)
        group_box.get_by_role("radio", name=name, exact=True).check()

    def ask(
        self, method: str, path: str, body: str = "", headers: dict[str, str] | None = None
    ) -> tuple[int, str, dict[str, str]]:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=20)
        connection.request(method, path, body, headers or {})
        answer = connection.getresponse()
        found = {name.lower(): value for name, value in answer.getheaders()}
        told = answer.status, answer.read().decode(), found
        connection.close()
        return told

    def edition(self, query: str) -> Any:
        return json.loads(self.ask("GET", f"/edition?{query}")[1])


@contextmanager
def studio_of(
    digest: Digest, browser: Browser, *options: object, port: int = 0
) -> Iterator[Studio]:
    """Serve it, and show it in a tab that has no errors; it ends in good order."""
    port = port or free_port()
    process = digest.start("preview", "--serve", "--no-open", "--port", port, *options)
    tab = browser.new_page(viewport={"width": 1400, "height": 900})
    tab.set_default_timeout(20_000)
    errors: list[str] = []
    tab.on("pageerror", lambda error: errors.append(str(error)))
    try:
        assert process.stdout.readline().decode().startswith(f"http://127.0.0.1:{port}/")
        yield Studio(digest, port, tab, process)
        assert errors == []
    finally:
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=60)
        tab.close()
        assert "Traceback" not in err.decode(), err.decode()
        assert process.returncode == 0


@pytest.fixture(scope="module")
def letter(tmp_path_factory: pytest.TempPathFactory) -> Digest:
    """A newsletter with a reader, an edition of an earlier day, and a draft for today."""
    home = tmp_path_factory.mktemp("letter")
    digest = Digest(home, environment(home) | UNJUDGED)
    (home / "digest.toml").write_text(
        'name = "Tide letter"\nsender = "editor@news.example"\n'
        'public_url = "https://news.example"\n'
        '[audiences.fog]\nquery = "fog"\n'
    )
    digest.add_dump(f"{EARLIER}-page.txt", page("Kites over Calm Water", "Tides of Old"))
    digest.here("subscribers", "add", ADA)
    assert digest.here("ingest").code == 0
    assert digest.here("publish", "--date", EARLIER).code == 0
    digest.add_dump("2026-01-09-page.txt", page("A Grammar of Fog", "Lanterns at Dusk"))
    assert digest.here("ingest").code == 0
    return digest


@pytest.fixture(scope="module")
def shown(letter: Digest, browser: Browser) -> Iterator[Studio]:
    """The studio of that newsletter, for tests that change nothing."""
    with studio_of(letter, browser) as studio:
        yield studio


@pytest.fixture(scope="module")
def judged(letter: Digest, browser: Browser) -> Iterator[Studio]:
    """Another studio of it, which asks SpamAssassin as well."""
    with studio_of(Digest(letter.folder, environment(letter.folder)), browser) as studio:
        yield studio


@pytest.fixture
def own(letter: Digest, tmp_path: Path) -> Digest:
    """A copy of it with templates and themes of its own, for tests that edit."""
    home = tmp_path / "edited"
    shutil.copytree(letter.folder, home)
    shutil.copytree(ROOT / "templates" / "email", home / "look" / "email")
    fog = '[theme.fog]\nlabel = "Fog"\nphrases = ["fog"]\nsection = "language"\n'
    (home / "themes.toml").write_text(fog)
    settings = home / "digest.toml"
    settings.write_text('templates = "look"\nthemes = "themes.toml"\n' + settings.read_text())
    return Digest(home, environment(home) | UNJUDGED)


@pytest.fixture
def edited(own: Digest, browser: Browser) -> Iterator[Studio]:
    """The studio of that copy."""
    with studio_of(own, browser) as studio:
        studio.open()
        expect(studio.paper("A Grammar of Fog")).to_be_visible()
        yield studio


# --- what is shown ------------------------------------------------------------------------------


def test_the_draft_of_today_stands_beside_its_checks(shown):
    shown.open()
    expect(shown.mail.get_by_role("heading", name="A Grammar of Fog")).to_be_visible()
    expect(shown.paper("Kites over Calm Water")).to_have_count(0)
    expect(shown.tab.locator("#standing")).to_have_text("Draft")
    expect(shown.tab.locator("#verdict")).to_have_text("Ready to be published.")
    for title in ("Rules", "Contrast and accessibility", "Size", "Mail programs", "Spam", "Links"):
        expect(shown.tab.get_by_role("heading", name=title, exact=True)).to_be_visible()


def test_an_edition_that_was_published_is_shown_as_it_was_frozen(shown):
    shown.open()
    shown.tab.get_by_role("button", name="Edition before").click()
    expect(shown.paper("Kites over Calm Water")).to_be_visible()
    expect(shown.tab.locator("#standing")).to_have_text("Published")
    assert shown.tab.get_by_label("Date").input_value() == EARLIER
    frozen = shown.digest.here("preview", "--date", EARLIER, "--html").out
    assert shown.edition(f"day={EARLIER}&audience=all")["html"] == frozen
    expect(shown.tab.get_by_role("button", name="Edition before")).to_have_attribute(
        "aria-disabled", "true"
    )


def test_the_mail_is_as_wide_as_its_screen(shown):
    shown.open()
    frame = shown.tab.locator("iframe:not(.coming)")
    for name, width in {"Phone": 375, "Tablet": 768}.items():
        shown.choose("Width", name)
        expect(frame).to_have_class(re.compile(name.lower()))
        assert frame.bounding_box()["width"] == width


def test_the_mail_has_its_own_dark_colours_whatever_the_studio_has(shown):
    shown.open()
    paper = "(node) => getComputedStyle(node).backgroundColor"
    body = shown.mail.locator("body")
    expect(body).to_have_css("background-color", "rgb(255, 253, 248)")
    shown.choose("Colours", "Dark")
    expect(body).to_have_css("background-color", "rgb(25, 23, 20)")
    assert shown.tab.locator("header").evaluate(paper) == "rgb(255, 255, 255)"


def test_text_source_and_headers_are_the_bytes_of_the_mail(shown):
    shown.open()
    printed = shown.tab.locator(".printed")
    expect(shown.mail.locator("h1")).to_be_visible()
    for view, option in {"Text": "--text", "Source": "--html"}.items():
        shown.choose("View", view)
        expect(printed).to_be_visible()
        assert printed.text_content() == shown.digest.here("preview", option).out
    shown.choose("View", "Headers")
    expect(printed).to_contain_text("List-Unsubscribe-Post: List-Unsubscribe=One-Click")


def test_without_images_none_may_load(shown):
    key = shown.edition("day=2026-01-09&audience=all")["key"]
    for query, pictures in {"": "img-src https: data:", "?images=off": "img-src 'none'"}.items():
        _, _, headers = shown.ask("GET", f"/mail/{key}{query}")
        assert pictures in headers["content-security-policy"]
    shown.open("?images=off")
    expect(shown.tab.locator("iframe[src$='?images=off']")).to_be_visible()


def test_a_theme_that_is_picked_comes_into_sight(shown):
    shown.open("?width=phone")
    expect(shown.mail.locator("h2[id]").last).to_be_attached()
    themes = shown.tab.get_by_label("Theme")
    themes.select_option(index=len(themes.locator("option").all()) - 1)
    expect(shown.mail.locator("h2[id]").last).to_be_in_viewport()


def test_the_page_brings_along_what_it_shows_first(shown):
    asked = []
    shown.tab.on("request", lambda request: asked.append(request.url))
    shown.open(f"?day={EARLIER}")
    expect(shown.paper("Kites over Calm Water")).to_be_visible()
    before = next(url for url in asked if "/mail/" in url)
    assert not [url for url in asked[: asked.index(before)] if re.search("choices|edition", url)]


def test_a_mail_that_is_turned_past_is_not_checked(own, browser):
    with studio_of(own, browser) as studio:
        studio.tab.clock.install(time=0)
        studio.tab.clock.pause_at(1_000)
        asked: list[str] = []
        studio.tab.on("request", lambda request: asked.append(request.url))
        studio.open()
        expect(studio.paper("A Grammar of Fog")).to_be_visible()
        studio.tab.get_by_role("button", name="Edition before").click()
        expect(studio.paper("Kites over Calm Water")).to_be_visible()
        assert not [url for url in asked if "/checks/" in url]
        studio.tab.clock.run_for(1_000)
        expect(studio.tab.locator("#verdict")).to_contain_text("Published")
        assert len([url for url in asked if "/checks/" in url]) == 1


def test_editions_beside_the_one_that_is_shown_are_loaded_ahead(shown):
    shown.open()
    expect(shown.tab.locator("iframe.coming")).to_have_count(1)
    asked = []
    shown.tab.on("request", lambda request: asked.append(request.url))
    shown.tab.get_by_role("button", name="Edition before").click()
    expect(shown.paper("Kites over Calm Water")).to_be_visible()
    shown.tab.get_by_role("button", name="Edition after").click()
    expect(shown.paper("A Grammar of Fog")).to_be_visible()
    assert not [url for url in asked if re.search("mail|edition", url)]


def test_so_are_those_behind_them(own, browser):
    assert own.here("publish", "--date", "2026-01-09").code == 0
    own.add_dump("2026-01-10-page.txt", page("Bells under Snow"))
    assert own.here("ingest").code == 0
    with studio_of(own, browser) as studio:
        studio.open()
        expect(studio.tab.locator("iframe.coming")).to_have_count(2)
        asked = []
        studio.tab.on("request", lambda request: asked.append(request.url))
        for title in ("A Grammar of Fog", "Kites over Calm Water"):
            studio.tab.get_by_role("button", name="Edition before").click()
            expect(studio.paper(title)).to_be_visible()
        assert not [url for url in asked if re.search("mail|edition", url)]


def test_an_audience_has_an_edition_of_its_own(shown):
    shown.open()
    expect(shown.paper("Lanterns at Dusk")).to_be_visible()
    shown.tab.get_by_label("Audience").select_option("fog")
    expect(shown.mail.get_by_text("Here because it matches: fog")).to_be_visible()
    expect(shown.paper("Lanterns at Dusk")).to_have_count(0)


def test_a_reader_sees_the_links_of_their_own(shown):
    shown.open()
    reader = shown.tab.get_by_label("Reader")
    reader.fill("ada")
    expect(shown.tab.locator("#readers option")).to_have_attribute("value", ADA)
    reader.fill(ADA)
    reader.press("Enter")
    shown.choose("View", "Headers")
    expect(shown.tab.locator(".printed")).to_contain_text(f"To: {ADA}")
    eml = shown.digest.here("preview", "--to", ADA, "--eml").out
    token = re.search(r"https://news\.example/u/[a-z2-7]+", eml)[0]
    expect(shown.tab.locator(".printed")).to_contain_text(token)


def test_an_answer_that_comes_late_takes_no_reader_away(shown):
    tab = shown.tab
    asked = held_back(tab, "**/readers?*")
    shown.open()
    reader = tab.get_by_label("Reader")
    reader.fill("ad")
    reader.fill("ada")
    tab.evaluate(ROUND_TRIP)
    reader.dispatch_event("focus")  # asks the same once more
    tab.evaluate(ROUND_TRIP)
    *earlier, last = asked
    last.fulfill(json={"addresses": [ADA]})
    suggested = tab.locator("#readers option")
    expect(suggested).to_have_attribute("value", ADA)
    for question in earlier:
        question.fulfill(json={"addresses": []})
    tab.evaluate(ROUND_TRIP)
    assert [option.get_attribute("value") for option in suggested.all()] == [ADA]
    tab.unroute_all()


def held_back(tab: Page, questions: str) -> list[Route]:
    """What is asked from now on, for the test to answer."""
    routes: list[Route] = []

    def hold(route: Route) -> None:
        routes.append(route)

    tab.route(questions, hold)
    return routes


ROUND_TRIP = "fetch('/el.js').then((answer) => answer.text())"
"""Until it is over, what was asked and answered before it has come to where it goes."""


def test_the_checks_say_what_the_linter_says_of_the_same_mail(shown):
    eml = shown.digest.here("preview", "--eml").out
    report = shown.digest("lint", "--json", "-", stdin=eml).document
    (linted,) = report["mails"]
    found = json.loads(shown.ask("GET", f"/checks/{today(shown)['key']}")[1])
    del linted["file"]
    assert found["lint"] == linted
    assert found["size"]["html_encoded"] == linted["sizes"]["html_encoded"]


def today(studio: Studio) -> Any:
    day = json.loads(studio.ask("GET", "/choices?audience=all")[1])["today"]
    return studio.edition(f"day={day}&audience=all")


def test_a_page_that_is_loaded_again_shows_the_same(shown):
    shown.open()
    shown.choose("Width", "Phone")
    shown.choose("View", "Text")
    shown.tab.get_by_label("Audience").select_option("fog")
    expect(shown.tab.locator(".printed")).not_to_contain_text("Lanterns")
    shown.tab.reload()
    expect(shown.tab.locator(".printed")).to_contain_text("Fog")
    assert shown.tab.get_by_label("Audience").input_value() == "fog"
    assert shown.tab.get_by_role("radio", name="Phone").is_checked()


def test_what_was_ingested_meanwhile_is_there_when_the_page_is_loaded_again(edited):
    edited.digest.add_dump("2026-01-10-page.txt", page("Bells under Snow"))
    assert edited.digest.here("ingest").code == 0
    edited.tab.reload()
    expect(edited.paper("Bells under Snow")).to_be_visible()


def test_changes_since_the_last_edition_are_told(shown):
    shown.open()
    changed = shown.tab.get_by_role("region", name="Changed since the last edition")
    expect(changed).to_contain_text("still 2 papers")


# --- what is saved ------------------------------------------------------------------------------


def test_a_template_that_is_saved_is_shown_at_once(edited):
    save(edited, "look/email/digest.html.j2", "In this edition", "Today in the harbour")
    expect(edited.mail.get_by_role("heading", name="Today in the harbour")).to_be_visible()


def test_the_mail_stays_where_it_was_scrolled_to(edited):
    edited.choose("Width", "Phone")
    body = edited.mail.locator("body")
    body.evaluate("(body) => body.ownerDocument.defaultView.scrollTo(0, 300)")
    save(edited, "look/email/digest.html.j2", "In this edition", "Today in the harbour")
    expect(edited.mail.get_by_text("Today in the harbour")).to_be_attached()
    assert body.evaluate("(body) => body.ownerDocument.defaultView.scrollY") == 300


def test_a_broken_template_is_told_beside_the_last_good_mail_and_mends_itself(edited):
    save(edited, "look/email/digest.html.j2", "{{ look.name }}</h1>", "{{ look.name }</h1>")
    expect(edited.problem).to_contain_text("digest.html.j2, line")
    expect(edited.problem.locator(".here")).to_contain_text("{{ look.name }</h1>")
    expect(edited.tab.locator("#verdict")).to_contain_text("last good mail")
    expect(edited.paper("A Grammar of Fog")).to_be_visible()
    save(edited, "look/email/digest.html.j2", "{{ look.name }</h1>", "<i>{{ look.name }}</i></h1>")
    expect(edited.mail.locator("h1 i")).to_have_text("Tide letter")
    expect(edited.problem).to_be_empty()


def test_colours_are_followed(edited):
    save(edited, "look/email/theme.toml", "#fffdf8", "#ffffee")
    expect(edited.mail.locator("body")).to_have_css("background-color", "rgb(255, 255, 238)")


def test_settings_and_themes_are_followed(edited):
    save(edited, "digest.toml", "Tide letter", "Harbour letter")
    expect(edited.mail.locator("h1")).to_have_text("Harbour letter")
    expect(edited.tab.get_by_label("Theme")).to_be_enabled()
    save(edited, "themes.toml", 'phrases = ["fog"]', "phrases = [fog]")
    expect(edited.problem).to_contain_text("themes.toml, line 3")
    expect(edited.problem.locator(".here")).to_contain_text("phrases = [fog]")


def test_settings_that_are_wrong_are_told_without_their_secrets(edited):
    save(edited, "digest.toml", "sender", 'secret = "low tide"\nschedule = "soon"\nsender')
    expect(edited.problem.locator(".here")).to_contain_text('schedule = "soon"')
    edited.tab.get_by_label("One address").fill("me@editors.example")
    edited.tab.get_by_role("button", name="Send").click()
    expect(edited.tab.locator("#sent")).to_contain_text("schedule")
    assert edited.digest.outbox == {}
    expect(edited.problem).not_to_contain_text("low tide")
    save(edited, "digest.toml", 'schedule = "soon"', 'schedule = "0 7 * * *"')
    expect(edited.problem).to_be_empty()


def test_an_editor_that_puts_a_new_file_in_place_is_followed_too(edited):
    path = edited.digest.folder / "digest.toml"
    for name in ("First letter", "Second letter"):
        beside = path.with_suffix(".new")
        beside.write_text(re.sub('name = ".*"', f'name = "{name}"', path.read_text()))
        beside.replace(path)
        expect(edited.mail.locator("h1")).to_have_text(name)


def test_a_folder_of_templates_that_is_replaced_is_followed(edited):
    look = edited.digest.folder / "look"
    for words in ("First", "Second"):
        beside = look.with_name("beside")
        shutil.copytree(ROOT / "templates" / "email", beside / "email")
        blocks = beside / "email" / "digest.html.j2"
        blocks.write_text(blocks.read_text().replace("In this edition", f"{words} of all"))
        shutil.rmtree(look)
        expect(edited.problem).to_contain_text("look: no such folder")
        beside.rename(look)
        expect(edited.mail.get_by_text(f"{words} of all")).to_be_visible()
        expect(edited.problem).to_be_empty()
        save(edited, "look/email/digest.html.j2", f"{words} of all", f"{words} of some")
        expect(edited.mail.get_by_text(f"{words} of some")).to_be_visible()


def test_what_is_folded_open_stays_open(edited):
    fold = edited.tab.get_by_text("List them")
    fold.focus()
    edited.tab.keyboard.press("Enter")
    save(edited, "look/email/digest.html.j2", "In this edition", "Today in the harbour")
    expect(edited.mail.get_by_text("Today in the harbour")).to_be_visible()
    expect(edited.tab.locator(".stale")).to_have_count(0)
    expect(edited.tab.locator("details[open]")).to_have_count(1)
    expect(fold).to_be_focused()


def test_another_mail_never_stands_beside_the_checks_of_the_one_before(edited):
    save(edited, "look/email/digest.html.j2", "In this edition", "Today in the harbour")
    for width in ("Phone", "Tablet", "Desktop"):
        edited.choose("Width", width)
    edited.choose("Images", "Off")
    expect(edited.mail.get_by_text("Today in the harbour")).to_be_visible()
    key = edited.tab.locator("iframe:not(.coming)").get_attribute("src")
    found = json.loads(edited.ask("GET", key.replace("mail", "checks", 1).partition("?")[0])[1])
    told = f"{found['size']['html_encoded']:,} of 90,000 bytes"
    expect(edited.tab.get_by_role("region", name="Size")).to_contain_text(told)
    expect(edited.tab.locator(".stale")).to_have_count(0)


def test_a_link_in_the_mail_opens_beside_and_takes_nothing_away(edited):
    with edited.tab.context.expect_page() as opened:
        edited.mail.get_by_role("link", name="Preferences").click()
    opened.value.close()
    expect(edited.paper("A Grammar of Fog")).to_be_visible()
    edited.choose("Colours", "Dark")
    expect(edited.mail.locator("body")).to_have_css("background-color", "rgb(25, 23, 20)")


def save(studio: Studio, name: str, old: str, new: str) -> None:
    path = studio.digest.folder / name
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


# --- what is wrong when it starts ----------------------------------------------------------------


@pytest.mark.parametrize(
    "change",
    [
        ("digest.toml", "sender", "sendr"),
        ("digest.toml", 'templates = "look"', 'templates = "lost"'),
        ("themes.toml", 'phrases = ["fog"]', "phrases = [fog]"),
        ("look/email/theme.toml", '"#fffdf8"', "fffdf8"),
        ("look/email/digest.html.j2", "{{ look.name }}</h1>", "{{ look.name }</h1>"),
    ],
)
def test_a_mistake_at_the_start_is_told_and_mended_by_the_next_save(own, browser, change):
    name, good, bad = change
    file = own.folder / name
    text = file.read_text()
    file.write_text(text.replace(good, bad, 1))
    with studio_of(own, browser) as studio:
        studio.open()
        line = text.partition(good)[0].count("\n") + 1
        expect(studio.problem).to_contain_text(f"in {file.name}, line {line}")
        expect(studio.problem.locator(".here")).to_contain_text(bad)
        file.write_text(text)
        expect(studio.paper("A Grammar of Fog")).to_be_visible()
        expect(studio.problem).to_be_empty()
        expect(studio.tab.get_by_label("Audience")).to_have_value("all")


def test_what_no_save_can_mend_ends_the_command(own):
    own.environment["DIGEST_SCHEDULE"] = "soon"
    ran = own.here("preview", "--serve", "--no-open", "--port", free_port())
    assert ran.code == 2
    assert "DIGEST_SCHEDULE" in ran.err


# --- what is sent -------------------------------------------------------------------------------


def test_a_test_goes_to_one_address_and_counts_for_nothing(edited):
    before = edited.digest.here("status", "--json").document
    edited.tab.get_by_label("One address").fill("me@editors.example")
    edited.tab.get_by_role("button", name="Send").click()
    expect(edited.tab.locator("#sent")).to_contain_text("Sent to me@editors.example")
    (mail,) = edited.digest.mails
    assert mail["To"] == "me@editors.example"
    assert mail["Subject"].startswith("[Preview] ")
    assert edited.digest.here("status", "--json").document == before


def test_a_test_that_cannot_go_out_says_why(edited):
    shutil.rmtree(edited.digest.folder / "outbox", ignore_errors=True)
    (edited.digest.folder / "outbox").write_text("no folder")
    edited.tab.get_by_label("One address").fill("me@editors.example")
    edited.tab.get_by_role("button", name="Send").click()
    expect(edited.tab.locator("#sent")).to_contain_text("outbox")
    expect(edited.tab.locator("#sent")).to_have_class("bad")


# --- what is not there --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("?day=2025-01-01", "no edition for 2025-01-01"),
        ("?to=nobody@readers.example", "nobody@readers.example is no reader"),
    ],
)
def test_what_cannot_be_shown_is_said_in_one_line(shown, query, told):
    shown.open(query)
    expect(shown.problem).to_contain_text(told)
    expect(shown.tab.locator("iframe")).to_have_count(0)


def test_a_port_that_is_in_use_is_said_in_one_line(shown):
    ran = shown.digest("preview", "--serve", "--no-open", "--port", shown.port)
    assert ran.code == 2
    assert ran.err.count("\n") == 1
    assert f"127.0.0.1:{shown.port}" in ran.err
    assert "--port" in ran.err


def test_no_browser_is_said_in_one_line(digest):
    process = digest.start("preview", "--serve", "--port", free_port())
    told = process.stderr.readline().decode()
    process.kill()
    process.communicate()
    assert told == "There is no browser here: open it in one.\n"


def test_a_browser_that_takes_its_time_keeps_nobody_waiting(own, tmp_path):
    slow, asked = tmp_path / "slow", tmp_path / "asked"
    slow.write_text(f'#!/bin/sh\necho "$1" > {asked}\nexec sleep 20 >/dev/null 2>&1\n')
    slow.chmod(0o755)
    own.environment |= {"BROWSER": f"{slow} %s", "DISPLAY": ":9"}
    port = free_port()
    process = own.start("preview", "--serve", "--port", port)
    address = process.stdout.readline().decode().strip()
    connection = HTTPConnection("127.0.0.1", port, timeout=20)
    connection.request("GET", "/")
    assert "A Grammar of Fog" in connection.getresponse().read().decode()
    connection.close()
    wait_until(lambda: asked.exists() and asked.read_text().strip() == address)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=15)
    assert process.returncode == 0


def test_a_terminal_that_is_closed_leaves_nothing_of_dumps_behind(letter, browser, tmp_path):
    file = tmp_path / "2026-01-12-page.txt"
    file.write_text(page("Bells under Snow", day="Jan 12"))
    stores = tmp_path / "stores"
    stores.mkdir()
    here = Digest(letter.folder, {**letter.environment, "TMPDIR": str(stores)})
    with studio_of(here, browser, "--dumps", file) as studio:
        studio.open()
        expect(studio.paper("Bells under Snow")).to_be_visible()
        assert list(stores.iterdir())
        studio.process.send_signal(signal.SIGHUP)
        assert studio.process.wait(15) == 0
        assert list(stores.iterdir()) == []


def test_dumps_that_are_not_ingested_are_served_as_a_reader_would_get_them(letter, browser):
    file = letter.folder / "later" / "2026-01-12-page.txt"
    file.parent.mkdir(exist_ok=True)
    file.write_text(page("Bells under Snow", day="Jan 12"))
    before = letter.here("status", "--json").document
    with studio_of(letter, browser, "--dumps", file, "--to", ADA) as studio:
        studio.open()
        expect(studio.paper("Bells under Snow")).to_be_visible()
        expect(studio.paper("A Grammar of Fog")).to_have_count(0)
        studio.open(f"?to={ADA}&view=headers")
        expect(studio.tab.locator(".printed")).to_contain_text(f"To: {ADA}")
    assert letter.here("status", "--json").document == before


def test_a_program_that_is_gone_is_missed_and_a_new_one_is_followed(letter, browser):
    port = free_port()
    with studio_of(letter, browser, port=port) as studio:
        studio.open()
        expect(studio.paper("A Grammar of Fog")).to_be_visible()
        tab = browser.new_page()
        tab.goto(f"http://127.0.0.1:{port}/")
        expect(tab.locator("#verdict")).to_have_class("verdict good")
    expect(tab.locator("#said")).to_contain_text("does not answer")
    with studio_of(letter, browser, port=port):
        expect(tab.locator("#said")).to_be_empty()
        tab.get_by_role("radio", name="Off").check()
        mail = tab.frame_locator("iframe[src$='off']:not(.coming)")
        expect(mail.get_by_role("heading", name="A Grammar of Fog")).to_be_visible()
    tab.close()


def test_it_ends_at_once_though_a_relay_is_silent(edited):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        relay = f'transport = "smtp"\nsmtp = {{ port = {silent.getsockname()[1]} }}\n'
        save(edited, "digest.toml", "sender", f"{relay}sender")
        expect(edited.tab.locator("#transport")).to_have_text("smtp")
        edited.tab.get_by_role("button", name="Send").click()
        expect(edited.tab.locator("#sent")).to_have_text("Sending …")
        with silent.accept()[0]:
            edited.process.send_signal(signal.SIGTERM)
            assert edited.process.wait(15) == 0


# --- who may -------------------------------------------------------------------------------------


def test_only_this_machine_by_its_own_name_is_answered(shown):
    assert shown.ask("GET", "/", headers={"Host": "thief.example"})[0] == 400
    assert shown.ask("GET", "/", headers={"Host": f"localhost:{shown.port}"})[0] == 200
    addresses = {row[4][0] for row in socket.getaddrinfo(socket.gethostname(), None)}
    for address in addresses - {"127.0.0.1", "::1"}:
        with socket.socket() as probe:
            assert probe.connect_ex((address, shown.port)) != 0


def test_a_picture_of_another_site_makes_no_edition(shown):
    for dest, status in {"image": 403, "iframe": 403, "document": 200}.items():
        headers = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Dest": dest}
        assert shown.ask("GET", "/", headers=headers)[0] == status


def test_a_page_of_another_site_cannot_keep_it_at_work(shown):
    for site, status in {
        "cross-site": 403,
        "same-site": 403,
        "same-origin": 200,
        "none": 200,
    }.items():
        headers = {"Sec-Fetch-Site": site}
        assert shown.ask("GET", "/choices?audience=all", headers=headers)[0] == status
    assert shown.ask("GET", "/", headers={"Sec-Fetch-Site": "cross-site"})[0] == 200


def test_a_form_of_another_site_sends_nothing(shown):
    body = "day=2026-01-09&audience=all&address=me@editors.example"
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    assert shown.ask("POST", "/test", body, form)[0] == 415
    assert shown.ask("POST", "/test", body, {"Content-Type": "text/plain"})[0] == 415
    assert shown.digest.outbox == {}


def test_pages_forbid_what_they_do_not_need(shown):
    _, _, page_headers = shown.ask("GET", "/")
    assert "default-src 'none'" in page_headers["content-security-policy"]
    assert "script-src 'self'" in page_headers["content-security-policy"]
    key = today(shown)["key"]
    _, _, mail = shown.ask("GET", f"/mail/{key}")
    assert "sandbox allow-same-origin" in mail["content-security-policy"]
    assert "script" not in mail["content-security-policy"]
    for headers in (page_headers, mail):
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["cross-origin-resource-policy"] == "same-origin"
        assert headers["cache-control"] == "no-store"


@pytest.mark.parametrize("path", ["/mail/x", "/checks/x", "/spam/x", "/studio.py", "/../studio.py"])
def test_what_there_is_not_is_not_found(shown, path):
    assert shown.ask("GET", path)[0] == 404


@pytest.mark.parametrize("query", ["", "?day=soon&audience=all", "?day=11302-01-01&audience=all"])
def test_a_question_without_sense_is_answered_with_a_line(shown, query):
    status, body, _ = shown.ask("GET", f"/edition{query}")
    assert status == 503
    assert "is no date" in json.loads(body)["said"]


def test_an_audience_that_there_is_not_is_told(shown):
    assert (
        "there is no audience"
        in shown.edition("day=2026-01-09&audience=none")["problem"]["message"]
    )
    shown.open("?audience=none")
    expect(shown.tab.locator("#said")).to_contain_text("There is no audience none")
    ran = shown.digest("preview", "--serve", "--no-open", "--audience", "none")
    assert ran.code == 2
    assert "there is no audience 'none'" in ran.err


def test_hostile_dumps_do_nothing_to_the_studio(digest, browser):
    texts = HOSTILE
    digest.add_dump("attack.jsonl", as_exported(texts, 0))
    assert digest.here("ingest").code == 0
    with studio_of(digest, browser) as studio:
        asked, dialogs = [], []
        studio.tab.on("request", lambda request: asked.append(request.url))
        studio.tab.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
        studio.open()
        expect(studio.tab.locator("#verdict")).to_have_text("Ready to be published.")
        frame = studio.tab.frames[1]
        assert frame.evaluate("document.scripts.length") == 0
        for view in ("Text", "Source", "Headers", "Mail"):
            studio.choose("View", view)
        for summary in studio.tab.locator("summary").all():
            summary.click()
        names = studio.tab.evaluate("[...document.querySelectorAll('*')].map(e => e.localName)")
        assert set(names) <= OURS
        assert studio.tab.evaluate("window.__xss") is None
        assert dialogs == []
        assert all(url.startswith((f"http://127.0.0.1:{studio.port}/", "data:,")) for url in asked)


OURS = {
    *("html", "head", "meta", "title", "link", "script", "body", "header", "main", "aside", "div"),
    *("h1", "h2", "h3", "p", "a", "b", "code", "span", "pre", "ul", "li", "section", "iframe"),
    *("form", "label", "input", "button", "select", "option", "datalist", "fieldset", "legend"),
    *("table", "thead", "tbody", "tr", "th", "td", "details", "summary", "meter"),
}


# --- for whom -----------------------------------------------------------------------------------


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1400, 700])
def test_everybody_can_use_it(judged, browser, scheme, width):
    tab = browser.new_page(color_scheme=scheme, viewport={"width": width, "height": 900})
    tab.goto(f"http://127.0.0.1:{judged.port}/")
    expect(tab.get_by_role("region", name="Changed since the last edition")).to_be_visible()
    expect(tab.locator("#spam")).not_to_have_text("Asking SpamAssassin …", timeout=60_000)
    for summary in tab.locator("summary").all():
        summary.click()
    for view in ("Mail", "Source"):
        tab.get_by_role("radio", name=view, exact=True).check()
        found = Axe().run(tab, options=WCAG)
        assert found.violations_count == 0, found.generate_report()
    tab.goto(f"http://127.0.0.1:{judged.port}/?day=2025-01-01")
    expect(tab.locator("#problem")).to_contain_text("no edition")
    found = Axe().run(tab, options=WCAG)
    assert found.violations_count == 0, found.generate_report()
    tab.close()


def test_the_whole_tour_goes_by_keyboard(edited):
    keys, tab = edited.tab.keyboard, edited.tab
    expect(tab.locator("#verdict")).to_have_text("Ready to be published.")
    reach(edited, "Edition before")
    keys.press("Enter")
    expect(edited.paper("Kites over Calm Water")).to_be_visible()
    reach(edited, "Edition after")
    keys.press("Enter")
    expect(edited.paper("Lanterns at Dusk")).to_be_visible()
    reach(edited, "Audience")
    keys.press("ArrowDown")
    expect(tab.locator("#subject")).to_contain_text("Tide letter (fog)")
    keys.press("ArrowUp")
    expect(edited.paper("Lanterns at Dusk")).to_be_visible()
    reach(edited, "Theme")
    keys.press("End")
    expect(edited.mail.locator("h2[id]").last).to_be_in_viewport()
    reach(edited, "Reader")
    keys.type(ADA)
    keys.press("Enter")
    reach(edited, "Mail")
    for _ in range(3):
        keys.press("ArrowRight")
    expect(tab.locator(".printed")).to_contain_text(f"To: {ADA}")
    for _ in range(3):
        keys.press("ArrowLeft")
    reach(edited, "Desktop")
    keys.press("ArrowLeft")
    expect(tab.locator("iframe:not(.coming)")).to_have_class(re.compile("tablet"))
    reach(edited, "Light")
    keys.press("ArrowRight")
    expect(edited.mail.locator("body")).to_have_css("background-color", "rgb(25, 23, 20)")
    reach(edited, "On")
    keys.press("ArrowRight")
    expect(tab.locator("iframe[src$='?images=off']:not(.coming)")).to_be_visible()
    reach(edited, "Skip to the checks")
    keys.press("Enter")
    assert tab.evaluate("document.activeElement.id") == "checks"
    reach(edited, "Check them all")
    keys.press("Enter")
    expect(tab.locator("#links li").first).to_be_attached(timeout=60_000)
    reach(edited, "One address")
    keys.press("Control+A")
    keys.type("me@editors.example")
    reach(edited, "Send")
    keys.press("Enter")
    expect(tab.locator("#sent")).to_contain_text("Sent to me@editors.example")


def reach(studio: Studio, name: str) -> None:
    """Press Tab until what is called so has the focus."""
    for _ in range(60):
        studio.tab.keyboard.press("Tab")
        if studio.tab.evaluate(FOCUSED) == name:
            return
    raise AssertionError(f"{name} is not reached")


FOCUSED = """() => {
  const node = document.activeElement;
  const label = node.labels?.[0] ?? node;
  const words = [...label.childNodes].filter((each) => each.nodeType === Node.TEXT_NODE);
  return node.getAttribute("aria-label") ?? words.map((each) => each.textContent).join("").trim();
}"""
