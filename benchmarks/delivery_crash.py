"""Kill, freeze and double runs of deliver, and count at the relay who got what how often.

    python benchmarks/delivery_crash.py [--kills 100] [--readers 10000] [--connections 8]
                                        [--freezes 10] [--seed 1] [--parts resend,hold,...]

The relay is tests/sink.py in a process of its own: it writes down each copy before it answers.

resend, hold  `digest deliver` is killed with signal 9 at random moments and started again, until so
              many kills are done; a last run sends the rest. `lost` are readers without a copy whom
              no list names, `extra` are copies beyond the first, `other_ids` are copies whose
              Message-ID is not that of the first, `listed` are the doubts that a person is told of.
frozen        a run is stopped (SIGSTOP) while it sends; another, for which the lease of the first
              has ended, sends the rest; then the first goes on. One that is stopped within a
              transaction holds the database: it goes on for a moment, as others could only wait.
healthy       two runs at once.

Each part is told on standard error when it is done. The last line is one JSON object.
"""

import argparse
import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from digest.app import App
from digest.settings import DeliverySettings, Settings, SmtpSettings

ROOT = Path(__file__).parents[1]
DUMP = """Title: Kites over a Harbour
PDF: https://arxiv.org/pdf/2601.00001
Summary: We fly kites over a harbour. Our kites rise 12 % higher than those of silk.
---
"""
LEASE_OVER = timedelta(minutes=16)


class Relay:
    """The counting relay, and what it has taken."""

    def __init__(self, folder: Path) -> None:
        self.log = folder / "taken.log"
        self.log.touch()
        call = [sys.executable, str(ROOT / "tests" / "sink.py"), str(self.log)]
        self.process = subprocess.Popen(call, stdout=subprocess.PIPE)
        assert self.process.stdout is not None
        self.port = int(self.process.stdout.readline())
        self._reading = self.log.open("rb")
        self._copies = 0

    @property
    def taken(self) -> list[tuple[str, str]]:
        lines = self.log.read_text().splitlines()
        return [(line.split()[0], line.split()[1]) for line in lines]

    def count(self) -> int:
        self._copies += self._reading.read().count(b"\n")
        return self._copies

    def close(self) -> None:
        self._reading.close()
        self.process.kill()
        self.process.communicate()


class Trial:
    """A program with an edition that many readers wait for."""

    def __init__(self, folder: Path, relay: Relay, options: Any, policy: str) -> None:
        self.folder, self.relay, self.options = folder, relay, options
        self.settings = {
            "transport": "smtp",
            "smtp": {
                "host": "127.0.0.1",
                "port": relay.port,
                "security": "none",
                "connections": options.connections,
            },
            "delivery": {"uncertain": policy},
        }
        self.addresses = [f"reader{n:06}@lab{n % 50}.test" for n in range(options.readers)]
        (folder / "dumps").mkdir()
        (folder / "dumps" / "papers.txt").write_text(DUMP)
        (folder / "digest.toml").write_text(toml(self.settings))
        app = self.app()
        app.readers.add(self.addresses, app.clock())
        app.ingest()
        app.publish()
        app.close()

    def app(self, ahead: timedelta = timedelta()) -> App:
        settings = Settings(
            transport="smtp",
            smtp=SmtpSettings(**self.settings["smtp"]),  # type: ignore[arg-type]
            delivery=DeliverySettings(**self.settings["delivery"]),  # type: ignore[arg-type]
        )
        return App(settings.under(self.folder), lambda: datetime.now(UTC) + ahead)

    def start(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, "-m", "digest", "deliver", "--json"],
            cwd=self.folder,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    def finish(self) -> None:
        app = self.app()
        app.deliver()
        app.close()

    def result(self, interruptions: int) -> dict[str, Any]:
        taken = self.relay.taken
        per_reader = Counter(to for _, to in taken)
        first = {to: message_id for message_id, to in reversed(taken)}
        app = self.app()
        problems = app.status(all_problems=True).problems
        wrong = app.fsck()
        app.close()
        listed = {each["address"] for each in problems if each["status"] == "uncertain"}
        extra = len(taken) - len(per_reader)
        return {
            "interruptions": interruptions,
            "lost": len(set(self.addresses) - set(per_reader) - listed),
            "extra": extra,
            "extra_each": round(extra / max(interruptions, 1), 2),
            "most_copies": max(per_reader.values()),
            "other_ids": sum(first[to] != message_id for message_id, to in taken),
            "listed": len(listed),
            "fsck_exit_code": wrong.exit_code,
        }


