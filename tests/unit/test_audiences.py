from datetime import date, timedelta

import pytest

from digest.audiences import CADENCES, audience_name, cadence

MONDAY = date(2031, 5, 5)
WEEK = [MONDAY + timedelta(n) for n in range(7)]
MONDAYS = CADENCES["weekly on monday"]


def due(name, looked=None):
    return [day.weekday() for day in WEEK if CADENCES[name].is_due(day, looked)]


def test_each_cadence_has_its_days():
    assert due("daily") == list(range(7))
    assert due("weekdays") == list(range(5))
    assert due("weekly on thursday") == [3]
    assert due("never") == []


def test_a_day_that_was_looked_at_has_its_turn_still():
    """What came after the edition is told to wait, by the publisher."""
    assert MONDAYS.is_due(MONDAY, MONDAY)


def test_the_next_edition_is_not_on_the_day_of_the_last():
    assert MONDAYS.is_open(MONDAY, MONDAY, None)
    assert not MONDAYS.is_open(MONDAY, MONDAY, MONDAY)
    assert not MONDAYS.is_open(MONDAY + timedelta(1), MONDAY, MONDAY)
    assert MONDAYS.is_open(MONDAY + timedelta(7), MONDAY, MONDAY)


def test_a_weekly_turn_that_was_missed_is_made_up_for_once():
    thursday = MONDAY + timedelta(3)
    assert MONDAYS.is_due(thursday, MONDAY - timedelta(1))
    assert not MONDAYS.is_due(thursday, MONDAY)
    assert not MONDAYS.is_due(thursday, thursday - timedelta(1))
    assert MONDAYS.is_due(MONDAY + timedelta(6), MONDAY - timedelta(7))


def test_who_was_never_looked_at_has_missed_nothing():
    assert due("weekly on monday") == [0]


def test_a_day_of_other_cadences_that_was_missed_waits_for_the_next():
    assert due("weekdays", MONDAY - timedelta(30)) == list(range(5))
    assert due("never", MONDAY - timedelta(30)) == []


@pytest.mark.parametrize("text", ["weekly on Monday", " weekly  on monday "])
def test_a_cadence_is_read_however_it_is_typed(text):
    assert cadence(text) == MONDAYS
    assert str(cadence(text)) == "weekly on monday"


@pytest.mark.parametrize("text", ["weekly", "monthly", "weekly on noday", "", "weekly on mon"])
def test_what_is_no_cadence_is_told_which_there_are(text):
    with pytest.raises(ValueError, match=r"is no cadence; there are daily, weekdays, weekly on"):
        cadence(text)


@pytest.mark.parametrize("name", ["a", "robots", "x2", "robots-and-drones", "a" * 40])
def test_a_name_can_stand_in_the_name_of_a_file(name):
    assert audience_name(name) == name


@pytest.mark.parametrize(
    "name", ["", "2", "robots-2", "Robots", "a_b", "a b", "../a", "-a", "a-", "röhre", "a" * 41]
)
def test_what_could_be_taken_for_something_else_is_no_name(name):
    with pytest.raises(ValueError, match="is no name; one has small letters"):
        audience_name(name)
