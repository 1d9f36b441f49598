from itertools import chain

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from digest import evidence, faults, markup, references, voice
from digest.cues import Cue, cue

# Lookarounds make many of the texts that are drawn no matches.
patiently = settings(
    max_examples=100,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow],
)
CUES = [
    pytest.param(value, id=f"{module.__name__}.{name}{place}")
    for module in (evidence, faults, markup, references, voice)
    for name, held in vars(module).items()
    for place, value in enumerate(held if isinstance(held, tuple) else [held])
    if isinstance(value, Cue)
]
RULES = [
    rule
    for rule in chain.from_iterable(
        rules for rules in vars(markup).values() if isinstance(rules, list)
    )
    if rule[0]
]


def test_a_cue_stands_in_a_text_that_its_pattern_matches():
    gulls = cue("gull|tern", r"\b(?:gull|tern)s\b")
    assert gulls.stands_in("how gulls sleep")
    assert gulls.stands_in("terns do not")
    assert not gulls.stands_in("a gullible one")
    assert not gulls.stands_in("no bird")


@pytest.mark.parametrize("each", CUES)
def test_what_a_pattern_matches_holds_a_part_of_its_cue(each):
    @patiently
    @given(st.from_regex(each.pattern))
    def holds(text):
        assert each.stands_in(text)

    holds()


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule[1].pattern[:40])
def test_what_a_rule_of_markup_rewrites_holds_its_sign(rule):
    sign, pattern, _ = rule

    @patiently
    @given(st.from_regex(pattern))
    def holds(text):
        assert sign in text

    holds()
