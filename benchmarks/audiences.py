"""What an audience more costs: 100 papers, 50 audiences, each with an edition of its own.

    python benchmarks/audiences.py [FILE]

FILE is a dump; without one it is a day of arXiv beside the repository, else a sample of `dumps/`.
The last line is one JSON object; times are processor time of this process, medians of RUNS: of
publish for `all` alone, of publish with the audiences, of each edition more, rendered and frozen;
and of as many queries as a large newsletter has, each put to every paper.
"""

import json
import random
import statistics
import sys
import tempfile
from pathlib import Path
from time import process_time

from digest.app import App
from digest.query import parse
from digest.settings import Settings
from digest.theme_table import shipped

ROOT = Path(__file__).parents[1]
PAPERS, AUDIENCES, QUERIES, RUNS = 100, 50, 1_000, 5


def dump() -> Path:
    if len(sys.argv) > 1:
        return Path(sys.argv[1])
    real = ROOT.parent / "shared" / "data" / "arxiv_daily" / "cs_multi" / "2025-05-01.jsonl"
    return real if real.is_file() else max((ROOT / "dumps").glob("*.txt"))


def queries(count: int) -> list[str]:
    """Four phrases of a theme each, the fourth to be kept out."""
    chance = random.Random(20)
    themes = [row.phrases for row in shipped().rows if len(row.phrases) > 3]
    found = []
    for _ in range(count):
        one, two, three, four = chance.sample(chance.choice(themes), 4)
        found.append(f'("{one}" OR "{two}" OR "{three}" OR model) NOT "{four}"')
    return found


def app(folder: Path, audiences: int) -> App:
    """The program with so many audiences, and the papers ingested."""
    wanted = {f"team{n}": {"query": query} for n, query in enumerate(queries(audiences))}
    made = App(Settings(audiences=wanted).under(folder))
    lines = dump().read_text("utf-8").splitlines(keepends=True)
    some = lines[:PAPERS] if dump().suffix == ".jsonl" else lines
    file = folder / f"papers{dump().suffix}"
    file.write_text("".join(some), "utf-8")
    made.ingest([file])
    return made


def published(audiences: int) -> tuple[float, int, int]:
    """Seconds, editions and papers in them."""
    with tempfile.TemporaryDirectory() as folder:
        made = app(Path(folder), audiences)
        began = process_time()
        reports = made.publish().reports
        seconds = process_time() - began
        made.close()
    documents = [report.document() for report in reports]
    editions = [each for each in documents if each.get("edition")]
    return seconds, len(editions), sum(each["papers"] for each in editions)


def asked() -> tuple[int, float]:
    """How many papers there are, and the seconds in which each meets every query."""
    wanted = [parse(query) for query in queries(QUERIES)]
    with tempfile.TemporaryDirectory() as folder:
        made = app(Path(folder), 0)
        with made.store.reading() as shelves:
            papers = shelves.papers.at(shelves.papers.candidates("all", made.today))
        made.close()
    views = [sheet.view for sheet in made.desk.sheets(list(papers.values()))]
    seconds = []
    for _ in range(RUNS):
        began = process_time()
        for query in wanted:
            for view in views:
                query.matches(view)
        seconds.append(process_time() - began)
    return len(papers), statistics.median(seconds)


def main() -> None:
    published(1)  # templates, tables and weights are read once
    alone = statistics.median(published(0)[0] for _ in range(RUNS))
    runs = [published(AUDIENCES) for _ in range(RUNS)]
    together = statistics.median(seconds for seconds, *_ in runs)
    _, editions, printed = runs[0]
    papers, seconds = asked()
    figures = {
        "papers": papers,
        "audiences": AUDIENCES,
        "editions": editions,
        "papers_in_editions": printed,
        "publish_all_ms": round(1_000 * alone, 1),
        "publish_with_audiences_ms": round(1_000 * together, 1),
        "ms_per_audience_edition": round(1_000 * (together - alone) / (editions - 1), 2),
        "queries": QUERIES,
        "queries_s": round(seconds, 3),
        "runs": RUNS,
    }
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
