"""Rules about the two parts: what they are, how large, and whether they say the same."""

import re
from collections.abc import Iterator

from digest.lint.lists import uris
from digest.lint.mail import AFTER_URL, HEADINGS, URL, Mail, Part
from digest.lint.rule import ERROR, WARNING, Hits, rule

WIDTH = 78
STUB = 0.3  # of the words of the HTML
FOREIGN = 0.1  # of the bytes: below it base64 hides what could be read
CLIPPED = 102_400  # Gmail cuts what comes after
GOAL = 90_000
LEAST_REASON = 8  # words
LABEL = 60  # characters before an address that may say what it is for
FOOT = 700  # characters
LEAVING = re.compile(
    r"unsubscri|opt.?out|abmeld|abbestell|d[ée]s(inscri|abonn)|afmeld|cancell?a|uitschrijv",
    re.IGNORECASE,
)
MARGIN = " \t*-"  # around a line or before an item
WORD = re.compile(r"[\u2e80-\ua4ff]|[^\W\u2e80-\ua4ff]+")  # Chinese has no blanks between words
UNSEEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


@rule(
    "alternative",
    ERROR,
    "the parts are alternatives: text/plain first, text/html last (RFC 2046 §5.1.4)",
)
def alternative(mail: Mail) -> Hits:
    found = [
        each for each in mail.message.walk() if each.get_content_type() == "multipart/alternative"
    ]
    if not found:
        yield "the mail", f"it is {mail.message.get_content_type()} with no alternatives"
    for each in found[:1]:
        inner = each.get_payload() if each.is_multipart() else []
        kinds = [part.get_content_type() for part in inner if not isinstance(part, str)]
        if kinds[:1] != ["text/plain"] or kinds[-1:] not in (["text/html"], ["multipart/related"]):
            yield "multipart/alternative", f"it holds {', '.join(kinds) or 'nothing'}"


@rule(
    "attachment", WARNING, "a newsletter has no parts but these two: filters distrust attachments"
)
def attachment(mail: Mail) -> Hits:
    for part in mail.parts:
        if part not in (mail.text, mail.html):
            yield part.kind, "it is neither the text nor the HTML"


@rule("charset", ERROR, "a part's bytes are what its charset says")
def charset(mail: Mail) -> Hits:
    for part in _shown(mail):
        if not part.is_readable:
            yield part.kind, f"it is not {part.charset}"


@rule("charset-utf-8", WARNING, "both parts are UTF-8")
def charset_utf_8(mail: Mail) -> Hits:
    for part in _shown(mail):
        if part.charset not in {"utf-8", "us-ascii"}:
            yield part.kind, f"it is {part.charset}"


@rule(
    "base64",
    WARNING,
    "base64 is for text that is mostly not ASCII: elsewhere spam filters suspect it",
)
def base64(mail: Mail) -> Hits:
    for part in _shown(mail):
        foreign = len(part.decoded.translate(None, bytes(range(128))))
        if part.encoding == "base64" and foreign <= FOREIGN * len(part.decoded):
            yield part.kind, f"{foreign} of {len(part.decoded):,} bytes are not ASCII"


@rule(
    "html-size",
    ERROR,
    "the HTML is 102,400 bytes at most, encoded and decoded: Gmail cuts off the rest",
)
def html_size(mail: Mail) -> Hits:
    if mail.html and _size(mail.html) > CLIPPED:
        yield "text/html", f"{_size(mail.html):,} bytes"


@rule("html-goal", WARNING, "the HTML is better below 90,000 bytes: links grow on their way")
def html_goal(mail: Mail) -> Hits:
    if mail.html and GOAL < _size(mail.html) <= CLIPPED:
        yield "text/html", f"{_size(mail.html):,} bytes"


def _size(part: Part) -> int:
    return max(len(part.body), len(part.decoded))


@rule(
    "text-unseen", ERROR, "no control character and no bidirectional override stands in the parts"
)
def text_unseen(mail: Mail) -> Hits:
    for part in _shown(mail):
        if found := UNSEEN.search(part.text):
            line = part.text[: found.start()].count("\n") + 1
            yield f"{part.kind}, line {line}", f"U+{ord(found[0]):04X}"


@rule("text-width", WARNING, "text is wrapped at 78, and a longer address stands alone on its line")
def text_width(mail: Mail) -> Hits:
    for number, line in enumerate(mail.text.text.split("\n") if mail.text else (), start=1):
        if len(line) > WIDTH and " " in line.strip(MARGIN):
            yield f"text/plain, line {number}", f"{len(line)} characters"


