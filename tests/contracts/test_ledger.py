"""What the ledger of deliveries promises, on SQLite and on PostgreSQL alike."""

import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from conftest import asked_of, wait_until
from sqlalchemy import text

from digest.errors import StoreError
from digest.model import Delivery, Edition, Form, Kind, OnUncertain, Outcome, Standing, Status
from digest.store import Shelves, Store, open_store
from digest.store.ledger import Ledger
from digest.store.mailings import ENDED

NOW = datetime(2026, 11, 20, 7, tzinfo=UTC)
LEASE = timedelta(minutes=15)
LATER = NOW + LEASE
NEWS_UNTIL = NOW + timedelta(days=3)
FORM = Form((b"Subject: Kites\r\n\r\n",), (b"We fly.\r\n",), (), b"")
SENT = Outcome(Status.SENT, "250 taken", taken=True)
DOUBTFUL = Outcome(Status.UNCERTAIN, "no answer", doubt=True)


class Clock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


@dataclass
class Desk:
    """A store in which readers wait for one edition, and the means to work on it."""

    store: Store
    edition: int
    clock: Clock = field(default_factory=Clock)

    def start(self, *workers: str) -> None:
        with self.store.writing() as shelves:
            for worker in workers:
                shelves.deliveries.lease(worker, self.clock() + LEASE)

    def claim(self, worker: str, most: int = 9) -> list[Delivery]:
        with self.store.writing() as shelves:
            return shelves.deliveries.claim(self.edition, worker, self.clock(), most)

    def ledger(self, worker: str) -> Any:
        return self.store.ledger(worker, LEASE, self.clock)

    def counts(self) -> dict[str, int]:
        with self.store.reading() as shelves:
            counts = shelves.deliveries.of_edition(self.edition)
        return {status.value: count for status, count in counts.items()}

    def row(self, delivery_id: int) -> dict[str, Any]:
        with self.store.reading() as shelves:
            query = text("SELECT * FROM delivery WHERE id = :id")
            found = shelves.deliveries._connection.execute(query, {"id": delivery_id})
            return dict(found.one()._mapping)

    def take_over(self, worker: str, found: Outcome) -> None:
        """Do what a run does about one that has gone."""
        with self.store.writing() as shelves:
            for each in shelves.deliveries.begun_by([worker], self.clock()):
                shelves.deliveries.take_over(each.id, found, self.clock())
            shelves.deliveries.forget([worker])


def publish(shelves: Shelves, number: int = 1) -> int:
    edition_id = shelves.editions.add(Edition("all", NOW.date(), number, ()), FORM, NOW)
    planned = shelves.deliveries.plan(edition_id, "all", Kind.READER, NOW)
    shelves.mailings.add(edition_id, planned, NEWS_UNTIL)
    return edition_id


def desk_of(store: Store, readers: int) -> Desk:
    with store.writing() as shelves:
        for n in range(readers):
            address = f"reader{n}@lab{n % 2}.test"
            shelves.subscribers.add(address, "all", Kind.READER, f"token {n}", NOW)
        return Desk(store, publish(shelves))


@pytest.fixture
def desk(store: Store) -> Desk:
    return desk_of(store, 2)


# --- planning -----------------------------------------------------------------------------------


def test_an_edition_is_owed_to_the_active_readers_of_its_audience(store: Store):
    with store.writing() as shelves:
        add = shelves.subscribers.add
        one = add("ada@lab.test", "all", Kind.READER, "1", NOW)
        gone = add("grace@lab.test", "all", Kind.READER, "2", NOW)
        add("ines@lab.test", "others", Kind.READER, "3", NOW)
        add("owner@lab.test", "all", Kind.OWNER, "4", NOW)
        shelves.subscribers.change(gone.id, Kind.READER, Standing.LEFT, NOW)
        edition_id = publish(shelves)
        shelves.deliveries.lease("me", LATER)
        (owed,) = shelves.deliveries.claim(edition_id, "me", NOW, 9)
        assert owed == Delivery(owed.id, edition_id, "2026-11-20", one, Status.WAITING, 0)
        (mailing,) = shelves.mailings.open()
        assert (mailing.planned, mailing.not_after, mailing.edition) == (
            *(1, NEWS_UNTIL, "2026-11-20"),
        )


