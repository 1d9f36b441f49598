"""A paper is known again whatever it is called today; what follows it is printed and says so."""

import json
import re
from datetime import date
from typing import Any

import pytest
from conftest import Digest, Ran, contents

from digest.model import Votes

KITES = "Anisotropic Kites: How Paper Flies in a Gale over the Northern Harbour"
FLIGHT = (
    "We fly kites of anisotropic paper over a northern harbour and measure how the ropes bend in "
    "a gale. Meadows of copper lanterns light the quay at night, so that each knot is seen. Our "
    "kites rise higher than those of silk, and fall later, in nine of ten winters. We also tell "
    "how the paper is glued, why cedar is lighter than amber, and what the sparrows thought of it."
)
ORCHARDS = "Orchards in Winter and What Grows There"
GROWTH = (
    "An orchard sleeps in winter, yet below the snow a hundred roots drink slowly. The gardener "
    "counts each bud twice, writes the number on birch bark, and burns what is wrong. After "
    "thirty years the bark tells which trees bear pears early and which only promise to."
)
TIDES = "Tides of an Inland Sea"
SALT = "The water of an inland sea rises twice a day for no moon that we know, and tastes of salt."
SPARROWS = "Why Sparrows Sing at Night"


def paper(title: str, abstract: str, day: str = "2025-03-03", **facts: Any) -> dict[str, Any]:
    own = {"dump": "d", "format": "f", "title": title, "abstract": abstract, "day": day}
    return own | facts


def seen(digest: Digest, name: str, *papers: dict[str, Any]) -> dict[str, Any]:
    """Ingest a dump of these papers; return the report."""
    digest.add_dump(name, "\n".join(map(json.dumps, papers)))
    ran = digest.here("ingest", "--json")
    assert (ran.code, ran.err) == (0, "")
    report: dict[str, Any] = ran.document
    return report


def ref(digest: Digest, *words: str) -> str:
    found: str = digest.here("explain", *words, "--json").document["paper"]["ref"]
    return found


def works(digest: Digest) -> dict[str, set[str]]:
    """The titles under each work, as they are exported."""
    found: dict[str, set[str]] = {}
    for record in digest.here("export").records:
        found.setdefault(record["work"], set()).add(record["title"])
    return found


def together(digest: Digest) -> list[set[str]]:
    return sorted(works(digest).values(), key=sorted)


def printings(digest: Digest, *words: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]]
    found = digest.here("explain", *words, "--json").document["dedupe"]["printings"]
    return found


def published(digest: Digest) -> dict[str, Any]:
    """Publish; return the report."""
    report: dict[str, Any] = digest.here("publish", "--extra", "--json").document
    return report


