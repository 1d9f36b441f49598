"""The four real dumps against what was found in them by hand."""

import io
import json
from pathlib import Path

import pytest

from digest.formats import HEAD, format_of, name_of
from digest.ingest import dated, day_in_name
from digest.model import PrintedDate, Sighting

SHARED = Path(__file__).parents[2].parent / "shared"
GOLD = sorted((SHARED / "gold").glob("*.gold.json"))
MONTHS = {9: "Sep", 12: "Dec"}
needs_gold = pytest.mark.skipif(not GOLD, reason="../shared is not there")


def read(gold: Path) -> list[Sighting]:
    name = gold.name.replace(".gold.json", ".txt")
    content = (SHARED / "dumps" / name).read_bytes()
    dump_format = format_of(content[:HEAD])
    assert dump_format
    assert name_of(dump_format) == "hf_page"
    return list(dated(dump_format.papers(io.BytesIO(content)), day_in_name(name)))


def as_gold(sighting: Sighting) -> dict[str, object]:
    published = sighting.published.date() if sighting.published else None
    return {
        "title": sighting.title,
        "abstract": sighting.abstract,
        "author_count": sighting.author_count,
        "organization": sighting.organization,
        "organization_handle": sighting.organization_handle,
        "comments": sighting.comments,
        "published": published.isoformat() if published else None,
    }


def as_printed(day: PrintedDate | None) -> str | None:
    return f"{MONTHS[day.month]} {day.day}" if day else None


def year(day: PrintedDate | None) -> int | None:
    return day.year if day else None


@needs_gold
@pytest.mark.parametrize("gold", GOLD, ids=lambda gold: gold.name[:3])
def test_a_real_dump_gives_every_field_of_every_paper(gold):
    assert [as_gold(sighting) for sighting in read(gold)] == json.loads(gold.read_bytes())["papers"]


@needs_gold
@pytest.mark.parametrize("gold", GOLD, ids=lambda gold: gold.name[:3])
def test_the_papers_of_a_real_dump_carry_the_day_of_its_page(gold):
    expected = json.loads(gold.read_bytes())
    printed = {(as_printed(sighting.day), year(sighting.day)) for sighting in read(gold)}
    assert printed == {(expected["day"], expected["page_year"])}


@needs_gold
def test_the_real_dumps_hold_308_papers():
    assert sum(len(read(gold)) for gold in GOLD) == 308
