import os
import re
import shutil
import subprocess
import sys
import tomllib
from binascii import b2a_qp
from dataclasses import replace
from datetime import date
from email.message import EmailMessage
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path

import html5lib
import pytest
from samples import CARD, HOME, HOSTILE, HTML, LOOK, ROOT, TEMPLATES

from digest.errors import RenderError, UnknownPlugin
from digest.filling import explained
from digest.look import arxiv_search, printable, web, wrapped
from digest.model import Card, Edition, Followed, Rank, Theme, Tier
from digest.render import compiler, encoded_size, render


def edition(*sizes, **changes):
    """An edition with themes of so many papers."""
    themes = []
    for t, size in enumerate(sizes):
        cards = [
            replace(CARD, ref=f"p{t}-{i}", title=f"Lantern {t}-{i}", **changes) for i in range(size)
        ]
        themes.append(Theme(f"theme-{t}", f"Sea & shore {t}", "Water", tuple(cards)))
    return Edition("all", date(2026, 11, 20), 1, tuple(themes))


def of(*cards):
    return Edition("all", date(2026, 11, 20), 1, (Theme("sea", "The sea", "Water", cards),))


def mail(edition, look=LOOK, engine="auto", **options):
    return render(edition, look, TEMPLATES, compiler(engine), **options)


def tree(page):
    return html5lib.parse(page)


def visible(page):
    """The words of a page without those of comments, a blank between any two."""

    def texts(node):
        yield node.text if isinstance(node.tag, str) else ""
        for child in node:
            yield from texts(child)
            yield child.tail

    return " ".join(" ".join(filter(None, texts(tree(page).find(f"{HTML}body")))).split())


def skeleton(page):
    """All elements with the names of their attributes."""
    return [(str(node.tag), sorted(node.keys())) for node in tree(page).iter()]


def links(page):
    return [node.get("href") for node in tree(page).iter(f"{HTML}a")]


def unsealed(text):
    """Slots without the digest of the edition in their names."""
    return re.sub(r"(?<=slot-)(\w+)-[0-9a-f]{16}", r"\1", text)


def engines():
    return [
        pytest.param(name, marks=pytest.mark.skipif(not find_spec(name), reason=f"no {name} here"))
        for name in ("mrml", "mjml")
    ]


engine = pytest.mark.parametrize("engine", engines())


def test_a_mail_names_itself_its_day_its_counts_and_its_themes():
    seen = visible(mail(edition(2, 1)).html)

    assert "R&D letter Friday, 20 November 2026 3 new papers in 2 themes" in seen
    assert "In this edition Sea & shore 0 2 Sea & shore 1 1" in seen


def test_a_paper_with_all_there_is_to_say_takes_no_more_than_its_share():
    """1.7 KB with names, counts, four links, and sentences as long as they are apt to be.

    It is rising and a new version, follows another one and matches a query.
    """
    card = replace(
        CARD,
        title="Lanterns for Deep Water: How Light Draws Fish from the Trench to the Probe",
        lead="We light a trench & measure what looks back. " * 4,
        finding="Fish come 3x closer than to a dark probe. " * 4,
        url="https://arxiv.org/abs/2611.01234",
        pdf_url="https://arxiv.org/pdf/2611.01234",
        rank=Rank(1, 1.0, rising=True),
        version=2,
        chosen_by=("deep sea", "eels"),
        follows=Followed("p9", "Lanterns", date(2026, 11, 2)),
    )
    few, many = (len(mail(of(*(card,) * number)).html.encode()) for number in (1, 21))
    assert (many - few) / 20 <= 1_700


def test_one_theme_is_not_listed_above_itself():
    message = mail(of(CARD))
    for text in (visible(message.html), " ".join(message.text.split())):
        assert "In this edition" not in text
        assert text.count("The sea") == 1


def test_a_card_says_who_when_what_and_where():
    message = mail(of(CARD))

    assert (
        "Lanterns for Deep Water Ines Mora, Kofi Adu, Li Na +2 · Tidal Institute · 18 Nov 2026"
        " · 1 upvote · 12 comments We light a trench & measure what looks back."
        " Fish come 3x closer than to a dark probe. Abstract · PDF · Code · Archive"
    ) in visible(message.html)
    online = "https://lab.example/a/editions/2026-11-20.html#p0"
    for url in (CARD.url, CARD.pdf_url, CARD.code_url, online):
        assert url in links(message.html)
        assert f"\n  {url}\n" in message.text


