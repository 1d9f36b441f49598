import pytest
from mail_features import UNKNOWN, name_of, support

from digest.support import lacking, used


@pytest.mark.parametrize(
    ("page", "uses"),
    [
        ("<p>a</p><BR>", {"<p>", "<br>"}),
        ("<td align=left>", {"<td>", "align="}),
        ("<a href='#t1'><a href='mailto:a@b.example'><a href=slot-x>", {"href=#", "href=mailto:"}),
        ("<img src='data:x'>", {"<img>", "src=", "src=data:"}),
        ("<meta name=viewport content=x>", {"<meta viewport>"}),
        ("<p style='display:none;Width:calc(1px + 2em)'>", {"display: none", "width:", "calc()"}),
        ("<p style='width:calc(1px + 2em);color:#1e1e1e'>", {"px", "em", "color:"}),
        ("<p style='margin:0 -5% !important'>", {"margin:", "%", "!important"}),
        ("<style>/* a{b:c} */ a { top: 0 }</style>", {"top:", "selector type"}),
        (
            "<style>@import 'x'; @media (hover) { p { left: 0 } }</style>",
            {"@import", "@media (hover)"},
        ),
        ("<style>a.x:hover, #y > *::before {}</style>", {":hover", "::before", "selector id"}),
        ("<style>a.x b[c]~d+e{}</style>", {"selector chaining", "selector descendant"}),
        ("<style>a.x b[c]~d+e{}</style>", {"selector attribute", "selector adjacent-sibling"}),
    ],
)
def test_what_a_page_uses_is_found(page, uses):
    assert uses <= used(page)


@pytest.mark.parametrize(
    "page",
    [
        "<!--[if mso]><table width=1><![endif]-->",
        "<!-- <style>p { top: 0 } </style> -->",
        "p { top: 0 }",
    ],
)
def test_comments_and_words_use_nothing(page):
    assert used(page) == set()


def test_a_value_is_not_taken_for_a_unit_or_a_declaration_for_a_selector():
    page = "<style>p { color: #123abc; font-family: 'H1 Sans' }</style>"
    assert used(page) == {"<style>", "selector type", "color:", "font-family:"}


KNOWN = {"css-margin", "css-margin-inline-block", "css-font-size", "css-unit-px", "html-valign"} | {
    *("css-display", "css-display-none", "css-at-media", "css-selector-class", "css-function-min")
}


@pytest.mark.parametrize(
    ("use", "name"),
    [
        ("margin-left:", "css-margin"),
        ("margin-inline-block:", "css-margin-inline-block"),
        ("display:", "css-display"),
        ("display: none", "css-display-none"),
        ("display: table", UNKNOWN),
        ("px", "css-unit-px"),
        ("min()", "css-function-min"),
        ("valign=", "html-valign"),
        ("<h3>", "html-h1-h6"),
        ("@media", "css-at-media"),
        ("selector class", "css-selector-class"),
        ("font-family:", UNKNOWN),
        ("<blink>", UNKNOWN),
    ],
)
def test_a_use_has_caniemails_name(use, name):
    assert name_of(use, KNOWN) == name


def test_support_tells_the_latest_version_of_each_platform():
    stats = {
        "gmail": {"ios": {"2019-02": "n", "2024-01": "y"}, "android": {"2019-02": "y"}},
        "outlook": {"windows": {"2013": "y", "2019": "n"}, "macos": {"16": "a #1"}},
    }
    assert support(stats) == {"gmail": "yes", "outlook": "no: windows; partly: macos"}
    assert lacking(support(stats)) == ["outlook"]
