from pathlib import Path

import pytest

from digest.audiences import DAILY, Audience, cadence
from digest.errors import ConfigError
from digest.model import DEFAULT_AUDIENCE
from digest.query import parse
from digest.settings import AUDIENCES, TABLES, Settings, load, variables


@pytest.fixture(autouse=True)
def in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def read(text: str, name: str = "digest.toml") -> Settings:
    file = Path(name)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    return load(file)


def complaint(text: str) -> str:
    with pytest.raises(ConfigError) as told:
        read(text)
    assert "\n" not in str(told.value)
    return str(told.value)


def test_nothing_needs_to_be_set():
    settings = load(None)
    assert settings.name == "Paper digest"
    assert settings.dumps == Path("dumps")
    assert settings.database == "sqlite:///var/digest.db"


def test_the_defaults_would_pass_the_checks():
    settings = Settings()
    assert Settings(**dict(settings)) == settings


def test_digest_toml_is_read_where_there_is_one():
    Path("digest.toml").write_text('name = "Tides"', encoding="utf-8")
    assert load(None).name == "Tides"


def test_the_file_that_is_named_is_read_in_its_place():
    Path("digest.toml").write_text('name = "Tides"', encoding="utf-8")
    Path("other.toml").write_text("min_papers = 3", encoding="utf-8")
    assert load(Path("other.toml")).name == "Paper digest"


def test_the_environment_wins_over_the_file_setting_by_setting(monkeypatch):
    monkeypatch.setenv("DIGEST_NAME", "Rivers")
    monkeypatch.setenv("DIGEST_SMTP__HOST", "relay.example.org")
    settings = read('name = "Tides"\nmin_papers = 3\n[smtp]\nhost = "a.example"\nport = 25\n')
    assert (settings.name, settings.min_papers) == ("Rivers", 3)
    assert (settings.smtp.host, settings.smtp.port) == ("relay.example.org", 25)


def test_relative_paths_count_from_the_folder_of_the_file():
    settings = read('dumps = "in"\nthemes = "my.toml"\noutbox = "/out"', "etc/digest.toml")
    assert settings.dumps == Path("etc/in")
    assert settings.archive == Path("etc/archive")
    assert settings.themes == Path("etc/my.toml")
    assert settings.outbox == Path("/out")
    assert settings.templates is None


@pytest.mark.parametrize(
    ("database", "found"),
    [
        ("sqlite:///var/digest.db", "sqlite:///etc/var/digest.db"),
        ("sqlite:////srv/digest.db", "sqlite:////srv/digest.db"),
        ("postgresql://me@db.example/digest", "postgresql://me@db.example/digest"),
    ],
)
def test_a_sqlite_file_counts_from_there_too(database, found):
    assert read(f'database = "{database}"', "etc/digest.toml").database == found


