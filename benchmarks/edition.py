"""Have other programs judge the mails of real, sample, fuzzed and all-showing editions.

    python benchmarks/edition.py [--shared SHARED] [--fuzzed 50] [JUDGE ...]

Judges are axe, spam, html, caniemail and parsers; all of them where none is named. They need
`npm ci --prefix benchmarks`, Java, Chromium and SpamAssassin. Every mail comes out of the whole
program, from dump to outbox. SHARED is the folder with the real dumps (default: `shared` beside the
repository). What is wrong is told on standard error; the last line is one JSON object.
"""

import argparse
import json
import sys
import tempfile
from pathlib import Path

import mails
from judges import JUDGES, judges


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("judges", nargs="*", metavar="JUDGE", choices=[[], *JUDGES])
    parser.add_argument("--shared", type=Path, default=mails.SHARED)
    parser.add_argument("--fuzzed", type=int, default=50)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        made = editions(Path(folder), given.shared, given.fuzzed)
    print(json.dumps(judges(made, given.judges)))


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
