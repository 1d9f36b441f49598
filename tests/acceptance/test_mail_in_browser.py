"""The mail as Chromium shows it: hostile text does nothing, and everybody can read it."""

import shutil
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

from digest.model import Card, Edition, Theme
from digest.render import Look, compiler, render

ROOT = Path(__file__).parents[2]
TEMPLATES = ROOT / "templates"
HOSTILE = (ROOT / "tests" / "hostile.txt").read_text(encoding="utf-8").splitlines()
LEGIBLE = (Path(__file__).parent / "legible.js").read_text(encoding="utf-8")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")

pytestmark = pytest.mark.skipif(not CHROMIUM, reason="Chromium is not installed")

LOOK = Look("R&D letter", "Ada <ada@lab.example>", "You asked for it.", "https://lab.example/a/")
CARD = Card(
    ref="p0",
    title="Hearing Rain Before It Falls",
    lead="We train a microphone to know rain by the birds that stop singing.",
    finding="It is 20 minutes ahead of a barometer.",
    authors=("Ines Mora", "Kofi Adu"),
    author_count=9,
    organization="Tidal Institute",
    published=date(2026, 11, 18),
    upvotes=7,
    comments=1,
    url="https://papers.example/rain",
    code_url="https://code.example/rain",
    keywords=("rain",),
)


@pytest.fixture(scope="module")
def browser():
    with sync_playwright() as playwright:
        flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=flags)
        yield chromium
        chromium.close()


@pytest.fixture(scope="module")
def letter(tmp_path_factory):
    """A mail with hostile and endless text in every place."""
    texts = [*HOSTILE, "Donaudampfschifffahrt" * 12, "漢字" * 60]
    cards = [
        replace(CARD, ref=f"p{i}", title=x, lead=x, finding=x, authors=(x, x), organization=x)
        for i, x in enumerate(texts)
    ]
    themes = (
        Theme("plain", "Weather", "Sky", (CARD,)),
        Theme("t", HOSTILE[0], "Sky", tuple(cards)),
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
