"""Why a sentence would be a poor summary, whatever a summariser thinks of it."""

import re
from collections.abc import Callable, Collection
from enum import IntEnum

from digest.cues import PAPER, cue
from digest.salience import COMMON, stem
from digest.text import listed, words

_LEAST = 25


class Fault(IntEnum):
    """The lesser fault first."""

    NONE = 0
    SECONDARY = 1
    VACUOUS = 2
    ECHO = 3
    REFERRING = 4
    BACKGROUND = 5
    QUESTION = 6
    FRAGMENT = 7
    LINK = 8
    CUT = 9


REASONS = {
    Fault.NONE: "stands alone",
    Fault.SECONDARY: "tells what else there is",
    Fault.VACUOUS: "says hardly more than the title",
    Fault.ECHO: "says no more than the title",
    Fault.REFERRING: "refers to what stands before it",
    Fault.BACKGROUND: "tells the background",
    Fault.QUESTION: "asks a question",
    Fault.FRAGMENT: "is no whole sentence",
    Fault.LINK: "names code, data or a link",
    Fault.CUT: "is cut off",
}

_COSTS = {
    Fault.NONE: 0.0,
    Fault.SECONDARY: 0.6,
    Fault.VACUOUS: 1.0,
    Fault.ECHO: 1.9,
    Fault.REFERRING: 1.1,
    Fault.BACKGROUND: 3.0,
}
_NEVER = 1_000.0


def cost(fault: Fault) -> float:
    """What a fault takes from a rating; no rating makes up for the worst ones."""
    return _COSTS.get(fault, _NEVER * fault)


