"""The program is killed at each of its named points, once at least, and the next run mends it."""

import ast
import json
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT, Digest, contents, parsed
from letters import DUMP, addresses
from sink import HERE, Sink

from digest.transports.outbox import whole

READERS = addresses(6)
CONNECTIONS = 2
CRASHED = -9

# By what leads to them. A number asks for a later passing than the first.
TO_THE_OUTBOX = [
    *("store: before the commit", "store: after the commit"),
    *("store: before the commit#9", "store: after the commit#9"),
    *("ledger: before the commit", "ledger: after the commit"),
    *("ledger: before the commit#3", "ledger: after the commit#3"),
    *("outbox: before the rename", "outbox: after the rename", "outbox: after the rename#2"),
    *("archive: before the rename", "archive: after the rename"),
]
FOLDED = [
    *("outbox: before the message", "outbox: after the message"),
    *("outbox: before the rename", "outbox: after the rename", "outbox: after the rename#3"),
]
TO_A_RELAY = [
    *("ledger: before the commit", "ledger: after the commit"),
    *("ledger: before the commit#4", "ledger: after the commit#4"),
    *("smtp: before the dot", "smtp: after the dot", "smtp: after the reply"),
    *("smtp: before the dot#4", "smtp: after the dot#4", "smtp: after the reply#4"),
]
TO_A_PROGRAM = ["command: before the start", "command: after the end", "command: after the end#4"]
FROM_A_MAILDIR = ["maildir: before the rename", "maildir: after the rename"]
LISTED = {*TO_THE_OUTBOX, *FOLDED, *TO_A_RELAY, *TO_A_PROGRAM, *FROM_A_MAILDIR}
LASTING = {"rename", "replace", "commit"}
"""Methods that make something lasting, if they stand alone and have one argument at the most."""


def modules() -> Iterator[tuple[str, ast.Module]]:
    for path in sorted((ROOT / "digest").rglob("*.py")):
        if "migrations" not in path.parts:
            yield str(path.relative_to(ROOT)), ast.parse(path.read_text("utf-8"))


def point_of(statement: ast.AST) -> str | None:
    match statement:
        case ast.Expr(ast.Call(ast.Name("point"), [ast.Constant(str(name))])):
            return name
    return None


def makes_something_last(statement: ast.AST) -> bool:
    match statement:
        case ast.Expr(ast.Call(ast.Attribute(attr=name), arguments)):
            return name in LASTING and len(arguments) <= 1
    return False


def test_every_point_is_listed_here_and_no_other():
    found = {point_of(node) for _, tree in modules() for node in ast.walk(tree)} - {None}
    assert found == {name.partition("#")[0] for name in LISTED}


def test_a_point_stands_before_and_after_all_that_makes_something_last():
    bare = []
    for name, tree in modules():
        for node in ast.walk(tree):
            body = getattr(node, "body", None)
            if not isinstance(body, list):
                continue
            for at, statement in enumerate(body):
                around = body[at - 1] if at else None, (body[at + 1 :] or [None])[0]
                if makes_something_last(statement) and not all(map(point_of, filter(None, around))):
                    bare.append(f"{name}:{statement.lineno}")
    assert bare == []


@pytest.fixture
def sink() -> Iterator[Sink]:
    with Sink().running() as running:
        yield running


@pytest.fixture
def letter(digest: Digest) -> Digest:
    """A program with a dump to read, readers, and a secret of its own."""
    digest.environment |= {"DIGEST_SECRET": "tidal-canary-31"}
    digest.add_dump("page.txt", DUMP)
    assert digest.here("subscribers", "add", *READERS).code == 0
    return digest


def killed(digest: Digest, point: str, *arguments: object) -> None:
    assert digest(*arguments, crash_at=point).code == CRASHED, f"{point} was not passed"


def adds_up(digest: Digest) -> dict[str, Any]:
    ran = digest.here("fsck", "--json")
    (edition,) = ran.document["editions"]
    assert (ran.code, ran.document["wrong"], edition["wrong"]) == (0, [], [])
    assert edition["planned"] == len(READERS)
    return dict(edition)


