"""What becomes of a delivery after an attempt."""

from datetime import UTC, datetime, timedelta

import pytest

from digest import deliver
from digest.errors import DeliveryError, Refused, TryLater, Uncertain
from digest.model import (
    Delivery,
    Kind,
    OnUncertain,
    Receipt,
    Standing,
    Status,
    Subscriber,
)

NOW = datetime(2026, 6, 12, 7, 0, tzinfo=UTC)
READER = Subscriber(7, "grete@readers.test", "all", Kind.READER, Standing.ACTIVE, "token", NOW)
ASK, HOLD, RESEND = OnUncertain.ASK, OnUncertain.HOLD, OnUncertain.RESEND


def tried(times: int, doubts: int = 0) -> Delivery:
    return Delivery(1, 1, "2026-06-12", READER, Status.SENDING, times, doubts)


@pytest.mark.parametrize(
    ("result", "status"),
    [
        (Receipt("250 taken"), Status.SENT),
        (Refused("550 nobody", "5.1.1"), Status.REFUSED),
        (Refused("550 you are listed", "5.7.1"), Status.WAITING),
        (TryLater("450 busy"), Status.WAITING),
        (Uncertain("no answer"), Status.UNCERTAIN),
    ],
)
def test_each_result_of_an_attempt_has_its_status_and_keeps_its_words(
    result: Receipt | DeliveryError, status: Status
):
    outcome = deliver.outcome(result, tried(0), ASK, NOW)
    assert outcome.status is status
    assert outcome.detail == (result.detail if isinstance(result, Receipt) else result.reason)
    assert (outcome.not_before is not None) == (status is Status.WAITING)
    assert outcome.taken == (status is Status.SENT)
    assert outcome.doubt == (status is Status.UNCERTAIN)


def test_waits_double_from_five_minutes_up_to_an_hour():
    waits = [deliver.backoff(attempts) for attempts in (0, 1, 2, 3, 4, 5, 6, 10_000)]
    assert [wait / timedelta(minutes=1) for wait in waits] == [5, 5, 10, 20, 40, 60, 60, 60]


def test_the_longer_wait_holds_ours_or_the_one_that_was_asked_for():
    for after, minutes in ((None, 10), (timedelta(minutes=1), 10), (timedelta(hours=3), 180)):
        outcome = deliver.outcome(TryLater("busy", after), tried(1), ASK, NOW)
        assert outcome.not_before == NOW + timedelta(minutes=minutes)


@pytest.mark.parametrize(
    ("policy", "doubts", "status"),
    [
        (ASK, 0, Status.UNCERTAIN),
        (HOLD, 0, Status.UNCERTAIN),
        (RESEND, 0, Status.WAITING),
        (RESEND, 1, Status.WAITING),
        (RESEND, 2, Status.UNCERTAIN),
    ],
)
def test_what_is_doubtful_is_sent_again_where_that_is_the_policy_and_not_for_ever(
    policy: OnUncertain, doubts: int, status: Status
):
    for found in (
        deliver.outcome(Uncertain("no answer"), tried(doubts, doubts), policy, NOW),
        deliver.stale(tried(doubts, doubts), policy, NOW, repeatable=False),
    ):
        assert (found.status, found.doubt) == (status, True)
        assert (found.not_before is not None) == (status is Status.WAITING)


def test_a_relay_that_is_silent_is_left_alone_for_a_while_and_a_crash_is_mended_at_once():
    silent = deliver.outcome(Uncertain("no answer"), tried(0), RESEND, NOW)
    crashed = deliver.stale(tried(0), RESEND, NOW, repeatable=False)
    assert (silent.not_before, crashed.not_before) == (NOW + timedelta(minutes=5), NOW)


def test_a_delivery_that_a_dead_run_left_is_sent_again_where_that_leaves_one_copy():
    found = deliver.stale(tried(0), ASK, NOW, repeatable=True)
    assert (found.status, found.not_before, found.doubt) == (Status.WAITING, NOW, False)
