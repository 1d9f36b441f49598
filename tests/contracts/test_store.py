"""What the store promises, on SQLite and on PostgreSQL alike."""

import itertools
import re
import sqlite3
import subprocess
import sys
import zlib
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from conftest import asked_of
from sqlalchemy import update

from digest.dedupe.fingerprint import printing
from digest.errors import SchemaTooNew, SetupError, StoreError
from digest.mime import Letterhead, freeze, manifest
from digest.model import (
    Answer,
    Card,
    Edition,
    Kind,
    Message,
    Paper,
    Sighting,
    Standing,
    Summary,
    Theme,
    Votes,
)
from digest.printings import CROWD, Rules, keyed
from digest.store import Shelves, Store, open_store
from digest.store.dumps import Row, State
from digest.store.editions import FORM
from digest.store.news import Served
from digest.store.papers import Exported, Name, Placed
from digest.store.printings import Answered
from digest.store.schema import message, metadata
from digest.store.store import HEAD
from digest.text import searchable

NOW = datetime(2026, 11, 20, 7, tzinfo=UTC)
TODAY = NOW.date()
SOON = NOW + timedelta(minutes=15)
PAPER = Paper("a" * 16, "On Kites", "We fly kites.", TODAY, authors=("Ada Byron",))


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/deep/digest.db"
    return str(request.getfixturevalue("postgres_url"))


DUMP = Row("page.txt", State.LOADING, "1" * 64, NOW, format="hf_page", taken=TODAY)


def begin(shelves: Shelves, papers: tuple[Paper, ...], row: Row = DUMP) -> tuple[int, list[int]]:
    """Store papers in one dump, each a work of its own that does not count yet."""
    dump_id = shelves.dumps.begin(row)
    assert dump_id is not None
    by_ref = shelves.papers.add([(each, searchable(each.title)) for each in papers], dump_id)
    rows = [by_ref[paper.ref] for paper in papers]
    shelves.printings.root({row: row for row in rows})
    seen = [
        Placed(place, row, paper.first_seen, Sighting(paper.title, "", 7, comments=3))
        for place, (row, paper) in enumerate(zip(rows, papers, strict=True), 1)
    ]
    shelves.papers.sight(dump_id, seen)
    return dump_id, rows


def read(shelves: Shelves, *papers: Paper, row: Row = DUMP) -> list[int]:
    """Store papers as ingest does, all in one dump, each a work of its own."""
    dump_id, rows = begin(shelves, papers, row)
    shelves.papers.finish(dump_id, [])
    shelves.dumps.finish(dump_id, len(papers), len(papers))
    return rows


def work(paper: Paper) -> Paper:
    """What the store makes of a paper that was seen once."""
    votes = (Votes(paper.first_seen, None, 3),)
    return replace(paper, votes=votes, sources=("hf_page",))


def papers(count: int) -> list[Paper]:
    return [replace(PAPER, ref=f"{n:016x}", title=f"Paper {n}") for n in range(count)]


def candidates(
    shelves: Shelves, audience: str, day: date, served: Served | None = None
) -> list[Paper]:
    found = shelves.papers.at(shelves.papers.candidates(audience, day, served))
    return sorted(found.values(), key=lambda paper: (paper.first_seen, paper.ref))


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
            comments=3,
            url=None,
            code_url=None,
            keywords=("kites",),
        )
        for paper in shown
    )
    return Edition("all", TODAY, number, (Theme("air", "Air", "Elements", cards),))


LETTERHEAD = Letterhead("Kites", "kites@lab.test", "leave@lab.test", "kites.lab.test")
MESSAGE = freeze(
    Message("Kites", "text slot", "<p>slot</p>", {"unsubscribe": "slot"}, (PAPER.ref,)),
    TODAY.isoformat(),
    NOW,
    LETTERHEAD,
)


def subscribed(shelves: Shelves, *addresses: str) -> list[int]:
    return [
        shelves.subscribers.add(each, "all", Kind.READER, f"token of {each}", NOW).id
        for each in addresses
    ]


def test_the_migrations_make_the_tables_that_the_code_knows(store: Store):
    with store.writing() as shelves:
        context = MigrationContext.configure(
            shelves.papers._connection, opts={"compare_type": True}
        )
        assert compare_metadata(context, metadata) == []


def test_what_is_of_postgresql_is_not_loaded_until_it_is_asked_for():
    code = "import sys, digest.store; sys.exit('sqlalchemy.dialects.postgresql' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


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


