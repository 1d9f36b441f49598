import pytest

from digest.errors import Refused, SetupError, TryLater, Uncertain
from digest.smtp_answers import Answer, Phase

AT_A_READER = (Phase.RCPT, Phase.DATA, Phase.DOT)


@pytest.mark.parametrize("phase", AT_A_READER)
@pytest.mark.parametrize(
    ("code", "lines", "status", "policy"),
    [
        (550, b"5.1.1 no such user", "5.1.1", False),
        (554, b"5.7.1 looks like spam", "5.7.1", True),
        (550, b"5.7.515 not authenticated", "5.7.515", True),
        (550, b"no such user", "", False),
        (550, b"see https://relay.example.net/5.7.1", "", False),
        (530, b"authentication required", "5.7.0", True),
        (535, b"who are you", "5.7.0", True),
        (530, b"5.1.0 odd", "5.1.0", False),
    ],
)
def test_a_refusal_tells_whether_it_is_the_reader_or_us(phase, code, lines, status, policy):
    error = Answer(code, lines).meaning(phase, "relay:25")
    assert isinstance(error, Refused)
    assert (error.status, error.policy) == (status, policy)


@pytest.mark.parametrize("phase", Phase)
def test_to_refuse_us_is_the_same_whenever_it_is_said(phase):
    error = Answer(550, b"5.7.1 not from here").meaning(phase, "relay:25")
    assert isinstance(error, Refused)
    assert (error.status, error.policy) == ("5.7.1", True)


def test_an_address_of_ours_that_is_refused_is_a_wrong_setting():
    error = Answer(550, b"5.1.8 no such sender").meaning(Phase.MAIL, "relay:25")
    assert type(error) is SetupError
    assert str(error) == "relay:25 answered MAIL FROM with 550 5.1.8 no such sender"


@pytest.mark.parametrize("phase", Phase)
def test_421_asks_for_fewer_connections_and_other_delays_are_about_a_reader_or_nobody(phase):
    busy = Answer(421, b"4.7.0 too many").meaning(phase, "relay:25")
    later = Answer(450, b"4.2.0 greylisted").meaning(phase, "relay:25")
    assert isinstance(busy, TryLater)
    assert isinstance(later, TryLater)
    assert (busy.fewer, later.fewer) == (True, False)
    assert (busy.reader, later.reader) == (False, phase is Phase.RCPT)


@pytest.mark.parametrize("code", [-1, 199, 354, 600])
def test_an_answer_that_makes_no_sense_is_uncertain_after_the_dot_only(code):
    assert type(Answer(code, b"?").meaning(Phase.DOT, "relay:25")) is Uncertain
    assert type(Answer(code, b"?").meaning(Phase.RCPT, "relay:25")) is TryLater


def test_what_a_relay_says_is_one_line_of_visible_text_and_not_endless():
    text = Answer(550, b"no\x1b[31m\nat\xff all\r\n" + b"x" * 5000).text
    assert text.startswith("550 no [31m at\ufffd all xxx")
    assert len(text) == 300
