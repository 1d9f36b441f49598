"""How text looks: the part of CSS that says its colours and its size, in light and in dark.

What is not understood is left open: a colour is None where it cannot be known, and nothing is said
of it.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from digest.lint.page import UNSHOWN, Element

Colour = tuple[float, float, float]

NAMED = dict(
    re.findall(
        r"(\w+):(\S+)",
        "black:#000 white:#fff red:#f00 green:#008000 blue:#00f gray:#808080 grey:#808080 "
        "silver:#c0c0c0 maroon:#800000 navy:#000080 teal:#008080 purple:#800080 olive:#808000 "
        "yellow:#ff0 orange:#ffa500 aqua:#0ff fuchsia:#f0f lime:#0f0 darkgray:#a9a9a9 "
        "lightgray:#d3d3d3",
    )
)
NO_COLOUR = {"transparent", "none", "initial", "unset", "revert"}
INHERIT = {"inherit", "currentcolor"}
SIZES = {"x-small": 10, "small": 13, "medium": 16, "large": 18, "x-large": 24, "xx-large": 32}
HEADINGS = {"h1": 32, "h2": 24, "h3": 18.7, "h4": 16, "h5": 13.3, "h6": 10.7, "small": 13.3}
UNITS = {"px": 1.0, "pt": 4 / 3, "rem": 16.0}
BOLD = {"b", "strong", "th", "h1", "h2", "h3", "h4", "h5", "h6"}
BOLD_WEIGHT = 600

PAINTS = {"color", "background-color", "background", "font-size", "font-weight"}
HIDES = {
    "display": r"none",
    "visibility": r"hidden|collapse",
    "max-height": r"0\w*",
    "opacity": r"0(\.0+)?",
}
"""What hides an element with all that stands in it, as far as preheaders are hidden so."""
TINY = 2  # px of text that nobody is meant to see
SELECTOR = re.compile(r"(\*|[a-zA-Z][\w-]*)?((?:[.#][\w-]+|:root|\[[\w-]+(?:[~|^$*]?=[^\]]*)?\])*)")
RGB = re.compile(r"rgba?\((\d+)[, ]+(\d+)[, ]+(\d+)(?:[, /]+(\d*\.?\d+))?\)")
DECLARATION = re.compile(r"([\w-]+)\s*:\s*([^;]+)")


@dataclass(frozen=True, slots=True)
class Look:
    """How the text of an element looks; sizes in px."""

    colour: Colour | None
    background: Colour | None
    size: float
    bold: bool
    hidden: bool

    @property
    def is_seen(self) -> bool:
        """Whether text shows; a frame may have no size, and what stands in it one of its own."""
        return not self.hidden and self.size > TINY


@dataclass(frozen=True, slots=True)
class Simple:
    """One simple selector, such as `td.card`."""

    tag: str
    needs: tuple[str, ...]

    def fits(self, element: Element) -> bool:
        if self.tag not in {"", "*", element.tag}:
            return False
        return all(_has(element, need) for need in self.needs)


@dataclass(frozen=True, slots=True)
class Rule:
    """`path` is what must stand around the element, outermost first, and itself, last."""

    path: tuple[Simple, ...]
    declared: Mapping[str, str]
    dark: bool
    weight: tuple[int, int, int]

    def fits(self, element: Element) -> bool:
        *around, own = self.path
        if not own.fits(element):
            return False
        above = element.above
        next(above)
        return all(any(simple.fits(each) for each in above) for simple in reversed(around))


def declarations(style: str) -> dict[str, str]:
    """Return property → value of a `style` attribute; the last one counts."""
    return {name.lower(): value.strip() for name, value in DECLARATION.findall(style)}


def sheet(css: str) -> list[Rule]:
    """Return the rules that may paint; of media queries, those for dark schemes."""
    return list(_rules(re.sub(r"(?s)/\*.*?\*/", "", css), dark=False))


def _rules(css: str, *, dark: bool) -> Iterator[Rule]:
    for head, body in _blocks(css):
        if head.startswith("@media"):
            if not dark and "prefers-color-scheme" in head and "dark" in head:
                yield from _rules(body, dark=True)
        elif not head.startswith("@"):
            declared = {k: v for k, v in declarations(body).items() if k in PAINTS | HIDES.keys()}
            if declared:
                yield from (
                    Rule(path, declared, dark, _weight(path))
                    for path in map(_path, head.split(","))
                    if path
                )


def _blocks(css: str) -> Iterator[tuple[str, str]]:
    """Yield what stands before each pair of braces, and in it."""
    start = depth = opened = 0
    for found in re.finditer(r"[{};]", css):
        place = found.start()
        if found[0] == "{":
            depth += 1
            if depth == 1:
                opened = place
        elif found[0] == "}" and depth:
            depth -= 1
            if depth == 0:
                yield css[start:opened].strip().lower(), css[opened + 1 : place]
                start = place + 1
        elif not depth:  # an @import or the like
            start = place + 1


def _path(selector: str) -> tuple[Simple, ...]:
    """Read simple selectors one within the other; () where there is more than that."""
    found = [SELECTOR.fullmatch(part) for part in selector.replace(">", " ").split()]
    whole = [each for each in found if each and each[0]]
    if len(whole) < len(found):
        return ()
    return tuple(
        Simple(each[1] or "", tuple(re.findall(r"[.#][\w-]+|:root|\[[^\]]+\]", each[2])))
        for each in whole
    )


def _weight(path: Sequence[Simple]) -> tuple[int, int, int]:
    needs = [need for simple in path for need in simple.needs]
    ids = sum(need.startswith("#") for need in needs)
    return ids, len(needs) - ids, sum(simple.tag not in {"", "*"} for simple in path)


def _has(element: Element, need: str) -> bool:
    match need[0]:
        case ".":
            return need[1:] in element.get("class").lower().split()
        case "#":
            return need[1:] == element.get("id").lower()
        case ":":
            return element.tag == "html"
    name, _, value = need[1:-1].partition("=")
    given = element.attributes.get(name.rstrip("~|^$*"))
    return given is not None and (not value or given == value.strip("\"'"))


# --- the looks of all elements --------------------------------------------------------------------

PAPER = {False: (255.0, 255.0, 255.0), True: (18.0, 18.0, 18.0)}
INK = {False: (0.0, 0.0, 0.0), True: (255.0, 255.0, 255.0)}
DARKEST = 0.04045  # below it, sRGB is linear
LINK = {False: (0.0, 0.0, 238.0), True: (158.0, 158.0, 255.0)}


def looks(root: Element, rules: Sequence[Rule], *, dark: bool) -> Iterator[tuple[Element, Look]]:
    """Yield what is shown with its look in a scheme, as a browser without other styles has it.

    Elements that no rule can tell apart, in surroundings that none can, look alike: each kind of
    them is worked out once.
    """
    by_end = _by_end(rules, dark=dark)
    asked = {
        need[1:-1].partition("=")[0].rstrip("~|^$*") for need in _needs(rules) if need[0] == "["
    }
    told = ("class", "id", "style", "color", "bgcolor", *sorted(asked))
    kinds: dict[tuple[object, ...], tuple[int, Look]] = {}
    start = 0, Look(INK[dark], PAPER[dark], 16, bold=False, hidden=False)
    waiting = [(root, start)]
    while waiting:
        element, (number, around) = waiting.pop()
        attributes = element.attributes
        kind = (number, element.tag, "href" in attributes, *map(attributes.get, told))
        if kind not in kinds:
            look = _look(element, _cascade(element, by_end), around, dark=dark)
            kinds[kind] = len(kinds) + 1, look
        yield element, kinds[kind][1]
        inner = [each for each in element.children if isinstance(each, Element)]
        waiting += [(each, kinds[kind]) for each in reversed(inner) if each.tag not in UNSHOWN]


def _needs(rules: Sequence[Rule]) -> Iterator[str]:
    return (need for rule in rules for simple in rule.path for need in simple.needs)


ByEnd = Mapping[str, Sequence[tuple[tuple[int, int, int], int, Rule]]]
"""The rules with their weight and order, by what the element itself must be."""


def _by_end(rules: Sequence[Rule], *, dark: bool) -> ByEnd:
    found = defaultdict(list)
    for order, rule in enumerate(rules):
        if dark or not rule.dark:
            found[_key(rule.path[-1])].append((rule.weight, order, rule))
    return found


def _key(simple: Simple) -> str:
    """Where a rule is looked up: under a class that it needs, else its tag, else everywhere."""
    classes = [need for need in simple.needs if need.startswith(".")]
    return classes[0] if classes else simple.tag.replace("*", "")


def _cascade(element: Element, by_end: ByEnd) -> dict[str, str]:
    """What is declared of an element: sheets, then its own style, then what is important."""
    keys = ("", element.tag, *(f".{name}" for name in set(element.get("class").lower().split())))
    candidates = sorted(each for key in keys for each in by_end.get(key, ()))
    fitting = [rule.declared for *_, rule in candidates if rule.fits(element)]
    layers = [_hints(element), *fitting, declarations(element.get("style"))]
    found: dict[str, str] = {}
    important: dict[str, str] = {}
    for layer in layers:
        for name, value in layer.items():
            plain, mark, _ = value.partition("!important")
            own = "background-color" if name == "background" else name
            (important if mark else found)[own] = plain.strip().lower()
    return found | important


def _hints(element: Element) -> dict[str, str]:
    """What attributes of old say."""
    hints = {"color": element.get("color"), "background-color": element.get("bgcolor")}
    return {name: value for name, value in hints.items() if value}


def _look(element: Element, declared: Mapping[str, str], around: Look, *, dark: bool) -> Look:
    colour, background = around.colour, around.background
    if element.tag == "a" and "href" in element.attributes:
        colour = LINK[dark]
    if "background-color" in declared:
        background = _painted(declared["background-color"], background)
    if "color" in declared:
        value = declared["color"]
        colour = around.colour if value in INHERIT else _over(value, background)
    size = _size(declared.get("font-size", ""), around.size, HEADINGS.get(element.tag))
    weight = declared.get("font-weight", "")
    bold = _bold(weight) if weight else around.bold or element.tag in BOLD
    hidden = around.hidden or any(
        re.fullmatch(values, declared.get(name, "")) for name, values in HIDES.items()
    )
    return replace(
        around, colour=colour, background=background, size=size, bold=bold, hidden=hidden
    )


def _bold(weight: str) -> bool:
    return weight in {"bold", "bolder"} or (weight.isdecimal() and int(weight) >= BOLD_WEIGHT)


def _size(value: str, around: float, own: float | None) -> float:
    found = re.fullmatch(r"([\d.]+)(px|pt|rem|em|%)", value)
    if not found:
        return SIZES.get(value, own or around)
    try:
        number = float(found[1])
    except ValueError:
        return around
    relative = {"em": around, "%": around / 100}
    return number * (UNITS | relative)[found[2]]


def _painted(value: str, below: Colour | None) -> Colour | None:
    if value in NO_COLOUR or value in INHERIT:
        return below
    if "url(" in value or "gradient" in value:
        return None
    for word in re.findall(r"rgba?\([^)]*\)|#?[\w-]+", value):
        if word in NAMED or word.startswith(("#", "rgb")):
            return _over(word, below)
    return None


def _over(value: str, below: Colour | None) -> Colour | None:
    """Return a colour over another that it lets through; None where it is not known."""
    parsed = colour(value)
    if parsed is None:
        return None
    *own, alpha = parsed
    if alpha < 1 and below is None:
        return None
    under = below or PAPER[False]
    red, green, blue = (alpha * a + (1 - alpha) * b for a, b in zip(own, under, strict=True))
    return red, green, blue


def colour(value: str) -> tuple[float, float, float, float] | None:
    """Return red, green and blue up to 255, and how much it covers up to 1."""
    value = NAMED.get(value, value)
    if found := re.fullmatch(r"#([0-9a-f]{3,4}|[0-9a-f]{6}|[0-9a-f]{8})", value):
        digits = found[1] if len(found[1]) in {6, 8} else "".join(2 * each for each in found[1])
        red, green, blue, alpha = bytes.fromhex(f"{digits}ff")[:4]
        return red, green, blue, alpha / 255
    if found := re.fullmatch(
        r"rgba?\(([\d.]+)[, ]+([\d.]+)[, ]+([\d.]+)(?:[, /]+([\d.]+))?\)", value
    ):
        return float(found[1]), float(found[2]), float(found[3]), float(found[4] or 1)
    return None


def contrast(one: Colour, other: Colour) -> float:
    """The ratio of WCAG 2.2, from 1 to 21."""
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def _luminance(rgb: Colour) -> float:
    parts = [part / 255 for part in rgb]
    linear = [p / 12.92 if p <= DARKEST else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
