"""A database of an earlier version opens, keeps what it has, and knows its papers again."""

import json
import zlib
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.config import Config
from conftest import parsed
from sqlalchemy import MetaData, Table, insert

from digest.accounts import alarms
from digest.app import App, quietly
from digest.mime import Letterhead, fill
from digest.model import Card, Edition, Message, Sighting, Summary, Theme, Votes
from digest.pipeline.dedupe import take_up
from digest.pipeline.dumps import record
from digest.pipeline.explain import explain
from digest.pipeline.ingest import DumpReader, Limits
from digest.pipeline.publish import take_up as freeze_left
from digest.settings import Settings
from digest.store import Store, open_store
from digest.store.dumps import State
from digest.store.editions import EDITION, MESSAGE
from digest.store.papers import PRINTED, SUMMARY
from digest.store.store import _address, _engine, _writing

NOW = datetime(2026, 11, 20, 7, tzinfo=UTC)
TODAY = NOW.date()
MONDAY = date(2026, 11, 16)
FLIGHT = (
    "We fly kites of anisotropic paper over a northern harbour and measure how the ropes bend in "
    "a gale. Meadows of copper lanterns light the quay at night, so that each knot is seen. Our "
    "kites rise higher than those of silk, and fall later, in nine of ten winters. We also tell "
    "how the paper is glued, why cedar is lighter than amber, and what the sparrows thought of it."
)
KITES = Sighting("On the Flight of Kites", FLIGHT, 3, upvotes=7)
ORCHARDS = Sighting("Orchards in Winter and What Grows There", "An orchard sleeps in winter.", 9)
HALF_READ = Sighting("Tides of an Inland Sea", "The sea has tides.", 3)
RETITLED = Sighting("Why Paper Rises above Every Harbour", FLIGHT, 5)
SUMMARY_OF_ORCHARDS = Summary("An orchard sleeps in winter.", None, ((0, 28),), 1, "edmundson-1")
CARD = Card(
    *("1" * 16, "On the Flight of Kites", "We fly kites.", None),
    *((), None, None, None, None, None, None, None, ("kites",)),
)
EDITION_OF_KITES = Edition("all", MONDAY, 1, (Theme("air", "Air", "Elements", (CARD,)),))
MESSAGE_OF_KITES = Message("Kites", "slot", "<p>slot</p>", {"unsubscribe": "slot"}, (CARD.ref,))


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/digest.db"
    return str(request.getfixturevalue("postgres_url"))


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    """The store of a version that told papers by the key of their titles."""
    engine = _engine(_address(url))
    with _writing(engine) as connection:
        config = Config()
        config.set_main_option("script_location", "digest.store:migrations")
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        tables = MetaData()
        tables.reflect(connection)
        for name, rows in OLD.items():
            connection.execute(insert(Table(name, tables)), rows)
    engine.dispose()
    with closing(open_store(url)) as opened:
        yield opened


def work(n: int, seen: Sighting, first_seen: date) -> dict[str, Any]:
    empty = ("author_count", "organization", "organization_handle", "published", "arxiv_id", "doi")
    return dict.fromkeys((*empty, "url", "comments")) | {
        "id": n,
        "ref": str(n) * 16,
        "title": seen.title,
        "words": seen.title.lower(),
        "abstract": seen.abstract,
        "first_seen": first_seen,
        "authors": [],
        "categories": [],
        "upvotes": seen.upvotes,
        "history": False,
    }


def dump(n: int, state: State) -> dict[str, Any]:
    return {
        "sha256": str(n) * 64,
        "name": f"{n}.txt",
        "state": state,
        "format": "hf_page",
        "papers": 0,
        "new": 0,
        "history": False,
        "in_folder": False,
        "read_at": NOW,
        "counted": n,
    }


def sighting(n: int, dump_id: int, seen: Sighting, day: date | None) -> dict[str, Any]:
    printed = PRINTED.dump_python(seen, mode="json")
    said = {"answer": "new", "of": None, "why": "no known paper has this title"}
    where = {"id": n, "dump_id": dump_id, "work_id": n, "place": n, "line": seen.line, "day": day}
    return {**where, **said, "printed": printed}