def test_secrets_are_not_shown():
    settings = read('secret = "tidal-canary"\n[smtp]\npassword = "tidal-canary"')
    assert "tidal-canary" not in repr(settings)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('name = "a"\n\nmin_paper = 3\n', "digest.toml:3: min_paper: unknown setting"),
        ("# name\nmin_papers = 0\n", "digest.toml:2: min_papers: "),
        ('name = "a"\nmin_papers = "many"', "digest.toml:2: min_papers: "),
        ('schedule = "0 7 * *"', "digest.toml:1: schedule: '0 7 * *' has 4 fields"),
        ('\nschedule = "0 7 * * 9"', "digest.toml:2: schedule: '0 7 * * 9' is no cron line"),
        ('sender = "nobody"', "digest.toml:1: sender: 'nobody' is no mail address"),
        ('owner = "a@"', "digest.toml:1: owner: 'a@' is no mail address"),
        ('timezone = "Europe/Atlantis"', "digest.toml:1: timezone: 'Europe/Atlantis' is no time"),
        ('timezone = "../etc/passwd"', "digest.toml:1: timezone: "),
        ('public_url = "ftp://x.example"', "digest.toml:1: public_url: 'ftp://x.example' is no"),
        ('public_url = "https://a..ü.example"', "digest.toml:1: public_url: the host in 'https:"),
        (f'public_url = "https://a.example/{"ü" * 99}"', "digest.toml:1: public_url: it takes 612"),
        ('bounces = "back"', "digest.toml:1: bounces: 'back' is no mail address"),
        ('bounces = "a+b@c.example"', "digest.toml:1: bounces: 'a+b' must be 16 characters"),
        (
            'bounces = "returned-to-sender@c.example"',
            "digest.toml:1: bounces: 'returned-to-sender'",
        ),
        (
            'transport = "pigeon"',
            "digest.toml:1: transport: must be 'outbox', 'smtp' or 'command', not 'pigeon'",
        ),
        ('name = "a"\n[smtp]\nport = 0\n', "digest.toml:3: smtp.port: "),
        ("[command]\nargv = []", "digest.toml:2: command.argv: needs a program first"),
        ('[command]\nargv = ["", "{to}"]', "digest.toml:2: command.argv: needs a program first"),
        ('[command]\nargv = ["a", "b\\u0000"]', "digest.toml:2: command.argv: needs a program"),
        ("[command]\nargv = 'a \"b'", "digest.toml:2: command.argv: No closing quotation"),
        ('[command]\nargv = ["a", 1]', "digest.toml:2: command.argv.1: must be a text"),
        (
            "[ranking]\nvotse = 1\n",
            "digest.toml:2: ranking.votse: unknown setting; did you mean votes?",
        ),
        ("[ranking]\nvotes = -1\n", "digest.toml:2: ranking.votes: must be 0 or more, not -1"),
        ("[ranking]\nvotes = nan\n", "digest.toml:2: ranking.votes: must be 100 or less, not nan"),
        ('[ranking]\nvotes = "1x"\n', "digest.toml:2: ranking.votes: must be a number"),
        ('profile = "ML"\n', "digest.toml:1: profile: must be 'ml' or 'arxiv', not 'ML'"),
        ('[smtp]\nhots = "a"\n', "digest.toml:2: smtp.hots: unknown setting; did you mean host?"),
        ('locale = "klingon"', "digest.toml:1: locale: there is no locale 'klingon'; there"),
        ('name = ""', "digest.toml:1: name: must not be empty"),
        ("secret = 3", "digest.toml:1: secret: must be a text"),
        ("name = a b\n", "digest.toml:1: "),
        ('name = "a"\nname = "b"\n', "digest.toml:2: "),
        ('name = "a"\nmin_papers 3', "digest.toml:2: "),
    ],
)
def test_what_is_wrong_is_named_with_its_file_and_line(text, told):
    assert complaint(text).startswith(told)


def test_a_slip_of_the_pen_gets_a_suggestion():
    assert complaint("min_paper = 3").endswith("did you mean min_papers?")


@pytest.mark.parametrize(
    ("variable", "value", "told"),
    [
        ("DIGEST_MIN_PAPERS", "many", "DIGEST_MIN_PAPERS: min_papers: "),
        ("DIGEST_SMTP__PORT", "99999", "DIGEST_SMTP__PORT: smtp.port: "),
        ("DIGEST_SENDER", "nobody", "DIGEST_SENDER: sender: 'nobody' is no mail address"),
        ("DIGEST_OWNER", "", "DIGEST_OWNER: owner: "),
        ("DIGEST_SHEDULE", "x", "DIGEST_SHEDULE: unknown variable; did you mean DIGEST_SCHEDULE?"),
        ("DIGEST_SMTP_HOST", "x", "DIGEST_SMTP_HOST: unknown variable; did you mean DIGEST_SMTP__"),
        ("DIGEST_SMTP", "{}", "DIGEST_SMTP: unknown variable"),
    ],
)
def test_a_wrong_variable_is_named_even_where_the_file_is_right(monkeypatch, variable, value, told):
    monkeypatch.setenv(variable, value)
    assert complaint('min_papers = 2\nsender = "a@b.example"').startswith(told)


