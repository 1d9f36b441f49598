"""What the store promises, on SQLite and on PostgreSQL alike."""

import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from digest.errors import SchemaTooNew, SetupError, StoreError
from digest.model import (
    Answer,
    Card,
    Decision,
    Edition,
    Kind,
    Message,
    Paper,
    Sighting,
    Standing,
    Status,
    Summary,
    Theme,
)
from digest.store import Shelves, Store, open_store
from digest.store.dumps import Row, State
from digest.store.schema import metadata
from digest.store.store import HEAD

NOW = datetime(2026, 11, 20, 7, tzinfo=UTC)
TODAY = NOW.date()
SOON = NOW + timedelta(minutes=15)
PAPER = Paper("a" * 16, "On Kites", "We fly kites.", TODAY, authors=("Ada Byron",), comments=3)


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/deep/digest.db"
    return str(request.getfixturevalue("postgres_url"))


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    opened = open_store(url)
    yield opened
    opened.close()


DUMP = Row("page.txt", State.LOADING, "1" * 64, NOW, format="hf_page", taken=TODAY)


def decided(paper: Paper) -> Decision:
    return Decision(Sighting(paper.title, "", 7), paper.ref, Answer.NEW, None, "new")


def read(shelves: Shelves, *papers: Paper) -> None:
    """Store papers as ingest does, all in one dump."""
    shelves.papers.save(papers)
    dump_id = shelves.dumps.begin(DUMP)
    assert dump_id is not None
    shelves.papers.sight(dump_id, list(enumerate(map(decided, papers), 1)))
    shelves.dumps.finish(dump_id)


def papers(count: int) -> list[Paper]:
    return [replace(PAPER, ref=f"{n:016x}", title=f"Paper {n}") for n in range(count)]


def edition_of(*shown: Paper, number: int = 1) -> Edition:
    cards = tuple(
        Card(
            ref=paper.ref,
            title=paper.title,
            lead="We fly kites.",
            finding=None,
            authors=paper.authors,
            author_count=None,
            organization=None,
            published=None,
            upvotes=None,
            comments=paper.comments,
            url=None,
            code_url=None,
            keywords=("kites",),
        )
        for paper in shown
    )
    return Edition("all", TODAY, number, (Theme("air", "Air", "Elements", cards),))


MESSAGE = Message("Kites", "text slot", "<p>slot</p>", {"unsubscribe": "slot"}, (PAPER.ref,))


def subscribed(shelves: Shelves, *addresses: str) -> list[int]:
    return [
        shelves.subscribers.add(each, "all", Kind.READER, f"token of {each}", NOW).id
        for each in addresses
    ]


@pytest.fixture
def owed(store: Store) -> Store:
    """A store in which two readers wait for one edition."""
    with store.writing() as shelves:
        shelves.papers.save([PAPER])
        edition_id = shelves.editions.add(edition_of(PAPER), MESSAGE, NOW)
        readers = subscribed(shelves, "ada@lab.test", "grace@lab.test")
        shelves.deliveries.plan(edition_id, readers, NOW)
    return store


def test_the_migrations_make_the_tables_that_the_code_knows(store: Store):
    with store.writing() as shelves:
        context = MigrationContext.configure(
            shelves.papers._connection, opts={"compare_type": True}
        )
        assert compare_metadata(context, metadata) == []


def test_the_last_migration_is_the_one_that_the_store_asks_for():
    scripts = Path(__file__).parents[2] / "digest" / "store" / "migrations"
    assert ScriptDirectory(str(scripts)).get_current_head() == HEAD


def test_opening_a_store_again_finds_what_was_there(url: str):
    for expected in (0, 1):
        with closing(open_store(url)) as store, store.writing() as shelves:
            assert shelves.papers.count() == expected
            if not expected:
                read(shelves, PAPER)