OLD: dict[str, list[dict[str, Any]]] = {
    "meta": [{"key": "secret", "value": "tidal"}],
    "dump": [dump(1, State.READ), dump(2, State.LOADING)],
    "work": [
        work(1, KITES, MONDAY),
        work(2, ORCHARDS, TODAY),
        work(3, HALF_READ, TODAY),
        work(4, RETITLED, date(2026, 11, 1)),
    ],
    "sighting": [
        sighting(1, 1, KITES, MONDAY),
        sighting(2, 1, ORCHARDS, None),
        sighting(3, 2, HALF_READ, None),
        sighting(4, 2, RETITLED, None),
    ],
    "summary": [
        {"work_id": 2, "cache_key": "k", "found": SUMMARY.dump_python(SUMMARY_OF_ORCHARDS)},
    ],
    "edition": [
        {
            "name": "2026-11-16",
            "audience": "all",
            "day": MONDAY,
            "number": 1,
            "published_at": NOW,
            "papers": 1,
            "content": zlib.compress(EDITION.dump_json(EDITION_OF_KITES)),
        }
    ],
    "message": [
        {
            "edition_id": 1,
            "sha256": MESSAGE_OF_KITES.sha256,
            "content": zlib.compress(MESSAGE.dump_json(MESSAGE_OF_KITES)),
        }
    ],
    "subscriber": [
        {
            "address": f"{n}@lab.test",
            "audience": "all",
            "kind": "reader",
            "standing": "active",
            "token": f"{n}",
            "since": NOW,
        }
        for n in range(4)
    ],
    "delivery": [
        {
            "edition_id": 1,
            "subscriber_id": number,
            "status": status,
            "attempts": int(worker is not None),
            "worker": worker,
            "lease_until": NOW if worker else None,
            "changed_at": NOW,
        }
        for number, (status, worker) in enumerate(
            [("sent", "done"), ("uncertain", "done"), ("waiting", None), ("sending", "dead")], 1
        )
    ],
    "edition_work": [{"edition_id": 1, "work_id": 1, "audience": "all", "shown": True}],
}


def candidates(store: Store) -> list[str]:
    with store.reading() as shelves:
        found = shelves.papers.at(shelves.papers.candidates("all", TODAY))
    return [paper.ref for paper in found.values()]


def read(store: Store, folder: Path, *sightings: Sighting) -> tuple[int, int]:
    """Read a dump of these; return how many papers it has, and how many are new."""
    lines = [{"dump": "d", "format": "f", **record(each)} for each in sightings]
    (folder / "a.jsonl").write_text("\n".join(map(json.dumps, lines)), "utf-8")
    reader = DumpReader(store, Limits(1_000_000, 100, 1_000), TODAY, NOW)
    report = reader.ingest([folder / "a.jsonl"], quietly)
    return report.papers, report.new


def test_editions_papers_summaries_and_candidates_are_kept(store: Store):
    with store.reading() as shelves:
        assert list(shelves.editions.all()) == [EDITION_OF_KITES]
        (listed,) = shelves.editions.of_paper("1" * 16)
        assert (listed.edition, listed.shown) == (EDITION_OF_KITES, True)
        assert shelves.papers.count() == 2
        kites = shelves.papers.works(["1" * 16])["1" * 16]
        assert (kites.title, kites.first_seen, kites.upvotes) == (KITES.title, MONDAY, 7)
        assert (kites.votes, kites.sources) == ((Votes(MONDAY, 7, None),), ("hf_page",))
        (seen,) = shelves.papers.sightings("2" * 16)
        assert (seen.dump, seen.line, seen.day, seen.printed) == ("1.txt", 9, TODAY, ORCHARDS)
        kept = shelves.papers.summaries(["2" * 16])
        assert kept == {"2" * 16: ("k", SUMMARY_OF_ORCHARDS)}
        assert shelves.subscribers.secret() == "tidal"
    assert candidates(store) == ["2" * 16]


