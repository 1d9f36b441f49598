"""What may be left out of a sentence: lead-ins, detours, asides and citations. Never a tail.

Where a sentence is to be short, why it was done and "Experiments show that" may go, too. What is
left out stands between the spans of the summary, and `digest explain` shows it.
"""

import re

from digest.cues import PAPER
from digest.model import Span

_PAPER = rf"(?:(?:position |technical )?(?:{PAPER}))"
_SUBJECT = (
    rf"(?=(?:here |in this {_PAPER},? )?"
    rf"(?:we|our|I(?!\.)|this {_PAPER}|the (?:authors|present {_PAPER}))\b|in this {_PAPER}, )"
)
_ANY = r"(?=[^\W\d_])"
_BACK = (
    r"(?:this|these|those|that|such(?! as)|it|them|its|their|both|above|aforementioned|said|"
    r"[a-z]{1,2}\d|"
    r"(?:recent|prior|previous|earlier) (?:work|progress|advance|result|finding|success)\w*)"
)
_CLAUSE = r"[^,;:()]"
# Why something is done may go; under which conditions it holds ("With these priors, ...") may not.
_MOTIVES = (
    r"(?:\w+ly )?(?:motivated|inspired|driven|guided|encouraged|informed|prompted|spurred) by|"
    r"in order to|aim(?:ing|ed) (?:to|at)|in (?:an? (?:attempt|effort)|response|answer) to|"
    r"with a view to|as an? (?:\w+ )?step (?:to|towards?)|taking advantage of"
)
_PURPOSES = (
    rf"{_MOTIVES}|to|towards?|recogni[sz]ing|addressing|tackling|responding to|"
    r"in (?:light|view|the face) of|"
    r"(?:building|based|drawing|capitali[sz]ing|expanding) (?:up)?on|(?:building|drawing) from|"
    r"because of|due to|while|although|though|whereas|unlike|contrary to|in contrast to"
)
_OCCASIONS = (
    r"(?:with|in|for|from|given|considering|following|under) (?:this|that|these|those|such) "
    r"(?:[\w-]+ ){0,2}(?:goal|aim|purpose|mind|regard|context|vein|spirit|direction|motivation|"
    r"insight|observation|finding|view|end|light|backdrop|gap|limitation|challenge|issue|problem|"
    r"concern|shortcoming|drawback)s?(?: in mind)?"
)
_CONNECTIVES = (
    r"thus|therefore|thereby|hence|intriguingly|remarkably|surprisingly|consequently|accordingly|moreover|furthermore|additionally|also|besides|"
    r"next|subsequently|finally|last(?:ly)?|first(?:ly)?|second(?:ly)?|third(?:ly)?|then|now|instead|notably|"
    r"specifically|concretely|overall|similarly|likewise|meanwhile|further|indeed|interestingly|"
    r"importantly|crucially|nevertheless|nonetheless|however|but|and|so|yet|alternatively|"
    r"in (?:particular|detail|addition|contrast|turn|response|summary|short|conclusion|fact)|"
    r"by contrast|as a result|as a (?:first )?step towards? (?:this|that) [\w-]+|to summari[sz]e|"
    r"to th(?:is|at) end|to do so|to begin with|motivated by this|namely|"
    r"more (?:specifically|precisely|concretely)|in both cases|on the other hand|at the same time|"
    r"for (?:th(?:is|at) (?:purpose|reason|aim|goal)|example|instance)|"
    r"as an? (?:illustrative |concrete |simple )?example"
)
# The first that fits is left out, and what follows is looked at again.
_LEAD_INS = (
    # In this paper, ...
    (
        rf"(?:in|within|throughout|through|with) (?:this|the present|the current|our)"
        rf"(?: [\w-]+)? {_PAPER}(?:, |,? {_SUBJECT}){_ANY}"
    ),
    # (ii) ...; Finally, ...
    rf"\(?(?:[ivx]+|\d|[a-d])\)[.,:]? {_ANY}",
    rf"(?:here(?:in)?|{_CONNECTIVES})(?:, {_ANY}|,? {_SUBJECT})",
    (
        rf"(?:alongside|along with|together with|on top of|in addition to|besides|apart from) "
        rf"{_CLAUSE}{{1,60}}, {_SUBJECT}"
    ),
    # The label of a part of the abstract.
    (
        r"(?:main |key )?(?:background|motivation|introduction|objectives?|aims?|purpose|methods?|"
        r"approach|results?|findings?|conclusions?|discussion|significance|summary|"
        r"interpretation) ?: (?=\S)"
    ),
    # We have four findings: 1. ...
    (
        r"(?:we|our) (?!.{0,80}\b(?:no|not|against)\b)[^.:]{5,80}\b(?:finding|insight|result|"
        r"observation|contribution|benefit|innovation|advantage|lesson|conclusion)s: ?"
        r"(?:1[.)]|\(1\)|\(?i\)) ?(?=[^\W\d_])(?!.*(?:\b2[.)]|\(2\)|\bii\)))"
    ),
    # To address these problems, we ...: what a reader has not read does not help.
    rf"(?:{_PURPOSES})\b{_CLAUSE}{{0,90}}?\b{_BACK}\b{_CLAUSE}{{0,70}}, {_SUBJECT}",
    rf"to \w+ (?:this|these|such) [\w-]+ {_SUBJECT}",
    rf"{_OCCASIONS}, {_SUBJECT}",
)
_LEAD_IN = re.compile("|".join(_LEAD_INS), re.IGNORECASE)
# Why it was done, where that is too long. "To the best of our knowledge" and "To lowest order" are
# no purposes.
_TO = (
    r"to (?!(?:the|our|my|date|within|some|an?)\b)"
    r"(?![^,]*\b(?:orders?|approximations?|accuracy|precision|extent|degree)\b)"
)
_WHY = re.compile(
    rf"(?:{_TO}|(?:{_MOTIVES}|similar(?:ly)? to)\b){_CLAUSE}{{10,160}}, {_SUBJECT}", re.IGNORECASE
)

