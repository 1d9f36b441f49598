"""How good summaries are, on abstracts with one-sentence summaries that people wrote.

    python benchmarks/summaries.py FILE.jsonl
    python benchmarks/summaries.py FILE.jsonl --processes

Each line has `source` (the sentences of an abstract), `title`, and `target` (the references), as
SciTLDR-A has them. Everything is measured end to end: the sentences are joined, cleaned, split
again, ranked and trimmed. ROUGE is google's rouge-score with stemming; the reference with the best
ROUGE-1 counts (Cachola et al. 2020). Intervals are 95 % bootstrap intervals. `sentences` tells how
well the splitter finds the ends of sentences again, beside NLTK's Punkt with the same
abbreviations; some sentences of SciTLDR are lines of a PDF, whose ends `f1_without_line_breaks`
leaves out. Needs the packages of benchmarks/requirements.txt, which the product does not. The last
line is one JSON object.

--processes says what two processes would gain: seconds for many abstracts in this process, and in
two that are started for it and load what they need. Only an idle machine tells by the clock.
"""

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from itertools import accumulate, count
from multiprocessing import get_context
from operator import add
from pathlib import Path
from typing import Any, NamedTuple

from digest.cues import PAPER
from digest.model import Summary
from digest.ports import Summariser
from digest.summarise import LEAD_LENGTH, summarise
from digest.summarisers import summariser
from digest.text import ABBREVIATIONS, clean, sentences

RESAMPLES = 2_000
COLD, PROCESSES = "--cold", "--processes"
MANY = 100, 1_000, 10_000
TRAINED, EDMUNDSON = summariser("trained"), summariser("edmundson")

# Dangling: this, these, it, such, the former in the first eight words, unresolved.
NAMED = rf"(?:[\w-]+ ){{0,2}}(?:{PAPER})\b"
DANGLING = re.compile(
    rf"^(?:\S+\s+){{0,7}}?\W*(?:(?:this|these)\b(?! {NAMED})|such\b(?! as\b| that\b)"
    r"|the (?:former|latter|aforementioned|above)\b)"
    r"|^(?:it|its|they|their)\b|^(?:\S+\s+){0,7}?\W*(?:when|while|if|as|since|because|that) it\b"
    r"(?! (?:is|was) (?:possible|necessary|important|sufficient|known))"
    r"|^(?:however|thus|therefore|hence|moreover|furthermore|additionally|finally|also|"
    r"instead(?! of)|in particular|in contrast|specifically|for example|for instance|"
    r"as a result)\b",
    re.IGNORECASE,
)
OWN = re.compile(
    rf"\b(?:we|our|us|i)\b|\b(?:this|the present|the current) {NAMED}"
    r"|\b(?:is|are) (?:proposed|presented|introduced|developed|described|shown|investigated)\b",
    re.IGNORECASE,
)
# Background: what a sentence says that does not speak of the paper.
BACKGROUND = re.compile(
    r"^(?:recent(?:ly)?|in recent|over the (?:past|last)|traditional(?:ly)?|conventional|existing|"
    r"previous|prior|current(?:ly)?|most|many|modern|despite)\b"
    r"|\b(?:has|have) (?:recently |long |often |traditionally )?(?:been|become|shown|emerged|made|"
    r"achieved|attracted|gained|seen|demonstrated|revolutionized|garnered|led)\b"
    r"|\b(?:is|are|remains?) (?:an? |the |one of the )*(?:\w+ly )?(?:important|fundamental|crucial|"
    r"challenging|key|central|essential|critical|long-?standing|vital|common|popular|open|difficult|"
    r"ubiquitous|widely used|well known|expensive|costly|unclear|underexplored)\b"
    r"|\b(?:typically|usually|often|commonly|generally) (?:\w+ ){0,2}(?:requires?|relies|rely|used|"
    r"assume|suffers?|fails?|depends?)\b"
    r"|\b(?:suffers? from|struggles? (?:to|with)|plays? an?|(?:much less|little) is known)\b",
    re.IGNORECASE,
)
STOP = re.compile(r"[.!?]\W*$")
CUT = re.compile(r"(?:…|\.\.\.)\W*$|[^.!?。！？\"'”’)\]]$")


class Row(NamedTuple):
    title: str
    source: list[str]
    references: list[str]

    @property
    def abstract(self) -> str:
        return " ".join(self.source)


def rows(file: Path) -> list[Row]:
    papers = map(json.loads, file.read_bytes().splitlines())
    return [Row(p.get("title") or "", p["source"], p["target"]) for p in papers]


def ours(row: Row, method: Summariser = TRAINED) -> Summary | None:
    return summarise(clean(row.title), clean(row.abstract), method)


def split(row: Row) -> list[str]:
    abstract = clean(row.abstract)
    return [abstract[start:end] for start, end in sentences(abstract)]


def first(row: Row) -> str:
    return next(iter(split(row)), "")