def test_a_card_says_what_is_special_about_it_and_why_it_is_here():
    card = replace(
        CARD,
        rank=Rank(1, 1.0, rising=True),
        version=2,
        chosen_by=("deep sea", "eels"),
        follows=Followed("p9", "Lanterns", date(2026, 11, 2)),
    )
    for tier in (Tier.CARD, Tier.LINE):
        said = mail(of(replace(card, tier=tier)))
        for text in (visible(said.html), " ".join(said.text.split())):
            assert "Follows Lanterns, seen on 2 Nov 2026 Here because it matches: deep sea" in text
    message = mail(of(card))
    for text in (visible(message.html), " ".join(message.text.split())):
        assert "Rising · New version (v2) · Ines Mora" in text


def test_every_link_says_aloud_where_it_leads():
    """Two links of one name lead to one place."""
    cards = [
        replace(CARD, title=f"Lantern {n}", ref=f"p{n}", url=f"{CARD.url}&n={n}") for n in "ab"
    ]
    places = {}
    for node in tree(mail(of(*cards)).html).iter(f"{HTML}a"):
        name = node.get("aria-label") or "".join(node.itertext())
        places.setdefault(name, set()).add(node.get("href").replace(CARD.pdf_url, name))
        assert "".join(node.itertext()) in name
    assert {name for name, urls in places.items() if len(urls) > 1} == set()
    assert "PDF: Lantern a" in places


def test_a_paper_without_an_address_is_searched_by_its_title():
    message = mail(of(replace(CARD, title="Is 1+1 > R&D?", url=None, code_url=None)))

    search = "https://arxiv.org/search/?query=Is+1%2B1+%3E+R%26D%3F&searchtype=title"
    assert search in links(message.html)
    assert f"\n  {search}\n" in message.text


def test_what_a_dump_does_not_say_leaves_no_trace():
    bare = Card("p", "Bare", "A lead.", None, (), None, None, None, None, 0, None, None, ())
    seen = visible(mail(of(bare), HOME).html)

    assert "Bare A lead. Find on arXiv You asked for it." in seen


@engine
def test_outlook_gets_a_table_of_600_px_that_it_can_close(engine):
    """Its engine knows no max-width; what only it reads stands in comments with a condition."""
    page = mail(edition(2, 1), engine=engine).html
    told = re.findall(r"(?s)<!--\[if mso \| IE\]>(.*?)<!\[endif\]-->", page)
    opened = []
    for closes, tag in re.findall(r"<(/?)(\w+)", "".join(told)):
        if closes:
            assert opened.pop() == tag
        else:
            opened.append(tag)
    assert opened == []
    assert 'width="600"' in told[0]


@engine
def test_hostile_text_is_printed_as_text_and_changes_no_element(engine):
    def cards(texts):
        return [
            replace(CARD, title=x, lead=x, finding=x, authors=(x,), organization=x) for x in texts
        ]

    plain = mail(of(*cards(["harmless"] * len(HOSTILE))), engine=engine)
    message = mail(of(*cards(HOSTILE)), engine=engine)
    seen = visible(message.html)

    assert skeleton(message.html) == skeleton(plain.html)
    for text in HOSTILE:
        assert seen.count(text) >= 5
        assert " ".join(message.text.split()).count(text) >= 5


@engine
def test_hostile_themes_and_names_are_text_too(engine):
    look = replace(HOME, name="</title><script>", sender="<b>Ada</b>", reason="</mj-text>&lt;")
    theme = Theme('"><script>', "</h2><mj-include path='x'/>", "Water", (CARD,))
    page = mail(replace(of(), themes=(theme,)), look, engine).html

    assert skeleton(page) == skeleton(mail(of(CARD), HOME, engine).html)
    assert "</h2><mj-include path='x'/>" in visible(page)
    assert tree(page).find(f".//{HTML}title").text.strip() == "</title><script>, 20 Nov 2026"


