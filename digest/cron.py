"""When the daily job is due: pure answers from a cron line, computed by APScheduler's triggers."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from apscheduler.triggers.base import BaseTrigger

WEEKDAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat", "sun")
WEEKDAY = r"[0-7]|[a-z]{3}"
LOOK_BACK = timedelta(days=32)
LOOK_AHEAD = 60
"""So many days with a run, and none of them fits: none will."""


def trigger(line: str, timezone: str) -> "BaseTrigger":
    """Return the trigger of a five-field cron line; ValueError says what is wrong with it."""
    from apscheduler.triggers.combining import OrTrigger
    from apscheduler.triggers.cron import CronTrigger

    fields = line.split()
    if len(fields) != 5:  # noqa: PLR2004 - the five fields of cron
        raise ValueError(
            f"{line!r} has {len(fields)} fields; cron wants 5 (minute, hour, day, month, weekday), "
            "for example '0 7 * * 1-5'"
        )
    minute, hour, day, month, weekday = fields
    try:
        named = _named(weekday)
        # Where both kinds of day are restricted, cron wants either and APScheduler both.
        either = "*" not in (day[0], weekday[0])
        triggers = [
            CronTrigger.from_crontab(f"{minute} {hour} {d} {month} {w}", ZoneInfo(timezone))
            for d, w in ([(day, "*"), ("*", named)] if either else [(day, named)])
        ]
    except ValueError as error:
        raise ValueError(f"{line!r} is no cron line: {error}") from error
    return OrTrigger(triggers)


def next_slot(line: str, timezone: str, now: datetime) -> datetime | None:
    """The next time at which the job is due after `now`; None where it never is."""
    when: datetime | None = trigger(line, timezone).get_next_fire_time(None, now)
    return when


def next_slot_on(
    line: str, timezone: str, now: datetime, fits: Callable[[date], bool]
) -> datetime | None:
    """The next time at which the job is due on a day that fits; None where it seems never to be."""
    moment = now
    for _ in range(LOOK_AHEAD):
        due = next_slot(line, timezone, moment)
        if due is None or fits(due.date()):
            return due
        moment = datetime.combine(due, time.max, due.tzinfo)
    return None


def last_slot(line: str, timezone: str, since: datetime, now: datetime) -> datetime | None:
    """The latest time in (since, now] at which the job was due; a month back at the most."""
    cron = trigger(line, timezone)
    latest, moment = None, max(since, now - LOOK_BACK)
    while (due := cron.get_next_fire_time(None, _just_after(moment))) and due <= now:
        latest = moment = due
    return latest


def _just_after(moment: datetime) -> datetime:
    # In UTC: local arithmetic forgets which turn of the repeated hour it is in.
    return moment.astimezone(UTC) + timedelta(microseconds=1)


def slot_name(due: datetime) -> str:
    """The local wall time: in the hour that autumn repeats, both turns have one name."""
    return due.replace(tzinfo=None).isoformat(timespec="minutes")


def _named(weekdays: str) -> str:
    """Spell out the weekdays: cron counts from Sunday, as 0 or 7, and APScheduler from Monday."""
    if weekdays == "*":
        return weekdays
    parts = (_days(part) for part in weekdays.lower().split(","))
    return ",".join(dict.fromkeys(WEEKDAYS[day % 7] for days in parts for day in days))


def _days(part: str) -> range:
    """The days of "2", "mon-fri", "5-7" or, through the week's end, "6-0"; "/2": every second."""
    found = re.fullmatch(rf"(?:\*|({WEEKDAY})(?:-({WEEKDAY}))?)(?:/([1-7]))?", part)
    if not found or (found[3] and found[1] and not found[2]):
        raise ValueError(f"{part!r} is no weekday; one is 0 to 7 (Sunday is both), sun to sat")
    first = _number(found[1]) if found[1] else 0
    last = _number(found[2]) if found[2] else first if found[1] else 6
    return range(first, last + 1 if first <= last else last + 8, int(found[3] or 1))


def _number(day: str) -> int:
    if day.isdigit():
        return int(day)
    if day in WEEKDAYS:
        return WEEKDAYS.index(day)
    raise ValueError(f"{day!r} is no weekday")
