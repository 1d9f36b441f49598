"""The schedule on one machine: APScheduler says when to look, the store says whether to act.

Two schedulers on one store, a restart, a missed time or the hour that autumn repeats are thereby
harmless: each scheduled time has one row in the store, and who inserts it does the job.
"""

import logging
from datetime import datetime, timedelta
from threading import Thread
from typing import Any
from zoneinfo import ZoneInfo

from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.combining import OrTrigger
from apscheduler.triggers.interval import IntervalTrigger

from digest import cron
from digest.app import App
from digest.engines.stopping import stoppable
from digest.engines.watch import watch
from digest.errors import DigestError
from digest.pipeline.daily import Failed, Report, worst

log = logging.getLogger(__name__)

LOOK_EVERY = timedelta(minutes=1)
"""Between scheduled times: for deliveries that were put off, and for what failed for a while."""


class Schedule:
    def __init__(self, app: App) -> None:
        self._app = app
        self._started = app.clock()

    def run(self) -> None:
        """Do what is due, now and from now on, until SIGINT or SIGTERM; work in hand is ended.

        SetupError at once where the settings name something that cannot work.
        """
        self._app.check()
        with stoppable(self._app.stop):
            self._run()

    def _run(self) -> None:
        scheduler = BackgroundScheduler(timezone=ZoneInfo("UTC"))
        scheduler.add_job(
            self.tick,
            OrTrigger([self._trigger(), IntervalTrigger(seconds=LOOK_EVERY.total_seconds())]),
            next_run_time=self._app.clock(),
            misfire_grace_time=None,
            coalesce=True,
            max_instances=1,
        )
        log.info("%s", self.announcement())
        watcher = Thread(target=watch, args=(self._app, self._app.stop))
        watcher.start()
        scheduler.start()
        self._app.stop.wait()
        scheduler.shutdown(wait=True)
        watcher.join()

    def announcement(self) -> str:
        due = self._app.next_slot()
        return f"next run: {due:%A %Y-%m-%d %H:%M %Z}" if due else "next run: never"

    def tick(self) -> None:
        """Do the job if a scheduled time has come, else send what has become due."""
        try:
            due = self.due()
            reports = self._app.run_slot(cron.slot_name(due)) if due else None
            if reports is not None:
                log.info("run of %s: %s", due, _told(reports))
                log.info("%s", self.announcement())
            elif self._app.owes():
                log.info("deliver: %s", _told({"deliver": self._app.deliver()}))
        except DigestError as error:
            log.error("%s", error)  # noqa: TRY400 - what went wrong is in the message
        except Exception:
            log.exception("a mistake of the program; it goes on")

    def due(self) -> datetime | None:
        """The latest scheduled time that has come since the last one done, or since the start.

        Where none was done yet, one that was broken off before the start is due still.
        """
        settings = self._app.settings
        with self._app.store.reading() as shelves:
            last, begun = shelves.runs.last_slot(), shelves.runs.open_slot()
        since = self._local(last) if last else self._started
        came = cron.last_slot(settings.schedule, settings.timezone, since, self._app.clock())
        return came or (self._local(begun) if begun and not last else None)

    def _local(self, slot: str) -> datetime:
        return datetime.fromisoformat(slot).replace(tzinfo=ZoneInfo(self._app.settings.timezone))

    def _trigger(self) -> Any:
        return cron.trigger(self._app.settings.schedule, self._app.settings.timezone)


def _told(reports: dict[str, Report]) -> str:
    failed = [f"{name}: {each.error}" for name, each in reports.items() if isinstance(each, Failed)]
    return "; ".join([f"exit code {worst(reports.values())}", *failed])
