"""Several audiences: who gets what on which day, and by which words."""

import asyncio
import re
import shutil
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from conftest import ROOT, Clock, Digest, MakeApp, page

from digest.app import App
from digest.web import application

KITES, ROPES, FOG, NETS = (
    "Kites over Calm Water",
    "How Ropes Remember",
    "A Grammar of Fog",
    "Nets for Slow Fish",
)
ADA, GRACE = "ada@readers.example", "grace@readers.example"

# --- as a person uses it --------------------------------------------------------------------------


def weekday(digest: Digest, later: int = 0) -> str:
    now = datetime.now(ZoneInfo(digest.environment["DIGEST_TIMEZONE"]))
    return f"{now + timedelta(days=later):%A}".lower()


def configure(digest: Digest, text: str) -> None:
    (digest.folder / "digest.toml").write_text(text, "utf-8")


@pytest.fixture
def three(digest: Digest) -> Digest:
    """A newsletter for all, for a query, and for one whose day is today; and four papers."""
    configure(
        digest,
        f"""
        [audiences.air]
        query = 'kite OR fog'

        [audiences.knots]
        title = "Knots weekly"
        query = 'rope NOT fog'
        cadence = "weekly on {weekday(digest)}"
        """,
    )
    digest.add_dump("page.txt", page(KITES, ROPES, FOG, NETS))
    return digest


def titles(text: str) -> set[str]:
    return {title for title in (KITES, ROPES, FOG, NETS) if title in text}


def test_each_audience_gets_an_edition_of_the_papers_that_its_query_chooses(three):
    ran = three("run", "--json")
    assert (ran.code, ran.err) == (0, "")
    first = ran.document["publish"]
    air, knots = first["others"]
    assert [each["audience"] for each in (first, air, knots)] == ["all", "air", "knots"]
    assert [each["papers"] for each in (first, air, knots)] == [4, 2, 1]
    day = first["edition"]
    assert [air["edition"], knots["edition"]] == [f"{day}-air", f"{day}-knots"]
    assert ran.document["deliver"]["sent"] == 3
    bodies = [mail.get_body(("plain",)).get_content() for mail in three.mails]
    assert sorted(map(titles, bodies), key=len) == [
        {ROPES},
        {KITES, FOG},
        {KITES, ROPES, FOG, NETS},
    ]


def test_a_run_tells_of_each_audience(three):
    ran = three("run")
    day = three.here("status", "--json").document["last_edition"]
    assert f"  Edition  {day}: 4 papers" in ran.out
    assert f"           {day}-air: 2 papers" in ran.out
    assert f"           {day}-knots: 1 paper" in ran.out
    again = three("run").out
    assert f"air: none: the edition of {day} is published already" in again
    assert "nothing is owed" in again


def test_an_audience_that_is_not_due_waits_for_its_day(digest):
    tomorrow = weekday(digest, 1)
    configure(digest, f"[audiences.air]\nquery = 'kite'\ncadence = 'weekly on {tomorrow}'")
    digest.add_dump("page.txt", page(KITES))
    ran = digest("run")
    assert ran.code == 0
    assert f"air: none: it is published weekly on {tomorrow}" in ran.out
    status = digest.here("status", "--json").document["audiences"][1]
    due = datetime.fromisoformat(status["next_edition"])
    assert (f"{due:%A}".lower(), status["last_edition"]) == (tomorrow, None)
    asked = digest("publish", "--audience", "air", "--json").document
    assert (asked["audience"], asked["papers"], asked["others"]) == ("air", 1, [])


def test_readers_get_the_editions_of_the_audiences_that_they_joined(three):
    three("subscribers", "add", ADA)
    three("subscribers", "add", "--audience", "air", ADA, GRACE)
    three.here("run")
    got = sorted((mail["To"], mail["Subject"].partition(",")[0]) for mail in three.mails)
    assert got == [
        (ADA, "Paper digest"),
        (ADA, "Paper digest (air)"),
        ("digest@localhost", "Knots weekly"),
        (GRACE, "Paper digest (air)"),
    ]
    listed = three.here("subscribers", "list", "--audience", "air", "--json").document
    assert [(each["address"], each["audience"]) for each in listed] == [
        (ADA, "air"),
        (GRACE, "air"),
    ]


