from pathlib import Path

import pytest

from digest.errors import ConfigError, RenderError, SetupError
from digest.studio.problem import HIDDEN, problem

SETTINGS = Path("digest.toml")


@pytest.fixture
def settings(tmp_path: Path) -> Path:
    path = tmp_path / "digest.toml"
    path.write_text(
        'name = "Tide letter"\nsecret = "low tide"\nschedule = "soon"\n'
        'database = "postgresql://ada:ebb@db.example/digest"\n\n[smtp]\nPassword="flood"\n'
        'host = "relay.example"\nport = 25\n'
    )
    return path


def test_of_the_settings_only_the_line_itself_is_shown(settings):
    found = problem(ConfigError(f"{settings}:3", "schedule: 'soon' is no cron line"), settings)
    assert found.title == "Something is wrong in digest.toml, line 3"
    assert found.message == "schedule: 'soon' is no cron line"
    assert found.line == 3
    assert found.excerpt == ((3, 'schedule = "soon"'),)
    assert found.saves


@pytest.mark.parametrize("line", [2, 4, 7])
def test_no_secret_is_shown(settings, line):
    found = problem(ConfigError(f"{settings}:{line}", "something"), settings)
    assert found.excerpt == ((line, HIDDEN),)


def test_a_file_of_ones_own_is_shown_around_the_line(settings, tmp_path):
    themes = tmp_path / "themes.toml"
    themes.write_text("".join(f"line {n}\n" for n in range(1, 9)))
    found = problem(ConfigError(f"{themes}:5", "something"), settings)
    assert [n for n, _ in found.excerpt] == [2, 3, 4, 5, 6, 7, 8]


def test_settings_that_cannot_be_read_are_mended_by_saving(settings):
    found = problem(ConfigError(str(settings), "cannot be read"), settings)
    assert found.saves
    assert found.message.endswith("digest.toml: cannot be read")


def test_a_template_is_named_by_its_file(tmp_path):
    path = tmp_path / "digest.html.j2"
    path.write_text("<p>\n{{ paper.tilte }}\n</p>\n")
    found = problem(
        RenderError("email/digest.html.j2", "no tilte", 2, path, "{{ paper.tilte }}"), SETTINGS
    )
    assert (found.title, found.message) == (
        "Something is wrong in digest.html.j2, line 2",
        "no tilte",
    )
    assert (2, "{{ paper.tilte }}") in found.excerpt


def test_a_file_without_a_line_is_named(tmp_path):
    found = problem(
        RenderError("MJML", "mrml: unexpected element", path=tmp_path / "x.mjml.j2"), SETTINGS
    )
    assert found.title == "Something is wrong with x.mjml.j2"
    assert found.excerpt == ()


def test_what_no_saving_mends_says_so():
    found = problem(SetupError("no edition for 2026-11-20: there are no new papers"), SETTINGS)
    assert not found.saves
    assert found.title == "This cannot be shown"
