"""Deliver: claim what is due, send it, write down how each ended."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Event
from typing import Any

from digest.accounts import alarms
from digest.deliver import outcome, stale
from digest.errors import Refused, TryLater
from digest.mime import Filler
from digest.model import Delivery, Envelope, Mailing, OnUncertain, Outcome, Status
from digest.pipeline import DONE, LATER, LEFT_OUT
from digest.pipeline.carry import Crew, Ended
from digest.pipeline.claim import Claimed, Claims, Paces
from digest.ports import Transport
from digest.stamps import Sender, envelope, stamps
from digest.store import Store
from digest.store.ledger import Ledger

BATCH = 1_000
"""So many are claimed at a time, for all connections."""
LEASE = timedelta(minutes=15)
"""So long a run may be silent until others take over what it was doing."""

Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class DeliverReport:
    """What was owed when the run began and how it stands now; `problem` stopped it early.

    planned = waiting + sending + sent + refused + uncertain + suppressed + expired.
    """

    counts: Mapping[Status, int]
    next_try: datetime | None
    problem: str | None = None

    @property
    def planned(self) -> int:
        return sum(self.counts.values())

    @property
    def exit_code(self) -> int:
        if self.problem or self.counts[Status.WAITING] or self.counts[Status.SENDING]:
            return LATER
        lost = (Status.REFUSED, Status.UNCERTAIN, Status.EXPIRED)
        return LEFT_OUT if any(self.counts[status] for status in lost) else DONE

    def document(self) -> dict[str, Any]:
        counts = {status.value: self.counts[status] for status in Status}
        return {"planned": self.planned, **counts, "problem": self.problem}


@dataclass(frozen=True, slots=True)
class Post:
    """One run of deliver: `worker` is its name in the ledger, never used before.

    It ends early, and in good order, when `stop` is set.
    """

    store: Store
    transport: Transport
    sender: Sender
    worker: str
    clock: Clock
    paces: Paces
    on_uncertain: OnUncertain = OnUncertain.ASK
    stop: Event = field(default_factory=Event)

    def deliver(self, is_gone: Callable[[str], bool]) -> DeliverReport:
        """Send what is due.

        `is_gone` says of another run's name that it surely works no more. SetupError of the
        transport passes through when everything claimed has been given back.
        """
        problem = None
        done = self._take_over(is_gone)
        try:
            done += self._let_go()
            with self.store.ledger(self.worker, LEASE, self.clock) as ledger:
                run = Run(self, ledger)
                run.crew.work()
        except TryLater as error:
            problem = error.reason
        finally:
            with self.store.writing() as shelves:
                shelves.deliveries.end_lease(self.worker, self.clock())
        done += run.crew.ended + self._let_go()
        self._finish()
        return self._report(done, problem)

    def policy(self, mailing: Mailing) -> OnUncertain:
        return mailing.on_uncertain or self.on_uncertain

    def _take_over(self, is_gone: Callable[[str], bool]) -> Counter[Status]:
        """Decide what becomes of what dead runs were sending, and take a lease."""
        now = self.clock()
        done = Counter[Status]()
        with self.store.writing() as shelves:
            gone = shelves.deliveries.gone(is_gone, now)
            for delivery in shelves.deliveries.begun_by(gone, now):
                policy = self.policy(shelves.mailings.of_edition(delivery.edition_id))
                found = stale(delivery, policy, now, repeatable=self.transport.repeatable)
                shelves.deliveries.take_over(delivery.id, found, now)
                done[found.status] += 1
            if gone:
                shelves.deliveries.forget(gone)
            shelves.deliveries.lease(self.worker, now + LEASE)
        return done

    def _let_go(self) -> Counter[Status]:
        """Drop what is not to be sent any more."""
        now = self.clock()
        with self.store.writing() as shelves:
            suppressed, expired = shelves.deliveries.suppress(now), shelves.deliveries.expire(now)
        return Counter({Status.SUPPRESSED: suppressed, Status.EXPIRED: expired})

    def _finish(self) -> None:
        """Close the editions of which nothing is open, if all adds up; pause the others."""
        now = self.clock()
        with self.store.writing() as shelves:
            for each in shelves.mailings.open():
                if shelves.deliveries.is_open(each.edition_id):
                    continue
                account = shelves.mailings.account(each.edition_id)
                if wrong := list(alarms(account, each.known_twice)):
                    shelves.mailings.pause([each.edition_id], "; ".join(wrong), now)
                elif account.is_finished(self.policy(each)) or each.not_after <= now:
                    shelves.mailings.finish(each.edition_id, account, now)

    def _report(self, done: Counter[Status], problem: str | None) -> DeliverReport:
        with self.store.reading() as shelves:
            still = shelves.deliveries.open_counts()
            paused = [each for each in shelves.mailings.open() if each.paused_why]
            next_try = shelves.deliveries.next_due()
        if self.stop.is_set() and still[Status.WAITING]:
            problem = problem or "it was stopped"
        for each in paused:
            problem = problem or f"{each.edition} is paused: {each.paused_why}"
        counts = {**dict.fromkeys(Status, 0), **done, **still}
        return DeliverReport(counts, next_try, problem)


class Run:
    """What a crew asks for while it works: what to send next, and what becomes of it."""

    def __init__(self, post: Post, ledger: Ledger) -> None:
        self._post = post
        self._ledger = ledger
        self._mailings: dict[int, Mailing] = {}
        self._fillers: dict[int, Filler] = {}
        self.crew = Crew(
            transport=post.transport,
            ledger=ledger,
            claim=self._claim,
            give_back=self._give_back,
            mail=self._mail,
            decide=self._decide,
            on_policy=self._pause,
            stop=post.stop,
        )
        self._claims = Claims(post.worker, post.paces, self.crew.sent)

    def _claim(self) -> Claimed:
        post = self._post
        with self._ledger.alone(), post.store.writing() as shelves:
            claimed = self._claims.claim(shelves, post.clock(), BATCH)
            for edition_id in {each.edition_id for each in claimed.deliveries}:
                self._mailings[edition_id] = shelves.mailings.of_edition(edition_id)
                if edition_id not in self._fillers:
                    self._fillers[edition_id] = Filler(shelves.editions.form(edition_id))
        if claimed.wrong:
            raise TryLater(claimed.wrong)
        return claimed

    def _give_back(self, some: Sequence[Delivery]) -> None:
        if some:
            with self._ledger.alone(), self._post.store.writing() as shelves:
                shelves.deliveries.release(self._post.worker, (each.id for each in some))

    def _mail(self, delivery: Delivery) -> tuple[Envelope, bytes]:
        sender = self._post.sender
        values = stamps(delivery.edition, delivery.subscriber, sender.secret)
        of = self._mailings[delivery.edition_id].planned
        mail = self._fillers[delivery.edition_id].fill(values)
        return envelope(delivery, values, sender, of), mail

    def _decide(self, ended: Ended, delivery: Delivery) -> Outcome:
        policy = self._post.policy(self._mailings[delivery.edition_id])
        return outcome(ended, delivery, policy, self._post.clock())

    def _pause(self, refused: Refused) -> None:
        """It is us whom they refuse: all editions wait for a person."""
        post = self._post
        with self._ledger.alone(), post.store.writing() as shelves:
            editions = [each.edition_id for each in shelves.mailings.open()]
            shelves.mailings.pause(editions, refused.reason, post.clock())
