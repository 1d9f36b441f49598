"""Time deliveries against Postfix's own test programs: mails a second, seconds, memory.

    python benchmarks/delivery.py [--parts speed,latency,build,many] [--mails 4000] [--rounds 3]
                                  [--recipients 100000]

Needs smtp-sink and smtp-source (Debian's postfix). aiosmtplib is measured where it is installed.

"Ours" is `App.deliver()` as users run it: a real SQLite file, a row for each reader that is
claimed, filled, sent and settled, some connections at once, each mail with links of its own.
smtp-source sends the bytes of one of these mails again and again: with a connection for each mail,
as it does by itself, and `kept`, where connections are kept as ours are. Rounds are interleaved. A
speed is the median of the rounds in mails a second, a ratio the median of those within the rounds.

speed    mails of 82 KB to smtp-sink. The ledger survives a crash, or (`safe`) a loss of power.
         Beside it smtplib and aiosmtplib, which build an EmailMessage for each reader.
latency  a receiver that answers a command after 20 ms and a mail after 50 ms; commands that come
         together are answered together, as over a long line.
build    milliseconds of CPU to fill one mail of 82 KB.
many     a small mail to RECIPIENTS in a process of its own: seconds to plan, to ask for the status
         while all wait, to send, to ask again and to check the ledger, and the peak of memory.

The last line is one JSON object.
"""

import argparse
import asyncio
import json
import os
import random
import resource
import shutil
import smtplib
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import format_datetime
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, create_engine, func, insert, select

from digest.app import App
from digest.batches import batches
from digest.mime import fill
from digest.model import DEFAULT_AUDIENCE, Kind, Standing, Status
from digest.settings import DeliverySettings, RankingSettings, Settings, SmtpSettings
from digest.stamps import stamps
from digest.store.schema import delivery, subscriber

HERE = "127.0.0.1"
NOW = datetime.now(UTC)
SIZE = 82_000
CONNECTIONS = 8
COMMAND, DOT = 0.02, 0.05
"""Seconds of delay in the part `latency`."""

LATENCY = {1: 60, 10: 600, 50: 2_500}
"""Connections -> mails."""

SLOW = 10
"""The libraries get one mail where the others get so many."""


# --- what is sent ---------------------------------------------------------------------------

SOUNDS = ("ba", "del", "fi", "gor", "ha", "kin", "lu", "mer", "no", "pas", "ri", "sol", "tu", "ven")


def dump(papers: int) -> str:
    """Invented papers as one of the formats prints them."""
    chance = random.Random(papers)

    def words(count: int) -> str:
        return " ".join("".join(chance.choices(SOUNDS, k=3)) for _ in range(count))

    return "---\n".join(
        f"Title: {words(7).capitalize()}\nPDF: https://arxiv.org/pdf/2601.{number:05}\n"
        f"Summary: {' '.join(f'We show that the {words(16)}.' for _ in range(6))}\n"
        for number in range(papers)
    )


def app(folder: Path, port: int, connections: int = CONNECTIONS, *, safe: bool = False) -> App:
    settings = Settings(
        sender="digest@news.example.org",
        owner="editor@news.example.org",
        public_url="https://news.example.org",
        transport="smtp",
        smtp=SmtpSettings(host=HERE, port=port, security="none", connections=connections),
        delivery=DeliverySettings(survives="power loss" if safe else "crash"),
        ranking=RankingSettings(cards=1_000, lines=1_000),
    )
    return App(settings.under(folder))


def published(folder: Path, papers: int, readers: int) -> float:
    """Publish an edition that so many readers are owed; the seconds that it took."""
    ours = app(folder, 1)
    (folder / "dumps").mkdir(parents=True)
    (folder / "dumps" / "papers.txt").write_text(dump(papers), "utf-8")
    ours.ingest()
    subscribe(ours, readers)
    began = time.monotonic()
    ours.publish()
    took = time.monotonic() - began
    ours.close()
    with database(ours) as connection:
        planned = connection.scalar(select(func.count()).select_from(delivery))
    if planned != readers:
        raise SystemExit(f"{planned} deliveries were planned for {readers} readers")
    return took


@contextmanager
def database(program: App) -> Iterator[Connection]:
    engine = create_engine(program.settings.database)
    with engine.begin() as connection:
        yield connection
    engine.dispose()


