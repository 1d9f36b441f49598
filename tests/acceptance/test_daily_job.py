"""The daily job from dumps to mails and archive, as a person runs it."""

import re

import pytest
from conftest import DUMPS, Digest, contents, page

from digest.app import App
from digest.model import Form, Status

INGEST = {"dumps", "papers", "new", "known", "quarantined", "ignored"}
PUBLISH = {"date", "papers", "themes", "budget", "planned"}
DELIVER = {"planned", *Status}
ARCHIVE = {"pages", "written"}
TITLES = ("Kites over Calm Water", "How Ropes Remember", "A Grammar of Fog")


@pytest.fixture
def sampled(digest: Digest) -> Digest:
    digest.add_samples()
    return digest


def test_the_first_run_makes_mails_and_archive_and_says_what_to_do_next(sampled):
    ran = sampled("run")
    assert (ran.code, ran.err) == (0, "")
    assert "3 dumps read: 28 papers, 26 new, 2 known" in ran.out
    assert "26 papers in" in ran.out
    assert "1 sent" in ran.out
    for command in ("digest preview", "digest subscribers add ADDRESS", "digest status"):
        assert command in ran.out
    assert "put them into dumps" in ran.out


def test_a_mail_is_complete_and_shows_its_text_first(sampled):
    sampled.here("run", name="Tide letter", sender="editor@lab.example")
    (mail,) = sampled.mails
    assert mail.defects == []
    assert mail["From"] == "Tide letter <editor@lab.example>"
    assert mail["To"] == "editor@lab.example"
    assert mail["Subject"].startswith("Tide letter, ")
    assert mail["Message-ID"].endswith("@lab.example>")
    assert mail["Date"].datetime
    assert mail["List-Id"] == '"Tide letter" <all.lab.example>'
    assert mail["List-Unsubscribe"].startswith("<mailto:editor@lab.example?subject=unsubscribe%20")
    assert mail["List-Unsubscribe-Post"] is None  # there is nobody who takes the click
    assert mail["MIME-Version"] == "1.0"
    assert mail.get_content_type() == "multipart/alternative"
    plain, html = mail.iter_parts()
    assert (plain.get_content_type(), html.get_content_type()) == ("text/plain", "text/html")
    assert plain.defects == html.defects == []
    for part in (plain.get_content(), html.get_content()):
        assert "Lanternfish: Letting Language Models Dim" in " ".join(part.split())


def test_the_archive_has_an_index_and_a_page_of_the_edition_with_every_paper(sampled):
    day = sampled.here("run", "--json").document["publish"]["date"]
    archive = contents(sampled.folder / "archive")
    assert f'href="editions/{day}.html"' in sampled.index
    edition = archive[f"editions/{day}.html"].decode()
    assert edition.count("<article") == 26
    assert "Lanternfish: Letting Language Models Dim" in edition


def test_json_is_one_document_with_the_four_reports(sampled):
    ran = sampled("run", "--json")
    assert (ran.code, ran.err, len(ran.out.splitlines())) == (0, "", 1)
    found = ran.document
    assert list(found) == ["ingest", "publish", "deliver", "archive"]
    for stage, keys in zip(found.values(), (INGEST, PUBLISH, DELIVER, ARCHIVE), strict=True):
        assert keys <= set(stage)
    ingest, publish, deliver, archive = found.values()
    assert (ingest["dumps"], ingest["papers"], ingest["new"], ingest["known"]) == (3, 28, 26, 2)
    assert (publish["papers"], publish["budget"]["cards"], publish["planned"]) == (26, 26, 1)
    assert deliver["sent"] == deliver["planned"] == sum(deliver[status] for status in Status)
    assert archive["pages"] == archive["written"] == 3


def test_a_second_run_finds_nothing_new_says_so_and_sends_nothing(sampled):
    sampled.here("run")
    outbox, archive = sampled.outbox, contents(sampled.folder / "archive")
    ran = sampled("run")
    assert ran.code == 0
    assert "nothing new (3 files read before)" in ran.out
    assert "nothing is owed" in ran.out
    again = sampled.here("run", "--json").document
    assert (again["ingest"]["dumps"], again["ingest"]["new"]) == (0, 0)
    assert again["deliver"]["planned"] == 0
    assert again["archive"]["written"] == 0
    assert sampled.outbox == outbox
    assert contents(sampled.folder / "archive") == archive


def test_each_stage_is_a_command_that_prints_its_own_report(sampled):
    reports = {
        stage: sampled(stage, "--json").document
        for stage in ("ingest", "publish", "deliver", "archive")
    }
    assert reports["ingest"]["new"] == reports["publish"]["papers"] == 26
    assert reports["deliver"]["sent"] == 1
    assert reports["archive"]["pages"] == 3
    assert len(sampled.mails) == 1


def test_papers_that_come_after_the_edition_wait_for_the_next(digest):
    digest.add_dump("one.txt", page(TITLES[0]))
    digest.here("run")
    digest.add_dump("two.txt", page(*TITLES[1:]))
    ran = digest("run")
    assert "is published already" in ran.out
    assert "2 papers wait for the next edition" in ran.out
    assert "digest publish --extra" in ran.out
    assert len(digest.mails) == 1


