"""`digest preview`, `explain` and `status`: looking, without changing anything."""

import os
import shutil
from pathlib import Path

import pytest
from conftest import ROOT, Digest, MakeApp, page

pytestmark = pytest.mark.usefixtures("unjudged")

SECTIONS = ["ingest", "dedupe", "summarise", "group", "rank", "compose", "deliver"]
TITLES = ("Kites over Calm Water", "How Ropes Remember", "A Grammar of Fog")


@pytest.fixture
def published(digest: Digest) -> Digest:
    digest.add_dump("page.txt", page(*TITLES))
    assert digest.here("run").code == 0
    return digest


def test_only_what_the_mail_shows_is_summarised_for_a_look_at_it(make_app: MakeApp, tmp_path: Path):
    app = make_app(ranking={"cards": 1, "lines": 1})
    dump = tmp_path / "page.txt"
    dump.write_text(page(*TITLES), "utf-8")
    app.ingest([dump])
    assert app.secret, "what the reader's links are made of"
    desk = app.desk
    found = app.preview(app.today, desk=desk)
    assert found.papers == len(TITLES)
    assert len(desk.known) == 2
    app.publish()
    assert app.preview(app.today).html == found.html
    with app.store.reading() as shelves:
        refs = [paper.ref for paper in shelves.papers.at([1, 2, 3]).values()]
        assert all(shelves.papers.summaries(refs)[ref][1] for ref in refs)


def test_without_a_screen_the_path_of_the_page_is_printed(published):
    ran = published("preview")
    assert ran.code == 0
    first, *told, where, spam = ran.err.splitlines()
    assert first == f"Published: {published.mails[0]['Subject']}"
    assert [line.split()[0] for line in told] == ["Changed", "Lint", "Size", "Programs"]
    assert told[1].split() == ["Lint", "0", "errors,", "0", "warnings"]
    assert where == "There is no browser here: open it in one."
    assert spam.split()[0] == "Spam"
    file = Path(published.folder, ran.out.strip())
    assert file.is_relative_to(published.folder / "var")
    assert TITLES[0] in file.read_text("utf-8")


def test_a_browser_is_opened_where_there_is_one(published):
    browser = published.folder / "browser"
    browser.write_text('#!/bin/sh\necho "$1" > opened\n')
    browser.chmod(0o755)
    published.environment |= {"DISPLAY": ":0", "BROWSER": f"{browser} %s"}
    ran = published("preview")
    opened = (published.folder / "opened").read_text().strip()
    assert opened == (published.folder / ran.out.strip()).as_uri()


def test_nothing_waits_for_spamassassin(published):
    for name, script in {
        "browser": "touch opened",
        # It says what it found when the page has been opened, and not before.
        "spamassassin": "until [ -e opened ]; do sleep .1; done\n"
        "echo 'X-Spam-Status: No, score=0.0 required=5.0 tests=none autolearn=ham'",
    }.items():
        (published.folder / name).write_text(f"#!/bin/sh\ncd {published.folder}\n{script}\n")
        (published.folder / name).chmod(0o755)
    path = f"{published.folder}:{os.environ['PATH']}"
    browser = f"{published.folder / 'browser'} %s"
    published.environment |= {"DISPLAY": ":0", "BROWSER": browser, "PATH": path}
    ran = published("preview")
    assert ran.code == 0
    assert ran.err.splitlines()[-1].split(maxsplit=1) == ["Spam", "0, and 5 is spam"]


def test_a_browser_that_is_asked_for_and_missing_is_told_and_one_may_be_left_out(published):
    asked = published("preview", "--open")
    assert asked.code == 2
    assert asked.err.splitlines()[-1].startswith("digest: There is no browser here: open var/")
    unasked = published("preview", "--no-open")
    assert unasked.code == 0
    assert "browser" not in unasked.err


def test_text_and_html_go_to_standard_output_as_they_were_mailed(published):
    (mail,) = published.mails
    for part, option in zip(mail.iter_parts(), ("--text", "--html"), strict=True):
        ran = published("preview", option)
        assert (ran.code, ran.err) == (0, "")
        assert ran.out == part.get_content().replace("\r\n", "\n")


def test_the_whole_mail_goes_to_standard_output_byte_by_byte(published):
    (mail,) = published.outbox.values()
    assert published("preview", "--eml").out.encode() == mail
    published.here("subscribers", "add", "ada@lab.example")
    assert published("preview", "--eml", name="Renamed").out.encode() == mail


def test_html_is_utf8_wherever_it_is_printed(published):
    html = published.here("preview", "--html").out
    published.environment["PYTHONIOENCODING"] = "ascii"
    assert published("preview", "--html").out == html
    assert not html.isascii()


def test_a_draft_is_shown_before_it_is_published_and_nothing_is_kept(digest):
    digest.add_dump("page.txt", page(*TITLES))
    digest.here("ingest")
    ran = digest("preview")
    assert ran.err.startswith("Draft: ")
    assert TITLES[2] in digest.here("preview", "--text").out
    told = digest.here("status", "--json").document
    assert (told["last_edition"], told["waiting_papers"]) == (None, 3)
    assert not (digest.folder / "outbox").exists()


