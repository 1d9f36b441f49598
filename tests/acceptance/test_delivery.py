"""Mails to a relay that fails as relays do: nobody is missed, nobody is sent one twice."""

import re
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from conftest import Clock, MakeApp
from letters import Letter, addresses, nobody, post, relay, told
from postfix import HERE, needs_smtp_sink, smtp_sink
from sink import HANG_UP, SILENCE, Phase, Sink

from digest.errors import SetupError
from digest.model import OnUncertain
from digest.pace import Pace
from digest.pipeline.claim import Paces
from digest.transports.smtp import Smtp

Answers = Callable[[Phase, str], str | None]
Publish = Callable[..., Letter]
RECIPIENT = re.compile(r"X-Rcpt-Args: <(\S+)>")
ONE = addresses(1)[0]


@pytest.fixture
def sink() -> Iterator[Sink]:
    with Sink().running() as running:
        yield running


@dataclass
class Took:
    """What smtp-sink, which may be another user, has laid down: a file for each mail."""

    folder: Path

    @property
    def switches(self) -> tuple[str, str]:
        return "-d", f"{self.folder}/%M%S."

    @property
    def recipients(self) -> Counter[str]:
        found = (RECIPIENT.search(file.read_text()) for file in self.folder.iterdir())
        return Counter(each[1] for each in found if each)


@pytest.fixture
def took() -> Iterator[Took]:
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o777)
        yield Took(Path(folder))


@pytest.fixture
def letter(make_app: MakeApp, sink: Sink) -> Publish:
    """Publish an edition for so many readers: `letter(9, connections=4, uncertain="hold")`."""

    def published(readers: int, connections: int = 4, **delivery: object) -> Letter:
        relay = sink.relay(connections=connections)
        return Letter(make_app(transport="smtp", smtp=relay, delivery=delivery), readers)

    return published


def test_many_connections_send_each_mail_once(letter: Publish, sink: Sink):
    sent = letter(300, connections=8)
    report = sent.app.deliver()
    assert (told(report), report.exit_code) == ({"sent": 300}, 0)
    assert sink.recipients == addresses(300)
    assert len({message_id for message_id, _ in sink.taken}) == 300
    assert sink.most_at_once == 8
    assert sent.stands == {"sent": 300}
    assert sent.is_finished


def test_no_more_connections_are_opened_than_there_are_mails(letter: Publish, sink: Sink):
    letter(2, connections=8).deliver()
    assert sink.most_at_once <= 2


# --- what each answer means ---------------------------------------------------------------------


@pytest.mark.parametrize(
    "case",
    [
        ("RCPT", "450 4.2.1 busy", "waiting", 0),
        ("RCPT", "550 5.1.1 nobody", "refused", 0),
        ("DATA", "451 4.3.0 no", "waiting", 0),
        ("DATA", "554 5.6.0 no", "refused", 0),
        ("DATA", HANG_UP, "waiting", 0),
        ("DOT", "452 4.3.1 no room", "waiting", 0),
        ("DOT", "554 5.6.0 no", "refused", 0),
        ("DOT", "421 4.3.0 closing", "waiting", 0),
        ("DOT", HANG_UP, "uncertain", 1),
    ],
)
def test_an_answer_to_one_mail_decides_about_that_one_and_no_other(
    letter: Publish, sink: Sink, clock: Clock, case: tuple[Phase, str, str, int]
):
    phase, said, stands, copies = case
    sent = letter(9)
    sink.answer = lambda at, to: said if (at, to) == (phase, ONE) else None
    assert sent.deliver() == {"sent": 8, stands: 1}
    assert sink.recipients == sorted(addresses(9)[1:] + [ONE] * copies)
    sink.answer = Sink().answer
    clock.wait(minutes=6)
    sent.deliver()
    arrived = stands == "waiting" or copies
    assert sink.recipients == addresses(9)[0 if arrived else 1 :]
    assert sent.stands == ({"sent": 9} if stands == "waiting" else {"sent": 8, stands: 1})


