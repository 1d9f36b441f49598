"""What a compiler of MJML refuses, with its line, as far as that can be known."""

import re

from digest.errors import RenderError
from digest.excerpt import WIDTH, fitting

POSITION = re.compile(r" at position (\d+):(\d+)$")  # in bytes, as mrml says it
TAG = re.compile(
    r"""(?xs)
    <!--(?:(?!--).)*-->  |  <!\[CDATA\[.*?\]\]>  |  <[!?](?!--)[^>]*>
    | < (?P<end>/?) (?P<name>[a-z][\w:.-]*)
        (?: \s+ [\w:@.-]+ (?: \s*=\s* (?: "[^"<]*" | '[^'<]*' ) )? )*+
        \s* (?P<closed>/?) >
    """,
    re.IGNORECASE,
)
VOID = {
    *("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta"),
    *("source", "track", "wbr"),
}
"""Elements of HTML that nothing closes."""


def of_mrml(said: str, source: str) -> RenderError:
    """It tells where an element or a token is wrong, and not which tag is broken or left open."""
    found = POSITION.search(said)
    if found is None:
        return _error(f"mrml: {said}", source, _broken(source))
    encoded = source.encode()
    start, end = map(int, found.groups())
    what = fitting(encoded[start:end].decode("utf-8", "replace"))
    at = len(encoded[:start].decode("utf-8", "replace"))
    if what.startswith("</"):  # it counts the tags that are open, and asks not for their names
        at = _broken(source) or at
    return _error(f"mrml: {said[: found.start()]}: {what}", source, at)


def of_mjml(error: Exception, source: str) -> RenderError:
    """It tells which element it does not know, and nothing else that has a place."""
    if isinstance(error, KeyError):
        name = str(error.args[0])
        if found := re.search(rf"<{re.escape(name)}(?![\w-])", source):
            return _error(f"mjml: unexpected element: {name}", source, found.start())
    return _error(f"mjml: {type(error).__name__}: {error}", source, _broken(source))


def _error(reason: str, source: str, at: int | None) -> RenderError:
    if at is None:
        return RenderError("MJML", reason)
    begins = source.rfind("\n", 0, at) + 1
    line = source[begins:].partition("\n")[0]
    text = line if len(line.strip()) <= WIDTH else line[at - begins :]
    return RenderError("MJML", reason, source.count("\n", 0, at) + 1, text=fitting(text))


def _broken(source: str) -> int | None:
    """Where what begins like a tag is none, or one is not closed, or closes nothing."""
    opened: list[tuple[str, int]] = []
    at = source.find("<")
    while at >= 0:
        tag = TAG.match(source, at)
        if tag is None:
            return at
        name = tag["name"]
        if tag["end"]:
            if name not in (each for each, _ in opened):
                return at
            last, place = opened.pop()
            if last != name:
                return place
        elif name and not tag["closed"] and name not in VOID:
            opened.append((name, at))
        at = source.find("<", tag.end())
    return opened[-1][1] if opened else None
