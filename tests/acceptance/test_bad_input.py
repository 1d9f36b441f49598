"""What goes wrong is told in one clear line, the rest goes on, and a second run mends it."""

import os
import shutil
import sqlite3
from contextlib import closing

import pytest
from conftest import ROOT, Digest, contents, page

GOOD = page("Kites over Calm Water", "How Ropes Remember")
HEADER_ONLY = "Get trending papers in your email inbox!\n\nDaily Papers\n"
DATABASE = "var/digest.db"


@pytest.fixture
def stocked(digest: Digest) -> Digest:
    digest.add_dump("page.txt", GOOD)
    return digest


def database(digest: Digest) -> sqlite3.Connection:
    path = digest.folder / DATABASE
    path.parent.mkdir(exist_ok=True)
    return sqlite3.connect(path, isolation_level=None)


# Dumps


def test_files_that_are_no_dumps_are_ignored_and_listed(stocked):
    stocked.add_dump("README.md", "# Dumps\n\nPut your dump files here.\n")
    stocked.add_dump("empty.txt", "")
    stocked.add_dump("blank.txt", " \n\n")
    stocked.add_dump("photo.png", b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 10)
    stocked.add_dump(".hidden", GOOD)
    ran = stocked("run")
    assert (ran.code, ran.err) == (0, "")
    assert "1 dump read: 2 papers" in ran.out
    for line in (
        "ignored: README.md: no format knows it",
        "ignored: empty.txt: the file is empty",
        "ignored: blank.txt: the file is empty",
        "ignored: photo.png: is binary, not text",
    ):
        assert line in ran.out
    assert stocked.here("ingest", "--json").document["ignored"] == 4


def test_a_dump_that_cannot_be_read_is_quarantined_and_read_when_it_is_mended(stocked):
    stocked.add_dump("bad.txt", HEADER_ONLY)
    ran = stocked("run", "--json")
    assert (ran.code, ran.err) == (1, "")
    assert (ran.document["ingest"]["dumps"], ran.document["ingest"]["quarantined"]) == (1, 1)
    (left_out,) = ran.document["ingest"]["left_out"]
    assert left_out["dump"] == "bad.txt"
    assert left_out["reason"].startswith("a page without papers")
    assert ran.document["deliver"]["sent"] == 1
    assert "bad.txt: quarantined: a page without papers" in stocked.here("status").out

    stocked.add_dump("bad.txt", page("A Grammar of Fog"))
    again = stocked("run", "--json")
    assert again.code == 0
    assert (again.document["ingest"]["new"], again.document["publish"]["waiting"]) == (1, 1)


def test_what_must_not_be_read_is_refused_without_waiting_or_following(stocked):
    os.mkfifo(stocked.folder / "dumps" / "pipe.txt")
    (stocked.folder / "dumps" / "link.txt").symlink_to("page.txt")
    stocked.add_dump("large.txt", page("A Grammar of Fog") + "\n" * 9_000)
    ran = stocked("run", max_dump_bytes=9_000)
    assert ran.code == 1
    assert "1 dump read: 2 papers" in ran.out
    assert "quarantined: pipe.txt: not a regular file" in ran.out
    assert "quarantined: link.txt: a symbolic link" in ran.out
    assert "quarantined: large.txt: larger than 0.009 MB: raise max_dump_bytes" in ran.out
    assert stocked.here("ingest", "--json", "dumps/large.txt").document["new"] == 1


def test_a_dump_goes_in_whole_or_not_at_all(digest):
    digest.add_dump("many.txt", page(*(f"Kites of Kind {number}" for number in range(5))))
    ran = digest("run", "--json", max_dump_papers=4)
    assert ran.code == 1
    assert ran.document["ingest"]["left_out"][0]["reason"].startswith("more than 4 papers")
    assert digest.here("status", "--json").document["papers"] == 0
    assert digest.here("run", "--json").document["publish"]["papers"] == 5


def test_a_dumps_folder_that_is_not_there_stops_nothing_else(stocked):
    stocked.here("ingest")
    ran = stocked("run", "--json", dumps="nowhere")
    assert (ran.code, ran.err) == (2, "")
    assert ran.document["ingest"]["error"].startswith("nowhere: no such folder")
    assert ran.document["deliver"]["sent"] == 1
    assert ran.document["archive"]["written"] == 3