def test_one_more_reader_of_an_audience_gets_its_edition(three):
    three.here("run")
    late = ["deliver", "--audience", "air", "--to", ADA]
    three("subscribers", "add", ADA)
    ran = three.here(*late)
    add = "`digest subscribers add --audience air` makes them one"
    assert (ran.code, ran.complaint) == (2, f"digest: {ADA} is no reader of air; {add}")
    three.here("subscribers", "add", "--audience", "air", ADA)
    assert three(*late, "--json").document["sent"] == 1
    assert [mail["Subject"].partition(",")[0] for mail in three.mails if mail["To"] == ADA] == [
        "Paper digest (air)"
    ]
    ran = three.here(*late, "--date", "2020-02-02")
    assert "there is no edition for air of 2020-02-02" in ran.complaint


def test_what_is_uncertain_of_an_audience_is_decided_as_the_status_says(three):
    three.here("run")
    with closing(sqlite3.connect(three.folder / "var" / "digest.db")) as store, store:
        of_air = "edition_id = (SELECT id FROM edition WHERE audience = 'air')"
        store.execute(
            f"UPDATE delivery SET status = 'uncertain', taken = 0, doubts = 1 WHERE {of_air}"
        )
        store.execute(f"UPDATE mailing SET finished_at = NULL WHERE {of_air}")
    (told,) = re.findall(r"digest (deliver .*--uncertain) resend", three.here("status").out)
    assert three.here(*told.split(), "hold").code == 0
    assert three.here("status", "--json").document["open"] == []


def standings(digest: Digest, address: str) -> dict[str, str]:
    listed = digest.here("subscribers", "list", "--json").document
    return {each["audience"]: each["standing"] for each in listed if each["address"] == address}


def test_a_token_leaves_one_audience_and_an_address_all_unless_one_is_named(three):
    for audience in ("all", "air", "knots"):
        three.here("subscribers", "add", "--audience", audience, ADA)
    three.here("run")
    (mail,) = (mail for mail in three.mails if "Knots" in mail["Subject"])
    (token,) = re.findall(r"unsubscribe%20(\w+)", mail["List-Unsubscribe"])
    assert three.here("subscribers", "remove", token).code == 0
    assert standings(three, ADA) == {"all": "active", "air": "active", "knots": "left"}
    assert three.here("subscribers", "remove", "--audience", "air", ADA).code == 0
    assert standings(three, ADA) == {"all": "active", "air": "left", "knots": "left"}
    assert three.here("subscribers", "remove", "--audience", "air", ADA).code == 1
    three.here("subscribers", "add", "--audience", "air", ADA)
    assert three.here("subscribers", "remove", ADA).out == f"{ADA}: removed\n"
    assert set(standings(three, ADA).values()) == {"left"}


@pytest.mark.parametrize(
    "command",
    [
        ("publish",),
        ("preview",),
        ("subscribers", "add", ADA),
        ("subscribers", "list"),
        ("deliver", "--to", ADA),
        ("deliver", "--uncertain", "hold"),
    ],
)
def test_an_audience_that_is_not_there_is_told_which_there_are(three, command):
    ran = three.here(*command, "--audience", "aire")
    assert (ran.code, ran.out) == (2, "")
    assert ran.complaint == "digest: there is no audience 'aire'; there are: all, air, knots"


def test_a_preview_shows_the_edition_of_an_audience_before_and_after_it_is_published(three):
    three.environment["DIGEST_SECRET"] = "low tide"  # else the first reader brings one about
    three.here("ingest")
    draft = three("preview", "--audience", "air", "--text")
    assert (draft.code, titles(draft.out)) == (0, {KITES, FOG})
    three.here("publish")
    assert three.here("preview", "--audience", "air", "--text").out == draft.out
    configure(three, "[audiences.ice]\nquery = 'glacier'\n[audiences.air]\nquery = 'kite'")
    ran = three("preview", "--audience", "ice")
    assert (ran.code, ran.out) == (1, "")
    assert "there are no new papers that the query chooses" in ran.complaint
    day = three.here("status", "--json").document["last_edition"]
    ran = three.here("preview", "--audience", "air", "--date", "2020-02-29")
    assert f"digest preview --audience air --date {day}" in ran.complaint


def test_explain_names_the_audiences_and_the_words_that_chose_a_paper(three):
    three.here("ingest")
    before = three.here("explain", "Kites", "--json").document
    assert before["choose"] == [
        {"audience": "air", "query": "kite OR fog", "chosen_by": ["kite"]},
        {"audience": "knots", "query": "rope AND NOT fog", "chosen_by": None},
    ]
    assert [(each["audience"], each["edition"]) for each in before["rank"]] == [
        ("all", None),
        ("air", None),
    ]
    match = [{p["part"]: p["value"] for p in each["parts"]} for each in before["rank"]]
    assert [each["match"] for each in match] == [0, 0.5]
    three.here("publish")
    after = three.here("explain", "Kites", "--json").document
    assert [each["chosen_by"] for each in after["compose"]] == [[], ["kite"]]
    assert [each["edition"][10:] for each in after["rank"]] == ["", "-air"]
    told = three("explain", "Kites").out
    assert "  for air, by kite\n  not for knots: rope AND NOT fog" in told
    assert "chosen by kite" in told