@rule(
    "text-flowed",
    WARNING,
    "flowed text puts a blank before From, which some relays change (RFC 3676 §4.4)",
)
def text_flowed(mail: Mail) -> Hits:
    lines = mail.text.text.split("\n") if mail.text and mail.text.is_flowed else ()
    for number, line in enumerate(lines, start=1):
        if line.startswith("From "):
            yield f"text/plain, line {number}", "it begins with From"


@rule("text-stub", ERROR, "the text says what the HTML says")
def text_stub(mail: Mail) -> Hits:
    text, page = len(WORD.findall(mail.words_of_text)), len(WORD.findall(mail.words_of_page))
    if mail.text and text < STUB * page:
        yield "text/plain", f"it has {text:,} words, and the HTML {page:,}"


@rule("same-titles", ERROR, "every heading of the HTML stands in the text")
def same_titles(mail: Mail) -> Hits:
    for heading in mail.tags(*HEADINGS) if mail.text else ():
        if heading.text and heading.text not in mail.words_of_text:
            yield f"text/html, line {heading.line}", f"{heading.text[:60]!r} is not in the text"


@rule("same-links", WARNING, "text and HTML lead to the same places")
def same_links(mail: Mail) -> Hits:
    if not (mail.text and mail.html):
        return
    places = {link.get("href").strip() for link in mail.links}
    for link in mail.links:
        href = link.get("href").strip()
        if URL.match(href) and href not in mail.text.text:
            yield f"text/html, line {link.line}", f"{href[:80]} is not in the text"
    for url in mail.text_urls:
        if url not in places and url not in mail.words_of_page:
            yield "text/plain", f"{url[:80]} is not in the HTML"


@rule("unsubscribe-link", ERROR, "both parts show how to leave")
def unsubscribe_link(mail: Mail) -> Hits:
    known = uris(mail.first("List-Unsubscribe"))
    if mail.text and not any(_leads_out(*each, known) for each in _urls_and_words(mail.text.text)):
        yield "text/plain", "it has no address for leaving"
    if mail.html and not any(_leads_out(a.get("href"), a.text, known) for a in mail.links):
        yield "text/html", "it has no link for leaving"


def _urls_and_words(text: str) -> Iterator[tuple[str, str]]:
    """Yield each address with the words that stand before it."""
    for found in URL.finditer(text):
        yield found[0].rstrip(AFTER_URL), text[max(found.start() - LABEL, 0) : found.start()]


def _leads_out(url: str, words: str, known: list[str]) -> bool:
    return url in known or bool(LEAVING.search(url) or LEAVING.search(words))


@rule("reason", WARNING, "the foot of both parts says why the reader gets the mail")
def reason(mail: Mail) -> Hits:
    for kind, words, known in (
        ("text/plain", mail.words_of_text, mail.text),
        ("text/html", mail.words_of_page, mail.html),
    ):
        footer = URL.sub(" ", words[-FOOT:])
        if known and len(WORD.findall(footer)) < LEAST_REASON:
            yield kind, "nothing is said there"


@rule("imprint", WARNING, "both parts name the sender: name or address")
def imprint(mail: Mail) -> Hits:
    field = mail.first("From")
    display = (field.words or "").partition("<")[0].strip(' "') if field else ""
    names = list(dict.fromkeys(filter(None, (display, *mail.addresses("From")))))
    for part, words in ((mail.text, mail.words_of_text), (mail.html, mail.words_of_page)):
        if part and names and not any(name.lower() in words.lower() for name in names):
            yield part.kind, f"neither {' nor '.join(names)} stands there"


@rule("archive-link", WARNING, "where there is an archive, both parts link it")
def archive_link(mail: Mail) -> Hits:
    ways_out = set(uris(mail.first("List-Unsubscribe")))
    hrefs = [link.get("href") for link in mail.links]
    for archive in uris(mail.first("List-Archive")):
        for part, urls in ((mail.text, mail.text_urls), (mail.html, hrefs)):
            if part and not any(url.startswith(archive) for url in {*urls} - ways_out):
                yield part.kind, f"no link begins with {archive}"


def _shown(mail: Mail) -> list[Part]:
    return [part for part in (mail.text, mail.html) if part]


RULES = (
    alternative,
    attachment,
    charset,
    charset_utf_8,
    base64,
    html_size,
    html_goal,
    text_unseen,
    text_width,
    text_flowed,
    text_stub,
    same_titles,
    same_links,
    unsubscribe_link,
    reason,
    imprint,
    archive_link,
)
