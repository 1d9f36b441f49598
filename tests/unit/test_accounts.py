"""What the deliveries of an edition must add up to."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.accounts import OPEN, Account, alarms
from digest.model import OnUncertain, Status

NONE = dict.fromkeys(Status, 0)
ALL_SENT = Account(3, NONE | {Status.SENT: 3}, taken=3, twice=0, perhaps_twice=0, unfounded=0)


def test_an_edition_that_adds_up_raises_no_alarm():
    assert list(alarms(ALL_SENT)) == []
    assert ALL_SENT.is_finished(OnUncertain.ASK)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"planned": 4}, "4 were planned and the ledger has 3 mails"),
        ({"twice": 1}, "1 reader got it more than once"),
        ({"taken": 4}, "3 were planned and 4 were taken"),
        ({"unfounded": 2}, "2 mails with a status that no answer accounts for"),
    ],
)
def test_what_cannot_be_is_told(change: dict[str, int], said: str):
    assert list(alarms(replace(ALL_SENT, **change))) == [said]


def test_what_a_person_knows_of_is_no_alarm():
    account = replace(ALL_SENT, twice=2, taken=5)
    assert list(alarms(account, known_twice=2)) == []
    assert list(alarms(account, known_twice=1)) == ["2 readers got it more than once"]


@pytest.mark.parametrize("status", OPEN)
@pytest.mark.parametrize("policy", OnUncertain)
def test_an_edition_is_not_finished_while_a_mail_is_open(status: Status, policy: OnUncertain):
    assert not replace(ALL_SENT, counts=NONE | {status: 1}).is_finished(policy)


@pytest.mark.parametrize("policy", OnUncertain)
def test_only_who_wants_to_be_asked_is_waited_for(policy: OnUncertain):
    account = replace(ALL_SENT, counts=NONE | {Status.UNCERTAIN: 1})
    assert account.is_finished(policy) == (policy is not OnUncertain.ASK)


@given(
    counts=st.fixed_dictionaries({status: st.integers(0, 9) for status in Status}),
    lost=st.integers(-3, 3),
)
def test_a_mail_more_or_less_than_planned_is_always_noticed(counts: dict[Status, int], lost: int):
    planned = sum(counts.values()) + lost
    account = Account(planned, counts, 0, 0, 0, 0)
    assert bool([said for said in alarms(account) if "the ledger has" in said]) == bool(lost)
