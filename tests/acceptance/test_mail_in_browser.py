"""The mail as Chromium shows it: hostile text does nothing, and everybody can read it."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from samples import CARD, HOSTILE, LOOK, NASTY_CARDS, TEMPLATES

from digest.model import Edition, Theme, Tier
from digest.render import compiler, render

# Where the text of an element begins and ends, and the widths of its borders at the sides.
EDGES = """(node) => {
  const range = document.createRange();
  range.selectNodeContents(node);
  const box = range.getBoundingClientRect();
  return [box.left, box.right];
}"""
BORDERS = "(node) => ['Left', 'Right'].map((side) => getComputedStyle(node)[`border${side}Width`])"
LEGIBLE = (Path(__file__).parent / "legible.js").read_text(encoding="utf-8")


EDITION = Edition(
    *("all", date(2026, 11, 20), 1),
    (
        Theme("plain", "Weather", "Sky", (CARD, replace(CARD, ref="p1", tier=Tier.LINE))),
        Theme("t", HOSTILE[0], "Sky", NASTY_CARDS),
        Theme("u", "Rain", "Sky", tuple(replace(card, tier=Tier.LINE) for card in NASTY_CARDS)),
    ),
)


@pytest.fixture(scope="module")
def letters(tmp_path_factory):
    """A mail with hostile and endless text in every place, in a language of each direction."""
    found = {}
    for locale in ("en", "ar"):
        file = tmp_path_factory.mktemp("mail") / f"{locale}.html"
        look = replace(LOOK, locale=locale, imprint="Donaudampfschiff" * 20)
        message = render(EDITION, look, TEMPLATES, compiler(), limit=300_000)
        assert len(message.shown) == len(EDITION.cards)
        file.write_text(message.html, encoding="utf-8")
        found[locale] = file.as_uri()
    return found


@pytest.fixture
def letter(letters):
    return letters["en"]


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
@pytest.mark.parametrize("width", [320, 375, 600, 1200])
@pytest.mark.parametrize("locale", ["en", "ar"])
def test_a_mail_can_be_read_at_every_width_in_every_light(browser, letters, scheme, width, locale):
    page = browser.new_page(viewport={"width": width, "height": 800}, color_scheme=scheme)
    page.goto(letters[locale])

    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate(LEGIBLE) == []
    paper = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (sum(map(int, paper[4:-1].split(","))) > 384) == (scheme == "light")
    page.close()


@pytest.mark.parametrize("width", [320, 600])
@pytest.mark.parametrize("locale", ["en", "ar"])
def test_a_fingertip_finds_every_link(browser, letters, width, locale):
    """24 px each way (WCAG 2.2, 2.5.8), with no exception for links in a row."""
    page = browser.new_page(viewport={"width": width, "height": 800})
    page.goto(letters[locale])
    boxes = page.locator("a").evaluate_all(
        """(links) => links.map((a) => [a.getBoundingClientRect().width,
        ...[...a.getClientRects()].map((line) => line.height)])"""
    )
    assert len(boxes) > 50
    assert min(map(min, boxes)) >= 24
    page.close()


def test_a_mail_is_read_without_its_style_sheet_too(browser, letter):
    """Some programs drop it: what stands inline has to do."""
    page = browser.new_page(viewport={"width": 320, "height": 800})
    page.goto(letter)
    page.evaluate("document.querySelectorAll('style').forEach((sheet) => sheet.remove())")

    assert page.evaluate(LEGIBLE) == []
    title, lead = page.locator("h3 a").first, page.locator("h3 ~ p").nth(1)
    size = "(node) => parseFloat(getComputedStyle(node).fontSize)"
    assert title.evaluate(size) > lead.evaluate(size) >= 16
    page.close()


def test_a_mail_from_right_to_left_is_mirrored(browser, letters):
    edges = {}
    for locale, letter in letters.items():
        page = browser.new_page(viewport={"width": 600, "height": 800})
        page.goto(letter)
        edges[locale] = [
            page.locator(place).first.evaluate(EDGES)
            for place in ("h1", "h2", "h3", "h3 ~ p", "p.r")
        ]
        assert page.locator("p.r").first.evaluate(BORDERS)[locale == "ar"] == "3px"
        page.close()
    for (left, _), (_, right) in zip(edges["en"], edges["ar"], strict=True):
        assert right == pytest.approx(600 - left, abs=1)
        assert 20 <= left < 40