def test_a_paper_comes_back_as_it_was_stored(store: Store):
    full = replace(
        PAPER,
        title="Étude: of $\\alpha$-Kites \N{KITE}",
        published=date(2026, 1, 5),
        arxiv_id="2601.00001",
        version=2,
        doi="10.1000/182",
        categories=("cs.LG", "stat.ML"),
        author_count=7,
        organization="Kite Lab",
        organization_handle="kites",
        url="https://kites.example/1",
        code_url="https://code.example/kites",
    )
    with store.writing() as shelves:
        (row,) = read(shelves, PAPER)
        shelves.papers.change({row: full})
    with store.reading() as shelves:
        assert shelves.papers.printed([row]) == shelves.papers.counting([row]) == {row: full}
        expected = work(full)
        assert shelves.papers.works([full.ref, "unknown"]) == {full.ref: expected}
        for name in (full.ref, "2601.00001", "arxiv.org/abs/2601.00001v3", "doi:10.1000/182"):
            assert shelves.papers.by_id(name) == [expected]
        assert shelves.papers.of_printings([row]) == [expected]
        assert shelves.papers.by_words("ÉTUDE of kites", 3) == [expected]
        assert shelves.papers.by_words("of étude flights", 3) == []


def test_many_papers_go_in_and_come_out_in_batches(store: Store):
    many = papers(1_203)
    with store.writing() as shelves:
        read(shelves, *many)
    with store.reading() as shelves:
        assert shelves.papers.works([each.ref for each in many]) == {
            each.ref: work(each) for each in many
        }
        assert shelves.papers.waiting("all", TODAY) == len(many)
        (seen,) = shelves.papers.sightings(many[7].ref)
        assert (seen.dump, seen.line, seen.day, seen.ref, seen.printed.title) == (
            *(DUMP.name, 7, TODAY, many[7].ref, "Paper 7"),
        )


def test_a_candidate_is_seen_by_its_day_listed_nowhere_and_not_history(store: Store):
    tomorrow = replace(PAPER, ref="b" * 16, first_seen=TODAY + timedelta(days=1))
    history = replace(PAPER, ref="c" * 16, history=True)
    listed = replace(PAPER, ref="d" * 16)
    with store.writing() as shelves:
        read(shelves, PAPER, tomorrow, history, listed)
        shelves.editions.add(edition_of(listed), MESSAGE, NOW)
    with store.reading() as shelves:
        assert candidates(shelves, "all", TODAY) == [work(PAPER)]
        assert len(candidates(shelves, "all", tomorrow.first_seen)) == 2
        assert (shelves.papers.later("all", TODAY), shelves.papers.count()) == (1, 4)
        assert work(listed) in candidates(shelves, "others", TODAY)


@pytest.mark.parametrize("old", [{"history": True}, {"withdrawn": True}, {}])
def test_a_work_of_which_one_printing_is_no_news_is_none(store: Store, old: dict[str, bool]):
    cut = replace(PAPER, ref="b" * 16, abstract="We fly…", **old)
    with store.writing() as shelves:
        root, other = read(shelves, PAPER, cut)
        if not old:
            shelves.editions.add(edition_of(cut), MESSAGE, NOW)
        assert shelves.papers.waiting("all", TODAY) == 1
        shelves.printings.root({other: root})
    with store.reading() as shelves:
        assert candidates(shelves, "all", TODAY) == []
        assert (shelves.papers.waiting("all", TODAY), shelves.papers.count()) == (0, 1)


def test_a_work_is_the_best_of_its_printings_and_the_first_stands_for_it(store: Store):
    cut = replace(PAPER, ref="b" * 16, title="ON KITES", abstract="We fly…", doi="10.1000/kites")
    late = replace(PAPER, first_seen=TODAY + timedelta(days=1))
    with store.writing() as shelves:
        root, member = read(shelves, cut, late)
        shelves.printings.root({member: root})
        shelves.printings.add({root: (printing(cut.title, cut.abstract), TODAY)})
        shelves.printings.add({member: (printing(late.title, late.abstract), late.first_seen)})
        said = Answered(member, Answer.SAME, root, "has the same title", 100.0, None)
        shelves.printings.answer([said])
    with store.reading() as shelves:
        found = shelves.papers.works([cut.ref, late.ref])
        assert (
            found[cut.ref]
            == found[late.ref]
            == replace(
                work(late),
                ref=cut.ref,
                first_seen=TODAY,
                doi="10.1000/kites",
                votes=(Votes(TODAY, None, 3), Votes(late.first_seen, None, 3)),
            )
        )
        assert shelves.papers.by_id("10.1000/kites") == [found[cut.ref]]
        assert shelves.printings.family(late.ref) == {root: cut.ref, member: late.ref}
        assert shelves.papers.names(cut.ref) == [
            Name(*(cut.ref, cut.title, cut.abstract, TODAY), Answer.NEW, "", None, None, None),
            Name(
                *(late.ref, late.title, late.abstract, late.first_seen),
                *(Answer.SAME, "has the same title", "ON KITES", 100.0, None),
            ),
        ]
        assert [each.ref for each in shelves.papers.sightings(cut.ref)] == [cut.ref, late.ref]
        assert {each.work for each in shelves.papers.export()} == {cut.ref}


