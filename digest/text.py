"""Strings → clean text, keys, words, sentences."""

import re
import unicodedata
from functools import lru_cache

from digest import markup
from digest.model import Span

_PASSES = 10


def listed(*lines: str) -> frozenset[str]:
    """The words of a list that is written in lines."""
    return frozenset(" ".join(lines).split())


# Characters that no reader sees and that can reorder, hide or break what stands around them:
# format characters (bidi, zero-width), private use, surrogates, noncharacters.
_INVISIBLE = re.compile(
    "[\xad\u0600-\u0605\u061c\u06dd\u070f\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff"
    "\ufff9-\ufffb\ud800-\udfff\ue000-\uf8ff\ufdd0-\ufdef\ufffe\uffff"
    "\U000110bd\U000110cd\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    "\U000e0000-\U000e007f\U000f0000-\U0010ffff]"
)
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f]")


def fold(text: str) -> str:
    return " ".join(text.split())


def plain(text: str) -> str:
    """One line of visible characters, whatever the text held."""
    if not text.isprintable() or "  " in text:
        text = fold(text)
    if not text.isprintable():  # which lines and tabs alone are no reason for, as they are folded
        text = fold(_CONTROL.sub(" ", _INVISIBLE.sub("", text)))
    return unicodedata.normalize("NFC", text).strip()


@lru_cache(maxsize=8)  # a title is cleaned for its key, its words and its mark, one after the other
def clean(text: str) -> str:
    """Readable plain text of a title or an abstract as printed; cleaning twice changes nothing."""
    text = plain(text)
    for _ in range(_PASSES):
        if not markup.suspected(text):
            return text
        cleaner = plain(markup.rewritten(text))
        if cleaner == text:
            return text
        text = cleaner
    # Markup within markup, deeper than any author nests it: its signs go.
    return clean(markup.without_signs(text))


def headline(title: str) -> str:
    """The title as readers see it; one that is nothing but markup stands as it was printed."""
    return clean(title) or plain(title) or "Untitled"


# --- keys -----------------------------------------------------------------------------------

_CHROME = re.compile(r"^Subscribe(?=[A-Z0-9])")


def without_chrome(title: str) -> str:
    """The title without the button of its page that some dumps glue to it."""
    return _CHROME.sub("", title) if title.startswith("Subscribe") else title


_ACCENT = re.compile("[\u0300-\u036f]")
_SPELT = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ı": "i", "æ": "ae", "œ": "oe", "×": "x", "∞": "infty"}
    | {
        chr(code): name[1].lower().replace("lamda", "lambda")
        for code in range(0x3B1, 0x3CA)
        if (name := re.search(r"([A-Z]+)$", unicodedata.name(chr(code))))
    }
)


def searchable(text: str) -> str:
    """The words in small letters without accents or markup, a blank between any two."""
    return " ".join(small_words(clean(text)))


def small_words(text: str) -> list[str]:
    """The words of a text that is clean already, in small letters without accents."""
    if text.isascii():
        return words(text.lower())
    return words(_ACCENT.sub("", unicodedata.normalize("NFKD", text).casefold()))


_OPEN_PLUS = re.compile(r"(?<![\w+])\++|(?<!\+)\+(?=\w)")
_BETWEEN_DIGITS = re.compile(r"(?<=\d)(?:[^\w+]|_)+(?=\d)")
_NO_KEY = re.compile(r"[^a-z0-9+\0]")


def title_key(title: str) -> str:
    """Two printings of one title have the same key; numbers and a closing + tell titles apart.

    Case, accents, blanks, punctuation, LaTeX (typeset, typed or stripped of its signs), Greek
    letters against their names, and page chrome make no difference.
    """
    text = unicodedata.normalize("NFKD", clean(without_chrome(fold(title)))).casefold()
    if not text.isascii():
        text = _ACCENT.sub("", text).translate(_SPELT)
    if "+" in text:
        text = _OPEN_PLUS.sub(" ", text)
    text = _BETWEEN_DIGITS.sub("\0", text)
    key = _NO_KEY.sub("", text) if text.isascii() else "".join(filter(_in_key, text))
    return unicodedata.normalize("NFC", key).replace("\0", ".") or fold(title).casefold()