def test_the_archive_has_the_editions_of_all_audiences_all_first(three):
    day = three.here("run", "--json").document["publish"]["edition"]
    links = re.findall(r'href="editions/([^"]+)\.html"', three.index)
    assert links == [day, f"{day}-air", f"{day}-knots"]
    assert "for knots" in three.index
    edition = (three.folder / "archive" / "editions" / f"{day}-air.html").read_text("utf-8")
    assert titles(edition) == {KITES, FOG}


def test_status_shows_each_audience_and_readers_of_one_that_is_no_more(three):
    three.here("subscribers", "add", "--audience", "air", ADA)
    three.here("run")
    configure(three, "[audiences.ice]\nquery = 'glacier'\ncadence = 'never'")
    told = three("status").out
    assert "all: 0 readers, daily: last edition 2" in told
    assert "ice: 0 readers, never: no edition yet, no next one" in told
    assert "air: 1 reader, but the settings name no such audience: they get nothing" in told
    three.here("run")
    assert len(three.mails) == 3


def test_one_audience_that_fails_stops_no_other(three):
    look = three.folder / "look"
    shutil.copytree(ROOT / "templates", look)
    text = look / "email" / "digest.txt.j2"
    text.write_text("{{ nothing }}\n" + text.read_text("utf-8"), "utf-8")
    settings = (
        "[audiences.air]\nquery = 'kite'\ntemplates = 'look'\n[audiences.sea]\nquery = 'fish'"
    )
    configure(three, settings)
    ran = three("run")
    assert ran.code == 1
    assert "air: failed: email/digest.txt.j2:1: 'nothing' is undefined" in ran.out
    assert "-sea: 1 paper" in ran.out
    assert "2 sent" in ran.out
    assert "publish failed: air: email/digest.txt.j2:1" in three.here("status").out
    alone = three("publish", "--audience", "air")
    assert (alone.code, alone.out) == (1, "")
    assert alone.complaint.startswith("digest: email/digest.txt.j2:1: 'nothing' is undefined")

    text.write_text(text.read_text("utf-8").partition("\n")[2], "utf-8")
    report = three.here("run", "--json").document["publish"]
    assert "error" not in report
    assert [each["papers"] for each in (report, *report["others"])] == [0, 1, 0]


def test_it_works_the_same_on_postgresql(three, postgres_url):
    report = three.here("run", "--json", database=postgres_url).document["publish"]
    assert [each["papers"] for each in (report, *report["others"])] == [4, 2, 1]
    assert three.here("explain", "Kites", database=postgres_url).code == 0
    assert "knots: 0 readers" in three.here("status", database=postgres_url).out


# --- from day to day ------------------------------------------------------------------------------


def dump(app: App, *new: str, day: str = "Nov 20") -> None:
    app.settings.dumps.mkdir(exist_ok=True)
    name = f"{new[0]}.txt"
    (app.settings.dumps / name).write_text(page(*new, day=day), "utf-8")
    app.ingest()


def published(app: App, audience: str) -> list[str]:
    """What publish says for an audience: the titles of its new edition, or why there is none."""
    (report,) = (each for each in app.publish().reports if each.audience == audience)
    document = report.document()
    if not document["edition"]:
        return [document["why"]]
    with app.store.reading() as shelves:
        (made,) = (e for e in shelves.editions.all() if e.name == document["edition"])
    return sorted(card.title for card in made.cards)


def airy(**more: Any) -> dict[str, Any]:
    return {"air": {"query": "kite OR fog OR net", **more}}


def test_a_weekly_edition_has_the_papers_of_the_week_each_once(make_app: MakeApp, clock: Clock):
    app = make_app(audiences=airy(cadence="weekly on friday"))
    dump(app, KITES, ROPES)
    assert published(app, "air") == [KITES]
    clock.wait(days=1)
    dump(app, FOG, KITES, day="Nov 21")
    assert published(app, "air") == ["it is published weekly on friday"]
    clock.wait(days=5)
    dump(app, NETS, day="Nov 26")
    clock.wait(days=1)
    assert published(app, "air") == [FOG, NETS]
    clock.wait(days=7)
    assert published(app, "air") == ["no new papers that the query chooses"]