def test_an_edition_is_shown_as_it_was_frozen_whatever_became_of_the_templates(published):
    before = published.here("preview", "--html").out
    templates = published.folder / "look"
    shutil.copytree(ROOT / "templates", templates)
    mail = templates / "email" / "digest.html.j2"
    mail.write_text(mail.read_text("utf-8").replace('_("Unsubscribe")', "'Leave us'"), "utf-8")
    assert published.here("preview", "--html", templates="look").out == before

    published.add_dump("more.txt", page("Nets for Slow Fish"))
    published.here("ingest", templates="look")
    tomorrow = published.here("status", "--json").document["next_run"][:10]
    draft = published.here("preview", "--html", "--date", tomorrow, templates="look").out
    assert "Leave us" in draft


def test_a_day_without_news_is_told_in_one_line(digest):
    ran = digest("preview")
    assert (ran.code, ran.out) == (1, "")
    assert "there are no new papers" in ran.complaint


def test_a_day_without_edition_names_the_last_one(published):
    day = published.here("status", "--json").document["last_edition"]
    ran = published("preview", "--date", "2020-02-29")
    assert (ran.code, ran.out) == (1, "")
    assert "no edition for 2020-02-29" in ran.complaint
    assert f"digest preview --date {day}" in ran.complaint


def test_explain_knows_a_paper_by_id_by_title_and_by_words(published):
    by_words = published.here("explain", "ropes", "REMEMBER", "--json").document
    ref = by_words["paper"]["ref"]
    assert list(by_words) == ["paper", *SECTIONS]
    assert published.here("explain", ref, "--json").document == by_words
    assert published.here("explain", "how ropes remember", "--json").document == by_words
    told = published("explain", ref).out
    assert "How Ropes Remember" in told
    assert "page.txt" in told
    for section in SECTIONS:
        assert f"\n{section.capitalize()}\n" in told


def test_explain_tells_the_parts_of_the_score_before_and_after_an_edition(digest):
    digest.add_dump("page.txt", page(*TITLES))
    digest.here("ingest")
    [today] = digest.here("explain", "ropes", "--json").document["rank"]
    assert today["edition"] is None
    assert 1 <= today["place"] <= 3
    parts = {each["part"]: each["value"] for each in today["parts"]}
    assert list(parts) == ["votes", "recency", "sources", "match", "diversity"]
    assert today["score"] == pytest.approx(sum(parts.values()), abs=0.001)

    digest.here("publish")
    [frozen] = digest.here("explain", "ropes", "--json").document["rank"]
    assert frozen == {**today, "edition": frozen["edition"]}
    [unweighted] = digest.here("explain", "ropes", "--json", ranking__votes=0).document["rank"]
    assert unweighted == frozen  # what was published stays


def test_explain_takes_a_title_as_the_mail_prints_it(digest):
    digest.add_dump("page.txt", page(r"$\beta$-Kites over $O(n^2)$ Waters", *TITLES))
    digest.here("ingest")
    shown = digest.here("explain", "Waters", "--json").document["paper"]["title"]
    assert shown.startswith("β-Kites")
    assert digest.here("explain", shown).code == 0


def test_words_that_fit_several_papers_list_them(digest):
    digest.add_dump("page.txt", page("High Kites at Dawn", "Seagulls and Kites at Noon", "Kites"))
    digest.here("ingest")
    ran = digest("explain", "kites", "at")
    assert (ran.code, ran.out) == (2, "")
    first, *candidates = ran.err.splitlines()
    assert first == "digest: 'kites at' fits several papers; name one by its id:"
    assert [line.split(maxsplit=1)[1] for line in candidates] == [
        "High Kites at Dawn",
        "Seagulls and Kites at Noon",
    ]
    assert digest.here("explain", candidates[0].split()[0]).code == 0
    assert digest.here("explain", "Kites", "--json").document["paper"]["title"] == "Kites"


def test_words_that_fit_no_paper_are_told_in_one_line(published):
    ran = published("explain", "tidal", "canary")
    assert (ran.code, ran.out) == (2, "")
    assert "'tidal canary'" in ran.complaint


def test_status_shows_runs_deliveries_and_problems(published):
    published.add_dump("empty.txt", "")
    published.here("run")
    found = published("status", "--json")
    assert len(found.out.splitlines()) == 1
    told = found.document
    assert told["papers"] == 3
    assert told["deliveries"]["sent"] == 1
    assert [run["exit_code"] for run in told["runs"]] == [0, 0]
    assert told["left_out"] == [
        {"dump": "empty.txt", "state": "ignored", "reason": "the file is empty"}
    ]
    text = published.here("status").out
    assert "1 sent" in text
    assert "empty.txt: ignored: the file is empty" in text
    assert text.count("exit code 0") == 2


def test_a_file_that_was_mended_is_left_out_no_more(digest):
    digest.add_dump("page.txt", "Get trending papers in your email inbox!\n\nDaily Papers\n")
    assert digest.here("ingest").code == 1
    digest.add_dump("page.txt", page(*TITLES))
    assert digest.here("ingest").code == 0
    assert digest.here("status", "--json").document["left_out"] == []
