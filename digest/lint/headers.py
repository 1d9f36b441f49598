"""Rules about the headers."""

import base64
import re
from collections.abc import Iterator
from email.utils import parsedate_to_datetime
from urllib.parse import quote

from digest.lint.mail import Field, Mail
from digest.lint.rule import ERROR, WARNING, Hits, rule

ONE_OF_EACH = ("From", "To", "Subject", "Date", "Message-ID", "MIME-Version")
AT_MOST_ONE = (
    *("Sender", "Reply-To", "Cc", "In-Reply-To", "References", "Content-Type", "List-Id"),
    *("Content-Transfer-Encoding", "Content-Language", "List-Unsubscribe", "Auto-Submitted"),
    *("List-Unsubscribe-Post", "List-Help", "List-Archive", "Precedence", "Feedback-ID"),
)
STRUCTURED = (
    *("Message-ID", "Date", "MIME-Version", "Content-Type", "Content-Transfer-Encoding"),
    *("List-Unsubscribe-Post", "List-Archive", "List-Help", "Auto-Submitted", "Precedence"),
    *("Content-Language", "In-Reply-To", "References"),
)
FREEMAIL = re.compile(
    r"(gmail|googlemail|yahoo|ymail|outlook|hotmail|live|msn|aol|icloud|me|gmx|web|proton|protonmail)"
    r"\.(com|net|de|me|co\.\w\w|fr|org)",
    re.IGNORECASE,
)
ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
HOST = r"[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?"
MESSAGE_ID = re.compile(rf"<{ATOM}(?:\.{ATOM})*@({HOST})>")
ENCODED_WORD = re.compile(r"=\?[^\s?]+\?[bBqQ]\?[^\s?]*\?=")
LIKE_ENCODED = re.compile(r"=\?[^\s?]*\?[^\s?]*\?[^?]*\?=")
IN_TOKEN = re.compile(r"=\?[\w-]+\?[bBqQ]\?")
LONGEST_WORD = 75
UNSEEN = re.compile(r"[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


@rule(
    "header-missing",
    ERROR,
    "a mail has From, To, Subject, Date, Message-ID and MIME-Version (RFC 5322 §3.6)",
)
def header_missing(mail: Mail) -> Hits:
    for name in ONE_OF_EACH:
        if not mail.all(name):
            yield "the headers", f"there is no {name}"


@rule(
    "header-twice",
    ERROR,
    "these headers stand once: programs differ in which of two they read (RFC 5322 §3.6)",
)
def header_twice(mail: Mail) -> Hits:
    for name in (*ONE_OF_EACH, *AT_MOST_ONE):
        for field in mail.all(name)[1:]:
            yield field.place, f"there is another {name} before it"


@rule("from-one-address", ERROR, "From is one address at a domain, or DMARC fails")
def from_one_address(mail: Mail) -> Hits:
    field, found = mail.first("From"), mail.addresses("From")
    if field and not (len(found) == 1 and re.fullmatch(rf"[^\s@<>]+@{HOST}", found[0])):
        yield field.place, f"{len(found)} addresses" if len(found) > 1 else "no whole address"


@rule(
    "from-freemail",
    WARNING,
    "a newsletter comes from a domain of its own: nobody else may send in a mail provider's name",
)
def from_freemail(mail: Mail) -> Hits:
    for address in mail.addresses("From"):
        if FREEMAIL.fullmatch(address.rpartition("@")[2]):
            yield "From", f"{address.rpartition('@')[2]} lets nobody else send in its name"


@rule("to-one-reader", ERROR, "a mail is for one reader and shows nobody's address to others")
def to_one_reader(mail: Mail) -> Hits:
    readers = mail.addresses("To", "Cc")
    if len(readers) > 1:
        yield "To", f"{len(readers)} addresses, which all of them see"


@rule("date", ERROR, "Date is a date with its zone (RFC 5322 §3.3)")
def date(mail: Mail) -> Hits:
    for field in mail.all("Date"):
        try:
            aware = parsedate_to_datetime(field.value).tzinfo
        except (TypeError, ValueError):
            yield field.place, f"{field.value!r} is no date"
            continue
        if aware is None:
            yield field.place, "it has no zone"


@rule("message-id-form", ERROR, "Message-ID is <left@right> in ASCII (RFC 5322 §3.6.4)")
def message_id_form(mail: Mail) -> Hits:
    for field in mail.all("Message-ID"):
        if not MESSAGE_ID.fullmatch(field.value):
            yield field.place, f"{field.value!r} is not of the form <left@right>"


@rule(
    "message-id-domain", WARNING, "what stands right of the @ in Message-ID belongs to the sender"
)
def message_id_domain(mail: Mail) -> Hits:
    hosts = [address.rpartition("@")[2].lower() for address in mail.addresses("From")]
    for field in mail.all("Message-ID"):
        found = MESSAGE_ID.fullmatch(field.value)
        own = found[1].lower() if found else ""
        if found and not any(is_below(own, host) or is_below(host, own) for host in hosts):
            yield field.place, f"{own} is not the sender's domain"


def is_below(host: str, domain: str) -> bool:
    return host == domain or host.endswith(f".{domain}")


@rule(
    "message-id-address",
    ERROR,
    "a Message-ID, which is quoted in answers and archives, holds no address",
)
def message_id_address(mail: Mail) -> Hits:
    for field in mail.all("Message-ID"):
        for address in mail.addresses("To", "Cc", "Delivered-To"):
            if any(form in field.value.lower() for form in _disguises(address)):
                yield field.place, f"it shows the address {address}"


@rule(
    "return-path",
    WARNING,
    "a Return-Path of a list tells reader and edition by a token, and shows no address (VERP)",
)
def return_path(mail: Mail) -> Hits:
    for field in mail.all("Return-Path"):
        for address in mail.addresses("To", "Cc", "Delivered-To"):
            if any(form in field.value.lower() for form in _disguises(address)):
                yield field.place, f"it shows the address {address}"


def _disguises(address: str) -> Iterator[str]:
    """How programs write an address where they should not."""
    low = address.lower()
    yield from (low, low.replace("@", "="), quote(low, safe="").lower(), low.encode().hex())
    yield from (
        base64.b64encode(each.encode()).decode().rstrip("=").lower() for each in (low, address)
    )


@rule(
    "encoded-word", ERROR, "an encoded word has 75 characters at most, whole ones (RFC 2047 §2, §5)"
)
def encoded_word(mail: Mail) -> Hits:
    for field in mail.fields:
        for word in LIKE_ENCODED.findall(field.value):
            problem = _wrong_with(word)
            if problem:
                yield field.place, f"{word[:40]!r} {problem}"
        if ENCODED_WORD.search(field.value) and field.words is None:
            yield field.place, "its encoded words cannot be read"


def _wrong_with(word: str) -> str | None:
    if not ENCODED_WORD.fullmatch(word):
        return "is no encoded word"
    if len(word) > LONGEST_WORD:
        return f"is longer than {LONGEST_WORD} characters"
    alone = Field("", f"x:{word}".encode("latin-1", "replace"), 0)
    return None if alone.words is not None else "does not hold whole characters"


@rule(
    "encoded-token",
    ERROR,
    "no encoded word stands in <...>, in quotes or in a header that programs read (RFC 2047 §5)",
)
def encoded_token(mail: Mail) -> Hits:
    for field in mail.fields:
        structured = field.name.lower() in map(str.lower, STRUCTURED)
        quoted = re.findall(r'<[^<>]*>|"[^"]*"', field.value)
        if any(map(IN_TOKEN.search, [field.value] if structured else quoted)):
            yield field.place, "an encoded word stands where programs read it as it is"


@rule(
    "header-unseen", ERROR, "no control character and no bidirectional override stands in a header"
)
def header_unseen(mail: Mail) -> Hits:
    for field in mail.fields:
        found = UNSEEN.search(field.words or field.value)
        if found:
            yield field.place, f"it holds U+{ord(found[0]):04X}"


RULES = (
    header_missing,
    header_twice,
    from_one_address,
    from_freemail,
    to_one_reader,
    date,
    message_id_form,
    message_id_address,
    message_id_domain,
    return_path,
    encoded_word,
    encoded_token,
    header_unseen,
)