def test_a_reader_is_owed_an_edition_once(desk: Desk):
    with pytest.raises(StoreError), desk.store.writing() as shelves:
        shelves.deliveries.plan_one(desk.edition, 1, NOW)
    assert desk.counts() == {"waiting": 2}


# --- claiming and sending -----------------------------------------------------------------------


def test_a_delivery_is_claimed_by_one_and_sent_once(desk: Desk):
    desk.start("me", "you")
    (mine,), (yours,) = desk.claim("me", most=1), desk.claim("you")
    assert mine.subscriber.address == "reader0@lab0.test"
    assert yours.subscriber.address == "reader1@lab1.test"
    with desk.ledger("me") as ledger, desk.ledger("you") as other:
        assert not other.begin(mine.id), "it is not yours"
        assert ledger.begin(mine.id)
        assert not ledger.begin(mine.id), "it has begun already"
        assert desk.counts() == {"sending": 1, "waiting": 1}
        ledger.note(mine.id, SENT)
        ledger.flush()
        assert other.begin(yours.id)
    assert desk.claim("me") == []
    assert desk.counts() == {"sent": 1, "sending": 1}
    row = desk.row(mine.id)
    assert (row["taken"], row["doubts"], row["attempts"], row["detail"], row["worker"]) == (
        *(1, 0, 1, "250 taken", None),
    )


def test_what_is_noted_is_written_with_the_next_that_begins(desk: Desk):
    desk.start("me")
    one, two = desk.claim("me")
    with desk.ledger("me") as ledger:
        assert ledger.begin(one.id)
        ledger.note(one.id, SENT)
        assert desk.counts() == {"sending": 1, "waiting": 1}
        assert ledger.begin(two.id)
        assert desk.counts() == {"sent": 1, "sending": 1}


def test_times_are_stored_as_the_shelves_store_them(desk: Desk):
    desk.start("me")
    one, two = desk.claim("me")
    desk.clock.now = NOW + timedelta(seconds=1)
    put_off = Outcome(Status.WAITING, "450 later", LATER)
    with desk.ledger("me") as ledger:
        assert ledger.begin(one.id)
        assert ledger.begin(two.id)
        ledger.note(one.id, put_off)
        ledger.flush()
    with desk.store.writing() as shelves:
        shelves.deliveries.take_over(two.id, put_off, desk.clock())
    first, second = desk.row(one.id), desk.row(two.id)
    for column in ("not_before", "changed_at", "status", "attempts", "detail", "worker"):
        assert first[column] == second[column]


def test_many_connections_at_once_begin_and_settle_each_delivery_once(store: Store):
    desk = desk_of(store, 60)
    desk.start("a", "b")
    begun: list[int] = []

    def carry(ledger: Ledger, mine: list[Delivery]) -> None:
        while mine:
            try:
                each = mine.pop()
            except IndexError:
                return
            if ledger.begin(each.id):
                begun.append(each.id)
                ledger.note(each.id, SENT)

    with desk.ledger("a") as one, desk.ledger("b") as two, ThreadPoolExecutor(8) as pool:
        first, second = desk.claim("a", 30), desk.claim("b", 30)
        for ledger, mine in ((one, first), (two, second)):
            for _ in range(4):
                pool.submit(carry, ledger, mine)
        pool.shutdown()
        one.flush()
        two.flush()
    assert len(begun) == len(set(begun)) == 60
    assert desk.counts() == {"sent": 60}


def test_many_runs_at_once_claim_each_delivery_once(store: Store):
    desk = desk_of(store, 60)

    def claim(worker: int) -> list[int]:
        desk.start(str(worker))
        claimed = []
        while batch := desk.claim(str(worker), most=7):
            claimed += [each.id for each in batch]
        return claimed

    with ThreadPoolExecutor(4) as pool:
        claimed = [each for batch in pool.map(claim, range(4)) for each in batch]
    assert sorted(claimed) == sorted(set(claimed))
    assert len(claimed) == 60


# --- what keeps a delivery from beginning -------------------------------------------------------


def change_reader(standing: Standing) -> Callable[[Shelves, Desk], None]:
    return lambda shelves, _: shelves.subscribers.change(1, Kind.READER, standing, NOW)