def test_unseen_characters_are_left_out_and_line_ends_are_blanks():
    assert printable("a\0b\u202ec\ud800d\x1be\ufffff\n\u2028g é 漢 👩‍🔬") == "abcdef  g é 漢 👩‍🔬"
    assert printable("\u0338\ufe0f\u1161Be\u0301te \ue000\U00100000") == "Béte "
    message = mail(of(replace(CARD, title="Night\r\nBcc: all\x00\u202e")))
    assert "Night Bcc: all" in visible(message.html)
    (message.subject + message.text + message.html).encode()


@pytest.mark.skipif(not find_spec("mrml"), reason="no mrml here")
def test_both_compilers_print_the_same_words_and_links():
    card = replace(CARD, title="Größe & <Gewicht> “ﬁsch” \N{NO-BREAK SPACE}&nbsp; 漢字")
    whole = replace(edition(3, 2, 4), themes=(*edition(3, 2).themes, *of(card).themes))
    fast, slow = mail(whole, engine="mrml"), mail(whole, engine="mjml")

    assert visible(fast.html) == visible(slow.html)
    assert links(unsealed(fast.html)) == links(unsealed(slow.html))
    assert (fast.subject, fast.shown) == (slow.subject, slow.shown)
    assert unsealed(fast.text) == unsealed(slow.text)


def test_an_unknown_compiler_is_named_with_those_there_are():
    with pytest.raises(UnknownPlugin, match=r"no MJML compiler 'mjmx'; there are: .*mjml"):
        compiler("mjmx")


@engine
def test_mjml_that_is_none_is_an_error_of_rendering(engine):
    with pytest.raises(RenderError):
        compiler(engine)("<p>no mail</p>")


def test_a_mail_is_the_same_whatever_links_were_worked_out_before():
    bare = replace(CARD, ref="p1", url=None, title="Lantern 1", code_url="javascript:alert(1)")
    editions = [edition(2, 1), of(CARD, bare), of(bare), edition(1, url="https://\u00e4.example/")]
    fresh = []
    for each in editions:
        web.cache_clear()
        arxiv_search.cache_clear()
        fresh.append(mail(each))

    assert [mail(each) for each in reversed(editions)] == fresh[::-1]


def test_text_and_html_print_the_same_titles_and_links():
    message = mail(edition(9, 5, 30), limit=30_000)
    titles = [node.text for node in tree(message.html).iter(f"{HTML}a") if "Lantern" in node.text]

    assert titles == re.findall(r"^\* (.+)$", message.text, re.MULTILINE)
    assert len(titles) == len(message.shown)
    outside = {link for link in links(message.html) if not link.startswith("#")}
    assert outside == set(re.findall(r"^ *(\w+:\S+|slot-\S+)$", message.text, re.MULTILINE))


def test_text_is_wrapped_and_an_address_stands_alone_on_its_line():
    long = replace(CARD, title="Wide " * 60, lead="Word " * 90, url=f"https://a.example/{'p' * 90}")
    lines = mail(of(long)).text.split("\n")

    assert all(len(line) <= 76 for line in lines if "://" not in line)
    assert f"  {long.url}" in lines
    assert all(re.fullmatch(r" *https?://\S+", line) for line in lines if "://" in line)


def test_every_theme_shows_its_best_first_and_the_rest_is_counted():
    whole = edition(40, 1, 7, 25)
    message = mail(whole, limit=25_000)
    shown = [[c.ref for c in theme.cards if c.ref in message.shown] for theme in whole.themes]

    assert 4 < len(message.shown) < 73
    for theme, refs in zip(whole.themes, shown, strict=True):
        assert refs == [card.ref for card in theme.cards[: len(refs)]]
    deepest = max(map(len, shown))
    for theme, refs in zip(whole.themes, shown, strict=True):
        assert len(refs) >= min(len(theme.cards), deepest - 1)
    for body in (visible(message.html), " ".join(message.text.split())):
        assert f"{40 - len(shown[0])} more papers in Sea & shore 0" in body
        assert f"{73 - len(message.shown)} more papers of this edition" in body


