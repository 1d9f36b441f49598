"""How much of a result a sentence tells."""

import re

from digest.cues import cue
from digest.text import has_digit

_FIGURE = re.compile(
    r"(?<![\w.,-])[~<>≈≤≥±$]?\d[\d.,]*(?:\s?[-–]\s?\d[\d.,]*)?\s?(?:%|×|x\b|percent|fold|-fold|points?)"
    r"|\bfactors? (?:of )?(?:up to )?\d|\b(?:doubl|halv)\w+ [^.;]{0,30}\bevery\b"
)
_NUMBER = re.compile(r"(?<![\w.,(\[/-])(?!(?:19|20)\d\d\b)\d+(?:[.,]\d+)*(?![\w)\]-])")
# What increases is told by a verb; "increased autonomy" and "the improvement" compare nothing.
_CHANGE = "improv|reduc|increas|decreas|accelerat"
# The state of the art is beaten or reached, not only spoken of.
_AT_THE_TOP = cue(
    "state-of-the-art|state of the art",
    r"\b(?:(?:achiev|reach|establish|attain|obtain|advanc|deliver|demonstrat|yield|show|match|"
    r"approach|comparabl|improv|beat|push|rival|result|maintain|retain|preserv|exhibit|produc|report|near|"
    r"compet)[\w-]*|sets?|setting|new|over) [^.;:]{0,50}?state-of-the-art\b"
    r"|\b(?:compet|compar|improv|beat|rival|over\b|than\b)[\w-]* [^.;:]{0,50}?state of the art\b",
)
_COMPARISON = cue(
    "outperform|surpass|exceed|faster|better|superior|speed|fewer|lower|higher|"
    f"beat|match|on par|than|compared|boost|gain|{_CHANGE}",
    r"\b(?:outperform|surpass|exceed|faster|better|superior|speed-?up|"
    rf"fewer|lower|higher|beats?\b|match(?:es|ing)\b|on par|than\b"
    rf"|(?<!\ban )(?<!\bthe )(?<!-)(?:{_CHANGE})(?:es?|ing)\b|\bboosts\b"
    rf"|(?:{_CHANGE})ed (?:by|from|to|over|the|its|their|our|both)\b"
    rf"|(?:significant|substantial|considerabl|consistent|dramatic|exponential)[a-z]* (?:{_CHANGE})"
    rf"|(?:improvement|reduction|increase|decrease)s? (?:over|across|relative to)\b"
    r"|gains? (?:in|over|of|across)\b"
    rf"|compared (?:to|with)\b)",
)
_CHANGED = cue(_CHANGE, rf"\b(?:{_CHANGE})")
_BETTER = cue(
    "faster|beat|better than|improve",
    r"\b(?:faster|beats?\b|better than\b"
    r"|improves (?:over|on|upon)\b|improvements? over\b)",
)
_BEATS = cue(
    "outperform|surpass|exceed|superior",
    r"\b(?:outperform|surpass|exceed|superior)",
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
    "future|discuss|foundation|start|to observe|we make|we assume| how|may |could be|step|advance|"
    "challenge",
    r"\bwe (?:hope|anticipate|expect|believe|aim|intend|plan|seek|conjecture|suspect)\b"
    r"|\bour (?:aim|goal|hope|intention)\b|\b(?:potential to|to observe)\b"
    r"|\bfuture (?:work|research)\b|\b(?:we|also|and|finally) discuss|\bdiscusse[sd]\b"
    r"|\bwe (?:make|assume|(?:\w+ )?(?:show|demonstrate|explain|describe) how)\b"
    r"|\bmay (?:\w+ )?(?:surpass|outperform|exceed|improve)\b|\bcould be (?:achiev|improv|reduc)"
    r"|\b(?:provides?|lays?) (?:a|the) foundation\b|\bstart(?:s|ed)? by\b|\bplanned\b"
    r"|\b(?:represents?|marks?|is|are) an? (?:\w+ )?(?:step|advance) (?:to|towards?|in|forward)\b"
    r"|\bchallenges? (?:the |some )?(?:\w+ )?(?:assumption|belief|notion|wisdom|view)s?\b",
)
_PROMISE = cue("promising", r"\bpromising\b")
# On how much something was tried is not how it went.
_TRIED = cue(
    "experiment|evaluat|test|validat",
    r"\b(?:we|is|are|was|were|been|have|also|and) (?:\w+ly )?"
    r"(?:experiment(?:ed)?|evaluated?|tested|validated?)\b|\bwe (?:\w+ly )?test\b"
    r"|\bwe (?:\w+ly )?(?:perform|conduct|run|carry out|present)(?:ed)? (?:[\w-]+ ){0,3}"
    r"(?:experiment|evaluation|test)s?\b",
)
_GAINS = cue(
    "achiev|outperform|surpass|exceed|demonstrat|show|improv|reduc|prove|find|found|observ",
    r"\b(?:(?<!^to )(?:achiev|improv|reduc)|outperform|surpass|exceed|demonstrat|show|prove|find|"
    r"found|observ)",
)
_OUTCOMES = (
    "achiev|demonstrat|show|find|found|attain|obtain|reveal|observ|outperform|surpass|exceed|"
    "faster|superior|better|beat|match|improv|reduc"
)
_OUTCOME = cue(_OUTCOMES, rf"\b(?:{_OUTCOMES})")

