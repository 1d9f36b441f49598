"""The papers of an edition under their headings, and the order of both."""

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple
from urllib.parse import quote

from digest.look import web
from digest.model import Card, Edition, Followed, Paper, Summary, Tag, Theme
from digest.text import opened
from digest.theme_table import OTHER_ID, OTHER_LABEL

ENOUGH = 2
"""A theme or a section with fewer papers today gets no heading of its own."""

FEW = 3
"""A theme of so few papers gives way to its section where that keeps another from being alone."""

SMALL_DAY = 12
"""With fewer papers an edition is set by sections only, each with as many as it has."""


@dataclass(frozen=True, slots=True)
class Pick:
    """A paper chosen for an edition, with all that was decided about it; its texts are clean."""

    paper: Paper
    title: str
    abstract: str
    summary: Summary | None
    tag: Tag
    code_url: str | None = None
    follows: Followed | None = None


class _Heading(NamedTuple):
    id: str
    label: str
    section: str


REST = _Heading(OTHER_ID, OTHER_LABEL, "")


def compose(
    audience: str, day: date, number: int, picks: Sequence[Pick], headings: Sequence[str] = ()
) -> Edition | None:
    """The edition that shows each pick once, or None without picks.

    `headings` are the labels of sections and themes in the table's order. The order of the picks
    does not matter.
    """
    if not picks:
        return None
    groups = _groups(sorted(picks, key=_rank))
    places = {label: place for place, label in enumerate(headings)}

    def strength(heading: _Heading) -> tuple[bool, int, int, int, _Heading]:
        papers = [pick.paper for pick in groups[heading]]
        place = places.get(heading.label, len(places))
        return (heading == REST, -sum(map(score, papers)), -len(papers), place, heading)

    themes = (
        Theme(*heading, cards=tuple(map(_card, groups[heading])))
        for heading in sorted(groups, key=strength)
    )
    return Edition(audience, day, number, tuple(themes))


def score(paper: Paper) -> int:
    """What readers gave a paper so far: one point for an upvote and one for a comment."""
    return (paper.upvotes or 0) + (paper.comments or 0)


def _rank(pick: Pick) -> tuple[int, int, str, str]:
    """Best first: the score, then the latest, then the title."""
    published = pick.paper.published or date.min
    return (-score(pick.paper), -published.toordinal(), pick.title.casefold(), pick.paper.ref)


def _groups(picks: Sequence[Pick]) -> Mapping[_Heading, list[Pick]]:
    """Each pick under its theme, else its section, else the rest: the first with enough picks."""
    if len(picks) < SMALL_DAY:
        return _by_section(picks, enough=1)
    themes: defaultdict[_Heading, list[Pick]] = defaultdict(list)
    for pick in picks:
        if pick.tag.section:
            themes[_Heading(pick.tag.theme_id, pick.tag.theme, pick.tag.section)].append(pick)
    shown = {heading: group for heading, group in themes.items() if len(group) >= ENOUGH}
    for alone in _alone(picks, shown):
        _take_along(shown, alone.tag.section)
    ids = {heading.id for heading in shown}
    return shown | _by_section([p for p in picks if p.tag.theme_id not in ids], enough=ENOUGH)


def _alone(picks: Sequence[Pick], shown: Mapping[_Heading, list[Pick]]) -> list[Pick]:
    """The picks that no theme shows and that are the only such ones of their section."""
    ids = {heading.id for heading in shown}
    left = [pick for pick in picks if pick.tag.section and pick.tag.theme_id not in ids]
    sections = Counter(pick.tag.section for pick in left)
    return [pick for pick in left if sections[pick.tag.section] == 1]


def _take_along(shown: dict[_Heading, list[Pick]], section: str) -> None:
    """Give up a small theme of the section, so that a lone pick is with its papers there."""
    small = [h for h in shown if h.section == section and len(shown[h]) <= FEW]
    if small:
        del shown[min(small, key=lambda heading: (len(shown[heading]), heading))]


def _by_section(picks: Sequence[Pick], enough: int) -> dict[_Heading, list[Pick]]:
    """The picks under their sections, and those of a section with fewer than enough in the rest."""
    sizes = Counter(pick.tag.section for pick in picks)
    groups: defaultdict[_Heading, list[Pick]] = defaultdict(list)
    for pick in picks:
        section = pick.tag.section
        named = section and sizes[section] >= enough
        groups[_Heading(_slug(section), section, section) if named else REST].append(pick)
    return dict(groups)


def _slug(section: str) -> str:
    """The id of a section's heading; a theme's id has no underscore, so the two never meet."""
    return "section_" + re.sub(r"\W+", "-", section.casefold()).strip("-")


def _card(pick: Pick) -> Card:
    paper, summary = pick.paper, pick.summary
    return Card(
        ref=paper.ref,
        title=pick.title,
        lead=opened(summary.lead) if summary else "",
        finding=opened(summary.finding) if summary and summary.finding else None,
        authors=paper.authors,
        author_count=paper.author_count,
        organization=paper.organization,
        published=paper.published,
        upvotes=paper.upvotes,
        comments=paper.comments,
        url=_url(paper),
        code_url=pick.code_url,
        keywords=pick.tag.keywords,
        follows=pick.follows,
    )


def _url(paper: Paper) -> str | None:
    """Where to read the paper; only a web address of the dump's own is taken over."""
    if web(paper.url):
        return paper.url
    if paper.arxiv_id:
        return f"https://arxiv.org/abs/{quote(paper.arxiv_id, safe='/')}"
    return f"https://doi.org/{quote(paper.doi, safe='/')}" if paper.doi else None
