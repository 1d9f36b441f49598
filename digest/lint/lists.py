"""Rules about what makes a mail one of a list: how to leave it, what it is, who answers for it."""

import re

from digest.lint.headers import ATOM, IN_TOKEN, is_below
from digest.lint.mail import Field, Mail, scheme
from digest.lint.rule import ERROR, WARNING, Hits, rule

LIST_ID = re.compile(rf"(?s)(?:.*\s)?<{ATOM}(?:\.{ATOM})+>")
URI = r"<[a-zA-Z][a-zA-Z0-9+.-]*:[!-;=?-~]+>"
URI_LIST = re.compile(rf"{URI}(?:\s*,\s*{URI})*")
TO_SIGN = (
    *("From", "To", "Subject", "Date", "Message-ID", "MIME-Version", "Content-Type", "List-Id"),
    *("List-Unsubscribe", "List-Unsubscribe-Post"),
)
"""What a DKIM signature must cover (RFC 6376 §5.4; RFC 8058 §4 asks for the last two)."""


LEAST_KEY = 2_048  # bits


def uris(field: Field | None) -> list[str]:
    """The addresses in angle brackets."""
    return re.findall(r"<([^<>\s]*)>", field.value) if field else []


@rule(
    "list-unsubscribe",
    ERROR,
    "a newsletter has List-Unsubscribe (RFC 2369 §3.2; Gmail and Yahoo ask for it)",
)
def list_unsubscribe(mail: Mail) -> Hits:
    if not mail.all("List-Unsubscribe"):
        yield "the headers", "there is no List-Unsubscribe"


@rule(
    "list-unsubscribe-form",
    ERROR,
    "List-Unsubscribe is raw ASCII on one line, with one https address at most (RFC 8058 §3.1)",
)
def list_unsubscribe_form(mail: Mail) -> Hits:
    for field in mail.all("List-Unsubscribe"):
        if IN_TOKEN.search(field.value):
            yield field.place, "it is encoded"
        elif field.lines > 1:
            yield field.place, "it is folded"
        elif not URI_LIST.fullmatch(field.value):
            yield field.place, "it is not <address>, or several of them with commas between"
        schemes = [scheme(uri) for uri in uris(field)]
        if odd := set(schemes) - {"http", "https", "mailto"}:
            yield field.place, f"programs do not know {min(odd)}:"
        if schemes.count("https") > 1:
            yield field.place, "it has several https addresses"


@rule(
    "list-unsubscribe-https",
    WARNING,
    "the address for leaving is https: over http there is no one click (RFC 8058 §3.1)",
)
def list_unsubscribe_https(mail: Mail) -> Hits:
    for uri in uris(mail.first("List-Unsubscribe")):
        if scheme(uri) == "http":
            yield "List-Unsubscribe", uri[:80]


@rule(
    "one-click",
    ERROR,
    "List-Unsubscribe-Post: List-Unsubscribe=One-Click goes with an https address (RFC 8058 §3.1)",
)
def one_click(mail: Mail) -> Hits:
    posts = mail.all("List-Unsubscribe-Post")
    is_online = any(uri.startswith("https:") for uri in uris(mail.first("List-Unsubscribe")))
    for field in posts:
        if field.raw.partition(b":")[2].strip() != b"List-Unsubscribe=One-Click":
            yield field.place, "it is not List-Unsubscribe=One-Click"
        if not is_online:
            yield field.place, "List-Unsubscribe has no https address that takes the click"
    if is_online and not posts:
        yield "the headers", "there is no List-Unsubscribe-Post"


@rule("list-id", ERROR, "List-Id is Name <list.domain>: filters go by it (RFC 2919 §3)")
def list_id(mail: Mail) -> Hits:
    field = mail.first("List-Id")
    if field is None:
        yield "the headers", "there is no List-Id"
    elif not LIST_ID.fullmatch(field.value):
        yield field.place, "it is not Name <list.domain>"