def test_the_room_there_is_is_used():
    message = mail(edition(60), limit=40_000)
    assert 38_000 < len(b2a_qp(message.html.encode())) <= 40_000


def test_the_html_fits_as_the_standard_library_encodes_it():
    message = mail(edition(80, 40, lead="Ünïcödé fährt schwarz " * 9), limit=60_000)
    letter = EmailMessage()
    letter.set_content(message.html, subtype="html", cte="quoted-printable")
    wire = letter.get_payload().encode().replace(b"\n", b"\r\n")

    assert len(message.html.encode()) <= 60_000
    assert len(wire) <= 60_000


def test_a_limit_that_holds_no_mail_at_all_is_an_error():
    with pytest.raises(RenderError, match="even without papers"):
        mail(edition(3), limit=2_000)


def test_what_is_not_in_the_mail_is_linked_where_the_archive_is_online():
    message = mail(edition(50), limit=20_000)
    page = "https://lab.example/a/editions/2026-11-20.html"

    assert {f"{page}#theme-theme-0", page} <= set(links(message.html))
    assert f"\n{page}\n" in message.text


def test_what_is_not_in_the_mail_is_named_where_there_is_no_address():
    message = mail(edition(50), HOME, limit=20_000)

    assert not any("editions" in link for link in links(message.html))
    for body in (visible(message.html), " ".join(message.text.split())):
        assert "The archive has the whole edition, 2026-11-20." in body


def test_the_slots_stand_in_both_parts_and_belong_to_the_edition():
    message, other = mail(edition(2)), mail(edition(3))

    assert set(message.slots) == {"unsubscribe", "preferences"}
    for name, marker in message.slots.items():
        assert re.fullmatch(rf"slot-{name}-[0-9a-f]{{16}}", marker)
        assert links(message.html).count(marker) == 1 == message.html.count(marker)
        assert message.text.split("\n").count(marker) == 1
        assert marker != other.slots[name]


def test_there_is_a_page_of_preferences_only_where_there_is_a_public_address():
    message = mail(edition(2), HOME)
    assert set(message.slots) == {"unsubscribe"}
    assert "Preferences" not in visible(message.html) + message.text


def test_the_imprint_stands_in_both_parts_and_only_if_there_is_one():
    with_it = mail(of(CARD), replace(LOOK, imprint="R&D, 1 Quay, Northmoor"))
    for text in (visible(with_it.html), with_it.text):
        assert "R&D, 1 Quay, Northmoor" in text
    assert skeleton(with_it.html) != skeleton(mail(of(CARD)).html)


def test_a_reason_of_ones_own_takes_the_place_of_the_usual_one():
    usual = "You get this mail because you subscribed to R&D letter."
    assert usual in visible(mail(of(CARD), replace(LOOK, reason="")).html)
    assert usual not in visible(mail(of(CARD)).html)


@engine
def test_a_mail_from_right_to_left_is_the_mirror_of_one_from_left_to_right(engine):
    arabic = mail(edition(2, 2), replace(LOOK, locale="ar"), engine=engine)
    english = mail(edition(2, 2), engine=engine)
    root = tree(arabic.html)
    sides = [
        re.findall(r"left|right", re.sub(r"<style.*?</style>", "", page))
        for page in (english.html.partition("<h1")[2], arabic.html.partition("<h1")[2])
    ]

    assert (root.get("lang"), root.get("dir")) == ("ar", "rtl")
    assert [{"left": "right"}.get(side, side) for side in sides[0]] == sides[1]
    heads = list(root.iter(f"{HTML}h3"))
    assert all((node.get("lang"), node.get("dir")) == ("en", "ltr") for node in heads)
    assert "4 أوراق جديدة في موضوعين" in visible(arabic.html)


