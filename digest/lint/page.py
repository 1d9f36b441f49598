"""HTML as a tree: as forgiving as mail programs are, and no more than the rules need."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = {
    *("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source"),
    *("track", "wbr"),
}
BLOCKS = {
    *("address", "article", "aside", "blockquote", "center", "dd", "details", "div", "dl", "dt"),
    *("fieldset", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr"),
    *("li", "main", "nav", "ol", "p", "pre", "section", "table", "td", "th", "tr", "ul"),
}
CLOSED_BY = {
    "p": BLOCKS,
    "li": {"li"},
    "dt": {"dt", "dd"},
    "dd": {"dt", "dd"},
    "td": {"td", "th", "tr"},
    "th": {"td", "th", "tr"},
    "tr": {"tr"},
    "option": {"option"},
}
"""An open element that these tags end, though nobody has written so."""
DEEPEST = 200  # elements within elements; below that they stand side by side
WALLS = {"table", "td", "th", "#root"}  # what an end tag of anything else does not reach beyond
UNSHOWN = {"head", "script", "style", "template", "title"}


@dataclass(eq=False, slots=True)
class Element:
    """`line` counts from 1 in the decoded part; `children` are elements and texts, in order.

    `end` is the line of the end tag, 0 where nobody has written one.
    """

    tag: str
    attributes: dict[str, str]
    parent: "Element | None"
    line: int
    children: list["Element | str"] = field(default_factory=list)
    end: int = 0

    def __iter__(self) -> Iterator["Element"]:
        """Yield this element and all below it in the order of the document."""
        waiting = [self]
        while waiting:
            element = waiting.pop()
            yield element
            waiting += [each for each in reversed(element.children) if isinstance(each, Element)]

    @property
    def above(self) -> Iterator["Element"]:
        """Yield this element and those that it stands in, the nearest first."""
        element: Element | None = self
        while element is not None:
            yield element
            element = element.parent

    @property
    def text(self) -> str:
        """All that is written in it, white space folded."""
        return " ".join("".join(_texts(self)).split())

    def get(self, name: str, otherwise: str = "") -> str:
        return self.attributes.get(name, otherwise)


def _texts(element: Element) -> Iterator[str]:
    waiting = element.children[::-1]
    while waiting:
        child = waiting.pop()
        if isinstance(child, str):
            yield child
        elif child.tag not in UNSHOWN:
            apart = " " if child.tag in BLOCKS or child.tag == "br" else ""
            waiting += [apart, *reversed(child.children), apart]


def parse(markup: str) -> Element:
    """Return the root of the document; it has no attributes and stands for no element."""
    builder = _Builder()
    try:
        builder.feed(markup)
        builder.close()
    except AssertionError:  # the library's answer to a "<![" that it does not know
        pass
    return builder.root


class _Builder(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Element("#root", {}, None, 1)
        self._open = self.root

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        while tag in CLOSED_BY.get(self._open.tag, ()):
            self._open = self._open.parent or self.root
        # The first of two attributes of one name counts, as in browsers.
        attributes = {name: value or "" for name, value in reversed(attrs)}
        element = Element(tag, attributes, self._open, self.getpos()[0])
        self._open.children.append(element)
        if tag not in VOID and len(list(self._open.above)) < DEEPEST:
            self._open = element

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)  # a "/" means nothing in HTML

    def handle_endtag(self, tag: str) -> None:
        for element in self._open.above:
            if element.tag == tag:
                element.end = self.getpos()[0]
                self._open = element.parent or self.root
                return
            if element.tag in WALLS and tag not in {"table", "tr", "tbody", "thead", "tfoot"}:
                return

    def handle_data(self, data: str) -> None:
        self._open.children.append(data)
