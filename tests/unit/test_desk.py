from datetime import date

from digest.model import Paper, Tag
from digest.pipeline.desk import Desk

DAY = date(2031, 5, 6)
TEXT = "We count gulls by ear. Of ten gulls we hear nine, which is 40 % more than by eye."


class Counting:
    """A summariser and a grouper that note what they are asked."""

    METHOD = "counting-1"

    def __init__(self):
        self.rated, self.tagged = [], []

    def rate(self, title, sentences):
        self.rated.append(title)
        return [-float(n) for n in range(len(sentences))]

    def tags(self, papers):
        self.tagged += [title for title, _ in papers]
        return [Tag("birds", "Birds", "Life", ("gulls",)) for _ in papers]


def desk():
    asked = Counting()
    return Desk(asked, asked, lambda items, _: items), asked


def paper(title, abstract=TEXT):
    return Paper(f"ref-{title}", title, abstract, DAY, authors=("Ines Mora",))


def test_a_paper_is_looked_at_once_however_many_ask_for_it():
    table, asked = desk()
    gulls, terns = paper("Gulls"), paper("Terns")
    first = table.sheets([gulls])
    again = table.sheets([terns, gulls])
    assert [sheet.title for sheet in again] == ["Terns", "Gulls"]
    assert again[1] is first[0]
    assert asked.tagged == ["Gulls", "Terns"]
    one = table.summaries(first, {})
    both = table.summaries(again, {})
    assert both["ref-Gulls"] == one["ref-Gulls"]
    assert asked.rated == ["Gulls", "Terns"]


def test_what_the_store_has_is_not_made_again_unless_something_of_it_changed():
    table, asked = desk()
    kept = table.summaries(table.sheets([paper("Gulls")]), {})
    table, asked = desk()
    assert table.summaries(table.sheets([paper("Gulls")]), kept) == kept
    assert asked.rated == []
    other = table.sheets([paper("Gulls", f"{TEXT} Terns are next.")])
    assert table.summaries(other, kept) != kept
    assert asked.rated == ["Gulls"]


def test_a_paper_that_changed_in_the_meantime_is_looked_at_again():
    table, asked = desk()
    table.sheets([paper("Gulls")])
    (sheet,) = table.sheets([paper("Gulls", "We count terns.")])
    assert sheet.abstract == "We count terns."
    assert asked.tagged == ["Gulls", "Gulls"]