@pytest.mark.parametrize("phase", ["connect", "EHLO", "MAIL"])
@pytest.mark.parametrize("said", ["421 4.7.0 not now", "451 4.3.0 no", HANG_UP])
def test_a_relay_that_takes_nothing_now_gets_all_of_it_later(
    letter: Publish, sink: Sink, clock: Clock, phase: Phase, said: str
):
    sent = letter(30)
    sink.answer = lambda at, _: said if at == phase else None
    report = sent.app.deliver()
    assert report.exit_code == 3
    assert report.problem
    assert sent.stands == {"waiting": 30}
    assert sink.taken == []
    sink.answer = Sink().answer
    clock.wait(minutes=6)
    assert sent.deliver() == {"sent": 30}
    assert sink.recipients == addresses(30)


def test_who_is_put_off_at_first_as_in_greylisting_gets_it_at_the_second_try(
    letter: Publish, sink: Sink, clock: Clock
):
    seen = set()

    def greylists(at: Phase, to: str) -> str | None:
        new = at == "RCPT" and to not in seen
        seen.add(to)
        return "450 4.2.0 greylisted, come again" if new else None

    sent = letter(100)
    sink.answer = greylists
    assert sent.deliver() == {"waiting": 100}
    assert sent.deliver() == {"waiting": 100}, "not before five minutes are over"
    clock.wait(minutes=6)
    assert sent.deliver() == {"sent": 100}
    assert sink.recipients == addresses(100)


def test_a_relay_that_wants_fewer_connections_gets_fewer(letter: Publish, sink: Sink):
    sent = letter(60, connections=8)
    turned_away = []

    def answer(at: Phase, _: str) -> str | None:
        if at != "connect" or sink.open <= 2:
            return None
        turned_away.append(at)
        return "421 4.7.0 too many"

    sink.answer = answer
    assert sent.deliver() == {"sent": 60}
    assert sink.recipients == addresses(60)
    assert len(turned_away) <= 6, "who is turned away does not come again"


@pytest.mark.parametrize("phase", ["MAIL", "RCPT", "DATA", "DOT"])
def test_a_relay_that_refuses_us_stops_the_run_and_no_reader_loses_by_it(
    letter: Publish, sink: Sink, clock: Clock, phase: Phase
):
    sent = letter(50, connections=2)
    said = "550 5.7.26 this mail is not authenticated"
    asked = []

    def refuses(at: Phase, to: str) -> str | None:
        if at != phase:
            return None
        asked.append(to)
        return said

    sink.answer = refuses
    report = sent.app.deliver()
    assert told(report) == {"waiting": 50}
    assert (report.exit_code, "5.7.26" in (report.problem or "")) == (3, True)
    assert "5.7.26" in (sent.paused or "")
    assert len(asked) <= 2, "no more than one for each connection"
    sink.answer = Sink().answer
    clock.wait(minutes=6)
    assert sent.deliver() == {"waiting": 50}, "a person must act first"
    sent.app.resume([])
    assert sent.deliver() == {"sent": 50}
    assert sink.recipients == addresses(50)


def test_a_relay_that_refuses_our_address_stops_the_run_and_all_of_it_waits(
    letter: Publish, sink: Sink, clock: Clock
):
    sent = letter(50, connections=2)
    sink.answer = lambda at, _: "550 5.1.8 no such sender" if at == "MAIL" else None
    with pytest.raises(SetupError, match=r"MAIL FROM with 550 5\.1\.8 no such sender"):
        sent.deliver()
    assert (sent.stands, sent.paused, sink.taken) == ({"waiting": 50}, None, [])
    sink.answer = Sink().answer
    clock.wait(minutes=6)
    assert sent.deliver() == {"sent": 50}


def test_a_way_out_that_fails_ten_times_in_a_row_is_left_alone(letter: Publish, sink: Sink):
    sent = letter(100, connections=1)
    tried = []

    def answer(at: Phase, _: str) -> str | None:
        if at != "MAIL":
            return None
        tried.append(at)
        return "451 4.3.0 no"

    sink.answer = answer
    report = sent.app.deliver()
    assert "10 failed one after the other" in (report.problem or "")
    assert len(tried) == 10


