"""Read every dump of the real material: how much is right, and how fast.

    python benchmarks/parse.py [SHARED]

SHARED is the folder with dumps, gold and data (default: `shared` beside the repository). Bytes to
sightings, no cleaning, no store. The last line is one JSON object; speeds are papers a second of
one core, the median of RUNS.
"""

import io
import json
import re
import statistics
import sys
import time
import tracemalloc
import warnings
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import feedparser

from digest.errors import DumpError
from digest.formats import HEAD, format_of
from digest.ingest import dated, day_in_name
from digest.model import Sighting

RUNS = 5
ROOT = Path(__file__).parents[1]
SHARED = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT.parent / "shared"
DATA = SHARED / "data"
ACTIVE = re.compile(r"<script|javascript:|<[^>]*\son\w+\s*=", re.IGNORECASE)


def sightings(content: bytes, name: str = "") -> list[Sighting] | None:
    """The papers of a dump; None where no format accepts it."""
    found = format_of(content[:HEAD])
    return list(dated(found.papers(io.BytesIO(content)), day_in_name(name))) if found else None


def read(paths: Iterable[Path]) -> list[bytes]:
    return [path.read_bytes() for path in paths]


def seconds(work: Callable[[], object]) -> float:
    times = []
    for _ in range(RUNS):
        began = time.process_time()
        work()
        times.append(time.process_time() - began)
    return statistics.median(times)


def speed(contents: list[bytes]) -> int:
    papers = sum(len(sightings(content) or ()) for content in contents)
    return round(papers / seconds(lambda: [sightings(content) for content in contents]))


def gold() -> dict[str, Any]:
    right = total = 0
    for path in sorted((SHARED / "gold").glob("*.gold.json")):
        expected = json.loads(path.read_text("utf-8"))["papers"]
        name = path.name.replace(".gold.json", ".txt")
        found = sightings((SHARED / "dumps" / name).read_bytes(), name) or []
        total += len(expected)
        right += sum(map(agrees, found, expected)) if len(found) == len(expected) else 0
    return {"gold_papers": total, "gold_right_on_every_field": right}


def agrees(sighting: Sighting, expected: dict[str, Any]) -> bool:
    day = sighting.published.date() if sighting.published else None
    found = {**asdict(sighting), "published": day.isoformat() if day else None}
    return all(found[name] == value for name, value in expected.items())


def revisions() -> dict[str, int]:
    """How many of the broken versions are read, refused and ignored."""
    ends = {"read": 0, "refused": 0, "ignored": 0}
    for content in read(sorted((DATA / "hf_daily_json" / "revisions").glob("*.json"))):
        try:
            ends["ignored" if sightings(content) is None else "read"] += 1
        except DumpError:
            ends["refused"] += 1
    return ends


def feeds() -> dict[str, Any]:
    rows = [
        line.split("\t")
        for line in (SHARED / "gold" / "feeds.tsv").read_text("utf-8").splitlines()[1:]
    ]
    right, contents = 0, []
    for name, _, _, linked, errors in rows:
        content = (DATA / "feeds" / name).read_bytes()
        contents.append(content)
        try:
            papers = len(sightings(content) or ())
        except DumpError:
            papers = 0
        right += papers == int(linked) - int(errors)
    good = [content for content in contents if is_read(content)]
    ours = seconds(lambda: [sightings(content) for content in good])
    alone = seconds(lambda: [feedparser.parse(io.BytesIO(content)) for content in good])
    return {
        "feed_rows": len(rows),
        "feed_rows_right": right,
        "feeds_speed_against_feedparser": round(alone / ours, 2),
    }


def is_read(content: bytes) -> bool:
    try:
        return sightings(content) is not None
    except DumpError:
        return False


def suite() -> dict[str, int]:
    """feedparser's own feeds: each is read, refused or ignored, and nothing in it can act."""
    ends = {"read": 0, "refused": 0, "ignored": 0, "crashed": 0, "with_active_markup": 0}
    for content in read(path for path in (DATA / "feedparser_suite").rglob("*") if path.is_file()):
        try:
            found = sightings(content)
        except DumpError:
            ends["refused"] += 1
            continue
        except Exception:  # noqa: BLE001 - a crash is what is counted
            ends["crashed"] += 1
            continue
        ends["ignored" if found is None else "read"] += 1
        ends["with_active_markup"] += bool(ACTIVE.search(repr(found)))
    return ends


def raw_records() -> int:
    """The records of the HF days, counted by nothing but json."""
    count = 0
    for path in (DATA / "hf_daily_json" / "raw").glob("*.json"):
        day = json.loads(path.read_text("utf-8"))
        lists = [day] if isinstance(day, list) else [v for v in day.values() if isinstance(v, list)]
        count += sum(map(len, lists))
    return count


def json_lines_peak_mb(papers: int) -> float:
    """What reading so many papers one by one takes, beside the file itself."""
    line = {"title": "Kites", "abstract": "We fly kites. " * 80, "authors": ["A"], "dump": "d"}
    content = "\n".join(json.dumps({**line, "format": "f", "doi": n}) for n in range(papers))
    stream = io.BytesIO(content.encode())
    found = format_of(stream.getvalue()[:HEAD])
    assert found
    tracemalloc.start()
    deque(dated(found.papers(stream), None), maxlen=0)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return round(peak / 1e6, 2)


def main() -> None:
    warnings.simplefilter("ignore")  # feedparser alone warns of its own past
    days = read(sorted((DATA / "hf_daily_json" / "raw").glob("*.json")))
    lists = read(sorted((DATA / "arxiv_daily" / "arxiver").glob("*.jsonl")))
    figures = {
        **gold(),
        "hf_days": len(days),
        "hf_records": sum(len(sightings(content) or ()) for content in days),
        "hf_records_in_the_files": raw_records(),
        "revisions": revisions(),
        **feeds(),
        "feedparser_suite": suite(),
        "page_papers_per_s": speed(read(sorted((SHARED / "dumps").glob("*.txt")))),
        "hf_json_papers_per_s": speed(days),
        "json_lines_papers_per_s": speed(lists),
        "json_lines_peak_mb_10k": json_lines_peak_mb(10_000),
        "json_lines_peak_mb_100k": json_lines_peak_mb(100_000),
        "runs": RUNS,
    }
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