def _in_key(sign: str) -> bool:
    return sign.isalnum() or sign in "+\0" or unicodedata.category(sign)[0] == "M"


# --- words and sentences --------------------------------------------------------------------

_WORD = re.compile(r"[^\W_]+(?:(?:[\u0300-\u036f]|['’](?=[^\W\d_])|(?<=\d)[.,](?=\d))[^\W_]*)*\+*")
# The same in ASCII, as most texts are, where it is found in half the time.
_ASCII_WORD = re.compile(
    r"[A-Za-z0-9]+(?:(?=['.,])(?:'(?=[A-Za-z])|(?<=[0-9])[.,](?=[0-9]))[A-Za-z0-9]*)*\+*"
)


def words(text: str) -> list[str]:
    """The words and numbers as printed; a hyphen parts words, an apostrophe does not."""
    return (_ASCII_WORD if text.isascii() else _WORD).findall(text)


def has_word(text: str) -> bool:
    return bool(_WORD.search(text))


_DIGIT, _ASCII_DIGIT = re.compile(r"\d"), re.compile("[0-9]")


def has_digit(text: str) -> bool:
    return bool((_ASCII_DIGIT if text.isascii() else _DIGIT).search(text))


ABBREVIATIONS = listed(
    "al e.g i.e eg ie cf vs etc resp approx ca viz incl excl a.k.a w.r.t i.i.d s.t fig figs",
    "eq eqs sec secs tab tabs ref refs ch chap app alg thm lem prop def no nos vol pp p ed",
    "eds dr prof mr mrs ms st jr sr inc ltd co corp dept univ proc conf int u.s u.k d.c ph.d",
    "m.sc jan feb mar apr jun jul aug sep sept oct nov dec min max avg std temp sp spp subsp subg",
    "sect subsect subgen subvar emend illeg superfl syn var str wt suppl unpubl equiv theor assoc",
    "bzw evtl ggf sog usw insbes einschl vergl",
)
# Words that begin a sentence even after what might be an initial or an abbreviation.
_STARTERS = listed(
    "We Our In The Existing Recent This These To For It However Moreover Furthermore",
    "Additionally Finally Here Thus Hence Therefore Specifically Experiments Extensive",
    "Results While Although With Code",
)
_MAY_END_A_SENTENCE = frozenset({"etc"})
# In small letters a sentence begins with a name or by mistake: "is better. gsplat has". With these
# words it goes on.
_GOING_ON = listed(
    "and or but nor is are was were has have can with without in on of for to from by as that",
    "which who while when where than at into its then aiming based nov sp aff com e.g i.e etc",
)
# Before it stands a whole word, as an abbreviation is shorter, has large letters or is known.
_PLAIN = re.compile(r"[a-z]{5,}")
# A set of signs in front is searched fast.
_END = re.compile(
    r"[.!?…。！？](?<![.!?…][.!?…。！？])"
    r"(?:(?<=[.!?…])([.!?…]*)[\"'”’)\]]*\s+(?=(\S+))"
    r"|(?<=[。！？])[。！？]*[”’」』）]*\s*(?=\S)"
    # No blank after the full stop: "is better.We show".
    r"|(?<=[a-z][a-z)\]][.!?])(?<!vs\.)(?=[A-Z](?:[a-z][\w-]*)?\s))"
)
# After the author of a name stands its family: "Cochlea Doe. (Potaceae) from ...".
_GOES_ON = re.compile(r"\([A-Z][a-z]+\)(?= [a-z])")
_ITEM = re.compile(r"[ivx]+\)|[a-d]\)")
_BEFORE_A_WORD = re.compile(r".*[\s(\[“\"]", re.DOTALL)
_INITIALS = re.compile(r"(?:[^\W\d_]\.-?)*[^\W\d_]")
# An address, behind which ZooBank tells who has registered the name, or a word for nothing.
_NO_ABSTRACT = re.compile(
    r"\s*(?:(?:https?://|www\.|urn:|doi:)\S+(?: - Registered by .{1,80})?"
    r"|(?:n/?a|none|no abstract(?: is)?(?: available)?|abstract not available|-+)\.?)\s*",
    re.IGNORECASE,
)
_INSIDE_LINK = re.compile(r"(?:://|@)\S*$")


