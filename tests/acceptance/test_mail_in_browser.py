"""The mail as Chromium shows it: hostile text does nothing, and everybody can read it."""

from datetime import date
from pathlib import Path

import pytest
from samples import CARD, HOSTILE, LOOK, NASTY_CARDS, TEMPLATES

from digest.model import Edition, Theme
from digest.render import compiler, render

LEGIBLE = (Path(__file__).parent / "legible.js").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def letter(tmp_path_factory):
    """A mail with hostile and endless text in every place."""
    themes = (
        Theme("plain", "Weather", "Sky", (CARD,)),
        Theme("t", HOSTILE[0], "Sky", NASTY_CARDS),
    )
    edition = Edition("all", date(2026, 11, 20), 1, themes)
    file = tmp_path_factory.mktemp("mail") / "mail.html"
    message = render(edition, LOOK, TEMPLATES, compiler(), limit=200_000)
    assert len(message.shown) == len(edition.cards)
    file.write_text(message.html, encoding="utf-8")
    return file.as_uri()


def test_hostile_text_runs_nothing_and_fetches_nothing(browser, letter):
    page = browser.new_page()
    fetched, dialogs = [], []
    page.on("request", lambda request: fetched.append(request.url))
    page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    page.goto(letter)
    for link in page.locator("a").all()[:20]:
        link.hover(force=True)

    assert page.evaluate("window.__xss") is None
    assert fetched == [letter]
    assert dialogs == []
    assert page.locator("script, img, svg, iframe, form, input, base, link, object").count() == 0
    assert page.get_by_text("<script>window.__xss = 1</script>").count() > 0
    page.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 600, 1200])
def test_a_mail_can_be_read_at_every_width_in_every_light(browser, letter, scheme, width):
    page = browser.new_page(viewport={"width": width, "height": 800}, color_scheme=scheme)
    page.goto(letter)

    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate(LEGIBLE) == []
    paper = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (sum(map(int, paper[4:-1].split(","))) > 384) == (scheme == "light")
    page.close()
