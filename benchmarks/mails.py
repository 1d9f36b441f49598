"""Mails to be judged, made by the real program from dumps: one edition, one mail, for each dump."""

import json
import os
import random
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any, NamedTuple
from unittest.mock import patch

from digest.app import App
from digest.settings import AudienceSettings, RankingSettings, Settings

ROOT = Path(__file__).parents[1]
SHARED = ROOT.parent / "shared"
MORNING = datetime(2026, 11, 20, 7, tzinfo=UTC)
SENDER = {"name": "Tide letter", "sender": "editor@news.example.org", "secret": "low tide"}

Paper = Mapping[str, Any]


class Mail(NamedTuple):
    """A mail as it left the program, and what is in its two parts."""

    name: str
    raw: bytes
    text: str
    html: str


class Clock:
    """A clock that stands until it is set."""

    now = MORNING

    def __call__(self) -> datetime:
        return self.now


class Published(NamedTuple):
    """The mails of editions, and the files of their archive by path."""

    mails: list[Mail]
    archive: dict[str, str]


def published(folder: Path, dumps: Mapping[str, bytes], **settings: object) -> Published:
    """Read one dump a day and publish an edition of it, the way the daily job does."""
    folder.mkdir(parents=True, exist_ok=True)
    clock = Clock()
    own = {name: value for name, value in os.environ.items() if not name.startswith("DIGEST_")}
    with patch.dict(os.environ, own, clear=True):
        app = App(Settings(**SENDER | settings).under(folder), clock)
    mails: list[Mail] = []
    for day, (name, content) in enumerate(dumps.items()):
        clock.now = MORNING + timedelta(days=day)
        file = folder / "dumps" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
        for stage, report in app.run().items():
            if report.exit_code:
                raise RuntimeError(f"{name}: {stage}: {report.document()}")
        mails += [parsed(Path(name).stem, each.read_bytes()) for each in new_files(app, len(mails))]
    app.close()
    pages = {
        path.relative_to(folder / "archive").as_posix(): path.read_text("utf-8")
        for path in sorted((folder / "archive").rglob("*.*"))
    }
    return Published(mails, pages)


def new_files(app: App, known: int) -> list[Path]:
    """The mails in the outbox, in the order of their days, without those that are known."""
    return sorted(app.settings.outbox.glob("*.eml"))[known:]


def parsed(name: str, raw: bytes) -> Mail:
    message = message_from_bytes(raw, policy=policy.default)
    parts = {part.get_content_type(): part.get_content() for part in leaves(message)}
    bodies = {kind: text.replace("\r\n", "\n") for kind, text in parts.items()}
    return Mail(name, raw, bodies["text/plain"], bodies["text/html"])


def leaves(message: Any) -> Iterable[EmailMessage]:
    return (part for part in message.walk() if not part.is_multipart())


def json_lines(papers: Iterable[Paper]) -> bytes:
    """A dump of these papers as `digest export` prints them."""
    own = {"dump": "page.txt", "format": "export"}
    return "".join(f"{json.dumps({**own, **paper})}\n" for paper in papers).encode()


def real(shared: Path) -> dict[str, bytes]:
    """The real dumps, where they are at hand."""
    return {file.name: file.read_bytes() for file in sorted((shared / "dumps").glob("*.txt"))}


def samples() -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in sorted((ROOT / "dumps").iterdir())}


# --- everything that a mail can show ------------------------------------------------------------

SUBJECTS = (
    *("scaling laws of pre-training", "instruction tuning", "machine translation"),
    *("code generation", "chain-of-thought reasoning", "web agents", "dense retrieval"),
    *("recommender systems", "adaptive optimizers", "quantization", "continual learning"),
    *("robot manipulation", "diffusion models", "video generation", "speech recognition"),
    *("federated learning", "medical imaging", "protein folding", "weather forecasting"),
)
PREY = ("sea urchins", "driftwood", "kelp ropes", "glass buoys", "anchor chains")
KITES = "We watch how a kite answers to gusts from the sea and name three regimes of its flight."
ODD = (
    ("Kite α-2 in the Wind", KITES),
    ("رسائل من البحر: نماذج لغوية للموانئ", "نقدم نموذجا لغويا يقرأ سجلات الموانئ القديمة."),
    ("מכתבים מן הים (letters from the sea)", "אנו קוראים מכתבים ישנים 3 פעמים מהר יותר."),
    ("海からの手紙", "古い港の記録を読む言語モデルを提案する。"),
    ("Donaudampfschifffahrt" * 6, f"A word of {'l' * 200}ength."),
    ("No Abstract at All", ""),
)


