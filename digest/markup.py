"""Markup → readable text, by rules that rewrite.

Dumps print LaTeX as the author typed it, or with its backslashes lost ("sim99%", "8times"), mixed
with Markdown and HTML. `digest.text.clean` applies the rules until nothing is left to rewrite.
"""

import html
import re
import unicodedata
from collections.abc import Callable
from functools import lru_cache

from digest.cues import Cue, cue

Rule = tuple[str, re.Pattern[str], str | Callable[[re.Match[str]], str]]
"""What whatever it rewrites holds, which is soon looked for; the pattern; what stands instead."""

# Private-use characters, gone from the text by then, stand for braces that stay, and for nothing.
_OPEN, _CLOSE, _APART = "\ue000", "\ue001", "\ue002"
_SETTLE = str.maketrans({_OPEN: "{", _CLOSE: "}", _APART: ""})

# --- lost backslashes -----------------------------------------------------------------------

_GREEK = (
    "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi pi rho sigma tau "
    "upsilon phi chi psi omega Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega"
)
# Names that are words of no language: mathematics wherever they stand, even glued to a letter.
_NO_WORDS = (
    "varepsilon epsilon varphi vartheta varsigma varrho infty leq geq neq propto subseteq supseteq "
    "cdots cdot ldots leftrightarrow rightarrow leftarrow Rightarrow Leftarrow uparrow downarrow"
)
# Names that are words, or parts of words, and mathematics only beside mathematics.
_GLUE = (
    "alpha beta gamma delta lambda theta sigma omega Gamma Delta Theta Lambda Phi Psi Omega circ"
)
_STYLES = (
    "textbf textit texttt textsc textsf textrm mathcal mathbb mathbf mathrm mathsf mathfrak "
    "boldsymbol operatorname underline"
)
_SIZES = "scriptsize footnotesize normalsize"
_FUNCTIONS = "log ln exp sin cos tan max min sup inf poly polylog argmax argmin"


def _set(*names: str) -> frozenset[str]:
    return frozenset(" ".join(names).split())


def _table(pairs: str) -> dict[str, str]:
    names = pairs.split()
    return dict(zip(names[::2], names[1::2], strict=True))


def _any(*names: str) -> str:
    """The alternatives of a pattern, longer ones first."""
    return "|".join(sorted(_set(*names), key=lambda name: (-len(name), name)))


_GREEK_NAMES = _set(_GREEK)
_MATHS_NAMES = _set(_GREEK, _NO_WORDS, "ell sum prod circ")
_MATHS_WORDS = _MATHS_NAMES | _set(_FUNCTIONS)
_NAME = re.compile(_any(_NO_WORDS, _GREEK, "circ"))
_SURE = re.compile(_any(_NO_WORDS))
_GLUED = re.compile(rf"[A-Za-z]?(?:{_any(_NO_WORDS, _GLUE)})+[A-Za-z]{{0,2}}")
_NAMED = re.compile(rf"(?<!\\)(?:{_any(_GREEK, _NO_WORDS, 'ell_ sum_ prod_')})")
_LETTERS = re.compile(r"(?<!\\)(?<![A-Za-z])[A-Za-z]+")
_SCRIPTED = re.compile(rf"[\^{{}}]|_(?:[A-Za-z0-9](?![A-Za-z])|\d|{_any(_GREEK)})|[A-Z]\(")
_JOINED = re.compile(r"\w[/+=<>|,]\w|\w[<>=]|[<>=/]\w")

