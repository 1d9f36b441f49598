"""Know a paper again, whatever it is called today: a sighting becomes a printing of a paper."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from digest.dedupe.fingerprint import printing
from digest.dedupe.memory import Memory
from digest.dedupe.recognise import Recogniser
from digest.model import Answer, Paper, Sighting
from digest.printings import Printing
from digest.text import without_chrome

_WITHDRAWN = re.compile(
    r"\W*(?:th(?:is|e) )?(?:arxiv )?(?:paper|article|submission|manuscript|work|preprint) "
    r"(?:has been|have been|is|was) withdrawn",
    re.IGNORECASE,
)
_LONGEST_NOTE = 60
"""Words of a note that says so; a whole abstract may tell of another paper's withdrawal."""


def printed(sighting: Sighting, today: date, *, history: bool = False) -> tuple[Paper, Printing]:
    """Return the printing that a source shows, as a paper and as what is compared of it.

    A sighting without a day of its own counts as seen `today`.
    """
    published = sighting.published.date() if sighting.published else None
    found = printing(
        sighting.title,
        sighting.abstract,
        arxiv_id=sighting.arxiv_id,
        doi=sighting.doi,
        year=published.year if published else None,
        authors=sighting.authors,
    )
    seen = (sighting.day.date() if sighting.day else None) or today
    paper = Paper(
        ref=found.fingerprint.ref,
        title=without_chrome(sighting.title),
        abstract=sighting.abstract,
        first_seen=seen,
        authors=sighting.authors,
        author_count=sighting.author_count,
        organization=sighting.organization,
        organization_handle=sighting.organization_handle,
        published=published,
        arxiv_id=sighting.arxiv_id,
        version=sighting.version,
        withdrawn=_is_withdrawn(sighting),
        doi=sighting.doi,
        url=sighting.url,
        code_url=sighting.code_url,
        categories=sighting.categories,
        history=history,
    )
    return paper, found


def _is_withdrawn(sighting: Sighting) -> bool:
    said = _WITHDRAWN.match(sighting.abstract)
    is_note = said is not None and len(sighting.abstract.split()) <= _LONGEST_NOTE
    return sighting.announced == "withdrawn" or is_note


@dataclass(frozen=True, slots=True)
class Decision:
    """What is said of one sighting among others; `work` and `of` are the refs of works."""

    work: str
    answer: Answer
    of: str | None
    why: str
    title_score: float | None
    abstract_score: float | None


def decide(sightings: Iterable[Sighting]) -> Iterator[Decision]:
    """Say of each which work it is of, as the store does of the same ones.

    Those without a day count as the latest.
    """
    memory = Memory()
    handles = []
    for sighting in sightings:
        paper, found = printed(sighting, date.max)
        handles.append(memory.add(found, paper.first_seen))
    recogniser = Recogniser(memory)
    recogniser.see(memory.printings(set(handles)))
    return _decisions(handles, recogniser, memory)


def _decisions(handles: list[int], recogniser: Recogniser, memory: Memory) -> Iterator[Decision]:
    roots = recogniser.roots()
    told: set[int] = set()
    for handle in handles:
        verdict = recogniser.verdicts[handle]
        work = memory.ref(roots[handle])
        if handle in told:
            yield Decision(work, Answer.SAME, work, "is printed so in another place", 100.0, None)
            continue
        told.add(handle)
        of = memory.ref(roots[verdict.of]) if verdict.of is not None else None
        yield Decision(work, verdict.answer, of, verdict.why, verdict.title, verdict.abstract)