def test_a_weekly_day_without_a_run_is_made_up_for(make_app: MakeApp, clock: Clock):
    app = make_app(audiences=airy(cadence="weekly on friday"))
    dump(app, KITES)
    assert published(app, "air") == [KITES]
    clock.wait(days=9)
    dump(app, FOG, day="Nov 29")
    assert published(app, "air") == [FOG]
    clock.wait(days=1)
    assert published(app, "air") == ["it is published weekly on friday"]


def test_nothing_is_published_on_a_weekend_where_the_cadence_is_weekdays(
    make_app: MakeApp, clock: Clock
):
    app = make_app(audiences={"all": {"cadence": "weekdays"}})
    clock.wait(days=1)
    dump(app, KITES, day="Nov 21")
    assert published(app, "all") == ["it is published weekdays"]
    assert app.next_edition("all") == datetime(2026, 11, 23, 7, tzinfo=UTC)
    clock.wait(days=2)
    assert published(app, "all") == [KITES]
    assert app.next_edition("all") == datetime(2026, 11, 24, 7, tzinfo=UTC)


def test_too_few_papers_wait_until_there_are_enough(make_app: MakeApp, clock: Clock):
    app = make_app(audiences=airy(min_papers=2))
    dump(app, KITES, ROPES)
    few = "1 new paper that the query chooses, and min_papers is 2"
    assert published(app, "air") == [few]
    clock.wait(days=1)
    assert published(app, "air") == [few]
    clock.wait(days=1)
    dump(app, FOG, day="Nov 22")
    assert published(app, "air") == [FOG, KITES]


def test_a_query_that_grows_brings_back_nothing_that_was_passed_over(
    make_app: MakeApp, clock: Clock
):
    dump(app := make_app(audiences={"air": {"query": "kite"}}), KITES, ROPES)
    assert published(app, "air") == [KITES]
    clock.wait(days=1)
    app = make_app(audiences={"air": {"query": "kite OR rope OR net"}})
    dump(app, NETS, day="Nov 21")
    assert published(app, "air") == [NETS]
    assert published(app, "all") == ["the edition of 2026-11-21 is published already"]


def test_a_new_audience_begins_with_the_last_week(make_app: MakeApp, clock: Clock):
    dump(app := make_app(), KITES, ROPES)
    app.publish()
    clock.wait(days=8)
    dump(app, FOG, day="Nov 28")
    app.publish()
    clock.wait(days=1)
    dump(app, NETS, day="Nov 29")
    assert published(make_app(audiences=airy()), "air") == [FOG, NETS]


def test_an_extra_edition_is_for_those_who_have_their_day(make_app: MakeApp, clock: Clock):
    app = make_app(audiences=airy() | {"sea": {"query": "net", "cadence": "weekly on monday"}})
    dump(app, KITES, ROPES)
    app.publish()
    dump(app, NETS, FOG)
    names = [report.document()["edition"] for report in app.publish(extra=True).reports]
    assert names == ["2026-11-20-2", "2026-11-20-air-2", None]


def test_the_page_behind_a_link_says_which_newsletter_it_is_of(make_app: MakeApp, clock: Clock):
    app = make_app(name="Tides", audiences=airy(title="Tides in the air"))
    for audience in ("all", "air", "gone"):
        app.readers.add([ADA], clock(), audience)
    with app.store.reading() as shelves:
        tokens = {each.audience: each.token for each in shelves.subscribers.all()}
    heads = {audience: got(app, f"/u/{token}") for audience, token in tokens.items()}
    assert heads == {"all": "Tides", "air": "Tides in the air", "gone": "Tides"}


def got(app: App, path: str) -> str:
    """The heading of a page that is served."""
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    facts = {"type": "http", "method": "GET", "path": path, "headers": [], "query_string": b""}
    asked = application(app)({**facts, "root_path": ""}, receive, send)
    with ThreadPoolExecutor(1) as aside:  # a browser of another test may run a loop in this one
        aside.submit(asyncio.run, asked).result()
    page = b"".join(message.get("body", b"") for message in sent).decode()
    return re.findall(r"<h1>(.*)</h1>", page)[0]


def test_the_same_papers_give_the_same_bytes_for_every_audience(make_app: MakeApp, tmp_path):
    mails = []
    for name in ("here", "there"):
        app = make_app(tmp_path / name, audiences=airy(), secret="tidal-canary-31")
        dump(app, KITES, ROPES, FOG)
        app.publish()
        app.deliver()
        mails.append({each.name: each.read_bytes() for each in app.settings.outbox.iterdir()})
    assert mails[0] == mails[1]
    assert len(mails[0]) == 2
