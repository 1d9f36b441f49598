"""The connections of one run: each sends one mail after the other, in a thread of its own."""

import time
from collections import Counter, deque
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, field
from threading import Event, Lock, Thread

from digest.errors import DeliveryError, Refused, SetupError, StoreError, TryLater
from digest.model import Delivery, Envelope, Outcome, Receipt, Status
from digest.pipeline.claim import Claimed
from digest.ports import Connection, Transport
from digest.store.ledger import Ledger

STUCK = 10
"""So many failures in a row that are not the readers': something is wrong with the way out."""
GRACE = 8.0
"""Seconds in which a run that is stopped waits for answers to mails that it has given away."""
LOOK_EVERY = 0.5

Ended = Receipt | DeliveryError


@dataclass
class Crew:
    """Sends until nothing more is due, something is wrong with the way out, or `stop` is set.

    `claim` gets more to send, `give_back` is for what was claimed and will not be begun, and
    `on_policy` is told when we, and not a reader, are refused.
    """

    transport: Transport
    ledger: Ledger
    claim: Callable[[], Claimed]
    give_back: Callable[[Sequence[Delivery]], None]
    mail: Callable[[Delivery], tuple[Envelope, bytes]]
    decide: Callable[[Ended, Delivery], Outcome]
    on_policy: Callable[[Refused], None]
    stop: Event

    ended: Counter[Status] = field(default_factory=Counter)
    sent: Counter[int] = field(default_factory=Counter)
    """How many of an edition this run has seen taken."""
    _ready: deque[Delivery] = field(default_factory=deque)
    _claiming: Lock = field(default_factory=Lock)
    _counting: Lock = field(default_factory=Lock)
    _at_work: int = 0
    _idle: Event = field(default_factory=Event)
    _in_a_row: int = 0
    _broken: BaseException | None = None

    def work(self) -> None:
        """Raise what has broken the run off; TryLater where the way out is not to be used now.

        Whoever waits for an answer for longer than GRACE after the stop is left alone with it: its
        delivery stays `sending`, and the next run decides.
        """
        if not self._more():
            return
        self._at_work = min(self.transport.connections, len(self._ready))
        for _ in range(self._at_work):
            Thread(target=self._carry, daemon=True).start()
        self._watch()
        self.give_back(self._rest())
        self.ledger.flush()
        if self._broken is not None:
            raise self._broken

    def _watch(self) -> None:
        """Write down outcomes while connections are slow, and end in time."""
        stopped = None
        while not self._idle.wait(LOOK_EVERY):
            self._write_down()
            if self._halted:
                stopped = stopped or time.monotonic()
                if time.monotonic() - stopped > GRACE:
                    return

    def _write_down(self) -> None:
        try:
            self.ledger.flush()
        except StoreError as error:
            self._break_off(error)

    @property
    def _halted(self) -> bool:
        return self.stop.is_set() or self._broken is not None

    def _carry(self) -> None:
        """The work of one connection."""
        try:
            with ExitStack() as open_while_sending:
                connection = None
                while delivery := self._next():
                    connection = connection or self._connect(delivery, open_while_sending)
                    if connection is None or self._attempt(connection, delivery):
                        return  # it has left already
            self._leave()
        except BaseException as error:  # noqa: BLE001 - of whatever kind, the run raises it
            self._break_off(error)
            self._leave()

    def _leave(self, at_least: int = 0) -> bool:
        """Take leave, if at least so many others are left."""
        with self._counting:
            may = self._at_work > at_least
            self._at_work -= may
            if self._at_work == 0:
                self._idle.set()
            return may

    def _connect(self, delivery: Delivery, opened: ExitStack) -> Connection | None:
        """Open a connection; None where others are open and there may be no more."""
        connecting: AbstractContextManager[Connection] = self.transport.connect()
        try:
            return opened.enter_context(connecting)
        except (TryLater, SetupError) as error:
            self._ready.appendleft(delivery)
            if isinstance(error, TryLater) and self._leave(at_least=1):
                return None
            raise

    def _next(self) -> Delivery | None:
        while not self._halted:
            try:
                return self._ready.popleft()
            except IndexError:
                self._write_down()
            if not self._more():
                break
        return None

    def _more(self) -> bool:
        """Claim more to send, waiting for it if it is not long."""
        with self._claiming:
            while not self._ready and not self._halted:
                claimed = self.claim()
                self._ready.extend(claimed.deliveries)
                if not claimed.deliveries:
                    if claimed.wait is None:
                        return False
                    self.stop.wait(min(claimed.wait.total_seconds(), LOOK_EVERY))
        return bool(self._ready)

    def _attempt(self, connection: Connection, delivery: Delivery) -> bool:
        """Send one mail; return whether its connection was one too many and has left."""
        held_back = False

        def may_send() -> bool:
            nonlocal held_back
            together = self._at_work // 2  # while the others are busy with their mails
            held_back = self._halted or not self.ledger.begin(delivery.id, together)
            return not held_back

        ended: Ended
        try:
            ended = connection.send(*self.mail(delivery), may_send)
        except DeliveryError as error:
            ended = error
        except SetupError as error:
            # Not this reader's fault: it waits, and so do all after it.
            self.ledger.note(delivery.id, self.decide(TryLater(str(error)), delivery))
            raise
        if held_back:
            self._look_anew()
            return False
        self.ledger.note(delivery.id, found := self.decide(ended, delivery))
        self._count(ended, found, delivery)
        return isinstance(ended, TryLater) and ended.fewer and self._leave(at_least=1)

    def _look_anew(self) -> None:
        """What holds one back may hold others of those that were claimed with it."""
        if self.ledger.failure:
            raise self.ledger.failure
        self.give_back(self._rest())

    def _rest(self) -> list[Delivery]:
        rest = []
        while self._ready:
            try:
                rest.append(self._ready.popleft())
            except IndexError:  # another was quicker
                break
        return rest

    def _count(self, ended: Ended, found: Outcome, delivery: Delivery) -> None:
        with self._counting:
            self.ended[found.status] += 1
            self.sent[delivery.edition_id] += found.taken
            ours = isinstance(ended, TryLater) and not ended.reader
            self._in_a_row = self._in_a_row + 1 if ours else 0
            in_a_row = self._in_a_row
        if isinstance(ended, Refused) and ended.policy:
            self.on_policy(ended)
            raise TryLater(f"we are refused, and not the reader: {ended.reason}")
        if in_a_row >= STUCK and isinstance(ended, TryLater):
            raise TryLater(f"{in_a_row} failed one after the other: {ended.reason}")

    def _break_off(self, error: BaseException) -> None:
        with self._counting:
            self._broken = self._broken or error
