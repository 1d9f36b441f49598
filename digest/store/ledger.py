"""The ledger while mails go out: what becomes of each is durable before the next one.

Several connections send at once, and each asks here before the final dot. What they have asked for
by then is committed together by the one of them who finds nobody else at it, and who waits a moment
for more: a commit of its own is a third of what a mail costs, and a database that waits for its
disk does so once for all of them. This is the hot path of the program: it speaks to the driver
itself, which costs a third of what it does through SQLAlchemy.
"""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Event, Lock
from typing import Any, TypeVar

from sqlalchemy import Dialect
from sqlalchemy.engine.interfaces import DBAPIConnection

from digest.crash import point
from digest.errors import StoreError
from digest.model import Outcome, Standing, Status
from digest.store.locking import BEGIN_WRITING, look
from digest.store.schema import Utc

T = TypeVar("T")

MOMENT = 0.001
"""Seconds that a commit waits for others to join it."""

# The reader, the edition and the lease decide in the statement that records it: whoever leaves, and
# whatever is paused, before it begins is heard.
BEGIN = f"""
UPDATE delivery SET status = '{Status.SENDING}', changed_at = ?
WHERE id IN (%s) AND worker = ? AND status = '{Status.WAITING}'
AND EXISTS (SELECT 1 FROM lease WHERE lease.worker = delivery.worker AND until > ?)
AND EXISTS (SELECT 1 FROM subscriber
    WHERE subscriber.id = delivery.subscriber_id AND standing = '{Standing.ACTIVE}')
AND EXISTS (SELECT 1 FROM mailing WHERE mailing.edition_id = delivery.edition_id
    AND not_after > ? AND paused_at IS NULL AND cancelled_at IS NULL)
RETURNING id
"""  # noqa: S608 - made of constants; the only part that varies is how many question marks
SETTLE = f"""
UPDATE delivery SET status = CASE WHEN taken > 0 THEN '{Status.SENT}' ELSE ? END,
    detail = ?, not_before = ?, taken = taken + ?, doubts = doubts + ?, attempts = attempts + 1,
    worker = NULL, changed_at = ?
WHERE id = ? AND worker = ?
"""  # noqa: S608
# The other side took a delivery that was given up as doubtful meanwhile: one doubt less.
LATE = (
    """
UPDATE mailing SET finished_at = NULL
WHERE edition_id = (SELECT edition_id FROM delivery WHERE id = ?)
""",
    f"""
UPDATE delivery SET taken = taken + 1, doubts = doubts - 1, detail = ?, changed_at = ?,
    worker = CASE WHEN status = '{Status.SENDING}' THEN worker END,
    status = CASE WHEN status IN ('{Status.UNCERTAIN}', '{Status.WAITING}')
        THEN '{Status.SENT}' ELSE status END
WHERE id = ? AND doubts > 0
""",  # noqa: S608
)
RENEW = "UPDATE lease SET until = ? WHERE worker = ? AND until > ?"


@dataclass(slots=True, eq=False)
class _Question:
    """Whether a delivery may begin."""

    delivery_id: int
    answered: bool = False
    yes: bool = False


