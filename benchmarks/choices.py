"""How often the lead of a paper is a sentence that would do, as judged sentence by sentence.

    python benchmarks/choices.py [SHARED]

choices.tsv beside this script tells of some 1,500 abstracts which sentences would do as the lead: a
hash of the cleaned title, how many sentences there are, the numbers of those that would do, and the
number of the best. The abstracts are found in SHARED (days of arXiv and of Hugging Face; default:
`shared` beside the repository). An abstract that is split into another number of sentences now is
left out. `named` are papers whose title has a colon. The last line is one JSON object.
"""

import hashlib
import json
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import mails

from digest.formats import HEAD, format_of
from digest.summarise import Paper
from digest.summarisers import summariser
from digest.text import clean

CHOICES = Path(__file__).with_name("choices.tsv")
FOLDERS = "data/hf_daily_json/raw", "data/arxiv_daily"


def choices() -> dict[str, tuple[int, set[int]]]:
    rows = (line.split("\t") for line in CHOICES.read_text("utf-8").splitlines())
    return {
        key: (int(size), set(map(int, filter(None, good.split(",")))))
        for key, size, good, _ in rows
    }


def papers(shared: Path) -> Iterator[tuple[str, str]]:
    """Titles and abstracts of the days, cleaned."""
    for file in sorted(file for folder in FOLDERS for file in (shared / folder).rglob("*.json*")):
        with file.open("rb") as stream:
            if not (found := format_of(stream.read(HEAD))):
                continue
            stream.seek(0)
            for sighting in found.papers(stream):
                yield clean(sighting.title), clean(sighting.abstract)


def judged(shared: Path) -> Iterator[tuple[bool, bool]]:
    """Of each abstract: whether its title has a colon, and whether the lead would do."""
    wanted, trained = choices(), summariser("trained")
    for title, abstract in papers(shared):
        size, good = wanted.pop(hashlib.sha256(title.encode()).hexdigest()[:12], (0, set()))
        paper = Paper(title, abstract, trained) if size else None
        if paper and len(paper.sentences) == size:
            yield ":" in title, paper.sentences.index(paper.lead) in good


def main() -> None:
    found = list(judged(Path(sys.argv[1]) if sys.argv[1:] else mails.SHARED))
    if not found:
        raise SystemExit("this needs the days of arXiv and of Hugging Face")
    figures = {"abstracts": len(found), "would_do_percent": percent(good for _, good in found)}
    figures["named_percent"] = percent(good for named, good in found if named)
    print(json.dumps(figures))


def percent(good: Iterable[bool]) -> float:
    marks = list(good)
    return round(100 * sum(marks) / len(marks), 1)


if __name__ == "__main__":
    main()