@engine
def test_a_mail_is_built_for_reading_aloud_and_loads_nothing(engine):
    page = mail(edition(2, 2), engine=engine).html
    root = tree(page)
    levels = [
        int(node.tag[-1]) for node in root.iter() if re.fullmatch(rf"{HTML}h\d", str(node.tag))
    ]

    assert root.get("lang") == "en"
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    assert all(table.get("role") == "presentation" for table in root.iter(f"{HTML}table"))
    assert not {f"{HTML}{name}" for name in ("img", "script", "link", "form", "iframe")} & {
        node.tag for node in root.iter()
    }
    assert not re.search(r"@import|url\(", page)
    assert all(f'id="{link[1:]}"' in page for link in links(page) if link.startswith("#"))
    assert min(map(int, re.findall(r"font-size:(\d+)px", re.sub("font-size:0px", "", page)))) >= 14


def test_the_template_keeps_to_what_both_compilers_know():
    source = (TEMPLATES / "email" / "digest.mjml.j2").read_text(encoding="utf-8")
    blocks = (TEMPLATES / "email" / "digest.html.j2").read_text(encoding="utf-8")
    known = {
        "all",
        "attributes",
        "body",
        "column",
        "head",
        "raw",
        "section",
        "style",
        "text",
        "title",
    }

    assert set(re.findall(r"</?mj-(\w+)", source)) <= known
    assert "|safe" not in (source + blocks).replace(" ", "")
    assert "<mj-" not in blocks


def test_colours_can_be_read_in_both_schemes():
    def luminance(colour):
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    style = tomllib.loads((TEMPLATES / "email" / "theme.toml").read_text(encoding="utf-8"))
    for scheme in ("light", "dark"):
        for name in ("ink", "quiet", "accent"):
            pair = sorted((luminance(style[scheme][name]), luminance(style[scheme]["paper"])))
            assert (pair[1] + 0.05) / (pair[0] + 0.05) >= 4.5, (scheme, name)


@pytest.mark.parametrize(
    ("path", "content", "error"),
    [
        ("email/digest.mjml.j2", "<mjml>\n{% if %}", "email/digest.mjml.j2:2: .+"),
        (
            "email/digest.mjml.j2",
            "<mjml>\n\n{{ edition.nobody }}",
            "email/digest.mjml.j2:3: .*nobody",
        ),
        ("email/digest.mjml.j2", "\n{{ 1 + look.name }}", "email/digest.mjml.j2:2: .+"),
        (
            "email/digest.txt.j2",
            "{% include 'email/none.j2' %}",
            "digest.txt.j2: there is no email/none",
        ),
        ("email/theme.toml", "[fonts]\nserif = =\n", "email/theme.toml:2: .+"),
        ("email/digest.html.j2", "\n\n{{ look.nobody }}", "email/digest.html.j2:3: .*nobody"),
        (
            "email/digest.html.j2",
            "{% macro masthead() %}{% endmacro %}",
            "digest.html.j2: there is no macro contents",
        ),
        ("email/digest.mjml.j2", "<mjml><mj-body></mj-body></mjml>", "block.rows, .* is missing"),
    ],
)
def test_a_broken_template_is_named_with_its_line(tmp_path, path, content, error):
    shutil.copytree(TEMPLATES, tmp_path / "t")
    (tmp_path / "t" / path).write_text(content, encoding="utf-8")

    with pytest.raises(RenderError, match=error):
        render(of(CARD), LOOK, tmp_path / "t", compiler())


