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
    TOPIC = 2
    TESTED = 3
    WORTH = 4
    DETAIL = 5
    VACUOUS = 6
    REFERRING = 7
    ECHO = 8
    DANGLING = 9
    BACKGROUND = 10
    QUESTION = 11
    FRAGMENT = 12
    LINK = 13
    CUT = 14


REASONS = {
    Fault.NONE: "stands alone",
    Fault.SECONDARY: "tells what else there is",
    Fault.TOPIC: "tells what is studied",
    Fault.TESTED: "tells what was tested",
    Fault.WORTH: "tells what it is good for",
    Fault.DETAIL: "tells a detail",
    Fault.VACUOUS: "says hardly more than the title",
    Fault.REFERRING: "refers to what stands before it",
    Fault.ECHO: "says no more than the title",
    Fault.DANGLING: "begins with a word for what stands before it",
    Fault.BACKGROUND: "tells the background",
    Fault.QUESTION: "asks a question",
    Fault.FRAGMENT: "is no whole sentence",
    Fault.LINK: "names code, data or a link",
    Fault.CUT: "is cut off",
}

_COSTS = {
    Fault.NONE: 0.0,
    Fault.SECONDARY: 0.5,
    Fault.TOPIC: 0.8,
    Fault.TESTED: 0.5,
    Fault.WORTH: 0.8,
    Fault.DETAIL: 1.0,
    Fault.VACUOUS: 1.1,
    Fault.REFERRING: 1.2,
    Fault.ECHO: 1.9,
    Fault.DANGLING: 2.0,
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
_STUDIED = r"(?:stud|investigat|analy|explor|examin|consider|address|tackl|focus|aim|discuss)"
_OWN = cue(
    "we|our|this|the paper|the article|the study|the author|the present|the current|proposed|"
    "introduced|developed|described|shown|investigated|presented",
    rf"(?:^|[,;:(\[—–…”] ?|\b(?:and|but|here|while|whereas|then|that) )we\b|\bour\b"
    rf"|\bwe (?<!\bhow we )(?<!\bwhat we )(?<!\bwhy we )(?<!\bway we )(?<!\bways we )"
    rf"(?:\w+ly |also |then |here |first |further |next |can |will )?{_DID}"
    rf"|\b(?:this|the present|the current) {_PAPER}|^the (?:paper|article|study|authors?)\b"
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
    "prior|previous|earlier|seen|witnessed|usually|often|typically|we are|need|would like",
    r"^in (?:our )?(?:prior|previous|earlier)\b|\bwe (?:have )?previously\b"
    r"|\bwe (?:have (?:seen|witnessed)|(?:usually|often|typically)|"
    r"are (?:currently|witnessing|seeing|un\w*)|(?:\w+ ){0,2}need|would like)\b",
)
_OUTLOOK = cue("potential", r"\b(?:has|have|with|holds?) (?:the|great) potential (?:to|for)\b")
_SECONDARY = cue(
    "also|additionally|further|finally|then|therefore|conclude|hope|anticipate|believe|expect|"
    "plan|intend|begin|start",
    r"\b(?:we|paper|work|study|article|review|survey|research|results?|experiments?|findings?) "
    r"(?:also|additionally|further(?:more)?|finally|then|therefore|conclude|hope|anticipate|believe|"
    r"expect|plan|intends?)\b"
    r"|\b(?:is|are) (?:also|additionally|further) \w+ed\b|\bwe (?:begin|start) (?:by|with)\b",
)
# What was done besides.
_ADDITION = re.compile(
    r"(?:also|additionally|besides|furthermore|further|moreover|in addition|finally|lastly|last|"
    r"second|secondly|third|thirdly|next|then)\b"
)
# What was done in one step or case only.
_DETAIL = re.compile(
    r"(?:for simplicity|in (?:each|every) (?:\w+ )?(?:iteration|step|round|stage)|"
    r"in the (?:special|first|second) case|for (?!the first|example|instance|this|that|which)"
    r"[^,]{3,50}, (?:we|our)|"
    r"as an? (?:\w+ )?(?:application|by-?product|side|consequence|corollary|special case))\b"
)
_TRIED = (
    r"(?:an? |the )?(?:[\w-]+,? (?:and )?){0,3}(?:experiment|evaluation|simulation|comparison|test|"
    r"analysis|analyses)s?\b"
)
_MERIT = (
    r"(?:effectiveness|efficacy|superiority|performance|advantage|benefit|usefulness|utility|"
    r"flexibility)"
)
_TRIALS = r"(?:experiments?|evaluations?|simulations?|experimental results)"
_TESTED = re.compile(
    rf"(?:(?:our|the|and|[a-z-]+(?:ive|al|ical|ous|ed)) )*{_TRIALS}\b[^.;:]{{0,80}}? "
    r"(?:show|demonstrate|verify|validate|confirm|illustrate|indicate|suggest|reveal)s?\b"
    r"|(?:we|our (?:experiments|results)|(?:\w+ ){0,2}(?:experiments|results|simulations)) "
    r"(?:also |then |further |\w+ly )*"
    rf"(?:(?:conduct|perform|carry out|present|report|run) {_TRIED}"
    r"|(?:evaluate|validate|verify|test|instantiate)\b"
    r"|(?:demonstrate|illustrate|apply) (?:our|the|this) (?:\w+ )?(?:method|approach|framework|"
    r"model|algorithm|technique)s?\b"
    rf"|(?:demonstrate|show|verify|validate|confirm|illustrate) (?:\w+ly )?(?:the|its|our|their) "
    rf"(?:\w+ )?{_MERIT})"
)
_STUDY = (
    r"(?:stud(?:y|ies)|analys[ei]s|characteri[sz]ation|examination|investigation|exploration|"
    r"account|comparison)"
)
# What is studied, and nothing that was done about it.
_TOPIC = re.compile(
    rf"(?:our|the) (?:\w+ )?(?:goal|aim|objective|purpose)\b(?!.{{0,30}} to (?:show|prove))"
    rf"|(?:(?:under|in|for|with|since|as|given) [^,;:]{{3,110}}, )?"
    rf"(?:we|the (?:paper|article|study|authors)|(?:this|our|the present) {_PAPER}) "
    rf"(?:\w+ly |first |here |then |instead |aims? to |seeks? to )*"
    r"(?:stud(?:y|ies)|analy[sz]es?|considers?|investigates?|examines?|explores?|focus(?:es)? on|"
    r"address(?:es)?|tackles?|deals? with|discuss(?:es)?|reviews?|revisits?|understand|is about|"
    r"concerns?|asks?|"
    rf"(?:conducts?|presents?|performs?|provides?|carry out|initiates?) (?:an? |the )?"
    rf"(?:(?!of\b|for\b|on\b)[\w-]+,? ){{0,5}}{_STUDY}\b"
    r"|develops? (?:an? |the )?(?:\w+ ){0,2}theory)\b"
)
_DONE = re.compile(
    r"(?<!form)(?<!following)(?<!equation)(?<!problem)[:;]|(?<!i\.e\.), (?!includ|using)\w+ing\b"
    r"|\b(?:(?<!ed )by|via|through(?! an? (?:[\w-]+ ){1,2}lens))\b"
    r"|\bto (?:identif|obtain|achiev|produc|generat|give|derive)"
    rf"|\band (?:we )?(?:\w+ly |then |also |further |thus |hence )*(?!{_STUDIED})"
    rf"(?!\w+(?:ions?|[sy]is|ments?)\b){_DID}"
)
_WORTH = cue(
    "insight|light on|understanding|guidance|foundation|avenue|direction|possibilit|door|path|"
    "the way|potentially|offer|provid|represent|serve|will be",
    r"\b(?:provid|offer|giv|shed|deepen|advanc|yield)(?:e?s|ing|ed)? (?:us |the |our |an? )?"
    r"(?:\w+ ){0,3}(?:insights?|light on|understanding|guidance|foundation)\b"
    r"|\bopen(?:s|ing)? (?:up )?(?:\w+ ){0,2}(?:avenue|direction|possibilit|door|path)"
    r"|\b(?:offer|provid|represent|serve)(?:e?s|ed|ing)? (?:as )?an? (?:\w+ and )?(?:powerful|"
    r"valuable|promising|useful|versatile|strong|exciting) (?:\w+ ){0,3}(?:tool|alternative|"
    r"approach|pathway|resource|basis|step)"
    r"|\bwill be (?:\w+ )?(?:helpful|useful|valuable|of interest)\b"
    r"|\bpav(?:es?|ing) the way|\bcould potentially\b",
)
_PRONOUN = re.compile(
    rf"(?:(?:this|these)\b(?! {_PAPER})|such\b(?! as\b| that\b)"
    r"|(?:it|they|he|she|its|their)\b(?!['’]s (?:well|known)| (?:is|was|has been) "
    r"(?:(?:well|widely|often|commonly)[- ])?"
    r"(?:known|shown|possible|important|believed|argued|not)))"
)
_TROUBLE = (
    r"(?:gap|issue|problem|challenge|limitation|shortcoming|drawback|conflict|dilemma|tension|"
    r"bottleneck|obstacle|difficult|mismatch|discrepanc|deficienc)(?:s|y|ies)?"
)
# In the first eight words, where the sentence itself does not say yet what is meant.
_EARLY = cue(
    "this|these|such|those|former|latter|aforementioned|above|resulting",
    rf"(?<!\S)\(?(?:(?:this|these)\b(?! {_PAPER})|such\b(?! as\b| that\b)"
    r"|the (?:former|latter|aforementioned|above|resulting)\b|those\b(?! who| which| that| of))",
)
_SOON = 8
_REFERENCE = cue(
    "former|latter|achieve|do|realize|enable|accomplish|it.|them.",
    r"\bthe (?:former|latter)\b|\b(?:it|them)\.$"
    r"|\b(?:achieve|do|realize|enable|accomplish) (?:this|that)(?:[,.;]|$)",
)
_NAMED_TROUBLE = cue(
    "gap|issue|problem|challenge|limitation|shortcoming|drawback|conflict|dilemma|tension|"
    "bottleneck|obstacle|difficult|mismatch|discrepanc|deficienc",
    rf"\b(?:this|these|such) {_TROUBLE}\b"
    r"|\b(?:address|tackl|solv|overcom|bridg|fill|clos|resolv|mitigat|alleviat)(?:e|es|ing)? "
    rf"the (?:\w+ )?{_TROUBLE}(?:[,.;]|$)",
)
_OPENING = re.compile(
    r"(?:both|another)\b|for the (?:first|second|third|other)\b"
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
    "has|have|is|are|remain|typically|usually|often|suffer|struggle|play|require|fail|lack|little|"
    "poorly|rarely|less",
    r"\b(?:has|have) (?:been|become|shown|emerged|achieved|attracted|gained|recently|made|seen|"
    r"demonstrated|revolutionized|garnered|led|significantly|traditionally|long|often)\b"
    r"|\b(?:is|are|remains?) (?:an? |the )?(?:\w+ly |one of the )?(?:important|fundamental|crucial|"
    r"challenging|key|central|essential|critical|long-?standing|vital|common|popular|open|difficult|"
    r"limited|used|considered|known|understood|needed|necessary|expensive|costly|unclear|"
    r"underexplored|unexplored)\b"
    r"|\b(?:little|poorly|rarely|less) (?:known|explored|understood|studied|documented)\b"
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
    rf"implementation|resources|repository|everything)\b(?:(?!\b(?:is|are)\b)[^.]){{0,60}}"
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
# What the authors found, proved or made, told as their own deed or as that of their results.
_SAID = r"(?:show|prove|find|found|demonstrat|reveal|indicat|suggest|confirm|conclud|discover)"
_CLAIM = cue(
    "we|our|the|is|are|paper|work|study|article",
    rf"\b(?:we|(?:this|our|the present) {_PAPER}) (?:\w+ly |here |first |thus )*"
    rf"(?:{_SAID}e?[sd]?,? (?:[\w,-]+ ){{0,6}}?(?:that|how|why)\b|"
    rf"(?:prove|derive|obtain|discover|establish|{_VERBS})(?:s|d)?\b)"
    rf"|\b(?:our|the) (?:[\w-]+ ){{0,3}}(?:results?|analys[ei]s|findings?|theor(?:y|em)s?|study) "
    rf"(?:\w+ly )?{_SAID}e?s?\b"
    r"|\b(?:is|are) (?:\w+ly )?"
    r"(?:obtained|proved|proven|established|derived|proposed|introduced)\b",
)
# A claim that takes the place of another sentence may not point back.
_POINTS = re.compile(
    rf"\b(?:(?:this|these)\b(?! {_PAPER})|such\b(?! as\b| that\b)"
    r"|those\b(?! who| which| that| of| in)|\bthe (?:obtained|resulting|discovered)\b"
    r"|(?:that|which|because|since|as) it\b|\balso\b)"
)
_EMPTY = COMMON | listed(
    "novel simple effective efficient framework algorithm technique model system task problem",
    "network learning training neural deep called name named term dub dubbed introduce",
    "introduced develop design designed address challenge solve improve better performance",
    "general various different several many existing first study explore investigate analyze",
    "paper article dataset benchmark strategy solution architecture apply through end based",
    "our enhance enhancing improving solving ability capability boost llm large language universal",
    "pipeline module examine constraint limitation universal practical comprehensive perspective",
    "view lens offer refer insight powerful robust flexible give provide obtain consider setting",
    "case extent focus aim understand make take improved analysis motivate promising class viable",
    "alternative suitable",
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
    said = text.lower()
    return _OWN.stands_in(said) and not _FIELD.stands_in(said)


def is_claim(text: str) -> bool:
    """Whether a sentence tells by itself what the authors found, proved or made."""
    said = text.lower()
    return _CLAIM.stands_in(said) and not _POINTS.search(said)


def is_topic(text: str) -> bool:
    """Whether a sentence tells what is studied, and nothing that was done about it."""
    return _is_topic(text.lower())


def is_announced(text: str) -> bool:
    """Whether the authors say that they made something."""
    return _ANNOUNCES.stands_in(text.lower())


def _offers(said: str) -> bool:
    return _LINK.stands_in(said) or (_AVAILABLE.stands_in(said) and not _ANNOUNCES.stands_in(said))


def _asks(said: str) -> bool:
    return said.rstrip(_CLOSERS).endswith("?")


def _is_fragment(said: str) -> bool:
    return len(said) < _LEAST or not _LETTERS.search(said)


def _refers_soon(said: str) -> bool:
    found = _EARLY.find(said)
    return found is not None and said.count(" ", 0, found.start()) < _SOON


def _is_of_the_field(said: str) -> object:
    return not _OWN.stands_in(said) and (_OF_THE_FIELD.match(said) or _BACKGROUND.stands_in(said))


def _is_topic(said: str) -> bool:
    topic = _TOPIC.match(said)
    return topic is not None and not _DONE.search(said, topic.end())


# The first that holds of a sentence in small letters is its fault.
_FAULTS: tuple[tuple[Fault, Callable[[str], object]], ...] = (
    (Fault.LINK, _offers),
    (Fault.QUESTION, _asks),
    (Fault.FRAGMENT, _is_fragment),
    (Fault.BACKGROUND, _FIELD.stands_in),
    (Fault.BACKGROUND, lambda said: _OUTLOOK.stands_in(said) and not _ANNOUNCES.stands_in(said)),
    (Fault.DANGLING, _PRONOUN.match),
    (Fault.REFERRING, _CONNECTIVE.match),
    (Fault.REFERRING, _OPENING.match),
    (Fault.REFERRING, _refers_soon),
    (Fault.REFERRING, _REFERENCE.stands_in),
    (Fault.REFERRING, _NAMED_TROUBLE.stands_in),
    (Fault.BACKGROUND, _is_of_the_field),
    (Fault.DETAIL, _DETAIL.match),
    (Fault.SECONDARY, _SECONDARY.stands_in),
    (Fault.TESTED, _TESTED.match),
    (Fault.WORTH, lambda said: _WORTH.stands_in(said) and not _ANNOUNCES.stands_in(said)),
    (Fault.TOPIC, _is_topic),
)


def fault_of(text: str, title: Collection[str], lead_in: str = "") -> Fault:
    """What is wrong with a sentence by itself.

    `title` are the stems of its paper's title, `lead_in` is what was left out before it.
    """
    said = text.lower()
    found = next((fault for fault, holds in _FAULTS if holds(said)), Fault.NONE)
    if found is Fault.NONE and (_ADDITION.match(lead_in.lower()) or _ADDITION.match(said)):
        return Fault.SECONDARY
    little = _FAULT_BY_NEWS.get(found)
    return max(found, little.get(_news(text, title), found)) if little else found


_LITTLE = {0: Fault.ECHO, 1: Fault.VACUOUS}
# How little news makes a sentence worse. What is studied needs some words to be told.
_FAULT_BY_NEWS = {
    Fault.NONE: _LITTLE,
    Fault.REFERRING: _LITTLE,
    Fault.TOPIC: _LITTLE | dict.fromkeys(range(1, 5), Fault.VACUOUS),
}


def _news(text: str, title: Collection[str]) -> int:
    """How many words a sentence has beyond the title and what every paper says of itself."""
    return len({stem(word) for word in words(text)}.difference(title, _EMPTY))
