from collections import Counter
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from digest.compose import Pick, compose
from digest.model import Paper, Rank, Tag
from digest.theme_table import Heading

WORDS = ("sparse autoencoder", "felt lens", "wool hat")
TAGS = [
    Tag(theme, label, section, (WORDS[n % 3],))
    for n, (theme, label, section) in enumerate(
        [
            *((f"t{i}", f"Theme {i}", f"Section {i // 3}") for i in range(9)),
            ("other", "More papers", ""),
        ]
    )
]
PLACES = st.integers(1, 3)


@st.composite
def days(draw):
    facts = draw(
        st.lists(
            st.tuples(st.sampled_from("AaBb"), st.sampled_from(TAGS), PLACES),
            max_size=60,
        )
    )
    return [
        Pick(
            Paper(
                ref=f"ref{place}",
                title=title,
                abstract="",
                first_seen=date(2030, 1, 4),
            ),
            title,
            "",
            tag,
            rank=Rank(rank, 1 / rank),
        )
        for place, (title, tag, rank) in enumerate(facts)
    ]


def edition(picks):
    headings = [Heading(x, 9) for x in ("Section 1", "Theme 4", "Section 0", "Theme 1")]
    return compose("all", date(2030, 1, 5), 1, picks, headings)


@given(days(), st.randoms(use_true_random=False))
def test_the_order_of_the_picks_changes_nothing(picks, random):
    shuffled = random.sample(picks, len(picks))
    assert edition(shuffled) == edition(picks)


@given(days())
def test_every_pick_is_in_the_edition_once(picks):
    shown = edition(picks)
    refs = Counter(card.ref for card in shown.cards) if shown else Counter()
    assert refs == Counter(pick.paper.ref for pick in picks)


@given(days())
def test_a_paper_stands_under_its_theme_its_section_a_phrase_or_the_rest_which_comes_last(picks):
    tags = {pick.paper.ref: pick.tag for pick in picks}
    themes = edition(picks).themes if picks else ()
    for theme in themes:
        for card in theme.cards:
            tag = tags[card.ref]
            shared = theme.label.startswith("Also on ")
            rest = "More papers" if len(themes) > 1 else "Papers"
            names = (tag.theme, tag.section, f"More in {tag.section}", rest)
            assert shared or theme.label in names
            assert theme.section in (tag.section, "")
        assert len(theme.cards) > 1 or len(picks) < 20 or theme.id == "other"
    assert len({theme.id for theme in themes}) == len(themes)
    assert all(theme.id != "other" for theme in themes[:-1])