_LOST: list[Rule] = [
    (
        "20",
        re.compile(r"(?<=[a-z])[xu](201[3489cd]|2026)(?=[A-Za-z])"),
        lambda m: chr(int(m[1], 16)),
    ),
    (
        "{",
        re.compile(rf"(?<!\\)(?<!\\[a-z])({_any(_STYLES, 'emph')})(?=\{{)"),
        r"\\\1",
    ),
    *(
        (name, re.compile(rf"{name}(?<![\\\w]{name})(?=\s?[A-Z0-9])\s?"), "")
        for name in sorted(_set(_STYLES, _SIZES))
    ),
    ("left", re.compile(r"left([(\[|])(.{0,200}?)\s?right([)\]|])"), r"\1\2\3"),
    (
        "tilde ",
        re.compile(r"(?<![\\\w])(?:wide)?tilde (?=(?:O|Omega|Theta)(?![a-z]))"),
        r"\\tilde ",
    ),
    ("sim", re.compile(r"sim(?<![\\\w]sim) ?!? ?(?=\d)"), "~"),
    ("times", re.compile(r"(?<=[\d\])}])times\s?(?=[\d\[(])"), "×"),
    ("times", re.compile(r"(?<=\d)times(?![a-z])"), "×"),
    ("times", re.compile(r"(?<![\\\w])([a-zA-Z])times (?=[a-zA-Z]\b)"), r"\1×"),
    ("times", re.compile(r"(\^\w|\^\{\w\}) times (?=[{A-Z])"), r"\1 × "),
    ("pm", re.compile(r"\{ ?pm (?=\d)"), "{±"),
    ("pm", re.compile(r"(?<=[\d%]) ?(?<!\\)pm ?(?=\d)"), " ± "),
    (" gg ", re.compile(r"(?<=\b\w )gg(?= \w\b)"), "≫"),
    (" circ ", re.compile(r"(?<=\S )circ(?= \S)"), "∘"),
]


def _restored(run: str, *, maths: bool) -> str:
    """Spell out the names in a run of letters, where they are surely no part of a word."""
    if maths and run in _MATHS_NAMES:
        return _symbol(run)
    if _GLUED.fullmatch(run) and (_SURE.search(run) or maths or len(_NAME.findall(run)) > 1):
        return _NAME.sub(_named, run)
    return run


def _named(match: re.Match[str]) -> str:
    return _symbol(match[0])


def _is_maths(token: str) -> bool:
    if _SCRIPTED.search(token):
        return True
    core = re.sub(r"-[A-Za-z]{2,}.*$", "", token)
    names = re.findall(r"[A-Za-z]+", core)
    return bool(_JOINED.search(core)) and all(
        len(name) == 1 or name in _MATHS_WORDS for name in names
    )


@lru_cache(maxsize=1 << 13)  # papers share most of their words
def _maths_token(token: str) -> str:
    if not _NAMED.search(token):
        return token
    maths = _is_maths(token)
    return _LETTERS.sub(lambda run: _restored(run[0], maths=maths), token)


# --- LaTeX ----------------------------------------------------------------------------------

_ACCENTS = _table(
    "\" \u0308 ' \u0301 ` \u0300 ^ \u0302 ~ \u0303 = \u0304 . \u0307 u \u0306 v \u030c H \u030b "
    "c \u0327 k \u0328 r \u030a b \u0331 d \u0323 t \u0361"
)
_HATS = _table(
    "tilde \u0303 widetilde \u0303 hat \u0302 widehat \u0302 bar \u0304 vec \u20d7 dot \u0307"
)
# What pylatexenc has no character for, or another one than readers expect in a sentence.
_OWN = _table(
    "S § P ¶ deg ° degree ° textdegree ° euro € sim ~ epsilon ε phi φ prime ′ checkmark ✓ bullet •"
)
_SILENT = _set(
    "left right big Big bigg Bigg bigl bigr Bigl Bigr displaystyle textstyle limits nolimits em",
    "it cal bf tt sc sl rm sf bfseries itshape scshape ttfamily sffamily normalfont xspace protect",
    "tiny scriptsize footnotesize small normalsize large Large LARGE huge noindent ensuremath",
    "pmb bm mathit mathscr mathop text emph mbox textnormal textup",
    _STYLES,
)
_FRACTIONS = _set("frac dfrac tfrac cfrac nicefrac sfrac")
_SUPERSCRIPTS = str.maketrans(
    "0123456789+-=()abcdefghijklmnoprstuvwxyzABDEGHIJKLMNOPRTUVW∘°′",
    "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻᴬᴮᴰᴱᴳᴴᴵᴶᴷᴸᴹᴺᴼᴾᴿᵀᵁⱽᵂ°°′",
)
_SUBSCRIPTS = str.maketrans(
    "0123456789+-=()aehijklmnoprstuvxβγρφχ", "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓᵦᵧᵨᵩᵪ"
)


