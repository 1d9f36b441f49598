"""Measure themes, headings, keyphrases and ranking against people's labels and other methods.

    python benchmarks/themes.py [--contents] [--shares] [SHARED]

SHARED is the folder with dumps, gold and data (default: `shared` beside the repository). The last
line is one JSON object. Where scikit-learn, yake and rake-nltk are installed, their figures are
taken in the same run; they are no part of the program. Times are process seconds of one core.

--contents prints ten real days and the four dumps as tables of contents, to be judged by eye.
--shares prints how many of a hundred papers each theme has, for the key `share` of the tables.
"""

import json
import re
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from importlib.util import find_spec
from math import exp, lgamma, log
from pathlib import Path
from random import Random
from statistics import mean
from typing import Any

from nltk.stem.porter import PorterStemmer

from digest.compose import Pick, compose
from digest.model import Edition, Paper, Votes
from digest.pipeline.ingest import Limits, members, parse
from digest.rank import Entrant, Weights, rank
from digest.sources.folder import dumps
from digest.text import clean, title_key
from digest.theme_table import ThemeTable, shipped
from digest.themes import PhraseGrouper

GIVEN = [argument for argument in sys.argv[1:] if not argument.startswith("--")]
SHARED = Path(GIVEN[0]) if GIVEN else Path(__file__).parents[1].parent / "shared"
GOLD, DATA = SHARED / "gold", SHARED / "data"
LIMITS = Limits(dump_bytes=100_000_000, dump_ratio=100, dump_papers=1_000_000)
DAY = date(2026, 11, 20)
SEED = 6
COMPANIES, PROBED = 8, 60
SIZES = (20, 25, 30, 35, 40)
DRAWN = 2_000
REAL_DAYS = 10

VISION = "vision, video, multimodal, robotics"
THEORY = "learning theory and representation"
SCALING = "pre-training and scaling"
EFFICIENCY = "efficiency: compression and inference"
OTHER = "other language topics"
BANDITS = "reinforcement learning and bandits"
LABELS = {
    **dict.fromkeys(("pretraining", "architecture"), SCALING),
    **dict.fromkeys(("language", "evaluation", "llm"), OTHER),
    **dict.fromkeys(("retrieval", "recommendation"), "retrieval and recommendation"),
    **dict.fromkeys(("compression", "systems"), EFFICIENCY),
    **dict.fromkeys(("rl", "bandits"), BANDITS),
    **dict.fromkeys(("robotics", "video", "threed", "perception", "multimodal"), VISION),
    **dict.fromkeys(
        ("theory", "representation", "graphs", "probabilistic", "interpretability"), THEORY
    ),
    "tuning": "fine-tuning, alignment, preferences",
    "reasoning": "reasoning",
    "agents": "agents and tools",
    "code": "code",
    "optimizers": "optimizers and training dynamics",
    "continual": "continual learning and knowledge editing",
    "automl": "AutoML, evolution, black-box search",
    "imagegen": "diffusion and image generation",
}
"""What label of the gold each theme stands for. It was written before the phrases were tuned and
stays as it is; a theme that is not here stands for none, so its papers count as wrong."""

Text = tuple[str, str]


# --- papers -------------------------------------------------------------------------------------


def papers_of(path: Path) -> list[Paper]:
    """The papers of a dump, each title once."""
    found: dict[str, Paper] = {}
    for dump in dumps([path]):
        for member in members(dump, LIMITS):
            parsed = None if member.refused else parse(member, None, LIMITS)
            for each in parsed.sightings if parsed else ():
                title, abstract = clean(each.title), clean(each.abstract)
                paper = Paper(
                    title_key(title),
                    title,
                    abstract,
                    DAY,
                    votes=(Votes(DAY, each.upvotes, each.comments),),
                )
                found.setdefault(paper.ref, paper)
    return list(found.values())


def hf_days() -> dict[str, list[Paper]]:
    days = {
        path.stem: papers_of(path)
        for path in sorted((DATA / "hf_daily_json" / "raw").glob("*.json"))
    }
    return {day: papers for day, papers in days.items() if papers}