_PAPER = rf"(?:[\w-]+ ){{0,2}}(?:{PAPER}|position)\b"
# "How we see the world" is nobody's contribution: the authors speak at the start of a clause or
# say what they did.
_DID = (
    r"(?:propos|introduc|present|develop|design|describ|devis|formulat|establish|show|demonstrat|"
    r"find|found|prov|stud(?:y|ied)|investigat|analy[sz]|explor|examin|us(?:e|ed)\b|apply|applied|"
    r"employ|train|evaluat|compar|report|deriv|offer|giv|gave|build|built|construct|consider|"
    r"address|tackl|focus|aim|argu|observ|discover|identif|extend|test|estimat|obtain|achiev|"
    r"reveal|conclud|creat|releas|collect|conduct|perform|suggest|discuss|leverag|adopt|defin|"
    r"characteri|combin|implement|solv|validat|highlight|comput|pretrain|fine-?tun)"
)
_OWN = cue(
    "we|our|this|the present|the current|proposed|introduced|developed|described|shown|"
    "investigated|presented",
    rf"(?:^|[,;:(\[—–…”] ?|\b(?:and|but|here|while|whereas|then|that) )we\b|\bour\b"
    rf"|\bwe (?<!\bhow we )(?<!\bwhat we )(?<!\bwhy we )(?<!\bway we )(?<!\bways we )"
    rf"(?:\w+ly |also |then |here |first |further |next |can |will )?{_DID}"
    rf"|\b(?:this|the present|the current) {_PAPER}"
    r"|\b(?:is|are) (?:proposed|presented|introduced|developed|described|shown|investigated)\b",
)
_VERBS = "propose|introduce|present|develop|design|describe|devise|formulate|establish"
_ANNOUNCES = cue(
    _VERBS,
    r"\b(?:we|this paper|this work|paper|work) (?:\w+ly |here |thus |then |first )?"
    rf"(?:{_VERBS})s?\b",
)
# The authors speak, and speak of the field.
_FIELD = cue(
    "prior|previous|earlier|seen|witnessed|usually|often|typically|we are|need",
    r"^in (?:our )?(?:prior|previous|earlier)\b|\bwe (?:have )?previously\b"
    r"|\bwe (?:have (?:seen|witnessed)|(?:usually|often|typically)|are (?:currently|un)\w*|"
    r"(?:\w+ ){0,2}need)\b",
)
_OUTLOOK = cue("potential", r"\b(?:has|have|with|holds?) (?:the|great) potential (?:to|for)\b")
_SECONDARY = cue(
    "also|additionally|further|finally|then|therefore|conclude|hope|anticipate|believe|expect|"
    "plan|intend",
    r"\b(?:we|paper|work|study|article|review|survey|research|results?|experiments?|findings?) "
    r"(?:also|additionally|further(?:more)?|finally|then|therefore|conclude|hope|anticipate|believe|"
    r"expect|plan|intends?)\b"
    r"|\b(?:is|are) (?:also|additionally|further) \w+ed\b",
)
# This, these, it and such in the first eight words, unless the sentence itself says what is meant.
_REFERENCE = cue(
    "this|these|such|those|former|latter|aforementioned|above|resulting|it.|them.",
    rf"^(?:\S+\s+){{0,7}}?\(?(?:this\b(?! {_PAPER})|these\b(?! {_PAPER})|such\b(?! as\b| that\b)"
    r"|the (?:former|latter|aforementioned|above|resulting)\b|those\b(?! who| which| that| of))"
    r"|\b(?:this|these|such) (?:gap|issue|problem|challenge|limitation|shortcoming|drawback)s?\b"
    r"|\b(?:it|them)\.$",
)
_OPENING = re.compile(
    r"(?:it|they|he|she|its|their|both|another)\b(?!['’]s (?:well|known)| (?:is|was|has been) "
    r"(?:well[- ]|widely |often |commonly )?(?:known|shown|possible|important|believed|argued|not))"
    r"|for the (?:first|second|third|other)\b"
    r"|(?:\w+ly,|even|when|while|if|as|since|because|\s)+ (?:it|they)\b"
)
_CONNECTIVE = re.compile(
    r"(?:however|nevertheless|nonetheless|thus|therefore|hence|consequently|accordingly|then|and|"
    r"instead(?! of)|meanwhile|similarly|likewise|conversely|otherwise|yet|still|but|so|or|notably|"
    r"specifically|concretely|indeed|importantly|surprisingly|interestingly|crucially|"
    r"moreover|furthermore|additionally|also|besides|next|further|finally|subsequently|"
    r"first(?:ly)?|second(?:ly)?|third(?:ly)?|last(?:ly)?|unfortunately|alternatively|"
    r"in (?:particular|contrast(?! to)|turn|fact|addition(?! to))|by contrast|in doing so|to do so|"
    r"to th(?:at|is) end|as a result|as such|for example|for instance|in some cases|"
    r"at the same time|that is|on the (?:other|one) hand|"
    r"more (?:specifically|precisely|concretely)|"
    r"with that|at its core|along with|alongside|along the way|for completeness)\b"
    r"|\(?(?:[ivx]+|\d+|[a-d])\)"
)
_OF_THE_FIELD = re.compile(
    r"(?:recent(?:ly)?|in recent|over the (?:past|last)|despite|although|while|traditional(?:ly)?|"
    r"conventional|existing|previous|prior|current(?:ly)?|most|many|modern|as [\w -]+ (?:become|"
    r"grow|increase))\b"
)
_BACKGROUND = cue(
    "has|have|is|are|remain|typically|usually|often|suffer|struggle|play|require|fail|lack",
    r"\b(?:has|have) (?:been|become|shown|emerged|achieved|attracted|gained|recently|made|seen|"
    r"demonstrated|revolutionized|garnered|led|significantly|traditionally|long|often)\b"
    r"|\b(?:is|are|remains?) (?:an? |the )?(?:\w+ly |one of the )?(?:important|fundamental|crucial|"
    r"challenging|key|central|essential|critical|long-?standing|vital|common|popular|open|difficult|"
    r"limited|used|considered|known|understood|needed|necessary|expensive|costly|unclear|"
    r"underexplored|unexplored)\b"
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
    rf"implementation|resources|repository|everything)\b[^.]{{0,60}}"
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
_EMPTY = COMMON | listed(
    "novel simple effective efficient framework algorithm technique model system task problem",
    "network learning training neural deep called name named term dub dubbed introduce",
    "introduced develop design designed address challenge solve improve better performance",
    "general various different several many existing first study explore investigate analyze",
    "paper article dataset benchmark strategy solution architecture apply through end based",
    "our enhance enhancing improving solving ability capability boost llm large language universal",
    "pipeline module examine constraint limitation",
)
_STOPS = (".", "!", "?", "。", "！", "？")
_CLOSERS = "\"'”’)]"
_LINK_AT_THE_END = re.compile(r"(?:https?://|www\.|\w\.(?:com|org|io|co|ai|net)\b)\S*$")
_LETTERS = re.compile(r"[^\W\d_]{2}")


def is_whole(text: str) -> bool:
    """Whether a text ends as a sentence does, not with dots for what is missing, or with a link."""
    bare = text.rstrip(_CLOSERS)
    stops = bare.endswith(_STOPS) and not bare.endswith("...")
    return stops or _LINK_AT_THE_END.search(text) is not None


def is_own(text: str) -> bool:
    """Whether the authors speak of themselves or of their paper."""
    return _OWN.stands_in(text.lower())


def _offers(said: str) -> bool:
    return _LINK.stands_in(said) or (_AVAILABLE.stands_in(said) and not _ANNOUNCES.stands_in(said))


def _asks(said: str) -> bool:
    return said.rstrip(_CLOSERS).endswith("?")


def _is_fragment(said: str) -> bool:
    return len(said) < _LEAST or not _LETTERS.search(said)


def _is_of_the_field(said: str) -> object:
    return not _OWN.stands_in(said) and (_OF_THE_FIELD.match(said) or _BACKGROUND.stands_in(said))


# The first that holds of a sentence in small letters is its fault.
_FAULTS: tuple[tuple[Fault, Callable[[str], object]], ...] = (
    (Fault.LINK, _offers),
    (Fault.QUESTION, _asks),
    (Fault.FRAGMENT, _is_fragment),
    (Fault.BACKGROUND, _FIELD.stands_in),
    (Fault.BACKGROUND, lambda said: _OUTLOOK.stands_in(said) and not _ANNOUNCES.stands_in(said)),
    (Fault.REFERRING, _CONNECTIVE.match),
    (Fault.REFERRING, _OPENING.match),
    (Fault.REFERRING, _REFERENCE.stands_in),
    (Fault.BACKGROUND, _is_of_the_field),
    (Fault.SECONDARY, _SECONDARY.stands_in),
)


def fault_of(text: str, title: Collection[str]) -> Fault:
    """What is wrong with a sentence by itself; `title` are the stems of its paper's title."""
    said = text.lower()
    found = next((fault for fault, holds in _FAULTS if holds(said)), None)
    return found if found is not None else _FAULT_BY_NEWS.get(_news(text, title), Fault.NONE)


_FAULT_BY_NEWS = {0: Fault.ECHO, 1: Fault.VACUOUS}


def _news(text: str, title: Collection[str]) -> int:
    """How many words a sentence has beyond the title and what every paper says of itself."""
    return len({stem(word) for word in words(text)}.difference(title, _EMPTY))
