from pathlib import Path

import pytest

from digest.errors import ConfigError, RenderError, SetupError
from digest.studio.problem import problem


@pytest.fixture
def settings(tmp_path: Path) -> Path:
    path = tmp_path / "digest.toml"
    path.write_text(
        'name = "Tide letter"\nsecret = "low tide"\nschedule = "soon"\n'
        'database = "postgresql://ada:ebb@db.example/digest"\n\n[smtp]\nPassword="flood"\n'
        'host = "relay.example"\nport = 25\n'
    )
    return path


def test_a_wrong_setting_is_shown_among_its_neighbours(settings):
    found = problem(ConfigError(f"{settings}:3", "schedule: 'soon' is no cron line"))
    assert found.title == "Something is wrong in digest.toml, line 3"
    assert found.message == "schedule: 'soon' is no cron line"
    assert found.line == 3
    assert found.excerpt[0] == (1, 'name = "Tide letter"')
    assert found.excerpt[2] == (3, 'schedule = "soon"')
    assert found.saves


def test_no_secret_of_the_neighbours_is_shown(settings):
    found = problem(ConfigError(f"{settings}:5", "something"))
    lines = dict(found.excerpt)
    assert lines[2] == "secret = …"
    assert lines[4] == 'database = "postgresql://ada: …@db.example/digest"'
    assert lines[7] == "Password= …"
    assert lines[8] == 'host = "relay.example"'
    assert not {"low tide", "ebb", "flood"} & set(str(found).split('"'))


def test_a_template_is_named_by_its_file(tmp_path):
    path = tmp_path / "digest.html.j2"
    path.write_text("<p>\n{{ paper.tilte }}\n</p>\n")
    found = problem(RenderError("email/digest.html.j2", "no tilte", 2, path, "{{ paper.tilte }}"))
    assert (found.title, found.message) == (
        "Something is wrong in digest.html.j2, line 2",
        "no tilte",
    )
    assert (2, "{{ paper.tilte }}") in found.excerpt


def test_a_file_without_a_line_is_named(tmp_path):
    found = problem(RenderError("MJML", "mrml: unexpected element", path=tmp_path / "x.mjml.j2"))
    assert found.title == "Something is wrong with x.mjml.j2"
    assert found.excerpt == ()


def test_what_no_saving_mends_says_so():
    found = problem(SetupError("no edition for 2026-11-20: there are no new papers"))
    assert not found.saves
    assert found.title == "This cannot be shown"
