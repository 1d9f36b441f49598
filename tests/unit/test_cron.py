from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from digest import cron

BERLIN = ZoneInfo("Europe/Berlin")
FRIDAY = datetime(2026, 11, 20, 12, tzinfo=UTC)


def slots(line: str, timezone: str, start: datetime, end: datetime) -> list[datetime]:
    found, now = [], start
    while (due := cron.next_slot(line, timezone, now)) and due <= end:
        found.append(due)
        now = due.astimezone(UTC) + timedelta(microseconds=1)
    return found


def weekdays(field: str) -> str:
    """The days of one week, from Sunday on, on which the job is due."""
    sunday = datetime(2026, 11, 22, tzinfo=UTC)
    week = slots(f"0 7 * * {field}", "UTC", sunday, sunday + timedelta(days=7))
    return " ".join(f"{due:%a}" for due in week)


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        ("*", "Sun Mon Tue Wed Thu Fri Sat"),
        ("0", "Sun"),
        ("7", "Sun"),
        ("1", "Mon"),
        ("6", "Sat"),
        ("1-5", "Mon Tue Wed Thu Fri"),
        ("5-7", "Sun Fri Sat"),
        ("0-7", "Sun Mon Tue Wed Thu Fri Sat"),
        ("6-1", "Sun Mon Sat"),
        ("1,3,5", "Mon Wed Fri"),
        ("0,5-7", "Sun Fri Sat"),
        ("mon-fri", "Mon Tue Wed Thu Fri"),
        ("Fri-Mon", "Sun Mon Fri Sat"),
        ("sun,wed", "Sun Wed"),
        ("*/2", "Sun Tue Thu Sat"),
        ("*/3", "Sun Wed Sat"),
        ("1-5/2", "Mon Wed Fri"),
        ("mon-fri/2", "Mon Wed Fri"),
        ("5-7/2", "Sun Fri"),
    ],
)
def test_weekdays_are_counted_as_cron_does(field, expected):
    assert weekdays(field) == expected


@pytest.mark.parametrize("field", ["8", "-1", "1-8", "xyz", "mon-xyz", "", "1,,2", "1/2", "*/0"])
def test_a_wrong_weekday_is_named(field):
    with pytest.raises(ValueError, match=r"is no cron line: .*no weekday|has 4 fields"):
        cron.trigger(f"0 7 * * {field}", "UTC")


def test_where_day_and_weekday_are_both_given_either_will_do():
    november = datetime(2026, 11, 1, tzinfo=UTC)
    found = slots("0 7 11 * 1", "UTC", november, november + timedelta(days=17))
    assert [due.day for due in found] == [2, 9, 11, 16]


def test_a_step_over_all_weekdays_does_not_widen_the_day():
    found = slots("0 7 1-10 * */2", "UTC", datetime(2026, 11, 1, tzinfo=UTC), FRIDAY)
    assert [due.day for due in found] == [1, 3, 5, 7, 8, 10]


@pytest.mark.parametrize("line", ["", "0 7 * *", "0 7 * * * *", "@daily"])
def test_a_line_needs_five_fields_and_an_example_shows_them(line):
    with pytest.raises(ValueError, match=r"has \d fields; cron wants 5 .*'0 7 \* \* 1-5'"):
        cron.trigger(line, "UTC")


@pytest.mark.parametrize("line", ["60 7 * * *", "0 24 * * *", "x 7 * * *", "0 7 32 * *"])
def test_a_field_out_of_range_is_no_cron_line(line):
    with pytest.raises(ValueError, match=f"'{line[:2]}.*is no cron line"):
        cron.trigger(line, "UTC")


def test_the_next_slot_is_in_local_time():
    due = cron.next_slot("30 6 * * *", "Europe/Berlin", FRIDAY)
    assert due == datetime(2026, 11, 21, 5, 30, tzinfo=UTC)
    assert due is not None
    assert f"{due:%H:%M %Z}" == "06:30 CET"


def test_a_day_that_never_comes_has_no_slot():
    assert cron.next_slot("0 7 30 2 *", "UTC", FRIDAY) is None
    assert cron.last_slot("0 7 30 2 *", "UTC", FRIDAY, FRIDAY + timedelta(days=300)) is None


def test_the_last_slot_is_the_latest_of_those_missed():
    due = cron.last_slot("0 7 * * *", "UTC", FRIDAY - timedelta(days=3), FRIDAY)
    assert due == FRIDAY.replace(hour=7)


def test_what_was_due_at_the_very_start_of_the_span_is_not_due_again():
    seven = FRIDAY.replace(hour=7)
    assert cron.last_slot("0 7 * * *", "UTC", seven, FRIDAY) is None
    assert cron.last_slot("0 7 * * *", "UTC", seven - timedelta(seconds=1), seven) == seven


def test_a_slot_is_looked_for_a_month_back_and_no_further():
    assert cron.last_slot("0 7 1 1 *", "UTC", FRIDAY - timedelta(days=900), FRIDAY) is None


def test_a_time_that_spring_leaves_out_comes_when_the_clocks_have_jumped():
    day = datetime(2026, 3, 29, tzinfo=BERLIN)
    (due,) = slots("30 2 * * *", "Europe/Berlin", day, day + timedelta(hours=20))
    assert due.astimezone(UTC) == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)


def test_both_turns_of_the_hour_that_autumn_repeats_have_one_name():
    day = datetime(2026, 10, 25, tzinfo=BERLIN)
    found = slots("30 2 * * *", "Europe/Berlin", day, day + timedelta(hours=20))
    assert {cron.slot_name(due) for due in found} == {"2026-10-25T02:30"}


def test_the_last_slot_is_found_in_and_after_the_hour_that_autumn_repeats():
    day_before = datetime(2026, 10, 24, 12, tzinfo=UTC)
    found = [
        cron.last_slot("30 2 * * *", "Europe/Berlin", day_before, day_before + timedelta(hours=h))
        for h in (12, 13, 14, 20)
    ]
    assert [due and due.astimezone(UTC).strftime("%H:%M") for due in found] == [
        None, "00:30", "01:30", "01:30",
    ]  # fmt: skip


def on_weekdays(*days: int):
    return lambda day: day.weekday() in days


def test_the_next_slot_on_a_day_that_fits_is_the_first_of_that_day():
    assert cron.next_slot_on("0 7 * * *", "UTC", FRIDAY, on_weekdays(4)) == datetime(
        2026, 11, 27, 7, tzinfo=UTC
    )
    assert cron.next_slot_on("0 */8 * * *", "UTC", FRIDAY, on_weekdays(4)) == datetime(
        2026, 11, 20, 16, tzinfo=UTC
    )
    assert cron.next_slot_on("*/5 * * * *", "UTC", FRIDAY, on_weekdays(2)) == datetime(
        2026, 11, 25, tzinfo=UTC
    )
    monthly = cron.next_slot_on("30 6 1 * *", "Europe/Berlin", FRIDAY, on_weekdays(0))
    assert monthly == datetime(2027, 2, 1, 6, 30, tzinfo=BERLIN)


def test_there_is_no_next_slot_where_no_day_fits():
    assert cron.next_slot_on("0 7 * * 1-5", "UTC", FRIDAY, on_weekdays(6)) is None
    assert cron.next_slot_on("0 7 30 2 *", "UTC", FRIDAY, on_weekdays(6)) is None