@pytest.mark.parametrize(
    "happens",
    [
        *(change_reader(Standing.LEFT), change_reader(Standing.COMPLAINED)),
        lambda shelves, desk: shelves.mailings.pause([desk.edition], "why", NOW),
        lambda shelves, desk: shelves.mailings.cancel([desk.edition], NOW),
        lambda shelves, _: shelves.deliveries.forget(["me"]),
        lambda _, desk: setattr(desk.clock, "now", LATER),
    ],
    ids=["left", "complained", "paused", "cancelled", "taken over", "lease ended"],
)
def test_what_happens_before_a_delivery_begins_is_heard(desk: Desk, happens: Any):
    desk.start("me")
    first, _ = desk.claim("me")
    with desk.ledger("me") as ledger:
        with desk.store.writing() as shelves:
            happens(shelves, desk)
        assert not ledger.begin(first.id)
        assert ledger.failure is None
    assert desk.counts() == {"waiting": 2}


def test_an_edition_that_is_no_longer_news_does_not_begin(store: Store):
    desk = desk_of(store, 1)
    with store.writing() as shelves:
        shelves.deliveries.lease("me", NEWS_UNTIL + LEASE)
    (owed,) = desk.claim("me")
    with desk.ledger("me") as ledger:
        desk.clock.now = NEWS_UNTIL
        assert not ledger.begin(owed.id)
        with store.writing() as shelves:
            assert shelves.mailings.going_on(NEWS_UNTIL) == []
            shelves.deliveries.release("me")
            assert shelves.deliveries.expire(NEWS_UNTIL) == 1
    assert desk.counts() == {"expired": 1}


def test_who_has_left_is_not_claimed_and_is_let_go(desk: Desk):
    with desk.store.writing() as shelves:
        shelves.subscribers.change(1, Kind.READER, Standing.LEFT, NOW)
    desk.start("me")
    (other,) = desk.claim("me")
    assert other.subscriber.id == 2
    with desk.store.writing() as shelves:
        assert shelves.deliveries.suppress(NOW) == 1
    assert desk.counts() == {"suppressed": 1, "waiting": 1}


def test_a_cancelled_edition_lets_go_what_waits_and_keeps_what_went_out(desk: Desk):
    desk.start("me")
    (one,) = desk.claim("me", most=1)
    with desk.ledger("me") as ledger:
        ledger.begin(one.id)
        with desk.store.writing() as shelves:
            shelves.mailings.cancel([desk.edition], NOW)
            assert shelves.deliveries.suppress(NOW) == 1
            assert shelves.mailings.going_on(NOW) == []
        ledger.note(one.id, SENT)
        ledger.flush()
    assert desk.counts() == {"sent": 1, "suppressed": 1}


def test_a_lease_is_renewed_while_its_run_works(desk: Desk):
    desk.start("me")
    one, two = desk.claim("me")
    with desk.ledger("me") as ledger:
        for _ in range(4):
            desk.clock.now += LEASE / 2
            ledger.flush()
        assert ledger.begin(one.id)
        desk.clock.now += LEASE
        ledger.flush()
        assert not ledger.begin(two.id), "one that has ended is not renewed"


def test_what_was_put_off_is_due_at_its_time(desk: Desk):
    desk.start("me")
    with desk.ledger("me") as ledger:
        for each in desk.claim("me"):
            ledger.note(each.id, Outcome(Status.WAITING, "450 later", LATER))
        ledger.flush()
    with desk.store.writing() as shelves:
        assert shelves.deliveries.next_due() == LATER
        assert shelves.deliveries.claim(desk.edition, "me", NOW, 9) == []
        shelves.deliveries.lease("later", LATER + LEASE)
        again = shelves.deliveries.claim(desk.edition, "later", LATER, 9)
        assert [(each.attempts, each.timed) for each in again] == [(1, True)] * 2
        shelves.mailings.pause([desk.edition], "why", NOW)
        assert shelves.deliveries.next_due() is None


# --- those who are gone -------------------------------------------------------------------------


def test_a_run_is_gone_by_its_name_or_when_its_lease_has_ended(desk: Desk):
    desk.start("a", "b")
    with desk.store.reading() as shelves:
        assert shelves.deliveries.gone("b".__eq__, NOW) == ["b"]
        assert shelves.deliveries.gone(lambda _: False, LATER) == ["a", "b"]


