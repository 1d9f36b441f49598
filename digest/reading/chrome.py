"""What a Hugging Face page prints round its papers, in whatever form it was saved."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields, replace
from typing import Any

from digest.model import PrintedDate, Sighting
from digest.reading.records import MONTHS

BULLET = r"[•·∙⋅▪‣*\-–—]"
BANNERS = (
    r"get trending papers in your email inbox(?: once a day)?!?",
    r"by ?AK and the research community",
)
CHROME = (
    "new|subscribe|daily papers|trending papers|daily|weekly|monthly|log in|sign up|previous|next"
    "|company|tos|privacy|about|careers|website|models|datasets|spaces|pricing|docs|system theme"
)
NOTES = r"upvotes?|git ?hub(?: [\d.,]+k?)?|arxiv page|project page|view all comments"
SUBMITTED_BY = r"submitted by"

MONTH_DAY = rf"(?P<month>{'|'.join(MONTHS)})\.? (?P<day>0?[1-9]|[12]\d|3[01])"
YEAR = r"(?P<year>(?:19|20)\d\d)"
AUTHORS = rf"(?:{BULLET} ?)?(?P<count>\d[\d,]{{0,6}}) authors?"
DATE = rf"(?:{BULLET} ?)?(?:published on )?{MONTH_DAY}(?:,? {YEAR})?"

# Headings and links, in text that was saved with them. Pages of plain text have none of these.
_MARKED = re.compile(
    r"^### "
    r"|\]\((?:https?://huggingface\.co)?/papers/\d{4}\.\d"
    r"|^(?:https?://huggingface\.co)?/papers/\d{4}\.\d{4,5}$",
    re.MULTILINE,
)


def is_marked_up(lines: Iterable[str]) -> bool:
    """Whether a page of these folded lines was saved with its headings and links."""
    return bool(_MARKED.search("\n".join(lines)))


def printed_date(parts: Mapping[str, str | None]) -> PrintedDate:
    """The date in a match of MONTH_DAY and YEAR."""
    month = MONTHS.index(str(parts["month"]).casefold()) + 1
    year = parts["year"]
    return PrintedDate(month, int(str(parts["day"])), int(year) if year else None)


def author_count(parts: Mapping[str, str | None]) -> int:
    return int(str(parts["count"]).replace(",", ""))


def once(papers: Iterable[Sighting]) -> Iterator[Sighting]:
    """Join the two printings of a paper that a page has for wide and for narrow screens."""
    last: Sighting | None = None
    for paper in papers:
        if last and _same_card(last, paper):
            last = _joined(last, paper)
            continue
        if last:
            yield last
        last = paper
    if last:
        yield last


def _same_card(paper: Sighting, again: Sighting) -> bool:
    return (paper.title, paper.day) == (again.title, again.day) and (
        paper.abstract == again.abstract or not (paper.abstract and again.abstract)
    )


def _joined(paper: Sighting, again: Sighting) -> Sighting:
    """The first printing, with what only the second one says."""
    added: dict[str, Any] = {
        field.name: getattr(again, field.name)
        for field in fields(paper)
        if getattr(paper, field.name) in (None, "", ())
    }
    return replace(paper, **added)
