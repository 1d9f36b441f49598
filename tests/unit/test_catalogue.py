"""Every fixed word stands in every catalogue, and a mistake in one is named."""

import re
from dataclasses import replace
from datetime import date

import html5lib
import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_file
from babel.messages.pofile import read_po, write_po
from samples import CARD, HTML, ROOT, TEMPLATES

from digest.archive import pages
from digest.errors import RenderError, UnknownPlugin
from digest.filling import fill, locale
from digest.look import Look
from digest.model import Edition, Followed, Note, Rank, Standing, Theme, Tier
from digest.render import compiler, render

CATALOGUES = sorted((TEMPLATES / "locales").glob("*.po"))
KEYWORDS = {"_": None, "gettext": None, "ngettext": (1, 2), "_counted": (1, 2)}
DAY = date(2026, 11, 20)


def messages(path, method):
    return {text for _, text, _, _ in extract_from_file(method, path, keywords=KEYWORDS)}


def said():
    """Every message of the templates and of the code."""
    templates = (messages(path, "jinja2.ext:babel_extract") for path in TEMPLATES.rglob("*.j2"))
    return messages(ROOT / "digest" / "wording.py", "python").union(*templates)


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.stem)
def test_a_catalogue_has_every_message_and_no_other(path):
    with path.open("rb") as file:
        catalogue = read_po(file)
    translated = {m.id for m in catalogue if m.id and all([m.string] if m.string else [False])}
    plurals = [m for m in catalogue if m.id and m.pluralizable]

    assert translated == said()
    assert all(len(m.string) == catalogue.num_plurals and all(m.string) for m in plurals)
    assert not any(m.fuzzy for m in catalogue)
    assert not list(catalogue.check())


def test_no_fixed_word_of_mail_and_archive_is_outside_of_the_catalogues(tmp_path):
    """Where messages are Cyrillic and a dump says nothing but digits, no Latin letter is left."""
    (tmp_path / "locales").mkdir()
    with (tmp_path / "locales" / "en.po").open("wb") as file:
        write_po(file, in_cyrillic(said()))
    look = Look("12", "34", "", "https://a.example", imprint="56")
    digits = replace(
        CARD,
        **dict.fromkeys(("title", "lead", "finding", "compact", "organization", "theme"), "78"),
        authors=("9",),
        published=None,
        follows=Followed("0", "90", DAY),
        chosen_by=("11",),
        version=2,
        rank=Rank(1, 1.0, rising=True),
        notes=tuple(Note),
    )
    cards = [
        digits,
        replace(digits, ref="1", url=None, lead="", tier=Tier.LINE),
        replace(digits, ref="2", url=None, lead="", authors=()),
        replace(digits, ref="3", tier=Tier.ONLINE, part="Other"),
    ]
    labels = ("More in 12", "Also on 34", "More papers", "56")
    themes = [Theme(str(n), label, "1", tuple(cards)) for n, label in enumerate(labels)]
    editions = [Edition("7", DAY, number, tuple(themes)) for number in (1, 2, 3)]
    message = render(editions[1], look, tmp_path, compiler())
    alone = render(editions[1], replace(look, public_url=None), tmp_path, compiler())
    files = pages(editions, {date(2026, 11, 19): "1"}, look, tmp_path) | {
        f"{n}.html": page for n, page in enumerate((message.html, alone.html))
    }
    files |= {"empty.html": pages([], {}, look, tmp_path)["index.html"]}
    asked = {"Standing": Standing, "address": "1", "token": "2", "done": True, "look": look}
    files |= {
        f"{name}{value}.html": fill(tmp_path, f"web/{name}.html.j2", "en", **asked, **{key: value})
        for name, key, values in (
            ("leave", "standing", [Standing.ACTIVE]),
            ("preferences", "standing", Standing),
            ("trouble", "status", [400, 404, 503]),
        )
        for value in values
    }

    for page in (text for path, text in files.items() if path.endswith(".html")):
        assert re.findall(r"[a-zA-Z]+", spoken(page)) == []
    for text in (message.subject, message.text, alone.text):
        assert re.findall(r"[a-zA-Z]+", without_dates(re.sub(r"\S+:\S+|slot-\S+", "", text))) == []


def in_cyrillic(messages):
    """A catalogue that has another alphabet for all words, and the same gaps."""
    catalogue = Catalog(locale="en")
    for text in messages:
        both = text if isinstance(text, tuple) else (text,)
        other = tuple(re.sub(r"(%\(\w+\)s)|[a-zA-Z]", lambda m: m[1] or "ж", each) for each in both)
        catalogue.add(text, other if isinstance(text, tuple) else other[0])
    return catalogue