def test_a_file_that_is_not_there_or_no_text_is_named():
    with pytest.raises(ConfigError, match=r"^no\.toml: no such file; `digest init` writes one$"):
        load(Path("no.toml"))
    Path("bad.toml").write_bytes(b"name = '\xff'")
    with pytest.raises(ConfigError, match=r"^bad\.toml: cannot be read: "):
        load(Path("bad.toml"))
    with pytest.raises(ConfigError, match=r"^\.: cannot be read: "):
        load(Path())


def test_every_setting_has_a_variable(monkeypatch):
    values = {
        "DIGEST_SENDER": "a@b.example",
        "DIGEST_OWNER": "a@b.example",
        "DIGEST_UNSUBSCRIBE": "a@b.example",
        "DIGEST_BOUNCES": "a@b.example",
        "DIGEST_PUBLIC_URL": "https://b.example",
        "DIGEST_TIMEZONE": "Europe/Berlin",
        "DIGEST_SCHEDULE": "1 2 * * *",
        "DIGEST_TRANSPORT": "smtp",
        "DIGEST_PROFILE": "arxiv",
        "DIGEST_DELIVERY__UNCERTAIN": "hold",
        "DIGEST_DELIVERY__SURVIVES": "power loss",
        "DIGEST_SMTP__SECURITY": "tls",
        "DIGEST_LOCALE": "de",
    }
    for name in variables():
        monkeypatch.setenv(name, values.get(name, "7"))
    settings = load(None)
    given = settings.model_dump(exclude={*TABLES, AUDIENCES})
    defaults = {**Settings.model_fields}
    for name, table in TABLES.items():
        given |= getattr(settings, name).model_dump()
        defaults |= table.model_fields
    unchanged = [name for name, value in given.items() if value == defaults[name].default]
    assert unchanged == []


def test_a_call_may_stand_in_one_line_and_its_words_are_parted_as_by_a_shell(monkeypatch):
    argv = ("my sendmail", "-f", "{from}", "--", "{to}")
    line = "'my sendmail' -f {from} -- {to}"
    assert read(f'[command]\nargv = "{line}"').command.argv == argv
    assert read(f"[command]\nargv = {list(argv)}").command.argv == argv
    monkeypatch.setenv("DIGEST_COMMAND__ARGV", line)
    assert load(None).command.argv == argv


def test_a_web_address_is_kept_without_its_last_slash():
    assert read('public_url = "https://a.example/digest/"').public_url == "https://a.example/digest"


# Audiences

ROBOTS = """
name = "Tides"
locale = "de"
min_papers = 3

[audiences.robots]
query = 'robot OR "motion planning"'
cadence = "weekly on friday"

[audiences.all]
cadence = "weekdays"

[audiences.short]
title = "Tides in short"
locale = "ar-EG"
templates = "look"
min_papers = 1
"""


def test_without_a_table_there_is_one_audience_that_gets_all_every_day():
    settings = read('name = "Tides"\nlocale = "de"\nmin_papers = 3\ntemplates = "look"')
    (everybody,) = settings.everyone.values()
    assert everybody == Audience(DEFAULT_AUDIENCE, "Tides", None, DAILY, "de", Path("look"), 3)


def test_all_comes_first_then_the_audiences_as_in_the_file():
    Path("look").mkdir()
    assert list(read(ROBOTS).everyone) == ["all", "robots", "short"]


