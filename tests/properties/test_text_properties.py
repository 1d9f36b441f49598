import unicodedata

from hypothesis import given, settings
from hypothesis import strategies as st

from digest.text import clean, fold, sentences, title_key, words

_MARKS = (
    r"\alpha \beta{} \textbf{ \frac{a}{b} \"o \c{c} \mname $ $$ { } _ ^ _{ ^{ ~ `` '' ` ' -- --- * "
    r"** \\ \ \% \$ \{ \} \url{ https://a.example/b_c [t](https://a.example) C:\temp & &amp; &lt; "
    r"&#36; <b> </b> <sub>2</sub> <!-- --> sim9 8times 4times4 infty kleq epsilon_{k} left( right) "
    r"(1,lambda) x2013 scriptsizeF mathcal{O} 1{T} word Word. e.g. n. We improvement.To 3.5 + ++ é "
    "\u202e \u200b \x00 \ud800 \u2028 \ue000 \u0301 {{a.b}} {{7*7}} {{ x }} {% raw %} {# x #}"
)
_PIECES = [*_MARKS.split(" "), " "]
_MARKUP = st.lists(st.sampled_from(_PIECES), max_size=14).map("".join)
_TEXT = st.text() | _MARKUP


@given(_TEXT)
def test_cleaning_twice_is_cleaning_once(text):
    once = clean(text)
    assert clean(once) == once


@given(_TEXT)
def test_clean_text_is_folded_composed_and_visible(text):
    cleaned = clean(text)
    assert cleaned == fold(cleaned) == unicodedata.normalize("NFC", cleaned)
    assert not [
        c for c in cleaned if unicodedata.category(c) in {"Cc", "Cf", "Co", "Cs", "Zl", "Zp"}
    ]


@given(_TEXT)
def test_a_title_with_a_letter_or_digit_has_a_key(text):
    key = title_key(text)
    assert key or not any(c.isalnum() for c in text)
    assert key == title_key(fold(text))


@given(_TEXT.map(clean))
def test_sentences_come_in_order_apart_and_hold_every_word(text):
    spans = sentences(text)
    edges = [edge for span in spans for edge in span]
    assert edges == sorted(edges)
    assert all(start < end for start, end in spans)
    assert [w for start, end in spans for w in words(text[start:end])] == words(text)


@settings(max_examples=20, deadline=None)
@given(st.sampled_from(_PIECES), st.integers(min_value=200, max_value=2000))
def test_one_piece_of_markup_many_times_over_is_cleaned(piece, times):
    cleaned = clean(piece * times)
    assert clean(cleaned) == cleaned