def stock_lexrank() -> Callable[[Row], str]:
    """Sumy's default, and its default settings; only the tokenizer is ours."""
    from sumy.summarizers.lex_rank import LexRankSummarizer

    from digest.sumy_document import document

    lexrank = LexRankSummarizer()

    def chosen(row: Row) -> str:
        best = lexrank(document("", split(row)), 1)
        return str(best[0]) if best else ""

    return chosen


def edmundson(row: Row) -> str:
    """The tuned words as Sumy's method ranks with them, without our rules."""
    parts = split(row)
    ratings = EDMUNDSON.rate(clean(row.title), parts)
    return parts[ratings.index(max(ratings))] if parts else ""


class Judge:
    def __init__(self, papers: list[Row]) -> None:
        from rouge_score.rouge_scorer import RougeScorer

        self._papers = papers
        self._scorer = RougeScorer(["rouge1", "rouge2", "rougeL"], use_stemmer=True)

    def score(self, row: Row, text: str) -> tuple[float, float, float]:
        found = (self._scorer.score(reference, text) for reference in row.references)
        best = max(found, key=lambda each: each["rouge1"].fmeasure)
        one, two, longest = (100 * best[name].fmeasure for name in ("rouge1", "rouge2", "rougeL"))
        return one, two, longest

    def of(self, choose: Callable[[Row], str]) -> Any:
        return self._array([self.score(row, choose(row)) for row in self._papers])

    def oracle(self) -> Any:
        """The whole sentence with the best ROUGE-1."""
        best = (
            [self.score(row, each) for each in split(row)] or [(0.0,) * 3] for row in self._papers
        )
        return self._array([max(scores) for scores in best])

    @staticmethod
    def _array(scores: list[tuple[float, ...]]) -> Any:
        import numpy as np

        return np.array(scores)


def interval(values: Any) -> list[float]:
    """The 95 % bootstrap interval of a mean."""
    import numpy as np

    random = np.random.default_rng(0)
    drawn = random.integers(len(values), size=(RESAMPLES, len(values)))
    return [round(float(x), 2) for x in np.percentile(values[drawn].mean(axis=1), [2.5, 97.5])]


def rouge(papers: list[Row], leads: list[str]) -> dict[str, Any]:
    judge = Judge(papers)
    lead = iter(leads)
    methods = {
        "ours": judge.of(lambda _: next(lead)),
        "edmundson_with_our_rules": judge.of(lambda row: _lead(ours(row, EDMUNDSON))),
        "edmundson_tuned": judge.of(edmundson),
        "sumy_lexrank": judge.of(stock_lexrank()),
        "lead_1": judge.of(first),
        "oracle": judge.oracle(),
    }
    found: dict[str, Any] = {}
    for name, scores in methods.items():
        one, two, longest = scores.mean(axis=0)
        found[name] = {
            "r1": round(float(one), 2),
            "r1_interval": interval(scores[:, 0]),
            "r2": round(float(two), 2),
            "rl": round(float(longest), 2),
        }
        if name != "ours":
            found[name]["r1_of_ours_above"] = interval(methods["ours"][:, 0] - scores[:, 0])
    return found


def _lead(summary: Summary | None) -> str:
    return summary.lead if summary else ""


def faults(papers: list[Row], summaries: list[Summary]) -> dict[str, Any]:
    leads = [summary.lead for summary in summaries]
    long = [
        s.lead
        for p, s in zip(papers, summaries, strict=True)
        if len(s.lead) > LEAD_LENGTH and min(map(len, split(p))) <= LEAD_LENGTH
    ]
    background = [lead for lead in leads if BACKGROUND.search(lead) and not OWN.search(lead)]
    whole = sum(not CUT.search(clean(p.abstract)) for p in papers)
    return {
        "dangling_percent": percent(sum(bool(DANGLING.search(x)) for x in leads), leads),
        "background_percent": percent(len(background), leads),
        "cut": sum(bool(CUT.search(x)) for x in leads),
        "abstracts_that_end_whole": whole,
        "over_280_percent": percent(sum(len(x) > LEAD_LENGTH for x in leads), leads),
        "over_280_though_a_sentence_fits": len(long),
        "with_finding_percent": percent(sum(bool(s.finding) for s in summaries), leads),
        "without_compact": sum(s.compact is None for s in summaries),
        "mean_characters": round(sum(map(len, leads)) / len(leads)),
    }


# --- sentences ------------------------------------------------------------------------------

Splitter = Callable[[str], list[tuple[int, int]]]


def punkt() -> Splitter:
    """NLTK's Punkt, with our abbreviations; its own are a download."""
    from nltk.tokenize.punkt import PunktParameters, PunktSentenceTokenizer

    known = PunktParameters()
    known.abbrev_types = set(ABBREVIATIONS)
    tokenizer = PunktSentenceTokenizer(known)
    return lambda text: list(tokenizer.span_tokenize(text))