def sentences(text: str) -> list[Span]:
    """Half-open code-point ranges of the sentences, in order, blanks between them left out.

    An address or "N/A", as some feeds have for an abstract, has none.
    """
    if _NO_ABSTRACT.fullmatch(text):
        return []
    found: list[Span] = []
    start = len(text) - len(text.lstrip())
    for match in _END.finditer(text):
        if _ends(text, match):
            found.append((start, match.start() + len(match[0].rstrip())))
            start = match.end()
    rest = len(text.rstrip())
    return [*found, (start, rest)] if start < rest else found


def _ends(text: str, match: re.Match[str]) -> bool:
    """Whether a sentence ends at what may be its end."""
    more_stops, following = match[1], match[2]
    if following is None:
        return not _INSIDE_LINK.search(text, max(0, match.start() - 200), match.start())
    word = _word_before(text, match.start())
    if following.islower() and following[0].isalpha() and not _ITEM.match(following):
        is_stop = match[0].rstrip() == "." and _PLAIN.fullmatch(word) is not None
        return is_stop and word not in ABBREVIATIONS and following.rstrip(".,") not in _GOING_ON
    if _GOES_ON.match(text, match.end()):
        return False
    if more_stops or text[match.start()] != ".":
        return True
    if word.lower() in ABBREVIATIONS or _INITIALS.fullmatch(word):
        firm = word.islower() and len(word) > 1 and word not in _MAY_END_A_SENTENCE
        return not firm and following.rstrip(",") in _STARTERS
    return True


def _word_before(text: str, end: int) -> str:
    start = max(0, end - 40)
    before = _BEFORE_A_WORD.match(text, start, end)
    return text[before.end() if before else start : end]


def opened(sentence: str) -> str:
    """With a large first letter, where a lead-in was left out; "iPod" and "x-axis" stay."""
    word = sentence.partition(" ")[0]
    plain = word.isalpha() and word.islower()
    return sentence[0].upper() + sentence[1:] if plain else sentence


# --- language -------------------------------------------------------------------------------

# Function words; those that English shares with one of the others count for neither.
_ENGLISH = listed(
    "the of and to for with that this are by from which is we can our using has have been at it",
    "its their they these those than then when where while however such through between into",
    "both not be was were will would should may but if yet only each how what there about over",
    "under without within across against during them other some any because",
)
_OTHERS = listed(
    "der die das den dem des und ist sind ein eine einer einem eines einen nicht mit für von zu",
    "zur zum auf wird werden wurde durch bei wir sich auch als oder dass diese dieser dieses im",
    "le la les et une des du est sont dans pour avec sur par nous que qui aux ce cette ces il",
    "el los las y una con para por se del al como más este esta es son su sus lo",
    "o os um uma da dos das em não na no nas nos ao com pelo pela mais foram é são seu sua",
    "il lo gli una di della del dei delle nel che con per sono è questo questa alla ai dal più",
) - listed("die a an in as on no or so do am al es la o e i y des per son se su")
_FOREIGN_LETTER = re.compile(r"[^\W\d_\u0000-\u024f\u0370-\u03ff\u1d00-\u1dbf\u2070-\u214f]")


def is_english(text: str) -> bool:
    """Whether nothing speaks against it: another script, or more common words of another language.

    Told are German, French, Spanish, Portuguese and Italian; what has no sentence is English.
    """
    if not text.isascii() and len(_FOREIGN_LETTER.findall(text)) * 4 > len(text):
        return False
    found = text.lower().split()
    others = sum(map(_OTHERS.__contains__, found))
    return not others or others <= sum(map(_ENGLISH.__contains__, found))
