"""A few phrases that say what a paper is about, as the paper prints them.

Candidates are runs of words between function words, verbs of abstracts and punctuation (as in RAKE,
Rose et al. 2010). A candidate scores by how rare its words are, how early it stands and how often;
benchmarks/themes.py measures the choice against that of people (Inspec, Hulth 2003).
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import lru_cache
from math import log, sqrt

from digest.background import idf
from digest.text import small_words
from digest.theme_table import TOKEN, stem

MOST, LONGEST = 5, 4
"""Phrases per paper, and words per phrase: of a longer run its end, where the noun stands."""

ALONE = 0.3
"""What one word counts beside a phrase: it says little, unless it is a name."""

EARLY = 2.0
"""How much more a phrase counts that is the first of the text."""

KNOWN = 1.5
"""How much more a phrase counts that a table of themes knows."""

USUAL = 5.0
"""The inverse document frequency of a phrase that counts once: of a word in one paper of 150."""

_WORD = re.compile(r"[^\W_]+(?:[-'’][^\W_]+)*\+*")
_ADVERB = re.compile("[a-z]{3}ly$")

# Function words of English, and the verbs and adjectives of any abstract: no phrase holds one.
_STOP = frozenset(
    """
    a abilities ability about above accelerate accelerates accomplish according accurate
    achieve achieved achieves achieving across act acts adapt adapts address addresses
    addressing adopt adopts advance advancement advancements advances advancing affect affects
    after against aim aimed aims align aligns all allow allowing allows almost along already
    also although always am among amount an analyse analyze analyzes and any anything appear
    appears applied applying approach are argue argues arise arises around article as aspect
    aspects assess assume assumes at attain attains automate automates available average avoid
    avoids bad balance balances based be because become becomes been before begin begins
    behind being below best better between beyond boost boosts both bridge bridges bring
    brings build building builds built but by call called calls came can cannot capabilities
    capability capable capture captures capturing carried case cases cause causes certain
    challenge challenges challenging change changes characterize choose code com combine
    combined combines combining come comes common compare compared comparison complement
    complex comprehensive comprise comprises conduct conducted confirm confirms consider
    considerable considerably considered consists construct constructs contain contains
    contrast contribute contributes could create creates creating critical crucial current
    decrease define defines degrade degrades deliver delivers demand demanding demands
    demonstrate demonstrated demonstrates demonstrating demystifying depend depends deploy
    derive derived describe described describes design designed detect determine determines
    develop developed developing development differ different differs difficult discover
    discovers discuss discussed discusses diverse do does doing done down draw drawn draws
    drive drives due during each ease easy effect effective effects efficient eight either
    eliminate eliminates els else emerge emerged emerges employ employed employs empowering
    enable enables enabling encode encodes encompass encounter encourage enhance enhances
    enhancing enough ensure ensures ensuring essential establish establishes estimate etc
    evaluate evaluated even ever every evolve evolves examine examined example examples exceed
    exceeds exhibit exhibits exist existing exists expand experiment experimental experiments
    explain explains exploit exploits explore explores exploring expose extend extended
    extensive face faces facilitate facilitates fact factor factors fail fails far fast few
    find finding findings finds finetune first five focus following for form formulate found
    four from full fundamental further furthermore future general generalize generalizes
    generate generated generates generating get github give given gives giving go goal goes
    good great grow grows guarantee guide had handle handles hard harnessing has have having
    help helps hence here high higher hinder hinders hold holds how however http https i
    identifies identify identifying ie if illustrate implies important impressive improve
    improved improving in incentivizing includes including incorporate incorporates increase
    increased incur indicate indicates inherent innovative insight insights inspired instead
    insufficient integrate integrates integrating interact into introduce introduced
    introducing investigate investigated investigates involves io is issue issues it its
    itself just keep keeps key kind know known lack lacks large larger last lead leads learn
    learned learns less lessons let level leveraging lie lies light like limit limitation
    limitations limits little long look looks low lower made main mainstream maintain
    maintaining maintains major make makes making manipulate manipulates manner many mastering
    match matches may mean means measure measures method might mitigate mitigates mitigating
    modify more moreover most motivate motivated motivates much multiple must naturally near
    necessary need needed needs neglect never new next no nor not notable notably nothing
    novel novelty number numerous observe observed obtain obtained obtains occur occurs of off
    offer offering offers often on once one ones only open operate operates optimize optimizes
    or order org other others otherwise our out outperform outperformed outperforming
    outperforms over overall overcome own page paper part particular pave per percent perform
    performed performs pose poses possess possesses possible potential practical precise
    predict predicts present presented presents preserve preserves prevent prevents previous
    principled prioritize problem problems produce produced progress project promising promote
    proper propose proposed proposes prove proved provide provided provides providing purpose
    quantify quite range ranging rather reach reaches reaching real recent recover reduce
    reduced reduces refine refines reflect regarding related relative relies rely relying
    remain remains remarkable remove replace replaces report reported represent represents
    require required requires respect restrict result resulting results retain retains
    rethinking return reveal reveals review revisiting rise robust role run runs said same say
    says scale scales scenario scenarios second see seek seeks seem select selects separate
    series serve serves set sets seven several shall share shares shed should show showed
    showing shown shows significant similar simple since single six slow small so solve solved
    solves solving some someone something sota span spanning special specific standardizes
    start state-of-the-art stem stems strive strong struggle struggles studied studies study
    sub substantial success successes such suffer suffers sufficient suggest suggested
    suggests suitable superior support supports surpass surpasses surpassing survey sustain
    tackle tackles tailored take taken takes taking target targets technical tell tells ten
    terms test tested tests than that the their them then there therefore these they think
    third this those three through thus times to together too total toward towards track train
    trained trains transform translate treat trigger try two type types under undergo
    understanding unify unleashing unlike unlock unlocking unprecedented until unveiling up
    update updates upon us use used useful user using validate validates value variety various
    vary verifies verify very via viewed visualize want was way ways we weak website well
    well-known went were what when where whereas whether which while who whose why wide
    wide-ranging will with within without work works would www years yet yield yielding yields
    you your zero
    """.split()  # noqa: SIM905 - so many words in quotes are no easier to read
)

Key = tuple[str, ...]

ASKED = 8192
"""Answers that are kept: editions of one day ask for the phrases of the same papers."""


@lru_cache(maxsize=ASKED)
def key_of(phrase: str) -> Key:
    """What two printings of a phrase have in common: small letters, no plural, no hyphen."""
    return tuple(stem(word) for word in TOKEN.findall(phrase) if word[0].isalnum())


def keyphrases(title: str, abstract: str, known: Iterable[str] = ()) -> tuple[str, ...]:
    """The best phrases first; none holds all the words of another.

    `known` are phrases in the text, as printed, that are known to be telling.
    """
    text = f"{title}. {abstract}"
    prints: dict[Key, list[str]] = {}
    first: dict[Key, int] = {}
    for start, phrase in _runs(text):
        key = key_of(phrase)
        prints.setdefault(key, []).append(phrase)
        first.setdefault(key, start)
    scores = {key: _rarity(key, prints[key][0]) for key in prints}
    for phrase in known:
        key = key_of(phrase)
        place = text.find(phrase)
        if key not in prints:
            prints[key], first[key] = [phrase], place
            scores[key] = _rarity(key, phrase)
        scores[key] *= KNOWN
    for key in scores:
        early = 1 + EARLY * (1 - first[key] / len(text))
        scores[key] *= early * (1 + log(len(prints[key])))
    return tuple(_usual(prints[key]) for key in _best(scores))


@lru_cache(maxsize=ASKED)
def rarity(phrase: str) -> float:
    """What a phrase says of a paper: more, the rarer its words are in papers at large.

    The rarest word tells how rare the phrase is at least, and the others add to it by half. The
    root keeps one rare word from outvoting a handful of common phrases.
    """
    rarest, *others = sorted(map(idf, small_words(phrase)), reverse=True)
    return sqrt((rarest + sum(others) / 2) / USUAL)


def _best(scores: dict[Key, float]) -> list[Key]:
    chosen: list[Key] = []
    for key in sorted(scores, key=lambda key: (-round(scores[key], 6), key)):
        words = set(key)
        if not any(words <= set(other) or set(other) <= words for other in chosen):
            chosen.append(key)
            if len(chosen) == MOST:
                break
    return chosen


def _usual(prints: list[str]) -> str:
    """How the paper prints a phrase most often, without the capitals of a title if it can be."""
    counts = Counter(prints)
    return min(counts, key=lambda phrase: (-counts[phrase], _capitals(phrase), phrase))


def _rarity(key: Key, printed: str) -> float:
    """The inverse document frequencies of the words, damped where there are many."""
    words = small_words(printed)
    alone = ALONE if len(key) == 1 and not _is_name(printed) else 1.0
    return alone * sum(map(idf, words)) / len(words) ** 0.25 if words else 0.0


def _runs(text: str) -> Iterator[tuple[int, str]]:
    """Where each run of telling words begins, and the run."""
    run: list[re.Match[str]] = []
    for word in _WORD.finditer(text):
        empty = _is_empty(word[0])
        if run and (empty or text[run[-1].end() : word.start()] != " "):
            yield _phrase(text, run)
            run = []
        if not empty:
            run.append(word)
    if run:
        yield _phrase(text, run)


def _phrase(text: str, run: list[re.Match[str]]) -> tuple[int, str]:
    start = run[-LONGEST:][0].start()
    return start, text[start : run[-1].end()]


@lru_cache(maxsize=ASKED)
def _is_empty(word: str) -> bool:
    small = word.casefold()
    return small in _STOP or small.isdigit() or _ADVERB.search(small) is not None


def _is_name(word: str) -> bool:
    """Whether a word alone is telling: "DA-Code", "RaBiT" and "SAM2" are, "Curse" is not."""
    return "-" in word or _capitals(word) > 1 or any(map(str.isdigit, word))


def _capitals(text: str) -> int:
    return sum(map(str.isupper, text))
