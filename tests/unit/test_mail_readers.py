"""Programs that have nothing in common read the same text and HTML in our mails.

A third one, postal-mime, reads them in benchmarks/edition.py.
"""

from datetime import UTC, date, datetime
from email import message_from_bytes, policy
from email.utils import parseaddr

import mailparser
import pytest
from samples import CARD, HOME, LOOK, NASTY_CARDS, TEMPLATES

from digest.mime import Letterhead, fill, freeze
from digest.model import Edition, Message, Theme
from digest.render import compiler, render

NOW = datetime(2026, 11, 20, 7, tzinfo=UTC)
VALUES = {
    "to": "grete@readers.example.net",
    "message_id": "0123456789abcdef01234567",
    "unsubscribe": "t" * 32,
    "preferences": "t" * 32,
}
FOREIGN = Message(
    "潮汐 – für alle",
    "漢字仮名\n" * 90 + "<slot>",
    "<p>" + "漢字" * 99,
    {"unsubscribe": "<slot>"},
    (),
)


def edition(*cards):
    return Edition("all", date(2026, 11, 20), 1, (Theme("sea", "The sea", "Water", cards),))


def mail(message, look):
    letterhead = Letterhead(
        look.name, "ada@lab.example", "leave@lab.example", "all.lab.example", look.public_url or ""
    )
    return fill(freeze(message, "2026-11-20", NOW, letterhead), VALUES)


def rendered(cards, look):
    return render(edition(*cards), look, TEMPLATES, compiler())


MAILS = {
    "one paper": lambda: mail(rendered([CARD], LOOK), LOOK),
    "all that means harm": lambda: mail(rendered(NASTY_CARDS, LOOK), LOOK),
    "nothing online": lambda: mail(rendered([CARD], HOME), HOME),
    "mostly not ASCII": lambda: mail(FOREIGN, HOME),
}


@pytest.mark.parametrize("what", MAILS)
def test_two_programs_read_the_same_mail_and_find_no_defect(what):
    raw = MAILS[what]()
    one = message_from_bytes(raw, policy=policy.default)
    other = mailparser.parse_from_bytes(raw)
    text, page = one.iter_parts()
    assert [*map(lines, other.text_plain)] == [lines(text.get_content())]
    assert [*map(lines, other.text_html)] == [lines(page.get_content())]
    assert other.subject == one["Subject"]
    assert [address for _, address in other.to] == [VALUES["to"]]
    assert other.message_id == one["Message-ID"]
    assert {name.lower() for name in other.headers} == {name.lower() for name in one}
    assert [address for _, address in other.from_] == [parseaddr(one["From"])[1]]
    assert not other.has_defects
    assert [each.defects for each in one.walk()] == [[], [], []]


def lines(text: str) -> str:
    return text.replace("\r\n", "\n").rstrip("\n")