def test_a_peer_that_accepts_and_says_nothing_does_not_hold_the_others(make_app: MakeApp):
    silent = []

    def first_is_half_open(at: Phase, _: str) -> str | None:
        if at == "connect" and not silent:
            silent.append(at)
            return SILENCE
        return None

    with Sink(first_is_half_open).running() as sink:
        relay = sink.relay(connections=3, timeout=0.5)
        sent = Letter(make_app(transport="smtp", smtp=relay), 60)
        assert sent.deliver() == {"sent": 59, "waiting": 1}
        assert sent.deliver() == {"sent": 1}
        assert sink.recipients == addresses(60)


# --- Postfix's test server ----------------------------------------------------------------------


@needs_smtp_sink
@pytest.mark.parametrize(
    ("switches", "stands"),
    [
        ("-f connect", "waiting"),
        ("-q connect", "waiting"),
        ("-W connect:6", "waiting"),
        ("-Q mail", "waiting"),
        ("-r rcpt", "waiting"),
        ("-f rcpt", "refused"),
        ("-q data", "waiting"),
        ("-r .", "waiting"),
        ("-f .", "refused"),
        ("-q .", "uncertain"),
        ("-W .:6", "uncertain"),
    ],
)
def test_whatever_smtp_sink_does_all_adds_up_and_the_next_run_sends_what_surely_did_not_arrive(
    make_app: MakeApp, clock: Clock, took: Took, switches: str, stands: str
):
    sent = Letter(make_app(transport="smtp"), 8)
    patience = {"timeout": 0.5, "dot_timeout": 0.5} if "-W" in switches else {}

    def run(port: int) -> None:
        relay = Smtp(HERE, port, "none", connections=2, local_hostname="here", **patience)
        post(sent.app, relay).deliver(nobody)

    with smtp_sink(*switches.split()) as port:
        run(port)
    assert sent.stands == {stands: 8}
    clock.wait(hours=2)
    with smtp_sink(*took.switches) as port:
        run(port)
    again = stands == "waiting"
    assert sent.stands == {"sent" if again else stands: 8}
    assert took.recipients == Counter(addresses(8) * again)


# --- doubts -------------------------------------------------------------------------------------


def doubtful(sink: Sink, *recipients: str) -> None:
    """The relay takes the mails to these and never says so."""
    sink.answer = lambda at, to: HANG_UP if at == "DOT" and to in recipients else None


def test_a_reply_that_never_comes_leaves_a_doubt_after_the_timeout(letter: Publish, sink: Sink):
    sent = letter(9)
    sink.answer = lambda at, to: SILENCE if (at, to) == ("DOT", ONE) else None
    assert told(post(sent.app, relay(sink, dot_timeout=0.3)).deliver(nobody)) == {
        "sent": 8,
        "uncertain": 1,
    }


@pytest.mark.parametrize(("policy", "finished"), [("ask", False), ("hold", True)])
def test_a_doubt_is_held_and_listed_and_its_copy_is_one(
    letter: Publish, sink: Sink, clock: Clock, policy: str, finished: bool
):
    sent = letter(5, uncertain=policy)
    doubtful(sink, ONE)
    assert sent.deliver() == {"sent": 4, "uncertain": 1}
    clock.wait(hours=2)
    sent.deliver()
    assert sink.recipients == addresses(5)
    assert sent.is_finished == finished
    (problem,) = sent.app.status().problems
    assert (problem["address"], problem["status"]) == (ONE, "uncertain")
    assert [each["uncertain"] for each in sent.app.status().open] == [1] * (not finished)


def test_a_doubt_is_sent_again_as_the_same_mail_where_that_is_the_policy(
    letter: Publish, sink: Sink, clock: Clock
):
    sent = letter(5, uncertain="resend")
    doubtful(sink, ONE)
    assert sent.deliver() == {"sent": 4, "waiting": 1}
    sink.answer = Sink().answer
    clock.wait(minutes=6)
    assert sent.deliver() == {"sent": 1}
    copies = [message_id for message_id, to in sink.taken if to == ONE]
    assert (len(copies), len(set(copies))) == (2, 1)
    (checked,) = sent.app.fsck().editions
    assert (checked.account.twice, checked.account.perhaps_twice) == (0, 1)