@lru_cache(maxsize=1024)
def _symbol(name: str) -> str:
    """The character that a macro stands for; its own name where it is one of the author's."""
    from pylatexenc.latex2text import get_default_latex_context_db

    if name.startswith("var") and name[3:] in _GREEK_NAMES:
        name = name[3:]
    if name in _OWN or name in _SILENT:
        return _OWN.get(name, "")
    spec = get_default_latex_context_db().get_macro_spec(name)
    character = getattr(spec, "simplify_repl", None)
    simple = isinstance(character, str) and character.strip() and "%" not in character
    return str(character) if simple else name


def _accented(match: re.Match[str]) -> str:
    letter = (match[2] or match[3]).removeprefix("\\")
    return unicodedata.normalize("NFC", letter + _ACCENTS[match[1]])


def _macro(match: re.Match[str]) -> str:
    """A macro with its group, innermost first: fractions, roots, hats, fonts, unknown ones."""
    name, group, second = match[1], match[2].strip(), match[3]
    after = "" if second is None else f"{{{second}}}"
    if name in _FRACTIONS:
        return f"{_grouped(group)}/{_grouped(second.strip())}" if second else match[0]
    if name == "footnote":
        return f" ({group}){after}"
    if name == "sqrt":
        alone = len(group) == 1 and not match.string[match.end() : match.end() + 1].isalpha()
        return f"√{group if alone else f'({group})'}{after}"
    if name in _HATS and len(group) == 1:
        return unicodedata.normalize("NFC", group + _HATS[name]) + after
    if name in _SILENT or name in _HATS:
        return group + after
    symbol = _symbol(name)
    return (symbol if symbol != name or not group else "") + group + after


def _grouped(content: str) -> str:
    return content if re.fullmatch(r"[\w.]*", content) else f"({content})"


def _script(match: re.Match[str]) -> str:
    """Raise or lower with Unicode's own characters where it has them all."""
    kind, content = match[1], match[2].strip()
    moved = content.translate(_SUPERSCRIPTS if kind == "^" else _SUBSCRIPTS)
    if all(new != old or new in "°′" for new, old in zip(moved, content, strict=True)):
        return moved
    rest = match.string[match.end() : match.end() + 1]
    simple = (
        re.fullmatch(r"[-+]?[A-Za-z0-9.Α-ω]+|\W|[A-Za-z]+_[a-z]+", content) and not rest.isalnum()
    )
    return f"{kind}{content}" if simple else f"{kind}({content})"


_SET = re.compile(r"\s*[^,\s]{1,12}(?:\s*,\s*[^,\s]{1,12})+\s*|±\d+")


def _group(match: re.Match[str]) -> str:
    """Drop braces, save those of a set; after a number they are a fraction that lost its macro."""
    before, content = match[1], match[2]
    if _SET.fullmatch(content):
        return before + _OPEN + content + _CLOSE
    if before and re.match(r"[\w(]", content):
        return f"{before}/{_grouped(content)}"
    return before + content


_MACRO = re.compile(r"\\([A-Za-z]+)\*?\s?\{([^{}]*)\}(?:\{([^{}]*)\})?")
_BRACED_SCRIPT = re.compile(r"([_^])\s?\{([^{}]*)\}")
_GROUP = re.compile(r"([0-9)]?)\{([^{}]*)\}")
_SCRIPT_SIGN = re.compile(r"([_^])\s?(\\[A-Za-z]+|[^\s{}\\])")
_DEPTH = 12


def _ungroup(text: str) -> str:
    """Resolve groups from the inside out; `_group` waits until its content is resolved."""
    for _ in range(_DEPTH):
        if "{" not in text:
            break
        resolved = _BRACED_SCRIPT.sub(_script, _MACRO.sub(_macro, text))
        text = _GROUP.sub(_group, text) if resolved == text else resolved
    return text.translate(_SETTLE)