def test_a_path_that_leads_nowhere_is_named(digest):
    ran = digest("ingest", "nowhere.txt")
    assert (ran.code, ran.out) == (2, "")
    assert ran.complaint == "digest: nowhere.txt: no such file or folder"


# Places


@pytest.mark.parametrize("place", ["outbox", "outbox/inside"])
def test_an_outbox_that_cannot_be_written_keeps_the_mails_waiting(stocked, place):
    (stocked.folder / "outbox").touch()
    ran = stocked("run", "--json", outbox=place)
    assert (ran.code, ran.err) == (2, "")
    assert ran.document["deliver"]["error"].startswith(f"the outbox {place} cannot be written: ")
    assert ran.document["publish"]["papers"] == 2
    assert ran.document["archive"]["written"] == 3
    assert stocked.here("status", "--json").document["deliveries"]["waiting"] == 1

    (stocked.folder / "outbox").unlink()
    assert stocked.here("run", "--json", outbox=place).document["deliver"]["sent"] == 1


@pytest.mark.parametrize("place", ["archive", "archive/inside"])
def test_an_archive_that_cannot_be_written_does_not_hold_the_mails(stocked, place):
    (stocked.folder / "archive").touch()
    ran = stocked("run", "--json", archive=place)
    assert (ran.code, ran.err) == (2, "")
    assert ran.document["archive"]["error"].startswith(f"the archive {place} cannot be written: ")
    assert ran.document["deliver"]["sent"] == 1

    (stocked.folder / "archive").unlink()
    again = stocked.here("run", "--json", archive=place).document
    assert (again["archive"]["written"], again["deliver"]["planned"]) == (3, 0)


def test_a_page_of_the_archive_that_cannot_be_replaced_is_written_later(stocked):
    (stocked.folder / "archive" / "index.html" / "in the way").mkdir(parents=True)
    ran = stocked("run", "--json")
    assert (ran.code, ran.err) == (2, "")
    assert "the archive archive cannot be written" in ran.document["archive"]["error"]
    shutil.rmtree(stocked.folder / "archive" / "index.html")
    assert stocked.here("run").code == 0
    assert not [name for name in contents(stocked.folder / "archive") if name.endswith(".tmp")]


def test_a_preview_that_cannot_be_written_is_told_in_one_line(stocked):
    (stocked.folder / "blocked").touch()
    stocked.here("ingest")
    ran = stocked("preview", var="blocked")
    assert (ran.code, ran.out) == (2, "")
    assert ran.complaint.startswith("digest: blocked/preview/")


# Databases


def test_a_locked_database_is_a_case_for_later(stocked):
    stocked.here("ingest")
    with closing(database(stocked)) as other:
        other.execute("BEGIN IMMEDIATE")
        ran = stocked("run", "--json")
        assert (ran.code, ran.out) == (3, "")
        assert ran.complaint == (
            f"digest: {DATABASE}: locked by another program for over 5 s; run again later"
        )
        assert stocked.here("status").code == 0  # who only looks need not wait
    assert stocked.here("run", "--json").document["deliver"]["sent"] == 1


def test_a_file_that_is_no_database_is_left_alone(stocked):
    (stocked.folder / "var").mkdir()
    file = stocked.folder / DATABASE
    file.write_text("Dear diary, today I flew a kite.\n" * 100)
    before = contents(stocked.folder)
    ran = stocked("run")
    assert (ran.code, ran.out) == (2, "")
    assert ran.complaint == f"digest: {DATABASE}: is not a SQLite database; name another file"
    assert contents(stocked.folder) == before


def test_a_database_of_another_program_is_left_alone(stocked):
    with closing(database(stocked)) as other:
        other.execute("CREATE TABLE diary (entry TEXT)")
    ran = stocked("run")
    assert (ran.code, ran.out) == (2, "")
    assert ran.complaint == f"digest: {DATABASE}: belongs to something else; name another database"
    with closing(database(stocked)) as other:
        assert other.execute("SELECT name FROM sqlite_master").fetchall() == [("diary",)]


