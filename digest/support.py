"""Which features of HTML and CSS a mail uses, and which programs show them.

`support.toml` is the list, by caniemail's names; `benchmarks/mail_features.py` makes it.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

LIST = Path(__file__).with_name("support.toml")
PROGRAMS = ("gmail", "apple-mail", "outlook", "yahoo", "samsung-email", "thunderbird")
NEEDED = PROGRAMS[:3]
YES, NO = "yes", "no"

Feature = Mapping[str, Any]
"""What is used of it, what each program says to it, and perhaps why it may be lacking."""


@cache
def listed() -> Mapping[str, Feature]:
    """The committed list: by caniemail's name what of it is used, and who shows it."""
    return tomllib.loads(LIST.read_text("utf-8"))


def lacks(program: str, feature: Feature) -> bool:
    """Whether it doesn't show the feature on some platform."""
    return str(feature.get(program, "")).startswith(NO)


def lacking(feature: Feature) -> list[str]:
    """The programs that readers most likely have and that lack this on some platform."""
    return [program for program in NEEDED if lacks(program, feature)]


def unlisted(uses: set[str]) -> list[str]:
    """What the list has no word of."""
    return sorted(uses.difference(*(feature["used"] for feature in listed().values())))


def used(page: str) -> set[str]:
    """Every element, attribute, property, value, selector and at-rule of a page."""
    found = _Found()
    found.feed(page)
    found.close()
    return found.uses


class _Found(HTMLParser):
    """Comments are passed over, and with them what stands there for Word alone."""

    def __init__(self) -> None:
        super().__init__()
        self.uses: set[str] = set()
        self._in_style = False

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self._in_style = tag == "style"
        self.uses.add(f"<{tag}>")
        for name, value in attributes:
            self.uses.add(f"{name}=")
            if name == "style":
                self.uses.update(_of_declarations(value or ""))
            if name in {"href", "src", "background"}:
                self.uses.add(f"{name}={_kind(value or '')}")
            if name == "name" and tag == "meta":
                self.uses.add(f"<meta {value}>")

    def handle_endtag(self, tag: str) -> None:
        self._in_style = False

    def handle_data(self, data: str) -> None:
        if self._in_style:
            self.uses.update(_of_sheet(data))


def _kind(address: str) -> str:
    """How an address begins, which is what programs differ in; a slot is filled with mailto."""
    scheme = re.match(r"#|[a-z]+:|slot-", address)
    return scheme[0].replace("slot-", "mailto:") if scheme else ""


def _of_sheet(sheet: str) -> Iterator[str]:
    sheet = re.sub(r"/\*.*?\*/", "", sheet, flags=re.DOTALL)
    for words, sign in re.findall(r"([^{};]*)([{};]|$)", sheet):
        if sign == "{" or words.strip().startswith("@"):
            yield from _of_rule(words.strip())
        else:
            yield from _of_declarations(words)


def _of_rule(head: str) -> Iterator[str]:
    """At-rules with the features they ask for; of selectors their parts."""
    if head.startswith("@"):
        yield head.split(maxsplit=1)[0]
        yield from (f"@media ({name})" for name in re.findall(r"\(\s*([a-z-]+)", head))
        return
    plain = re.sub(r"\s*([>+~,])\s*", r"\1", head)
    yield from re.findall(r"::?[a-z-]+", plain)
    yield from (f"selector {name}" for name, sign in SELECTORS.items() if re.search(sign, plain))


SELECTORS = {
    "adjacent-sibling": r"\+",
    "attribute": r"\[",
    "chaining": r"[\w\])][.#\[]",
    "child": ">",
    "class": r"\.",
    "descendant": " ",
    "general-sibling": "~",
    "grouping": ",",
    "id": "#",
    "type": r"(?:^|[ >+~,])[a-z]",
    "universal": r"\*",
}


def _of_declarations(text: str) -> Iterator[str]:
    for name, value in re.findall(r"([\w-]+)\s*:([^;]*)", text.lower()):
        yield f"{name}:"
        yield from (f"display: {word}" for word in value.split()[:1] if name == "display")
        yield from (f"{word}()" for word in re.findall(r"([a-z-]+)\(", value))
        yield from re.findall(r"(?<![\w#])-?[\d.]+([a-z]+|%)", value)
        yield from re.findall(
            r"!important|\b(?:initial|system-ui|(?:max|min|fit)-content)\b", value
        )
