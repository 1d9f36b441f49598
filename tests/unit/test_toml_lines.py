import tomllib

import pytest

from digest.toml_lines import line_of

TEXT = """\
sea.depth = 3 # sea.depth = 4
list = [1, 2.5,
  "one",
  "two", # "three"
  "one"
]
[boats]
"big one" = { sails = 2, names = ["Ada", "Eve"], deep = {er = 1}, last = true }
small = { names = [
  "Ida",
  "Una",
], oars = 1 }
[boats.nets]
text = '''
[boats.no]
'''
many = [{ a = "x" }, { b = ["y"] }]
"""


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("sea", 1),
        ("sea depth", 1),
        ("sea depth deeper", 1),
        ("list", 2),
        ("list one", 5),
        ("list two", 4),
        ("boats", 7),
        ("boats small names Una", 11),
        ("boats small oars", 12),
        ("boats nets", 13),
        ("boats nets none", 13),
        ("boats no", 7),
        ("boats nets many", 17),
        ("wind", 1),
    ],
)
def test_a_step_of_a_path_is_found_on_its_line_however_it_is_written(path, line):
    tomllib.loads(TEXT)
    assert line_of(TEXT, path.split()) == line


def test_a_key_in_quotes_is_found():
    assert line_of(TEXT, ["boats", "big one", "last"]) == 8


def test_an_empty_text_has_one_line():
    assert line_of("", ["sea"]) == 1
