"""How much of a result a sentence tells."""

import re

from digest.cues import cue

_DIGIT = re.compile(r"\d")
_FIGURE = re.compile(
    r"(?<![\w.,-])[~<>≈≤≥±$]?\d[\d.,]*(?:\s?[-–]\s?\d[\d.,]*)?\s?(?:%|×|x\b|percent|fold|-fold|points?)"
)
_NUMBER = re.compile(r"(?<![\w.,(\[/-])(?!(?:19|20)\d\d\b)\d+(?:[.,]\d+)*(?![\w)\]-])")
# What increases is told by a verb; "increased autonomy" and "the improvement" compare nothing.
_CHANGE = "improv|reduc|increas|decreas|accelerat"
_COMPARISON = cue(
    "outperform|surpass|exceed|faster|better|state-of-the-art|superior|speed|fewer|lower|higher|"
    f"beat|match|on par|than|compared|{_CHANGE}",
    rf"\b(?:outperform|surpass|exceed|faster|better|state-of-the-art|superior|speed-?up|"
    rf"fewer|lower|higher|beats?\b|match(?:es|ing)\b|on par|than\b"
    rf"|(?<!\ban )(?<!\bthe )(?:{_CHANGE})(?:es?|ing)\b"
    rf"|(?:{_CHANGE})ed (?:by|from|to|over|the|its|their|our|both)\b"
    rf"|(?:significant|substantial|considerabl|consistent|dramatic|exponential)[a-z]* (?:{_CHANGE})"
    rf"|(?:improvement|reduction|increase|decrease)s? (?:over|across|relative to)\b"
    rf"|compared (?:to|with)\b)",
)
_CHANGED = cue(_CHANGE, rf"\b(?:{_CHANGE})")
_BETTER = cue(
    "outperform|surpass|exceed|state-of-the-art|faster|superior|beat|better than|improve",
    r"\b(?:outperform|surpass|exceed|state-of-the-art|faster|superior|beats?\b|better than\b"
    r"|improves (?:over|on|upon)\b|improvements? over\b)",
)
# What theory finds: a bound, a rate, a law, or how often something doubles.
_LAW = cue(
    "o(|õ(|ω(|θ(|\u0303(|omega(| rate|power|factor|exponential|quadratic|polynomial|minimax|"
    "doubl|halv",
    r"\b(?:achiev|attain|obtain|enjoy|converg|yield|requir|need|match|regret|complexity|gap|bound|"
    r"error|risk|runs? in|scales? as|time)[a-z]*\b[^.;]{0,80}?(?<!\w)(?:õ|[oωθ]|omega)\u0303?\("
    r"|\bat an? (?:[\w/-]+ ){0,3}rate\b"
    r"|\b(?:show|follow|scal|exhibit|obey)[a-z]*\b[^.;]{0,60}\bpower[- ]laws?\b"
    r"|\bby a (?:constant |logarithmic )?factor\b"
    r"|\b(?:exponential|quadratic|polynomial|superpolynomial)(?:ly)? (?:speed-?ups?|improvement|"
    r"faster|fewer|better)\b|\bminimax[- ]optimal\b"
    r"|\b(?:doubl|halv)(?:ed|es|ing)\b[^.;]{0,30}\bevery\b",
)
_SOLVED = re.compile(
    r"\b(?:solv|answer|reach|scor|achiev)(?:es?|ed|ing|s)?\b[^.;:]{0,40}\d[\d.]*\s?(?:%|percent)"
)
# What was done to find it, though it speaks of more or better.
_METHOD = re.compile(
    r"(?:[^,]{1,90}, ){0,2}we (?:\w+ly |also |then |further |first )*(?:employ|use|adopt|leverage|"
    r"utili[sz]e|apply|choose|select|collect|design|propose|introduce|develop|present|build|"
    r"construct|create|curate)\b"
)
_TOLD = (
    "result|experiment|achiev|demonstrat|show|evaluat|find|found|empirical|attain|obtain|reveal|"
    "observ"
)
_RESULT = cue(_TOLD, rf"\b(?:{_TOLD})")

# What the authors wish for, or only speak about, is no result.
_HOPE = cue(
    "hope|anticipate|expect|believe|aim|goal|inten|plan|seek|conjecture|suspect|potential to|"
    "future|discuss|foundation|start|to observe",
    r"\bwe (?:hope|anticipate|expect|believe|aim|intend|plan|seek|conjecture|suspect)\b"
    r"|\bour (?:aim|goal|hope|intention)\b|\b(?:potential to|to observe)\b"
    r"|\bfuture (?:work|research)\b|\b(?:we|also|and|finally) discuss|\bdiscusse[sd]\b"
    r"|\bprovides? a foundation\b|\bstart(?:s|ed)? by\b|\bplanned\b",
)
_PROMISE = cue("promising", r"\bpromising\b")
# On how much something was tried is not how it went.
_TRIED = cue(
    "experiment|evaluat|test|validat",
    r"\b(?:we|is|are|was|were|been|have|also|and) (?:\w+ly )?"
    r"(?:experiment(?:ed)?|evaluated?|tested?|validated?)\b",
)
_GAINS = cue(
    "achiev|outperform|surpass|exceed|demonstrat|show|improv|reduc|prove|find|found|observ",
    r"\b(?:achiev|outperform|surpass|exceed|demonstrat|show|improv|reduc|prove|find|found|observ)",
)
_OUTCOMES = (
    "achiev|demonstrat|show|find|found|attain|obtain|reveal|observ|outperform|surpass|exceed|"
    "faster|superior|better|beat|match|improv|reduc"
)
_OUTCOME = cue(_OUTCOMES, rf"\b(?:{_OUTCOMES})")


def is_score(text: str) -> bool:
    """Whether a sentence tells how much of a task something solves."""
    return _SOLVED.search(text.lower()) is not None


def evidence(text: str) -> int:
    """Nothing without a number or a comparison; more for both, and for words that tell a result."""
    text = text.lower()
    law = _LAW.stands_in(text)
    comparison, digit = _COMPARISON.stands_in(text), bool(_DIGIT.search(text))
    if not (comparison or digit or law):
        return 0
    figure = digit and bool(_FIGURE.search(text))
    comparison = comparison or (figure and _CHANGED.stands_in(text))
    number = digit and bool(_NUMBER.search(text))
    result = _RESULT.stands_in(text)
    told = law or result or (figure and (comparison or is_score(text)))
    told = told or _BETTER.stands_in(text)
    if not (told and (figure or number or comparison or law)) or _HOPE.stands_in(text):
        return 0
    if not (figure or law or _GAINS.stands_in(text)) and _METHOD.match(text):
        return 0
    if not (figure or number) and _PROMISE.stands_in(text):
        return 0
    if not figure and _TRIED.stands_in(text) and not _OUTCOME.stands_in(text):
        return 0
    return 4 * figure + 2 * law + 2 * comparison + 2 * result + number
