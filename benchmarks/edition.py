"""Have other programs judge the mails of real, sample, fuzzed and all-showing editions.

    python benchmarks/edition.py [--only JUDGE]... [--fuzzed 50] [SHARED]

The judges are axe, spam, html, caniemail and parsers; "rendering" takes the time (rendering.py).
They need `npm ci --prefix benchmarks`, Java, Chromium and SpamAssassin. Every mail comes out of the
whole program, from dump to outbox. SHARED is the folder with the real dumps (default: `shared`
beside the repository). What is wrong is told on standard error; the last line is one JSON object.
"""

import argparse
import json
import sys
import tempfile
from pathlib import Path

import mails
import rendering
from judges import JUDGES, judges

RENDERING = "rendering"
SELECTIONS = 500


def main() -> None:
    parser = argparse.ArgumentParser(description="Have other programs judge the mails.")
    parser.add_argument("shared", nargs="?", type=Path, default=mails.SHARED)
    parser.add_argument(
        "--only", action="append", choices=[*JUDGES, RENDERING], help="this judge; may be repeated"
    )
    parser.add_argument("--fuzzed", type=int, default=50, help="how many editions of random text")
    given = parser.parse_args()
    wanted = given.only or [RENDERING, *JUDGES]
    # First: what judges leave behind in memory would cost time.
    figures = rendering.figures(given.shared, SELECTIONS) if RENDERING in wanted else {}
    others = [judge for judge in wanted if judge != RENDERING]
    if others:
        with tempfile.TemporaryDirectory() as folder:
            made = editions(Path(folder), given.shared, given.fuzzed)
        figures |= judges(made, others)
    print(json.dumps(figures))


def editions(folder: Path, shared: Path, fuzzed: int) -> list[mails.Mail]:
    real = mails.real(shared)
    if len(real) < 4:
        print(f"no real dumps in {shared}", file=sys.stderr)
    kinds = {"real": real, "samples": mails.samples(), "fuzzed": mails.fuzzed(fuzzed)}
    made = mails.showcase(folder / "showcase").mails
    for kind, dumps in kinds.items():
        made += mails.published(folder / kind, dumps).mails
    return made


if __name__ == "__main__":
    main()
