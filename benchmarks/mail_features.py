"""Which features of HTML and CSS the mail uses, and which programs show them.

    python benchmarks/mail_features.py [--write]

`mail_features.toml` is the list; a test fails where a mail uses what is not in it. --write makes it
anew from the mails of the showcase, by the tables of caniemail (npm ci --prefix benchmarks). What
Gmail, Apple Mail or Outlook lacks needs a reason there, given by hand in `because`: what readers
see instead. Without --write only these features are printed.
"""

import json
import re
import sys
import tempfile
import tomllib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
LIST = HERE / "mail_features.toml"
DATA = HERE / "node_modules" / "caniemail" / "data" / "caniemail.json"
PROGRAMS = ("gmail", "apple-mail", "outlook", "yahoo", "samsung-email", "thunderbird")
NEEDED = PROGRAMS[:3]
UNKNOWN = "unknown"  # stands for the features that caniemail does not know

Feature = dict[str, Any]


def listed() -> dict[str, Feature]:
    """The committed list: by caniemail's name what of it is used, and who shows it."""
    return tomllib.loads(LIST.read_text("utf-8"))


def lacking(feature: Feature) -> list[str]:
    """The programs that readers most likely have and that lack this on some platform."""
    return [name for name in NEEDED if feature.get(name, "").startswith("no")]


# --- what a mail uses ---------------------------------------------------------------------------


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


# --- who shows it -------------------------------------------------------------------------------

GROUPS = {
    "html-h1-h6": ("<h1>", "<h2>", "<h3>", "<h4>", "<h5>", "<h6>"),
    "html-lists": ("<ul>", "<ol>", "<li>", "<dl>", "<dt>", "<dd>"),
    "html-table": ("<table>", "<tbody>", "<thead>", "<tr>", "<td>", "<th>"),
    "html-semantics": (
        *("<article>", "<aside>", "<footer>", "<header>", "<main>", "<nav>", "<section>"),
        *("<figure>", "<figcaption>", "<mark>", "<time>"),
    ),
    "html-anchor-links": ("href=#",),
    "html-mailto-links": ("href=mailto:",),
    "html-meta-color-scheme": ("<meta color-scheme>",),
    "css-important": ("!important",),
    "css-sytem-ui": ("system-ui",),  # as caniemail spells it
    "css-unit-percent": ("%",),
    "css-unit-calc": ("calc()",),
    "css-variables": ("var()",),
    "css-left-right-top-bottom": ("left:", "right:", "top:", "bottom:"),
}
GROUP = {use: name for name, uses in GROUPS.items() for use in uses}
# A property of these is that of its family, where caniemail has no word of its own for it.
FAMILIES = ("background", "border", "font", "grid", "list-style", "margin", "outline", "padding")
SHAPES = (
    (r"<(\w+)>", ("html-{}",)),
    (r"([\w-]+)=", ("html-{}", "html-{}-attribute")),
    (r"([\w-]+):", ("css-{}",)),
    (r"(display): (\w+)", ("css-{}-{}",)),
    (r"@media \(([\w-]+)\)", ("css-at-media-{}",)),
    (r"@([\w-]+)", ("css-at-{}",)),
    (r"::([\w-]+)", ("css-pseudo-element-{}",)),
    (r":([\w-]+)", ("css-pseudo-class-{}",)),
    (r"selector ([\w-]+)", ("css-selector-{}",)),
    (r"([\w-]+)\(\)", ("css-{}", "css-function-{}")),
    (r"([a-z]+)", ("css-unit-{}",)),
)


def name_of(use: str, known: Iterable[str]) -> str:
    """What caniemail calls a feature that is used so."""
    if use in GROUP:
        return GROUP[use]
    for shape, names in SHAPES:
        if found := re.fullmatch(shape, use):
            wanted = [name.format(*found.groups()) for name in names]
            family = found[1].partition("-")[0] if use.endswith(":") else ""
            wanted += [f"css-{family}"] if family in FAMILIES and use != "font-family:" else []
            return next((name for name in wanted if name in known), UNKNOWN)
    return UNKNOWN


def support(stats: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    """Of each program "yes", or what it shows not or only partly on which platforms."""
    words = {"n": "no", "a": "partly", "u": "unknown"}
    answers = {}
    for program in PROGRAMS:
        platforms = stats.get(program, {})
        latest = {name: list(versions.values())[-1][0] for name, versions in platforms.items()}
        told = []
        for letter, word in words.items():
            some = [name for name, answer in latest.items() if answer == letter]
            told += [f"{word}: {', '.join(some)}"] if some else []
        answers |= {program: "; ".join(told) or "yes"} if platforms else {}
    return answers


def made(uses: Iterable[str]) -> dict[str, Feature]:
    """The list of these, with the reasons that the committed list gives."""
    known = {each["slug"]: each["stats"] for each in json.loads(DATA.read_text("utf-8"))["data"]}
    grouped: dict[str, list[str]] = defaultdict(list)
    for use in sorted(uses):
        grouped[name_of(use, known)].append(use)
    reasons = {name: each["because"] for name, each in listed().items() if "because" in each}
    features = {}
    for name, some in sorted(grouped.items()):
        feature: Feature = {"used": some, **support(known.get(name, {}))}
        if name in reasons or lacking(feature):
            feature["because"] = reasons.get(name, "")
        features[name] = feature
    return features


def written(features: Mapping[str, Feature]) -> str:
    head = LIST.read_text("utf-8").partition("\n[")[0]
    parts = [head.strip()]
    for name, feature in features.items():
        lines = (
            f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in feature.items()
        )
        parts.append("\n".join((f"[{name}]", *lines)))
    return "\n\n".join(parts) + "\n"


def main() -> None:
    from mails import showcase

    if not DATA.exists():
        raise SystemExit("caniemail is not installed; npm ci --prefix benchmarks brings it")
    with tempfile.TemporaryDirectory() as folder:
        mails = showcase(Path(folder)).mails
    features = made(set().union(*(used(mail.html) for mail in mails)))
    if "--write" in sys.argv[1:]:
        LIST.write_text(written(features), "utf-8")
    for name, feature in features.items():
        if name == UNKNOWN or lacking(feature):
            print(name, json.dumps(feature))


if __name__ == "__main__":
    main()