def subscribe(program: App, readers: int) -> None:
    with database(program) as connection:
        for some in batches(range(readers), 10_000):
            rows = [
                {
                    "address": f"reader{number}@readers.example.net",
                    "audience": DEFAULT_AUDIENCE,
                    "kind": Kind.READER,
                    "standing": Standing.ACTIVE,
                    "token": f"{number:032x}",
                    "since": NOW,
                }
                for number in some
            ]
            connection.execute(insert(subscriber), rows)


def edition_of(size: int) -> tuple[int, bytes]:
    """How many papers make a mail of this size, and the mail."""
    for papers in range(20, 200, 2):
        with tempfile.TemporaryDirectory() as temporary:
            folder = Path(temporary)
            published(folder, papers, 1)
            settings = app(folder, 1).settings.model_copy(update={"transport": "outbox"})
            program = App(settings)
            program.deliver()
            program.close()
            mail = next((folder / "outbox").glob("*.eml")).read_bytes()
        if len(mail) >= size:
            return papers, mail
    raise SystemExit(f"no edition makes a mail of {size} bytes")


# --- who receives it ------------------------------------------------------------------------


def tool(name: str) -> str:
    found = shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin")
    if found is None:
        raise SystemExit(f"{name} is not there; install Debian's postfix")
    return found


def wait_for(port: int) -> None:
    for _ in range(1_000):
        with socket.socket() as probe:
            if probe.connect_ex((HERE, port)) == 0:
                return
        time.sleep(0.02)
    raise SystemExit("the receiver did not start")


@contextmanager
def receiver(*command: str) -> Iterator[int]:
    """Its port, which takes the place of PORT in the command."""
    with socket.create_server((HERE, 0)) as free:
        port = free.getsockname()[1]
    process = subprocess.Popen([word.replace("PORT", str(port)) for word in command])
    try:
        wait_for(port)
        yield port
    finally:
        process.terminate()
        process.wait()


def sink() -> Any:
    user = ["-u", "nobody"] if os.geteuid() == 0 else []
    return receiver(tool("smtp-sink"), *user, "-m", "1000", f"{HERE}:PORT", "1000")


class Slow(asyncio.Protocol):
    """Takes mails and throws them away, like smtp-sink; each answer comes late."""

    transport: asyncio.Transport

    def __init__(self) -> None:
        self.line = b""
        self.mail: bytes | None = None  # the last bytes of the one that is coming

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self.answer(COMMAND, b"220 slow\r\n")

    def answer(self, delay: float, text: bytes) -> None:
        asyncio.get_running_loop().call_later(delay, self.transport.write, text)

    def data_received(self, data: bytes) -> None:
        if self.mail is None:
            *lines, self.line = (self.line + data).split(b"\r\n")
            self.answer(COMMAND, b"".join(map(self.reply, lines)))
            return
        self.mail = (self.mail + data)[-5:] if len(data) < 5 else data[-5:]
        if self.mail == b"\r\n.\r\n":
            self.mail = None
            self.answer(DOT, b"250 taken\r\n")

    def reply(self, line: bytes) -> bytes:
        match line[:4].upper():
            case b"EHLO":
                return b"250-slow\r\n250 PIPELINING\r\n"
            case b"DATA":
                self.mail = b""
                return b"354 go on\r\n"
            case b"QUIT":
                return b"221 bye\r\n"
        return b"250 ok\r\n"


async def serve(port: int) -> None:
    server = await asyncio.get_running_loop().create_server(Slow, HERE, port, backlog=1000)
    await server.serve_forever()


def slow() -> Any:
    return receiver(sys.executable, __file__, "--serve", "PORT")


# --- who sends it ---------------------------------------------------------------------------


@dataclass(frozen=True)
class Post:
    """What is to be sent: `lab` is the folder of a database that owes `mails` like `mail`."""

    lab: Path
    mail: bytes
    mails: int
    port: int
    connections: int = CONNECTIONS


Way = Callable[[Post], float]
"""Sends and returns mails a second."""


def ours(post: Post, *, safe: bool = False) -> float:
    with tempfile.TemporaryDirectory(dir=post.lab.parent) as copy:
        shutil.copytree(post.lab, copy, dirs_exist_ok=True)
        program = app(Path(copy), post.port, post.connections, safe=safe)
        _ = program.store  # open, as in a daily job, where deliver is the third stage
        began = time.monotonic()
        report = program.deliver()
        took = time.monotonic() - began
        program.close()
    if report.counts[Status.SENT] != post.mails:
        raise SystemExit(f"{report.document()} after {post.mails} mails")
    return post.mails / took


