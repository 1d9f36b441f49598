"""Fit the weights of the trained summariser on SciTLDR, and write the JSON that the package ships.

    python benchmarks/train_summaries.py DATA

DATA is the folder with SciTLDR-A's train.jsonl (Cachola et al. 2020, Apache-2.0). Nothing else is
read, so that dev and test stay fit to judge by. Needs benchmarks/requirements.txt, which the
product does not. The last line is one JSON object.
"""

import hashlib
import json
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from rouge_score.rouge_scorer import RougeScorer
from scipy.optimize import minimize
from scipy.sparse import csr_matrix, hstack
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import KFold

from digest.background import counts
from digest.features import marks, measures, phrases
from digest.salience import (
    AMOUNTS,
    RARE,
    Facts,
    Salience,
    Text,
    amounts,
    facts_of_mask,
    facts_of_word,
    stem,
)
from digest.summarisers.trained import WEIGHTS
from digest.text import clean, sentences, words
from digest.trim import trimmed

# Chosen by cross-validation on the training split.
STEM_PAPERS, STEM_SCALE, WORD_C = 12, 0.6, 0.3
PHRASE_SENTENCES, PHRASE_SCALE, RARE_ALONE = 40, 0.5, 40
PHRASE_PENALTY, FACT_PENALTY = 1e-2, 3e-3
MIXTURE = np.array([0.5, 0.2, 0.3])
"""What ROUGE-1, 2 and L count in how good a sentence is."""
SOFTNESS = 0.06
"""How much worse a sentence may be and still count as good.

0.08 is as good by cross-validation; the dev split chose."""
FOLDS = 5

SCORER = RougeScorer(["rouge1", "rouge2", "rougeL"], use_stemmer=True)


class Row(NamedTuple):
    text: Text
    printed: list[str]
    reference: frozenset[str]
    quality: list[float]


def row(line: bytes) -> Row:
    paper = json.loads(line)
    title, abstract = clean(paper["title"]), clean(" ".join(paper["source"]))
    spans = [s for s in sentences(abstract) if words(abstract[slice(*s)])]
    printed = [abstract[start:end] for start, end in spans]
    shown = ["".join(abstract[a:b] for a, b in trimmed(abstract, span)) for span in spans]
    text = Text(title, [words(each) for each in printed])
    (target,) = paper["target"]
    reference = frozenset(map(stem, words(target)))
    return Row(text, printed, reference, [quality(target, each) for each in shown])


def quality(target: str, sentence: str) -> float:
    scores = SCORER.score(target, sentence).values()
    return float(MIXTURE @ [score.fmeasure for score in scores])


# --- words ----------------------------------------------------------------------------------


class Words(NamedTuple):
    facts: dict[str, float]
    stems: dict[str, float]


def fit_words(rows: list[Row]) -> Words:
    """Logistic regression: is a stem of the abstract in the reference?"""
    found = [(r, *each) for r in rows for each in words_of(r.text)]
    known = Counter(w for _, w, _ in found)
    stems = sorted(w for w in known if known[w] >= STEM_PAPERS)
    column = {w: i for i, w in enumerate(stems)}
    names = [*facts_of_word("a"), *facts_of_mask(0, silent=False), *AMOUNTS, *RARE]
    facts = np.array([facts for _, _, facts in found])
    cells = [(i, column[w]) for i, (_, w, _) in enumerate(found) if w in column]
    lexical = csr_matrix(
        (np.full(len(cells), STEM_SCALE), tuple(zip(*cells, strict=True))),
        shape=(len(found), len(stems)),
    )
    model = LogisticRegression(C=WORD_C, max_iter=500, fit_intercept=False)
    told = [w in r.reference for r, w, _ in found]
    model.fit(hstack([csr_matrix(facts), lexical]).tocsr(), told)
    weights = model.coef_[0]
    return Words(
        dict(zip(names, weights, strict=False)),
        dict(zip(stems, weights[len(names) :] * STEM_SCALE, strict=True)),
    )


def words_of(text: Text) -> Iterator[tuple[str, list[float]]]:
    """The stems of a text, and what is true of each."""
    silent = text.announced < 0
    for word, printed, mask, place, weight in zip(
        text.numbers, text.printed, text.masks(), text.places(), text.weights, strict=True
    ):
        facts = {**facts_of_word(printed), **facts_of_mask(mask, silent=silent)}
        rare = [weight * (mask >> bit & 1) for bit in range(len(RARE))]
        yield word, [*facts.values(), *amounts(place), *rare]


# --- sentences ------------------------------------------------------------------------------


