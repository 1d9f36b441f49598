import pytest
from samples import CARD

from digest.look import printable, short, web


@pytest.mark.parametrize(
    "url",
    [
        *("javascript:alert(1)", "data:text/html,x", "vbscript:x", "file:///etc/hosts"),
        *("//evil.example", "https://arxiv.org@evil.example/", "https://", "http://[1"),
        *("ftp://a.example", "mailto:a@b.example", "https://a.example/\r\nBcc: x"),
        *("https://a.example/a b", "https:\\\\evil.example", " https://a.example"),
        *("https://a.example/\u202e", f"https://{'ü' * 64}.example", "", None),
    ],
)
def test_an_address_that_is_none_of_the_web_is_no_link(url):
    assert web(url) is None


@pytest.mark.parametrize(
    "url", ["http://a.example", "https://a.example:8080/p?q=%20#f", "HTTPS://A.example/ü", CARD.url]
)
def test_an_address_of_the_web_is_a_link_as_it_stands(url):
    assert web(url) == url


def test_a_host_with_letters_that_look_like_others_is_spelt_out():
    assert web("https://\u0430rxiv.org:443/abs/1") == "https://xn--rxiv-43d.org:443/abs/1"


def test_unseen_characters_are_left_out_and_line_ends_are_blanks():
    assert printable("a\0b\u202ec\ud800d\x1be\ufffff\n\u2028g é 漢 👩‍🔬") == "abcdef  g é 漢 👩‍🔬"


def test_a_long_title_is_known_by_its_beginning():
    assert short("Eels") == "Eels"
    assert (
        short("Lanterns for Deep Water and for Deeper Water")
        == "Lanterns for Deep Water and for Deeper…"
    )
    assert len(short("x" * 50)) == 41