def test_a_database_of_a_later_version_is_left_alone(stocked):
    stocked.here("run")
    with closing(database(stocked)) as other:
        other.execute("UPDATE alembic_version SET version_num = '9999'")
    ran = stocked("run")
    assert (ran.code, ran.out) == (2, "")
    assert ran.complaint.startswith(f"digest: {DATABASE}: written by a later version")


@pytest.mark.parametrize(
    ("url", "code", "told"),
    [
        ("digest.db", 2, "database: no address of a database; one is, for example, sqlite:///"),
        ("postgresql://host:port/name", 2, "database: no address of a database"),
        ("mysql://host/name", 2, "database: mysql is not supported"),
        ("sqlite://", 2, "database: name a file"),
        ("sqlite:///dumps/page.txt/x.db", 2, "dumps/page.txt/x.db: cannot be opened: "),
        ("postgresql://me:hush@127.0.0.1:1/name", 3, "postgresql+psycopg://me:***@127.0.0.1:1/"),
    ],
)
def test_a_database_that_cannot_be_reached_is_named_without_its_password(stocked, url, code, told):
    ran = stocked("status", database=url)
    assert (ran.code, ran.out) == (code, "")
    assert ran.complaint.startswith(f"digest: {told}")
    assert "hush" not in ran.err


# Settings and use


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('name = "a"\nmin_paper = 3\n', "digest.toml:2: min_paper: unknown setting; did you mean"),
        ('\n\nschedule = "0 7 * *"\n', "digest.toml:3: schedule: '0 7 * *' has 4 fields"),
        ('sender = "nobody"', "digest.toml:1: sender: 'nobody' is no mail address"),
        ('timezone = "Mars"', "digest.toml:1: timezone: 'Mars' is no time zone"),
        ('name = "a"\n[smtp\n', "digest.toml:2: "),
    ],
)
def test_a_wrong_setting_is_named_with_file_and_line(digest, text, told):
    del digest.environment["DIGEST_TIMEZONE"]
    (digest.folder / "digest.toml").write_text(text)
    ran = digest("run")
    assert (ran.code, ran.out) == (2, "")
    assert ran.complaint.startswith(f"digest: {told}")
    assert list(contents(digest.folder)) == ["digest.toml"]


@pytest.mark.parametrize("command", ["parse x.txt", "dedupe", "summarise", "group", "schedule"])
def test_a_wrong_setting_is_told_by_every_command(digest, command):
    (digest.folder / "digest.toml").write_text("min_paper = 3\n")
    ran = digest.here(*command.split())
    assert (ran.code, ran.out) == (2, "")
    assert ran.complaint.startswith("digest: digest.toml:1: min_paper: unknown setting")


def test_a_variable_that_means_nothing_is_named_with_a_suggestion(digest):
    ran = digest("run", min_paper=3)
    assert (ran.code, ran.out) == (2, "")
    assert ran.complaint == (
        "digest: DIGEST_MIN_PAPER: unknown variable; did you mean DIGEST_MIN_PAPERS?"
    )


def test_a_settings_file_that_is_not_there_is_named(digest):
    ran = digest("run", "--config", "no.toml")
    assert (ran.code, ran.complaint) == (
        2,
        "digest: no.toml: no such file; `digest init` writes one",
    )


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["rum"], "No such command 'rum'"),
        (["run", "--fast"], "No such option"),
        (["publish", "--date", "20.11.2026"], "'20.11.2026' is no date"),
        (["publish", "--date", "2026-02-30"], "'2026-02-30' is no date"),
        (["explain"], "Missing argument 'PAPER'"),
        (["parse"], "Missing argument 'FILES"),
        (["subscribers", "invite"], "No such command 'invite'"),
    ],
)
def test_wrong_use_is_told_with_a_way_to_help(digest, arguments, told):
    ran = digest(*arguments)
    assert (ran.code, ran.out) == (2, "")
    assert told in ran.err
    assert "--help" in ran.err
    assert contents(digest.folder) == {}


# What a person may edit


