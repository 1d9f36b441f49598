"""HTML, which is never trusted → plain text."""

import re
from html import unescape

from digest.text import fold

_INLINE = (
    "a abbr acronym b bdi bdo big cite code dfn em font i ins kbd label mark nobr q s samp small "
    "span strike strong tt u var wbr"
)
_OTHERS = (
    "address applet area article aside audio base basefont blink blockquote body br button canvas "
    "caption center col dd del details dialog dir div dl dt embed fieldset figcaption figure "
    "footer form frame frameset h1 h2 h3 h4 h5 h6 head header hr html iframe img image input "
    "isindex keygen layer legend li link listing main map marquee math menu meta nav noscript "
    "object ol optgroup option p param picture plaintext pre script section select source style "
    "sub summary sup svg table tbody td template textarea tfoot th thead time title tr track ul "
    "video xml xmp"
)
INLINE = frozenset(_INLINE.split())
KNOWN = INLINE | frozenset(_OTHERS.split())
UNSEEN = ("script", "style")
MARKUP = re.compile(
    r"<!--.*?(?:-->|\Z)|<!\[CDATA\[|\]\]>|<[!?][A-Za-z][^<>]*>"
    r"|<(?P<end>/?)(?P<name>[A-Za-z][\w:.-]{0,40})"
    r"(?:(?P<rest>(?:[\s/](?:[^<>\"']|\"[^\"]*\"|'[^']*')*+)?)>"
    r"|(?P<torn>(?:[\s/][^<>]*)?)(?:>|(?=<)|\Z))",
    re.DOTALL,
)
ENDED = re.compile(r"</([A-Za-z][\w:.-]{0,40})\s*>")
HANDLER = re.compile(r"[\s\"'/]on[a-z]+\s*=|=\s*[\"']", re.IGNORECASE)
RAISED = re.compile(r"<(su[bp])>([^<>]*)</\1>")
ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,30});")
BLOCK = "\0"
PASSES = 5  # escaped markup inside escaped markup inside …


def plain(markup: str) -> str:
    return fold(" ".join(blocks(markup)))


def blocks(markup: str) -> list[str]:
    """The text of each block, white space as it is, without tags, comments, scripts and entities.

    A `<` that begins no element ("p<0.05") stays; sub- and superscripts become _{…} and ^{…}.
    """
    text = markup.replace(BLOCK, " ").replace("\ufeff", "")
    if "<" not in text and "&" not in text:
        return [text]
    for _ in range(PASSES):
        before = text
        text = _untagged(text) if "<" in text else text
        text = ENTITY.sub(_unescaped, text) if "&" in text else text
        if text == before:
            break
    else:
        text = text.replace("<", " ").replace(">", " ")
    return [block for block in text.split(BLOCK) if block and not block.isspace()]


def _unescaped(entity: re.Match[str]) -> str:
    return unescape(entity[0]).replace(BLOCK, " ")


def _untagged(text: str) -> str:
    """Take out the elements, and what nobody sees of them, and put BLOCK between blocks."""
    ended = {name.lower() for name in ENDED.findall(text)}
    pieces: list[str] = []
    unseen: dict[str, int] = {}  # how much stood before a script
    place = 0
    for tag in MARKUP.finditer(text):
        name = (tag["name"] or "").lower()
        if name and not _is_element(name, tag, ended):
            continue
        pieces.append(text[place : tag.start()])
        place = tag.end()
        if name in UNSEEN and not tag["end"]:
            unseen.setdefault(name, len(pieces))
        elif name in unseen:
            del pieces[unseen.pop(name) :]
        pieces.append(_instead(name, tag["end"] or ""))
    return _raised("".join(pieces) + text[place:])


def _is_element(name: str, tag: re.Match[str], ended: set[str]) -> bool:
    """Tell an element from what looks like one: "a<b and c>d"."""
    rest = tag["torn"] if tag["rest"] is None else tag["rest"]
    if tag["rest"] is None and not tag[0].endswith(">"):
        return name in UNSEEN or bool(HANDLER.search(rest))
    known = name in KNOWN and (len(name) > 1 or "=" in rest or not rest.strip("/ \t\n"))
    return known or name in ended or bool(HANDLER.search(rest))


def _instead(name: str, end: str) -> str:
    if name in ("sub", "sup"):
        return f"<{end}{name}>"
    return "" if not name or name in INLINE else BLOCK


def _raised(text: str) -> str:
    text = RAISED.sub(lambda found: f"{'_' if found[1] == 'sub' else '^'}{{{found[2]}}}", text)
    return re.sub(r"</?su[bp]>", "", text)
