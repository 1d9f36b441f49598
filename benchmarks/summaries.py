"""How good summaries are, on abstracts with one-sentence summaries that people wrote.

    python benchmarks/summaries.py FILE.jsonl
    python benchmarks/summaries.py FILE.jsonl --processes

Each line has `source` (the sentences of an abstract), `title`, and `target` (the references), as
SciTLDR-A has them. Everything is measured end to end: the sentences are joined, cleaned, split
again, ranked and trimmed. ROUGE is google's rouge-score with stemming; the reference with the best
ROUGE-1 counts (Cachola et al. 2020). Intervals are 95 % bootstrap intervals. Needs the packages of
benchmarks/requirements.txt, which the product does not. The last line is one JSON object.

--processes says what two processes would gain: wall seconds for many abstracts in this process, and
in two that are started for it and load what they need. Only a machine that is idle tells.
"""

import json
import re
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any, NamedTuple

from digest.cues import PAPER
from digest.model import Summary
from digest.ports import Summariser
from digest.summarise import LEAD_LENGTH, summarise
from digest.summarisers import summariser
from digest.text import clean, sentences

RESAMPLES = 2_000
COLD, PROCESSES = "--cold", "--processes"
MANY = 200, 1_000, 5_000
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
CUT = re.compile(r"(?:…|\.\.\.)\W*$|[^.!?。！？\"'”’)\]]$")


class Row(NamedTuple):
    title: str
    abstract: str
    references: list[str]


def rows(file: Path) -> list[Row]:
    papers = map(json.loads, file.read_bytes().splitlines())
    return [Row(p.get("title") or "", " ".join(p["source"]), p["target"]) for p in papers]


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
    """Wall seconds, those for starting the processes included."""
    found = {}
    for count in MANY:
        many = (papers * (count // len(papers) + 1))[:count]
        began = time.perf_counter()
        for row in many:
            ours(row)
        one = time.perf_counter() - began
        began = time.perf_counter()
        with ProcessPoolExecutor(2, get_context("spawn")) as pool:
            list(pool.map(ours, many, chunksize=count // 20))
        two = time.perf_counter() - began
        found[f"seconds_for_{count}"] = {"one_process": round(one, 2), "two": round(two, 2)}
    return found


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
        "method": summaries[0].method,
    }
    for name, value in figures.items():
        print(f"{name}: {json.dumps(value)}")
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