_MARKED = (
    "significant|substantial|considerabl|consistent|dramatic|sizable|sizeable|large|notabl|"
    "remarkabl|marked|strong"
)
# A result told in weaker words: a comparison without "we show", a bound in words, what tells a
# new species from its likes.
_HINT = re.compile(
    r"\b(?:"
    rf"(?:{_MARKED})[a-z]* (?:[\w-]+ ){{0,3}}(?:improvement|reduction|gain|boost|speed-?up)s?\b"
    r"|(?:improvement|reduction|gain|speed-?up)s? [^.;]{0,30}?(?:is|are|was|were) (?:\w+ly )?"
    rf"(?:{_MARKED})[a-z]*\b|performs [^.;]{{0,30}}\bcompared\b"
    r"|(?:attain|achiev|obtain|enjoy|overcom)[a-z]*\b[^.;]{0,50}\b(?:complexit|rate|bound|"
    r"guarantee|dependence)|(?:linear|quadratic|cubic|quartic|exponential|polynomial)[- ]time\b"
    r"|boosts\b|(?:rise|grow|drop)s? (?:with|by|from|to)\b"
    rf"|[a-z]+ly (?:and [a-z]+ly )?(?:{_CHANGE}|boost)(?:e?s|ing)\b"
    r"|scales? (?:sub|super)?(?:linear|quadratic|exponential|logarithmic|polynomial)ly\b"
    r"|(?:logarithmic|(?:sub|super)?linear|polynomial|exponential|optimal|improved|faster|tight|"
    r"tighter|sharp|sharper) (?:[\w-]+ ){0,2}"
    r"(?:regret|complexity|rates?|bounds?|convergence|guarantees?)\b"
    r"|(?:reach|yield|giv|prov|requir|us|need)(?:e?s|ing|ed)?\b[^.;:]{0,80}"
    r"\b(?:lower|higher|better|faster|fewer|less|more)\b[^.;:]{0,80}\bthan\b"
    r"|(?:find|found|shows?|reveals?|observe) that\b[^.;:]{20,160}\b(?:while|whereas)\b"
    r"|differ(?:s|ed) from\b|distinguish\w* from\b|most similar to\b|2n ?= ?\d"
    r")"
)