@rule(
    "list-addresses",
    WARNING,
    "List-Help and List-Archive are addresses in angle brackets (RFC 2369 §3)",
)
def list_addresses(mail: Mail) -> Hits:
    for field in (*mail.all("List-Help"), *mail.all("List-Archive")):
        if not URI_LIST.fullmatch(field.value):
            yield field.place, "it is not an address in angle brackets"
    if not mail.all("List-Help"):
        yield "the headers", "there is no List-Help"


@rule(
    "auto-submitted",
    WARNING,
    "Auto-Submitted: auto-generated keeps out-of-office answers away (RFC 3834 §5)",
)
def auto_submitted(mail: Mail) -> Hits:
    if mail.value("Auto-Submitted").partition(";")[0].strip().lower() != "auto-generated":
        yield "the headers", "there is no Auto-Submitted: auto-generated"


@rule(
    "precedence",
    WARNING,
    "Precedence: list does the same for older programs, and spam filters like it",
)
def precedence(mail: Mail) -> Hits:
    if mail.value("Precedence").lower() not in {"list", "bulk"}:
        yield "the headers", "there is no Precedence: list"


@rule("content-language", WARNING, "Content-Language is the language of the HTML (RFC 3282)")
def content_language(mail: Mail) -> Hits:
    said = mail.value("Content-Language")
    written = [each.get("lang") for each in mail.tags("html")]
    if not said:
        yield "the headers", "there is no Content-Language"
    elif any(lang and lang.lower() != said.lower() for lang in written):
        yield "Content-Language", f"it is {said}, and the HTML says {written[0]}"


@rule(
    "dkim",
    ERROR,
    "a signature covers what matters, has no l= and is of From's domain (RFC 6376, RFC 8058 §4)",
)
def dkim(mail: Mail) -> Hits:
    for field in mail.all("DKIM-Signature"):
        tags = _tags(field)
        signed = re.sub(r"\s", "", tags.get("h", "")).lower().split(":")
        if lacking := [name for name in to_sign(mail) if name.lower() not in signed]:
            yield field.place, f"h= leaves out {', '.join(dict.fromkeys(lacking))}"
        elif signed.count("from") < to_sign(mail).count("From"):
            yield field.place, "h= has From once, so another one can be added"
        if "l" in tags:
            yield field.place, "l= lets anyone add to the mail"
        if not any(is_below(host, tags.get("d", "").strip().lower()) for host in _hosts(mail)):
            yield field.place, f"d={tags.get('d', '')} is not the domain of From"


@rule(
    "dkim-strength",
    WARNING,
    "a signature bears that relays fold headers anew, and its RSA key has 2,048 bits (RFC 8301)",
)
def dkim_strength(mail: Mail) -> Hits:
    for field in mail.all("DKIM-Signature"):
        tags = _tags(field)
        if not tags.get("c", "simple").strip().startswith("relaxed"):
            yield field.place, "c= is simple for headers"
        digits = re.sub(r"[^A-Za-z0-9+/]", "", tags.get("b", ""))
        bits = len(digits) * 6 // 64 * 64  # RSA's signature is as long as its key
        if tags.get("a", "").strip().lower().startswith("rsa") and bits < LEAST_KEY:
            yield field.place, f"its key has {bits:,} bits"


def _tags(field: Field) -> dict[str, str]:
    return dict(re.findall(r"([a-z]+)\s*=\s*([^;]*)", field.value))


def _hosts(mail: Mail) -> list[str]:
    return [address.rpartition("@")[2].lower() for address in mail.addresses("From")]


def to_sign(mail: Mail) -> list[str]:
    """The headers that a DKIM signature must name in h=; From twice, so that none can be added."""
    return ["From", *(name for name in TO_SIGN if mail.all(name))]


RULES = (
    list_unsubscribe,
    list_unsubscribe_form,
    list_unsubscribe_https,
    one_click,
    list_id,
    list_addresses,
    auto_submitted,
    precedence,
    content_language,
    dkim,
    dkim_strength,
)