def test_a_related_paper_names_the_work_that_it_follows_under_its_root(store: Store):
    first, second, sequel = (
        replace(PAPER, ref=letter * 16, first_seen=TODAY + timedelta(days=days))
        for days, letter in enumerate("abc")
    )
    with store.writing() as shelves:
        rows = read(shelves, first, second, sequel)
        for row, paper in zip(rows, (first, second, sequel), strict=True):
            shelves.printings.add({row: (printing(paper.title, ""), paper.first_seen)})
        shelves.printings.root({rows[1]: rows[0]})
        said = Answered(rows[2], Answer.RELATED, rows[1], "has another number", 90.0, 0.5)
        shelves.printings.answer([said])
    with store.reading() as shelves:
        assert shelves.papers.works([sequel.ref])[sequel.ref].follows == first.ref


def test_printings_come_back_as_dedupe_needs_them(store: Store):
    known = printing(
        "On Kites: A Study",
        "We fly kites over a harbour in the wind. " * 9,
        arxiv_id="2601.00001",
        doi="10.1/KITES",
        year=2026,
        authors=["Ada Byron", "Grace Moss"],
    )
    other = printing("Ropes", "")
    with store.writing() as shelves:
        one, two = read(
            shelves,
            replace(PAPER, ref=known.fingerprint.ref),
            replace(PAPER, ref=other.fingerprint.ref),
        )
        shelves.printings.add({one: (known, TODAY), two: (other, TODAY)})
        shelves.printings.add_keys(keyed([(one, known), (two, other)]))
        shelves.printings.answer([Answered(two, Answer.RELATED, one, "is", 1.5, 0.25)])
    with store.reading() as shelves:
        keys = {*known.names, *known.marks}
        rank = int(known.fingerprint.ref[:4], 16)
        assert shelves.printings.at([*keys, 7]) == ({key: [(rank, one)] for key in keys}, {})
        members = shelves.printings.members([one, two, 9_999], {two: date(2020, 1, 1)})
        assert members[one].fingerprint == known.fingerprint
        assert (members[one].day, members[one].answer, members[one].of) == (TODAY, Answer.NEW, None)
        assert members[two].fingerprint == other.fingerprint
        assert (members[two].day, members[two].of) == (date(2020, 1, 1), one)
        assert shelves.printings.dependents([one, two]) == {one: [two]}
        assert shelves.printings.ids([known.fingerprint.ref, "no"]) == {known.fingerprint.ref: one}
        assert shelves.printings.without_fingerprint(9) == []


def test_of_a_crowd_under_one_key_the_first_by_content_are_kept(store: Store):
    alike = [printing("Editorial", f"{n}") for n in range(CROWD + 5)]
    with store.writing() as shelves:
        rows = read(shelves, *(replace(PAPER, ref=each.fingerprint.ref) for each in alike))
        shelves.printings.add_keys(keyed(zip(rows, alike, strict=True)))
        (key,) = alike[0].names
        before = shelves.printings.at([key]).counting
        assert before[key] == sorted(before[key])
        shelves.printings.thin((key, place) for place in before[key][CROWD:])
        assert shelves.printings.at([key]) == ({key: before[key][:CROWD]}, {})


def test_a_rule_takes_the_place_of_an_earlier_one_whichever_is_named_first(store: Store):
    with store.writing() as shelves:
        shelves.printings.rule([("b", "a"), ("b", "c")], NOW, same=True)
        shelves.printings.rule([("a", "b")], NOW, same=False)
        pairs = frozenset("ab"), frozenset("bc")
        assert shelves.printings.rules() == Rules(frozenset(pairs[1:]), frozenset(pairs[:1]))
        shelves.printings.forget_rules([("c", "b"), ("b", "a"), ("x", "y")])
        assert shelves.printings.rules() == Rules()