def test_two_that_open_a_new_database_at_once_both_get_it(url: str):
    with ThreadPoolExecutor(4) as pool:
        for store in pool.map(open_store, [url] * 4):
            with store.reading() as shelves:
                assert shelves.papers.count() == 0
            store.close()


def test_a_paper_comes_back_as_it_was_saved(store: Store):
    full = replace(
        PAPER,
        title="Étude: of $\\alpha$-Kites \N{KITE}",
        published=date(2026, 1, 5),
        arxiv_id="2601.00001",
        doi="10.1000/182",
        categories=("cs.LG", "stat.ML"),
    )
    with store.writing() as shelves:
        read(shelves, PAPER)
        shelves.papers.save([full])
    with store.reading() as shelves:
        assert shelves.papers.known([full.ref, "unknown"]) == {full.ref: full}
        assert (
            shelves.papers.by_id("2601.00001")
            == shelves.papers.by_id("https://doi.org/10.1000/182")
            == [full]
        )
        assert shelves.papers.by_id("https://arxiv.org/abs/2601.00001v3") == [full]
        assert shelves.papers.by_words("ÉTUDE of kites", 3) == [full]
        assert shelves.papers.by_words("of étude flights", 3) == []


def test_many_papers_go_in_and_come_out_in_batches(store: Store):
    many = papers(1_203)
    with store.writing() as shelves:
        read(shelves, *many)
    with store.reading() as shelves:
        assert shelves.papers.known([each.ref for each in many]) == {p.ref: p for p in many}
        assert shelves.papers.waiting("all", TODAY) == len(many)
        (seen,) = shelves.papers.sightings(many[7].ref)
        assert (seen.dump, seen.line, seen.answer, seen.printed.title) == (
            DUMP.name,
            7,
            "new",
            "Paper 7",
        )


def test_a_candidate_is_seen_by_its_day_listed_nowhere_and_not_history(store: Store):
    tomorrow = replace(PAPER, ref="b" * 16, first_seen=TODAY + timedelta(days=1))
    history = replace(PAPER, ref="c" * 16, history=True)
    listed = replace(PAPER, ref="d" * 16)
    with store.writing() as shelves:
        read(shelves, PAPER, tomorrow, history, listed)
        shelves.editions.add(edition_of(listed), MESSAGE, NOW)
    with store.reading() as shelves:
        assert shelves.papers.candidates("all", TODAY) == [PAPER]
        assert len(shelves.papers.candidates("all", tomorrow.first_seen)) == 2
        assert listed in shelves.papers.candidates("others", TODAY)


def test_words_are_looked_for_as_they_are_and_not_as_a_pattern(store: Store):
    with store.writing() as shelves:
        shelves.papers.save([PAPER, replace(PAPER, ref="b" * 16, title="A_B of kites")])
    with store.reading() as shelves:
        assert [each.title for each in shelves.papers.by_words("A_B", 9)] == ["A_B of kites"]
        assert shelves.papers.by_words("k_tes", 9) == []


def test_a_summary_replaces_the_one_before(store: Store):
    first = Summary("We fly.", None, ((0, 7),), 1, "lead-1")
    with store.writing() as shelves:
        shelves.papers.save([PAPER])
        shelves.papers.keep_summaries({PAPER.ref: ("key 1", first)})
        shelves.papers.keep_summaries({PAPER.ref: ("key 2", None)})
    with store.reading() as shelves:
        assert shelves.papers.summaries([PAPER.ref]) == {PAPER.ref: ("key 2", None)}
    with store.writing() as shelves:
        shelves.papers.keep_summaries({PAPER.ref: ("key 1", first)})
        assert shelves.papers.summaries([PAPER.ref]) == {PAPER.ref: ("key 1", first)}


