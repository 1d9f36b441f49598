"""The archive as Chromium shows it from a folder: safe, and readable everywhere."""

from datetime import date
from pathlib import Path

import pytest
from samples import CARD, HOME, HOSTILE, NASTY_CARDS, TEMPLATES

from digest.archive import pages
from digest.model import Edition, Theme

LEGIBLE = (Path(__file__).parent / "legible.js").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """An archive with hostile and endless text in every place."""
    themes = (
        Theme("sky", HOSTILE[0], "Sky", (CARD,)),
        Theme("t", "Rain" * 30, "Sky", NASTY_CARDS),
    )
    shelves = [Edition("all", date(2026, 11, day), 1, themes) for day in (18, 19, 20)]
    quiet = {date(2026, 11, 17): HOSTILE[1]}
    folder = tmp_path_factory.mktemp("archive")
    for path, text in pages(shelves, quiet, HOME, TEMPLATES).items():
        (folder / path).parent.mkdir(exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
    return folder.as_uri()


PATHS = ["index.html", "editions/2026-11-19.html"]


@pytest.mark.parametrize("path", PATHS)
def test_hostile_text_runs_nothing_and_fetches_nothing(browser, site, path):
    page = browser.new_page()
    fetched, dialogs = [], []
    page.on("request", lambda request: fetched.append(request.url))
    page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    page.goto(f"{site}/{path}")

    assert page.evaluate("window.__xss") is None
    assert fetched == [f"{site}/{path}", f"{site}/style.css"]
    assert dialogs == []
    assert page.locator("script, img, svg, iframe, form, input, base, style, object").count() == 0
    assert page.get_by_text("<script>window.__xss = 1</script>").count() > 0
    page.close()


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1200])
def test_a_page_can_be_read_at_every_width_in_every_light(browser, site, path, scheme, width):
    page = browser.new_page(viewport={"width": width, "height": 800}, color_scheme=scheme)
    page.goto(f"{site}/{path}")

    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate(LEGIBLE) == []
    paper = page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
    assert (sum(map(int, paper[4:-1].split(","))) > 384) == (scheme == "light")
    page.close()


def test_a_reader_can_walk_through_the_archive(browser, site):
    page = browser.new_page()
    page.goto(f"{site}/index.html")
    page.get_by_role("link", name="Friday, 20 November 2026").click()
    page.get_by_role("link", name="Older: 19 Nov 2026").click()
    assert page.get_by_role("heading", level=1).inner_text() == "Thursday, 19 November 2026"
    page.get_by_role("link", name="All editions").click()
    assert page.url == f"{site}/index.html"
    page.close()