def _bare_macro(match: re.Match[str]) -> str:
    name, blank = match[1], match[2]
    return "" if name in _SILENT else _symbol(name) + blank


def _dollars(match: re.Match[str]) -> str:
    """Between dollars a script is one sign long; the mark at the end keeps a macro's name apart."""
    inside = match[match.lastindex or 0].strip()
    return _SCRIPT_SIGN.sub(r"\1{\2}", inside) + _APART


# Mathematics, not money: something is typeset and it does not begin as a price; or no blank stands
# inside the dollars and no digit behind them, and it is no price with words; or it is one sign.
_INSIDE = r"((?:[^$\\]|\\.)+)"
_PRICE = r"(?!\d[\d,.]*(?:[MBk]|[/-][A-Za-z-]+)?\s(?:[^$\\]*\s)?[A-Za-z]{2})"
_DOLLARS = re.compile(
    rf"(?<!\\)\$\$?(?:(?=[^$]*(?:\\[A-Za-z]|[\^_{{]))(?!\d[\d,.]*[\sMBk]){_INSIDE}"
    rf"|(?=[^\s$]){_PRICE}{_INSIDE}(?<!\s)(?=\$\$?(?!\d))|([^\w\s]|\s?[A-Za-z]\s?))\$\$?"
)
_LATEX: list[Rule] = [
    (
        "\\",
        re.compile(
            r"~?\\(?:cite[a-z]*|[Cca]?ref|eqref|label|begin|end|vspace|hspace)\*?"
            r"(?:\[[^\]]{0,80}\])*\{[^{}]*\}"
        ),
        "",
    ),
    ("\\", re.compile(r"\\\\(?:\[[^\]]{0,20}\])?"), " "),
    ("\\", re.compile(r"\\\{"), _OPEN),
    ("\\", re.compile(r"\\\}"), _CLOSE),
    ("$", _DOLLARS, _dollars),
    ('\\"', re.compile(r"(?<!\w)\\\"(\w[^\"\\]*\w[.,!?]?)\\\"(?!\w)"), r'"\1"'),
    (
        "\\",
        re.compile(r"\\([\"'`^~=.])(?:\{\\?([A-Za-z])\}|\s?(\\[ij](?![A-Za-z])|[A-Za-z]))"),
        _accented,
    ),
    (
        "\\",
        re.compile(r"\\([uvHckrbdt])(?:\{\\?([A-Za-z])\}|\s([A-Za-z])(?![A-Za-z]{3}))"),
        _accented,
    ),
    ("\\", re.compile(r"\\(tilde|hat|bar) ?(\w)()(?!\w)"), _macro),
    ("\\", re.compile(r"\\[dt]?frac\s?(\d)\s?(\d)"), r"\1/\2"),
    ("\\", re.compile(r"\\([%&#_$ ])"), r"\1"),
    ("\\", re.compile(r"\\(?:[,;:>/]|q?quad(?![A-Za-z]))"), " "),
    ("\\", re.compile(r"\\\|"), "‖"),
    ("\\", re.compile(r"\\[()\[\]!-]"), ""),
    ("\\", re.compile(r"\\([A-Za-z]+)(?![A-Za-z]|\*?\s?\{)(\s?)"), _bare_macro),
]
_BARE_SCRIPTS: list[Rule] = [
    ("^", re.compile(r"(?<=[\w)\]])(\^)(\d+|[-+]\d+|[A-Za-z°∘′])(?![\w.])"), _script),
    (
        "_",
        re.compile(r"(?<=(?<![A-Za-z0-9_])[A-Za-zΑ-ωℓ∑∏])(_)(\d+|[a-z])(?![A-Za-z0-9_])"),
        _script,
    ),
]

# --- Markdown, HTML, typography -------------------------------------------------------------

