"""Choose what a reader sees of an abstract: one sentence that says what is new, one with a result.

A summariser ranks the sentences; the rules here know what a summariser does not: that a sentence
must stand alone, fit two lines, and be no question, link or cut-off end.
"""

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum
from urllib.parse import urlsplit

from digest.model import Span, Summary
from digest.ports import Summariser
from digest.text import sentences

LEAD_LENGTH = 280
LENGTH = 420
_LEAST = 25

# A change of the rules below makes every summary anew, as a change of the summariser does.
_RULES = "rules-1"


class Fault(IntEnum):
    """Why a sentence is a poor lead, the lesser fault first."""

    NONE = 0
    ANNOUNCED = 1
    SECONDARY = 2
    NEUTRAL = 3
    DANGLING = 4
    BACKGROUND = 5
    QUESTION = 6
    FRAGMENT = 7
    LINK = 8
    CUT = 9


_REASONS = {
    Fault.NONE: "says what the paper brings",
    Fault.ANNOUNCED: "says what the paper brings, and refers to what stands before it",
    Fault.SECONDARY: "tells how it was tested or what else there is",
    Fault.NEUTRAL: "stands alone",
    Fault.DANGLING: "opens with a reference to what stands before it",
    Fault.BACKGROUND: "tells the background",
    Fault.QUESTION: "asks a question",
    Fault.FRAGMENT: "is no whole sentence",
    Fault.LINK: "names code, data or a link",
    Fault.CUT: "is cut off",
}

