"""Explain: every decision about a paper with its reason, one section a stage."""

from typing import Any

from digest.dedupe import ref_of
from digest.errors import SetupError
from digest.model import Paper
from digest.pipeline.draft import Press
from digest.store import Shelves, Store
from digest.summarise import explain as explain_summary
from digest.text import clean

MOST = 10
"""How many papers are named where the words fit several."""


def find(shelves: Shelves, wanted: str) -> Paper:
    """Return the paper with this work id, arXiv id or DOI, or the only one with these words.

    SetupError where there is none, or more than one.
    """
    papers = shelves.papers
    found = (
        papers.by_id(wanted.strip())
        or papers.by_id(ref_of(wanted))  # a whole title, whichever way it is printed
        or papers.by_words(wanted.split(), MOST)
    )
    if len(found) == 1:
        return found[0]
    if not found:
        raise SetupError(f"no paper is known as {wanted!r}, and no title holds these words")
    titles = "".join(f"\n  {paper.ref}  {clean(paper.title)}" for paper in found)
    raise SetupError(f"{wanted!r} fits several papers; name one by its id:{titles}")


def explain(store: Store, press: Press, wanted: str) -> dict[str, Any]:
    """Return what each stage decided about the paper, by the stage's name."""
    with store.reading() as shelves:
        paper = find(shelves, wanted)
        sightings = shelves.papers.sightings(paper.ref)
        listed = shelves.editions.of_paper(paper.ref)
    title, abstract = clean(paper.title), clean(paper.abstract)
    (tag,) = press.grouper.tags([(title, abstract)])
    return {
        "paper": {"ref": paper.ref, "title": title, "first_seen": paper.first_seen.isoformat()},
        "ingest": [
            {"dump": seen.dump, "line": seen.line, "day": seen.day and seen.day.isoformat()}
            for seen in sightings
        ],
        "dedupe": [
            {"dump": seen.dump, "line": seen.line, "answer": seen.answer, "why": seen.why}
            for seen in sightings
        ],
        "summarise": [
            {"sentence": sentence, "why": why}
            for sentence, why in explain_summary(title, abstract, press.summariser)
        ],
        "group": {
            "theme": tag.theme,
            "section": tag.section,
            "keywords": list(tag.keywords),
            "phrases": [{"phrase": phrase, "score": score} for phrase, score in tag.why],
        },
        "publish": [
            {"edition": each.edition, "day": each.day.isoformat(), "shown": each.shown}
            for each in listed
        ]
        or _unpublished(paper),
    }


def _unpublished(paper: Paper) -> str:
    if paper.history:
        return "in no edition: it was ingested as history"
    return "in no edition yet: a candidate for the next"