def test_a_dump_that_was_left_out_may_be_read_later(store: Store):
    cut = replace(DUMP, state=State.QUARANTINED, reason="cut", format=None)
    with store.writing() as shelves:
        shelves.dumps.leave_out(cut)
        assert shelves.dumps.left_out() == [cut]
        dump_id = shelves.dumps.begin(DUMP)
        assert dump_id is not None
        assert not shelves.dumps.is_read(DUMP.sha256, TODAY), "nothing counts before its end"
        again = shelves.dumps.begin(DUMP)
        assert again is not None
        assert shelves.dumps.is_loading(again), "what was broken off begins anew"
        before = shelves.dumps.mark()
        assert shelves.dumps.finish(again) == (0, 0)
        assert shelves.dumps.mark() > before
        assert shelves.dumps.begin(DUMP) is None
        assert shelves.dumps.is_read(DUMP.sha256, TODAY)
        assert not shelves.dumps.is_read(DUMP.sha256, TODAY - timedelta(days=1))
        assert shelves.dumps.all() == [replace(DUMP, state=State.READ)]


def test_papers_count_only_when_their_dump_is_whole(store: Store):
    with store.writing() as shelves:
        shelves.papers.save([PAPER])
        dump_id = shelves.dumps.begin(DUMP)
        assert dump_id is not None
        shelves.papers.sight(dump_id, [(1, decided(PAPER))])
        assert shelves.papers.known([PAPER.ref]) == {}
        assert shelves.papers.candidates("all", TODAY) == []
        assert (shelves.papers.count(), list(shelves.papers.export())) == (0, [])
        assert shelves.dumps.finish(dump_id) == (1, 1)
        assert shelves.papers.candidates("all", TODAY) == [PAPER]
        assert [each.work for each in shelves.papers.export()] == [PAPER.ref]


def test_an_edition_and_its_message_come_back_as_they_were_frozen(store: Store):
    edition = edition_of(PAPER)
    with store.writing() as shelves:
        shelves.papers.save([PAPER])
        shelves.editions.keep_quiet("all", TODAY, "no new papers")
        edition_id = shelves.editions.add(edition, MESSAGE, NOW)
    with store.reading() as shelves:
        assert list(shelves.editions.all("all")) == [edition]
        assert shelves.editions.message(edition_id) == (MESSAGE, NOW)
        assert shelves.editions.latest("all", TODAY) == edition_id
        assert shelves.editions.last_day("all") == TODAY
        assert shelves.editions.quiet("all") == {}
        (listed,) = shelves.editions.of_paper(PAPER.ref)
        assert (listed.edition, listed.shown) == (edition, True)


def test_a_day_has_one_edition_of_each_number(store: Store):
    with store.writing() as shelves:
        shelves.editions.add(edition_of(), MESSAGE, NOW)
    with pytest.raises(StoreError), store.writing() as shelves:
        shelves.editions.add(edition_of(), MESSAGE, NOW)
    with store.writing() as shelves:
        shelves.editions.add(edition_of(number=2), MESSAGE, NOW)
        assert shelves.editions.numbers("all", TODAY) == 2


def test_a_paper_is_in_one_edition_of_an_audience_only(store: Store):
    with store.writing() as shelves:
        shelves.papers.save([PAPER])
        shelves.editions.add(edition_of(PAPER), MESSAGE, NOW)
    with pytest.raises(StoreError), store.writing() as shelves:
        shelves.editions.add(edition_of(PAPER, number=2), MESSAGE, NOW)
    with store.reading() as shelves:
        assert shelves.editions.numbers("all", TODAY) == 1, "half of it was kept"


def test_what_fails_half_way_leaves_nothing(store: Store):
    class Stop(Exception):
        pass

    def save_and_stop() -> None:
        with store.writing() as shelves:
            shelves.papers.save([PAPER])
            raise Stop

    with pytest.raises(Stop):
        save_and_stop()
    with store.reading() as shelves:
        assert shelves.papers.count() == 0


