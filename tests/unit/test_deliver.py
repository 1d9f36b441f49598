from datetime import UTC, datetime, timedelta

import pytest

from digest import deliver
from digest.errors import Refused, TryLater, Uncertain
from digest.model import Delivery, Kind, Receipt, Standing, Status, Subscriber

NOW = datetime(2026, 6, 12, 7, 0, tzinfo=UTC)
READER = Subscriber(7, "grete@lab.example", "all", Kind.READER, Standing.ACTIVE, "t" * 32, NOW)


def tried(times: int) -> Delivery:
    return Delivery(1, 1, "2026-06-12", READER, Status.SENDING, times)


@pytest.mark.parametrize(
    ("result", "status"),
    [
        (Receipt("250 taken"), Status.SENT),
        (Refused("550 nobody"), Status.REFUSED),
        (TryLater("450 busy"), Status.WAITING),
        (Uncertain("no answer"), Status.UNCERTAIN),
    ],
)
def test_each_result_of_an_attempt_has_its_status_and_keeps_its_words(result, status):
    outcome = deliver.outcome(result, tried(1), NOW)
    assert outcome.status is status
    assert outcome.detail == (result.detail if isinstance(result, Receipt) else result.reason)
    assert (outcome.not_before is not None) == (status is Status.WAITING)


def test_waits_double_from_five_minutes_up_to_an_hour():
    waits = [deliver.backoff(attempts) for attempts in (0, 1, 2, 3, 4, 5, 6, 10_000)]
    assert [wait / timedelta(minutes=1) for wait in waits] == [5, 5, 10, 20, 40, 60, 60, 60]


def test_the_longer_wait_holds_ours_or_the_one_that_was_asked_for():
    for after, minutes in ((None, 10), (timedelta(minutes=1), 10), (timedelta(hours=3), 180)):
        outcome = deliver.outcome(TryLater("busy", after), tried(2), NOW)
        assert outcome.not_before == NOW + timedelta(minutes=minutes)


def test_a_delivery_that_a_dead_run_left_is_sent_again_only_where_that_leaves_one_copy():
    assert deliver.stale(repeatable=True).status is Status.WAITING
    assert deliver.stale(repeatable=False).status is Status.UNCERTAIN