def test_what_a_dead_run_had_in_hand_is_given_back_or_decided(desk: Desk):
    desk.start("dead", "me")
    first, second = desk.claim("dead")
    with desk.ledger("dead") as ledger:
        ledger.begin(first.id)
    with desk.store.reading() as shelves:
        assert shelves.deliveries.left_behind(["dead"]) == 1
        (begun,) = shelves.deliveries.begun_by(["dead"], NOW)
        assert begun.id == first.id
    desk.take_over("dead", DOUBTFUL)
    assert desk.counts() == {"uncertain": 1, "waiting": 1}
    assert [each.id for each in desk.claim("me")] == [second.id]
    assert desk.row(first.id)["doubts"] == 1


def test_a_run_that_was_forgotten_claims_nothing_any_more(desk: Desk):
    desk.start("frozen", "me")
    with desk.store.writing() as shelves:
        shelves.deliveries.forget(["frozen"])
    assert desk.claim("frozen") == []
    assert len(desk.claim("me")) == 2


def test_a_run_that_ends_gives_back_what_it_has_not_begun(desk: Desk):
    desk.start("me", "you")
    one, two = desk.claim("me")
    with desk.ledger("me") as ledger:
        ledger.begin(one.id)
    with desk.store.writing() as shelves:
        shelves.deliveries.end_lease("me", NOW)
        assert shelves.deliveries.gone(lambda _: False, NOW) == ["me"], "one is being sent still"
    assert [each.id for each in desk.claim("you")] == [two.id]
    with desk.store.writing() as shelves:
        shelves.deliveries.end_lease("you", NOW)
        assert shelves.deliveries.gone(lambda _: True, NOW) == ["me"]


@pytest.mark.parametrize("given_up", [DOUBTFUL, replace(DOUBTFUL, status=Status.WAITING)])
def test_an_answer_that_comes_late_takes_the_doubt_away(desk: Desk, given_up: Outcome):
    desk.start("frozen")
    (one,) = desk.claim("frozen", most=1)
    with desk.ledger("frozen") as ledger:
        ledger.begin(one.id)
        desk.take_over("frozen", replace(given_up, not_before=NOW))
        ledger.note(one.id, SENT)
        ledger.flush()
    row = desk.row(one.id)
    assert (row["status"], row["taken"], row["doubts"], row["worker"]) == ("sent", 1, 0, None)


def test_an_answer_that_comes_late_opens_an_edition_that_was_finished(desk: Desk):
    desk.start("frozen")
    one, _ = desk.claim("frozen")
    with desk.ledger("frozen") as ledger:
        ledger.begin(one.id)
        desk.take_over("frozen", DOUBTFUL)
        with desk.store.writing() as shelves:
            account = shelves.mailings.account(desk.edition)
            shelves.mailings.finish(desk.edition, account, NOW)
            assert shelves.mailings.open() == []
        ledger.note(one.id, SENT)
        ledger.flush()
        with desk.store.reading() as shelves:
            assert [each.edition_id for each in shelves.mailings.open()] == [desk.edition]


def test_two_that_send_one_delivery_are_known_to_have_sent_it_twice(desk: Desk):
    desk.start("frozen", "me")
    one, _ = desk.claim("frozen")
    with desk.ledger("frozen") as frozen, desk.ledger("me") as mine:
        frozen.begin(one.id)
        desk.take_over("frozen", replace(DOUBTFUL, status=Status.WAITING, not_before=NOW))
        assert desk.claim("me")[0].id == one.id
        mine.begin(one.id)
        frozen.note(one.id, SENT)
        frozen.flush()
        mine.note(one.id, SENT)
        mine.flush()
    with desk.store.reading() as shelves:
        assert shelves.deliveries.twice(desk.edition) == 1
        account = shelves.mailings.account(desk.edition)
    assert (account.taken, account.twice, account.perhaps_twice) == (2, 1, 1)


def test_a_late_answer_is_not_lost_when_the_second_attempt_fails(desk: Desk):
    desk.start("frozen", "me")
    one, _ = desk.claim("frozen")
    with desk.ledger("frozen") as frozen, desk.ledger("me") as mine:
        frozen.begin(one.id)
        desk.take_over("frozen", replace(DOUBTFUL, status=Status.WAITING, not_before=NOW))
        assert desk.claim("me")[0].id == one.id
        mine.begin(one.id)
        frozen.note(one.id, SENT)
        frozen.flush()
        mine.note(one.id, Outcome(Status.REFUSED, "550 no"))
        mine.flush()
    assert desk.row(one.id)["status"] == "sent"


# --- as a whole ---------------------------------------------------------------------------------


