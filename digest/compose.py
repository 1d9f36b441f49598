"""The papers of an edition under their headings, and how much is shown of each."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import NamedTuple
from urllib.parse import quote

from digest.ids import pdf_url
from digest.keyphrases import Key, key_of, rarity
from digest.look import ALSO_ON, MORE_IN, web
from digest.model import UNRANKED, Card, Edition, Followed, Paper, Rank, Summary, Tag, Theme, Tier
from digest.text import opened
from digest.theme_table import OTHER_ID, OTHER_LABEL, Heading

ENOUGH = 2
"""A theme or a section with fewer papers today gets no heading of its own."""

SMALL_DAY = 20
"""With fewer papers an edition is set by sections only, each with as many as it has."""

HEADINGS, PER_HEADING = 4, 6
"""So many headings, or one for so many papers: with more, themes give way to their sections."""

MOST = 9
"""Where sections alone make more headings, and no more of them are due, the smallest go."""

BIG, SPLIT_FROM = 0.35, 6
"""A heading with more than this part of the papers, and so many at least, gets sub-headings."""

TELLING = 0.9
"""A phrase of less rarity is in too many papers to be a heading."""

UNSHARED = "Other"
"""The last sub-heading, of papers that share none: under another's they would be mistaken."""

LEADERS = 3
"""A heading is as strong as so many of its best papers."""


@dataclass(frozen=True, slots=True)
class Pick:
    """A paper chosen for an edition, with all that was decided about it; its texts are clean."""

    paper: Paper
    title: str
    abstract: str
    tag: Tag
    code_url: str | None = None
    rank: Rank = UNRANKED
    follows: Followed | None = None
    chosen_by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Room:
    """How many papers get a card, and how many of the others a line."""

    cards: int = 40
    lines: int = 60


ROOM = Room()


class _Place(NamedTuple):
    id: str
    label: str
    section: str


REST = _Place(OTHER_ID, OTHER_LABEL, "")
ALONE = "Papers"
"""The heading of the rest where there is no other, so that it is no more than anything."""
SECTION, ALSO = "section_", "also_"
"""How the id of a section's heading begins, and of one that a shared phrase makes."""

_Groups = dict[_Place, list[Pick]]


def compose(
    audience: str,
    day: date,
    number: int,
    picks: Sequence[Pick],
    headings: Sequence[Heading] = (),
    *,
    room: Room = ROOM,
) -> Edition | None:
    """The edition that shows each pick once, or None without picks; `summarised` comes after.

    `headings` are those of sections and themes in the table's order. The order of the picks
    does not matter: their ranks order them.
    """
    if not picks:
        return None
    ranked = sorted(
        picks, key=lambda pick: (pick.rank.place, pick.title.casefold(), pick.paper.ref)
    )
    groups = _groups(ranked, headings)
    tiers = _tiers(groups, room)
    themes = []
    for heading in _ordered(groups, headings):
        group = groups[heading]
        parts = _parts(heading, group, len(picks))
        cards = [
            _card(pick, parts.get(pick.paper.ref, ""), tiers[pick.paper.ref]) for pick in group
        ]
        labels = list(dict.fromkeys(parts.values()))
        cards.sort(key=lambda card: labels.index(card.part) if parts else 0)
        label = _label(heading, groups)
        themes.append(Theme(heading.id, label, heading.section, tuple(cards)))
    return Edition(audience, day, number, tuple(themes))


def summarised(edition: Edition, summaries: Mapping[str, Summary | None]) -> Edition:
    """The edition with these summaries of its papers, by their refs."""
    themes = (
        replace(theme, cards=tuple(_told(card, summaries.get(card.ref)) for card in theme.cards))
        for theme in edition.themes
    )
    return replace(edition, themes=tuple(themes))


# --- headings -------------------------------------------------------------------------------


