"""What points at something that a sentence by itself does not say."""

import re
from collections.abc import Collection

from digest.background import counts
from digest.cues import PAPER_BY_NAME, cue
from digest.salience import stem

_POINTER = re.compile(
    rf"(?:for the (?:second|third|other)\b"
    rf"|(?:this|these)\b(?! {PAPER_BY_NAME})|such\b(?! as\b| that\b)"
    r"|(?:it|they|he|she|its|their)\b(?!['’]s (?:well|known)| (?:is|was|has been) "
    r"(?:(?:well|widely|often|commonly)[- ])?"
    r"(?:known|shown|possible|important|believed|argued|not)))"
)
_TROUBLE = (
    r"(?:gap|issue|problem|challenge|limitation|shortcoming|drawback|conflict|dilemma|tension|"
    r"bottleneck|obstacle|difficult|mismatch|discrepanc|deficienc)(?:s|y|ies)?"
)
# In the first words, where most sentences do not say yet themselves what is meant.
_EARLY = cue(
    "this|these|such|those|former|latter|aforementioned|above|resulting",
    rf"(?<!\S)\(?(?:(?:this|these)\b(?! {PAPER_BY_NAME})|such\b(?! as\b| that\b)"
    r"|the (?:former|latter|aforementioned|above|resulting)\b|those\b(?! who| which| that| of))",
)
_AT_ONCE, _SOON = 8, 18
"""Words before it. Of troubles ("this gap") only those that stand at once count here."""
_REFERENCE = cue(
    "former|latter|setting|case|achieve|do|realize|enable|accomplish|it.|them.",
    r"\bthe (?:former|latter)\b|\b(?:to|in|for) our (?:setting|case)\b|\b(?:it|them)\.$"
    r"|\b(?:achieve|do|realize|enable|accomplish) (?:this|that)(?:[,.;]|$)",
)
_NAMED_TROUBLE = cue(
    "gap|issue|problem|challenge|limitation|shortcoming|drawback|conflict|dilemma|tension|"
    "bottleneck|obstacle|difficult|mismatch|discrepanc|deficienc|remed",
    r"\bas (?:an? )?(?:\w+ )?remed(?:y|ies)(?:[,.;]|$)|"
    rf"\b(?:this|these|such) {_TROUBLE}\b"
    r"|\b(?:address|tackl|solv|overcom|bridg|fill|clos|resolv|mitigat|alleviat)(?:e|es|ing)? "
    rf"the (?:\w+ )?{_TROUBLE}(?:[,.;]|$)",
)
_OPENING = re.compile(
    r"we \w+ the (?:proposed )?(?:algorithm|method|model|approach|framework|network)\b|"
    r"we (?:\w+ly |also |then )?\w+ (?:it|them)\b|"
    r"(?:through|with|using|under|from|by) the (?:proposed )?(?:definition|method|approach|"
    r"framework|technique|model|algorithm|dataset|analysis),|"
    r"(?:both|another)\b|for the first\b"
    rf"|(?:by|with|using|through|via|based on|in)\b[^.;:]{{10,160}}, "
    rf"(?:this|these|such) (?!{PAPER_BY_NAME})\w+ (?!,)"
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
_OURS = re.compile(
    r"\b(?:this|these|the (?:proposed|resulting)) (?:\w+ )?(?:algorithm|method|approach|framework|"
    r"model|technique|procedure|benchmark|dataset|system|strategy|architecture|scheme)s?\b"
)
# "This is" and "such as" speak of no thing by name.
_THING = re.compile(
    rf"\b(?:(?:this|these|such)\b(?! {PAPER_BY_NAME}) (?!(?:is|are|can|and|as|that)\b)\w"
    r"|from this\b)"
)
# A claim that takes the place of another sentence may not point back.
_POINTS = re.compile(
    rf"\b(?:(?:this|these)\b(?! {PAPER_BY_NAME})|such\b(?! as\b| that\b)"
    r"|those\b(?! who| which| that| of| in)|\bthe (?:obtained|resulting|discovered)\b"
    r"|(?:that|which|because|since|as) it\b|\balso\b)"
)

# A name that somebody made, without the ending of its plural: StirNet, GVM.
_NAME = re.compile(r"\b(?:[A-Z]{2,}|[A-Z]?[a-z]+[A-Z])\w*?(?=s?\b)")
_RARE = 15
"""A name that so many abstracts have needs no explanation."""


def begins_by_pointing_back(said: str) -> bool:
    """Whether a sentence begins with this, it or such, or with the second of what was told."""
    return _POINTER.match(said) is not None


def refers_back(said: str) -> bool:
    """Whether a sentence goes on from what stands before it."""
    return bool(
        _CONNECTIVE.match(said)
        or _OPENING.match(said)
        or _refers_soon(said)
        or _REFERENCE.stands_in(said)
    )


def names_a_trouble(said: str) -> bool:
    """Whether a sentence speaks of a gap or challenge that it does not tell."""
    return _NAMED_TROUBLE.stands_in(said)


def goes_on_from_the_lead(said: str) -> bool:
    """Whether what a sentence refers to is what the paper brings, as a lead tells it."""
    return _OURS.search(said) is not None


def points_at_a_thing(said: str) -> bool:
    """Whether a sentence speaks of "this loss" or "these findings", which stand elsewhere."""
    return _THING.search(said) is not None


def points_anywhere(said: str) -> bool:
    """Whether any word of a sentence may be about what stands before it."""
    return _POINTS.search(said) is not None


def leans_on_a_name(text: str, before: str, title: Collection[str]) -> bool:
    """Whether a sentence, as printed, uses a rare name that what stands before it explains.

    `title` are the stems of the title: a name in it is known.
    """
    return any(
        name in before and stem(name) not in title and counts(name.lower()).abstracts < _RARE
        for name in _NAME.findall(text)
    )


def _refers_soon(said: str) -> bool:
    found = _EARLY.find(said)
    if found is None:
        return False
    before = said.count(" ", 0, found.start())
    return before < _AT_ONCE or (before < _SOON and not names_a_trouble(said))
