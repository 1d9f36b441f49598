from datetime import UTC, date, datetime

from digest.model import Paper, Tag
from digest.pipeline.desk import Desk
from digest.store import open_store
from digest.store.dumps import Row, State

DAY = date(2031, 5, 6)
NOW = datetime(2031, 5, 6, 12, tzinfo=UTC)
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
    one = table.summaries(first)
    both = table.summaries(again)
    assert both["ref-Gulls"] == one["ref-Gulls"]
    assert asked.rated == ["Gulls", "Terns"]


def test_a_summary_is_handed_out_once_to_be_kept():
    table, _ = desk()
    both = table.summaries(table.sheets([paper("Gulls"), paper("Terns")]))
    gulls = {"ref-Gulls": both["ref-Gulls"]}
    assert table.to_keep(gulls) == gulls
    assert table.to_keep(both) == {"ref-Terns": both["ref-Terns"]}
    assert table.to_keep(both) == {}


def test_papers_and_summaries_that_the_store_has_are_read_once(tmp_path):
    store = open_store(f"sqlite:///{tmp_path}/digest.db")
    gulls = paper("Gulls")
    with store.writing() as shelves:
        dump = shelves.dumps.begin(Row("a.txt", State.LOADING, "1" * 64, NOW))
        (row,) = shelves.papers.add([(gulls, "gulls")], dump).values()
        shelves.printings.root({row: row})
        shelves.papers.finish(dump, [])
    table, asked = desk()
    with store.reading() as shelves:
        (found,) = table.papers(shelves, [row])
    made = table.summaries(table.sheets([found]))
    with store.writing() as shelves:
        shelves.papers.keep_summaries(table.to_keep(made))
        shelves.papers.change({row: paper("Gulls", "We count terns.")})
        assert table.papers(shelves, [row]) == [found], "as it was in this run"
    another, asked = desk()
    with store.reading() as shelves:
        (changed,) = another.papers(shelves, [row])
    assert another.summaries(another.sheets([found])) == made
    assert asked.rated == []
    assert another.summaries(another.sheets([changed])) != made
    assert asked.rated == ["Gulls"]
    store.close()