_PAPER = (
    r"(?:[\w-]+ ){0,2}(?:paper|work|study|article|report|survey|review|research|thesis|letter|note|"
    r"manuscript|tutorial|investigation|contribution|chapter|position)\b"
)
_OWN = re.compile(
    rf"\b(?:we|our)\b|\b(?:this|the present|the current) {_PAPER}"
    r"|\b(?:is|are) (?:proposed|presented|introduced|developed|described|shown)\b",
    re.IGNORECASE,
)
_ANNOUNCES = re.compile(
    r"\b(?:we|this paper|this work|paper|work) (?:\w+ly |here |thus |then |first )?"
    r"(?:propose|introduce|present|develop|design|describe|devise|formulate|establish)s?\b",
    re.IGNORECASE,
)
# What a paper is about, in words that need not announce a thing.
_TOPIC = re.compile(
    rf"\b(?:this|the present|the current) {_PAPER}"
    r"|\bwe (?:\w+ly |can |here |will )?"
    r"(?:show|prove|demonstrate|study|investigate|explore|consider|"
    r"examine|analy[sz]e|find|identify|argue|provide|give|derive|build|create|construct|suggest|"
    r"formali[sz]e|extend|contribute|motivate|seek|leverage|obtain|question|initiate|aim|review|"
    r"survey|address|tackle|report|characteri[sz]e|generali[sz]e)\b"
    r"|\b(?:is|are) (?:proposed|presented|introduced|developed|described)\b",
    re.IGNORECASE,
)
_SECONDARY = re.compile(
    r"\bwe (?:also|further|additionally|finally|hope|believe|would|invite|plan|validate|evaluate|"
    r"conduct|notice|discuss|compare|conclude|train|test|experiment|verify|perform|apply|expect)\b"
    r"|^(?:in |our |the |\w+ ){0,2}experiments?\b"
    r"|^(?:experimentally|empirically|theoretically|overall|even|subsequently|unfortunately)\b"
    r"|\b(?:effectiveness|generality|advantages?) of (?:our|the proposed)\b"
    r"|\bour (?:extensive |comprehensive |empirical )?(?:experiments?|evaluations?|simulations?)\b",
    re.IGNORECASE,
)
# The authors speak, and speak of the field.
_FIELD = re.compile(
    r"\bwe (?:have (?:seen|witnessed)|(?:usually|often|typically)|are (?:currently|un)\w*|"
    r"(?:\w+ ){0,2}need)\b",
    re.IGNORECASE,
)
_OPENING = r"^(?:\S+\s+){0,7}?\(?"
# This, these, it and such in the first eight words, unless the sentence itself says what is meant.
_REFERENCE = re.compile(
    rf"{_OPENING}(?:this\b(?! {_PAPER})|these\b(?! {_PAPER})|such\b(?! as\b| that\b)"
    r"|the (?:former|latter|aforementioned|above)\b|those\b(?! who| which| that| of))"
    r"|^(?:it|they|he|she|its|their|both|another)\b(?!['’]s (?:well|known)| (?:is|was|has been) "
    r"(?:well[- ]|widely |often |commonly )?(?:known|shown|possible|important|believed|argued|not))"
    r"|^(?:\w+ly,|even|when|while|if|as|since|because|\s)+ (?:it|they)\b",
    re.IGNORECASE,
)
_CONNECTIVE = re.compile(
    r"^(?:however|nevertheless|nonetheless|thus|therefore|hence|consequently|accordingly|then|and|"
    r"instead|meanwhile|similarly|likewise|conversely|otherwise|yet|still|but|so|or|notably|"
    r"specifically|concretely|indeed|importantly|surprisingly|interestingly|crucially|"
    r"in particular|in contrast|by contrast|in turn|in fact|in doing so|to do so|"
    r"to that end|as a result|as such|for example|for instance|in some cases|at the same time|"
    r"that is|on the (?:other|one) hand|"
    r"more (?:specifically|precisely|concretely)|with that|at its core|alternatively|"
    r"along with|alongside)\b",
    re.IGNORECASE,
)
_ADDITION = re.compile(
    r"^(?:\(?(?:[ivx]+|\d+|[a-d])\)|(?:moreover|furthermore|additionally|also|besides|next|further|"
    r"first(?:ly)?|second(?:ly)?|third(?:ly)?|last(?:ly)?|finally|in addition|along the way|"
    r"for completeness|subsequently)\b)",
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
_LINK = re.compile(
    r"https?://|www\.|\b(?:on|at|via|from|in) (?:github|gitlab|hugging ?face)\b", re.IGNORECASE
)
_AVAILABLE = re.compile(
    r"\b(?:codes?|data|datasets?|models?|weights|checkpoints|project page|website|demo|"
    r"implementation|resources|repository|everything)\b[^.]{0,60}\b(?:is|are|be|been|made|found) "
    r"(?:\w+ ){0,3}?(?:available|released|open-?sourced|accessible|public|at)\b"
    r"|\b(?:we|and) (?:have |will )?(?:\w+ly )?(?:released?|open-?sourced?|provided?|published?) "
    r"(?:(?!and\b)\w+ ){0,4}?(?:codes?|models?|weights|checkpoints|implementations?|datasets?)\b",
    re.IGNORECASE,
)
_WHOLE = re.compile(r"[.!?。！？][\"'”’)\]]*$")


def _dangles(text: str) -> bool:
    return bool(_ADDITION.search(text) or _CONNECTIVE.search(text) or _REFERENCE.search(text))


def _announces(text: str) -> bool:
    return bool(_ANNOUNCES.search(text)) and not _SECONDARY.search(text)


def _brings(text: str) -> bool:
    return _announces(text) or bool(_TOPIC.search(text) and not _SECONDARY.search(text))


def _offers(text: str) -> bool:
    return bool(_AVAILABLE.search(text)) and not _announces(text)


# The first that holds is the sentence's fault.
_FAULTS: tuple[tuple[Fault, Callable[[str], object]], ...] = (
    (Fault.LINK, lambda text: _LINK.search(text) or _offers(text)),
    (Fault.QUESTION, re.compile(r"\?[\"'”’)\]]*$").search),
    (Fault.FRAGMENT, lambda text: len(text) < _LEAST or not re.search(r"[^\W\d_]{2}", text)),
    (Fault.BACKGROUND, _FIELD.search),
    (Fault.DANGLING, _ADDITION.search),
    (Fault.ANNOUNCED, lambda text: _dangles(text) and _announces(text)),
    (Fault.DANGLING, _dangles),
    (Fault.NONE, _brings),
    (Fault.SECONDARY, _OWN.search),
    (Fault.BACKGROUND, _BACKGROUND.search),
    (Fault.NEUTRAL, bool),
)

_FIGURE = re.compile(
    r"(?<![\w.,-])[~<>≈≤≥±$]?\d[\d.,]*(?:\s?[-–]\s?\d[\d.,]*)?\s?(?:%|×|x\b|percent|fold|-fold|points?)"
)
_NUMBER = re.compile(r"(?<![\w.,(\[/-])(?!(?:19|20)\d\d\b)\d+(?:[.,]\d+)*(?![\w)\]-])")
_COMPARISON = re.compile(
    r"\b(?:outperform|surpass|exceed|improv|reduc|faster|better|state-of-the-art|superior|speed-?up|"
    r"increas|accelerat|fewer|lower|higher|decreas|beats?\b|match(?:es|ing)\b|on par|than\b)",
    re.IGNORECASE,
)
_BETTER = re.compile(
    r"\b(?:outperform|surpass|exceed|state-of-the-art|faster|superior|beats?\b|better than\b)",
    re.IGNORECASE,
)
_RESULT = re.compile(
    r"\b(?:result|experiment|achiev|demonstrat|show|evaluat|find|found|empirical|attain|obtain|"
    r"reveal|observ)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class _Sentence:
    span: Span
    text: str
    rank: int
    fault: Fault

    @property
    def preference(self) -> tuple[bool, int, int]:
        return (len(self.text) > LEAD_LENGTH, self.fault, self.rank)


def summarise(title: str, abstract: str, summariser: Summariser) -> Summary | None:
    """Pick lead and finding from a cleaned title and abstract; None of an empty abstract."""
    found = _ranked(title, abstract, summariser)
    if not found:
        return None
    lead = _lead(found)
    finding = _finding(found, lead)
    picked = [lead, *([finding] if finding else [])]
    return Summary(
        lead=lead.text,
        finding=finding.text if finding else None,
        spans=tuple(sentence.span for sentence in picked),
        lead_spans=1,
        method=summariser.METHOD,
    )


def explain(title: str, abstract: str, summariser: Summariser) -> list[tuple[str, str]]:
    """The sentences in the order of preference, each with the reason for its place."""
    found = _ranked(title, abstract, summariser)
    if not found:
        return []
    lead = _lead(found)
    finding = _finding(found, lead)
    rest = sorted((s for s in found if s not in (lead, finding)), key=lambda s: s.preference)
    chosen = [(lead, "lead: "), *([(finding, "finding: ")] if finding else [])]
    return [
        (sentence.text, role + _reason(sentence, len(found), summariser.METHOD))
        for sentence, role in [*chosen, *((s, "") for s in rest)]
    ]


def _reason(sentence: _Sentence, of: int, method: str) -> str:
    length = f", longer than {LEAD_LENGTH}" if len(sentence.text) > LEAD_LENGTH else ""
    return f"{_REASONS[sentence.fault]}{length}; {method} ranks it {sentence.rank + 1} of {of}"


def _ranked(title: str, abstract: str, summariser: Summariser) -> list[_Sentence]:
    """The sentences in their order in the abstract, with the summariser's rank of each."""
    spans = sentences(abstract)
    texts = [abstract[start:end] for start, end in spans]
    rank = {index: place for place, index in enumerate(summariser.choose(title, texts, len(texts)))}
    faults = _faults(texts)
    return [
        _Sentence(span, text, rank.get(i, len(texts)), fault)
        for i, (span, text, fault) in enumerate(zip(spans, texts, faults, strict=True))
    ]


def _faults(texts: list[str]) -> list[Fault]:
    """The fault of each; what stands before the first word of the authors' own is background."""
    faults = [_fault(text) for text in texts]
    own = [i for i, text in enumerate(texts) if _OWN.search(text)]
    for i in range(own[0] if own else 0):
        faults[i] = max(faults[i], Fault.BACKGROUND)
    if texts and not _WHOLE.search(texts[-1]):
        faults[-1] = Fault.CUT
    return faults


def _fault(text: str) -> Fault:
    return next((fault for fault, holds in _FAULTS if holds(text)), Fault.NONE)


def _lead(found: list[_Sentence]) -> _Sentence:
    """The best sentence that fits; where none does, the shortest one that is whole."""
    best = min(found, key=lambda s: s.preference)
    if len(best.text) <= LEAD_LENGTH:
        return best
    return min(found, key=lambda s: (s.fault is Fault.CUT, len(s.text)))


def _finding(found: list[_Sentence], lead: _Sentence) -> _Sentence | None:
    """The best sentence behind the lead that has a number or a comparison, where both fit."""
    room = LENGTH - len(lead.text)
    fit = [
        (_evidence(s), -i, s)
        for i, s in enumerate(found)
        if s.span > lead.span and len(s.text) <= room and s.fault < Fault.QUESTION
    ]
    evidence, _, sentence = max(fit, key=lambda item: item[:2], default=(0, 0, lead))
    return sentence if evidence > 0 else None


def _evidence(sentence: _Sentence) -> int:
    """How much of a result a sentence tells; nothing without a number or a comparison."""
    text = sentence.text
    figure, number = bool(_FIGURE.search(text)), bool(_NUMBER.search(text))
    comparison, result = bool(_COMPARISON.search(text)), bool(_RESULT.search(text))
    loose = sentence.fault in (Fault.ANNOUNCED, Fault.DANGLING)
    told = result or bool(_BETTER.search(text)) or (figure and (comparison or not loose))
    if not (told and (figure or number or comparison)) or sentence.fault is Fault.BACKGROUND:
        return 0
    return 4 * figure + 2 * comparison + 2 * result + number - loose


def text_hash(title: str, abstract: str, method: str) -> str:
    """What a summary depends on, so that it is made anew exactly when something of it changes."""
    return hashlib.sha256(f"{title}\0{abstract}\0{method}\0{_RULES}".encode()).hexdigest()


# --- the link to the code -------------------------------------------------------------------

_URL = re.compile(r"https?://[^\s{}<>\"'`|\\^\[\]]+", re.IGNORECASE)
_CODE_HOST = re.compile(
    r"(?:^|\.)(?:github\.com|github\.io|gitlab\.(?:com|io|[a-z.]+)|bitbucket\.org|codeberg\.org|"
    r"huggingface\.co|hf\.co|anonymous\.4open\.science|sourceforge\.net)$"
)
_CODE_WORD = re.compile(
    r"\b(?:code|codes|codebase|source|implementation|software)\b[^.!?]*$", re.IGNORECASE
)


def code_url(abstract: str) -> str | None:
    """The first http(s) link of an abstract, as printed, that leads to code or the project."""
    for match in _URL.finditer(abstract):
        url = match[0].rstrip(".,;:!?*_")
        url = url if url.count("(") == url.count(")") else url.rstrip(").,;")
        host = _host(url)
        if host and (
            _CODE_HOST.search(host) or _CODE_WORD.search(abstract[: match.start()][-120:])
        ):
            return url
    return None


def _host(url: str) -> str | None:
    """The host of a link; None where it has none, or hides it behind a user's name."""
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        return None
    return None if parts.username is not None or not host or "." not in host else host
