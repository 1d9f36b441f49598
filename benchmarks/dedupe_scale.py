"""Dedupe against millions: seconds for a day's papers, bytes and memory, on a real SQLite file.

    python benchmarks/dedupe_scale.py FOLDER [SHARED] [SIZES]

FOLDER takes the databases (10 GB for 3,000,000) and is made where it is not there; what is there is
used again. SHARED is the folder with the real material (default: `shared` beside the repository),
SIZES are the sizes of history (default: 100000,3000000).

History is real papers, then recombined ones: a title from the halves of two, an abstract of
sentences of three with two words in five replaced. A day is half new papers of that kind and half
damaged copies of history (a typo, a cut title, a cut abstract), read from a dump by the product's
own ingest. Times are inside the process, from the first byte of the dump to the last commit, with
the database's pages advised away before. The last line is one JSON object.
"""

import json
import os
import random
import resource
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from rapidfuzz import fuzz
from sqlalchemy import text

from digest.app import quietly
from digest.background import counts
from digest.batches import batches
from digest.dedupe import printed
from digest.dedupe.fingerprint import printing
from digest.formats import formats
from digest.model import Answer, PrintedDate, Sighting
from digest.pipeline.dumps import record
from digest.pipeline.ingest import DumpReader, Limits, members, parse
from digest.printings import CROWD, keyed
from digest.sources.folder import dumps
from digest.store import Store, open_store
from digest.store.printings import Answered
from digest.text import searchable

ROOT = Path(__file__).parents[1]
LIMITS = Limits(dump_bytes=10**9, dump_ratio=1000, dump_papers=10**7)
FIRST, TODAY = date(2000, 1, 1), date(2026, 1, 1)
NOW = datetime(2026, 1, 1, tzinfo=UTC)
DAYS = (100, 10_000)
BATCH = 20_000
SAMPLE = 100_000
"""Papers of history whose damaged copies a day may hold."""

QUERIES = 500

Text = tuple[str, str]


# --- papers ---------------------------------------------------------------------------------


def real(shared: Path) -> list[Text]:
    """Titles and abstracts of the real listings, each title once."""
    found: dict[str, str] = {}
    for dump in dumps([shared / "data" / "arxiv_daily", shared / "data" / "hf_daily_json" / "raw"]):
        for member in members(dump, LIMITS):
            parsed = None if member.refused else parse(member, TODAY, LIMITS)
            for paper in parsed.sightings if parsed else ():
                if len(paper.abstract) > 400:
                    found.setdefault(paper.title, paper.abstract)
    return list(found.items())


