from dataclasses import replace

import pytest
from samples import CARD

from digest.look import anchor, presentable_card, printable, short, web


@pytest.mark.parametrize(
    "url",
    [
        *("javascript:alert(1)", "data:text/html,x", "vbscript:x", "file:///etc/hosts"),
        *("//evil.example", "https://arxiv.org@evil.example/", "https://", "http://[1"),
        *("ftp://a.example", "mailto:a@b.example", "https://a.example/\r\nBcc: x"),
        *("https://a.example/a b", "https:\\\\evil.example", " https://a.example"),
        *(
            "https://a.example/\u202e",
            "https://a.example/\u200b",
            "https://\u2665.example",
            "",
            None,
        ),
        *("https://a.example\\@b.example", "https://a.example:99999/ü", "https:///path"),
    ],
)
def test_an_address_that_is_none_of_the_web_is_no_link(url):
    assert web(url) is None


@pytest.mark.parametrize(
    "url", ["http://a.example", "https://a.example:8080/p?q=%20#f", "HTTPS://A.example/x", CARD.url]
)
def test_an_address_of_the_web_is_a_link_as_it_stands(url):
    assert web(url) == url


@pytest.mark.parametrize(
    ("printed", "shown"),
    [
        ("https://\u0430rxiv.org/abs/1", "https://xn--rxiv-43d.org/abs/1"),  # a Cyrillic a
        ("https://\u0430\u0440\u0440\u04cf\u0435.example", "https://xn--80ak6aa92e.example"),
        ("http://Bücher.example:8080/ü?q=ü", "http://xn--bcher-kva.example:8080/%C3%BC?q=%C3%BC"),
        ("https://ｔｉｄｅ．example/%20~é", "https://tide.example/%20~%C3%A9"),
        ("http://[::1]:80/ü", "http://[::1]:80/%C3%BC"),
    ],
)
def test_an_address_in_other_letters_is_shown_in_ascii(printed, shown):
    assert web(printed) == shown


def test_unseen_characters_are_left_out_and_line_ends_are_blanks():
    assert printable("a\0b\u202ec\ud800d\x1be\ufffff\n\u2028g é 漢 👩‍🔬") == "abcdef  g é 漢 👩‍🔬"


def test_a_long_title_is_known_by_its_beginning():
    assert short("Eels") == "Eels"
    assert (
        short("Lanterns for Deep Water and for Deeper Water")
        == "Lanterns for Deep Water and for Deeper…"
    )
    assert short("x" * 50) == "x" * 39 + "…"
    assert short("Eels: Fish That Travel", 7) == "Eels…"


def test_names_in_other_letters_have_anchors_in_ascii_of_their_own():
    assert anchor("also:sparse codes") == "also-sparse-codes"
    anchors = {anchor(f"also:{name}") for name in ("туман", "прилив", "\ud800")}
    assert len(anchors) == 3
    assert all(each.isascii() for each in anchors)


def test_each_text_of_a_card_is_made_printable_by_itself():
    assert presentable_card(replace(CARD, lead="\u0301Lead")) == replace(CARD, lead="Lead")
    assert presentable_card(CARD) is CARD
