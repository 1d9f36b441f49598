"""In whatever order and batches printings come, and however often: the same works and answers."""

from collections.abc import Sequence
from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from digest.dedupe.fingerprint import printing
from digest.dedupe.likeness import compare
from digest.dedupe.memory import Memory
from digest.dedupe.recognise import Recogniser
from digest.model import Answer
from digest.printings import NO_RULES, Printing, Rules

Seen = tuple[date, Printing]

TITLES = [
    "Anisotropic Kites: How Paper Flies in a Gale over the Northern Harbour",
    "Anisotropic Kites 2: How Paper Flies in a Gale over the Northern Harbour",
    "Editorial",
    "Orchards in Winter and What Grows There",
]
ABSTRACTS = [
    """
    We fly kites of anisotropic paper over a northern harbour and measure how the ropes bend in a
    gale. Meadows of copper lanterns light the quay at night, so that each knot is seen. Our kites
    rise higher than those of silk, and fall later, in nine of ten winters. We also tell how the
    paper is glued, why cedar is lighter than amber, and what the sparrows thought of it.
    """,
    """
    An orchard sleeps in winter, yet below the snow a hundred roots drink slowly. The gardener
    counts each bud twice, writes the number on birch bark, and burns what is wrong. After thirty
    years the bark tells which trees bear pears early and which of them only promise to. Nobody
    else reads it, and so it has never been proved.
    """,
    "",
]
MIXED = " ".join([*ABSTRACTS[0].split()[:45], *ABSTRACTS[1].split()[:30]])

titles = st.builds(
    lambda title, damage: damage(title),
    st.sampled_from(TITLES),
    st.sampled_from(
        [
            str,
            str.upper,
            lambda title: title[:45],
            lambda title: title.partition(":")[0],
            lambda title: title.replace("Northern", "Nortern").replace("Winter", "Wintre"),
            lambda title: f"On {title}",
        ]
    ),
)
abstracts = st.builds(
    lambda text, length: text[:length],
    st.sampled_from([*ABSTRACTS, MIXED]),
    st.sampled_from([200, 300, None]),
)
printings = st.builds(
    printing,
    titles,
    abstracts,
    arxiv_id=st.sampled_from([None, None, "2601.00001", "2601.00002"]),
    doi=st.sampled_from([None, None, "10.1/kite"]),
    year=st.sampled_from([None, 2025, 2026]),
    authors=st.sampled_from([[], ["Ada Byron"], ["Grace Moss"]]),
)
days = st.integers(0, 3).map(lambda days: date(2026, 11, 16) + timedelta(days))


@st.composite
def histories(draw: st.DrawFn) -> tuple[list[Seen], list[list[Seen]], Rules]:
    """What is seen, the same in another order and in other batches, and rules."""
    seen = draw(st.lists(st.tuples(days, printings), min_size=1, max_size=9))
    other = draw(st.permutations(seen))
    cuts = sorted(draw(st.sets(st.integers(1, len(seen)))))
    batches = [list(other[i:j]) for i, j in zip([0, *cuts], [*cuts, len(seen)], strict=True)]
    refs = sorted({each.fingerprint.ref for _, each in seen})
    pairs = st.sets(st.sampled_from(refs), min_size=2, max_size=2).map(frozenset)
    some = st.frozensets(pairs, max_size=2) if len(refs) > 1 else st.just(frozenset())
    same, apart = draw(some), draw(some)
    return seen, [each for each in batches if each], Rules(same - apart, apart)


Decided = dict[str, tuple[Answer, str | None, str, str, str]]


def see(
    known: Memory, batch: Sequence[Seen], rules: Rules
) -> tuple[dict[int, str], dict[int, int]]:
    """Decide about a batch; return the reasons and the roots that are new or have changed."""
    fresh = {known.add(each, day): each for day, each in batch}
    recogniser = Recogniser(known, rules)
    recogniser.see(fresh)
    for handle, verdict in recogniser.verdicts.items():
        known.answer(handle, verdict.answer, verdict.of)
    why = {handle: verdict.why for handle, verdict in recogniser.verdicts.items()}
    return why, recogniser.roots()


def decided(
    known: Memory, seen: Sequence[Seen], why: dict[int, str], roots: dict[int, int]
) -> Decided:
    """For each ref its answer, the ref that it names, what stands for it and its work, and why."""
    handles = known.named({each.fingerprint.ref for _, each in seen})
    refs = {handle: ref for ref, handle in handles.items()}
    return {
        refs[handle]: (
            member.answer,
            refs[member.of] if member.of else None,
            refs[member.representative],
            refs[roots[handle]],
            why[handle],
        )
        for handle, member in known.members(list(refs)).items()
    }


def after(batches: Sequence[Sequence[Seen]], rules: Rules) -> tuple[Memory, Decided]:
    known, why, roots = Memory(), dict[int, str](), dict[int, int]()
    for batch in batches:
        reasons, stood_for = see(known, batch, rules)
        why |= reasons
        roots |= stood_for
    return known, decided(known, [each for batch in batches for each in batch], why, roots)


@settings(max_examples=300, deadline=None)
@given(histories())
def test_the_order_and_the_batches_make_no_difference(
    history: tuple[list[Seen], list[list[Seen]], Rules],
):
    seen, batches, rules = history
    assert after([seen], rules)[1] == after(batches, rules)[1]


@given(histories())
def test_seeing_again_changes_nothing(history: tuple[list[Seen], list[list[Seen]], Rules]):
    seen, batches, rules = history
    assert after([*batches, seen, *batches[:1]], rules)[1] == after(batches, rules)[1]


@given(histories())
def test_every_member_is_like_what_stands_for_it_and_not_earlier(
    history: tuple[list[Seen], list[list[Seen]], Rules],
):
    _, batches, rules = history
    known, found = after(batches, rules)
    members = known.members(list(known.named(list(found)).values()))
    for member in members.values():
        head = members[member.representative]
        assert head.representative == head.handle
        if head is not member:
            assert head.order < member.order
            assert compare(member.fingerprint, head.fingerprint).answer is Answer.SAME
            assert frozenset((member.fingerprint.ref, head.fingerprint.ref)) not in rules.apart


@given(histories())
def test_without_rules_the_first_printing_of_all_is_new(
    history: tuple[list[Seen], list[list[Seen]], Rules],
):
    seen, batches, _ = history
    first = min(seen, key=lambda each: (each[0], each[1].fingerprint.ref))
    answer, of, *_ = after(batches, NO_RULES)[1][first[1].fingerprint.ref]
    assert (answer, of) == (Answer.NEW, None)