@pytest.mark.parametrize("point", TO_THE_OUTBOX)
def test_the_daily_job_that_is_killed_is_finished_by_the_next(letter: Digest, point: str):
    killed(letter, point, "run")
    again = letter.here("run")
    assert (again.code, again.err) == (0, "")
    assert sorted(mail["To"] for mail in letter.mails) == READERS
    assert adds_up(letter)["sent"] == len(READERS)
    assert adds_up(letter)["finished"]
    pages = contents(letter.folder / "archive")
    assert not [name for name in [*letter.outbox, *pages] if name.endswith(".tmp")]
    assert any(b"Kites" in page for page in pages.values())
    with closing(sqlite3.connect(letter.folder / "var" / "digest.db")) as store:
        assert store.execute("SELECT count(*) FROM lease").fetchone() == (0,)


@pytest.mark.parametrize("point", FOLDED)
def test_an_edition_that_is_folded_has_one_envelope_for_each_though_the_job_is_killed(
    letter: Digest, point: str
):
    letter.environment |= {"DIGEST_WHOLE_MAILS": "1"}
    killed(letter, point, "run")
    assert letter.here("run").code == 0
    folder = letter.folder / "outbox"
    assert {file.suffix for file in folder.iterdir()} == {".envelope", ".message"}
    mails = [parsed(whole(file)) for file in folder.glob("*.envelope")]
    assert sorted(mail["To"] for mail in mails) == READERS
    assert len({mail["Message-ID"] for mail in mails}) == len(READERS)
    assert adds_up(letter)["sent"] == len(READERS)


@pytest.mark.parametrize("policy", ["resend", "hold"])
@pytest.mark.parametrize("point", TO_A_RELAY)
def test_mails_to_a_relay_are_not_lost_and_copies_are_few_and_the_same(
    letter: Digest, sink: Sink, point: str, policy: str
):
    relay = {"host": HERE, "port": sink.port, "security": "none", "connections": CONNECTIONS}
    letter.environment |= {f"DIGEST_SMTP__{k.upper()}": str(v) for k, v in relay.items()}
    letter.environment |= {"DIGEST_TRANSPORT": "smtp", "DIGEST_DELIVERY__UNCERTAIN": policy}
    letter.here("ingest")
    letter.here("publish")
    killed(letter, point, "deliver")
    letter.here("deliver")
    no_more_than_may(letter, sink.taken, policy)


@pytest.mark.parametrize("point", TO_A_PROGRAM)
def test_mails_to_a_program_are_not_lost_and_none_is_sent_twice(letter: Digest, point: str):
    program = letter.folder / "takes"
    program.write_text(
        f'#!/bin/sh\nsed -n "s/^Message-ID: //p" | sed "s/$/ $1/" >> {program}.log\n'
    )
    program.chmod(0o755)
    letter.environment |= {
        "DIGEST_TRANSPORT": "command",
        "DIGEST_COMMAND__ARGV": f"{program} {{to}}",
        "DIGEST_COMMAND__CONNECTIONS": str(CONNECTIONS),
        "DIGEST_DELIVERY__UNCERTAIN": "hold",
    }
    letter.here("ingest")
    letter.here("publish")
    killed(letter, point, "deliver")
    letter.here("deliver")
    taken = [tuple(line.split()) for line in Path(f"{program}.log").read_text().splitlines()]
    no_more_than_may(letter, taken, "hold")


def no_more_than_may(digest: Digest, taken: list[Any], policy: str) -> None:
    """Each reader has one copy, or is one of the few of whom that is doubtful."""
    stands = adds_up(digest)
    problems = digest.here("status", "--json").document["problems"]
    doubtful = {each["address"] for each in problems}
    assert {to for _, to in taken} | doubtful == set(READERS)
    assert stands["sent"] + stands["uncertain"] == len(READERS)
    assert stands["finished"]
    assert len(doubtful) <= CONNECTIONS
    extra = len(taken) - len(set(taken))
    if policy == "hold":
        assert extra == 0
    else:
        assert (doubtful, extra <= CONNECTIONS) == (set(), True)
    ids = Counter(to for _, to in set(taken))
    assert set(ids.values()) <= {1}, "copies of one delivery have one Message-ID"


@pytest.mark.parametrize("point", FROM_A_MAILDIR)
def test_a_mail_that_came_back_is_acted_on_once(letter: Digest, point: str, tmp_path: Path):
    new = tmp_path / "maildir" / "new"
    new.mkdir(parents=True)
    (new / "1.txt").write_text("Hello\n")
    killed(letter, point, "bounces", new.parent)
    ran = letter.here("bounces", new.parent, "--json")
    assert ran.code == 0
    assert list(new.iterdir()) == []
    assert json.loads(ran.out)["ignored"] == (point == "maildir: before the rename")
