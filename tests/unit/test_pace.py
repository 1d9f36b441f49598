"""How fast mails may go."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from digest.pace import BURST, Pace

NOW = datetime(2026, 11, 20, 7, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def test_without_a_limit_all_may_go_at_once():
    assert not Pace(0)
    assert Pace(0).at_once(None, NOW, 900) == (900, NOW)


def test_the_first_goes_at_once_and_the_next_after_its_gap():
    may, next_at = Pace(30).at_once(None, NOW, 900)
    assert (may, next_at) == (1, NOW + timedelta(seconds=2))
    assert Pace(30).at_once(next_at, NOW + timedelta(seconds=1), 900) == (0, next_at)
    assert Pace(30).at_once(next_at, next_at, 900) == (1, next_at + timedelta(seconds=2))


def test_what_was_not_used_is_saved_up_for_a_second_only():
    may, next_at = Pace(600).at_once(NOW - timedelta(hours=1), NOW, 900)
    assert may == 11
    assert next_at == NOW + timedelta(milliseconds=100)


def test_fewer_than_may_go_leave_the_rest_for_later():
    assert Pace(600).at_once(NOW - BURST, NOW, 4)[1] == NOW - timedelta(milliseconds=600)


def test_each_domain_has_times_of_its_own():
    domains = ["a.test", "b.test", "a.test", "a.test"]
    times, next_at = Pace(60).slots(domains, {"b.test": NOW + MINUTE}, NOW)
    second = timedelta(seconds=1)
    assert times == [NOW, NOW + MINUTE, NOW + second, NOW + 2 * second]
    assert next_at == {"a.test": NOW + 3 * second, "b.test": NOW + MINUTE + second}


@given(
    per_minute=st.floats(1, 10_000),
    waits=st.lists(st.floats(0, 30), min_size=1, max_size=40),
    most=st.integers(1, 1_000),
)
def test_in_no_stretch_of_time_more_go_than_the_pace_and_a_burst(
    per_minute: float, waits: list[float], most: int
):
    pace, now, next_at = Pace(per_minute), NOW, None
    went: list[tuple[datetime, int]] = []
    for wait in waits:
        may, next_at = pace.at_once(next_at, now, most)
        went.append((now, may))
        now += timedelta(seconds=wait)
    for first, (start, _) in enumerate(went):
        for last in range(first, len(went)):
            count = sum(may for _, may in went[first : last + 1])
            span = went[last][0] - start
            assert count <= (span + BURST) / pace.gap + 1 + 1e-6 * len(went)
