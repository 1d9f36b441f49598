"""The shelf of bounces: which mails came back."""

from datetime import datetime

from sqlalchemy import Connection, func, insert, select

from digest.model import Bounce, Standing, Status, Subscriber, Verdict
from digest.store.schema import bounce, delivery, edition, subscriber
from digest.store.subscribers import reader

ON_THE_WAY = (Status.SENDING, Status.SENT, Status.UNCERTAIN)
LOOK_BACK = 100
"""Editions of a reader; more than that came back in a row of nobody who still gets them."""


class Bounces:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def about(self, found: Bounce) -> tuple[int, list[Subscriber]] | None:
        """The delivery that came back, and all the rows of its reader's address."""
        query = (
            select(delivery.c.id, subscriber.c.address)
            .join(subscriber, subscriber.c.id == delivery.c.subscriber_id)
            .where(
                delivery.c.edition_id == found.edition_id,
                delivery.c.subscriber_id == found.subscriber_id,
                delivery.c.status.in_(ON_THE_WAY),
            )
        )
        row = self._connection.execute(query).one_or_none()
        if row is None:
            return None
        same = select(subscriber).where(subscriber.c.address == row.address)
        return row.id, [reader(each) for each in self._connection.execute(same)]

    def is_known(self, delivery_id: int, verdict: Verdict) -> bool:
        query = select(bounce.c.at).where(
            bounce.c.delivery_id == delivery_id, bounce.c.verdict == verdict
        )
        return self._connection.scalar(query) is not None

    def add(self, delivery_id: int, found: Bounce, now: datetime) -> None:
        values = {"verdict": found.verdict, "status": found.status, "at": now}
        self._connection.execute(insert(bounce).values(delivery_id=delivery_id, **values))

    def came_back(self, subscriber_id: int) -> list[tuple[datetime, bool]]:
        """The editions that a reader was sent, latest first: when published, and if it came back.

        Before the day on which the reader was last added there is nothing to hold against them.
        """
        back = select(bounce.c.delivery_id).where(
            bounce.c.delivery_id == delivery.c.id, bounce.c.verdict == Verdict.SOFT
        )
        query = (
            select(edition.c.published_at, back.exists())
            .join(delivery, delivery.c.edition_id == edition.c.id)
            .join(subscriber, subscriber.c.id == delivery.c.subscriber_id)
            .where(
                delivery.c.subscriber_id == subscriber_id,
                delivery.c.status.in_(ON_THE_WAY),
                edition.c.published_at >= subscriber.c.since,
            )
            .order_by(edition.c.published_at.desc(), edition.c.id.desc())
            .limit(LOOK_BACK)
        )
        return [(row[0], bool(row[1])) for row in self._connection.execute(query)]

    def gone_since(self, since: datetime) -> int:
        """How many readers have been given up for their bounces."""
        query = select(func.count()).where(
            subscriber.c.standing == Standing.BOUNCED, subscriber.c.since >= since
        )
        return self._connection.scalar(query.select_from(subscriber)) or 0

    def active(self) -> int:
        """How many readers there are, of whatever audience."""
        query = select(func.count()).where(subscriber.c.standing == Standing.ACTIVE)
        return self._connection.scalar(query.select_from(subscriber)) or 0
