from datetime import date
from itertools import count, islice

import pytest

from digest.errors import DumpError
from digest.ingest import capped, dated, day_in_name
from digest.model import PrintedDate, Sighting

TAKEN = date(2026, 1, 5)


def seen(published: PrintedDate | None = None, day: PrintedDate | None = None) -> Sighting:
    return Sighting("Kites", "We fly.", 1, published=published, day=day)


def years(*sightings: Sighting, taken: date | None = None) -> list[int | None]:
    found = dated(sightings, taken)
    return [each.published.year if each.published else None for each in found]


@pytest.mark.parametrize(
    "name",
    [
        "2026-11-20.txt",
        "hf_20261120.txt",
        "page-2026_11_20-b.txt",
        "2026.11.20.html",
        "2026-11-20/page.txt",
        "2026-11-20T08-00-00Z.txt",
        "week 2026-11-13 to 2026-11-20.txt",
        "v2026-13-45_2026-11-20.txt",
    ],
)
def test_a_date_that_stands_alone_in_a_name_is_found(name):
    assert day_in_name(name) == date(2026, 11, 20)


@pytest.mark.parametrize(
    "name",
    [
        "003_a3d00944093853a5.txt",
        "a20261120.txt",
        "20261120b.txt",
        "120261120.txt",
        "2026112.txt",
        "2026-1120.txt",
        "2026-02-30.txt",
        "20261120T.txt",
        "page.txt",
        "",
    ],
)
def test_digits_that_are_no_date_of_their_own_are_not(name):
    assert day_in_name(name) is None


def test_a_date_without_a_year_takes_that_of_the_day_the_dump_was_taken():
    undated, old = PrintedDate(1, 2), PrintedDate(12, 30, 2025)
    assert years(seen(undated), seen(old), taken=TAKEN) == [2026, 2025]


def test_the_day_of_a_dump_that_was_taken_on_a_known_day_is_that_day():
    [sighting] = dated([seen(day=PrintedDate(12, 26))], TAKEN)
    assert sighting.day == PrintedDate(1, 5, 2026)


def test_without_that_day_a_page_is_of_the_year_after_the_last_it_prints():
    printed = [PrintedDate(9, 24), PrintedDate(12, 11, 2024), PrintedDate(5, 3, 2019)]
    assert years(*map(seen, printed)) == [2025, 2024, 2019]


def test_the_day_of_the_page_takes_the_same_year():
    page = [seen(PrintedDate(6, 1, 2024), PrintedDate(12, 26)), seen(None, PrintedDate(12, 26))]
    assert {sighting.day for sighting in dated(page, None)} == {PrintedDate(12, 26, 2025)}


def test_a_page_without_any_year_stays_without():
    assert years(seen(PrintedDate(9, 24)), seen()) == [None, None]


def test_nothing_is_held_back_where_every_date_has_its_year():
    endless = (seen(PrintedDate(6, 1, 2024)) for _ in count())
    assert len(list(islice(dated(endless, None), 5))) == 5


def test_nothing_is_held_back_where_the_day_is_known():
    assert len(list(islice(dated((seen(PrintedDate(6, 1)) for _ in count()), TAKEN), 5))) == 5


def test_the_order_stays_where_some_wait():
    printed = [PrintedDate(1, 1, 2020), PrintedDate(2, 2), PrintedDate(3, 3, 2021)]
    assert [each.published.month for each in dated(map(seen, printed), None)] == [1, 2, 3]


def test_as_many_papers_as_the_limit_are_fine():
    assert len(list(capped([seen()] * 3, limit=3))) == 3


def test_one_paper_beyond_the_limit_is_trouble_that_names_the_setting():
    with pytest.raises(DumpError, match="more than 3 papers: raise max_dump_papers"):
        list(capped([seen()] * 4, limit=3))
