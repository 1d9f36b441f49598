"""Count in how many papers each word stands, and write the table that the package ships.

    python benchmarks/background.py FILES_OR_FOLDERS...

The files are dumps of any format; each title counts once. The table goes to digest/background.tsv:
it is frozen, so that the same paper has the same fingerprint and the same weights everywhere. Make
it anew only together with a new version of what is built on it. The last line is one JSON object.
"""

import json
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from digest.background import TABLE
from digest.model import Sighting
from digest.pipeline.ingest import Limits, members, parse
from digest.sources.folder import dumps
from digest.text import searchable, title_key

LEAST = 4
"""Papers that a word must stand in: what is rarer is typing errors and names."""

LIMITS = Limits(dump_bytes=100_000_000, dump_ratio=100, dump_papers=1_000_000)


def papers(paths: list[Path]) -> Iterator[Sighting]:
    for dump in dumps(paths):
        for member in members(dump, LIMITS):
            parsed = None if member.refused else parse(member, None, LIMITS)
            yield from parsed.sightings if parsed else ()


def count(paths: list[Path]) -> tuple[int, Counter[str], Counter[str]]:
    """The number of papers, and for each word those with it in the title, and in the abstract."""
    seen: set[str] = set()
    titles: Counter[str] = Counter()
    abstracts: Counter[str] = Counter()
    for paper in papers(paths):
        key = title_key(paper.title)
        if key not in seen and paper.abstract:
            seen.add(key)
            titles.update(set(searchable(paper.title).split()))
            abstracts.update(set(searchable(paper.abstract).split()))
    return len(seen), titles, abstracts


def main() -> None:
    total, titles, abstracts = count([Path(name) for name in sys.argv[1:]])
    words = sorted(
        (word for word in titles | abstracts if titles[word] + abstracts[word] >= LEAST),
        key=lambda word: (-abstracts[word], -titles[word], word),
    )
    lines = [f"\t{total}\t{total}", *(f"{w}\t{titles[w]}\t{abstracts[w]}" for w in words)]
    TABLE.write_text("\n".join(lines) + "\n", encoding="utf-8")
    size = TABLE.stat().st_size
    print(json.dumps({"papers": total, "words": len(words), "bytes": size}))


if __name__ == "__main__":
    main()
