import re
from dataclasses import replace
from datetime import date
from pathlib import PurePosixPath

import html5lib
import pytest
from samples import CARD, HOME, HOSTILE, HTML, TEMPLATES

from digest.archive import pages
from digest.model import Edition, Rank, Theme, Tier

MAY, JUNE = date(2026, 5, 31), date(2026, 6, 1)


def of(*cards, day=JUNE, number=1, audience="all"):
    return Edition(audience, day, number, (Theme("town", "The town", "Places", cards),))


def archive(*editions, quiet=None):
    return pages(editions, quiet or {}, HOME, TEMPLATES)


def tree(page):
    return html5lib.HTMLParser(strict=True).parse(page)


def visible(page):
    return " ".join(" ".join(tree(page).find(f"{HTML}body").itertext()).split())


def every(page, *names):
    return [node for node in tree(page).iter() if node.tag in {f"{HTML}{name}" for name in names}]


def skeleton(page):
    return [(str(node.tag), sorted(node.keys())) for node in tree(page).iter()]


def test_the_index_lists_editions_newest_first_by_month():
    first, second = of(CARD, day=MAY), of(CARD, replace(CARD, ref="p1"), day=JUNE)
    seen = visible(archive(first, second)["index.html"])

    assert (
        "June 2026 Monday, 1 June 2026 2 papers: The town"
        " May 2026 Sunday, 31 May 2026 1 paper: The town"
    ) in seen


def test_the_order_in_which_editions_come_does_not_matter():
    shelf = [of(CARD, day=MAY), of(CARD), of(CARD, number=2), of(CARD, audience="towns")]
    quiet = {date(2026, 5, 30): "nothing new", date(2026, 5, 2): "nothing new"}

    backwards = dict(reversed(quiet.items()))
    assert archive(*shelf, quiet=quiet) == archive(*reversed(shelf), quiet=backwards)


def test_a_quiet_day_stands_in_the_index_with_its_reason():
    quiet = {MAY: "only 1 new paper", JUNE: "no dump came"}
    files = archive(of(CARD, day=MAY), quiet=quiet)

    assert "1 June 2026 No edition: no dump came" in visible(files["index.html"])
    assert "only 1 new paper" not in files["index.html"]


def test_an_empty_archive_says_so():
    files = archive()

    assert "There is no edition yet." in visible(files["index.html"])
    assert set(files) == {"index.html", "style.css"}


def test_a_page_holds_every_paper_of_its_edition_under_an_anchor():
    cards = [replace(CARD, ref=f"p{i}", title=f"Street {i}") for i in range(200)]
    page = archive(of(*cards))["editions/2026-06-01.html"]
    papers = {node.get("id"): node for node in tree(page).iter(f"{HTML}article")}

    assert list(papers) == [card.ref for card in cards]
    assert "Monday, 1 June 2026 200 papers In this edition" in visible(page)
    assert "In this edition The town 200" in visible(page)


def test_a_card_says_who_when_what_and_where():
    page = archive(of(CARD))["editions/2026-06-01.html"]

    assert (
        "Lanterns for Deep Water Ines Mora, Kofi Adu, Li Na +2 · Tidal Institute · 18 Nov 2026"
        " · 1 upvote · 12 comments We light a trench & measure what looks back."
        " Fish come 3x closer than to a dark probe. Abstract · PDF · Code · Link here"
    ) in visible(page)
    assert '<time datetime="2026-11-18">' in page


def test_pages_lead_to_the_edition_before_and_after_for_the_same_readers():
    files = archive(of(CARD, day=MAY), of(CARD), of(CARD, number=2), of(CARD, audience="towns"))

    def turn(name):
        page = files[f"editions/{name}.html"]
        return [re.findall(rf'rel="{rel}" href="([^"]+)"', page) for rel in ("prev", "next")]

    assert turn("2026-05-31") == [[], ["2026-06-01.html"]]
    assert turn("2026-06-01") == [["2026-05-31.html"], ["2026-06-01-2.html"]]
    assert turn("2026-06-01-2") == [["2026-06-01.html"], []]
    assert turn("2026-06-01-towns") == [[], []]


