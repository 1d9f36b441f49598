"""Rules for whoever reads the HTML: by eye, in the dark, on a phone, or by ear."""

import re
import unicodedata
from collections.abc import Iterator

from digest.lint.mail import HEADINGS, Mail
from digest.lint.page import Element
from digest.lint.rule import ERROR, WARNING, Hits, rule
from digest.lint.safety import place
from digest.lint.style import Look, contrast

RIGHT_TO_LEFT = {"ar", "arc", "ckb", "dv", "fa", "he", "ps", "sd", "ug", "ur", "yi"}
PREHEADER = 110
FILLER = re.compile("[\u00a0\u00ad\u034f\u061c\u2000-\u200f\u2028-\u202e\u2060-\u2064\u3164\ufeff]")
LEAST_SIZE = 14
LEAST_CONTRAST = 4.5
LEAST_OF_LARGE = 3.0
LARGE, LARGE_BOLD = 24, 18.66  # px: what WCAG calls large
NAMES = ("aria-labelledby", "aria-describedby")


@rule("html-lang", ERROR, "<html> says its language (WCAG 3.1.1)")
def html_lang(mail: Mail) -> Hits:
    if mail.html and not any(each.get("lang").strip() for each in mail.tags("html")):
        yield "text/html", "there is no <html lang>"


@rule("html-dir", WARNING, "<html> says its direction, and right-to-left languages run so")
def html_dir(mail: Mail) -> Hits:
    for element in mail.tags("html"):
        if not element.get("dir"):
            yield place(element), "it has no dir"
        elif _language(element) in RIGHT_TO_LEFT and element.get("dir") == "ltr":
            yield place(element), f"{element.get('lang')} runs from right to left"


def _language(element: Element) -> str:
    return element.get("lang").partition("-")[0].lower()


@rule("html-title", ERROR, "the HTML has a title (WCAG 2.4.2)")
def html_title(mail: Mail) -> Hits:
    if mail.html and not any(each.text for each in mail.tags("title")):
        yield "text/html", "its <title> is missing or empty"


@rule("html-charset", WARNING, "the HTML says its charset, for those who save it")
def html_charset(mail: Mail) -> Hits:
    said = [each.get("charset") or each.get("content") for each in mail.tags("meta")]
    if mail.html and not any("utf-8" in each.lower() for each in said):
        yield "text/html", "no <meta> says UTF-8"


@rule("html-viewport", WARNING, "the HTML fits itself to a phone")
def html_viewport(mail: Mail) -> Hits:
    if mail.html and not _meta(mail, "viewport"):
        yield "text/html", "there is no <meta> viewport"


def _meta(mail: Mail, name: str) -> str:
    found = (each.get("content") for each in mail.tags("meta") if each.get("name").lower() == name)
    return next(found, "")


@rule(
    "color-scheme", WARNING, "the HTML says that it knows the dark, so that no program inverts it"
)
def color_scheme(mail: Mail) -> Hits:
    if mail.html and "dark" not in _meta(mail, "color-scheme"):
        yield "text/html", "there is no <meta> color-scheme with dark"


@rule(
    "dark-colours",
    WARNING,
    "the style for the dark paints text and background, or one meets the other's",
)
def dark_colours(mail: Mail) -> Hits:
    painted = {name for each in mail.rules if each.dark for name in each.declared}
    if mail.html and not ("color" in painted and painted & {"background", "background-color"}):
        missing = "text" if "color" not in painted else "background"
        yield "text/html, <style>", f"no colour of the {missing} in the dark"


@rule(
    "preheader",
    WARNING,
    "hidden words of 110 characters at most begin the mail, for lists of mails",
)
def preheader(mail: Mail) -> Hits:
    for look, text in _texts(mail, dark=False):
        if look.is_seen:
            yield "text/html", "no hidden words come first"
        elif len(text) > PREHEADER:
            yield "text/html", f"they have {len(text)} characters"
        return


@rule(
    "img-alt",
    ERROR,
    'a picture has words in its place, or alt="" where it says nothing (WCAG 1.1.1)',
)
def img_alt(mail: Mail) -> Hits:
    for image in mail.tags("img"):
        if "alt" not in image.attributes:
            yield place(image), f"<img> {image.get('src')[:60]}"


@rule("img-size", WARNING, "a picture says its width and height, or the page jumps when it comes")
def img_size(mail: Mail) -> Hits:
    for image in mail.tags("img"):
        if not (image.get("width") and image.get("height")):
            yield place(image), f"<img> {image.get('src')[:60]}"


@rule(
    "table-role",
    ERROR,
    'a table that is there for the layout says role="presentation" to those who listen',
)
def table_role(mail: Mail) -> Hits:
    for table in mail.tags("table"):
        if table.get("role") not in {"presentation", "none"} and not _has_data(table):
            yield place(table), "<table> without a role"