def showcase(folder: Path) -> Published:
    """Editions with all that a mail can show.

    An archive online and none, few papers and many, from left to right and from right to left.
    """
    ranking = RankingSettings(cards=9, lines=6)
    themes = len(SUBJECTS)
    crowded = {
        "first.jsonl": json_lines([{"title": "Kite α-1 in the Wind", "abstract": KITES}]),
        "many.jsonl": json_lines([*map(_lantern, range(themes)), *map(_odd, ODD)]),
        "of-one-theme.jsonl": json_lines(map(_lantern, range(themes, 3 * themes))),
    }
    few = {"few.jsonl": json_lines([*map(_lantern, range(3)), *map(_odd, ODD)])}
    url = "https://news.example.org"
    online = published(folder / "online", crowded, public_url=url, ranking=ranking)
    reader = AudienceSettings(query="lantern", locale="ar")
    home = published(folder / "home", few, imprint="1 Quay, Tide", audiences={"lamps": reader})
    archive = online.archive | {f"home/{path}": text for path, text in home.archive.items()}
    return Published([*online.mails, *home.mails], archive)


def _odd(texts: tuple[str, str]) -> Paper:
    return {"title": texts[0], "abstract": texts[1], "upvotes": 40}


def _lantern(n: int) -> Paper:
    """The nth paper, each with some of the facts that a paper may have; late ones share a theme."""
    late = n >= len(SUBJECTS)
    subject = f"robot grasping of {PREY[n % len(PREY)]}" if late else SUBJECTS[n]
    abstract = (
        f"We study {subject} by the light of lanterns. Our method needs no labels. "
        f"On {n + 2} benchmarks of {subject} it is 31% better than the best earlier one."
    )
    return {
        "title": f"{n} Lanterns for {subject.title()}",
        "abstract": abstract + " Code is at https://github.com/tide/lamp." * (n % 3 == 0),
        "authors": ["Ines Mora", "Kofi Adu", "Li Na", "Per Berg", "Uma Rao"][: n % 6],
        "author_count": n % 7,
        "organization": "Tidal Institute" if n % 2 else None,
        "published": "2026-11-19" if n % 4 else None,
        "upvotes": n * 3,
        "comments": n % 3,
        "url": f"https://papers.example/{n}" if n % 5 else None,
    }


# --- papers of random text ----------------------------------------------------------------------

# Scripts by their code points, and what no title should have: controls, bidi, the unassigned.
SCRIPTS = (
    *((0x41, 0x5A), (0x61, 0x7A), (0x61, 0x7A), (0x30, 0x39), (0x21, 0x7E), (0xC0, 0x24F)),
    *((0x370, 0x3FF), (0x400, 0x4FF), (0x5D0, 0x5EA), (0x620, 0x64A), (0x904, 0x939)),
    *((0xE01, 0xE3A), (0x1100, 0x11FF), (0x3040, 0x30FF), (0x4E00, 0x9FFF), (0x300, 0x36F)),
    *((0x2000, 0x206F), (0x2200, 0x22FF), (0x1D400, 0x1D7FF), (0x1F300, 0x1FAFF)),
    *((0x00, 0x1F), (0x7F, 0x9F), (0xE000, 0xF8FF), (0xFFF0, 0xFFFF), (0x0, 0xD7FF)),
)
FRAGMENTS = (
    *("<b>", "&amp;", "{{7*7}}", "{%", "=?utf-8?q?=41?=", "\r\n.\r\n", "From ", "100% FREE!!!"),
    *("$$$", "https://papers.example/?a=1&b=2", "[x](y)", "\\frac{1}{2}", "--", "]]>", "\u202e"),
)


def fuzzed(count: int, seed: int = 7) -> dict[str, bytes]:
    """So many dumps with papers of random Unicode in every place, the same ones each time."""
    chance = random.Random(seed)
    return {
        f"fuzzed-{n:02}.jsonl": json_lines(_paper(chance) for _ in range(chance.randint(1, 9)))
        for n in range(count)
    }


def _paper(chance: random.Random) -> Paper:
    def maybe(value: object) -> object:
        return value if chance.random() < 0.7 else None

    return {
        "title": f"{_words(chance, 1, 18)} {chance.randrange(10**6)}",
        "abstract": " ".join(f"{_words(chance, 3, 30)}." for _ in range(chance.randint(0, 7))),
        "authors": [_words(chance, 1, 3) for _ in range(chance.randint(0, 12))],
        "organization": maybe(_words(chance, 1, 4)),
        "upvotes": maybe(chance.randrange(10**4)),
        "comments": maybe(chance.randrange(10**3)),
        "published": maybe("2026-11-18"),
        "url": maybe(f"https://papers.example/{chance.randrange(10**6)}"),
        "code_url": maybe("https://github.com/tide/lamp"),
    }


def _words(chance: random.Random, least: int, most: int) -> str:
    return " ".join(_word(chance) for _ in range(chance.randint(least, most)))


def _word(chance: random.Random) -> str:
    if chance.random() < 0.04:
        return chance.choice(FRAGMENTS)
    low, high = chance.choice(SCRIPTS)
    return "".join(chr(chance.randint(low, high)) for _ in range(chance.randint(1, 12)))