def cross_fitted(rows: list[Row]) -> list[list[Facts]]:
    """The features of all sentences, with the salience of words as other papers teach it."""
    facts: list[list[Facts]] = [[] for _ in rows]
    for known, unknown in KFold(FOLDS, shuffle=True, random_state=1).split(rows):
        salience = Salience(*fit_words([rows[i] for i in known]))
        for i in unknown:
            text, printed = rows[i].text, rows[i].printed
            facts[i] = facts_of_sentences(text, printed, salience(text))
    return facts


def facts_of_sentences(
    text: Text, printed: Sequence[str], salience: Sequence[float]
) -> list[Facts]:
    """The features of each sentence, but for its phrases."""
    columns = measures(text, printed, salience)
    return [
        {**dict(zip(columns, row, strict=True)), **dict.fromkeys(each, 1.0)}
        for row, each in zip(zip(*columns.values(), strict=True), marks(text), strict=True)
    ]


def fit_sentences(rows: list[Row], facts: list[list[Facts]]) -> tuple[Facts, Facts]:
    """Listwise: the softmax of the ratings in an abstract shall be that of the qualities."""
    told = [
        set(filter(is_usual, map(" ".join, phrases(tokens))))
        for r in rows
        for tokens in r.text.tokens
    ]
    often = Counter(phrase for each in told for phrase in each)
    known = sorted(phrase for phrase in often if often[phrase] >= PHRASE_SENTENCES)
    names = sorted({name for paper in facts for sentence in paper for name in sentence})
    column = {name: i for i, name in enumerate([*(("", n) for n in names), *((n,) for n in known)])}
    cells = []
    for i, (sentence, said) in enumerate(
        zip((sentence for paper in facts for sentence in paper), told, strict=True)
    ):
        cells += [(i, column["", name], value) for name, value in sentence.items()]
        cells += [(i, column[p,], PHRASE_SCALE) for p in said if (p,) in column]
    places, columns, values = zip(*cells, strict=True)
    matrix = csr_matrix((values, (places, columns)), shape=(len(told), len(column)))
    penalty = np.array([FACT_PENALTY] * len(names) + [PHRASE_PENALTY] * len(known))
    weights = listwise(matrix, [r.quality for r in rows], penalty)
    return (
        dict(zip(names, weights, strict=False)),
        dict(zip(known, weights[len(names) :] * PHRASE_SCALE, strict=True)),
    )


def is_usual(phrase: str) -> bool:
    """A word alone counts only where papers often have it: the rest is names and topics."""
    alone = not (" " in phrase or phrase.startswith("^"))
    return not alone or counts(phrase).abstracts > RARE_ALONE


def listwise(matrix: Any, qualities: list[list[float]], penalty: Any) -> Any:
    sizes = [len(each) for each in qualities]
    starts = np.cumsum([0, *sizes[:-1]])
    paper = np.repeat(np.arange(len(sizes)), sizes)

    def softmax(ratings: Any) -> Any:
        powers = np.exp(ratings - np.maximum.reduceat(ratings, starts)[paper])
        return powers / np.add.reduceat(powers, starts)[paper]

    wanted = softmax(np.concatenate(qualities) / SOFTNESS)
    transposed = matrix.T.tocsr()

    def loss(weights: Any) -> tuple[float, Any]:
        given = softmax(matrix @ weights)
        miss = -(wanted * np.log(given + 1e-12)).sum() / len(sizes)
        slope = transposed @ (given - wanted) / len(sizes)
        return miss + (penalty * weights**2).sum() / 2, slope + penalty * weights

    found = minimize(
        loss, np.zeros(len(penalty)), jac=True, method="L-BFGS-B", options={"maxiter": 400}
    )
    return found.x


def rounded(weights: dict[str, float], least: float = 0.005) -> dict[str, float]:
    return {k: round(float(v), 3) for k, v in sorted(weights.items()) if abs(v) >= least}


def main() -> None:
    file = Path(sys.argv[1]) / "train.jsonl"
    content = file.read_bytes()
    rows = [each for each in map(row, content.splitlines()) if each.printed]
    salient = fit_words(rows)
    facts, told = fit_sentences(rows, cross_fitted(rows))
    weights = {
        "provenance": {
            "made by": "benchmarks/train_summaries.py",
            "data": "SciTLDR-A, training split (allenai/scitldr, Cachola et al. 2020, Apache-2.0)",
            "sha256 of the data": hashlib.sha256(content).hexdigest(),
            "papers": len(rows),
        },
        "words": rounded(salient.facts),
        "stems": rounded(salient.stems, 0.03),
        "sentences": rounded(facts),
        "phrases": rounded(told),
    }
    WEIGHTS.write_text(json.dumps(weights, ensure_ascii=False, indent=0) + "\n", "utf-8")
    sizes = {name: len(each) for name, each in weights.items()}
    print(json.dumps({**sizes, "bytes": WEIGHTS.stat().st_size}))


if __name__ == "__main__":
    main()