def test_an_audience_has_what_is_set_for_all_unless_it_says_otherwise():
    Path("etc/look").mkdir(parents=True)
    everybody, robots, short = read(ROBOTS, "etc/digest.toml").everyone.values()
    assert everybody == Audience("all", "Tides", None, cadence("weekdays"), "de", None, 3)
    asked = parse('robot OR "motion planning"')
    friday = cadence("weekly on friday")
    assert robots == Audience("robots", "Tides (robots)", asked, friday, "de", None, 3)
    look = Path("etc/look")
    assert short == Audience("short", "Tides in short", None, DAILY, "ar-EG", look, 1)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "\n[audiences.robots]\n\nquery = 'robot AND'\n",
            "digest.toml:4: audiences.robots.query: column 7: nothing stands behind AND; add a",
        ),
        (
            "[audiences.a]\nquery = 'a'\n[audiences.robots]\nquery = ''\n",
            "digest.toml:4: audiences.robots.query: column 1: the query is empty",
        ),
        (
            "[audiences.robots]\nquery = ['a']\n",
            "digest.toml:2: audiences.robots.query: must be a text in quotes",
        ),
        (
            "[audiences.robots]\ncadence = 'weekly'\n",
            "digest.toml:2: audiences.robots.cadence: 'weekly' is no cadence; there are daily, ",
        ),
        ("[audiences.robots]\ncadence = 7\n", "digest.toml:2: audiences.robots.cadence: must be"),
        (
            "[audiences.robots]\nlocale = 'elvish'\n",
            "digest.toml:2: audiences.robots.locale: there is no locale 'elvish'; there are: ar, ",
        ),
        ("[audiences.robots]\nmin_papers = 0\n", "digest.toml:2: audiences.robots.min_papers: "),
        ("[audiences.robots]\ntitle = ''\n", "digest.toml:2: audiences.robots.title: "),
        (
            "[audiences.robots]\nqeury = 'a'\n",
            "digest.toml:2: audiences.robots.qeury: unknown setting; did you mean query?",
        ),
        (
            "name = 'a'\n[audiences.Robots]\n",
            "digest.toml:2: audiences.Robots: 'Robots' is no name; one has small letters",
        ),
        (
            "[smtp]\n[audiences]\nquery = 'a'\n",
            "digest.toml:3: audiences.query: each audience has a table of its own, [audiences.",
        ),
        (
            "[audiences.all]\nquery = 'a'\n",
            "digest.toml:2: audiences.all.query: the audience all gets all papers; give the query",
        ),
        (
            "[audiences.air]\n\nquery = 'kite theme:robotcs'\n",
            "digest.toml:3: audiences.air.query: there is no theme 'robotcs'; did you mean robot",
        ),
        (
            "[audiences.air]\nquery = 'NOT theme:kites'\n",
            "digest.toml:2: audiences.air.query: there is no theme 'kites'; there are: pretraining",
        ),
        (
            "[audiences.air]\ntemplates = 'nowhere'\n",
            "digest.toml:2: audiences.air.templates: nowhere: no such folder",
        ),
        ("audiences.robots = {query = 'a b)'}", "digest.toml:1: audiences.robots.query: column 4"),
        ("[audiences]\nrobots.query = ')'", "digest.toml:2: audiences.robots.query: column 1"),
        ("audiences = 3", "digest.toml:1: audiences: "),
    ],
)
def test_what_is_wrong_with_an_audience_is_named_with_its_file_and_line(text, told):
    assert complaint(text).startswith(told)


def test_themes_of_the_table_are_known_by_id_by_label_and_by_section():
    themes = ("robotics", '"Robots & driving"', '"reinforcement learning & robots"', "other")
    query = " OR ".join(f"theme:{theme}" for theme in themes)
    assert read(f"[audiences.robots]\nquery = '{query}'").everyone["robots"].query == parse(query)
    with pytest.raises(ConfigError, match="there is no theme 'bandits'"):
        read("profile = 'arxiv'\n[audiences.robots]\nquery = 'theme:bandits'")
    own = "[section.sea]\nlabel = 'The sea'\n[theme.gulls]\nsection = 'sea'\nlabel = 'Gulls'\n"
    Path("own.toml").write_text(f"{own}phrases = ['gull']", encoding="utf-8")
    read("themes = 'own.toml'\n[audiences.sea]\nquery = 'theme:gulls OR theme:\"the sea\"'")


def test_no_variable_leads_into_an_audience(monkeypatch):
    monkeypatch.setenv("DIGEST_AUDIENCES__ROBOTS__QUERY", "a")
    assert complaint("").startswith("DIGEST_AUDIENCES__ROBOTS__QUERY: unknown variable")