def ours_safe(post: Post) -> float:
    return ours(post, safe=True)


def source(post: Post, *switches: str) -> float:
    """smtp-source; it doubles the dots and ends the lines itself."""
    with tempfile.NamedTemporaryFile() as file:
        file.write(post.mail.replace(b"\r\n", b"\n"))
        file.flush()
        call = [tool("smtp-source"), *switches, "-s", str(post.connections), "-m", str(post.mails)]
        addresses = ["-f", "digest@news.example.org", "-t", "reader@readers.example.net"]
        began = time.monotonic()
        subprocess.run([*call, *addresses, "-F", file.name, f"{HERE}:{post.port}"], check=True)
        return post.mails / (time.monotonic() - began)


def source_kept(post: Post) -> float:
    return source(post, "-d")


def built(post: Post) -> Callable[[int], EmailMessage]:
    """A mail of the same text and page, as the standard library builds it for each reader."""
    parsed = message_from_bytes(post.mail, policy=policy.default)
    text, page = (parsed.get_body((kind,)) for kind in ("plain", "html"))
    plain, html = text.get_content(), page.get_content()  # type: ignore[union-attr]

    def build(number: int) -> EmailMessage:
        mail = EmailMessage()
        mail["From"] = parsed["From"]
        mail["To"] = f"reader{number}@readers.example.net"
        mail["Subject"] = parsed["Subject"]
        mail["Date"] = format_datetime(NOW)
        mail["Message-ID"] = f"<{number}@news.example.org>"
        mail.set_content(plain + f"\n{number:032x}\n")
        mail.add_alternative(html + f"<!-- {number:032x} -->\n", subtype="html")
        return mail

    return build


def standard(post: Post) -> float:
    """smtplib over one connection: in threads it is no faster."""
    build, mails = built(post), post.mails // SLOW
    began = time.monotonic()
    with smtplib.SMTP(HERE, post.port, local_hostname="localhost") as smtp:
        for number in range(mails):
            smtp.send_message(build(number))
    return mails / (time.monotonic() - began)


def asynchronous(post: Post) -> float:
    """aiosmtplib over the same number of connections."""
    import aiosmtplib

    build, mails = built(post), post.mails // SLOW

    async def send(numbers: Iterator[int]) -> None:
        async with aiosmtplib.SMTP(hostname=HERE, port=post.port, start_tls=False) as smtp:
            for number in numbers:
                await smtp.send_message(build(number))

    async def send_all() -> None:
        numbers = iter(range(mails))
        await asyncio.gather(*(send(numbers) for _ in range(post.connections)))

    began = time.monotonic()
    asyncio.run(send_all())
    return mails / (time.monotonic() - began)


def rounds(ways: dict[str, Way], post: Post, how_many: int) -> dict[str, list[float]]:
    """The speed of each way in each round; the order turns, so that no way is always the first."""
    speeds: dict[str, list[float]] = {name: [] for name in ways}
    names = list(ways)
    for turn in range(how_many):
        for name in names[turn % len(names) :] + names[: turn % len(names)]:
            speeds[name].append(ways[name](post))
            print(f"{name} {speeds[name][-1]:.0f}/s", file=sys.stderr)
    return speeds


def ratio(speeds: dict[str, list[float]], one: str, other: str) -> float:
    return round(
        statistics.median(a / b for a, b in zip(speeds[one], speeds[other], strict=True)), 2
    )


# --- the parts ------------------------------------------------------------------------------


def speed(given: argparse.Namespace, folder: Path) -> dict[str, Any]:
    papers, mail = edition_of(SIZE)
    published(folder / "lab", papers, given.mails)
    ways: dict[str, Way] = {
        "source": source,
        "ours": ours,
        "ours_safe": ours_safe,
        "source_kept": source_kept,
        "smtplib": standard,
        **({"aiosmtplib": asynchronous} if find_spec("aiosmtplib") else {}),
    }
    with sink() as port:
        speeds = rounds(ways, Post(folder / "lab", mail, given.mails, port), given.rounds)
    found = {f"{name}_per_s": round(statistics.median(each)) for name, each in speeds.items()}
    return {
        "mail_bytes": len(mail),
        "connections": CONNECTIONS,
        **found,
        "ours_per_minute": 60 * found["ours_per_s"],
        "ratio": ratio(speeds, "ours", "source"),
        "ratio_kept": ratio(speeds, "ours", "source_kept"),
        "ratio_safe": ratio(speeds, "ours_safe", "source"),
        "ratio_safe_kept": ratio(speeds, "ours_safe", "source_kept"),
    }