@pytest.mark.parametrize(
    ("path", "content", "line", "text"),
    [
        ("email/digest.txt.j2", "\n\n {{ edition.dya }}", 3, "{{ edition.dya }}"),
        ("email/digest.html.j2", "\n{% fro x %}", 2, "{% fro x %}"),
        ("email/theme.toml", "[fonts]\nserif = =\n", 2, "serif = ="),
        ("email/digest.mjml.j2", "{# none #}\n<p>no mail</p>", 2, "<p>no mail</p>"),
        ("email/digest.mjml.j2", "{# none #}\n<p>{{ look.locale }}</p>", 2, "<p>en</p>"),
        ("email/digest.txt.j2", '\n{{ "x"|long_date }}', 2, '{{ "x"|long_date }}'),
        ("email/digest.txt.j2", "{{ none|wrapped }}", 1, "{{ none|wrapped }}"),
        ("email/digest.html.j2", "{{ look.name.nobody() }}", 1, "{{ look.name.nobody() }}"),
        (
            "email/digest.txt.j2",
            "{% macro again() %}\n{{ again() }}{% endmacro %}{{ again() }}",
            2,
            "{{ again() }}{% endmacro %}{{ again() }}",
        ),
        (
            "email/digest.html.j2",
            "{% macro masthead() %}\n{{ masthead() }}{% endmacro %}",
            2,
            "{{ masthead() }}{% endmacro %}",
        ),
        ("email/theme.toml", "# mine\npalette = 3\n", 2, "palette = 3"),
        ("email/theme.toml", "[[light]]\n", 1, "[[light]]"),
        ("email/theme.toml", "[light]\nown = 1\nink = 3\n", 3, "ink = 3"),
        ("email/theme.toml", "[type]\nname = 3\n", 2, "name = 3"),
        ("email/theme.toml", "[type]\nown = 3\nname = [19, true]\n", 3, "name = [19, true]"),
        ("email/theme.toml", "[type]\nname = [0, 9]\n", 2, "name = [0, 9]"),
    ],
)
def test_an_error_names_ones_own_file_where_that_is_used(tmp_path, path, content, line, text):
    (tmp_path / "email").mkdir()
    (tmp_path / path).write_text(content, encoding="utf-8")
    with pytest.raises(RenderError) as raised:
        render(of(CARD), LOOK, tmp_path, compiler())
    error = raised.value
    assert (error.path, error.line, error.text) == (tmp_path / path, line, text)


def test_what_fails_outside_of_templates_is_no_mistake_of_a_template(tmp_path):
    with pytest.raises(AttributeError), explained(tmp_path, "email/digest.txt.j2"):
        wrapped(None)


def test_a_folder_of_ones_own_needs_only_what_is_different(tmp_path):
    (tmp_path / "email").mkdir()
    assert render(of(CARD), LOOK, tmp_path, compiler()) == mail(of(CARD))
    before = unsealed(mail(of(CARD)).html)
    palette = tmp_path / "email" / "theme.toml"
    palette.write_text('[light]\naccent = "#005a5a"\n', encoding="utf-8")
    page = render(of(CARD), LOOK, tmp_path, compiler()).html
    assert unsealed(page) == before.replace("#8a2d1b", "#005a5a")


def test_a_template_in_another_encoding_is_named(tmp_path):
    shutil.copytree(TEMPLATES, tmp_path / "t")
    (tmp_path / "t" / "email" / "digest.txt.j2").write_bytes(b"caf\xe9")

    with pytest.raises(RenderError, match=r"digest.txt.j2: cannot be read"):
        render(of(CARD), LOOK, tmp_path / "t", compiler())


def test_a_template_that_was_mended_is_read_again(tmp_path):
    shutil.copytree(TEMPLATES, tmp_path / "t")
    palette = tmp_path / "t" / "email" / "theme.toml"
    before = render(of(CARD), LOOK, tmp_path / "t", compiler()).html
    palette.write_text(palette.read_text(encoding="utf-8").replace("#8a2d1b", "#005a5a"), "utf-8")

    after = render(of(CARD), LOOK, tmp_path / "t", compiler()).html
    assert unsealed(after) == unsealed(before).replace("#8a2d1b", "#005a5a")
    blocks = tmp_path / "t" / "email" / "digest.html.j2"
    blocks.write_text(blocks.read_text(encoding="utf-8").replace("<h1", "<h1 id='top'"), "utf-8")
    assert "<h1 id='top'" in render(of(CARD), LOOK, tmp_path / "t", compiler()).html


def test_the_same_edition_gives_the_same_bytes_in_another_process():
    program = """if True:
        from hashlib import sha256
        from test_render import *
        from digest.archive import pages
        message, files = mail(edition(30, 50)), pages([edition(3, 4)], {}, LOOK, TEMPLATES)
        print(message.sha256, sorted(message.slots.items()), message.shown)
        print(sha256(repr(files).encode()).hexdigest())
    """
    said = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={
                **os.environ,
                "PYTHONHASHSEED": seed,
                "PYTHONPATH": os.pathsep.join(map(str, (ROOT, *Path(__file__).parents[:2]))),
            },
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("0", "1", "4242")
    }
    assert len(said) == 1


