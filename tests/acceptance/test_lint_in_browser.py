"""The colours and sizes that the linter works out are those that Chromium shows."""

import pytest
from conftest import DUMPS
from playwright.sync_api import Browser

from digest.lint.mail import Mail

SHOWN = """() => {
  const ground = (e) => {
    for (; e; e = e.parentElement) {
      const colour = getComputedStyle(e).backgroundColor;
      if (colour !== 'rgba(0, 0, 0, 0)') return colour;
    }
  };
  const numbers = (colour) => colour.match(/\\d+/g).slice(0, 3).map(Number);
  const isWords = (n) => n.nodeType === 3 && /[\\p{L}\\p{N}]/u.test(n.data);
  const says = (e) => [...e.childNodes].some(isWords);
  return [...document.body.querySelectorAll('*')].filter(says).map((e) => {
    const style = getComputedStyle(e);
    return {
      colour: numbers(style.color),
      background: numbers(ground(e)),
      size: parseFloat(style.fontSize),
      bold: Number(style.fontWeight) >= 600,
      seen: e.checkVisibility(),
    };
  });
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("locale", ["en", "ar"])
def test_looks_are_those_of_a_browser(make_app, browser: Browser, scheme, locale):
    app = make_app(dumps=DUMPS, locale=locale, public_url="https://news.example.org")
    app.run()
    found = app.preview(app.today)
    assert found is not None
    page = browser.new_page(color_scheme=scheme)
    page.set_content(found.html)
    shown = page.evaluate(SHOWN)
    page.close()
    assert [worked_out(look) for look in looks(found.mail, dark=scheme == "dark")] == shown
    assert len(shown) > 100


def looks(mail, *, dark):
    for element, look in Mail(mail).looks(dark=dark):
        texts = [child for child in element.children if isinstance(child, str)]
        if any(map(str.isalnum, "".join(texts))):
            yield look


def worked_out(look):
    return {
        "colour": [*map(round, look.colour)],
        "background": [*map(round, look.background)],
        "size": look.size,
        "bold": look.bold,
        "seen": not look.hidden,
    }