def test_words_are_looked_for_as_they_are_and_not_as_a_pattern(store: Store):
    with store.writing() as shelves:
        read(shelves, PAPER, replace(PAPER, ref="b" * 16, title="A_B of kites"))
    with store.reading() as shelves:
        assert [each.title for each in shelves.papers.by_words("A_B", 9)] == ["A_B of kites"]
        assert shelves.papers.by_words("k_tes", 9) == []


def test_a_summary_replaces_the_one_before(store: Store):
    first = Summary("We fly.", None, ((0, 7),), 1, "lead-1")
    with store.writing() as shelves:
        read(shelves, PAPER)
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
        shelves.dumps.finish(again, 9, 4)
        assert shelves.dumps.mark() > before
        assert shelves.dumps.begin(DUMP) is None
        assert shelves.dumps.is_read(DUMP.sha256, TODAY)
        assert not shelves.dumps.is_read(DUMP.sha256, TODAY - timedelta(days=1))
        assert shelves.dumps.all() == [replace(DUMP, state=State.READ, papers=9, new=4)]


def test_papers_count_only_when_their_dump_is_whole(store: Store):
    with store.writing() as shelves:
        dump_id, rows = begin(shelves, (PAPER,))
        shelves.printings.add({rows[0]: (printing("On Kites", ""), TODAY)})
        assert shelves.papers.works([PAPER.ref]) == {}
        assert shelves.papers.printed(rows).keys() == set(rows)
        assert shelves.papers.counting(rows) == shelves.printings.members(rows, {}) == {}
        assert shelves.printings.members(rows, {rows[0]: TODAY}).keys() == set(rows)
        assert candidates(shelves, "all", TODAY) == []
        assert shelves.papers.by_words("kites", 9) == shelves.papers.by_id(PAPER.ref) == []
        assert (shelves.papers.count(), list(shelves.papers.export())) == (0, [])
        shelves.papers.finish(dump_id, [])
        shelves.dumps.finish(dump_id, 1, 1)
        assert candidates(shelves, "all", TODAY) == [work(PAPER)]
        assert [each.work for each in shelves.papers.export()] == [PAPER.ref]


def test_papers_count_too_when_another_dump_that_is_whole_has_them(store: Store):
    with store.writing() as shelves:
        _, rows = begin(shelves, (PAPER,))
        dump_id = shelves.dumps.begin(replace(DUMP, sha256="2" * 64))
        assert dump_id is not None
        shelves.papers.sight(dump_id, [Placed(1, rows[0], TODAY, Sighting("On Kites", "", 3))])
        shelves.papers.finish(dump_id, rows)
        shelves.dumps.finish(dump_id, 1, 1)
    with store.reading() as shelves:
        (found,) = candidates(shelves, "all", TODAY)
        assert (found.ref, found.votes) == (PAPER.ref, ())
        (exported,) = shelves.papers.export()
        sighting = Sighting("On Kites", "", 3)
        assert exported == Exported(
            PAPER.ref, history=False, sha256="2" * 64, format="hf_page", printed=sighting
        )


def test_what_is_retired_is_history_with_all_that_its_dump_has_seen(store: Store):
    other = replace(PAPER, ref="b" * 16)
    with store.writing() as shelves:
        read(shelves, PAPER)
        read(shelves, other, row=replace(DUMP, sha256="2" * 64))
        shelves.papers.retire(DUMP.sha256)
        assert candidates(shelves, "all", TODAY) == [work(other)]


def test_an_edition_and_its_message_come_back_as_they_were_frozen(store: Store):
    edition = edition_of(PAPER)
    with store.writing() as shelves:
        read(shelves, PAPER)
        shelves.editions.keep_quiet("all", TODAY, "no new papers")
        edition_id = shelves.editions.add(edition, MESSAGE, NOW)
    with store.reading() as shelves:
        assert list(shelves.editions.all()) == [edition]
        assert shelves.editions.form(edition_id) == MESSAGE
        assert shelves.editions.unfrozen() == []
        told = dict(shelves.editions.manifest(edition_id))
        assert re.fullmatch(r"[0-9a-f]{64}", told.pop("sha256"))
        assert told == manifest(MESSAGE)
        assert shelves.editions.latest("all", TODAY) == edition_id
        assert shelves.editions.last_day("all") == TODAY
        assert shelves.editions.quiet("all") == {}
        (listed,) = shelves.editions.of_paper(PAPER.ref)
        assert (listed.edition, listed.shown, listed.ref) == (edition, True, PAPER.ref)