def spoken(page):
    """All texts and all attributes that are read to people."""
    root = html5lib.parse(page)
    bodies = [each for each in root.iter() if each.tag not in {f"{HTML}style", f"{HTML}script"}]
    texts = [
        text for each in bodies if isinstance(each.tag, str) for text in (each.text, each.tail)
    ]
    named = [each.get(name) for each in root.iter() for name in ("aria-label", "title", "alt")]
    return without_dates(" ".join(filter(None, [*texts, *named])))


def without_dates(text):
    """The text without what Babel says in the locale's own words."""
    return re.sub(r"(Friday|Thursday), |\d+ (Nov|November) 2026|November 2026| and ", "", text)


def test_the_parts_of_a_catalogue_that_are_ones_own_are_laid_over_the_shipped_ones(tmp_path):
    (tmp_path / "locales").mkdir()
    own = tmp_path / "locales" / "de.po"
    own.write_text('msgid "Abstract"\nmsgstr "Kurzfassung"\n', encoding="utf-8")
    german = locale(tmp_path, "de")

    assert german.gettext("Abstract") == "Kurzfassung"
    assert german.gettext("Archive") == "Archiv"


def test_ones_own_words_may_be_english(tmp_path):
    (tmp_path / "locales").mkdir()
    (tmp_path / "locales" / "en.po").write_text('msgid "Code"\nmsgstr "Software"\n', "utf-8")
    assert locale(tmp_path, "en").gettext("Code") == "Software"
    assert locale(tmp_path, "en-GB").gettext("Code") == "Software"


def test_a_catalogue_that_was_mended_is_read_again(tmp_path):
    (tmp_path / "locales").mkdir()
    own = tmp_path / "locales" / "en.po"
    for word in ("Software", "Programs, too"):
        own.write_text(f'msgid "Code"\nmsgstr "{word}"\n', encoding="utf-8")
        assert locale(tmp_path, "en").gettext("Code") == word


@pytest.mark.parametrize(
    ("tag", "long", "short", "number", "way"),
    [
        ("en", "Friday, 20 November 2026", "20 Nov 2026", "1,204", "ltr"),
        ("en-US", "Friday, November 20, 2026", "Nov 20, 2026", "1,204", "ltr"),
        ("de", "Freitag, 20. November 2026", "20.11.2026", "1.204", "ltr"),
        ("ar", "الجمعة، 20 نوفمبر 2026", "20\u200f/11\u200f/2026", "1,204", "rtl"),
    ],
)
def test_dates_and_numbers_are_those_of_the_locale(tag, long, short, number, way):
    found = locale(TEMPLATES, tag)
    assert (found.lang, found.dir) == (tag, way)
    assert (found.long_date(DAY), found.short_date(DAY)) == (long, short)
    assert found.number(1204) == number


@pytest.mark.parametrize("tag", ["xx", "fr", "de_DE", "../../etc", "", "de-de-de-de-de"])
def test_a_locale_that_is_not_there_is_named_with_those_that_are(tag):
    with pytest.raises(UnknownPlugin, match=r"no locale .*; there are: ar, de, en$"):
        locale(TEMPLATES, tag)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ('msgid "Code"\nmsgid: "Code"\n', r"locales/de.po:2: "),
        ('\nmsgid "%(a)s"\nmsgstr "%(b)s"\n', r"locales/de.po:2: %\(a\)s: "),
    ],
)
def test_a_broken_catalogue_is_named_with_its_line(tmp_path, text, complaint):
    (tmp_path / "locales").mkdir()
    (tmp_path / "locales" / "de.po").write_text(text, encoding="utf-8")
    with pytest.raises(RenderError, match=complaint):
        locale(tmp_path, "de")


def test_facts_in_a_row_keep_their_order_whichever_way_each_is_written():
    """A number after a name in Arabic would be drawn before it."""
    dotted = {tag: locale(TEMPLATES, tag).dotted for tag in ("en", "ar")}
    assert dotted["en"](["Eels", "8 votes"]) == "Eels\u00a0· 8 votes"
    assert dotted["en"](["جامعة", "8 votes"]) == "جامعة\u200e\u00a0· \u200e8 votes"
    assert dotted["ar"](["Eels", "8"]) == "Eels\u200f\u00a0· \u200f8"
