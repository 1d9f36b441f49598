"""What was made of papers in one run: made once, however many audiences get them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from digest.model import Paper, Summary, Tag
from digest.ports import Grouper, Progress, Summariser
from digest.query import View, view
from digest.summarise import summarise, text_hash
from digest.text import clean

Summaries = Mapping[str, tuple[str, Summary | None]]
"""The summaries of papers by their refs, each with a key that says what it was made from."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A paper with its clean texts and its tag, and as a query sees it."""

    paper: Paper
    title: str
    abstract: str
    tag: Tag
    view: View


class Desk:
    def __init__(self, summariser: Summariser, grouper: Grouper, progress: Progress[Sheet]) -> None:
        self.summariser = summariser
        self.grouper = grouper
        self._progress = progress
        self._sheets: dict[Paper, Sheet] = {}
        self._summaries: dict[str, tuple[str, Summary | None]] = {}

    def sheets(self, papers: Sequence[Paper]) -> list[Sheet]:
        new = [paper for paper in papers if paper not in self._sheets]
        texts = [(clean(paper.title), clean(paper.abstract)) for paper in new]
        for paper, text, tag in zip(new, texts, self.grouper.tags(texts), strict=True):
            self._sheets[paper] = Sheet(paper, *text, tag, view(paper, *text, tag))
        return [self._sheets[paper] for paper in papers]

    def summaries(self, sheets: Sequence[Sheet], kept: Summaries) -> Summaries:
        """The summary of each paper; `kept` are those that the store has."""
        for sheet in self._progress(sheets, "Summarising"):
            ref = sheet.paper.ref
            key = text_hash(sheet.title, sheet.abstract, self.summariser.METHOD)
            known = self._summaries.get(ref) or kept.get(ref)
            if known is None or known[0] != key:
                known = key, summarise(sheet.title, sheet.abstract, self.summariser)
            self._summaries[ref] = known
        return {sheet.paper.ref: self._summaries[sheet.paper.ref] for sheet in sheets}
