"""Whatever happens in whatever order, the ledger of a real database adds up.

Beside the ledger stands a relay that counts the copies it has really taken. Runs claim, begin and
settle, die and freeze; readers leave; time passes. What the ledger says is held against the relay.
"""

import shutil
import tempfile
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from digest.accounts import alarms
from digest.deliver import outcome, stale
from digest.errors import DeliveryError, Refused, TryLater, Uncertain
from digest.model import Delivery, Edition, Form, Kind, OnUncertain, Receipt, Standing, Status
from digest.store import Store, open_store
from digest.store.ledger import Ledger

START = datetime(2026, 11, 20, 7, tzinfo=UTC)
LEASE = timedelta(minutes=15)
NEWS_FOR = timedelta(hours=9)
FORM = Form((b"Subject: Kites\r\n\r\n",), (b"We fly.\r\n",), (), b"")
TAKEN, TAKEN_IN_SILENCE = Receipt("250"), Uncertain("the reply was lost")
READERS = 5
MOST_RUNS = 8
OPEN = {Status.WAITING, Status.SENDING}


@dataclass
class Run:
    """A run of deliver: its ledger, what it has claimed, and what it has given away."""

    name: str
    ledger: Ledger
    claimed: list[Delivery] = field(default_factory=list)
    in_flight: list[tuple[Delivery, Receipt | DeliveryError]] = field(default_factory=list)