class Ledger:
    """What one run writes down while it sends, used by all its threads.

    `failure` is the last error of the database; where there is one, nothing may begin.
    """

    def __init__(
        self,
        connection: DBAPIConnection,
        dialect: Dialect,
        mapped: Callable[[Exception], StoreError],
        *,
        worker: str,
        lease: timedelta,
        clock: Callable[[], datetime],
    ) -> None:
        self._connection = connection
        self._cursor = connection.cursor()
        self._sqlite = dialect.name == "sqlite"
        self._error = dialect.loaded_dbapi.Error
        stored: Callable[[datetime], Any] | None = (
            Utc().dialect_impl(dialect).bind_processor(dialect)
        )
        self._stored = stored or (lambda time: time)
        self._mapped = mapped
        self._worker = worker
        self._lease = lease
        self._clock = clock
        self._renew_at = clock() + lease / 10
        self._lock = Lock()
        self._enough = Event()
        self._questions: deque[_Question] = deque()
        self._notes: deque[tuple[int, Outcome]] = deque()
        self.failure: StoreError | None = None

    def begin(self, delivery_id: int, together: int = 1) -> bool:
        """Mark a claimed delivery as sending; False where it must not be.

        It must not where the lease has ended or the delivery is somebody else's by now, the reader
        has left, or the edition is paused, cancelled or no longer news, and where that cannot be
        written down. The commit waits a moment for others to ask, until there are `together`.
        """
        asked = _Question(delivery_id)
        self._questions.append(asked)
        if len(self._questions) >= together:
            self._enough.set()
        with self._lock:
            if not asked.answered:
                if self.failure is None:
                    self._gather(together)
                    self._write()
                else:  # the run is about to end; others need not wait for that as long
                    self._questions.remove(asked)
        return asked.yes

    def note(self, delivery_id: int, found: Outcome) -> None:
        """Keep how an attempt ended: it is written with whatever is written next."""
        self._notes.append((delivery_id, found))

    def flush(self) -> None:
        """Write what was noted; StoreError where that fails, and it is kept for the next time."""
        with self._lock:
            if self._notes or self._clock() >= self._renew_at:
                self._write()
                if self._notes and self.failure:
                    raise self.failure

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Keep the ledger from writing, so that another connection of the run need not wait."""
        with self._lock:
            yield

    def _gather(self, together: int) -> None:
        """Wait a moment until so many have asked."""
        self._enough.clear()
        if len(self._questions) < together:
            self._enough.wait(MOMENT)

    def _write(self) -> None:
        questions, notes = _taken(self._questions), _taken(self._notes)
        granted: set[int] = set()
        try:
            granted = self._commit([each.delivery_id for each in questions], notes)
            self.failure = None
        except self._error as error:
            with suppress(self._error):
                self._connection.rollback()
            self._notes.extendleft(reversed(notes))
            self.failure = self._mapped(error)
        for each in questions:
            each.yes = each.delivery_id in granted
            each.answered = True

    def _commit(self, questions: Sequence[int], notes: Sequence[tuple[int, Outcome]]) -> set[int]:
        if self._sqlite:
            look(self._cursor.execute, BEGIN_WRITING)
        now = self._clock()
        stored = self._stored(now)
        self._renew(now)
        for delivery_id, found in notes:
            self._settle(delivery_id, found, stored)
        granted = self._begin(questions, stored) if questions else set()
        point("ledger: before the commit")
        if self._sqlite:  # without a log of its own SQLite waits for who reads
            look(self._cursor.execute, "COMMIT")
        else:
            self._connection.commit()
        point("ledger: after the commit")
        return granted

    def _renew(self, now: datetime) -> None:
        """Count the lease anew now and then; one that has ended is gone for good."""
        if now >= self._renew_at:
            until = self._stored(now + self._lease)
            self._execute(RENEW, (until, self._worker, self._stored(now)))
            self._renew_at = now + self._lease / 10

    def _begin(self, ids: Sequence[int], now: Any) -> set[int]:
        statement = BEGIN % ", ".join("?" * len(ids))
        self._execute(statement, (now, *ids, self._worker, now, now))
        return {row[0] for row in self._cursor.fetchall()}

    def _settle(self, delivery_id: int, found: Outcome, now: Any) -> None:
        not_before = found.not_before and self._stored(found.not_before)
        changes = (found.status.value, found.detail, not_before, int(found.taken))
        row = (int(found.doubt), now, delivery_id, self._worker)
        self._execute(SETTLE, (*changes, *row))
        if self._cursor.rowcount == 0 and found.taken:
            self._execute(LATE[0], (delivery_id,))
            self._execute(LATE[1], (found.detail, now, delivery_id))

    def _execute(self, statement: str, values: tuple[Any, ...]) -> None:
        self._cursor.execute(statement if self._sqlite else statement.replace("?", "%s"), values)


def _taken(waiting: deque[T]) -> list[T]:
    """Take what is there, while others may add to it."""
    return [waiting.popleft() for _ in range(len(waiting))]