def splitters(papers: list[Row]) -> dict[str, Any]:
    """How well sentences that were joined are parted again: the places where one ends."""
    return {name: parted(papers, each) for name, each in (("ours", sentences), ("punkt", punkt()))}


def parted(papers: list[Row], splitter: Splitter) -> dict[str, Any]:
    parts = [[" ".join(part.split()) for part in row.source] for row in papers]
    texts = [" ".join(each) for each in parts]
    began = time.process_time()
    found = [splitter(text) for text in texts]
    speed = len(papers) / (time.process_time() - began)
    # The last end is everyone's.
    ours = [{end for _, end in spans[:-1]} for spans in found]
    theirs = [dict(zip(ends(each), each[:-1], strict=False)) for each in parts]
    stops = [{end for end, part in each.items() if STOP.search(part)} for each in theirs]
    precision, recall, whole = agreement(ours, [set(each) for each in theirs])
    return {
        "f1": whole,
        "precision": precision,
        "recall": recall,
        "f1_without_line_breaks": agreement(ours, stops)[2],
        "abstracts_per_s": round(speed),
    }


def ends(parts: list[str]) -> Iterator[int]:
    """Where each part ends when they are joined by blanks."""
    return map(add, accumulate(map(len, parts)), count())


def agreement(ours: list[set[int]], theirs: list[set[int]]) -> tuple[float, float, float]:
    """Precision, recall and F1."""
    both = sum(len(a & b) for a, b in zip(ours, theirs, strict=True))
    precision, recall = both / sum(map(len, ours)), both / sum(map(len, theirs))
    whole = 2 * precision * recall / (precision + recall)
    return round(precision, 3), round(recall, 3), round(whole, 3)


def percent(count: int, of: Sequence[object]) -> float:
    return round(100 * count / len(of), 2)


def cold(papers: list[Row]) -> dict[str, Any]:
    """What a process that has done nothing yet takes: it prints this and ends."""
    for absent in ("scipy", "sklearn"):  # NLTK loads what it finds; the product brings neither
        sys.modules[absent] = None  # type: ignore[assignment]
    ours(papers[0])
    first_summary = time.clock_gettime(time.CLOCK_BOOTTIME) - started()
    began = time.process_time()
    for row in papers:
        ours(row)
    speed = len(papers) / (time.process_time() - began)
    memory = int(re.findall(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text())[0]) / 1024
    lexrank = stock_lexrank()
    lexrank(papers[0])
    began = time.process_time()
    for row in papers:
        lexrank(row)
    return {
        "abstracts_per_s": round(speed),
        "sumy_lexrank_abstracts_per_s": round(len(papers) / (time.process_time() - began)),
        "first_summary_s": round(first_summary, 2),
        "peak_mb": round(memory),
    }


def started() -> float:
    """When this process was started, in seconds since the machine was (Linux)."""
    ticks = int(Path("/proc/self/stat").read_text().rpartition(")")[2].split()[19])
    return ticks / 100


def processes(papers: list[Row]) -> dict[str, Any]:
    """Seconds for many abstracts, those for starting the processes included."""
    found = {}
    for size in MANY:
        many = (papers * (size // len(papers) + 1))[:size]
        one = measured(lambda many=many: list(map(ours, many)))
        two = measured(lambda many=many: in_two_processes(many))
        found[f"seconds_for_{size}"] = {"one_process": one, "two": two}
    return found


def in_two_processes(papers: list[Row]) -> list[Summary | None]:
    with ProcessPoolExecutor(2, get_context("spawn")) as pool:
        return list(pool.map(ours, papers, chunksize=-(-len(papers) // 20)))


def measured(work: Callable[[], object]) -> dict[str, float]:
    """By the clock, of this process, and of those that it started and that have ended."""
    began, before = time.perf_counter(), os.times()
    work()
    after = os.times()
    return {
        "clock": round(time.perf_counter() - began, 2),
        "own": round(after.user + after.system - before.user - before.system, 2),
        "children": round(
            after.children_user
            + after.children_system
            - before.children_user
            - before.children_system,
            2,
        ),
    }


def main() -> None:
    file = Path(sys.argv[1])
    papers = rows(file)
    if sys.argv[2:]:
        measure = {COLD: cold, PROCESSES: processes}[sys.argv[2]]
        print(json.dumps(measure(papers)))
        return
    summaries = [each for row in papers if (each := ours(row))]
    answer = subprocess.run(
        [sys.executable, __file__, str(file), COLD], check=True, capture_output=True, text=True
    )
    figures = {
        "rows": len(papers),
        **rouge(papers, [summary.lead for summary in summaries]),
        **faults(papers, summaries),
        **json.loads(answer.stdout),
        "sentences": splitters(papers),
        "method": summaries[0].method,
    }
    for name, value in figures.items():
        print(f"{name}: {json.dumps(value)}")
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