# Numbers stay.
_NUMBER = re.compile(r"(?<![A-Za-z\d-])\d")
_CITED = (
    r"(?:(?:see |e\.g\.,? |cf\. )*[A-Z][^\d()]{0,80}?,? (?:19|20)\d\d[a-z]?"
    r"(?:[;,] ?(?:[A-Z][^\d()]{0,80}?,? )?(?:19|20)\d\d[a-z]?)*)"
)
_SHOWN = (
    r"\((?:[Ss]ee |cf\. )?(?:[Ff]ig(?:ure|\.)s?|[Ff]igs?\.?|[Tt]ab(?:le|\.)s?|[Ss]ec(?:tion|\.)s?|"
    r"[Aa]ppendix) [\dA-Z](?![a-z]{2})[^()]{0,20}\)"
)
_CITATION = re.compile(rf" (?:\[\d+(?: ?[,–-] ?\d+)*\]|\({_CITED}\)|\[{_CITED}\]|{_SHOWN})")
# Not a citation but an interval, or the very thing that the sentence speaks of: after a word that
# asks for what follows, beside a sign of mathematics, or with a nought in it.
_ASKS = (
    r"in|into|of|off|from|to|onto|by|with|within|without|as|at|on|upon|over|under|for|between|"
    r"beyond|through|via|per|than|like|unlike|see|and|or|but|that|where|while|when|if|is|are|"
    r"was|were|be|both|the|an?|cf\.|e\.g\.,?|i\.e\.,?|using|following|follow|follows|extends?|"
    r"generali[sz]es?|improves?|cites?|refers?|sets?|intervals?|ranges?|scales?|sizes?|index|"
    r"indices|indexed|domains?|segments?|squares?|cubes?|windows?|bounds?|values?|integers?|\w"
)
_ASKING = re.compile(rf"(?:^|[^\w.-])(?:{_ASKS})$|[^\w\s.)\]\"'”’%*†‡]$", re.IGNORECASE)
_MATHS_BEHIND = re.compile(r"\s?[=<>≤≥≠≈∈⊂⊆∪∩→↦×+^*/·-]|[²³⁰-₟]|\w")
_NOUGHT = re.compile(r"(?<![\d.])0(?!\d)")

# Said again in other words, or by an example. Other asides may be what makes a claim true.
_ASIDE = re.compile(
    r" \((?:e\.g\.|i\.e\.|cf\.|viz\.|a\.k\.a\.|"
    r"(?:eg|ie|see|for example|for instance|such as|that is|including|aka|known as|"
    r"also (?:known|called|referred)|hereafter|henceforth)\b)[^()]*\)"
    r"(?=[\s.,;:]|$)"
)