@pytest.mark.parametrize(
    ("template", "damage", "line"),
    [
        ("email/digest.mjml.j2", "\n{% for x in %}\n", 2),
        ("email/digest.txt.j2", "\n\n{{ edition.dya }}\n", 3),
        ("email/digest.mjml.j2", "\n{{ 1 / 0 }}\n", 2),
        ("email/theme.toml", "\n\n\nink =\n", 4),
    ],
)
def test_a_broken_template_is_named_with_its_line_and_nothing_is_published(
    stocked, template, damage, line
):
    shutil.copytree(ROOT / "templates", stocked.folder / "look")
    file = stocked.folder / "look" / template
    whole = file.read_text("utf-8")
    file.write_text(damage + whole, "utf-8")
    ran = stocked("run", "--json", templates="look")
    assert (ran.code, ran.err) == (1, "")
    assert ran.document["publish"]["error"].startswith(f"{template}:{line}: ")
    assert "\n" not in ran.document["publish"]["error"]
    assert ran.document["ingest"]["new"] == 2
    assert ran.document["deliver"]["planned"] == 0

    file.write_text(whole, "utf-8")
    assert stocked.here("run", "--json", templates="look").document["deliver"]["sent"] == 1


def test_a_broken_template_of_the_archive_does_not_hold_the_mails(stocked):
    shutil.copytree(ROOT / "templates", stocked.folder / "look")
    file = stocked.folder / "look" / "archive" / "index.html.j2"
    file.write_text("\n{% if %}", "utf-8")
    ran = stocked("run", "--json", templates="look")
    assert (ran.code, ran.err) == (1, "")
    assert ran.document["archive"]["error"].startswith("archive/index.html.j2:2: ")
    assert ran.document["deliver"]["sent"] == 1
    assert stocked.here("archive", "--json").document["written"] == 3


def test_a_language_that_is_not_there_is_named(stocked):
    ran = stocked("publish", locale="tlh")
    assert (ran.code, ran.out) == (2, "")
    told = "there is no locale 'tlh'; there are: ar, de, en"
    assert ran.complaint == f"digest: DIGEST_LOCALE: locale: {told}"


def test_templates_that_are_not_there_are_named(stocked):
    ran = stocked("publish", templates="nowhere")
    assert (ran.code, ran.out) == (2, "")
    assert ran.complaint == (
        "digest: DIGEST_TEMPLATES: templates: nowhere: no such folder; "
        "copy the shipped one, or take the setting away"
    )


@pytest.mark.parametrize(
    ("setting", "told"),
    [
        ('summariser = "lexrnk"', "summariser: there is no summariser 'lexrnk'; there are: "),
        (
            'themes = "none.toml"',
            "themes: none.toml: no such file; write one (docs/themes.md), or ",
        ),
        ('themes = "dumps"', "themes: dumps: cannot be read: Is a directory"),
        ('themes = "bytes.toml"', "themes: bytes.toml: is no text in UTF-8; save it as such"),
    ],
)
def test_what_a_setting_names_and_is_not_there_is_told_with_the_setting_s_line(
    stocked, setting, told
):
    (stocked.folder / "bytes.toml").write_bytes(b"\xff")
    (stocked.folder / "digest.toml").write_text(f"# the settings\n{setting}\n", "utf-8")
    ran = stocked("publish")
    assert (ran.code, ran.out) == (2, "")
    assert ran.complaint.startswith(f"digest: digest.toml:2: {told}")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("\n\n[theme.kites\n", "mine.toml:3: not valid TOML"),
        ('\n[theme.kites]\nlabel = "Kites"\nsection = "sky"\n', "mine.toml:"),
        ("[theme.kites]\nphrases = 3\n", "mine.toml:"),
    ],
)
def test_a_broken_theme_file_is_named_with_its_line_and_nothing_is_published(stocked, text, told):
    mine = stocked.folder / "mine.toml"
    mine.write_text(text)
    ran = stocked("run", "--json", themes="mine.toml")
    assert (ran.code, ran.err) == (2, "")
    assert ran.document["publish"]["error"].startswith(told)
    assert "\n" not in ran.document["publish"]["error"]
    assert (ran.document["ingest"]["new"], ran.document["deliver"]["planned"]) == (2, 0)
    assert stocked.here("run", "--json").document["deliver"]["sent"] == 1
