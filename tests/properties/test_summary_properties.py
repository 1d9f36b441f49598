"""A summary is its abstract with parts left out, whatever the abstract is."""

from hypothesis import given, settings
from hypothesis import strategies as st

from digest.model import Note
from digest.sentence import Sentence, title_of
from digest.summarise import COMPACT_LENGTH, LEAD_LENGTH, LENGTH, summarise
from digest.summarisers import summariser
from digest.text import clean, sentences

whole = settings(deadline=None)  # the first example loads the libraries
TRAINED = summariser("trained")
EDMUNDSON = summariser("edmundson")

_MARKS = (
    "In this paper, we propose a lid|However, |To address these leaks, |we show that it is 3% hot|"
    "Recent soups have become popular|Can we stir|e.g. a ladle|(e.g., by hand)|(SSP)|[12]|$|"
    " (Doe et al., 2020)|https://example.org/a|Our code is available|é|。|\U0001f963|. |.|?|…|; |, "
    "| |a very long soup that nobody can eat in one go, as it fills more than a bowl and a tub|"
    "We aim to fill this gap and introduce a pot|(ii) |Finally, our|Results: |汤是圆的"
)
_PIECES = _MARKS.split("|")
_LINES = st.lists(st.sampled_from(_PIECES), max_size=30).map("".join)
_ABSTRACT = (st.text(max_size=300) | _LINES).map(clean)
_TITLE = st.sampled_from(["", "Lids: Pots for Soup", "汤"])


def spelt(abstract, spans):
    return "".join(abstract[start:end] for start, end in spans)


@whole
@given(_TITLE, _ABSTRACT)
def test_a_summary_is_a_subsequence_of_its_abstract_and_its_spans_prove_it(title, abstract):
    summary = summarise(title, abstract, TRAINED)
    if summary is None:
        assert not sentences(abstract)
        return
    lead, finding = summary.spans[: summary.lead_spans], summary.spans[summary.lead_spans :]
    for spans in (summary.spans, summary.compact_spans):
        edges = [edge for span in spans for edge in span]
        assert edges == sorted(edges)
        assert all(0 <= start < end <= len(abstract) for start, end in spans)
    assert summary.lead == spelt(abstract, lead)
    assert (summary.finding or "") == spelt(abstract, finding)
    assert (summary.compact or "") == spelt(abstract, summary.compact_spans)


@whole
@given(_TITLE, _ABSTRACT)
def test_a_summary_is_never_empty_and_fits_or_says_that_it_does_not(title, abstract):
    summary = summarise(title, abstract, EDMUNDSON)
    if summary is not None:
        assert summary.lead.strip()
        assert len(summary.lead) <= LEAD_LENGTH or Note.LONG in summary.notes
        assert not summary.finding or len(summary.lead + summary.finding) <= LENGTH
        assert len(summary.compact or "") <= COMPACT_LENGTH


@whole
@given(_TITLE, _ABSTRACT)
def test_summarising_again_gives_the_same(title, abstract):
    assert summarise(title, abstract, TRAINED) == summarise(title, abstract, TRAINED)


@whole
@given(_TITLE, _ABSTRACT, st.floats(-5, 5))
def test_no_sentence_is_worth_more_than_its_rating_promises(title, abstract, rating):
    for span in sentences(abstract):
        found = Sentence(abstract, title_of(title), span, rating, early=False)
        fitting = found.within(LEAD_LENGTH)
        assert fitting is None or fitting.value <= found.promise
