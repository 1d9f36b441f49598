"""Time the daily job as a user starts it: process start to mails and archive.

    python benchmarks/run.py [FOLDER]

FOLDER holds dumps; without one it is the four real dumps beside the repository, else `dumps/`.
The last line is one JSON object; times are wall seconds (the median of RUNS), memory is the peak of
the process in MB.
"""

import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

RUNS = 5
ROOT = Path(__file__).parents[1]


def dumps() -> Path:
    if len(sys.argv) > 1:
        return Path(sys.argv[1]).absolute()
    real = ROOT.parent / "shared" / "dumps"
    return real if real.is_dir() else ROOT / "dumps"


def timed(folder: Path, environment: dict[str, str], *arguments: str) -> tuple[float, float, str]:
    """Wall seconds, peak MB and standard output of one process."""
    began = time.monotonic()
    process = subprocess.Popen(
        [sys.executable, "-m", "digest", *arguments],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
    )
    output = process.stdout.read() if process.stdout else ""
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"digest {' '.join(arguments)} ended with {process.returncode}")
    return time.monotonic() - began, peak_mb(usage), output


def peak_mb(usage: resource.struct_rusage) -> float:
    return usage.ru_maxrss / (1024 if sys.platform == "linux" else 1024**2)


def main() -> None:
    source = dumps()
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("DIGEST_")},
        "DIGEST_DUMPS": str(source),
    }
    first, second, help_, memory = [], [], [], []
    reports = {}
    for _ in range(RUNS):
        with tempfile.TemporaryDirectory() as temporary:
            folder = Path(temporary)
            wall, peak, output = timed(folder, environment, "run", "--json")
            first.append(wall)
            memory.append(peak)
            reports = json.loads(output)
            mail = max(each.stat().st_size for each in (folder / "outbox").glob("*.eml"))
            second.append(timed(folder, environment, "run", "--json")[0])
            help_.append(timed(folder, environment, "--help")[0])
    figures = {
        "dumps": reports["ingest"]["dumps"],
        "papers": reports["ingest"]["papers"],
        "works": reports["publish"]["papers"],
        "run_s": round(statistics.median(first), 2),
        "run_s_worst": round(max(first), 2),
        "run_peak_mb": round(max(memory)),
        "second_run_s": round(statistics.median(second), 2),
        "second_run_s_worst": round(max(second), 2),
        "help_s": round(statistics.median(help_), 2),
        "help_s_worst": round(max(help_), 2),
        "mail_bytes": mail,
        "runs": RUNS,
    }
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