def latency(given: argparse.Namespace, folder: Path) -> dict[str, Any]:
    papers, mail = edition_of(SIZE)
    ways: dict[str, Way] = {"source": source, "ours": ours, "source_kept": source_kept}
    found: dict[str, Any] = {}
    for connections, mails in LATENCY.items():
        lab = folder / str(connections)
        published(lab, papers, mails)
        with slow() as port:
            speeds = rounds(ways, Post(lab, mail, mails, port, connections), given.rounds)
        found[str(connections)] = {
            **{f"{name}_per_s": round(statistics.median(each), 1) for name, each in speeds.items()},
            "ratio": ratio(speeds, "ours", "source"),
            "ratio_kept": ratio(speeds, "ours", "source_kept"),
        }
    return found


def build(given: argparse.Namespace, folder: Path) -> dict[str, Any]:
    papers, mail = edition_of(SIZE)
    published(folder, papers, given.mails)
    program = app(folder, 1)
    with program.store.reading() as shelves:
        readers = shelves.subscribers.all(DEFAULT_AUDIENCE)
        edition_id = shelves.editions.latest(DEFAULT_AUDIENCE, program.today)
        name, form = shelves.editions.name(edition_id), shelves.editions.form(edition_id)
    began = time.process_time()
    for reader in readers:
        fill(form, stamps(name, reader, program.secret))
    took = time.process_time() - began
    program.close()
    standard = built(Post(folder, mail, given.mails, 0))
    began = time.process_time()
    for number in range(given.mails // SLOW):
        standard(number).as_bytes(policy=policy.SMTP)
    return {
        "mail_bytes": len(mail),
        "ours_ms": round(1000 * took / given.mails, 4),
        "standard_library_ms": round(1000 * (time.process_time() - began) * SLOW / given.mails, 3),
    }


def many(given: argparse.Namespace, folder: Path) -> dict[str, Any]:
    planned = published(folder, 2, given.recipients)
    with sink() as port:
        program = app(folder, port)
        _ = program.store  # open
        asked_before = statistics.median(timed(program.status)[0] for _ in range(5))
        sent, report = timed(program.deliver)
        asked = statistics.median(timed(program.status)[0] for _ in range(5))
        checked, found = timed(program.fsck)
        program.close()
    return {
        "recipients": given.recipients,
        "sent": report.counts[Status.SENT],
        "planned_s": round(planned, 2),
        "sent_s": round(sent, 1),
        "sent_per_s": round(given.recipients / sent),
        "status_before_s": round(asked_before, 3),
        "status_s": round(asked, 3),
        "fsck_s": round(checked, 2),
        "fsck_found": len(found.wrong),
        "peak_mb": peak_mb(),
    }


def peak_mb() -> int:
    """Of this process; on Linux getrusage counts what the program had that started it."""
    if sys.platform == "linux":
        status = Path("/proc/self/status").read_text("ascii")
        return int(status.partition("VmHWM:")[2].split()[0]) // 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024**2


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    began = time.monotonic()
    result = work()
    return time.monotonic() - began, result


PARTS = {"speed": speed, "latency": latency, "build": build, "many": many}


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--parts", default=",".join(PARTS))
    parser.add_argument("--mails", type=int, default=4_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--recipients", type=int, default=100_000)
    parser.add_argument("--serve", type=int, metavar="PORT", help="be the slow receiver")
    return parser.parse_args()


def alone(part: str, given: argparse.Namespace) -> Any:
    """A part in a process of its own, so that its memory is its own."""
    sizes = {"--mails": given.mails, "--rounds": given.rounds, "--recipients": given.recipients}
    call = [word for name, size in sizes.items() for word in (name, str(size))]
    done = subprocess.run(
        [sys.executable, __file__, "--parts", part, *call], stdout=subprocess.PIPE, check=True
    )
    return json.loads(done.stdout.splitlines()[-1])[part]


def main() -> None:
    given = arguments()
    if given.serve:
        asyncio.run(serve(given.serve))
    parts = given.parts.split(",")
    if len(parts) > 1:
        print(json.dumps({part: alone(part, given) for part in parts}))
        return
    with tempfile.TemporaryDirectory() as folder:
        print(json.dumps({parts[0]: PARTS[parts[0]](given, Path(folder))}))


if __name__ == "__main__":
    main()