def test_a_relay_that_never_says_what_it_took_is_not_sent_it_for_ever(
    letter: Publish, sink: Sink, clock: Clock
):
    sent = letter(1, uncertain="resend")
    doubtful(sink, ONE)
    for _ in range(9):
        sent.deliver()
        clock.wait(hours=2)
    assert sink.recipients == [ONE] * 3
    assert sent.stands == {"uncertain": 1}
    assert sent.is_finished


@pytest.mark.parametrize(("answer", "copies"), [(OnUncertain.RESEND, 2), (OnUncertain.HOLD, 1)])
def test_a_person_decides_about_the_doubts_of_an_edition(
    letter: Publish, sink: Sink, answer: OnUncertain, copies: int
):
    sent = letter(5)
    doubtful(sink, ONE)
    sent.deliver()
    sink.answer = Sink().answer
    sent.app.decide(answer)
    sent.deliver()
    assert sink.recipients == sorted(addresses(5)[1:] + [ONE] * copies)
    assert sent.is_finished


def test_a_question_that_nobody_answers_ends_with_the_news(
    letter: Publish, sink: Sink, clock: Clock
):
    sent = letter(5)
    doubtful(sink, ONE)
    sent.deliver()
    clock.wait(hours=73)
    sent.deliver()
    assert sent.is_finished
    assert sent.stands == {"sent": 4, "uncertain": 1}


# --- what happens meanwhile ---------------------------------------------------------------------


def after(sink: Sink, mails: int, act: Callable[[], object]) -> None:
    """Do something in the midst of the run, before one more mail may be taken."""
    acted = []

    def answer(at: Phase, _: str) -> None:
        if at == "RCPT" and len(sink.taken) >= mails and not acted:
            acted.append(at)
            act()

    sink.answer = answer


def test_who_leaves_during_a_run_gets_nothing_any_more(letter: Publish, sink: Sink):
    sent = letter(100, connections=4)
    last = addresses(100)[-20:]
    after(sink, 10, lambda: sent.app.readers.remove(last, sent.app.clock()))
    assert sent.deliver() == {"sent": 80, "suppressed": 20}
    assert sink.recipients == addresses(100)[:-20]
    assert sent.stands == {"sent": 80, "suppressed": 20}


def test_an_edition_that_is_paused_goes_on_where_it_was(letter: Publish, sink: Sink):
    sent = letter(100, connections=4)
    after(sink, 10, lambda: sent.app.pause(["2026-11-20"]))
    report = sent.app.deliver()
    assert "paused" in (report.problem or "")
    assert 10 <= len(sink.taken) <= 14
    assert sent.stands == {"sent": len(sink.taken), "waiting": 100 - len(sink.taken)}
    sent.app.resume(["2026-11-20"])
    sent.deliver()
    assert sink.recipients == addresses(100)


def test_an_edition_that_is_cancelled_sends_nothing_more(letter: Publish, sink: Sink):
    sent = letter(100, connections=4)
    after(sink, 10, lambda: sent.app.cancel("2026-11-20"))
    sent.deliver()
    there = len(sink.taken)
    assert 10 <= there <= 14
    sent.deliver()
    assert sent.stands == {"sent": there, "suppressed": 100 - there}
    assert sent.is_finished


def test_nothing_goes_out_after_the_time_that_was_set(make_app: MakeApp, sink: Sink, clock: Clock):
    app = make_app(transport="smtp", smtp=sink.relay(connections=2))
    sent = Letter(app, 20, not_after=clock() + timedelta(hours=1))
    after(sink, 5, lambda: clock.wait(hours=1))
    sent.deliver()
    there = len(sink.taken)
    assert 5 <= there <= 7
    assert sent.stands == {"sent": there, "expired": 20 - there}
    assert sent.is_finished


def test_two_runs_at_once_send_each_mail_once(letter: Publish, sink: Sink):
    sent = letter(300)
    both = [post(sent.app, relay(sink, connections=4)) for _ in range(2)]
    with ThreadPoolExecutor(2) as pool:
        reports = list(pool.map(lambda each: each.deliver(nobody), both))
    assert sum(told(each).get("sent", 0) for each in reports) == 300
    assert sink.recipients == addresses(300)
    assert sent.stands == {"sent": 300}


