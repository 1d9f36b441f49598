"""What the authors say of their own work: that it is theirs, what they did, what came of it.

All of a sentence in small letters, but for what asks for it as printed.
"""

import re

from digest.cues import PAPER_BY_NAME, cue

# "How we see the world" is nobody's contribution: the authors speak at the start of a clause or
# say what they did.
_DID = (
    r"(?:propos|introduc|present|develop|design|describ|devis|formulat|establish|show|demonstrat|"
    r"find|found|prov|stud(?:y|ied)|investigat|analy[sz]|explor|examin|us(?:e|ed)\b|apply|applied|"
    r"employ|train|evaluat|compar|report|deriv|offer|giv|gave|build|built|construct|consider|"
    r"address|tackl|focus|aim|argu|observ|discover|identif|extend|test|estimat|obtain|achiev|"
    r"reveal|conclud|creat|releas|collect|conduct|perform|suggest|discuss|leverag|adopt|defin|"
    r"characteri|combin|implement|solv|validat|highlight|illustrat|comput|pretrain|fine-?tun)"
)
# A word in front of "we" that begins a clause.
_THEN_WE = "|".join(
    rf"(?<=\b{word} we)" for word in ("and", "but", "here", "while", "whereas", "then", "that")
)
_STUDIED = r"(?:stud|investigat|analy|explor|examin|consider|address|tackl|focus|aim|discuss)"
_OWN = cue(
    "we|our|this|the paper|the article|the study|the author|the present|the current|proposed|"
    "introduced|developed|described|shown|investigated|presented",
    rf"\b(?:our\b|we\b(?:(?<=^we)|(?<=[,;:(\[—–…”]we)|(?<=[,;:(\[—–…”] we)|{_THEN_WE}"
    r"| (?<!\bhow we )(?<!\bwhat we )(?<!\bwhy we )(?<!\bway we )(?<!\bways we )"
    rf"(?:\w+ly |also |then |here |first |further |next |can |will )?{_DID})"
    rf"|(?:this|the present|the current) {PAPER_BY_NAME}|^the (?:paper|article|study|authors?)\b"
    r"|(?:is|are) (?:proposed|presented|introduced|developed|described|shown|investigated)\b)",
)
_VERBS = "propose|introduce|present|develop|design|describe|devise|formulate|establish"
_ANNOUNCES = cue(
    _VERBS,
    r"\b(?:we|this paper|this work|paper|work) (?:\w+ly |here |thus |then |first )?"
    rf"(?:{_VERBS})s?\b",
)
# What a thing is for, or that it is better, does not say how it works.
_AIM = (
    r"(?:enhanc|improv|boost|enabl|address|achiev|outperform|facilitat|support|provid|aim|allow|"
    r"advanc|tackl|overcom|solv|excel|offer|can |is )"
)
_HOW = re.compile(
    rf"\b(?:that|which) (?:\w+ly )?(?!{_AIM})\w"
    r"|\b(?:by|via|through(?! (?:the|an?) (?:\w+ )?lens)|using|with|without|as|based on|"
    r"(?:leverag|exploit|combin|integrat|incorporat|decompos|consist|compris|employ|utili[sz]|unif|"
    r"captur|spann|cover|contain)\w*)\b|[:;]|\b\d{2}"
)
# We introduce NAME: ...
_NAME_AND_COLON = re.compile(r" [^\s:]+:")
_PRODUCT = (
    r"(?:method|approach|framework|model|system|algorithm|architecture|pipeline|benchmark|dataset|"
    r"technique|network|agent|strategy|measure|mechanism|scheme)"
)
_WORKS = (
    r"(?:adapt|add|adjust|adopt|align|alternat|annotat|appli|ask|assign|augment|backpropagat|"
    r"bridg|build|cluster|collect|combin|compress|compris|comput|consist|construct|contain|"
    r"convert|cover|decompos|decoupl|defin|deriv|disentangl|distil|divid|embed|employ|encod|"
    r"encourag|estimat|evaluat|exploit|extract|feed|filter|fine-?tun|formali[sz]|formulat|"
    r"generat|group|guid|includ|incorporat|inject|integrat|interleav|introduc|involv|learn|"
    r"leverag|maintain|manag|map|maximi[sz]|measur|merg|minimi[sz]|mix|modif|operat|optimi[sz]|"
    r"orchestrat|parameteri[sz]|partition|perform|predict|proceed|process|propagat|prun|"
    r"quantif|refin|regulari[sz]|reli|remov|replac|represent|retriev|rewrit|sampl|scal|select|"
    r"separat|span|split|substitut|synthesi[sz]|tell|track|train|transform|treat|turn|unif|"
    r"updat|us|utili[sz])(?:i?es|s)\b"
)
_MADE = (
    r"(?:develop|construct|collect|redesign|fine-?tune|train|design|formulate|decompose|combine|"
    r"leverage|paralleli[sz]e|build|curate|annotate|integrate|replace|learn|decouple|introduce|"
    r"propose)"
)
_MEANS = r"(?:by|via|through|using)\b"
_DOES = (
    rf"(?:\w+ly |first |then )*(?:{_WORKS}|has \d|(?:is|are) (?:based on|built (?:on|from|upon)|"
    r"composed of|made (?:up )?of|trained|obtained by|driven by)|"
    r"(?:provides|offers|allows|enables)\b[^.;:]*\b(?:by|via|through|that|which|using)\b)"
)
_CIRCUMSTANCE = (
    r"(?:(?:unlike|inspired by|leveraging|by|drawing|starting|building|built|using|given|based on|"
    r"instead of|rather than|in contrast to)\b[^,;:]{1,110}, )"
)
# A name stands there, not a word that points or opens a clause.
_NO_NAME = (
    r"(?:the|an?|each|all|after|then|our|we|this|these|it|they|doing|while|when|if|as|in|on|at|by|"
    r"from|since|because|although|though|despite|such|both|most|many|previous|prior|existing|"
    r"current|recent|traditional)"
)
# How it works, or what it is made of. What is followed by a verb is a noun: "two groups are".
_WORKING = re.compile(
    r"(?!stage|phase|step|empirical|experiment|result|with|for )(?:"
    r"(?:the|our|its) (?:core|key|main|central|primary) (?:\w+ )?"
    r"(?:idea|insight|innovation|technique)s? (?:is|lies)\b|central to our approach (?:is|lies)\b"
    rf"|(?:our|the|the proposed) (?:[\w-]+ ){{0,3}}{_PRODUCT} (?:is an? |{_DOES})"
    rf"|(?:[^,]{{1,90}}, )?we (?:\w+ly |first )?{_MADE}\b(?=.*(?:{_HOW.pattern}))"
    rf"|{_CIRCUMSTANCE}?(?!{_NO_NAME} )(?:(?!then |first )[^\s,]+ ){{1,3}}{_DOES}"
    r"(?! (?:is|are|was|were|has|have|can|and)\b))"
)
# A name with capitals within or a figure, and what it does by a means; as printed.
_BY_MEANS = re.compile(
    rf"(?:[A-Z][a-z]+, )?(?:[A-Z]?[a-z]+[A-Z]|[A-Z]{{2}}|[A-Z]\w*-?\d)[\w-]* (?:\w+ly )?"
    rf"(?!(?:is|was|has|does|models|results)\b)[a-z]+s\b(?=[^.;:]*\b{_MEANS})"
)
# The authors speak, and speak of the field.
_FIELD = cue(
    "prior|previous|earlier|seen|witnessed|usually|often|typically|we are|need|would like",
    r"^in (?:our )?(?:prior|previous|earlier)\b|\bwe (?:have )?previously\b"
    r"|\bwe (?:have (?:seen|witnessed)|(?:usually|often|typically)|"
    r"are (?:currently|witnessing|seeing|un\w*)|(?:\w+ ){0,2}need|would like)\b",
)
_SECONDARY = cue(
    "also|additionally|further|finally|then|therefore|conclude|hope|anticipate|believe|expect|"
    "plan|intend|begin|start|conjecture|extend|generali",
    r"\b(?:we|paper|work|study|article|review|survey|research|results?|experiments?|findings?) "
    r"(?:also|additionally|further(?:more)?|finally|then|therefore|conclude|hope|anticipate|believe|"
    r"expect|plan|intends?|conjectures?)\b"
    r"|\b(?:is|are) (?:also|additionally|further) \w+ed\b|\bwe (?:begin|start) (?:by|with)\b"
    r"|^our (?:\w+ )?(?:technique|result|method|approach|analys[ei])s? (?:\w+ly )?"
    r"(?:extend|generali[sz]e)s?\b",
)
# What was done besides.
_ADDITION = re.compile(
    r"(?:also|additionally|besides|furthermore|further|moreover|in addition|finally|lastly|last|"
    r"theoretically, (?:we|our|it)|"
    r"second|secondly|third|thirdly|next|then)\b"
)
# What was done in one step or case only.
_DETAIL = re.compile(
    r"(?:for (?:simplicity|example|instance)|as an? (?:\w+ )?example|"
    r"in (?:each|every) (?:\w+ )?(?:iteration|step|round|stage)|"
    r"in the (?:special|first|second) case|(?:in|during|at) the (?:\w+ )?(?:stage|phase|step)\b|"
    r"for (?!the first|example|instance|this|that|which)"
    r"[^,]{3,50}, (?:we|our)|"
    r"as an? (?:\w+ )?(?:application|by-?product|side|consequence|corollary|special case))\b"
)
_DETAIL_BEHIND = cue(
    "description|illustration|photo|plate|checklist|key to|key for|keys to|keys for|iucn|red list|"
    "endangered|conservation status",
    r"^[^.;:]*\b(?:(?:(?:description|illustration|photograph|photo|plate|checklist)s?"
    r"|^(?:an? |the )?(?:identification )?keys? (?:to|for)|keys? to [^.;:]{0,60}species)\b"
    r"[^.;:]* (?:is|are|were) (?:also )?(?:provided|given|presented|included|figured)\b"
    r"|(?:iucn|red list|(?:as|critically) [\"“]?endangered|its conservation status)\b)",
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
    r"to (?:\w+ly |further )*(?:showcase|demonstrate|illustrate|verify|validate|evaluate) "
    r"[^,;:]{3,80}, we\b|"
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
    rf"(?:our|the) (?:\w+ )?(?:goal|aim|objective|purpose|hypothesis)\b"
    rf"(?!.{{0,30}} to (?:show|prove))"
    rf"|(?:(?:under|in|for|with|since|as|given|instead of) [^,;:]{{3,110}}, )?"
    rf"(?:we|the (?:paper|article|study|authors)|(?:this|our|the present) {PAPER_BY_NAME}) "
    rf"(?:\w+ly |first |here |then |instead |aims? to |seeks? to )*"
    r"(?:stud(?:y|ies)|analy[sz]es?|considers?|investigates?|examines?|explores?|focus(?:es)? on|"
    r"address(?:es)?|tackles?|deals? with|discuss(?:es)?|reviews?|revisits?|understand|is about|"
    r"is (?:dedicated|devoted) to|concerns?|asks?|"
    rf"(?:conducts?|presents?|performs?|provides?|carry out|initiates?) (?:an? |the )?"
    rf"(?:(?!of\b|for\b|on\b)[\w-]+,? ){{0,5}}{_STUDY}\b"
    r"|develops? (?:an? |the )?(?:\w+ ){0,2}theory)\b"
)
_DONE = re.compile(
    r"(?<!form)(?<!following)(?<!equation)(?<!problem)[:;]|(?<!i\.e\.), (?!includ|using)\w+ing\b"
    r"|\b(?:(?<!ed )by|via|through(?! an? (?:[\w-]+ ){1,2}lens))\b"
    r"|\b(?<!learn )to (?:identif|obtain|achiev|produc|generat|give|derive)"
    rf"|\band (?:we )?(?:\w+ly |then |also |further |thus |hence )*(?!{_STUDIED})"
    rf"(?!\w+(?:ions?|[sy]is|ments?)\b){_DID}"
)
_WORTH = cue(
    "insight|light on|understanding|guidance|foundation|avenue|direction|possibilit|door|path|"
    "the way|potentially|community|offer|provid|giv|represent|serve|will be",
    r"\b(?:provid|offer|giv|shed|deepen|advanc|yield)(?:es?|s|ing|ed)? (?:us |the |our |an? )?"
    r"(?:\w+ ){0,3}(?:insights?|light on|understanding|guidance|foundation)\b"
    r"|\bopen(?:s|ing)? (?:up )?(?:\w+ ){0,2}(?:avenue|direction|possibilit|door|path)"
    r"|\b(?:offer|provid|represent|serve)(?:es?|s|ed|ing)? (?:as )?an? (?:\w+ and )?(?:powerful|"
    r"valuable|promising|useful|versatile|strong|exciting|key) (?:\w+ ){0,3}(?:tool|alternative|"
    r"technique|approach|pathway|resource|basis|step)"
    r"|\bwill be (?:\w+ )?(?:helpful|useful|valuable|of interest)\b"
    r"|\b(?:offer|provid|giv)(?:es?|s|ing)? an? (?:new|novel|fresh|different|unified) (?:\w+ ){0,2}"
    r"(?:perspective|view|lens|look)\b"
    r"|\bcommunity (?:should|must|cannot|needs?)\b|\bpav(?:es?|ing) the way|\bcould potentially\b",
)
# What the authors found, proved or made, told as their own deed or as that of their results.
_SAID = r"(?:show|prove|find|found|demonstrat|reveal|indicat|suggest|confirm|conclud|discover)"
_CLAIM = cue(
    "we|our|the|is|are|paper|work|study|article",
    rf"\b(?:we|(?:this|our|the present) {PAPER_BY_NAME}) (?:\w+ly |here |first |thus )*"
    rf"(?:{_SAID}e?[sd]?,? (?:[\w,-]+ ){{0,6}}?(?:that|how|why)\b|"
    rf"(?:(?:prove|derive|obtain|discover|establish|provide|create|define|characteri[sz]e|construct|"
    rf"build|give|{_VERBS})(?:s|d)?|(?:identif|quantif)(?:y|ies|ied)|"
    rf"use [^,;:]{{3,80}} to (?:derive|obtain|show|prove))\b)"
    rf"|\b(?:our|the) (?:[\w-]+ ){{0,3}}(?:results?|analys[ei]s|findings?|theor(?:y|em)s?|study) "
    rf"(?:\w+ly )?{_SAID}e?s?\b"
    r"|\b(?:is|are) (?:\w+ly )?"
    r"(?:obtained|proved|proven|established|derived|proposed|introduced)\b",
)