def recombined(papers: list[Text], chance: random.Random) -> Iterator[Text]:
    """New papers without end, in the words of real ones."""
    sentences = [abstract.split(". ") for _, abstract in papers]
    words = [word for _, abstract in papers for word in abstract.split()]
    while True:
        one, other = chance.choice(papers)[0].split(), chance.choice(papers)[0].split()
        title = [*one[: (len(one) + 1) // 2], *other[len(other) // 2 :]]
        abstract = [
            word if chance.random() > 0.4 else words[int(chance.random() * len(words))]
            for _ in range(3)
            for sentence in chance.choice(sentences)[:3]
            for word in sentence.split()
        ]
        yield " ".join(title), " ".join(abstract)


def damaged(paper: Text, chance: random.Random) -> Text:
    title, abstract = paper
    kind = chance.randrange(4)
    if kind == 0:
        at = chance.randrange(len(title))
        return title[:at] + chance.choice("abcdefghij") + title[at + 1 :], abstract
    if kind == 1:
        return title[:60], abstract
    if kind == 2:
        return title, abstract[:300]
    return title.upper(), abstract[: len(abstract) // 2]


# --- history --------------------------------------------------------------------------------


def build(file: Path, size: int, shared: Path) -> float:
    """Make a database with as many printings; return the seconds of CPU that it took."""
    began = time.process_time()
    chance = random.Random(1)
    papers = real(shared)
    more = recombined(papers, chance)
    store = open_store(f"sqlite:///{file}")
    with store.writing() as shelves:
        shelves.papers._connection.exec_driver_sql("PRAGMA cache_size = -2000000")  # noqa: SLF001
    everything = (papers[n] if n < len(papers) else next(more) for n in range(size))
    sample = []
    for n, some in enumerate(batches(everything, BATCH)):
        _store(store, some, n)
        sample += chance.sample(some, min(len(some), SAMPLE * BATCH // size + 1))
        print(f"{(n + 1) * BATCH:,} of {size:,}", file=sys.stderr, flush=True)
    thin(store)
    store.close()
    file.with_suffix(".sample.json").write_text(json.dumps(sample))
    return time.process_time() - began


def _store(store: Store, texts: list[Text], n: int) -> None:
    day = FIRST + timedelta(days=n)
    sightings = [Sighting(title, abstract, 1, day=_printed(day)) for title, abstract in texts]
    found = {each[0].ref: each for each in (printed(s, day) for s in sightings)}
    with store.writing() as shelves:
        missing = found.keys() - shelves.printings.ids(found).keys()
        worded = [(found[ref][0], searchable(found[ref][0].title)) for ref in missing]
        rows = shelves.papers.add(worded, dump_id=n)
        shelves.printings.add({row: (found[ref][1], day) for ref, row in rows.items()})
        shelves.printings.add_keys(keyed((row, found[ref][1]) for ref, row in rows.items()))
        answers = [Answered(row, Answer.NEW, None, "", None, None) for row in rows.values()]
        shelves.printings.answer(answers)
        shelves.printings.root({row: row for row in rows.values()})
        shelves.papers.finish(n, ())


def _printed(day: date) -> PrintedDate:
    return PrintedDate(day.month, day.day, day.year)


def thin(store: Store) -> None:
    """What ingest does as it goes: under a key only the first of a crowd."""
    with store.writing() as shelves:
        shelves.papers._connection.execute(  # noqa: SLF001
            text(
                "DELETE FROM blocking_key WHERE (key, rank, printing_id) IN (SELECT key, rank, "
                "printing_id FROM (SELECT *, row_number() OVER (PARTITION BY key ORDER BY rank, "
                f"printing_id) AS n FROM blocking_key) WHERE n > {CROWD})"
            )
        )


def sizes_of(file: Path) -> dict[str, int]:
    """Bytes of the tables that dedupe reads, with their indexes."""
    store = open_store(f"sqlite:///{file}")
    tables = "'fingerprint', 'ix_fingerprint_of_id', 'blocking_key'"
    with store.reading() as shelves:
        rows = shelves.papers._connection.execute(  # noqa: SLF001
            text(f"SELECT name, sum(pgsize) FROM dbstat WHERE name IN ({tables}) GROUP BY name")
        )
        found = {name: int(size) for name, size in rows}
        papers = shelves.papers.count()
    store.close()
    return {**found, "total": sum(found.values()), "per_paper": sum(found.values()) // papers}


# --- a day ----------------------------------------------------------------------------------


def make_day(file: Path, count: int, shared: Path) -> dict[str, Any]:
    """Write a dump of as many papers; half of them are damaged copies."""
    chance = random.Random(time.time_ns())
    sample = json.loads(file.with_suffix(".sample.json").read_text())
    new = recombined(real(shared)[:2000], chance)
    copies = [damaged(tuple(paper), chance) for paper in chance.sample(sample, count // 2)]
    texts = [*copies, *(next(new) for _ in range(count - len(copies)))]
    chance.shuffle(texts)
    _dump(file.with_suffix(".jsonl"), texts)
    return {"copies": len(copies)}


def a_day(file: Path, copies: int) -> dict[str, Any]:
    """Ingest the dump that was made, in a process that has done nothing else."""
    printing("warm", "up the background table")
    formats()  # to load them is a part of the start
    _forget_pages(file)
    store = open_store(f"sqlite:///{file}")
    reader = DumpReader(store, LIMITS, TODAY, NOW)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    began, cpu = time.perf_counter(), time.process_time()
    report = reader.ingest([file.with_suffix(".jsonl")], quietly)
    took, cpu = time.perf_counter() - began, time.process_time() - cpu
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    store.close()
    return {
        "papers": report.papers,
        "wall_s": round(took, 2),
        "cpu_ms_per_paper": round(1000 * cpu / report.papers, 2),
        "added_mb": round((after - before) / 1024),
        "copies_found": round(report.known / copies, 4),
    }


def _dump(file: Path, texts: list[Text]) -> Path:
    """Write papers as digest parse prints them."""
    where = {"dump": file.name, "format": "bench", "line": 1}
    lines = ({**record(Sighting(title, abstract, 1)), **where} for title, abstract in texts)
    file.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return file


def _forget_pages(file: Path) -> None:
    for each in (file, file.with_name(file.name + "-wal")):
        if each.exists():
            descriptor = os.open(each, os.O_RDONLY)
            os.fsync(descriptor)
            os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
            os.close(descriptor)


def from_empty(folder: Path, shared: Path) -> dict[str, Any]:
    """Ingest real papers into a new database, without reading them and without its making."""
    dump, file = _dump(folder / "real.jsonl", real(shared)[:10_000]), folder / "empty.db"
    file.unlink(missing_ok=True)
    store = open_store(f"sqlite:///{file}")
    printing("warm", "up the background table")
    formats()
    reader = DumpReader(store, LIMITS, TODAY, NOW)
    began, cpu = time.perf_counter(), time.process_time()
    report = reader.ingest([dump], quietly)
    took, cpu = time.perf_counter() - began, time.process_time() - cpu
    store.close()
    speeds = report.papers / cpu, report.papers / took
    return dict(zip(("papers_per_s_of_cpu", "papers_per_s"), map(round, speeds), strict=True))


# --- other methods --------------------------------------------------------------------------


def compared(file: Path) -> dict[str, Any]:
    """The same damaged copies looked for by MinHash-LSH and by full text with a title ratio."""
    chance = random.Random(2)
    sample: list[Text] = [
        (t, a) for t, a in json.loads(file.with_suffix(".sample.json").read_text())
    ]
    copies = [(n, damaged(sample[n], chance)) for n in chance.sample(range(len(sample)), QUERIES)]
    return {
        "history": len(sample),
        "copies": QUERIES,
        "minhash_lsh": _timed(MinHashes, sample, copies),
        "fts5_and_ratio": _timed(FullText, sample, copies),
    }


class MinHashes:
    """datasketch: 128 permutations of the abstract's word triples, Jaccard at least 0.5."""

    def __init__(self, papers: list[Text]) -> None:
        from datasketch import MinHashLSH

        self._index = MinHashLSH(threshold=0.5, num_perm=128)
        with self._index.insertion_session() as session:
            for n, (_, abstract) in enumerate(papers):
                session.insert(n, self._hashed(abstract))

    def find(self, _title: str, abstract: str) -> set[int]:
        return set(self._index.query(self._hashed(abstract)))

    @staticmethod
    def _hashed(abstract: str) -> Any:
        from datasketch import MinHash

        words = abstract.casefold().split()
        found = MinHash(num_perm=128)
        found.update_batch([" ".join(words[n : n + 3]).encode() for n in range(len(words) - 2)])
        return found


class FullText:
    """SQLite's FTS5 by the title's four rarest words, then rapidfuzz's ratio, at least 86."""

    def __init__(self, papers: list[Text]) -> None:
        self._titles = [searchable(title) for title, _ in papers]
        self._index = sqlite3.connect(":memory:")
        self._index.execute("CREATE VIRTUAL TABLE paper USING fts5(title)")
        rows = ((n, title) for n, title in enumerate(self._titles))
        self._index.executemany("INSERT INTO paper (rowid, title) VALUES (?, ?)", rows)

    def find(self, title: str, _abstract: str) -> set[int]:
        wanted = searchable(title)
        words = sorted(set(wanted.split()), key=lambda word: (counts(word).titles, word))[:4]
        query = " OR ".join(f'"{word}"' for word in words)
        ranked = "SELECT rowid FROM paper WHERE paper MATCH ? ORDER BY rank LIMIT 20"
        rows = self._index.execute(ranked, [query])
        return {n for (n,) in rows if fuzz.ratio(wanted, self._titles[n]) >= 86}


def _timed(method: Any, papers: list[Text], copies: list[tuple[int, Text]]) -> dict[str, Any]:
    began = time.process_time()
    index = method(papers)
    built = time.process_time() - began
    found = [index.find(*copy) for _, copy in copies]
    took = time.process_time() - began - built
    right = sum(n in some for (n, _), some in zip(copies, found, strict=True))
    return {
        "build_cpu_s": round(built, 1),
        "cpu_ms_per_query": round(1000 * took / len(copies), 2),
        "copies_found": round(right / len(copies), 4),
        "others_found": sum(len(some - {n}) for (n, _), some in zip(copies, found, strict=True)),
        "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    }


def in_process(*arguments: object) -> dict[str, Any]:
    """A part of this script in a process of its own, so that memory is its alone."""
    command = [sys.executable, __file__, "--part", *map(str, arguments)]
    told = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    found: dict[str, Any] = json.loads(told.splitlines()[-1])
    print(*arguments, found, file=sys.stderr)  # the last part may fail after half an hour
    return found


def day(file: Path, count: int, shared: Path) -> dict[str, Any]:
    copies = in_process("make", file, count, shared)["copies"]
    return in_process("day", file, copies, shared)


def part(name: str, file: str, count: str, shared: str) -> None:
    work = {"make": lambda: make_day(Path(file), int(count), Path(shared))}
    work["day"] = lambda: a_day(Path(file), int(count))
    work["empty"] = lambda: from_empty(Path(file), Path(shared))
    work["others"] = lambda: compared(Path(file))
    print(json.dumps(work[name]()))


def main() -> None:
    folder = Path(sys.argv[1])
    shared = Path(sys.argv[2]) if len(sys.argv) > 2 else ROOT.parent / "shared"
    sizes = [int(n) for n in (sys.argv[3] if len(sys.argv) > 3 else "100000,3000000").split(",")]
    folder.mkdir(parents=True, exist_ok=True)
    figures: dict[str, Any] = {"from_empty": in_process("empty", folder, 0, shared)}
    for size in sizes:
        file = folder / f"history-{size}.db"
        if not file.with_suffix(".sample.json").exists():
            build(file, size, shared)
        figures[str(size)] = {
            "bytes": sizes_of(file),
            **{f"day_of_{count}": day(file, count, shared) for count in DAYS},
        }
    figures["others"] = in_process("others", folder / f"history-{sizes[0]}.db", 0, shared)
    print(json.dumps(figures))


if __name__ == "__main__":
    if sys.argv[1] == "--part":
        part(*sys.argv[2:])
    else:
        main()