# --- ranks, tiers and sub-headings --------------------------------------------------------------


def ranked(title, place, tier=Tier.CARD, **changes):
    return replace(CARD, ref=title, title=title, rank=Rank(place, 1.0), tier=tier, **changes)


def test_a_line_shows_title_and_facts_and_no_summary():
    made = mail(of(ranked("Card", 1), ranked("Line", 2, Tier.LINE)))
    for text in (visible(made.html), made.text):
        assert text.count(CARD.lead) == 1
        assert "Line" in text
    assert made.shown == ("Card", "Line")
    assert links(made.html).count(CARD.url) == 3  # the card's title and its link, the line's title
    assert CARD.compact in visible(made.html)
    assert f"\n  {CARD.compact}\n" in made.text


def test_a_line_without_an_address_links_to_a_search():
    made = mail(of(ranked("Card", 1), ranked("A Line", 2, Tier.LINE, url=None)))
    assert arxiv_search("A Line") in links(made.html)
    assert arxiv_search("A Line") in made.text


def test_what_stands_only_online_is_counted_and_not_printed():
    made = mail(of(ranked("Card", 1), ranked("Hidden", 2, Tier.ONLINE)))
    for text in (visible(made.html), made.text):
        assert "Hidden" not in text
        assert "1 more paper in The sea" in text
        assert "1 more paper of this edition is not in the mail." in text
    assert made.shown == ("Card",)


def test_where_room_is_short_the_least_important_give_way_first():
    cards = [ranked(f"Card {n}", n) for n in (3, 1, 2)]
    whole = of(*cards, *(ranked(f"Line {n}", n, Tier.LINE) for n in (4, 5)))
    size = mail(whole).budget.size
    shown = [set(mail(whole, limit=limit).shown) for limit in range(size - 4_000, size + 1, 50)]
    order = ["Card 1", "Card 2", "Card 3", "Line 4", "Line 5"]
    assert all(each == set(order[: len(each)]) for each in shown)
    assert {len(each) for each in shown} >= {1, 2, 3, 5}


def test_cards_become_lines_before_any_paper_leaves_the_mail():
    whole = edition(60)
    message = mail(whole, limit=60_000)
    cards, lines = message.budget.cards, message.budget.lines
    assert 20 < cards < 60 == cards + lines
    assert len(list(tree(message.html).iter(f"{HTML}h3"))) == cards
    assert message.text.count(CARD.lead) == cards
    assert (
        message.text.count(f"  {CARD.compact}")
        == visible(message.html).count(CARD.compact)
        == lines
    )


def test_a_mail_says_what_it_had_room_for():
    everything = mail(edition(3, 2)).budget
    assert (everything.cards, everything.lines, everything.online) == (5, 0, 0)
    assert (everything.demoted, everything.limit) == (0, 90_000)
    message = mail(edition(40, 30), limit=30_000)
    budget = message.budget
    assert budget.cards + budget.lines == len(message.shown)
    assert budget.online == 70 - len(message.shown)
    assert budget.demoted == 70 - budget.cards
    assert encoded_size(message.html) < budget.size <= 30_000


def test_a_sub_heading_stands_once_above_its_papers_whose_titles_are_one_level_deeper():
    cards = [
        *(ranked(f"Felt {n}", n, part="Felt & lenses") for n in (1, 2)),
        ranked("Wool", 3, part="Wool"),
        ranked("Rest", 4, part="Other"),
    ]
    made = mail(of(*cards))
    heads = [
        (node.tag.removeprefix(HTML), "".join(node.itertext()).strip())
        for node in tree(made.html).iter()
        if node.tag in {f"{HTML}h3", f"{HTML}h4"}
    ]
    assert heads == [
        ("h3", "Felt & lenses"),
        *(("h4", "Felt 1"), ("h4", "Felt 2")),
        *(("h3", "Wool"), ("h4", "Wool"), ("h3", "Other"), ("h4", "Rest")),
    ]
    assert made.text.count("Felt & lenses:") == 1
    assert made.text.index("* Wool") < made.text.index("Other:") < made.text.index("* Rest")