_TAGS = (
    "a|abbr|b|big|blockquote|body|br|center|cite|code|dd|div|dl|dt|em|figure|font|h[1-6]|head|hr|"
    "html|i|img|ins|li|link|meta|ol|p|pre|q|s|section|small|span|strike|strong|style|table|tbody|"
    "td|th|title|tr|tt|u|ul|var|script|iframe|object|svg|jats:[a-z-]+|mml:[a-z-]+|inline-formula|"
    "sub|sup"
)
_INLINE = re.compile(
    r"</?(?:a|abbr|b|big|cite|code|em|font|i|ins|q|s|small|span|strong|tt|u|var)\b"
)


def _tag(match: re.Match[str]) -> str:
    return "" if _INLINE.match(match[0].lower()) else " "


_HTML: list[Rule] = [
    (
        "&",
        re.compile(r"&(?:#\d+|#[xX][0-9a-fA-F]+|[A-Za-z][A-Za-z0-9]*);"),
        lambda m: html.unescape(m[0]),
    ),
    ("<", re.compile(r"<!--.{0,2000}?-->"), " "),
    ("<", re.compile(r"<(script|style)\b[^<>]*>.{0,2000}?</\1\s*>", re.IGNORECASE), " "),
    ("<", re.compile(r"<sub>([^<>]*)</sub>", re.IGNORECASE), r"_{\1}"),
    ("<", re.compile(r"<sup>([^<>]*)</sup>", re.IGNORECASE), r"^{\1}"),
    ("<", re.compile(rf"</?(?:{_TAGS})(?:\s[^<>]*)?/?>", re.IGNORECASE), _tag),
]
_MARKDOWN: list[Rule] = [
    ("*", re.compile(r"\*\*(?=\S)([^*]+?)(?<=\S)\*\*"), r"\1"),
    ("*", re.compile(r"(?<![\w*])\*(?=[^\s*])([^*]+?)(?<=[^\s*])\*(?![\w*])"), r"\1"),
    ("`", re.compile(r"``([^`]*?)(?:''|\"|”)"), r"“\1”"),
    ("''", re.compile(r"''([^'`\"]+?)(?:''|\")"), r"“\1”"),
    ("`", re.compile(r"(?<!`)`([^`'\s][^`']*)'(?![A-Za-z])"), r"‘\1’"),
    ("`", re.compile(r"(?<!`)`([^`]+)`(?!`)"), r"\1"),
]
_TYPOGRAPHY: list[Rule] = [
    # A citation key after a tie is all that is left of a \cite.
    ("~", re.compile(r"~[a-z]+\d{2,4}[a-z]*\b"), ""),
    ("~", re.compile(r"(?<=[^\s~])~(?=[^\s\d~])|(?<=[A-Za-z][A-Za-z.])~(?=\d)"), " "),
    ("", re.compile(r"([≤≥≠≈∝⊆⊇∈→])(?<=[^\s(\[^_].) (?=\S)"), r" \1 "),
    ("× ", re.compile(r"(?<=[A-Za-z])× (?=[A-Za-z]\b)"), "×"),
    ("---", re.compile(r"-{3,}"), "—"),
    # A comment sign that lost its line.
    (" % ", re.compile(r"(?<=[.!?] )% (?=[A-Z])"), ""),
    # Two hyphens after a blank and before a letter are a program's option.
    ("--", re.compile(r"--(?:(?<![\s-]--)(?!-)|(?<=\s--)(?=[\s\d]))"), "–"),
    (" ", re.compile(r" (?=[,;.])(?<=\w )(?=[,;](?:\s|$)|\.$|\.\s[A-Z])"), ""),
]

# --- all of it ------------------------------------------------------------------------------