def arxiv() -> tuple[list[Text], list[str]]:
    lines = (DATA / "themes" / "arxiv_primary_dev.jsonl").read_text("utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    return [(clean(r["title"]), clean(r["abstract"])) for r in rows], [r["label"] for r in rows]


def picked(table: ThemeTable, papers: Sequence[Paper]) -> list[Pick]:
    tags = PhraseGrouper(table).tags([(paper.title, paper.abstract) for paper in papers])
    entrants = [
        Entrant(p.ref, p.title, DAY, None, votes(p), keyphrases=tag.keywords)
        for p, tag in zip(papers, tags, strict=True)
    ]
    ranks = rank(entrants, DAY, Weights())
    return [
        Pick(p, p.title, p.abstract, tag, None, ranks[p.ref])
        for p, tag in zip(papers, tags, strict=True)
    ]


def votes(paper: Paper) -> tuple[tuple[date, int], ...]:
    known = paper.upvotes is not None or paper.comments is not None
    return ((DAY, (paper.upvotes or 0) + (paper.comments or 0)),) if known else ()


def edition_of(table: ThemeTable, picks: Sequence[Pick]) -> Edition:
    edition = compose("all", DAY, 1, picks, table.headings)
    assert edition
    return edition


def bare(texts: Iterable[Text]) -> list[Paper]:
    return [Paper(str(n), title, abstract, DAY) for n, (title, abstract) in enumerate(texts)]


# --- agreement ----------------------------------------------------------------------------------


def information(left: Sequence[str], right: Sequence[str]) -> tuple[float, float]:
    """Adjusted and normalised mutual information (Vinh, Epps and Bailey 2010), arithmetic mean."""
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
    usual = sum(-sum(k / n * log(k / n) for k in c.values()) for c in (rows, columns)) / 2
    return (mutual - expected) / (usual - expected), mutual / usual


def chance(k: int, a: int, b: int, n: int) -> float:
    """The hypergeometric probability that groups of a and b among n share k."""
    gain = sum(lgamma(x + 1) for x in (a, b, n - a, n - b))
    loss = sum(lgamma(x + 1) for x in (n, k, a - k, b - k, n - a - b + k))
    return exp(gain - loss)


def gold() -> dict[str, Any]:
    labels = json.loads((GOLD / "themes-labels.json").read_text("utf-8"))
    abstracts = {
        (path.name.removesuffix(".gold.json"), paper["title"]): paper["abstract"]
        for path in GOLD.glob("*.gold.json")
        for paper in json.loads(path.read_text("utf-8"))["papers"]
    }
    texts = [
        (clean(x["title"]), clean(abstracts[x["dump"].removesuffix(".txt"), x["title"]]))
        for x in labels
    ]
    tags = PhraseGrouper(shipped("ml")).tags(texts)
    ours = [LABELS.get(tag.theme_id, "none") for tag in tags]
    adjusted, normalised = information([x["theme"] for x in labels], [t.theme_id for t in tags])
    mapped, _ = information([x["theme"] for x in labels], ours)
    pairs = list(zip(labels, ours, strict=True))
    return {
        "gold_papers": len(labels),
        "gold_ami": adjusted,
        "gold_nmi": normalised,
        "gold_ami_of_mapped_themes": mapped,
        "gold_right": mean(x["theme"] == o for x, o in pairs),
        "gold_right_or_acceptable": mean(o in (x["theme"], *x["also"]) for x, o in pairs),
    }


def random_days(count: int, size: int) -> list[list[int]]:
    order = list(range(count))
    Random(SEED).shuffle(order)
    return [order[n : n + size] for n in range(0, count - size + 1, size)]


def arxiv_days() -> dict[str, Any]:
    texts, labels = arxiv()
    table = shipped("arxiv")
    picks = picked(table, bare(texts))
    days = random_days(len(texts), 40)
    shown, tagged, named, alone, sizes = [], [], [], [], []
    for day in days:
        theirs = [labels[n] for n in day]
        edition = edition_of(table, [picks[n] for n in day])
        heading = {card.ref: theme.id for theme in edition.themes for card in theme.cards}
        shown.append(information(theirs, [heading[str(n)] for n in day])[0])
        tagged.append(information(theirs, [picks[n].tag.theme_id for n in day])[0])
        named.append(mean(heading[str(n)] != "other" for n in day))
        alone.append(sum(len(theme.cards) == 1 for theme in edition.themes))
        sizes.append(len(edition.themes))
    return {
        "arxiv_days_of_40": len(days),
        "arxiv_ami": mean(shown),
        "arxiv_ami_of_tags": mean(tagged),
        "arxiv_named": mean(named),
        "arxiv_single_paper_groups": mean(alone),
        "arxiv_groups": [min(sizes), mean(sizes), max(sizes)],
        **clusters(texts, labels, days),
    }


def clusters(
    texts: Sequence[Text], labels: Sequence[str], days: Sequence[Sequence[int]]
) -> dict[str, Any]:
    """TF-IDF with k-means and agglomerative, each with the number of groups that suits it best."""
    if find_spec("sklearn") is None:
        return {"arxiv_ami_kmeans": None, "arxiv_ami_agglomerative": None}
    from sklearn.cluster import AgglomerativeClustering, KMeans
    from sklearn.feature_extraction.text import TfidfVectorizer

    best: dict[str, float] = defaultdict(float)
    for k in (6, 8, 10, 12, 15):
        found = defaultdict(list)
        for day in days:
            vectors = TfidfVectorizer(stop_words="english", sublinear_tf=True)
            matrix = vectors.fit_transform([" ".join(texts[n]) for n in day]).toarray()
            methods = {
                "kmeans": KMeans(k, n_init=10, random_state=SEED),
                "agglomerative": AgglomerativeClustering(k, metric="cosine", linkage="average"),
            }
            for name, method in methods.items():
                groups = [str(group) for group in method.fit_predict(matrix)]
                found[name].append(information([labels[n] for n in day], groups)[0])
        for name, values in found.items():
            best[name] = max(best[name], mean(values))
    return {f"arxiv_ami_{name}": value for name, value in best.items()}


# --- stability ----------------------------------------------------------------------------------


def stability(table: ThemeTable, papers: Sequence[Paper], size: int) -> tuple[float, float]:
    """How often a paper keeps its tag, and its heading, in random companies of so many.

    1 for a paper that stands under one heading in all of them, 1/2 under two equally often.
    """
    random = Random(SEED)
    tags, headings = [], []
    for probe in random.sample(papers, PROBED):
        others = [paper for paper in papers if paper is not probe]
        seen_tags: Counter[str] = Counter()
        seen: Counter[str] = Counter()
        for _ in range(COMPANIES):
            picks = picked(table, [*random.sample(others, size - 1), probe])
            seen_tags[picks[-1].tag.theme_id] += 1
            edition = edition_of(table, picks)
            seen[heading_of(edition, probe.ref)] += 1
        tags.append(max(seen_tags.values()) / COMPANIES)
        headings.append(max(seen.values()) / COMPANIES)
    return mean(tags), mean(headings)


def heading_of(edition: Edition, ref: str) -> str:
    return next(t.label for t in edition.themes for card in t.cards if card.ref == ref)


def companies(days: dict[str, list[Paper]]) -> dict[str, Any]:
    pool = Random(SEED).sample(
        sorted({p.ref: p for d in days.values() for p in d}.values(), key=lambda p: p.ref), 600
    )
    found = {size: stability(shipped("ml"), pool, size) for size in SIZES}
    return {
        "stable_tag": min(tag for tag, _ in found.values()),
        **{f"stable_heading_of_{size}": heading for size, (_, heading) in found.items()},
    }


def real_days(days: dict[str, list[Paper]]) -> dict[str, Any]:
    """Headings of all real days: how often names come again, and their number on busy days.

    The busy days are few, so others are drawn from neighbouring ones.
    """
    table = shipped("ml")
    uses: defaultdict[str, set[str]] = defaultdict(set)
    groups, named, alone = [], [], []
    picks = {day: picked(table, papers) for day, papers in days.items()}
    for day, papers in days.items():
        edition = edition_of(table, picks[day])
        for theme in edition.themes:
            if theme.id != "other":
                uses[theme.label].add(day)
        if 20 <= len(papers) <= 40:
            groups.append(len(edition.themes))
            left = sum(len(theme.cards) for theme in edition.themes if theme.id == "other")
            named.append(1 - left / len(papers))
            alone.append(sum(len(theme.cards) == 1 for theme in edition.themes))
    total = sum(map(len, uses.values()))
    again = sum(len(on) for on in uses.values() if len(on) >= 3)
    others = [len(edition_of(table, day).themes) for day in drawn(list(picks.values()))]
    return {
        "hf_days": len(days),
        "hf_names_of_three_days": again / total,
        "hf_days_of_20_to_40": len(groups),
        "hf_groups": [min(groups), mean(groups), max(groups)],
        "hf_days_with_4_to_9_groups": mean(4 <= n <= 9 for n in groups),
        "hf_named": mean(named),
        "hf_single_paper_groups": mean(alone),
        "drawn_days_of_20_to_40": len(others),
        "drawn_groups": [min(others), mean(others), max(others)],
        "drawn_days_without_4_to_9_groups": sum(not 4 <= n <= 9 for n in others),
    }


def drawn(days: Sequence[Sequence[Pick]]) -> Iterator[list[Pick]]:
    """Random companies of 20 to 40 papers, each of two to four real days in a row."""
    random = Random(SEED)
    for _ in range(DRAWN):
        near: dict[str, Pick] = {}
        while len(near) < 20:
            first = random.randrange(len(days) - 3)
            row = days[first : first + random.randint(2, 4)]
            near = {pick.paper.ref: pick for day in row for pick in day}
        yield random.sample(list(near.values()), random.randint(20, min(40, len(near))))


# --- keyphrases ---------------------------------------------------------------------------------

Extractor = Callable[[str], Iterable[str]]
STEMMER = PorterStemmer()


def inspec() -> dict[str, Any]:
    """F1 of the first five keyphrases on Inspec, stemmed, exact matches, mean of all papers."""
    papers = list(inspec_papers())
    grouper = PhraseGrouper(shipped("ml"))

    def ours(text: str) -> Iterable[str]:
        title, _, abstract = text.partition("\n")
        return grouper.tags([(title, " ".join(abstract.split()))])[0].keywords

    methods: dict[str, Extractor | None] = {"ours": ours, "yake": yake(), "rake": rake()}
    return {
        "inspec_papers": len(papers),
        **{
            f"inspec_f1_at_5_{name}": mean(f1(method(text), gold) for text, gold in papers)
            if method
            else None
            for name, method in methods.items()
        },
    }


def inspec_papers() -> Iterator[tuple[str, set[str]]]:
    folder = DATA / "keyphrase" / "Inspec"
    for path in sorted((folder / "docsutf8").glob("*.txt")):
        keys = (folder / "keys" / f"{path.stem}.key").read_text("utf-8").splitlines()
        yield path.read_text("utf-8"), {stemmed(key) for key in keys if key.strip()}


def stemmed(phrase: str) -> str:
    return " ".join(STEMMER.stem(word) for word in re.findall(r"[^\W_]+", phrase.casefold()))


def f1(phrases: Iterable[str], gold: set[str]) -> float:
    best = list(dict.fromkeys(filter(None, map(stemmed, phrases))))[:5]
    hits = len(gold & set(best))
    return 2 * hits / (len(best) + len(gold)) if hits else 0.0


def yake() -> Extractor | None:
    if find_spec("yake") is None:
        return None
    from yake import KeywordExtractor

    extractor = KeywordExtractor(lan="en", n=3, top=20)
    return lambda text: [phrase for phrase, _ in extractor.extract_keywords(text)]


def rake() -> Extractor | None:
    """RAKE with the stop words that YAKE ships."""
    if find_spec("rake_nltk") is None or find_spec("yake") is None:
        return None
    import yake as shipped_words
    from rake_nltk import Rake

    (file,) = Path(shipped_words.__file__).parent.rglob("stopwords_en.txt")
    extractor = Rake(
        stopwords=set(file.read_text("utf-8").split()),
        punctuations=set(".,;:!?()[]{}\"'`"),
        sentence_tokenizer=lambda text: [text],
        word_tokenizer=lambda text: re.findall(r"[\w-]+|[^\w\s]", text),
    )

    def phrases(text: str) -> Iterable[str]:
        extractor.extract_keywords_from_text(text)
        return list(extractor.get_ranked_phrases())

    return phrases


# --- speed --------------------------------------------------------------------------------------


def speed() -> dict[str, Any]:
    """Seconds for papers to be themed, keyworded, ranked and put under headings."""
    texts, _ = arxiv()
    table = shipped("arxiv")
    times = {}
    for count in (100, 1_000, 10_000):
        papers = bare(texts[n % len(texts)] for n in range(count))
        began = time.process_time()
        edition_of(table, picked(table, papers))
        times[count] = time.process_time() - began
    return {
        **{f"seconds_for_{count}": seconds for count, seconds in times.items()},
        "seconds_for_10000_by_100": times[10_000] / 100,
    }


# --- for the eye --------------------------------------------------------------------------------


def contents() -> None:
    days = hf_days()
    chosen = Random(SEED).sample(sorted(day for day in days if len(days[day]) >= 10), REAL_DAYS)
    pages = {day: days[day] for day in chosen}
    pages |= {path.stem: papers_of(path) for path in sorted((SHARED / "dumps").glob("*.txt"))}
    for name, papers in pages.items():
        print(f"\n===== {name}: {len(papers)} papers")
        for theme in edition_of(shipped("ml"), picked(shipped("ml"), papers)).themes:
            print(f"\n{theme.label} ({len(theme.cards)})")
            for card in theme.cards:
                own = f"  [{card.theme}]" if card.theme != theme.label else ""
                print(f"    {card.part}{': ' if card.part else ''}{card.title[:90]}{own}")


def shares() -> None:
    """`ml`: real days of Hugging Face. `arxiv`: lists of arXiv, every category as often."""
    by_category: defaultdict[str, list[Text]] = defaultdict(list)
    for path in sorted((DATA / "arxiv_daily").rglob("*.jsonl")):
        for line in path.read_text("utf-8").splitlines():
            row = json.loads(line)
            category = row.get("primary_category") or row["categories"][0]
            text = row.get("abstract") or row.get("summary") or ""
            by_category[category].append((clean(row["title"]), clean(text)))
    corpora = {
        "ml": [(p.title, p.abstract) for papers in hf_days().values() for p in papers],
        "arxiv": [text for texts in by_category.values() for text in texts[:50]],
    }
    for profile, texts in corpora.items():
        sizes = Counter(tag.theme_id for tag in PhraseGrouper(shipped(profile)).tags(texts))
        parts = {theme: round(100 * count / len(texts), 1) for theme, count in sizes.most_common()}
        print(json.dumps({profile: parts}))


def rounded(value: Any) -> Any:
    if isinstance(value, list):
        return [rounded(each) for each in value]
    return round(value, 3) if isinstance(value, float) else value


def main() -> None:
    if "--contents" in sys.argv:
        contents()
        return
    if "--shares" in sys.argv:
        shares()
        return
    days = hf_days()
    figures = {
        **gold(),
        **arxiv_days(),
        **companies(days),
        **real_days(days),
        **inspec(),
        **speed(),
    }
    print(json.dumps({name: rounded(value) for name, value in figures.items()}))


if __name__ == "__main__":
    main()
