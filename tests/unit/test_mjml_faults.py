"""Mistakes in MJML are given to the compilers themselves; what these say gets its line."""

from importlib.util import find_spec

import pytest

from digest.errors import RenderError
from digest.render import compiler

mrml = pytest.mark.skipif(not find_spec("mrml"), reason="there is no wheel of mrml for this place")


def column(inside: str) -> str:
    return (
        "<mjml>\n<mj-body>\n<mj-section>\n<mj-column><!-- größer\n-->\n"
        f"{inside}\n</mj-column>\n</mj-section>\n</mj-body>\n</mjml>"
    )


def refused(engine: str, source: str) -> RenderError:
    with pytest.raises(RenderError) as raised:
        compiler(engine)(source)
    return raised.value


@mrml
def test_mrml_tells_where_an_element_is_unknown_in_bytes():
    error = refused(
        "mrml", "<mjml>\n<mj-head><!-- größer -->\n  <mj-titl>ö</mj-titl>\n</mj-head></mjml>"
    )
    assert (error.line, error.text) == (3, "<mj-titl>ö</mj-titl>")
    assert error.reason == "mrml: unexpected element in root template: mj-titl"


@mrml
@pytest.mark.parametrize(
    "inside",
    [
        *("<mj-text a=b>x</mj-text>", '<mj-text a="b>x</mj-text>', "<mj-text a 'b'>x</mj-text>"),
        *("<mj-text>a < b</mj-text>", "<mj-text><!-- a --- b</mj-text>"),
        *("<mj-text>a", "<mj-text><b>a</mj-text>", "a</mj-text>"),
        "<mj-text>a<br>b & c &nbsp; <b hidden>d</b> <i title = '>'/> <!-- < --> <p>e</mj-text>",
    ],
)
def test_a_tag_that_is_broken_or_open_is_found_though_mrml_does_not_tell_where(inside: str):
    error = refused("mrml", column(inside))
    assert (error.line, error.text) == (6, inside)


@mrml
def test_of_a_long_line_the_place_is_told():
    error = refused("mrml", "<mjml><!--" + " x" * 900 + "--><mj-hed></mj-hed></mjml>")
    assert error.line == 1
    assert "mj-hed" in error.text
    assert len(error.text) < 130


def test_mjml_names_an_element_that_it_does_not_know():
    error = refused(
        "mjml", column("<mj-foot-note/><mj-foot a='1'></mj-foot>").replace("-note", "s")
    )
    assert (error.line, error.reason) == (6, "mjml: unexpected element: mj-foots")
    error = refused("mjml", column("<mj-text>mj-foot</mj-text>\n<mj-foot></mj-foot>"))
    assert (error.line, error.text) == (7, "<mj-foot></mj-foot>")


@pytest.mark.parametrize("engine", [pytest.param("mrml", marks=mrml), "mjml"])
def test_what_is_nowhere_has_no_line(engine: str):
    error = refused(engine, "")
    assert (error.line, error.text) == (None, "")
