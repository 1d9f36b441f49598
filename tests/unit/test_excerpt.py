from pathlib import Path

import pytest

from digest.errors import ConfigError, RenderError
from digest.excerpt import excerpt, filled_from, offending


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "digest.txt.j2"
    path.write_bytes(b"one\ntwo\n  thr\xffee \nfour\nfive")
    return path


@pytest.mark.parametrize(
    ("line", "around", "numbers"),
    [(3, 1, [2, 3, 4]), (1, 2, [1, 2, 3]), (5, 1, [4, 5]), (5, 9, [1, 2, 3, 4, 5]), (99, 2, [])],
)
def test_the_lines_around_have_their_numbers(file, line, around, numbers):
    found = excerpt(file, line, around)
    assert [number for number, _ in found] == numbers
    assert all(text.encode("utf-8") for _, text in found)


def test_the_line_alone_fits_into_a_sentence(file):
    assert offending(file, 3) == "thr\N{REPLACEMENT CHARACTER}ee"
    assert offending(file, 99) == ""
    file.write_text("x " * 999)
    assert len(offending(file, 1)) < 130


def test_of_a_file_that_is_not_there_nothing_is_said(tmp_path):
    assert excerpt(tmp_path / "none", 1) == []
    assert offending(tmp_path, 1) == ""


def test_errors_know_their_file_and_their_line(file):
    error = RenderError("email/digest.txt.j2", "no", 3, file, "three")
    assert str(error) == "email/digest.txt.j2:3: no, in: three"
    assert (error.path, error.line) == (file, 3)
    assert (ConfigError(f"{file}:2", "no").path, ConfigError(f"{file}:2", "no").line) == (file, 2)
    assert (ConfigError("DIGEST_NAME", "no").path, ConfigError("--date", "no").line) == (None, None)


TEMPLATE = """{% macro tall(name) %}
  { {{ name }} }
{% endmacro %}
<mjml>
  <mj-title>{{ title }}</mj-title>
{% for each in names %}
  <mj-name to="{{ each }}">
{% endfor %}

{{ tall("a") }}
  <p>
  <i>
  <p>
</mjml>"""
FILLED = """<mjml>
  <mj-title>Kites</mj-title>
  <mj-name to="ada">
  <mj-name to="bob">

{ a }

  <p>
  <i>
  <p>
</mjml>"""


def test_a_filled_line_has_its_line_in_the_template():
    lines = [filled_from(TEMPLATE, FILLED, line) for line in range(1, 12)]
    assert lines[:4] == [4, 5, 7, 7]
    assert lines[5] in {2, 10}  # the macro, or where it is called
    assert lines[7:] == [11, 12, 13, 14]


def test_a_line_that_was_filled_from_elsewhere_has_none():
    assert filled_from("<mjml>\n</mjml>", "<mjml>\nwhatever\n</mjml>", 2) is None
    assert [filled_from("<mjml>", "<mjml>", line) for line in (0, 2)] == [None, None]