def _groups(picks: Sequence[Pick], headings: Sequence[Heading]) -> _Groups:
    """Each pick under its theme, else its section, else a phrase it shares, else the rest."""
    if len(picks) < SMALL_DAY:
        return _by_section(picks, enough=1)
    shares = {heading.label: heading.share for heading in headings}
    due = len(picks) // PER_HEADING
    shown = _by_theme(picks)
    groups = _filled_up(picks, shown)
    while len(groups) > max(HEADINGS, due) and shown:
        # Not the theme that is smallest today: as it is the same one on most days, a paper is
        # found under the same heading in whatever company.
        del shown[min(shown, key=lambda each: (shares.get(each.label, 0.0), each))]
        groups = _filled_up(picks, shown)
    while len(groups) > max(MOST, due):
        smallest = min(groups.keys() - {REST}, key=lambda each: (len(groups[each]), each))
        left = [*groups.get(REST, ()), *groups.pop(smallest)]
        groups[REST] = [pick for pick in picks if pick in left]
    return groups


def _by_theme(picks: Iterable[Pick]) -> _Groups:
    themes: defaultdict[_Place, list[Pick]] = defaultdict(list)
    for pick in picks:
        if pick.tag.section:
            themes[_Place(pick.tag.theme_id, pick.tag.theme, pick.tag.section)].append(pick)
    return {heading: group for heading, group in themes.items() if len(group) >= ENOUGH}


def _filled_up(picks: Sequence[Pick], shown: Mapping[_Place, list[Pick]]) -> _Groups:
    """The themes shown, and the other picks under their sections, shared phrases, or the rest."""
    ids = {heading.id for heading in shown}
    groups = {**shown, **_by_section([p for p in picks if p.tag.theme_id not in ids], ENOUGH)}
    left = groups.pop(REST, [])
    for phrase, group in _topics(left):
        heading = _Place(ALSO + _slug(phrase), ALSO_ON + phrase, "")
        groups[heading] = group
        left = [pick for pick in left if pick not in group]
    return {**groups, REST: left} if left else groups


def _by_section(picks: Sequence[Pick], enough: int) -> _Groups:
    """The picks under their sections, and those of a section with fewer than enough in the rest."""
    sizes = Counter(pick.tag.section for pick in picks)
    places = {
        section: _Place(SECTION + _slug(section), section, section)
        for section, size in sizes.items()
        if section and size >= enough
    }
    groups: defaultdict[_Place, list[Pick]] = defaultdict(list)
    for pick in picks:
        groups[places.get(pick.tag.section, REST)].append(pick)
    return dict(groups)


def _label(heading: _Place, groups: Iterable[_Place]) -> str:
    """A section beside a theme of its own has only what the theme left; so has the rest."""
    if set(groups) == {REST}:
        return ALONE
    beside = any(each.section == heading.section for each in groups if each != heading)
    return MORE_IN + heading.label if beside and heading.id.startswith(SECTION) else heading.label


def _ordered(groups: _Groups, headings: Sequence[Heading]) -> list[_Place]:
    """The strongest first; what only a phrase holds together, and the rest, come last."""
    places = {heading.label: place for place, heading in enumerate(headings)}

    def strength(heading: _Place) -> tuple[bool, bool, float, int, int, _Place]:
        best = [pick.rank.score for pick in groups[heading][:LEADERS]]
        place = places.get(heading.label, len(places))
        also = heading.id.startswith(ALSO)
        return (heading == REST, also, -sum(best), -len(groups[heading]), place, heading)

    return sorted(groups, key=strength)


# --- phrases that papers share ------------------------------------------------------------------


def _parts(heading: _Place, group: Sequence[Pick], total: int) -> dict[str, str]:
    """The sub-heading of each paper of a big group by its ref, or none at all.

    Those of a section are its themes of which there are enough, all others shared phrases.
    """
    if len(group) < SPLIT_FROM or len(group) <= BIG * total:
        return {}
    parts: dict[str, str] = {}
    if heading.id.startswith(SECTION):
        sizes = Counter(pick.tag.theme for pick in group)
        parts = {p.paper.ref: p.tag.theme for p in group if sizes[p.tag.theme] >= ENOUGH}
    left = [pick for pick in group if pick.paper.ref not in parts]
    for phrase, picks in _topics(left):
        parts |= dict.fromkeys((pick.paper.ref for pick in picks), phrase[:1].upper() + phrase[1:])
    if parts:
        parts |= {p.paper.ref: UNSHARED for p in group if p.paper.ref not in parts}
    return parts