def test_counts_come_from_the_rows_until_an_edition_is_finished_and_then_from_its_end(desk: Desk):
    desk.start("me")
    with desk.ledger("me") as ledger:
        for each in desk.claim("me"):
            ledger.note(each.id, SENT)
        ledger.flush()
    with desk.store.writing() as shelves:
        before = shelves.deliveries.counts(shelves.deliveries.of_open())
        assert (before[Status.SENT], sum(before.values())) == (2, 2)
        shelves.mailings.finish(desk.edition, shelves.mailings.account(desk.edition), NOW)
        frozen = dict.fromkeys(ENDED, 0) | {Status.SENT: 2}
        assert shelves.mailings.frozen(desk.edition) == frozen
        publish(shelves, number=2)
        after = shelves.deliveries.counts(shelves.deliveries.of_open())
    assert (after[Status.SENT], after[Status.WAITING]) == (2, 2)


def test_a_person_lets_an_edition_go_on_although_it_was_sent_twice(desk: Desk):
    with desk.store.writing() as shelves:
        shelves.deliveries._connection.execute(text("UPDATE delivery SET taken = 2 WHERE id = 1"))
        shelves.mailings.pause([desk.edition], "twice", NOW)
        shelves.mailings.pause([desk.edition], "another reason", NOW)
        (paused,) = shelves.mailings.open()
        assert paused.paused_why == "twice"
        shelves.mailings.resume([desk.edition])
        (resumed,) = shelves.mailings.open()
    assert (resumed.paused_why, resumed.known_twice) == (None, 1)


def test_one_more_reader_reopens_an_edition_and_makes_it_news_again(desk: Desk):
    with desk.store.writing() as shelves:
        shelves.mailings.finish(desk.edition, shelves.mailings.account(desk.edition), NOW)
        shelves.mailings.reopen(desk.edition, 1, LATER)
        (mailing,) = shelves.mailings.open()
        assert (mailing.planned, mailing.not_after) == (3, NEWS_UNTIL)
        shelves.mailings.reopen(desk.edition, 0, NEWS_UNTIL + LEASE)
        assert shelves.mailings.of_edition(desk.edition).not_after == NEWS_UNTIL + LEASE


def test_what_is_uncertain_is_tried_again_when_a_person_says_so(desk: Desk):
    with desk.store.writing() as shelves:
        shelves.deliveries._connection.execute(
            text("UPDATE delivery SET status = 'uncertain', doubts = 1 WHERE id = 1")
        )
        shelves.mailings.decide(desk.edition, OnUncertain.RESEND)
        assert shelves.mailings.of_edition(desk.edition).on_uncertain is OnUncertain.RESEND
        assert shelves.deliveries.again(desk.edition, NOW) == 1
        assert shelves.deliveries.again(desk.edition, NOW, 2) == 0, "it waits anyway"
    assert desk.counts() == {"waiting": 2}


def test_problems_are_those_of_the_latest_editions_first(desk: Desk):
    with desk.store.writing() as shelves:
        publish(shelves, number=2)
        execute = shelves.deliveries._connection.execute
        execute(text("UPDATE delivery SET status = 'refused', detail = '550' WHERE id <> 2"))
        shelves.mailings.finish(desk.edition, shelves.mailings.account(desk.edition), NOW)
        found = shelves.deliveries.problems(None)
        assert [(name, status) for name, _, status, _ in found] == [
            *(("2026-11-20-2", "refused"), ("2026-11-20-2", "refused"), ("2026-11-20", "refused")),
        ]
        assert shelves.deliveries.problems(1) == found[:1]


def test_problems_of_an_edition_stand_in_the_order_of_its_rows(store: Store):
    desk = desk_of(store, 5)
    stands = ["expired", "refused", "sent", "uncertain", "refused"]
    with desk.store.writing() as shelves:
        execute = shelves.deliveries._connection.execute
        rows = [{"id": row, "status": status} for row, status in enumerate(stands, start=1)]
        execute(text("UPDATE delivery SET status = :status WHERE id = :id"), rows)
        found = shelves.deliveries.problems(None)
        assert [status for _, _, status, _ in found] == [each for each in stands if each != "sent"]
        assert shelves.deliveries.problems(3) == found[:3]


