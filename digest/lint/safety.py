"""Rules about what a mail may do and where it may lead.

They read addresses as browsers do and not by `look.web`, which made the links of our own mails: a
guard that asks the maker finds no mistake of his.
"""

import re
from collections.abc import Iterator

from digest.lint.mail import Mail, scheme
from digest.lint.page import Element
from digest.lint.rule import ERROR, WARNING, Hits, rule
from digest.lint.style import declarations

ACTIVE = (
    *("script", "iframe", "frame", "frameset", "object", "embed", "applet", "portal", "base"),
    *("form", "input", "button", "textarea", "select"),
)
ADDRESSES = (
    *("href", "src", "action", "formaction", "background", "poster", "xlink:href", "data"),
    *("cite", "longdesc", "srcset"),
)
LINKED = {"http", "https", "mailto"}
SHOWN = {"http", "https", "cid"}  # what a picture may be
TINY = 2  # px of a picture that nobody is meant to see
LOADED = re.compile(r"@import\b|@font-face\b|url\(\s*[\"']?\s*(?:https?:)?//", re.IGNORECASE)
HOST_IN_WORDS = re.compile(r"(?:https?://)?((?:[\w-]+\.)+[a-z]{2,})(?:[/?#:]\S*)?", re.IGNORECASE)


def place(element: Element) -> str:
    return f"text/html, line {element.line}"


@rule(
    "html-active",
    ERROR,
    "nothing in a mail runs or takes input: programs drop it and distrust the mail",
)
def html_active(mail: Mail) -> Hits:
    for element in mail.elements:
        refresh = element.tag == "meta" and element.get("http-equiv").lower() == "refresh"
        if element.tag in ACTIVE or refresh:
            yield place(element), f"<{element.tag}>"
        for name in element.attributes:
            if name.startswith("on"):
                yield place(element), f"{name} of <{element.tag}>"


@rule("html-loads", ERROR, "a mail loads no style sheet, font or background picture from elsewhere")
def html_loads(mail: Mail) -> Hits:
    for element in mail.tags("link"):
        if {"stylesheet", "preload", "import"} & set(element.get("rel").lower().split()):
            yield place(element), f"<link> to {element.get('href')[:80]}"
    if found := LOADED.search(mail.css):
        yield "text/html, <style>", found[0]
    for element in mail.elements:
        if found := LOADED.search(element.get("style")):
            yield place(element), found[0]


@rule("tracking-pixel", ERROR, "no picture is there to report that the mail was read")
def tracking_pixel(mail: Mail) -> Hits:
    for image in mail.tags("img"):
        if scheme(_clean(image.get("src"))) in {"http", "https"} and _is_tiny(image):
            yield place(image), f"a picture that cannot be seen, from {image.get('src')[:80]}"


def _is_tiny(image: Element) -> bool:
    style = declarations(image.get("style"))
    sizes = (*(image.get(side) or style.get(side, "") for side in ("width", "height")),)
    numbers = [re.match(r"\d+", size) for size in sizes]
    hidden = style.get("display") == "none" or style.get("visibility") == "hidden"
    return hidden or any(found and int(found[0]) <= TINY for found in numbers)


@rule(
    "remote-picture",
    WARNING,
    "pictures from elsewhere tell when and where a mail is read; many programs hide them",
)
def remote_picture(mail: Mail) -> Hits:
    for image in mail.tags("img"):
        if scheme(_clean(image.get("src"))) in {"http", "https"} and not _is_tiny(image):
            yield place(image), image.get("src")[:80]


@rule(
    "link-scheme",
    ERROR,
    "links lead to http, https and mailto only, and pictures are from there or within the mail",
)
def link_scheme(mail: Mail) -> Hits:
    for element, name, url in _addresses(mail):
        allowed = LINKED if element.tag in {"a", "area", "link"} else SHOWN
        if not url.startswith("#") and scheme(url) not in allowed:
            yield place(element), f"{name}={url[:60]!r}"


@rule(
    "link-password", ERROR, "no link holds a user name or password: it dresses a host up as another"
)
def link_password(mail: Mail) -> Hits:
    for element, _, url in _addresses(mail):
        if scheme(url) in {"http", "https"} and "@" in _host(url):
            yield place(element), url[:80]


@rule(
    "link-host",
    ERROR,
    "a host outside ASCII is written as its A-label: its letters may look like others",
)
def link_host(mail: Mail) -> Hits:
    for element, _, url in _addresses(mail):
        if not _host(url).isascii():
            yield place(element), _host(url)


@rule(
    "text-host",
    WARNING,
    "an address in the text has no password and a host in ASCII: programs make links of it",
)
def text_host(mail: Mail) -> Hits:
    for url in mail.text_urls:
        if "@" in _host(url) or not _host(url).isascii():
            yield "text/plain", url[:80]


@rule("link-disguise", WARNING, "a link whose words are an address leads to that host")
def link_disguise(mail: Mail) -> Hits:
    for link in mail.links:
        shown = HOST_IN_WORDS.fullmatch(link.text)
        host = _host(link.get("href")).rpartition("@")[2].partition(":")[0].lower()
        if shown and host and shown[1].lower().removeprefix("www.") != host.removeprefix("www."):
            yield place(link), f"{link.text[:40]} leads to {host}"


@rule("link-anchor", WARNING, "a link within the mail leads to something that is there")
def link_anchor(mail: Mail) -> Hits:
    there = {each.get(name) for each in mail.elements for name in ("id", "name")}
    for link in mail.links:
        target = link.get("href").strip()
        if target.startswith("#") and target[1:] not in there:
            yield place(link), f"there is no {target}"


def _addresses(mail: Mail) -> Iterator[tuple[Element, str, str]]:
    """Yield what each address of the HTML stands in, and the address as a browser takes it."""
    for element in mail.elements:
        for name in ADDRESSES:
            if name in element.attributes and element.tag not in ACTIVE:
                yield element, name, _clean(element.get(name))


def _clean(url: str) -> str:
    """Drop what browsers drop: blanks and controls around it, tabs and line ends within."""
    return re.sub(r"[\t\r\n]", "", url.strip("".join(map(chr, range(33)))))


def _host(url: str) -> str:
    """What stands between // and the path, credentials and port included."""
    found = re.match(r"[a-zA-Z][a-zA-Z0-9+.-]*:[/\\]{2}([^/\\?#]*)", url)
    return found[1] if found else ""


RULES = (
    html_active,
    html_loads,
    tracking_pixel,
    remote_picture,
    link_scheme,
    link_password,
    link_host,
    text_host,
    link_disguise,
    link_anchor,
)
