"""When the daily job is due: pure answers from a cron line, computed by APScheduler's trigger."""

import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from apscheduler.triggers.cron import CronTrigger

WEEKDAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat", "sun")
LOOK_BACK = timedelta(days=32)


def trigger(line: str, timezone: str) -> CronTrigger:
    """Return the trigger of a five-field cron line; ValueError says what is wrong with it."""
    fields = line.split()
    if len(fields) != 5:  # noqa: PLR2004 - the five fields of cron
        raise ValueError(
            f"{line!r} has {len(fields)} fields; cron wants 5 (minute, hour, day, month, weekday), "
            "for example '0 7 * * 1-5'"
        )
    try:
        return CronTrigger.from_crontab(
            " ".join((*fields[:4], _named(fields[4]))), timezone=ZoneInfo(timezone)
        )
    except ValueError as error:
        raise ValueError(f"{line!r} is no cron line: {error}") from error


def next_slot(line: str, timezone: str, now: datetime) -> datetime | None:
    """The next time at which the job is due after `now`; None where it never is."""
    when: datetime | None = trigger(line, timezone).get_next_fire_time(None, now)
    return when


def last_slot(line: str, timezone: str, since: datetime, now: datetime) -> datetime | None:
    """The latest time in (since, now] at which the job was due; a month back at the most."""
    cron = trigger(line, timezone)
    latest = None
    moment = max(since, now - LOOK_BACK) + timedelta(microseconds=1)
    while (due := cron.get_next_fire_time(latest, moment)) and due <= now:
        latest, moment = due, due + timedelta(microseconds=1)
    return latest


def slot_name(due: datetime) -> str:
    """The local wall time: in the hour that autumn repeats, both turns have one name."""
    return due.replace(tzinfo=None).isoformat(timespec="minutes")


def _named(weekdays: str) -> str:
    """Cron counts Sunday as 0 or 7, APScheduler Monday as 0: names mean the same to both.

    A range that runs through Sunday ("5-7", "6-0") is spelled out, as APScheduler's week
    begins on Monday.
    """
    return ",".join(_part(part) for part in weekdays.lower().split(","))


def _part(part: str) -> str:
    span = re.fullmatch(r"(\d|[a-z]{3})-(\d|[a-z]{3})((?:/\d+)?)", part)
    if span and not span[3]:
        first, last = (_number(end) for end in span.groups()[:2])
        days = range(first, last + 1 if first <= last else last + 8)
        return ",".join(dict.fromkeys(WEEKDAYS[day % 7] for day in days))
    return WEEKDAYS[int(part)] if part in tuple("01234567") else part


def _number(day: str) -> int:
    if day.isdigit() and int(day) < len(WEEKDAYS):
        return int(day)
    if day in WEEKDAYS:
        return WEEKDAYS.index(day)
    raise ValueError(f"{day!r} is no weekday")
