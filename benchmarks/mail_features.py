"""Makes `digest/support.toml`: what the mail uses of HTML and CSS, and which programs show it.

    python benchmarks/mail_features.py [--write]

A test fails where a mail uses what is not in the list. --write makes it anew from the mails of the
showcase, by the tables of caniemail (npm ci --prefix benchmarks). What Gmail, Apple Mail or Outlook
lacks needs a reason there, given by hand in `because`: what readers see instead. Without --write
only these features are printed.
"""

import json
import re
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path

from digest.support import LIST, PROGRAMS, Feature, lacking, listed, used

DATA = Path(__file__).parent / "node_modules" / "caniemail" / "data" / "caniemail.json"
UNKNOWN = "unknown"  # stands for the features that caniemail does not know

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
        feature = {"used": some, **support(known.get(name, {}))}
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