@pytest.mark.parametrize("phase", ["RCPT", "DOT"])
def test_a_run_that_was_frozen_past_its_lease_sends_nothing_more(
    letter: Publish, sink: Sink, phase: Phase
):
    """What it had given away, on each of its connections, is the most that can go out twice."""
    connections = 4
    sent = letter(100, connections, uncertain="resend")

    def overtaken(at: Phase, _: str) -> str | None:
        """All connections of the first run stand still while a second one does the work."""
        if at == phase and len(sink.taken) >= 20:
            sink.answer = Sink().answer
            run = post(sent.app, relay(other, connections=4), an_hour_later)
            assert told(replace(run, on_uncertain=OnUncertain.RESEND).deliver(nobody))["sent"] >= 76
        return None

    def an_hour_later() -> datetime:
        return sent.app.clock() + timedelta(hours=1)

    with Sink().running() as other:
        sink.answer = overtaken
        sent.deliver()
        both = [*sink.taken, *other.taken]
    assert {to for _, to in both} == set(addresses(100))
    assert len(both) <= 100 + connections
    assert len(set(both)) == 100, "a copy has the Message-ID of the first"
    twice = Counter(both)
    assert sent.app.fsck().editions[0].account.twice <= sum(n > 1 for n in twice.values())


# --- alarms -------------------------------------------------------------------------------------


def tamper(sent: Letter, change: str) -> None:
    with sent.app.store.writing() as shelves:
        shelves.deliveries._connection.exec_driver_sql(change)


def test_a_reader_who_got_it_twice_stops_everything_until_a_person_lets_it_go_on(
    letter: Publish, sink: Sink
):
    sent = letter(20)
    tamper(sent, "UPDATE delivery SET status = 'sent', taken = 2 WHERE id = 1")
    report = sent.app.deliver()
    assert "1 of its readers got it more than once" in (report.problem or "")
    assert (report.exit_code, sink.taken) == (3, [])
    (checked,) = sent.app.fsck().editions
    assert checked.wrong == ("1 reader got it more than once",)
    sent.app.resume([])
    assert sent.deliver() == {"sent": 19}
    assert sent.is_finished


def test_more_mails_than_were_planned_stop_the_run_and_the_edition_is_not_finished(
    letter: Publish, sink: Sink
):
    sent = letter(20)
    tamper(sent, "UPDATE mailing SET planned = 19")
    report = sent.app.deliver()
    assert "is paused" in (report.problem or "")
    assert not sent.is_finished
    (checked,) = sent.app.fsck().editions
    assert "19 were planned and the ledger has 20 mails" in checked.wrong


# --- how fast -----------------------------------------------------------------------------------


@pytest.fixture
def ticking(clock: Clock) -> Callable[[], datetime]:
    began = time.monotonic()
    return lambda: clock.now + timedelta(seconds=time.monotonic() - began)


@pytest.mark.parametrize(
    "paces", [Paces("smtp", Pace(1_200), Pace(0)), Paces("smtp", Pace(0), Pace(400))], ids=str
)
def test_no_more_mails_go_in_a_minute_than_may(
    letter: Publish, sink: Sink, ticking: Any, paces: Paces
):
    sent = letter(30)
    began = time.monotonic()
    run = post(sent.app, relay(sink, connections=2), ticking, paces)
    assert told(run.deliver(nobody)) == {"sent": 30}
    assert time.monotonic() - began > 1.2
    assert sink.recipients == addresses(30)


def test_a_domain_that_has_had_enough_does_not_hold_the_others(
    letter: Publish, sink: Sink, ticking: Any
):
    sent = letter(9)
    paces = Paces("smtp", Pace(0), Pace(0.5))
    assert told(post(sent.app, relay(sink), ticking, paces).deliver(nobody)) == {
        "sent": 3,
        "waiting": 6,
    }
    assert sorted(to.partition("@")[2] for to in sink.recipients) == [
        *("lab0.test", "lab1.test", "lab2.test"),
    ]
