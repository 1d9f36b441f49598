"""What a run sends next: what is due, as fast as it may go, unless something is wrong."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from digest.model import Delivery, Mailing
from digest.pace import Pace
from digest.store import Shelves

PATIENCE = timedelta(minutes=1)
"""A run does not end while something is due within so long a time because of its pace."""
LEAST_WAIT = timedelta(seconds=0.1)


@dataclass(frozen=True, slots=True)
class Claimed:
    """What is to be sent now; where it is nothing, how long until there may be more of it.

    `wrong` says for an edition what has stopped it.
    """

    deliveries: Sequence[Delivery] = ()
    wait: timedelta | None = None
    wrong: str = ""


@dataclass(frozen=True, slots=True)
class Paces:
    """How many mails may go in a minute: by one way out, and to one domain."""

    way: str
    all: Pace
    domain: Pace


@dataclass(frozen=True, slots=True)
class Claims:
    """Claims for one worker in one transaction at a time; `sent` counts by edition what it sent."""

    worker: str
    paces: Paces
    sent: Counter[int]

    def claim(self, shelves: Shelves, now: datetime, most: int) -> Claimed:
        mailings = shelves.mailings.going_on(now)
        if wrong := self._alarm(shelves, mailings, now):
            return Claimed(wrong=wrong)
        kept = shelves.paces.next_at([self.paces.way]).get(self.paces.way)
        may, next_at = self.paces.all.at_once(kept, now, most)
        if not may:
            return Claimed(wait=max(next_at - now, LEAST_WAIT))
        due = list(self._due(shelves, mailings, now, may))
        going = self._in_time(shelves, due, now)
        if self.paces.all:
            _, next_at = self.paces.all.at_once(kept, now, len(going))
            shelves.paces.keep({self.paces.way: next_at})
        return Claimed(going, None if going else self._wait(shelves, now, again=bool(due)))

    def _alarm(self, shelves: Shelves, mailings: Iterable[Mailing], now: datetime) -> str:
        """Pause an edition that a reader got twice, or that has more mails than readers."""
        for each in mailings:
            twice = shelves.deliveries.twice(each.edition_id)
            if twice > each.known_twice:
                why = f"{twice} of its readers got it more than once"
            elif self.sent[each.edition_id] > each.planned:
                why = f"it has {each.planned} readers and {self.sent[each.edition_id]} were sent it"
            else:
                continue
            shelves.mailings.pause([each.edition_id], why, now)
            return f"{each.edition} is paused: {why}"
        return ""

    def _due(
        self, shelves: Shelves, mailings: Iterable[Mailing], now: datetime, most: int
    ) -> Iterable[Delivery]:
        for each in mailings:
            if most > 0:
                found = shelves.deliveries.claim(each.edition_id, self.worker, now, most)
                most -= len(found)
                yield from found

    def _in_time(
        self, shelves: Shelves, due: Sequence[Delivery], now: datetime
    ) -> Sequence[Delivery]:
        """Put off what goes to a domain that has had enough; each to a time of its own."""
        if not self.paces.domain:
            return due
        new = [each for each in due if not each.timed]
        domains = [each.subscriber.domain for each in new]
        kept = shelves.paces.next_at(set(domains))
        times, next_at = self.paces.domain.slots(domains, kept, now)
        shelves.paces.keep(next_at)
        late = {each.id: time for each, time in zip(new, times, strict=True) if time > now}
        shelves.deliveries.put_off(late)
        return [each for each in due if each.id not in late]

    def _wait(self, shelves: Shelves, now: datetime, *, again: bool) -> timedelta | None:
        """How long to wait where nothing may go: not at all where all that was due was put off."""
        if again:
            return timedelta()
        next_due = shelves.deliveries.next_due()
        if not (self.paces.all or self.paces.domain) or next_due is None:
            return None
        wait = max(next_due - now, LEAST_WAIT)
        return wait if wait <= PATIENCE else None
