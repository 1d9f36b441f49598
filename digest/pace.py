"""How fast mails may go: evenly, by the time at which the next may.

This is the generic cell rate algorithm (ITU-T I.371): one time for each limit says all, so many
workers share it as one row. What was not used is not saved up for longer than BURST.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

BURST = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Pace:
    """So many mails in a minute; zero is no limit."""

    per_minute: float

    def __bool__(self) -> bool:
        return self.per_minute > 0

    @property
    def gap(self) -> timedelta:
        return timedelta(minutes=1) / self.per_minute

    def at_once(self, next_at: datetime | None, now: datetime, most: int) -> tuple[int, datetime]:
        """Return how many may go now, and when the next may after them."""
        if not self:
            return most, now
        start = _start(next_at, now)
        may = 0 if start > now else min(most, int((now - start) / self.gap) + 1)
        return may, start + may * self.gap

    def slots(
        self, domains: Iterable[str], next_at: Mapping[str, datetime], now: datetime
    ) -> tuple[list[datetime], dict[str, datetime]]:
        """Return when a mail to each of these domains may go, and when the next after them."""
        after = dict(next_at)
        times = []
        for domain in domains:
            start = _start(after.get(domain), now)
            times.append(start)
            after[domain] = start + self.gap
        return times, after


def _start(next_at: datetime | None, now: datetime) -> datetime:
    return max(next_at or now, now - BURST)
