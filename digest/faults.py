"""Why a sentence would be a poor summary, whatever a summariser thinks of it."""

import re
from collections.abc import Callable, Sequence
from enum import IntEnum

from digest.cues import cue
from digest.references import begins_by_pointing_back, names_a_trouble, refers_back
from digest.voice import (
    is_addition,
    is_announced,
    is_detail,
    is_praise,
    is_secondary,
    is_test,
    is_topic,
    names_the_authors,
    speaks_of_the_field,
)

_LEAST = 25


class Fault(IntEnum):
    """The lesser fault first."""

    NONE = 0
    SECONDARY = 1
    TOPIC = 2
    TESTED = 3
    WORTH = 4
    DETAIL = 5
    SYMBOLS = 6
    TROUBLE = 7
    REFERRING = 8
    DANGLING = 9
    BACKGROUND = 10
    QUESTION = 11
    FRAGMENT = 12
    LINK = 13
    CUT = 14


REASONS = {
    Fault.NONE: "stands alone",
    Fault.SECONDARY: "tells what else there is",
    Fault.TOPIC: "tells what is studied",
    Fault.TESTED: "tells what was tested",
    Fault.WORTH: "tells what it is good for",
    Fault.DETAIL: "tells a detail",
    Fault.SYMBOLS: "is told in symbols",
    Fault.TROUBLE: "names a trouble that stands before it",
    Fault.REFERRING: "refers to what stands before it",
    Fault.DANGLING: "begins with a word for what stands before it",
    Fault.BACKGROUND: "tells the background",
    Fault.QUESTION: "asks a question",
    Fault.FRAGMENT: "is no whole sentence",
    Fault.LINK: "names code, data or a link",
    Fault.CUT: "is cut off",
}

_COSTS = {
    Fault.NONE: 0.0,
    Fault.SECONDARY: 0.5,
    Fault.TOPIC: 0.8,
    Fault.TESTED: 0.5,
    Fault.WORTH: 0.8,
    Fault.DETAIL: 1.0,
    Fault.SYMBOLS: 0.8,
    Fault.TROUBLE: 0.6,
    Fault.REFERRING: 1.2,
    Fault.DANGLING: 2.0,
    Fault.BACKGROUND: 3.0,
}
_NEVER = 1_000.0


def cost(fault: Fault) -> float:
    """What a fault takes from a rating; no rating makes up for the worst ones."""
    return _COSTS.get(fault, _NEVER * fault)


_OUTLOOK = cue("potential", r"\b(?:has|have|with|holds?) (?:the|great) potential (?:to|for)\b")
_OF_THE_FIELD = re.compile(
    r"(?:recent(?:ly)?|in recent|over the (?:past|last)|despite|although|while|traditional(?:ly)?|"
    r"conventional|existing|previous|prior|current(?:ly)?|most|many|modern|as [\w -]+ (?:become|"
    r"grow|increase))\b"
)
_BACKGROUND = cue(
    "has|have|is|are|remain|typically|usually|often|suffer|struggle|play|require|fail|lack|little|"
    "poorly|rarely|less",
    r"\b(?:has|have) (?:been|become|shown|emerged|achieved|attracted|gained|recently|made|seen|"
    r"demonstrated|revolutionized|garnered|led|significantly|traditionally|long|often)\b"
    r"|\b(?:is|are|remains?) (?:an? |the )?(?:\w+ly |one of the )?(?:important|fundamental|crucial|"
    r"challenging|key|central|essential|critical|long-?standing|vital|common|popular|open|difficult|"
    r"limited|used|considered|known|understood|needed|necessary|expensive|costly|unclear|"
    r"underexplored|unexplored)\b"
    r"|\b(?:little|poorly|rarely|less) (?:known|explored|understood|studied|documented)\b"
    r"|\b(?:typically|usually|often|suffers?|struggles?|plays? an?|requires?|fails? to|lacks?)\b",
)
_SITE = r"(?:github|gitlab|hugging ?face)\b"
_LINK = cue(
    "http|www.|github|gitlab|hugging",
    rf"https?://|www\.|\b(?:available|released?|hosted|be found|published?|shared?|open-?sourced?|"
    rf"accessible|provided|is|are)\b[^.]{{0,40}}\b(?:on|at|via|from|in|through) (?:our )?{_SITE}"
    rf"|^(?:the |our )?(?:source )?codes?\b[^.]{{0,40}}\b(?:on|at|via) {_SITE}",
)
_PLACE = r"(?:project|page|website|url|link|repository|address|github)"
_AVAILABLE = cue(
    "availab|releas|source|accessib|public|publish|provid| at ",
    rf"\b(?:codes?|data|datasets?|models?|weights|checkpoints|project page|website|demo|"
    rf"implementation|resources|repository|everything)\b(?:(?!\b(?:is|are)\b)[^.]){{0,60}}"
    rf"\b(?:is|are|be|been|made|found) (?:(?!not\b)\w+ ){{0,3}}?"
    rf"(?:available(?! (?:to (?!the public|everyone|all)|only|during|in practice))|released|"
    rf"open-?sourced|(?:publicly|freely|openly) accessible|public\b|"
    rf"at (?:our|the|this) (?:\w+ ){{0,2}}{_PLACE})"
    r"|\b(?:we|and) (?:have |will )?(?:\w+ly )?(?:"
    r"(?:released?|open-?sourced?|published?) "
    r"(?:(?!and\b)\w+ ){0,4}?(?:models?|datasets?)\b(?! of\b)"
    r"|(?:released?|open-?sourced?|provided?|published?) "
    r"(?:(?!and\b)\w+ ){0,4}?(?:codes?|weights|checkpoints|implementations?)\b)",
)
_STOPS = (".", "!", "?", "。", "！", "？")
_CLOSERS = "\"'”’)]"
_LINK_AT_THE_END = re.compile(r"(?:https?://|www\.|\w\.(?:com|org|io|co|ai|net)\b)\S*$")
# A list begins or ends with its first point, or a word is missing.
_LIST = re.compile(r": ?\(?\d[.)]+$|, ?\.$|: (?:\(?(?:i|1|a)\)|1\.) [^:;,()]*\.$")
_LETTERS = re.compile(r"[^\W\d_]{2}")

