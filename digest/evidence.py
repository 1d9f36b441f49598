"""How much of a result a sentence tells."""

import re

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

# What the authors wish for is no result.
_HOPE = re.compile(r"\bwe (?:hope|anticipate|expect|believe|aim|intend|plan|seek)\b", re.IGNORECASE)


def evidence(text: str) -> int:
    """Nothing without a number or a comparison; more for both, and for words that tell a result."""
    comparison = bool(_COMPARISON.search(text))
    if not comparison and not any(map(str.isdigit, text)):
        return 0
    figure, number = bool(_FIGURE.search(text)), bool(_NUMBER.search(text))
    result = bool(_RESULT.search(text))
    told = result or (figure and comparison) or bool(_BETTER.search(text))
    if not (told and (figure or number or comparison)) or _HOPE.search(text):
        return 0
    return 4 * figure + 2 * comparison + 2 * result + number
