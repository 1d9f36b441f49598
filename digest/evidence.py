"""How much of a result a sentence tells."""

import re

_FIGURE = re.compile(
    r"(?<![\w.,-])[~<>≈≤≥±$]?\d[\d.,]*(?:\s?[-–]\s?\d[\d.,]*)?\s?(?:%|×|x\b|percent|fold|-fold|points?)"
)
_NUMBER = re.compile(r"(?<![\w.,(\[/-])(?!(?:19|20)\d\d\b)\d+(?:[.,]\d+)*(?![\w)\]-])")
# What increases is told by a verb; "increased autonomy" and "the improvement" compare nothing.
_CHANGE = r"(?:improv|reduc|increas|decreas|accelerat)"
_COMPARISON = re.compile(
    rf"\b(?:outperform|surpass|exceed|faster|better|state-of-the-art|superior|speed-?up|"
    rf"fewer|lower|higher|beats?\b|match(?:es|ing)\b|on par|than\b"
    rf"|(?<!\ban )(?<!\bthe ){_CHANGE}(?:es?|ing)\b"
    rf"|{_CHANGE}ed (?:by|from|to|over|the|its|their|our|both)\b"
    rf"|(?:significant|substantial|considerabl|consistent|dramatic|exponential)[a-z]* {_CHANGE}"
    rf"|(?:improvement|reduction|increase|decrease)s? (?:over|across|relative to)\b"
    rf"|compared (?:to|with)\b)",
    re.IGNORECASE,
)
_CHANGED = re.compile(rf"\b{_CHANGE}", re.IGNORECASE)
_BETTER = re.compile(
    r"\b(?:outperform|surpass|exceed|state-of-the-art|faster|superior|beats?\b|better than\b)",
    re.IGNORECASE,
)
_RESULT = re.compile(
    r"\b(?:result|experiment|achiev|demonstrat|show|evaluat|find|found|empirical|attain|obtain|"
    r"reveal|observ)",
    re.IGNORECASE,
)

# What the authors wish for, or only speak about, is no result.
_HOPE = re.compile(
    r"\bwe (?:hope|anticipate|expect|believe|aim|intend|plan|seek)\b|\bpotential to\b"
    r"|\bfuture (?:work|research)\b|\b(?:we|also|and|finally) discuss|\bdiscusse[sd]\b"
    r"|\bprovides? a foundation\b|\bstart(?:s|ed)? by\b|\bplanned\b",
    re.IGNORECASE,
)
_PROMISE = re.compile(r"\bpromising\b", re.IGNORECASE)


def evidence(text: str) -> int:
    """Nothing without a number or a comparison; more for both, and for words that tell a result."""
    comparison = bool(_COMPARISON.search(text))
    if not comparison and not any(map(str.isdigit, text)):
        return 0
    figure = bool(_FIGURE.search(text))
    comparison = comparison or bool(figure and _CHANGED.search(text))
    number = bool(_NUMBER.search(text))
    result = bool(_RESULT.search(text))
    told = result or (figure and comparison) or bool(_BETTER.search(text))
    if not (told and (figure or number or comparison)) or _HOPE.search(text):
        return 0
    if not (figure or number) and _PROMISE.search(text):
        return 0
    return 4 * figure + 2 * comparison + 2 * result + number
