"""Explain: every decision about a paper with its reason, one section a stage."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import date
from typing import Any

from digest.dedupe.fingerprint import printing, title_name
from digest.errors import SetupError
from digest.model import Card, Paper, Rank
from digest.pipeline.dedupe import comparisons
from digest.pipeline.desk import Sheet
from digest.pipeline.draft import Choice, Press, choose, ranks
from digest.printings import Rules
from digest.store import Shelves, Store
from digest.store.editions import Listed
from digest.store.papers import Name
from digest.summarise import explain as explain_summary
from digest.text import headline

MOST = 10
"""How many papers are named where the words fit several."""


def find(shelves: Shelves, wanted: str) -> Paper:
    """Return the paper with this work id, arXiv id or DOI, or the only one with these words.

    SetupError where there is none, or more than one.
    """
    papers = shelves.papers
    found = (
        papers.by_id(wanted.strip())
        or papers.of_printings(_with_title(shelves, wanted))
        or papers.by_words(wanted, MOST)
    )
    if len(found) == 1:
        return found[0]
    if not found:
        raise SetupError(f"no paper is known as {wanted!r}, and no title holds these words")
    titles = "".join(f"\n  {paper.ref}  {headline(paper.title)}" for paper in found)
    raise SetupError(f"{wanted!r} fits several papers; name one by its id:{titles}")


def _with_title(shelves: Shelves, title: str) -> list[int]:
    """The printings with this whole title, whichever way it is printed."""
    name = title_name(title)
    rows = [row for _, row in shelves.printings.at([name]).counting.get(name, ())]
    key = printing(title, "").fingerprint.key
    members = shelves.printings.members(rows, {}).values()
    return [member.handle for member in members if member.fingerprint.key == key]


def explain(store: Store, presses: Sequence[Press], today: date, wanted: str) -> dict[str, Any]:
    """Return what each stage decided about the paper, by the stage's name.

    Of a published paper, rank and compose tell what was frozen; summarise, group and choose tell
    what the settings of now would choose, and why. For an audience that has not got it yet, rank
    tells where it would stand today. All presses share one desk.
    """
    with store.reading() as shelves:
        paper = find(shelves, wanted)
        sightings = shelves.papers.sightings(paper.ref)
        names = shelves.papers.names(paper.ref)
        compared = comparisons(shelves, paper)
        by_hand = _by_hand(shelves.printings.rules(), {name.ref for name in names})
        listed = shelves.editions.of_paper(paper.ref)
        mails = {each.edition_id: shelves.deliveries.of_edition(each.edition_id) for each in listed}
    desk = presses[0].desk
    (sheet,) = desk.sheets([paper])
    title, abstract, tag = sheet.title, sheet.abstract, sheet.tag
    got = {each.edition.audience for each in listed}
    choices = [
        (press, choose(store, press, today)) for press in presses if press.audience not in got
    ]
    return {
        "paper": {"ref": paper.ref, "title": title, "first_seen": paper.first_seen.isoformat()},
        "ingest": [
            {
                "dump": seen.dump,
                "line": seen.line,
                "day": (day := seen.printed.day and seen.printed.day.date()) and day.isoformat(),
                "printing": seen.ref,
            }
            for seen in sightings
        ],
        "dedupe": {
            "printings": [_printing(paper, name) for name in names],
            "compared": [asdict(each) for each in compared],
            "by_hand": by_hand,
        },
        "summarise": [
            {
                "sentence": each.sentence,
                "role": each.role,
                "why": each.why,
                "left_out": list(each.left_out),
                "notes": list(each.notes),
                "features": [{"feature": name, "weight": value} for name, value in each.features],
            }
            for each in explain_summary(title, abstract, desk.summariser)
        ],
        "group": {
            "theme": tag.theme,
            "section": tag.section,
            "keywords": list(tag.keywords),
            "phrases": [{"phrase": phrase, "score": score} for phrase, score in tag.why],
        },
        **_asked(presses, sheet),
        "rank": [
            *(
                _ranked(each.edition.audience, each.edition.name, _card(each).rank)
                for each in listed
            ),
            *_would_be(paper, choices),
        ],
        "compose": [_composed(each) for each in listed] or _unpublished(paper),
        "deliver": [
            {
                "edition": each.edition.name,
                "mails": [
                    {"status": status, "count": count}
                    for status, count in mails[each.edition_id].items()
                ],
            }
            for each in listed
        ],
    }


def _by_hand(rules: Rules, refs: set[str]) -> list[dict[str, Any]]:
    """What people decided of these printings and others."""
    decided = [(pair, True) for pair in rules.same] + [(pair, False) for pair in rules.apart]
    pairs = sorted((*sorted(pair), same) for pair, same in decided if pair & refs)
    return [{"one": one, "other": other, "same": same} for one, other, same in pairs]


def _printing(paper: Paper, name: Name) -> dict[str, Any]:
    taken = {"title": name.title, "abstract": name.abstract}
    return {
        "ref": name.ref,
        "title": headline(name.title),
        "first_seen": name.first_seen.isoformat(),
        "answer": name.answer,
        "of": name.of and headline(name.of),
        "why": name.why,
        "title_score": name.title_score,
        "abstract_score": name.abstract_score,
        "taken": [part for part, printed in taken.items() if getattr(paper, part) == printed],
    }


def _asked(presses: Sequence[Press], sheet: Sheet) -> dict[str, Any]:
    """What each query says of a paper, where there are any; None where one passes it over."""
    asked = [
        {
            "audience": press.audience,
            "query": str(press.query),
            "chosen_by": words if words is None else list(words),
        }
        for press in presses
        if press.query
        for words in [press.query.matches(sheet.view)]
    ]
    return {"choose": asked} if asked else {}


def _would_be(paper: Paper, choices: Sequence[tuple[Press, Choice]]) -> Iterator[dict[str, Any]]:
    """Where a paper would stand today among those that an audience has not got yet."""
    for press, choice in choices:
        if any(chosen.paper.ref == paper.ref for chosen in choice.papers):
            yield _ranked(press.audience, None, ranks(press, choice)[paper.ref])


def _ranked(audience: str, edition: str | None, rank: Rank) -> dict[str, Any]:
    return {
        "audience": audience,
        "edition": edition,
        "place": rank.place,
        "score": rank.score,
        "parts": [{"part": part, "value": value} for part, value in rank.parts],
        "rising": rank.rising,
    }


def _card(listed: Listed) -> Card:
    return next(card for card in listed.edition.cards if card.ref == listed.ref)


def _composed(listed: Listed) -> dict[str, Any]:
    card = _card(listed)
    theme = next(theme for theme in listed.edition.themes if card in theme.cards)
    return {
        "edition": listed.edition.name,
        "heading": theme.label,
        "sub_heading": card.part or None,
        "tier": card.tier,
        "place": theme.cards.index(card) + 1,
        "lead": card.lead,
        "chosen_by": list(card.chosen_by),
        "shown": listed.shown,
    }


def _unpublished(paper: Paper) -> str:
    if paper.withdrawn:
        return "in no edition: its authors have withdrawn it"
    if paper.history:
        return "in no edition: it was ingested as history"
    return f"in no edition yet: a candidate from {paper.first_seen.isoformat()} on"