# What stands between the authors and what they did: We also show ...; we aim to fill this gap and
# introduce ...; we propose to bridge such a gap by introducing ...
_MEND = (
    r"(?:address|tackle|fill|bridge|lift|overcome|close|resolve|mitigate|go beyond|take up) "
    r"(?:this|such|these|that|those) [\w -]{3,40}"
)
_MAKE = r"(?:propose|introduce|present|develop|design|describe|devise)"
_DETOURS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        (
            r"we( (?:also|first(?:ly)?(?!.*\bthen\b)|further(?! (?:the|an?|our|this)\b)|then|next|"
            r"finally|additionally|moreover)) \w"
        ),
        rf"we( (?:aim to |seek to |try to )?{_MEND} and) {_MAKE}\b",
        rf"we {_MAKE}( to {_MEND} by) \w+ing\b",
    )
)

# Who found it and how, said before the finding itself. What is only suggested, not shown, shown
# under a condition or by others is another claim, and a second "that" would lose what carries it.
_DOUBT = r"(?:only|hardly|barely|rarely|scarcely|seldom|partly|partially|conditionally)\b"
_FOUND = r"(?:show|prove|demonstrate|reveal|find|verify|confirm|validate|observe)s?"
_TRIALS = rf"\b(?:{PAPER}|experiment\w*|result\w*|evaluation\w*|simulation\w*|stud\w*|analys\w*)\b"
_WORD = (
    r"(?!(?:that|no|not|none|never|neither|nor|cannot|fail\w*|few|some|most|several|alone|if|"
    r"whether|in|with|for|may|might|can|could|would|should|will|under|without|unlike|contrast|despite|"
    r"prior|previous|earlier|preliminary|(?:al)?though|while|whereas|when\w*|unless|until|because|"
    rf"since|once|how|why|what|say)\b|(?<!such )as\b|to (?:\w+ly )?{_FOUND}\b|{_DOUBT})[\w.-]+,?"
)
_TELLING = re.compile(
    rf"(?:(?:through|via|in|with|using|from|based on|by)(?: {_WORD}){{0,20}}? {_TRIALS},?"
    rf"(?: {_WORD}){{0,20}}? (?<=, )(?=we\b))?"
    rf"(?:we|(?:{_WORD}(?<!,) ){{0,6}}{_TRIALS}(?: {_WORD}){{0,12}}?) "
    rf"(?:(?!{_DOUBT})\w+ly |also |further |then |first )*{_FOUND}(?: \w+ly)?,? that "
    r"(?!(?:it|they|this|these)\b)"
    rf"(?!.*\b(?:and|but|or)(?: also)?(?: \w+ly)? (?:that|{_FOUND})\b)",
    re.IGNORECASE,
)


def trimmed(text: str, span: Span, *, short: bool = False) -> list[Span]:
    """The parts of the sentence that stay; they spell it as they follow one another.

    A short one goes without why it was done and without "Experiments show that", unless these have
    a number.
    """
    start, end = span
    start = _after_lead_ins(text, start, end)
    if short and (why := _WHY.match(text, start, end)) and not _NUMBER.search(why[0]):
        start = why.end()
    if short and (told := _TELLING.match(text, start, end)) and not _NUMBER.search(told[0]):
        start = told.end()
    kept = []
    for gone in _gaps(text, start, end):
        kept.append((start, gone[0]))
        start = gone[1]
    return [part for part in [*kept, (start, end)] if part[0] < part[1]]


def _after_lead_ins(text: str, start: int, end: int) -> int:
    while found := _LEAD_IN.match(text, start, end):
        start = found.end()
    return start


def _gaps(text: str, start: int, end: int) -> list[Span]:
    detour = next((m for rule in _DETOURS if (m := rule.match(text, start, end))), None)
    gaps = [detour.span(1)] if detour else []
    if not any(text.find(sign, start, end) >= 0 for sign in "(["):
        return gaps
    cited = [
        match.span()
        for match in _CITATION.finditer(text, start, end)
        if not _bears_load(text[start : match.start()], match[0], text[match.end() : end])
    ]
    asides = [
        match.span()
        for match in _ASIDE.finditer(text, start, end)
        if not _NUMBER.search(match[0]) and match.span() not in cited
    ]
    return sorted([*gaps, *cited, *asides])


def _bears_load(before: str, cited: str, behind: str) -> bool:
    """Whether the sentence would lose more than a source."""
    return bool(_NOUGHT.search(cited) or _ASKING.search(before) or _MATHS_BEHIND.match(behind))