def _has_data(table: Element) -> bool:
    named = (each for each in table if each.tag in {"th", "caption"})
    return any(next(up for up in each.above if up.tag == "table") is table for each in named)


@rule("heading-order", WARNING, "headings begin with one h1 and leave out no level (WCAG 1.3.1)")
def heading_order(mail: Mail) -> Hits:
    levels = [(each, HEADINGS.index(each.tag) + 1) for each in mail.tags(*HEADINGS)]
    before = 0
    for heading, level in levels:
        if level > before + 1 or (level == 1 and before):
            yield place(heading), f"h{level} after {f'h{before}' if before else 'nothing'}"
        before = level
    if mail.html and not levels:
        yield "text/html", "there is no heading"


@rule("link-name", ERROR, "a link has words (WCAG 2.4.4)")
def link_name(mail: Mail) -> Hits:
    for link in mail.links:
        if not words_of(link):
            yield place(link), f"a link to {link.get('href')[:60]}"


@rule(
    "link-twins",
    WARNING,
    "links of the same words lead to the same place: lists of links are read aloud",
)
def link_twins(mail: Mail) -> Hits:
    first: dict[str, str] = {}
    for link in mail.links:
        words, href = words_of(link).lower(), link.get("href")
        told_apart = not words or any(map(link.get, NAMES))
        if first.setdefault(words, href) != href and not told_apart:
            yield place(link), f"{words_of(link)[:40]!r} leads elsewhere before"


def words_of(link: Element) -> str:
    """What is read aloud of a link."""
    pictures = " ".join(each.get("alt") for each in link if each.tag == "img")
    return link.get("aria-label").strip() or f"{link.text} {pictures}".strip()


@rule("text-size", WARNING, "text has 14 px at least")
def text_size(mail: Mail) -> Hits:
    for look, text in _texts(mail, dark=False):
        if look.is_seen and look.size < LEAST_SIZE:
            yield "text/html", f"{text[:40]!r} has {look.size:.4g} px"


@rule(
    "contrast",
    ERROR,
    "text stands out from its background by 4.5 to 1, large text by 3 to 1 (WCAG 1.4.3)",
)
def contrast_in_light(mail: Mail) -> Hits:
    yield from _faint(mail, dark=False)


@rule(
    "contrast-dark",
    ERROR,
    "text stands out in the dark too, where there is a style for it (WCAG 1.4.3)",
)
def contrast_in_dark(mail: Mail) -> Hits:
    if any(each.dark for each in mail.rules):
        yield from _faint(mail, dark=True)


def _faint(mail: Mail, *, dark: bool) -> Hits:
    for look, text in _texts(mail, dark=dark):
        if not look.is_seen or look.colour is None or look.background is None:
            continue
        is_large = look.size >= (LARGE_BOLD if look.bold else LARGE)
        found = contrast(look.colour, look.background)
        if found < (LEAST_OF_LARGE if is_large else LEAST_CONTRAST):
            yield "text/html", f"{text[:40]!r} has {found:.2f} to 1"


def _texts(mail: Mail, *, dark: bool) -> Iterator[tuple[Look, str]]:
    """Yield each text of the body that has letters or digits, and how it looks."""
    for element, look in mail.looks(dark=dark):
        for child in element.children:
            if isinstance(child, str):
                text = " ".join(FILLER.sub("", child).split())
                if any(map(str.isalnum, text)):
                    yield look, text


@rule(
    "bidi",
    WARNING,
    "a title that runs the other way is set apart by <bdi> or dir, or it mixes up its line",
)
def bidi(mail: Mail) -> Hits:
    page_is_rtl = any(_runs_left(each) for each in mail.tags("html"))
    for element in (*mail.tags(*HEADINGS), *mail.links):
        strong = _first_strong(element.text)
        if strong and (strong != "L") != page_is_rtl and not _is_apart(element):
            yield place(element), f"{element.text[:40]!r} runs the other way"


def _runs_left(html: Element) -> bool:
    return html.get("dir") == "rtl" or (
        html.get("dir") != "ltr" and _language(html) in RIGHT_TO_LEFT
    )


def _first_strong(text: str) -> str | None:
    found = (unicodedata.bidirectional(letter) for letter in text)
    return next((each for each in found if each in {"L", "R", "AL"}), None)


def _is_apart(element: Element) -> bool:
    around = (each for each in element.above if each.tag not in {"html", "body"})
    return any(each.tag == "bdi" or "dir" in each.attributes for each in (*around, *element))


RULES = (
    html_lang,
    html_dir,
    html_title,
    html_charset,
    html_viewport,
    color_scheme,
    dark_colours,
    preheader,
    img_alt,
    img_size,
    table_role,
    heading_order,
    link_name,
    link_twins,
    text_size,
    contrast_in_light,
    contrast_in_dark,
    bidi,
)