def test_what_status_asks_of_long_lists_is_counted_in_an_index_and_nothing_is_sorted(
    tmp_path: Path,
):
    store = open_store(f"sqlite:///{tmp_path}/digest.db")
    edition = desk_of(store, 2).edition
    with store.reading() as shelves:
        connection = shelves.deliveries._connection
        asked = asked_of(connection)
        assert shelves.subscribers.readers() == {"all": 2}
        assert shelves.deliveries.of_edition(edition) == {Status.WAITING: 2}
        assert shelves.deliveries.problems(20) == []
        plans = [
            step.detail
            for statement, parameters in list(asked)
            for step in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
        ]
    store.close()
    looks = [step for step in plans if re.search("delivery|subscriber", step)]
    assert looks
    # SQLite takes the number of all rows from the pages of the index that it names.
    whole = [step for step in looks if step.startswith("SCAN subscriber USING COVERING INDEX")]
    assert len(whole) == 1
    assert all(step.startswith("SEARCH") for step in looks if step not in whole), plans
    assert "TEMP B-TREE" not in str(plans)


def test_a_pace_is_kept_for_all_who_ask(store: Store):
    with store.writing() as shelves:
        shelves.paces.keep({"smtp": NOW, "lab.test": LATER})
        shelves.paces.keep({"smtp": LATER})
    with store.reading() as shelves:
        found = shelves.paces.next_at(["smtp", "lab.test", "other.test"])
    assert found == {"smtp": LATER, "lab.test": LATER}


# --- a database that cannot be written ----------------------------------------------------------


def test_nothing_begins_where_it_cannot_be_written_down_and_nothing_is_forgotten(tmp_path: Path):
    store = open_store(f"sqlite:///{tmp_path}/digest.db")
    desk = desk_of(store, 2)
    desk.start("me")
    one, two = desk.claim("me")
    with desk.ledger("me") as ledger:
        assert ledger.begin(one.id)
        fill(ledger)
        ledger.note(one.id, replace(SENT, detail="x" * 50_000))
        assert not ledger.begin(two.id)
        assert ledger.failure is not None
        assert "full" in str(ledger.failure)
        with pytest.raises(StoreError, match="full"):
            ledger.flush()
        ledger._connection.cursor().execute("PRAGMA max_page_count = 1000000")
        ledger.flush()
        assert ledger.failure is None
        assert desk.counts() == {"sent": 1, "waiting": 1}
        assert ledger.begin(two.id)
    store.close()


def fill(ledger: Ledger) -> None:
    """Let the database have no page more than it has."""
    cursor = ledger._connection.cursor()
    (pages,) = cursor.execute("PRAGMA page_count").fetchone()
    cursor.execute(f"PRAGMA max_page_count = {pages}")


@contextmanager
def traced(path: Path, size: int) -> Iterator[tuple[Store, Ledger, list[Delivery], list[str]]]:
    """The ledger of a run that has claimed so many, and what it says to its database."""
    store = open_store(f"sqlite:///{path}/digest.db")
    desk = desk_of(store, size)
    desk.start("me")
    claimed = desk.claim("me")
    statements: list[str] = []
    with desk.ledger("me") as ledger:
        ledger._connection.driver_connection.set_trace_callback(statements.append)
        yield store, ledger, claimed, statements
    store.close()


def test_those_who_wait_while_one_commits_are_committed_together(tmp_path: Path):
    with (
        traced(tmp_path, 9) as (store, ledger, claimed, statements),
        ThreadPoolExecutor(9) as pool,
    ):
        with store.writing():  # the first of them has to wait for it
            begun = [pool.submit(ledger.begin, each.id) for each in claimed]
            wait_until(lambda: len(ledger._questions) == 8)
        assert all(each.result() for each in begun)
        assert statements.count("COMMIT") == 2


def test_a_commit_waits_for_others_until_enough_have_asked_or_the_moment_is_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("digest.store.ledger.MOMENT", 60)
    with traced(tmp_path, 5) as (_, ledger, claimed, statements), ThreadPoolExecutor(4) as pool:
        begun = [pool.submit(ledger.begin, each.id, 4) for each in claimed[:4]]
        assert all(each.result(timeout=30) for each in begun), "the fourth ends the moment"
        assert statements.count("COMMIT") == 1
        monkeypatch.setattr("digest.store.ledger.MOMENT", 0.001)
        assert ledger.begin(claimed[4].id, 4)  # nobody joins it
        assert statements.count("COMMIT") == 2