def test_a_mail_that_is_not_what_was_frozen_is_not_given_out(store: Store):
    with store.writing() as shelves:
        read(shelves, PAPER)
        edition_id = shelves.editions.add(edition_of(PAPER), MESSAGE, NOW)
        other = replace(MESSAGE, end=b"")
        content = zlib.compress(FORM.dump_json(other))
        shelves.editions._connection.execute(update(message).values(content=content))
    with store.reading() as shelves, pytest.raises(StoreError, match="not what was frozen"):
        shelves.editions.form(edition_id)


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
        read(shelves, PAPER)
        shelves.editions.add(edition_of(PAPER), MESSAGE, NOW)
    with pytest.raises(StoreError), store.writing() as shelves:
        shelves.editions.add(edition_of(PAPER, number=2), MESSAGE, NOW)
    with store.reading() as shelves:
        assert shelves.editions.numbers("all", TODAY) == 1, "half of it was kept"


def news(store: Store, audience: str, day: date = TODAY) -> list[str]:
    """The titles of what is news to an audience that passes papers over."""
    with store.reading() as shelves:
        served = shelves.editions.served(audience, day)
        return [paper.title for paper in candidates(shelves, audience, day, served)]


def dumped(store: Store, *days: date, at: int) -> list[int]:
    """Store a dump, the `at`th, with a paper of each of these days; return their rows."""
    titles = [f"Dump {at}, {day:%a}" for day in days]
    made = [
        replace(PAPER, ref=f"{at:08x}{n:08x}", title=title, first_seen=day)
        for n, (title, day) in enumerate(zip(titles, days, strict=True))
    ]
    with store.writing() as shelves:
        return read(shelves, *made, row=replace(DUMP, name=f"{at}.txt", sha256=f"{at:064}"))


DAY = timedelta(days=1)


def test_what_an_audience_has_passed_over_is_no_news_to_it(store: Store):
    dumped(store, TODAY, TODAY + DAY, at=1)
    with store.writing() as shelves:
        edition = replace(edition_of(), audience="robots")
        shelves.editions.add(edition, MESSAGE, NOW, mark=shelves.dumps.mark())
    assert news(store, "robots") == []
    assert news(store, "robots", TODAY + DAY) == ["Dump 1, Sat"], "its day has come"
    dumped(store, TODAY - 9 * DAY, at=2)
    assert news(store, "robots") == ["Dump 2, Wed"], "a dump that was found late is still news"


def test_another_printing_does_not_make_a_work_news_again(store: Store):
    (old,) = dumped(store, TODAY, at=1)
    with store.writing() as shelves:
        edition = replace(edition_of(), audience="robots")
        shelves.editions.add(edition, MESSAGE, NOW, mark=shelves.dumps.mark())
    (new,) = dumped(store, TODAY, at=2)
    assert news(store, "robots") == ["Dump 2, Fri"]
    with store.writing() as shelves:
        shelves.printings.root({new: old})
    assert news(store, "robots") == []


def test_a_quiet_day_leaves_behind_what_nothing_of_waits(store: Store):
    dumped(store, TODAY, at=1)
    with store.writing() as shelves:
        shelves.editions.keep_quiet("robots", TODAY, "2 new papers, and min_papers is 3")
    assert news(store, "robots") == ["Dump 1, Fri"]
    with store.writing() as shelves:
        shelves.editions.keep_quiet("robots", TODAY, "none", mark=shelves.dumps.mark())
    assert news(store, "robots") == []


def test_a_new_audience_begins_behind_an_edition_that_is_a_week_old(store: Store):
    dumped(store, TODAY - 8 * DAY, at=1)
    assert news(store, "robots") == ["Dump 1, Thu"], "there is no edition yet"
    for ago in (8, 7, 1):
        with store.writing() as shelves:
            edition = replace(edition_of(), day=TODAY - ago * DAY)
            shelves.editions.add(edition, MESSAGE, NOW, mark=shelves.dumps.mark())
        dumped(store, TODAY - (ago - 1) * DAY, at=10 - ago)
    assert news(store, "robots") == ["Dump 3, Sat", "Dump 9, Fri"]