_LINKS: list[Rule] = [
    ("\\", re.compile(r"\\(?:url|path|nolinkurl)\s?\{([^{}]*?)[.,;]?\}"), r"\1"),
    ("http", re.compile(r"https?://[^\s{}]+"), lambda m: re.sub(r"\\([_%#&~])", r"\1", m[0])),
    ("\\", re.compile(r"\\href\s?\{[^{}]*\}\s?\{([^{}]*)\}"), r"\1"),
    ("\\", re.compile(r"\\[A-Za-z]+\s?\{([^{}]*https?://[^{}]*)\}"), r" \1"),
    ("http", re.compile(r"(?<!\w)(https?://[^\s{}]{1,500})\{https?://[^\s{}]*\}"), r"\1"),
    ("](", re.compile(r"!?\[([^\[\]]+)\]\((?:https?://|mailto:|/|#)[^\s()]*\)"), r"\1"),
]
_VERBATIM = cue(
    "://|:\\|{%|{#|{{",
    r"(https?://[^\s{}<>\"$`*]+"  # links
    r"|(?<![\w$])[C-Z]:(?:\\[\w.-]+)+(?![\w\\{}$^])"  # C:\temp
    r"|\{%-?\s*[a-z][^{}]{0,200}%\}|\{#\s[^{}]{0,200}#\}"  # templates, as papers on code print them
    r"|(?<![\w^_$\\])\{\{(?:\s[^{}]{1,200}\s|[^{}]{0,99}(?:\w[*|(+]|['\w]\.[a-z_])[^{}]{0,99})\}\})",
)
# Most texts have no markup, and this is asked of all: each part is of a kind that is searched fast.
_MARKUP_SIGN = re.compile(r"[\\${}_^~`*<&]")
_ALL_NAMES = _set(_STYLES, _SIZES, _NO_WORDS)
_MARKUP_NAMES = tuple(
    sorted(name for name in _ALL_NAMES if not any(each in name for each in _ALL_NAMES - {name}))
)
_BEHIND = "|".join(f"(?<={name}.)" for name in _GREEK.split())
_MARKUP = (
    cue("≤|≥|≠|≈|∝|⊆|⊇|∈|→|×", "[≤≥≠≈∝⊆⊇∈→×] "),
    cue("--|''", "--|''"),
    cue("](", r"\]\((?:http|mailto|/|#)"),
    cue("x20|u20", r"[xu]20[12]\w"),
    cue("left", r"left[(\[|]"),
    cue("tilde ", "tilde "),
    cue("sim", r"sim ?!? ?\d"),
    cue("times", r"[\d\])a-z]times"),
    cue("pm", r"\d ?pm"),
    cue("gg |circ ", "gg |circ "),
    cue("% ", "[.!?] % "),
    cue(" ,| ;| .", " [,;.]"),
    Cue(tuple("/+=<>|,()"), re.compile(rf"[/+=<>|,)](?:{_BEHIND})")),
    Cue(tuple("/+=<>|,()"), re.compile(rf"[/+=<>|,(](?:{_any(_GREEK)})")),
)
_SYNTAX = re.compile(r"[\\${}_^~`*<>&'\"-]")


def _rewrite(text: str, rules: list[Rule]) -> str:
    for sign, pattern, replacement in rules:
        if sign in text:
            text = pattern.sub(replacement, text)
    return text


def _prose(text: str) -> str:
    """One pass over what stands between links."""
    text = _rewrite(text, _HTML)
    text = _rewrite(text, _LOST)
    text = " ".join(map(_maths_token, text.split(" ")))
    if re.search(r"[\\${}]", text):
        text = _ungroup(_rewrite(text, _LATEX))
    return _rewrite(_rewrite(_rewrite(text, _BARE_SCRIPTS), _MARKDOWN), _TYPOGRAPHY)


def suspected(text: str) -> bool:
    """Whether there may be markup; most texts have none, and this is quick."""
    return bool(
        _MARKUP_SIGN.search(text)
        or any(name in text for name in _MARKUP_NAMES)
        or any(each.stands_in(text) for each in _MARKUP)
    )


def rewritten(text: str) -> str:
    """One pass: the outer markup is gone, what stood inside may show now."""
    text = _rewrite(text, _LINKS)
    if not _VERBATIM.stands_in(text):
        return _prose(text)
    parts = _VERBATIM.pattern.split(text)
    parts[::2] = map(_prose, parts[::2])
    return "".join(parts)


def without_signs(text: str) -> str:
    """Drop every sign that markup is made of."""
    return _SYNTAX.sub("", text)
