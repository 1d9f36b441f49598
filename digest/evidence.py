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
    "outperform|surpass|exceed|state-of-the-art|faster|superior|beat|better than",
    r"\b(?:outperform|surpass|exceed|state-of-the-art|faster|superior|beats?\b|better than\b)",
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
_OUTCOMES = (
    "achiev|demonstrat|show|find|found|attain|obtain|reveal|observ|outperform|surpass|exceed|"
    "faster|superior|better|beat|match|improv|reduc"
)
_OUTCOME = cue(_OUTCOMES, rf"\b(?:{_OUTCOMES})")


def evidence(text: str) -> int:
    """Nothing without a number or a comparison; more for both, and for words that tell a result."""
    text = text.lower()
    comparison, digit = _COMPARISON.stands_in(text), bool(_DIGIT.search(text))
    if not (comparison or digit):
        return 0
    figure = digit and bool(_FIGURE.search(text))
    comparison = comparison or (figure and _CHANGED.stands_in(text))
    number = digit and bool(_NUMBER.search(text))
    result = _RESULT.stands_in(text)
    told = result or (figure and comparison) or _BETTER.stands_in(text)
    if not (told and (figure or number or comparison)) or _HOPE.stands_in(text):
        return 0
    if not (figure or number) and _PROMISE.stands_in(text):
        return 0
    if not figure and _TRIED.stands_in(text) and not _OUTCOME.stands_in(text):
        return 0
    return 4 * figure + 2 * comparison + 2 * result + number