def folded(text: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", "", text).split())


# --- corrections by hand --------------------------------------------------------------------


@pytest.fixture
def three(digest: Digest) -> Digest:
    """Three papers, each of its own."""
    papers = paper(KITES, FLIGHT), paper(ORCHARDS, GROWTH, "2025-03-04"), paper(TIDES, SALT)
    assert seen(digest, "a.jsonl", *papers)["new"] == 3
    return digest


@pytest.fixture
def retitled(digest: Digest) -> Digest:
    """A paper that was retitled."""
    papers = paper(KITES, FLIGHT), paper(SPARROWS, FLIGHT, "2025-03-04")
    assert seen(digest, "a.jsonl", *papers)["new"] == 1
    return digest


def grown(digest: Digest, name: str, *more: dict[str, Any]) -> dict[str, Any]:
    """Read a dump again, which has grown by these papers."""
    before = (digest.folder / "dumps" / name).read_text()
    return seen(digest, name, *map(json.loads, before.splitlines()), *more)


def test_papers_that_are_merged_are_one_now_and_in_all_dumps_to_come(three):
    ran = three("merge", "orchards in winter", "anisotropic kites")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out == f"One paper now: {ref(three, 'kites')} {KITES}\n"
    expected = [{KITES, ORCHARDS}, {TIDES}]
    assert together(three) == expected
    assert grown(three, "a.jsonl", paper(TIDES, SALT))["new"] == 0
    assert together(three) == expected
    early = paper(ORCHARDS.upper(), GROWTH[:200], "2025-01-01")
    assert seen(three, "b.jsonl", early)["new"] == 0
    assert together(three) == [{KITES, ORCHARDS, ORCHARDS.upper()}, {TIDES}]
    assert ref(three, "kites") == ref(three, "orchards")


def test_a_paper_that_is_merged_with_a_published_one_is_no_news(digest):
    seen(digest, "a.jsonl", paper(KITES, FLIGHT))
    assert published(digest)["papers"] == 1
    seen(digest, "b.jsonl", paper(ORCHARDS, GROWTH))
    assert digest.here("merge", "orchards", "kites").code == 0
    assert published(digest)["papers"] == 0


def test_a_title_that_is_split_off_is_a_paper_of_its_own_now_and_in_all_dumps_to_come(retitled):
    _, later = printings(retitled, "kites")
    ran = retitled("split", later["ref"])
    assert (ran.code, ran.err) == (0, "")
    assert sorted(line.split(": ", 1)[1].split(" ", 1)[1] for line in ran.out.splitlines()) == [
        KITES,
        SPARROWS,
    ]
    assert together(retitled) == [{KITES}, {SPARROWS}]
    assert grown(retitled, "a.jsonl", paper(SPARROWS, FLIGHT, "2025-03-04", upvotes=3))["new"] == 0
    assert together(retitled) == [{KITES}, {SPARROWS}]
    copies = paper(SPARROWS.upper(), FLIGHT, "2025-03-09"), paper(KITES.upper(), "", "2025-03-09")
    assert seen(retitled, "b.jsonl", *copies)["new"] == 0
    assert together(retitled) == [{KITES, KITES.upper()}, {SPARROWS, SPARROWS.upper()}]
    assert "split from it by hand" in retitled.here("explain", "sparrows").out


def test_what_is_split_by_words_loses_the_title_that_it_is_shown_under(retitled):
    ran = retitled.here("split", "anisotropic kites", "--json")
    assert ran.code == 0
    assert {each["title"] for each in ran.document} == {KITES, SPARROWS}
    assert together(retitled) == [{KITES}, {SPARROWS}]


def test_a_merge_takes_a_split_back_and_a_split_a_merge(retitled):
    one, later = (each["ref"] for each in printings(retitled, "kites"))
    for _ in range(2):
        assert retitled.here("split", later).code == 0
        assert together(retitled) == [{KITES}, {SPARROWS}]
        assert retitled.here("merge", later, one, "--json").document == {"ref": one, "title": KITES}
        assert together(retitled) == [{KITES, SPARROWS}]
        assert grown(retitled, "a.jsonl", paper(KITES, FLIGHT))["new"] == 0
        assert together(retitled) == [{KITES, SPARROWS}]


def test_merges_in_a_circle_do_no_harm(three):
    kites, orchards, tides = (ref(three, word) for word in ("kites", "orchards", "tides"))
    assert three.here("merge", kites, orchards).code == 0
    assert three.here("merge", orchards, tides).code == 0
    assert three.here("merge", tides, kites).code == 2, "they are one already"
    assert grown(three, "a.jsonl", paper(TIDES, "", "2025-01-01"))["new"] == 0
    assert together(three) == [{KITES, ORCHARDS, TIDES}]
    assert three.here("split", orchards).code == 0
    assert {ORCHARDS} in together(three)
    assert three.here("merge", kites, orchards).code == 0
    assert three.here("merge", kites, tides).code in {0, 2}
    assert together(three) == [{KITES, ORCHARDS, TIDES}]


def complaint(ran: Ran) -> str:
    assert (ran.code, ran.out) == (2, "")
    return ran.complaint


def test_what_cannot_be_merged_or_split_is_told_in_one_line(three):
    assert "no paper is known as 'nobody'" in complaint(three("merge", "kites", "nobody"))
    assert "one paper already" in complaint(three("merge", "kites", "kites"))
    assert "no paper is known as 'nobody'" in complaint(three("split", "nobody"))
    assert "nothing to split" in complaint(three("split", "kites"))
    assert len(works(three)) == 3


def test_a_correction_is_told_by_explain(three):
    three.here("merge", "orchards", "kites")
    found = three.here("explain", "orchards", "--json").document["dedupe"]
    one, other = (each["ref"] for each in found["printings"])
    pair = {"one": min(one, other), "other": max(one, other)}
    assert found["by_hand"] == [pair | {"same": True}]
    line = f"{pair['one']} and {pair['other']} were"
    assert f"{line} merged by hand" in three("explain", "orchards").out
    three.here("split", "orchards")
    assert f"{line} split by hand" in three.here("explain", "orchards").out
    assert f"{line} split by hand" in three.here("explain", "kites").out


# --- editions -------------------------------------------------------------------------------


def test_an_edition_stays_as_it_was_when_an_older_printing_stands_for_its_paper(digest):
    seen(digest, "a.jsonl", paper(KITES, FLIGHT, "2025-03-05"), paper(TIDES, SALT, "2025-03-05"))
    name = published(digest)["edition"]
    digest.here("archive")
    before = contents(digest.folder / "archive"), digest.here("preview", "--html").out
    old = ref(digest, "kites")

    assert seen(digest, "b.jsonl", paper(SPARROWS, FLIGHT, "2025-03-01"))["new"] == 0
    new = ref(digest, "sparrows")
    assert new != old
    assert ref(digest, old) == new, "the old id still names the paper"
    assert published(digest)["papers"] == 0
    assert digest.here("archive", "--json").document["written"] == 0
    assert (contents(digest.folder / "archive"), digest.here("preview", "--html").out) == before
    (listed,) = digest.here("explain", new, "--json").document["compose"]
    assert listed["edition"] == name


def test_two_published_papers_that_turn_out_to_be_one_stay_in_their_editions(digest):
    seen(digest, "a.jsonl", paper(KITES, "", "2025-03-04"))
    seen(digest, "b.jsonl", paper(SPARROWS, FLIGHT, "2025-03-05"))
    published(digest)
    seen(digest, "c.jsonl", paper(KITES, FLIGHT, "2025-03-01"))
    assert together(digest) == [{KITES, SPARROWS}]
    found = digest.here("explain", "sparrows", "--json").document["compose"]
    assert len(found) == 2
    assert published(digest)["papers"] == 0


def test_a_paper_that_follows_a_known_one_is_printed_and_says_so(digest):
    seen(digest, "a.jsonl", paper(r"Kite $\alpha$-2 in the Wind", FLIGHT, "2025-03-03"))
    published(digest)
    assert seen(digest, "b.jsonl", paper("Kite α-3 in the Wind", FLIGHT, "2025-03-05"))["new"] == 1
    name = published(digest)["edition"]
    digest.here("deliver")
    digest.here("archive")
    line = "Follows Kite α-2 in the Wind, seen on 3 Mar 2025"
    parts = [list(mail.iter_parts()) for mail in digest.mails]
    plain, html = next(pair for pair in parts if "α-3" in pair[0].get_content())
    page = (digest.folder / "archive" / "editions" / f"{name}.html").read_text("utf-8")
    for text in (plain.get_content(), html.get_content(), page):
        assert line in folded(text)
    (told,) = printings(digest, "α-3")
    assert (told["answer"], told["of"]) == ("related", "Kite α-2 in the Wind")
    assert "number" in told["why"]


def test_of_two_related_papers_of_one_day_none_follows_the_other(digest):
    seen(
        digest, "a.jsonl", paper("Kite 2 in the Wind", FLIGHT), paper("Kite 3 in the Wind", FLIGHT)
    )
    assert published(digest)["papers"] == 2
    assert "Follows" not in digest.here("preview", "--text").out


def test_a_withdrawn_paper_is_not_published_and_explain_says_so(digest):
    seen(digest, "a.jsonl", paper(KITES, FLIGHT, arxiv_id="2503.00001"), paper(TIDES, SALT))
    note = "This paper has been withdrawn by its authors, as the ropes were too short."
    withdrawn = paper(KITES, note, "2025-03-04", arxiv_id="2503.00001", version=2)
    assert seen(digest, "b.jsonl", withdrawn)["new"] == 0
    assert published(digest)["papers"] == 1
    found = digest.here("explain", "2503.00001", "--json").document
    assert found["compose"] == "in no edition: its authors have withdrawn it"
    assert found["dedupe"]["printings"][0]["taken"] == ["title", "abstract"]
    assert "withdrawn" in digest.here("explain", "2503.00001").out


def test_a_second_version_updates_the_paper_and_is_no_news(digest):
    first = paper(KITES, FLIGHT, arxiv_id="2503.00001", version=1)
    second = paper(SPARROWS, f"{GROWTH} {FLIGHT}", "2025-03-09", arxiv_id="2503.00001", version=2)
    seen(digest, "a.jsonl", first)
    assert seen(digest, "b.jsonl", second)["new"] == 0
    found = digest.here("explain", "2503.00001", "--json").document
    assert (found["paper"]["title"], found["paper"]["first_seen"]) == (SPARROWS, "2025-03-03")
    assert published(digest)["papers"] == 1
    assert seen(digest, "c.jsonl", second | {"version": 3, "day": "2025-03-11"})["new"] == 0
    assert published(digest)["papers"] == 0


def test_votes_are_a_series_by_day(digest, make_app):
    for day, upvotes in (("2025-03-05", 9), ("2025-03-03", 2), ("2025-03-04", 5)):
        seen(digest, f"{day}.jsonl", paper(KITES, FLIGHT, day, upvotes=upvotes, comments=1))
    seen(digest, "b.jsonl", paper(SPARROWS, FLIGHT, "2025-03-05", upvotes=4))
    app = make_app(digest.folder, database=f"sqlite:///{digest.folder}/var/digest.db")
    with app.store.reading() as shelves:
        rows = shelves.papers.candidates("all", date(2025, 3, 6))
        (found,) = shelves.papers.at(rows).values()
    assert found.votes == tuple(
        Votes(date(2025, 3, day), n, 1) for day, n in ((3, 2), (4, 5), (5, 9))
    )
    assert (found.upvotes, found.comments) == (9, 1)


# --- explain --------------------------------------------------------------------------------


def test_explain_shows_printings_with_reasons_and_scores_and_what_they_were_compared_with(digest):
    seen(
        digest,
        "a.jsonl",
        paper(KITES, FLIGHT[:300] + "…", "2025-03-03"),
        paper(KITES.replace("Northern", "Nortern"), FLIGHT, "2025-03-04"),
        paper(KITES.replace("Kites:", "Kites 2:"), FLIGHT, "2025-03-05"),
    )
    name = "gale over the northern harbour how anisotropic kites"
    assert digest.here("explain", name).code == 2, "the sequel has these words too"
    first = ref(digest, KITES)
    found = digest.here("explain", first, "--json").document["dedupe"]
    head, slip = found["printings"]
    assert (head["answer"], head["of"], head["title_score"]) == ("new", None, None)
    assert (slip["answer"], slip["of"]) == ("same", KITES)
    assert slip["why"]
    assert slip["title_score"] > 95
    assert slip["abstract_score"] == 1
    assert (head["taken"], slip["taken"]) == (["title"], ["abstract"])
    (sequel,) = found["compared"]
    assert sequel["title"] == KITES.replace("Kites:", "Kites 2:")
    assert sequel["answer"] == "related"
    assert "number" in sequel["why"]
    told = digest("explain", first).out
    assert f"{slip['ref']} {KITES.replace('Northern', 'Nortern')}" in told
    assert f"same: {slip['why']} (titles 99 % alike, 100 % of the abstract shared)" in told
    assert "its abstract won" in told
    assert f"also compared with {sequel['ref']}" in told


def test_explain_shows_where_each_printing_was_seen(retitled):
    found = retitled.here("explain", "kites", "--json").document
    days = [(each["dump"], each["line"], each["day"]) for each in found["ingest"]]
    assert days == [("a.jsonl", 1, "2025-03-03"), ("a.jsonl", 2, "2025-03-04")]
    named = [each["printing"] for each in found["ingest"]]
    assert named == [each["ref"] for each in found["dedupe"]["printings"]]
