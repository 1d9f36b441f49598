"""What was made of papers in one run: made once, however many audiences get them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from digest.links import code_url
from digest.model import Paper, Summary, Tag
from digest.ports import Grouper, Progress, Summariser
from digest.query import View, view
from digest.store import Shelves
from digest.summarise import summarise, text_hash
from digest.text import clean, headline

Summaries = Mapping[str, tuple[str, Summary | None]]
"""The summaries of papers by their refs, each with a key that says what it was made from."""


@dataclass(frozen=True)
class Sheet:
    """A paper with its clean texts and its tag, and where its code is."""

    paper: Paper
    title: str
    abstract: str
    tag: Tag
    code_url: str | None

    @cached_property
    def view(self) -> View:
        """What a query sees of it."""
        return view(self.paper, self.title, self.abstract, self.tag)


class Desk:
    def __init__(self, summariser: Summariser, grouper: Grouper, progress: Progress[Sheet]) -> None:
        self.summariser = summariser
        self.grouper = grouper
        self._progress = progress
        self._papers: dict[int, Paper] = {}
        self._sheets: dict[Paper, Sheet] = {}
        self._summaries: dict[str, tuple[str, Summary | None]] = {}
        self._made: set[str] = set()

    def clear(self) -> None:
        """Read papers anew when they are asked for again; what was made of their texts stays."""
        self._papers.clear()

    @property
    def known(self) -> Summaries:
        """The summaries that it has, by whatever method they were made."""
        return self._summaries

    def know(self, summaries: Summaries) -> None:
        """Have these too; those of another method than its own are made anew."""
        self._summaries.update(summaries)

    def papers(self, shelves: Shelves, rows: Sequence[int]) -> list[Paper]:
        """The works of these rows, as they were when they were first asked for."""
        new = shelves.papers.at([row for row in rows if row not in self._papers])
        self._papers |= new
        self._summaries |= shelves.papers.summaries([paper.ref for paper in new.values()])
        return [self._papers[row] for row in rows]

    def sheets(self, papers: Sequence[Paper]) -> list[Sheet]:
        new = [paper for paper in papers if paper not in self._sheets]
        texts = [(headline(paper.title), clean(paper.abstract)) for paper in new]
        for paper, text, tag in zip(new, texts, self.grouper.tags(texts), strict=True):
            code = code_url(paper.abstract) or paper.code_url
            self._sheets[paper] = Sheet(paper, *text, tag, code)
        return [self._sheets[paper] for paper in papers]

    def summaries(self, sheets: Sequence[Sheet]) -> Summaries:
        """The summary of each paper; the store's own is taken where nothing has changed."""
        for sheet in self._progress(sheets, "Summarising"):
            ref = sheet.paper.ref
            key = text_hash(sheet.title, sheet.abstract, self.summariser.METHOD)
            if self._summaries.get(ref, ("", None))[0] != key:
                self._summaries[ref] = key, summarise(sheet.title, sheet.abstract, self.summariser)
                self._made.add(ref)
        return {sheet.paper.ref: self._summaries[sheet.paper.ref] for sheet in sheets}

    def to_keep(self, summaries: Summaries) -> Summaries:
        """Those of the summaries that the store lacks; each is handed out once."""
        lacking = {ref: found for ref, found in summaries.items() if ref in self._made}
        self._made -= lacking.keys()
        return lacking