def test_a_delivery_is_claimed_by_one_and_sent_once(owed: Store):
    with owed.writing() as shelves:
        mine = shelves.deliveries.claim("me", SOON, NOW, most=1)
    with owed.writing() as shelves:
        yours = shelves.deliveries.claim("you", SOON, NOW, most=9)
    assert [each.subscriber.address for each in (*mine, *yours)] == [
        "ada@lab.test",
        "grace@lab.test",
    ]
    with owed.writing() as shelves:
        assert not shelves.deliveries.begin(mine[0].id, "you", SOON, NOW), "it is not yours"
        assert shelves.deliveries.begin(mine[0].id, "me", SOON, NOW)
        assert not shelves.deliveries.begin(mine[0].id, "me", SOON, NOW), "it has begun already"
        shelves.deliveries.settle(mine[0].id, "me", Status.SENT, "250 ok", NOW)
        assert shelves.deliveries.claim("me", SOON, NOW, most=9) == []
        assert shelves.deliveries.counts()[Status.SENT] == 1


def test_many_senders_at_once_claim_each_delivery_once(store: Store):
    with store.writing() as shelves:
        edition_id = shelves.editions.add(edition_of(), MESSAGE, NOW)
        readers = subscribed(shelves, *(f"reader{n}@lab.test" for n in range(60)))
        shelves.deliveries.plan(edition_id, readers, NOW)

    def claim(owner: int) -> list[int]:
        claimed = []
        while True:
            with store.writing() as shelves:
                batch = shelves.deliveries.claim(str(owner), SOON, NOW, most=7)
            if not batch:
                return claimed
            claimed += [each.id for each in batch]

    with ThreadPoolExecutor(4) as pool:
        claimed = [each for batch in pool.map(claim, range(4)) for each in batch]
    assert sorted(claimed) == sorted(set(claimed))
    assert len(claimed) == 60


def test_a_lease_that_has_ended_sends_nothing_more(owed: Store):
    with owed.writing() as shelves:
        first, _ = shelves.deliveries.claim("frozen", SOON, NOW, most=9)
        assert not shelves.deliveries.begin(first.id, "frozen", SOON, SOON)
        (again, _) = shelves.deliveries.claim("other", SOON + timedelta(hours=1), SOON, most=9)
        assert again.id == first.id
        assert not shelves.deliveries.begin(first.id, "frozen", SOON, NOW), "it is another's now"


def test_who_has_left_is_not_sent_what_was_claimed_for_them(owed: Store):
    with owed.writing() as shelves:
        first, second = shelves.deliveries.claim("me", SOON, NOW, most=9)
        shelves.subscribers.change(first.subscriber.id, Kind.READER, Standing.LEFT, NOW)
        assert not shelves.deliveries.begin(first.id, "me", SOON, NOW)
        assert shelves.deliveries.begin(second.id, "me", SOON, NOW)
        shelves.deliveries.release("me")
        shelves.deliveries.suppress_left("me", NOW)
        counts = shelves.deliveries.counts("me")
    assert counts[Status.SUPPRESSED] == counts[Status.SENDING] == 1


def test_what_was_put_off_is_due_at_its_time(owed: Store):
    with owed.writing() as shelves:
        for each in shelves.deliveries.claim("me", SOON, NOW, most=9):
            shelves.deliveries.begin(each.id, "me", SOON, NOW)
            shelves.deliveries.settle(
                each.id, "me", Status.WAITING, "450 later", NOW, not_before=SOON
            )
        assert shelves.deliveries.next_due() == SOON
        assert not shelves.deliveries.any_due(NOW)
        assert shelves.deliveries.any_due(SOON)
        again = shelves.deliveries.claim("you", SOON + timedelta(hours=1), SOON, most=9)
        assert [each.attempts for each in again] == [1, 1]