def toml(settings: dict[str, Any]) -> str:
    plain = [
        f"{key} = {json.dumps(value)}" for key, value in settings.items() if key == "transport"
    ]
    tables = [
        f"[{name}]\n" + "\n".join(f"{key} = {json.dumps(value)}" for key, value in table.items())
        for name, table in settings.items()
        if isinstance(table, dict)
    ]
    return "\n".join([*plain, *tables]) + "\n"


@contextmanager
def trial(options: Any, policy: str) -> Iterator[Trial]:
    with tempfile.TemporaryDirectory() as folder:
        relay = Relay(Path(folder))
        try:
            yield Trial(Path(folder), relay, options, policy)
        finally:
            relay.close()


def wait_for(relay: Relay, copies: int, run: subprocess.Popen[bytes]) -> None:
    while relay.count() < copies and run.poll() is None:
        time.sleep(0.001)


def killed(options: Any, policy: str) -> dict[str, Any]:
    chance = random.Random(options.seed)
    share = options.readers // (options.kills + 1)
    kills = 0
    with trial(options, policy) as this:
        for _ in range(options.kills):
            run = this.start()
            wait_for(this.relay, this.relay.count() + chance.randint(1, share), run)
            time.sleep(chance.uniform(0, 0.003))
            kills += run.poll() is None
            run.kill()
            run.communicate()
        this.finish()
        return this.result(kills)


def freeze(run: subprocess.Popen[bytes], database: Path) -> None:
    """Stop a run outside of a transaction."""
    with closing(sqlite3.connect(database, timeout=0, isolation_level=None)) as other:
        while True:
            run.send_signal(signal.SIGSTOP)
            try:
                other.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError:
                run.send_signal(signal.SIGCONT)
                time.sleep(0.001)
            else:
                other.execute("ROLLBACK")
                return


def frozen(options: Any) -> dict[str, Any]:
    chance = random.Random(options.seed)
    results = []
    small = argparse.Namespace(**{**vars(options), "readers": min(options.readers, 1_000)})
    for _ in range(options.freezes):
        with trial(small, "resend") as this:
            run = this.start()
            wait_for(this.relay, chance.randint(50, small.readers // 2), run)
            freeze(run, this.folder / "var" / "digest.db")
            later = this.app(LEASE_OVER)
            later.deliver()
            later.close()
            run.send_signal(signal.SIGCONT)
            run.communicate()
            this.finish()
            results.append(this.result(1))
    most = {
        f"most_{key}": max(each[key] for each in results) for key in ("extra", "lost", "other_ids")
    }
    return {"interruptions": len(results), "readers": small.readers, **most}


def healthy(options: Any) -> dict[str, Any]:
    with trial(options, "resend") as this:
        runs = [this.start(), this.start()]
        for run in runs:
            run.communicate()
        this.finish()
        return this.result(0)


PARTS: dict[str, Callable[[Any], dict[str, Any]]] = {
    "resend": lambda options: killed(options, "resend"),
    "hold": lambda options: killed(options, "hold"),
    "frozen": frozen,
    "healthy": healthy,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name, default in (
        *(("kills", 100), ("readers", 10_000), ("connections", 8), ("freezes", 10), ("seed", 1)),
    ):
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--parts", default=",".join(PARTS))
    options = parser.parse_args()
    found: dict[str, Any] = {"connections": options.connections, "readers": options.readers}
    for part in options.parts.split(","):
        began = time.monotonic()
        found[part] = PARTS[part](options)
        found[part]["seconds"] = round(time.monotonic() - began)
        print(part, json.dumps(found[part]), file=sys.stderr)
    print(json.dumps(found))


if __name__ == "__main__":
    main()