# A letter before a full stop is part of "e.g.", "U.S." or "E. coli".
_SYMBOL = re.compile(r"[=<>≤≥≪≫≈∈⊂⊆∘∑∏∇‖√→↦^_]|(?<![\w'’-])(?<!\w\.)[b-hj-z](?![\w'’-]|\. ?\w)")
_MANY = 4


def is_whole(text: str) -> bool:
    """Whether a text ends as a sentence does, not with dots for what is missing, or with a link."""
    bare = text.rstrip(_CLOSERS)
    stops = bare.endswith(_STOPS) and not bare.endswith("...")
    return stops or _LINK_AT_THE_END.search(text) is not None


def _offers(said: str) -> bool:
    return _LINK.stands_in(said) or (_AVAILABLE.stands_in(said) and not is_announced(said))


def _asks(said: str) -> bool:
    return said.rstrip(_CLOSERS).endswith("?")


def _is_fragment(said: str) -> bool:
    return len(said) < _LEAST or not _LETTERS.search(said) or bool(_LIST.search(said))


def _is_in_symbols(said: str) -> bool:
    return len(_SYMBOL.findall(said)) >= _MANY


def _is_outlook(said: str) -> bool:
    return _OUTLOOK.stands_in(said) and not is_announced(said)


def _is_of_the_field(said: str) -> bool:
    return not names_the_authors(said) and bool(
        _OF_THE_FIELD.match(said) or _BACKGROUND.stands_in(said)
    )


# The first that holds of a sentence in small letters is its fault.
_FAULTS: tuple[tuple[Fault, Callable[[str], bool]], ...] = (
    (Fault.LINK, _offers),
    (Fault.QUESTION, _asks),
    (Fault.FRAGMENT, _is_fragment),
    (Fault.BACKGROUND, speaks_of_the_field),
    (Fault.BACKGROUND, _is_outlook),
    (Fault.DANGLING, begins_by_pointing_back),
    (Fault.REFERRING, refers_back),
    (Fault.BACKGROUND, _is_of_the_field),
    (Fault.TROUBLE, names_a_trouble),
    (Fault.DETAIL, is_detail),
    (Fault.SYMBOLS, _is_in_symbols),
    (Fault.SECONDARY, is_secondary),
    (Fault.TESTED, is_test),
    (Fault.WORTH, is_praise),
    (Fault.TOPIC, is_topic),
)


def fault_of(said: str, left_out: Sequence[str] = ()) -> Fault:
    """What is wrong with a sentence by itself; all in small letters."""
    found = next((fault for fault, holds in _FAULTS if holds(said)), Fault.NONE)
    if found < Fault.DETAIL and any(map(is_detail, left_out)):
        return Fault.DETAIL
    if found is Fault.NONE and any(map(is_addition, [said, *left_out])):
        return Fault.SECONDARY
    return found