class Deliveries(RuleBasedStateMachine):
    template: Path

    def __init__(self) -> None:
        super().__init__()
        self.close = ExitStack()
        folder = Path(self.close.enter_context(tempfile.TemporaryDirectory()))
        shutil.copy(self.template, folder / "digest.db")
        self.store: Store = open_store(f"sqlite:///{folder}/digest.db")
        self.close.callback(self.store.close)
        self.now = START
        self.runs: list[Run] = []
        self.dead: set[str] = set()
        self.names = 0
        self.copies: Counter[int] = Counter()
        self.doubts: Counter[int] = Counter()
        self.gone: set[int] = set()
        self.paused = False

    @initialize(policy=st.sampled_from(OnUncertain))
    def publish(self, policy: OnUncertain) -> None:
        self.policy = policy
        with self.store.writing() as shelves:
            self.edition = shelves.editions.add(Edition("all", START.date(), 1, ()), FORM, START)
            for n in range(READERS):
                shelves.subscribers.add(f"{n}@lab.test", "all", Kind.READER, f"{n}", START)
            planned = shelves.deliveries.plan(self.edition, "all", Kind.READER, START)
            shelves.mailings.add(self.edition, planned, START + NEWS_FOR)
        for most in (2, READERS):
            self.start(most)

    # --- what runs do ---------------------------------------------------------------------------

    @precondition(lambda self: self.names < MOST_RUNS)
    @rule(most=st.integers(0, READERS))
    def starts(self, most: int) -> None:
        self.start(most)

    def start(self, most: int) -> None:
        """Begin a run as the program does: by deciding what the dead have left."""
        self.names += 1
        name = f"run {self.names}"
        with self.store.writing() as shelves:
            gone = shelves.deliveries.gone(self.dead.__contains__, self.now)
            for each in shelves.deliveries.begun_by(gone, self.now):
                found = stale(each, self.policy, self.now, repeatable=False)
                shelves.deliveries.take_over(each.id, found, self.now)
                self.doubts[each.id] += 1
            shelves.deliveries.forget(gone)
            shelves.deliveries.lease(name, self.now + LEASE)
        ledger = self.close.enter_context(self.store.ledger(name, LEASE, lambda: self.now))
        self.runs.append(Run(name, ledger))
        self.claim(self.runs[-1], most)

    @precondition(lambda self: self.runs)
    @rule(data=st.data(), most=st.integers(1, READERS))
    def claims(self, data: st.DataObject, most: int) -> None:
        self.claim(data.draw(st.sampled_from(self.runs)), most)

    def claim(self, run: Run, most: int) -> None:
        with self.store.writing() as shelves:
            for each in shelves.mailings.going_on(self.now):
                run.claimed += shelves.deliveries.claim(each.edition_id, run.name, self.now, most)

    @precondition(lambda self: any(run.claimed for run in self.runs))
    @rule(
        data=st.data(),
        answer=st.sampled_from(
            [TAKEN, Refused("550"), TryLater("450"), Uncertain("lost"), TAKEN_IN_SILENCE]
        ),
    )
    def sends(self, data: st.DataObject, answer: Receipt | DeliveryError) -> None:
        self.send(data.draw(st.sampled_from([run for run in self.runs if run.claimed])), answer)

    def send(self, run: Run, answer: Receipt | DeliveryError) -> None:
        """Give a mail away if the ledger lets it; the relay may take it and be silent."""
        delivery = run.claimed.pop()
        if not run.ledger.begin(delivery.id):
            return
        assert delivery.subscriber.id not in self.gone
        assert not self.paused
        assert self.now < START + NEWS_FOR
        assert self.row(delivery.id) == Status.SENDING
        self.copies[delivery.id] += answer in {TAKEN, TAKEN_IN_SILENCE}
        run.in_flight.append((delivery, answer))

    @precondition(lambda self: any(run.in_flight for run in self.runs))
    @rule(data=st.data(), at_once=st.booleans())
    def hears(self, data: st.DataObject, at_once: bool) -> None:
        run = data.draw(st.sampled_from([run for run in self.runs if run.in_flight]))
        delivery, answer = run.in_flight.pop(0)
        self.doubts[delivery.id] += isinstance(answer, Uncertain)
        run.ledger.note(delivery.id, outcome(answer, delivery, self.policy, self.now))
        if at_once:
            run.ledger.flush()

    @precondition(lambda self: self.runs)
    @rule(data=st.data())
    def ends(self, data: st.DataObject) -> None:
        run = data.draw(st.sampled_from(self.runs))
        while run.in_flight:
            delivery, answer = run.in_flight.pop(0)
            self.doubts[delivery.id] += isinstance(answer, Uncertain)
            run.ledger.note(delivery.id, outcome(answer, delivery, self.policy, self.now))
        run.ledger.flush()
        with self.store.writing() as shelves:
            shelves.deliveries.end_lease(run.name, self.now)
        self.runs.remove(run)

    @precondition(lambda self: self.runs)
    @rule(data=st.data())
    def dies(self, data: st.DataObject) -> None:
        run = data.draw(st.sampled_from(self.runs))
        self.runs.remove(run)
        self.dead.add(run.name)

    # --- what happens to them -------------------------------------------------------------------

    @rule(minutes=st.sampled_from([1, 1, 6, 6, 20, 60]))
    def time_passes(self, minutes: int) -> None:
        """A run that does nothing meanwhile is as good as frozen: its lease ends."""
        self.now += timedelta(minutes=minutes)

    @rule(
        subscriber=st.integers(1, READERS),
        standing=st.sampled_from([Standing.LEFT, Standing.COMPLAINED]),
    )
    def leaves(self, subscriber: int, standing: Standing) -> None:
        with self.store.writing() as shelves:
            shelves.subscribers.change(subscriber, Kind.READER, standing, self.now)
        self.gone.add(subscriber)

    @rule()
    def is_paused_or_resumed(self) -> None:
        self.pause(paused=not self.paused)

    def pause(self, *, paused: bool) -> None:
        with self.store.writing() as shelves:
            if paused:
                shelves.mailings.pause([self.edition], "why", self.now)
            else:
                shelves.mailings.resume([self.edition])
        self.paused = paused

    @precondition(lambda self: self.gone or self.now >= START + NEWS_FOR)
    @rule()
    def lets_go(self) -> None:
        self.let_go()

    def let_go(self) -> None:
        with self.store.writing() as shelves:
            shelves.deliveries.suppress(self.now)
            shelves.deliveries.expire(self.now)

    @precondition(lambda self: not OPEN & {status for status, _, _ in self.rows().values()})
    @rule()
    def closes(self) -> None:
        with self.store.writing() as shelves:
            for each in shelves.mailings.open():
                account = shelves.mailings.account(each.edition_id)
                if account.is_finished(self.policy):
                    assert not any(account.counts[status] for status in OPEN)
                    shelves.mailings.finish(each.edition_id, account, self.now)

    # --- what always holds ----------------------------------------------------------------------

    def row(self, delivery_id: int) -> Status:
        return self.rows()[delivery_id][0]

    def rows(self) -> dict[int, tuple[Status, int, int]]:
        with self.store.reading() as shelves:
            found = shelves.deliveries._connection.exec_driver_sql(
                "SELECT id, status, taken, doubts FROM delivery"
            )
            return {row[0]: (Status(row[1]), row[2], row[3]) for row in found}

    @invariant()
    def adds_up(self) -> None:
        with self.store.reading() as shelves:
            account = shelves.mailings.account(self.edition)
            known = shelves.mailings.of_edition(self.edition).known_twice
            assert sum(account.counts.values()) == account.planned == READERS
            counts = shelves.deliveries.counts(shelves.deliveries.of_open())
            assert (counts.keys(), sum(counts.values())) == (set(Status), READERS)
        twice = [said for said in alarms(account, known) if "more than once" not in said]
        assert [said for said in twice if "were taken" not in said] == []

    @invariant()
    def knows_of_every_copy_that_the_relay_has_taken(self) -> None:
        for delivery_id, (status, taken, doubts) in self.rows().items():
            copies = self.copies[delivery_id]
            unheard = max(self.unheard(delivery_id), status is Status.SENDING)
            assert taken <= copies <= taken + doubts + unheard
            assert copies <= 1 + self.doubts[delivery_id] + self.unheard(delivery_id)
            if status is Status.SENT:
                assert copies
            if self.policy is not OnUncertain.RESEND:
                assert copies <= 1

    def unheard(self, delivery_id: int) -> int:
        """How many runs that are alive have yet to write down what became of it."""
        flying = [each.id for run in self.runs for each, _ in run.in_flight]
        noted = [noted_id for run in self.runs for noted_id, _ in run.ledger._notes]
        return (flying + noted).count(delivery_id)

    def teardown(self) -> None:
        """In the end nobody is forgotten: a last run brings each delivery to its end."""
        try:
            self.now += LEASE * 5
            self.start(0)
            self.pause(paused=False)
            last = self.runs[-1]
            for _ in range(10):
                self.now += LEASE / 2
                last.ledger.flush()
                self.claim(last, READERS)
                while last.claimed:
                    each = last.claimed.pop()
                    if last.ledger.begin(each.id):
                        self.copies[each.id] += 1
                        sent = outcome(TAKEN, each, self.policy, self.now)
                        last.ledger.note(each.id, sent)
                last.ledger.flush()
            self.let_go()
            assert not OPEN & {status for status, _, _ in self.rows().values()}
            self.adds_up()
            self.knows_of_every_copy_that_the_relay_has_taken()
        finally:
            self.close.close()


def test_the_ledger_adds_up_whatever_happens(tables: Path):
    Deliveries.template = tables
    few = settings(max_examples=60, stateful_step_count=30, deadline=None)
    run_state_machine_as_test(Deliveries, settings=few)
