import re

import pytest

from digest import subscribe
from digest.errors import ConfigError
from digest.model import Standing
from digest.subscribe import Act


@pytest.mark.parametrize(
    ("written", "normal"),
    [
        ("grete@readers.example.net", "grete@readers.example.net"),
        ("  Grete.Holm+papers@Readers.Example.NET ", "grete.holm+papers@readers.example.net"),
        ("o'hara@readers.example.net", "o'hara@readers.example.net"),
        ("grete@bücher.example.net", "grete@xn--bcher-kva.example.net"),
        ("root@localhost", "root@localhost"),
        ("grete@lab.test", "grete@lab.test"),
        ("Ümit@Bücher.example.net", "ümit@xn--bcher-kva.example.net"),
    ],
)
def test_a_good_address_gets_its_normal_form(written, normal):
    assert subscribe.address(written) == normal
    assert subscribe.address(normal) == normal


@pytest.mark.parametrize(
    "written",
    [
        *("", "grete", "@readers.example.net", "grete@", "grete@@readers.example.net"),
        *("grete@readers.example.net\r\nRCPT TO:<eve@evil.example>", "grete@readers\0.example.net"),
        *("grete@readers.example.net,eve@evil.example", "Grete <grete@readers.example.net>", "<>"),
        *(
            '"x y"@readers.example.net',
            "x y@localhost",
            "grete@[127.0.0.1]",
            "grete@-x.example.net",
        ),
        *("é é@readers.example.net", "\udce9@readers.example.net", "g@" + "d" * 250 + ".net"),
        *("grete@readers..net", "grete@localhost@localhost", "..@readers.example.net"),
    ],
)
def test_a_bad_address_is_refused_in_one_clear_line(written):
    with pytest.raises(ConfigError, match=r"^--address: [^\n\r\0]{20,}$") as caught:
        subscribe.address(written, "--address")
    assert caught.value.where == "--address"


def test_a_token_is_opaque_and_the_same_each_time():
    address, secret = "grete@readers.example.net", b"a secret"
    token = subscribe.token(address, secret)
    assert re.fullmatch(r"[a-z2-7]{32}", token)
    assert token == subscribe.token(address, secret)
    assert token != subscribe.token(address, b"another")
    assert token != subscribe.token("greta@readers.example.net", secret)


def test_who_left_comes_back_by_being_added_again():
    left = subscribe.after(Standing.ACTIVE, Act.LEAVE)
    assert left is Standing.LEFT
    assert subscribe.after(left, Act.ADD) is Standing.ACTIVE


def test_what_is_done_twice_changes_nothing_more():
    for standing in Standing:
        for act in Act:
            once = subscribe.after(standing, act)
            assert subscribe.after(once, act) is once


def test_nobody_stays_on_the_list_who_wants_to_leave():
    for standing in Standing:
        assert subscribe.after(standing, Act.LEAVE) in {Standing.LEFT, Standing.COMPLAINED}


def test_who_complained_is_not_added_again():
    assert subscribe.after(Standing.COMPLAINED, Act.ADD) is Standing.COMPLAINED