def test_a_message_of_old_is_frozen_once_with_what_the_settings_say(store: Store):
    for name in ("Harbour news", "Another name"):
        sender = "news@harbour.example", "leave@harbour.example", "all.harbour.example"
        freeze_left(store, Letterhead(name, *sender))
    with store.reading() as shelves:
        raw = fill(shelves.editions.form(1), {"to": "a@b", "message_id": "0", "unsubscribe": "x"})
        assert shelves.editions.manifest(1)["slots"] == ["to", "message_id", "unsubscribe"]
        (listed,) = shelves.editions.of_paper("1" * 16)
        assert listed.shown
    mail = parsed(raw)
    assert (mail["Subject"], mail["Date"]) == ("Kites", "Fri, 20 Nov 2026 07:00:00 +0000")
    assert mail["From"] == "Harbour news <news@harbour.example>"
    leave = "mailto:leave@harbour.example?subject=unsubscribe%20x"
    assert [part.get_content() for part in mail.iter_parts()] == [leave, f"<p>{leave}</p>"]


def test_an_edition_of_old_is_shown_and_delivered(store: Store, url: str, tmp_path: Path):
    app = App(Settings(database=url).under(tmp_path), lambda: NOW)
    found = app.preview(MONDAY)
    app.close()
    assert found is not None
    assert (found.published, found.subject) == (True, "Kites")
    assert found.html.startswith("<p>mailto:")


def test_what_was_published_is_known_again_however_it_is_printed(store: Store, tmp_path: Path):
    take_up(store)
    again = Sighting("ON THE FLIGHT OF KITES", FLIGHT[:150], 1)
    assert read(store, tmp_path, again, RETITLED, ORCHARDS) == (3, 0)
    assert candidates(store) == ["2" * 16]
    with store.reading() as shelves:
        assert len(shelves.papers.names("1" * 16)) == 3


def test_the_first_thing_that_is_asked_of_it_is_answered(store: Store, url: str, tmp_path: Path):
    app = App(Settings(database=url).under(tmp_path), lambda: NOW)
    found = explain(app.store, app.presses, app.today, "orchards")
    app.close()
    assert found["dedupe"]["printings"][0]["answer"] == "new"


def test_taking_up_twice_changes_nothing(store: Store):
    take_up(store)
    with store.reading() as shelves:
        before = shelves.papers.names("1" * 16)
        assert not shelves.printings.lacking()
    take_up(store)
    with store.reading() as shelves:
        assert shelves.papers.names("1" * 16) == before
        assert [name.ref for name in before] == ["1" * 16]


def test_a_dump_that_was_half_read_is_read_anew(store: Store, tmp_path: Path):
    take_up(store)
    assert candidates(store) == ["2" * 16], "nothing of it counts"
    assert read(store, tmp_path, HALF_READ) == (1, 1)
    assert len(candidates(store)) == 2


def test_new_rows_do_not_collide_with_the_old_ones(store: Store, tmp_path: Path):
    take_up(store)
    many = [Sighting(f"quokka{n} wombat{n} numbat{n}", "", n) for n in range(9)]
    assert read(store, tmp_path, *many) == (9, 9)


def test_what_was_owed_is_owed_still_and_adds_up(store: Store):
    with store.writing() as shelves:
        (mailing,) = shelves.mailings.open()
        assert (mailing.planned, mailing.not_after) == (4, NOW + timedelta(hours=72))
        account = shelves.mailings.account(mailing.edition_id)
        assert (account.taken, account.perhaps_twice, list(alarms(account))) == (1, 0, [])
        (begun,) = shelves.deliveries.begun_by(shelves.deliveries.gone(lambda _: False, NOW), NOW)
        assert begun.subscriber.address == "3@lab.test"
        shelves.deliveries.lease("me", NOW + timedelta(minutes=1))
        (owed,) = shelves.deliveries.claim(mailing.edition_id, "me", NOW, 9)
        assert owed.subscriber.address == "2@lab.test"