def test_what_a_dead_sender_had_begun_is_taken_over_by_name_or_by_lease(owed: Store):
    with owed.writing() as shelves:
        first, second = shelves.deliveries.claim("dead", SOON, NOW, most=9)
        shelves.deliveries.begin(first.id, "dead", SOON, NOW)
        assert shelves.deliveries.workers() == {"dead"}
        shelves.deliveries.abandon([], "me", Status.UNCERTAIN, "gone", NOW)
        assert shelves.deliveries.counts()[Status.SENDING] == 1, "its lease still runs"
        shelves.deliveries.abandon(["dead"], "me", Status.UNCERTAIN, "gone", NOW)
        shelves.deliveries.begin(second.id, "dead", SOON, NOW)
        shelves.deliveries.abandon([], "me", Status.UNCERTAIN, "gone", SOON)
        assert shelves.deliveries.counts("me")[Status.UNCERTAIN] == 2
        assert [state for _, _, state, _ in shelves.deliveries.problems(9)] == ["uncertain"] * 2


def test_what_is_too_old_to_be_news_expires_unless_it_is_being_sent(owed: Store):
    with owed.writing() as shelves:
        claimed = shelves.deliveries.claim("me", SOON, NOW, most=1)
        shelves.deliveries.expire(NOW, "me", NOW)
        assert shelves.deliveries.counts()[Status.EXPIRED] == 1
        assert shelves.deliveries.begin(claimed[0].id, "me", SOON, NOW)


def test_a_scheduled_time_is_run_by_one_unless_that_one_is_gone(store: Store):
    def gone(owner: str) -> bool:
        return owner == "dead"

    with store.writing() as shelves:
        runs = shelves.runs
        first = runs.claim("2026-11-20T07:00", "dead", NOW, gone)
        assert first is not None
        assert runs.claim("2026-11-20T07:00", "me", NOW, gone) == first
        assert runs.claim("2026-11-20T07:00", "you", NOW, gone) is None
        runs.note(first, 0, {"publish": {"papers": 3}}, SOON)
        assert runs.claim("2026-11-20T07:00", "you", NOW + timedelta(days=9), gone) is None
        manual = runs.begin("me", SOON)
        assert manual != first
        assert [each.slot for each in runs.last(5)] == [None, "2026-11-20T07:00"]
        assert runs.last_slot() == "2026-11-20T07:00"
        assert runs.last(5)[1].report == {"publish": {"papers": 3}}


def test_a_subscriber_is_one_per_audience_and_address(store: Store):
    with store.writing() as shelves:
        (ada,) = subscribed(shelves, "ada@lab.test")
        shelves.subscribers.change(ada, Kind.READER, Standing.LEFT, SOON)
        found = shelves.subscribers.find("all", "ada@lab.test")
        assert found is not None
        assert (found.standing, found.since) == (Standing.LEFT, SOON)
        assert shelves.subscribers.active("all", Kind.READER) == []
        assert shelves.subscribers.find("others", "ada@lab.test") is None
    with pytest.raises(StoreError), store.writing() as shelves:
        shelves.subscribers.add("ada@lab.test", "all", Kind.READER, "another", NOW)


def test_a_database_that_a_later_version_wrote_is_left_alone(tmp_path: Path):
    file = tmp_path / "later.db"
    open_store(f"sqlite:///{file}").close()
    with closing(sqlite3.connect(file)) as database, database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(SchemaTooNew, match="9999"):
        open_store(f"sqlite:///{file}")


def test_a_database_of_something_else_is_left_alone(tmp_path: Path):
    file = tmp_path / "photos.db"
    with closing(sqlite3.connect(file)) as database, database:
        database.execute("CREATE TABLE photo (name TEXT)")
    before = file.read_bytes()
    with pytest.raises(SetupError, match="something else"):
        open_store(f"sqlite:///{file}")
    assert file.read_bytes() == before


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("nonsense", "no address"),
        ("mysql://host/name", "only SQLite and PostgreSQL"),
        ("sqlite://", "name a file"),
        ("sqlite:////proc/nowhere/digest.db", "cannot be opened"),
    ],
)
def test_an_address_that_is_none_is_told_in_one_line(url: str, why: str):
    with pytest.raises(SetupError, match=why) as caught:
        open_store(url)
    assert "\n" not in str(caught.value)