_DISCOVERY = re.compile(r"we (?:show|prove|find|demonstrate) that\b")


def is_own(said: str) -> bool:
    """Whether the authors speak of themselves or of their paper."""
    return _OWN.stands_in(said) and not speaks_of_the_field(said)


def names_the_authors(said: str) -> bool:
    """Whether the authors speak, be it of the field."""
    return _OWN.stands_in(said)


def speaks_of_the_field(said: str) -> bool:
    """Whether the authors speak, and speak of the field."""
    return _FIELD.stands_in(said)


def is_announced(said: str) -> bool:
    """Whether the authors say that they made something."""
    return _ANNOUNCES.stands_in(said)


def is_bare(said: str) -> bool:
    """Whether the authors say that they made something, and what for, but not what it does."""
    made = _ANNOUNCES.find(said)
    if made is None:
        return False
    name = _NAME_AND_COLON.match(said, made.end())
    return _HOW.search(said, (name or made).end()) is None


def tells_how(text: str) -> bool:
    """Whether a sentence, as printed, tells how what was made works, or what it is made of."""
    return _WORKING.match(text.lower()) is not None or _BY_MEANS.match(text) is not None


def is_topic(said: str) -> bool:
    """Whether a sentence tells what is studied, and nothing that was done about it."""
    topic = _TOPIC.match(said)
    return topic is not None and not _DONE.search(said, topic.end())


def is_claim(said: str) -> bool:
    """Whether a sentence tells what the authors found, proved or made."""
    return _CLAIM.stands_in(said)


def is_discovery(said: str) -> bool:
    """Whether a sentence begins with the words of a result: we show, prove, find that."""
    return _DISCOVERY.match(said) is not None


def is_secondary(said: str) -> bool:
    """Whether a sentence says by its verb that it adds to others."""
    return _SECONDARY.stands_in(said)


def is_addition(said: str) -> bool:
    """Whether a sentence, or what was left out before it, begins as what was done besides."""
    return _ADDITION.match(said) is not None


def is_detail(said: str) -> bool:
    """Whether a sentence is about one step or case only."""
    return _DETAIL.match(said) is not None or _DETAIL_BEHIND.stands_in(said)


def is_test(said: str) -> bool:
    """Whether a sentence tells what was tested."""
    return _TESTED.match(said) is not None


def is_praise(said: str) -> bool:
    """Whether a sentence tells what the work is good for, and not that it was made."""
    return _WORTH.stands_in(said) and not is_announced(said)