def test_the_last_look_is_the_audience_s_own_or_of_the_days_before(store: Store):
    def last_look(audience: str) -> date | None:
        with store.reading() as shelves:
            return shelves.editions.last_look(audience, TODAY)

    assert last_look("robots") is None
    with store.writing() as shelves:
        shelves.editions.add(edition_of(), MESSAGE, NOW)
    assert last_look("all") == TODAY
    assert last_look("robots") is None, "what is made today was no chance missed"
    with store.writing() as shelves:
        shelves.editions.keep_quiet("all", TODAY - DAY, "no new papers")
    assert last_look("robots") == TODAY - DAY
    with store.writing() as shelves:
        shelves.editions.keep_quiet("robots", TODAY - 5 * DAY, "no new papers")
    assert last_look("robots") == TODAY - 5 * DAY


def test_what_fails_half_way_leaves_nothing(store: Store):
    class Stop(Exception):
        pass

    def save_and_stop() -> None:
        with store.writing() as shelves:
            read(shelves, PAPER)
            raise Stop

    with pytest.raises(Stop):
        save_and_stop()
    with store.reading() as shelves:
        assert shelves.papers.count() == 0


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
        assert shelves.subscribers.find("others", "ada@lab.test") is None
    with pytest.raises(StoreError), store.writing() as shelves:
        shelves.subscribers.add("ada@lab.test", "all", Kind.READER, "another", NOW)


@pytest.mark.parametrize("start", ["ada", "Ada", "ADA@Lab.Test"])
def test_addresses_are_found_by_how_they_begin_in_whatever_letters(store: Store, start: str):
    ours = ["ada@lab.test", "ada@lab.test.example", "adam@lab.test", "bob@lab.test", "ad@lab.test"]
    with store.writing() as shelves:
        subscribed(shelves, *ours)
        shelves.subscribers.add("ada.else@lab.test", "images", Kind.READER, "else", NOW)
    with store.reading() as shelves:
        known = sorted(each for each in ours if each.startswith(start.lower()))
        assert sorted(shelves.subscribers.beginning("all", start, 9)) == known
        assert len(shelves.subscribers.beginning("all", start, 1)) == 1
        assert shelves.subscribers.beginning("all", "nobody", 9) == []


def test_they_are_found_by_index(store: Store):
    with store.reading() as shelves:
        connection = shelves.subscribers._connection
        asked = asked_of(connection)
        shelves.subscribers.beginning("all", "Ada", 9)
        statement, parameters = asked[-1]
        if connection.dialect.name == "sqlite":
            statement = f"EXPLAIN QUERY PLAN {statement}"
        else:
            connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
            statement = f"EXPLAIN {statement}"
        plan = str(connection.exec_driver_sql(statement, parameters).all())
    # Both the beginning and the end bound what is looked at.
    assert re.search(r"address ?>=?.*address ?<|address\)::text >=.*address\)::text <", plan), plan


def test_readers_are_counted_by_audience_and_nobody_else_with_them(store: Store):
    audiences = ["aardvarks", "all", "all", "zebras"]
    with store.writing() as shelves:
        for number, audience in enumerate(audiences):
            for kind, standing in itertools.product(Kind, Standing):
                token = f"{number} {kind} {standing}"
                added = shelves.subscribers.add(f"{token}@lab.test", audience, kind, token, NOW)
                shelves.subscribers.change(added.id, kind, standing, NOW)
        assert shelves.subscribers.readers() == {"aardvarks": 1, "all": 2, "zebras": 1}


def test_an_address_may_be_of_several_audiences(store: Store):
    with store.writing() as shelves:
        (ada,) = subscribed(shelves, "ada@lab.test")
        for audience in ("robots", "images"):
            shelves.subscribers.add("ada@lab.test", audience, Kind.READER, audience, NOW)
        shelves.subscribers.add("me@lab.test", "images", Kind.OWNER, "me", NOW)
        shelves.subscribers.change(ada, Kind.READER, Standing.LEFT, SOON)
        everywhere = shelves.subscribers.anywhere("ada@lab.test")
        assert [each.audience for each in everywhere] == ["all", "robots", "images"]
        assert shelves.subscribers.readers() == {"robots": 1, "images": 1}
        assert [each.address for each in shelves.subscribers.all("images")] == [
            "ada@lab.test",
            "me@lab.test",
        ]
        assert len(shelves.subscribers.all()) == 4


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
