"""An edition that many readers are owed, for tests of how it is delivered."""

from collections import Counter
from collections.abc import Callable
from datetime import datetime
from typing import Any

from conftest import page
from sink import HERE, Sink

from digest.app import App
from digest.pace import Pace
from digest.pipeline.claim import Paces
from digest.pipeline.deliver import DeliverReport, Post
from digest.ports import Transport
from digest.transports.smtp import Smtp
from digest.worker import new_worker

DUMP = page("Kites over a Harbour", "Ropes in a Gale")
UNLIMITED = Paces("smtp", Pace(0), Pace(0))


def addresses(count: int) -> list[str]:
    return [f"reader{n:03}@lab{n % 3}.test" for n in range(count)]


class Letter:
    """An edition of a program that sends to the sink, and how its deliveries stand."""

    def __init__(self, app: App, readers: int, not_after: datetime | None = None) -> None:
        app.settings.dumps.mkdir()
        (app.settings.dumps / "page.txt").write_text(DUMP, "utf-8")
        app.readers.add(addresses(readers), app.clock())
        app.ingest()
        (published,) = app.publish(not_after=not_after).reports
        assert published.planned == readers
        self.app = app

    def deliver(self) -> dict[str, int]:
        return told(self.app.deliver())

    @property
    def stands(self) -> dict[str, int]:
        """The sums, which fsck finds nothing wrong with."""
        report = self.app.fsck()
        assert [*report.wrong, *(line for each in report.editions for line in each.wrong)] == []
        found = Counter[str]()
        for each in report.editions:
            assert sum(each.account.counts.values()) == each.account.planned
            found.update({str(status): count for status, count in each.account.counts.items()})
        return {status: count for status, count in found.items() if count}

    @property
    def is_finished(self) -> bool:
        return all(each.finished for each in self.app.fsck().editions)

    @property
    def paused(self) -> str | None:
        with self.app.store.reading() as shelves:
            return next((each.paused_why for each in shelves.mailings.all()), None)


def told(report: DeliverReport) -> dict[str, int]:
    return {str(status): count for status, count in report.counts.items() if count}


def relay(sink: Sink, **values: Any) -> Smtp:
    return Smtp(HERE, sink.port, security="none", local_hostname="localhost", **values)


def post(
    app: App,
    transport: Transport,
    clock: Callable[[], datetime] | None = None,
    paces: Paces = UNLIMITED,
) -> Post:
    """A run of deliver as the program makes it, with parts of the test's own."""
    return Post(app.store, transport, app.sender, new_worker(), clock or app.clock, paces)


def nobody(_: str) -> bool:
    """Say of no run that it is gone."""
    return False