def test_an_extra_edition_is_made_of_them_at_once(digest):
    digest.add_dump("one.txt", page(TITLES[0]))
    first = digest("run", "--json").document["publish"]["edition"]
    digest.add_dump("two.txt", page(*TITLES[1:]))
    digest.here("ingest")
    extra = digest.here("publish", "--extra", "--json").document
    assert extra["edition"] == f"{first}-2"
    assert extra["papers"] == 2
    assert digest.here("deliver", "--json").document["sent"] == 1
    digest.here("archive")
    assert len(digest.mails) == 2
    assert len({mail["Message-ID"] for mail in digest.mails}) == 2
    assert f"{first}-2.html" in digest.index
    assert TITLES[0] not in digest.here("preview", "--text").out


def test_the_same_content_under_another_name_is_known(digest):
    content = page(*TITLES)
    digest.add_dump("one.txt", content)
    digest.here("ingest")
    digest.add_dump("copy.txt", content)
    again = digest.here("ingest", "--json").document
    assert (again["dumps"], again["unchanged"], again["papers"]) == (0, 2, 0)


def test_a_paper_of_two_dumps_is_news_once(digest):
    digest.add_dump("one.txt", page(*TITLES[:2]))
    digest.add_dump("two.txt", page(*TITLES[1:]))
    ran = digest.here("run", "--json").document
    assert (ran["ingest"]["papers"], ran["ingest"]["new"], ran["ingest"]["known"]) == (4, 3, 1)
    assert ran["publish"]["papers"] == 3


def test_history_is_known_from_now_on_and_in_no_edition(digest):
    digest.add_dump("old/page.txt", page(*TITLES[:2]))
    told = digest.here("ingest", "--as-history", "dumps/old", "--json").document
    assert told["new"] == 2
    digest.add_dump("page.txt", page(*TITLES))
    ran = digest.here("run", "--json").document
    assert (ran["ingest"]["new"], ran["ingest"]["known"]) == (1, 2)
    assert ran["publish"]["papers"] == 1
    assert "ingested as history" in digest.here("explain", TITLES[0]).out


def test_the_day_of_a_dump_can_be_given_and_an_edition_holds_what_was_seen_by_its_day(digest):
    early = digest.add_dump("early.txt", page(TITLES[0], day="Mar 3"))
    late = digest.add_dump("late.txt", page(TITLES[1], day="Mar 5"))
    digest.here("ingest", "--date", "2026-03-03", early)
    digest.here("ingest", "--date", "2026-03-05", late)
    published = digest.here("publish", "--date", "2026-03-04", "--json").document
    assert published["date"] == published["edition"] == "2026-03-04"
    assert published["papers"] == 1
    assert TITLES[0] in digest.here("preview", "--date", "2026-03-04", "--text").out


def test_a_quiet_day_is_told_in_summary_status_and_archive(digest):
    (digest.folder / "dumps").mkdir()
    ran = digest("run")
    assert ran.code == 0
    assert "none: no new papers" in ran.out
    assert "put dump files into dumps" in ran.out
    assert "no new papers" in digest.here("status").out
    assert "No edition: no new papers" in digest.index
    assert digest.mails == []


def test_too_few_papers_make_no_edition_and_wait(digest):
    digest.add_dump("one.txt", page(TITLES[0]))
    ran = digest("run", min_papers=3)
    assert ran.code == 0
    assert "none: 1 new paper, and min_papers is 3" in ran.out
    assert "1 paper waits for the next edition" in ran.out
    assert "1 new paper, and min_papers is 3" in digest.here("status", min_papers=3).out
    assert "No edition: 1 new paper, and min_papers is 3" in digest.index
    digest.add_dump("two.txt", page(*TITLES[1:]))
    assert digest.here("run", "--json", min_papers=3).document["publish"]["papers"] == 3
    assert "No edition" not in digest.index


def test_the_job_works_the_same_on_postgresql(sampled, postgres_url):
    first = sampled("run", "--json", database=postgres_url)
    assert (first.code, first.err) == (0, "")
    assert first.document["publish"]["papers"] == 26
    assert first.document["deliver"]["sent"] == 1
    again = sampled.here("run", "--json", database=postgres_url).document
    assert (again["ingest"]["unchanged"], again["deliver"]["planned"]) == (3, 0)
    assert sampled.here("explain", "lanternfish", database=postgres_url).code == 0
    assert "1 sent" in sampled.here("status", database=postgres_url).out
    assert "Lanternfish" in sampled.here("preview", "--text", database=postgres_url).out
    assert len(sampled.mails) == 1
    assert not (sampled.folder / "var" / "digest.db").exists()


def frozen(app: App) -> Form:
    with app.store.reading() as shelves:
        row = shelves.editions.latest(app.audience, app.today)
        assert row is not None
        return shelves.editions.form(row)


def test_the_same_input_gives_the_same_bytes_in_another_folder(make_app, tmp_path):
    mails = []
    for name in ("here", "there"):
        app = make_app(tmp_path / name, dumps=DUMPS, secret="tidal-canary-31")
        app.run()
        mails.append((frozen(app), contents(app.settings.outbox), contents(app.settings.archive)))
    assert mails[0] == mails[1]


def test_the_same_input_gives_the_same_mail_in_another_process(sampled, tmp_path):
    elsewhere = Digest(tmp_path / "elsewhere", sampled.environment | {"PYTHONHASHSEED": "7"})
    elsewhere.folder.mkdir()
    outboxes = []
    for digest in (sampled, elsewhere):
        digest("run", secret="tidal-canary-31", dumps=DUMPS)
        undated = {name: re.sub(rb"Date: .*", b"", mail) for name, mail in digest.outbox.items()}
        outboxes.append(undated)
    assert outboxes[0] == outboxes[1] != {}
