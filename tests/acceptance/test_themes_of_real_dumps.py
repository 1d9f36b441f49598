"""The shipped themes on real dumps whose papers were labelled by hand.

`LABELS` says what label each of our themes stands for; a theme that is not in it stands for none,
so its papers count as wrong. Labels and titles were known when the table was written: these
figures guard against falling back and do not foretell how well the table does on other papers.
"""

import json
from collections import Counter
from functools import cache
from math import exp, lgamma, log
from pathlib import Path

import pytest

from digest.theme_table import shipped
from digest.themes import PhraseGrouper

SHARED = Path(__file__).parents[2].parent / "shared"
GOLD = SHARED / "gold"
pytestmark = pytest.mark.skipif(
    not (GOLD / "themes-labels.json").exists(), reason="../shared is not there"
)

VISION = "vision, video, multimodal, robotics"
THEORY = "learning theory and representation"
SCALING = "pre-training and scaling"
EFFICIENCY = "efficiency: compression and inference"
LABELS = {
    "pretraining": SCALING,
    "architecture": SCALING,
    "tuning": "fine-tuning, alignment, preferences",
    "language": "other language topics",
    "evaluation": "other language topics",
    "llm": "other language topics",
    "reasoning": "reasoning",
    "agents": "agents and tools",
    "code": "code",
    "retrieval": "retrieval and recommendation",
    "recommendation": "retrieval and recommendation",
    "optimizers": "optimizers and training dynamics",
    "compression": EFFICIENCY,
    "systems": EFFICIENCY,
    "continual": "continual learning and knowledge editing",
    "automl": "AutoML, evolution, black-box search",
    "rl": "reinforcement learning and bandits",
    "bandits": "reinforcement learning and bandits",
    "imagegen": "diffusion and image generation",
    "robotics": VISION,
    "video": VISION,
    "threed": VISION,
    "perception": VISION,
    "multimodal": VISION,
    "theory": THEORY,
    "representation": THEORY,
    "graphs": THEORY,
    "probabilistic": THEORY,
    "interpretability": THEORY,
}


@cache
def labelled():
    """The hand labels, and the tag of the paper that each is for."""
    labels = json.loads((GOLD / "themes-labels.json").read_text())
    papers = {
        (path.name.removesuffix(".gold.json"), paper["title"]): paper["abstract"]
        for path in GOLD.glob("*.gold.json")
        for paper in json.loads(path.read_text())["papers"]
    }
    texts = [(x["title"], papers[x["dump"].removesuffix(".txt"), x["title"]]) for x in labels]
    return labels, PhraseGrouper(shipped()).tags(texts)


def test_most_papers_have_the_theme_that_a_person_gave_them_or_would_accept():
    labels, tags = labelled()
    pairs = [(label, LABELS.get(tag.theme_id)) for label, tag in zip(labels, tags, strict=True)]
    right = sum(label["theme"] == ours for label, ours in pairs)
    accepted = sum(ours in (label["theme"], *label["also"]) for label, ours in pairs)
    assert right / len(labels) >= 0.80
    assert accepted / len(labels) >= 0.87


def test_our_groups_agree_with_those_of_a_person_far_beyond_chance():
    labels, tags = labelled()
    theirs, ours = [label["theme"] for label in labels], [tag.theme_id for tag in tags]
    assert adjusted_mutual_information(theirs, ours) >= 0.58


def test_every_paper_of_the_dumps_has_a_theme_and_three_keywords():
    papers = [
        (paper["title"], paper["abstract"])
        for path in GOLD.glob("*.gold.json")
        for paper in json.loads(path.read_text())["papers"]
    ]
    tags = PhraseGrouper(shipped()).tags(papers)
    named = [tag for tag in tags if tag.section]
    enough = [tag for tag in tags if 3 <= len(tag.keywords) <= 5]
    assert len(named) >= 0.98 * len(papers)
    assert len(enough) >= 0.95 * len(papers)


def adjusted_mutual_information(left, right):
    """Vinh, Epps and Bailey (2010), with the arithmetic mean of the entropies."""
    n = len(left)
    rows, columns = Counter(left), Counter(right)
    mutual = sum(
        k / n * log(n * k / (rows[a] * columns[b]))
        for (a, b), k in Counter(zip(left, right, strict=True)).items()
    )
    expected = sum(
        k / n * log(n * k / (a * b)) * chance(k, a, b, n)
        for a in rows.values()
        for b in columns.values()
        for k in range(max(1, a + b - n), min(a, b) + 1)
    )
    entropies = [-sum(k / n * log(k / n) for k in c.values()) for c in (rows, columns)]
    return (mutual - expected) / (sum(entropies) / 2 - expected)


def chance(k, a, b, n):
    """The hypergeometric probability that groups of a and b among n share k."""
    gain = sum(lgamma(x + 1) for x in (a, b, n - a, n - b))
    loss = sum(lgamma(x + 1) for x in (n, k, a - k, b - k, n - a - b + k))
    return exp(gain - loss)
