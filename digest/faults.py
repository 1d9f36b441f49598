"""Why a sentence would be a poor summary, whatever a summariser thinks of it."""

import re
from collections.abc import Callable, Collection
from enum import IntEnum

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


_PAPER = (
    r"(?:[\w-]+ ){0,2}(?:paper|work|study|article|report|survey|review|research|thesis|letter|note|"
    r"manuscript|tutorial|investigation|contribution|chapter|position|project|abstract|thesis)\b"
)
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
_OWN = re.compile(
    rf"(?:^|[,;:(\[—–…”] ?|\b(?:and|but|here|while|whereas|then|that) )we\b|\bour\b"
    rf"|\bwe (?<!\bhow we )(?<!\bwhat we )(?<!\bwhy we )(?<!\bway we )(?<!\bways we )"
    rf"(?:\w+ly |also |then |here |first |further |next |can |will )?{_DID}"
    rf"|\b(?:this|the present|the current) {_PAPER}"
    r"|\b(?:is|are) (?:proposed|presented|introduced|developed|described|shown|investigated)\b",
    re.IGNORECASE,
)
_ANNOUNCES = re.compile(
    r"\b(?:we|this paper|this work|paper|work) (?:\w+ly |here |thus |then |first )?"
    r"(?:propose|introduce|present|develop|design|describe|devise|formulate|establish)s?\b",
    re.IGNORECASE,
)
# The authors speak, and speak of the field.
_FIELD = re.compile(
    r"^in (?:our )?(?:prior|previous|earlier)\b|\bwe (?:have )?previously\b"
    r"|\bwe (?:have (?:seen|witnessed)|(?:usually|often|typically)|are (?:currently|un)\w*|"
    r"(?:\w+ ){0,2}need)\b",
    re.IGNORECASE,
)
_OUTLOOK = re.compile(
    r"\b(?:has|have|with|holds?) (?:the|great) potential (?:to|for)\b", re.IGNORECASE
)
_SECONDARY = re.compile(
    r"\b(?:we|paper|work|study|article|review|survey|research|results?|experiments?|findings?) "
    r"(?:also|additionally|further(?:more)?|finally|then|therefore|conclude|hope|anticipate|believe|"
    r"expect|plan|intends?)\b"
    r"|\b(?:is|are) (?:also|additionally|further) \w+ed\b",
    re.IGNORECASE,
)
# This, these, it and such in the first eight words, unless the sentence itself says what is meant.
_REFERENCE = re.compile(
    rf"^(?:\S+\s+){{0,7}}?\(?(?:this\b(?! {_PAPER})|these\b(?! {_PAPER})|such\b(?! as\b| that\b)"
    r"|the (?:former|latter|aforementioned|above|resulting)\b|those\b(?! who| which| that| of))"
    r"|^(?:it|they|he|she|its|their|both|another)\b(?!['’]s (?:well|known)| (?:is|was|has been) "
    r"(?:well[- ]|widely |often |commonly )?(?:known|shown|possible|important|believed|argued|not))"
    r"|\b(?:this|these|such) (?:gap|issue|problem|challenge|limitation|shortcoming|drawback)s?\b"
    r"|\b(?:it|them)\.$|^for the (?:first|second|third|other)\b"
    r"|^(?:\w+ly,|even|when|while|if|as|since|because|\s)+ (?:it|they)\b",
    re.IGNORECASE,
)
_CONNECTIVE = re.compile(
    r"^(?:however|nevertheless|nonetheless|thus|therefore|hence|consequently|accordingly|then|and|"
    r"instead(?! of)|meanwhile|similarly|likewise|conversely|otherwise|yet|still|but|so|or|notably|"
    r"specifically|concretely|indeed|importantly|surprisingly|interestingly|crucially|"
    r"moreover|furthermore|additionally|also|besides|next|further|finally|subsequently|"
    r"first(?:ly)?|second(?:ly)?|third(?:ly)?|last(?:ly)?|unfortunately|alternatively|"
    r"in (?:particular|contrast(?! to)|turn|fact|addition(?! to))|by contrast|in doing so|to do so|"
    r"to th(?:at|is) end|as a result|as such|for example|for instance|in some cases|"
    r"at the same time|that is|on the (?:other|one) hand|"
    r"more (?:specifically|precisely|concretely)|"
    r"with that|at its core|along with|alongside|along the way|for completeness)\b"
    r"|^\(?(?:[ivx]+|\d+|[a-d])\)",
    re.IGNORECASE,
)
_BACKGROUND = re.compile(
    r"^(?:recent(?:ly)?|in recent|over the (?:past|last)|despite|although|while|traditional(?:ly)?|"
    r"conventional|existing|previous|prior|current(?:ly)?|most|many|modern|as [\w -]+ (?:become|"
    r"grow|increase))\b"
    r"|\b(?:has|have) (?:been|become|shown|emerged|achieved|attracted|gained|recently|made|seen|"
    r"demonstrated|revolutionized|garnered|led|significantly|traditionally|long|often)\b"
    r"|\b(?:is|are|remains?) (?:an? |the )?(?:\w+ly |one of the )?(?:important|fundamental|crucial|"
    r"challenging|key|central|essential|critical|long-?standing|vital|common|popular|open|difficult|"
    r"limited|used|considered|known|understood|needed|necessary|expensive|costly|unclear|"
    r"underexplored|unexplored)\b"
    r"|\b(?:typically|usually|often|suffers?|struggles?|plays? an?|requires?|fails? to|lacks?)\b",
    re.IGNORECASE,
)
_SITE = r"(?:github|gitlab|hugging ?face)\b"
_LINK = re.compile(
    rf"https?://|www\.|\b(?:available|released?|hosted|be found|published?|shared?|open-?sourced?|"
    rf"accessible|provided|is|are)\b[^.]{{0,40}}\b(?:on|at|via|from|in|through) (?:our )?{_SITE}"
    rf"|^(?:the |our )?(?:source )?codes?\b[^.]{{0,40}}\b(?:on|at|via) {_SITE}",
    re.IGNORECASE,
)
_PLACE = r"(?:project|page|website|url|link|repository|address|github)"
_AVAILABLE = re.compile(
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
    re.IGNORECASE,
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
_QUESTION = re.compile(r"\?[\"'”’)\]]*$")
_WHOLE = re.compile(r"(?:(?<!\.\.)\.|[!?。！？])[\"'”’)\]]*$")
_LINK_AT_THE_END = re.compile(r"(?:https?://|www\.|\w\.(?:com|org|io|co|ai|net)\b)\S*$")
_LETTERS = re.compile(r"[^\W\d_]{2}")


def is_whole(text: str) -> bool:
    """Whether a text ends as a sentence does, not with dots for what is missing, or with a link."""
    return bool(_WHOLE.search(text) or _LINK_AT_THE_END.search(text))


def is_own(text: str) -> bool:
    """Whether the authors speak of themselves or of their paper."""
    return bool(_OWN.search(text))


def _offers(text: str) -> bool:
    return bool(_LINK.search(text)) or bool(_AVAILABLE.search(text) and not _ANNOUNCES.search(text))


def _is_fragment(text: str) -> bool:
    return len(text) < _LEAST or not _LETTERS.search(text)


# The first that holds is the sentence's fault.
_FAULTS: tuple[tuple[Fault, Callable[[str], object]], ...] = (
    (Fault.LINK, _offers),
    (Fault.QUESTION, _QUESTION.search),
    (Fault.FRAGMENT, _is_fragment),
    (Fault.BACKGROUND, _FIELD.search),
    (Fault.BACKGROUND, lambda text: _OUTLOOK.search(text) and not _ANNOUNCES.search(text)),
    (Fault.REFERRING, lambda text: _CONNECTIVE.search(text) or _REFERENCE.search(text)),
    (Fault.BACKGROUND, lambda text: not is_own(text) and _BACKGROUND.search(text)),
    (Fault.SECONDARY, _SECONDARY.search),
)


def fault_of(text: str, title: Collection[str]) -> Fault:
    """What is wrong with a sentence by itself; `title` are the stems of its paper's title."""
    found = next((fault for fault, holds in _FAULTS if holds(text)), None)
    return found if found is not None else _FAULT_BY_NEWS.get(_news(text, title), Fault.NONE)


_FAULT_BY_NEWS = {0: Fault.ECHO, 1: Fault.VACUOUS}


def _news(text: str, title: Collection[str]) -> int:
    """How many words a sentence has beyond the title and what every paper says of itself."""
    return len({stem(word) for word in words(text)}.difference(title, _EMPTY))