def _topics(picks: Sequence[Pick]) -> list[tuple[str, list[Pick]]]:
    """Telling phrases that picks share, each with its picks, the most shared first.

    A pick is in one topic at most. A phrase that over half of the picks hold tells nothing.
    """
    topics: list[tuple[str, list[Pick]]] = []
    left = list(picks)
    said = {pick.paper.ref: _said(pick) for pick in picks}
    names = _names(picks)
    while True:
        counts = Counter(key for pick in left for key in said[pick.paper.ref] & names.keys())
        fit = [
            key
            for key, count in counts.items()
            if count >= ENOUGH and (count <= len(picks) / 2 or len(picks) < SPLIT_FROM)
        ]
        if not fit:
            return topics
        best = min(fit, key=lambda key: (-counts[key], -rarity(names[key]), key))
        chosen = [pick for pick in left if best in said[pick.paper.ref]]
        topics.append((names[best], chosen))
        left = [pick for pick in left if pick not in chosen]


def _names(picks: Iterable[Pick]) -> dict[Key, str]:
    """The telling phrases of all picks, as the best of them prints each."""
    names: dict[Key, str] = {}
    for pick in picks:
        for phrase in (*pick.tag.keywords, *(phrase for phrase, _ in pick.tag.why)):
            key = key_of(phrase)
            if key not in names and len(key) > 1 and rarity(phrase) >= TELLING:
                names[key] = phrase
    return names


def _said(pick: Pick) -> set[Key]:
    """Every run of words in the title, the keyphrases, and the phrases that decided."""
    texts = (pick.title, *pick.tag.keywords, *(phrase for phrase, _ in pick.tag.why))
    keys = [key_of(text) for text in texts]
    return {
        key[start:end]
        for key in keys
        for start in range(len(key))
        for end in range(start + 1, len(key) + 1)
    }


# --- cards --------------------------------------------------------------------------------------


def _tiers(groups: _Groups, room: Room) -> dict[str, Tier]:
    """Cards for the best of each heading, then by rank; then lines; the others stand online."""
    turns = sorted(
        (place > 0, pick.rank.place, pick.title.casefold(), pick.paper.ref)
        for group in groups.values()
        for place, pick in enumerate(group)
    )
    tiers = (
        Tier.CARD if n < room.cards else Tier.LINE if n < room.cards + room.lines else Tier.ONLINE
        for n in range(len(turns))
    )
    return {turn[-1]: tier for turn, tier in zip(turns, tiers, strict=True)}


def _slug(label: str) -> str:
    """A part of a heading's id. A theme's id has no underscore, so it is never another's."""
    return re.sub(r"\W+", "-", label.casefold()).strip("-")


def _card(pick: Pick, part: str, tier: Tier) -> Card:
    paper = pick.paper
    return Card(
        ref=paper.ref,
        title=pick.title,
        lead="",
        finding=None,
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
        theme=pick.tag.theme,
        part=part,
        rank=pick.rank,
        tier=tier,
        version=paper.version,
        pdf_url=pdf_url(paper.arxiv_id, paper.url),
        chosen_by=pick.chosen_by,
    )


def _told(card: Card, summary: Summary | None) -> Card:
    if summary is None:
        return card
    return replace(
        card,
        lead=opened(summary.lead),
        finding=opened(summary.finding) if summary.finding else None,
        compact=opened(summary.compact) if summary.compact else None,
        notes=summary.notes,
    )


def _url(paper: Paper) -> str | None:
    """Where to read the paper; only a web address of the dump's own is taken over."""
    if web(paper.url):
        return paper.url
    if paper.arxiv_id:
        return f"https://arxiv.org/abs/{quote(paper.arxiv_id, safe='/')}"
    return f"https://doi.org/{quote(paper.doi, safe='/')}" if paper.doi else None
