"""What other programs say of mails that show all there is to show, and of random Unicode."""

from importlib.util import find_spec

import pytest
from conftest import needs
from judges import axe_script, by_mail_parser, by_stdlib, looks
from mails import fuzzed, published, showcase

from digest import support
from digest.spam import spam

ADVICE = (
    "see on caniemail.com whether Gmail, Apple Mail and Outlook show it, do without what they "
    "lack, and add what is fine by `python benchmarks/mail_features.py --write`"
)
NO_AXE = axe_script() is None


@pytest.fixture(scope="module")
def shown(tmp_path_factory):
    return showcase(tmp_path_factory.mktemp("shown")).mails


@pytest.fixture(scope="module")
def mails(shown, tmp_path_factory):
    return [*shown, *published(tmp_path_factory.mktemp("fuzzed"), fuzzed(8)).mails]


@pytest.mark.skipif(NO_AXE, reason="the wheel axe-playwright-python is not installed")
def test_axe_finds_nothing_that_breaks_wcag_and_no_mail_is_too_wide(shown, browser):
    for mail in shown:
        for look in looks(browser, mail.html, axe_script()):
            assert look.violations == [], (mail.name, look)
            assert look.overflow <= 0, (mail.name, look)


def test_spamassassin_takes_no_mail_for_spam(mails):
    needs("spamassassin")
    judged = spam([mail.raw for mail in mails], seconds=300)
    for mail, found in zip(mails, judged, strict=True):
        assert found.score <= 0, (mail.name, found)


def test_two_parsers_read_the_same_and_find_no_defect(mails):
    for mail in mails:
        read = by_stdlib(mail.raw)
        assert read == by_mail_parser(mail.raw), mail.name
        assert read.defects == [], mail.name


@pytest.mark.skipif(
    not find_spec("mrml"), reason="mrml is not installed, and mjml writes otherwise"
)
def test_a_mail_uses_only_features_of_which_it_is_known_who_shows_them(shown):
    known = {use for feature in support.listed().values() for use in feature["used"]}
    used = set().union(*(support.used(mail.html) for mail in shown))
    assert used - known == set(), f"not in {support.LIST.name}: {ADVICE}"
    assert known - used == set(), f"no mail uses it: take it out of {support.LIST.name}"


def test_what_a_big_mail_program_lacks_has_a_reason():
    for name, feature in support.listed().items():
        if support.lacking(feature):
            assert feature["because"], f"{name}: say in `because` what readers see without it"