# A share or a factor, but not that of a preparation, a split or an interval.
_SHARE = re.compile(
    r"\d\s?(?:%|percent\b|-?fold\b)|\d[x×] (?:faster|smaller|fewer|less|more|lower)"
)
_NO_OUTCOME = cue(
    "preserved|fixed|stored|diluted|split|confidence|credible|interval",
    r"\b(?:preserved|fixed|stored|diluted|split|confidence|credible|interval)",
)
# What it does that others do not, or does without; not what cannot be done or should be.
_APART = r"(?:unlike|in contrast to|contrary to|instead of|rather than)"
_OTHERS = (
    r"(?:prior|previous|earlier|existing|other|traditional|conventional|classical|standard|recent|"
    r"current|past|most|common|typical)\b"
)
_CONTRAST = cue(
    "unlike|contrast to|contrary to|instead of|rather than|without|not require|not rely|not need|"
    "not depend|not assume|require no|requires no|need no|needs no|assume no|assumes no",
    rf"^{_APART} (?:[\w-]+ )?{_OTHERS}[^,;:]{{0,130}}, "
    rf"|^{_APART} [^,;:]{{5,90}}, (?:we|our)\b|\b(?:we|our) [^.;:]{{0,150}}, {_APART} \w"
    r"|\bwithout (?:requiring|relying|needing|the need|additional|access|sacrificing|compromising|"
    r"fine-?tuning|retraining|(?:task-specific |re)?training|any (?!of\b))"
    r"|\bnot (?:require|rely|depend|assume|need (?!to\b))|\b(?:require|need|assume)s? no\b",
)
_NO_CONTRAST = cue(
    "cannot|can not|fail|unclear|should|whether|impossible|difficult|hard|unable",
    r"\b(?:cannot|can not|fails?|unclear|should|whether|impossible|difficult|hard|unable)\b",
)
# How large what was made is, not what was used: a great number of things, no year and no version.
_COUNT = (
    r"(?<![\w.,(-])(?!(?:19|20)\d\d\b)(?:\d[\d,]*\d[km]?|\d[\d.]*(?: ?[km]| [mb]illion))\+? "
    r"(?!(?:to|and|or|in|of|at|by|with|for|on|from)\b)[a-z]"
)
_SIZE = re.compile(
    r"\b(?:compris(?:es?|ing)|contain(?:s|ing)?|consist(?:s|ing) of|cover(?:s|ing)?|span(?:s|ning)|"
    r"includes|distill?s|totall?ing|featur(?:es|ing)|curated?|"
    r"(?:dataset|benchmark|corpus|collection|suite|taxonomy|database|library|vocabulary|set) of)\b"
    rf"[^.;:]{{0,40}}?{_COUNT}"
)
_USED = re.compile(
    r"\bwe (?:\w+ly )?(?:use|utili[sz]e|leverage|employ|apply|applied|adopt|select|choose|train|"
    r"test|evaluate|validate|experiment)"
    r"|\b(?:is|are|was|were) (?:\w+ly )?(?:used|split|applied|executed|selected|evaluated|tested|"
    r"validated)\b"
)


def is_score(text: str) -> bool:
    """Whether a sentence tells how much of a task something solves."""
    return _SOLVED.search(text.lower()) is not None


def evidence(text: str) -> int:
    """Nothing without a number or a comparison; more for both, and for words that tell a result."""
    text = text.lower()
    law = _LAW.stands_in(text)
    at_the_top = _AT_THE_TOP.stands_in(text)
    comparison = at_the_top or _COMPARISON.stands_in(text)
    digit = has_digit(text)
    if not (comparison or digit or law):
        return 0
    figure = digit and bool(_FIGURE.search(text))
    comparison = comparison or (figure and _CHANGED.stands_in(text))
    number = digit and bool(_NUMBER.search(text))
    result = _RESULT.stands_in(text)
    beats = at_the_top or _BEATS.stands_in(text)
    told = law or result or beats or _BETTER.stands_in(text)
    told = told or (figure and (comparison or is_score(text)))
    if not (told and (figure or number or comparison or law)) or _HOPE.stands_in(text):
        return 0
    if not (figure or law or _GAINS.stands_in(text)) and _METHOD.match(text):
        return 0
    if not (figure or number) and _PROMISE.stands_in(text):
        return 0
    if not figure and _TRIED.stands_in(text) and not _OUTCOME.stands_in(text):
        return 0
    return 4 * figure + 2 * law + 2 * comparison + 2 * (result or beats) + number


def is_hint(text: str) -> bool:
    """Whether a sentence compares or measures, though not in the words of results."""
    text = text.lower()
    if _HINT.search(text) or _sets_apart(text) or _tells_a_share(text):
        hinted = not _METHOD.match(text)
    else:
        hinted = has_digit(text) and _tells_a_size(text)
    return hinted and not (_HOPE.stands_in(text) or _PROMISE.stands_in(text))


def _sets_apart(text: str) -> bool:
    return (
        _CONTRAST.stands_in(text)
        and not _NO_CONTRAST.stands_in(text)
        and not _TRIED.stands_in(text)
    )


def _tells_a_share(text: str) -> bool:
    return has_digit(text) and bool(_SHARE.search(text)) and not _NO_OUTCOME.stands_in(text)


def _tells_a_size(text: str) -> bool:
    return bool(_SIZE.search(text)) and not _USED.search(text)