def test_every_link_inside_the_archive_leads_somewhere():
    files = archive(
        of(CARD, day=MAY), of(CARD, replace(CARD, ref="odd ref/#?")), of(CARD, number=2)
    )
    found = 0
    for path, page in files.items():
        if not path.endswith(".html"):
            continue
        for node in every(page, "a", "link"):
            href = node.get("href")
            if href.startswith("https://"):
                continue
            file, _, fragment = href.partition("#")
            target = path if not file else str(PurePosixPath(path).parent / file)
            target = target.replace("editions/../", "")
            assert target in files, (path, href)
            assert not fragment or f'id="{fragment}"' in files[target]
            found += 1
    assert found > 20


@pytest.mark.parametrize("path", ["index.html", "editions/2026-06-01.html"])
def test_hostile_text_is_printed_as_text_and_changes_no_element(path):
    def shelf(texts):
        cards = [
            replace(CARD, ref=f"p{i}", title=x, lead=x, finding=x, authors=(x,), organization=x)
            for i, x in enumerate(texts)
        ]
        themes = [
            Theme(f"t{i}", x, "Places", (card,))
            for i, (x, card) in enumerate(zip(texts, cards, strict=True))
        ]
        return Edition("all", JUNE, 1, tuple(themes))

    plain = archive(shelf(["harmless"] * len(HOSTILE)))[path]
    page = archive(shelf(HOSTILE))[path]

    assert skeleton(page) == skeleton(plain)
    for text in HOSTILE if path.startswith("editions") else HOSTILE[:4]:
        assert text in visible(page)


def test_pages_run_nothing_and_load_only_their_style_sheet():
    for path, page in archive(of(CARD)).items():
        if path.endswith(".html"):
            root = tree(page)
            policy = next(n.get("content") for n in root.iter(f"{HTML}meta") if n.get("http-equiv"))
            assert policy.startswith("default-src 'none'; style-src 'self';")
            assert not every(page, "script", "style", "img")
            assert not any(
                key == "style" or key.startswith("on") for n in root.iter() for key in n.attrib
            )
            assert page.startswith("<!DOCTYPE html>")
            assert root.get("lang") == "en"
    assert not re.search(r"@import|url\(", archive()["style.css"])


def test_a_paper_that_stands_only_online_is_a_line_that_unfolds():
    online = replace(CARD, ref="p1", title="Folded", tier=Tier.ONLINE)
    page = archive(of(CARD, online))["editions/2026-06-01.html"]
    [details] = every(page, "details")
    [summary] = every(page, "summary")
    assert "".join(summary.itertext()).strip() == "Folded"
    assert CARD.lead in "".join(details.itertext())
    assert every(page, "article")[1].get("id") == "p1"


def test_sub_headings_and_the_rising_paper_are_told():
    cards = [
        replace(CARD, ref=f"p{n}", part=part, theme="Felt", rank=Rank(n, 1.0, rising=n == 1))
        for n, part in enumerate(["Felt lenses", "Felt lenses", "Other"])
    ]
    page = archive(of(*cards))["editions/2026-06-01.html"]
    assert [head.tag.removeprefix(HTML) for head in every(page, "h3", "h4")] == [
        *("h3", "h4", "h4", "h3", "h4"),
    ]
    assert visible(page).count("Felt lenses") == 1
    assert visible(page).count("Rising") == 1


def test_an_archive_in_a_language_from_right_to_left_begins_on_the_right():
    files = pages([of(CARD)], {MAY: "1 new paper"}, replace(HOME, locale="ar"), TEMPLATES)
    assert "border-right: 3px" in files["style.css"]
    assert "text-align: right" in files["style.css"]
    page = files["editions/2026-06-01.html"]
    [head] = every(page, "h3")
    assert (tree(page).get("lang"), tree(page).get("dir")) == ("ar", "rtl")
    assert (head.get("lang"), head.get("dir")) == ("en", "ltr")
    assert '<span lang="en" dir="ltr">1 new paper</span>' in files["index.html"]
