"""How well dedupe tells works apart: real dumps, gold pairs, look-alikes, damage, replayed days.

    python benchmarks/dedupe.py [SHARED] [--pairs FILE] [--look-alikes FILE] [--list] [--only PART]

SHARED is the folder with dumps, gold and data (default: `shared` beside the repository). FILE takes
the place of xsource_gold/dev.jsonl or of er_scholarly/hard_negatives.json. --list prints the pairs
that a person should read. No store: everything is in memory, ids are hidden but for the replay. The
last line is one JSON object; speeds are papers a second of one core.
"""

import csv
import io
import json
import pickle
import random
import re
import sys
import time
import warnings
from argparse import ArgumentParser, Namespace
from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator
from datetime import date
from functools import partial
from itertools import combinations
from pathlib import Path
from typing import Any

from rapidfuzz import fuzz

from digest.batches import batches
from digest.dedupe.fingerprint import printing
from digest.dedupe.likeness import compare, judge
from digest.dedupe.memory import Memory
from digest.dedupe.recognise import Recogniser
from digest.formats import HEAD, format_of
from digest.ingest import dated, day_in_name
from digest.model import Answer, Sighting
from digest.printings import Fingerprint, Printing
from digest.text import title_key

SEED = 4
SAMPLE = 600
MOST_LISTED = 200
ROOT = Path(__file__).parents[1]
SOME_DAY, LATER = date(2020, 1, 1), date(2040, 1, 1)


# --- reading --------------------------------------------------------------------------------


def dump(path: Path) -> list[Sighting]:
    content = path.read_bytes()
    found = format_of(content[:HEAD])
    return list(dated(found.papers(io.BytesIO(content)), day_in_name(path.name))) if found else []


def dumps(folder: Path, pattern: str) -> Iterator[tuple[date, Sighting]]:
    for path in sorted(folder.rglob(pattern)):
        day = day_in_name(path.name)
        yield from ((day or SOME_DAY, sighting) for sighting in dump(path))


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def bare(title: str, abstract: str = "") -> Fingerprint:
    return printing(title, abstract).fingerprint


# --- driving --------------------------------------------------------------------------------


def see(known: Memory, papers: Iterable[tuple[date, Printing]]) -> list[int]:
    """Add and decide in batches; return a handle for each paper."""
    handles: list[int] = []
    for some in batches(papers):
        fresh = {}
        for day, paper in some:
            handle = known.add(paper, day)
            handles.append(handle)
            fresh[handle] = paper
        recogniser = Recogniser(known)
        recogniser.see(fresh)
        for handle, verdict in recogniser.verdicts.items():
            known.answer(handle, verdict.answer, verdict.of)
    return handles


def works(known: Memory, handles: list[int]) -> list[int]:
    members = known.members(set(handles))
    return [members[handle].representative for handle in handles]


def rates(right: int, said: int, true: int) -> dict[str, float]:
    found = {"P": right / said, "R": right / true, "F1": 2 * right / (said + true)}
    return {name: round(100 * value, 2) for name, value in found.items()}


def pairs_of(groups: Iterable[int]) -> int:
    return sum(n * (n - 1) // 2 for n in groups)


def clusters(found: Iterable[Hashable], gold: Iterable[Hashable]) -> dict[str, float]:
    """Rate pairs: those that are together in what was found, and in truth."""
    both = list(zip(found, gold, strict=True))
    together = pairs_of(Counter(both).values())
    said = pairs_of(Counter(one for one, _ in both).values())
    return rates(together, said, pairs_of(Counter(other for _, other in both).values()))


# --- the parts ------------------------------------------------------------------------------


def four_dumps(asked: Namespace) -> dict[str, Any]:
    """All pairs of two dumps; two papers are one work where the gold prints the same text."""
    gold = []
    for n, path in enumerate(sorted((asked.shared / "gold").glob("*.gold.json"))):
        papers = json.loads(path.read_text("utf-8"))["papers"]
        gold += [(n, each["title"].removeprefix("Subscribe"), each["abstract"]) for each in papers]
    prints = [bare(title, abstract) for _, title, abstract in gold]
    found = Counter[tuple[bool, Answer]]()
    for i, j in combinations(range(len(gold)), 2):
        found[gold[i][1:] == gold[j][1:], compare(prints[i], prints[j]).answer] += 1
    return {
        "four_dumps_pairs": sum(found.values()),
        "four_dumps_found": found[True, Answer.SAME],
        "four_dumps_missed": found[True, Answer.NEW] + found[True, Answer.RELATED],
        "four_dumps_false": found[False, Answer.SAME],
        "four_dumps_related": found[False, Answer.RELATED],
    }


def sources(asked: Namespace) -> dict[str, Any]:
    """The same papers as several sources print them."""
    rows = lines(asked.pairs or asked.shared / "data" / "xsource_gold" / "dev.jsonl")
    rows.sort(key=lambda row: str(row["date"]))
    began = time.process_time()
    papers = [
        (date.fromisoformat(row["date"][:10]), printing(row["title"], row["abstract"]))
        for row in rows
    ]
    printed = time.process_time()
    known = Memory()
    handles = see(known, papers)
    ended = time.process_time()
    found, gold = works(known, handles), [row["gold"] for row in rows]
    titles = {handle: row["title"] for handle, row in zip(handles, rows, strict=True)}
    tell(asked, "a wrong pair", wrong(found, gold, [row["title"] for row in rows]))
    tell(asked, "related", related(known, titles))
    return {
        "sources_papers": len(rows),
        "sources": clusters(found, gold),
        "sources_by_title_alone": clusters((title_key(row["title"]) for row in rows), gold),
        "fingerprints_per_s": round(len(rows) / (printed - began)),
        "decisions_per_s": round(len(rows) / (ended - printed)),
        "fingerprints_and_decisions_per_s": round(len(rows) / (ended - began)),
    }


def title_pairs(asked: Namespace) -> dict[str, Any]:
    """Look-alikes of which only titles are known, in small letters already."""
    rows = lines(asked.shared / "data" / "xsource_gold" / "hard_negative_title_pairs.jsonl")
    merged = [
        f"{row['title_a']} | {row['title_b']}"
        for row in rows
        if title_key(row["title_a"]) != title_key(row["title_b"])
        and compare(bare(row["title_a"]), bare(row["title_b"])).answer is Answer.SAME
    ]
    tell(asked, "look-alikes merged", merged)
    return {"title_pairs": len(rows), "title_pairs_merged": len(merged)}


def look_alikes(asked: Namespace) -> dict[str, Any]:
    """Different papers with much the same title."""
    path = asked.look_alikes or asked.shared / "data" / "er_scholarly" / "hard_negatives.json"
    rows = json.loads(path.read_text("utf-8"))
    merged: dict[str, list[str]] = {"with_abstracts": [], "by_titles": [], "in_spite_of_number": []}
    for row in rows:
        one, other = bare(row["a"]), bare(row["b"])
        conflict = numbers(row["a"]) != numbers(row["b"])
        for kind, shares in (("with_abstracts", row["abs_containment"]), ("by_titles", None)):
            if judge(one, other, shares).answer is Answer.SAME:
                merged[kind].append(f"{shares} {row['a']} | {row['b']}")
                merged["in_spite_of_number"] += [f"{row['a']} | {row['b']}"] * conflict
    for kind, some in merged.items():
        tell(asked, f"look-alikes merged {kind}", some)
    return {"look_alikes": len(rows)} | {
        f"look_alikes_merged_{kind}": len(some) for kind, some in merged.items()
    }


def numbers(title: str) -> list[str]:
    return re.findall(r"\d+(?:\.\d+)*|\+\+|\b(?:part|version|i{1,3}|iv|v)\b", title.lower())


def damage(asked: Namespace) -> dict[str, Any]:
    """Find damaged printings in a history of real papers; the first of a row is its target."""
    data, history = asked.shared / "data", []
    folders = data / "arxiv_daily" / "arxiver", data / "arxiv_daily" / "cs_multi"
    for folder in (*folders, data / "arxiv_daily" / "qbio", data / "hf_daily_json" / "raw"):
        history += [each for _, each in dumps(folder, "*.json*")]
    known = Memory()
    prints = [printing(each.title, each.abstract) for each in history]
    handles = see(known, ((SOME_DAY, each) for each in prints))
    frozen = pickle.dumps(known)
    first = dict(zip(handles[::-1], history[::-1], strict=True))
    whole = {handle: each for handle, each in first.items() if each.title and each.abstract}
    rows = {name: damaged(pickle.loads(frozen), whole, row) for name, row in DAMAGE.items()}
    return {"damage_history": len(known.members(set(handles))), "damage": rows}


def damaged(known: Memory, whole: dict[int, Sighting], row: "Row") -> dict[str, float]:
    """Which part of the damaged papers is found, and which is taken for another one."""
    target, length, change = row
    some: dict[int, Printing] = {}
    for handle in random.Random(SEED).sample(sorted(whole), len(whole)):
        paper = whole[handle]
        title = change(paper.title)
        if title not in ("", paper.title):
            some[handle] = printing(title, paper.abstract[:length])
        if len(some) == SAMPLE:
            break
    handles = see(known, ((LATER, each) for each in some.values()))
    found, truth = works(known, handles), works(known, list(some))
    answers = Counter(
        "found" if work == true else known.members([handle])[handle].answer.value
        for handle, work, true in zip(handles, found, truth, strict=True)
    )
    counts = {"found": answers["found"], "another": answers["same"], "related": answers["related"]}
    return {"target": target, "n": len(some)} | {
        name: round(100 * count / len(some), 1) for name, count in counts.items()
    }


# --- damage ---------------------------------------------------------------------------------

Row = tuple[float, int | None, Callable[[str], str]]
LATIN = [
    *("alpha", "beta", "gamma", "delta", "epsilon", "lambda", "mu", "pi", "sigma", "tau", "phi"),
    *("chi", "psi", "omega", "Delta", "Lambda", "Sigma", "Phi", "Psi", "Omega"),
]
GREEK = dict(zip("αβγδελμπστφχψωΔΛΣΦΨΩ", LATIN, strict=True))
OTHER_WORDS = ["kites", "rivers", "lanterns", "orchards", "winter", "harbour", "sparrows", "copper"]


def stripped(title: str) -> str:
    return re.sub(r"[\\$]", "", title)


def greek(title: str, sign: str) -> str:
    for letter, name in GREEK.items():
        title = title.replace(letter, f"{sign}{name} ")
    return title


def ascii_only(title: str) -> str:
    return title.encode("ascii", "ignore").decode()


def repunctuated(title: str) -> str:
    return title.replace(": ", " - ").replace("-", " ").replace(",", "") + "."


def typos(title: str) -> str:
    """Two letters that are swapped with the next, dropped, doubled or replaced."""
    chance = random.Random(title)
    letters = list(title)
    places = [i for i in range(1, len(title) - 1) if title[i : i + 2].isalpha()]
    for i in sorted(chance.sample(places, min(2, len(places))), reverse=True):
        a, b = letters[i : i + 2]
        letters[i : i + 2] = chance.choice(((b, a), (b,), (a, a, b), (chance.choice("aeiostn"), b)))
    return "".join(letters)


def head(title: str) -> str:
    return title[:60] if len(title) > 60 else ""


def without_subtitle(title: str) -> str:
    name, colon, _ = title.partition(": ")
    return name if colon else ""


def renamed(title: str) -> str:
    return " ".join(random.Random(title).choices(OTHER_WORDS, k=6))


def glued(title: str) -> str:
    return f"Subscribe{title}" if re.match("[A-Z0-9]", title) else ""


# What the research reached ("cascade" in its table) on a history of 127,194 papers, how much of
# the abstract is left, and what is done to the title.
DAMAGE: dict[str, Row] = {
    "latex_stripped": (100, None, stripped),
    "greek_spelt": (100, None, partial(greek, sign="")),
    "greek_as_latex": (100, None, partial(greek, sign="\\")),
    "non_ascii_dropped": (100, None, ascii_only),
    "punctuation_changed": (100, None, repunctuated),
    "upper_case": (100, None, str.upper),
    "two_typos": (99.7, None, typos),
    "two_typos_no_abstract": (98.8, 0, typos),
    "title_at_60": (97.8, None, head),
    "title_at_60_no_abstract": (90.8, 0, head),
    "title_at_60_abstract_at_200": (94.7, 200, head),
    "subtitle_dropped": (91.6, None, without_subtitle),
    "subtitle_dropped_abstract_at_300": (77.8, 300, without_subtitle),
    "subtitle_dropped_no_abstract": (16, 0, without_subtitle),
    "title_replaced": (89.5, None, renamed),
    "chrome_glued_on": (100, None, glued),
}


# --- bibliographies -------------------------------------------------------------------------


def dblp_acm(asked: Namespace) -> dict[str, Any]:
    """Two tables of the same papers: titles, authors, years, no abstracts."""
    folder = asked.shared / "data" / "er_scholarly" / "dblp_acm"
    gold = {(int(row["D1"]), int(row["D2"])) for row in table(folder / "gt.csv", "%")}
    known = Memory()
    sides, fingerprints = [], []
    for name in ("dblp", "acm"):
        papers = [bibliographic(row) for row in table(folder / f"{name}.csv", "%")]
        fingerprints.append([each.fingerprint for each in papers])
        sides.append(see(known, ((SOME_DAY, each) for each in papers)))
    found = [works(known, handles) for handles in sides]
    partners: defaultdict[int, list[int]] = defaultdict(list)
    for j, work in enumerate(found[1]):
        partners[work].append(j)
    together = {(i, j) for i, work in enumerate(found[0]) for j in partners[work]}
    assigned = one_to_one(*fingerprints)
    for kind, said in (("together", together), ("assigned", assigned)):
        tell(asked, f"DBLP-ACM wrongly {kind}", map(repr, named(said - gold, fingerprints)))
        tell(asked, f"DBLP-ACM not {kind}", map(repr, named(gold - said, fingerprints)))
    return {
        "dblp_acm": rates(len(together & gold), len(together), len(gold)),
        "dblp_acm_one_to_one": rates(len(assigned & gold), len(assigned), len(gold)),
    }


def table(path: Path, delimiter: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(path.read_text("utf-8")), delimiter=delimiter))


def bibliographic(row: dict[str, str]) -> Printing:
    authors = [name.strip() for name in row["authors"].split(",") if name.strip()]
    year = int(row["year"]) if row["year"] else None
    return printing(row["title"], "", year=year, authors=authors)


LEAST = 0.66
"""Of the mean of title and authors; what is less alike has no partner."""


def one_to_one(ours: list[Fingerprint], theirs: list[Fingerprint]) -> set[tuple[int, int]]:
    """Give each paper at most one partner, the most alike pairs first."""
    years: defaultdict[int | None, list[int]] = defaultdict(list)
    for j, fingerprint in enumerate(theirs):
        years[fingerprint.year].append(j)
    scored = [
        (-score, i, j)
        for i, one in enumerate(ours)
        for j in (*years[one.year], *years[None])
        if (score := alike(one, theirs[j])) >= LEAST
    ]
    here: set[int] = set()
    there: set[int] = set()
    found = set()
    for _, i, j in sorted(scored):
        if i not in here and j not in there:
            here.add(i)
            there.add(j)
            found.add((i, j))
    return found


def alike(one: Fingerprint, other: Fingerprint) -> float:
    title = fuzz.ratio(one.title, other.title, score_cutoff=60) / 100
    fewer = min(len(one.authors), len(other.authors))
    authors = len(set(one.authors) & set(other.authors)) / fewer if fewer else 0.5
    return 0.7 * title + 0.3 * authors if title else 0.0


def named(
    pairs: set[tuple[int, int]], fingerprints: list[list[Fingerprint]]
) -> Iterator[tuple[str, ...]]:
    for i, j in sorted(pairs):
        one, other = fingerprints[0][i], fingerprints[1][j]
        yield one.title, str(one.year), other.title, str(other.year), compare(one, other).why


def cora(asked: Namespace) -> dict[str, Any]:
    """References to 112 works, many of them garbled; nothing here is tuned to them."""
    folder = asked.shared / "data" / "er_scholarly" / "cora"
    known = Memory()
    rows = table(folder / "cora.csv", "|")
    handles = see(known, ((SOME_DAY, reference(row)) for row in rows))
    gold = {
        tuple(sorted(map(int, line.split("|"))))
        for line in (folder / "cora_gt.csv").read_text("utf-8").splitlines()
    }
    found = works(known, handles)
    said = {pair for pair in combinations(range(len(rows)), 2) if found[pair[0]] == found[pair[1]]}
    return {"cora": rates(len(said & gold), len(said), len(gold))}


def reference(row: dict[str, str]) -> Printing:
    year = re.search(r"\d{4}", row["year"] or "")
    names = re.split(r",? and |(?<=[a-z]{2}),", row["author"] or "")
    authors = [name.strip(" .,&") for name in names if name.strip(" .,&")]
    return printing(row["title"], "", year=int(year.group()) if year else None, authors=authors)


def hard_pairs(asked: Namespace) -> dict[str, Any]:
    """BibDedupe's cases: one work or not, by bibliographic records."""
    path = asked.shared / "data" / "er_scholarly" / "sr_dedupe" / "bibdedupe_test_cases.json"
    cases = json.loads(path.read_text("utf-8"))["cases"]
    found = Counter[tuple[bool, str]]()
    mistakes = []
    for case in cases:
        likeness = compare(record(case["record_a"]), record(case["record_b"]))
        expected = case["expected_duplicate"]
        found[expected, likeness.answer.value] += 1
        if expected != (likeness.answer is Answer.SAME):
            mistakes.append(f"{case['id']}: {likeness.answer}, {likeness.why}")
    tell(asked, "hard pairs that are wrong", mistakes)
    return {
        "hard_pairs": len(cases),
        "hard_pairs_right": len(cases) - len(mistakes),
        "hard_pairs_merged_wrongly": found[False, "same"],
    }


def record(fields: dict[str, str]) -> Fingerprint:
    year = fields.get("year") or ""
    return printing(
        fields.get("title") or "",
        fields.get("abstract") or "",
        doi=fields.get("doi"),
        year=int(year) if year.isdigit() else None,
        authors=re.split(r" and |; ", fields.get("author") or ""),
    ).fingerprint


# --- replayed days --------------------------------------------------------------------------


def replay(asked: Namespace) -> dict[str, Any]:
    """Days as they came, with the ids that are printed, then the same days in another order."""
    data = asked.shared / "data"
    sets = {
        "cs_multi": dumps(data / "arxiv_daily" / "cs_multi", "*.jsonl"),
        "hf_rss": dumps(data / "feeds" / "hf_rss", "*.xml"),
        "jwst_rss": dumps(data / "feeds" / "jwst_rss", "*.xml"),
    }
    return {f"replay_{name}": replayed(name, list(days), asked) for name, days in sets.items()}


def replayed(name: str, days: list[tuple[date, Sighting]], asked: Namespace) -> dict[str, Any]:
    papers = [(day, printed(sighting)) for day, sighting in days]
    known = Memory()
    handles = see(known, papers)
    found = works(known, handles)
    ids = {each.arxiv_id or each.doi or title_key(each.title) for _, each in days}
    titles = {handle: each.title for handle, (_, each) in zip(handles, days, strict=True)}
    follow = list(related(known, titles))
    tell(asked, f"related in {name}", follow)
    texts = [each.arxiv_id or each.doi or title_key(each.title) for _, each in days]
    tell(asked, f"merged in {name}", wrong(found, texts, [each.title for _, each in days]))
    return {
        "papers": len(days),
        "ids": len(ids),
        "works": len(set(found)),
        "off_per_cent": round(100 * (len(set(found)) / len(ids) - 1), 3) if ids else None,
        "related": len(follow),
        "differ_when_shuffled_per_cent": shuffled(papers, refs(known, handles)),
    }


def printed(sighting: Sighting) -> Printing:
    published = sighting.published.date() if sighting.published else None
    return printing(
        sighting.title,
        sighting.abstract,
        arxiv_id=sighting.arxiv_id,
        doi=sighting.doi,
        year=published.year if published else None,
        authors=sighting.authors,
    )


def refs(known: Memory, handles: list[int]) -> list[str]:
    members = known.members({*handles, *works(known, handles)})
    return [members[members[handle].representative].fingerprint.ref for handle in handles]


def shuffled(papers: list[tuple[date, Printing]], before: list[str]) -> float | None:
    """Which part of the works differs when the same papers come in another order, in per cent."""
    order = random.Random(SEED).sample(range(len(papers)), len(papers))
    known = Memory()
    after = refs(known, see(known, (papers[i] for i in order)))
    here = {(ref, papers[i][1].fingerprint.ref) for i, ref in enumerate(before)}
    there = {(ref, papers[i][1].fingerprint.ref) for i, ref in zip(order, after, strict=True)}
    differ = {ref for ref, _ in here ^ there}
    return round(100 * len(differ) / len(set(before)), 3) if papers else None


# --- telling --------------------------------------------------------------------------------


def tell(asked: Namespace, what: str, some: Iterable[str]) -> None:
    if asked.list:
        for line in list(some)[:MOST_LISTED]:
            print(f"{what}: {line}", file=sys.stderr)


def wrong(found: list[int], gold: list[Any], titles: list[str]) -> Iterator[str]:
    """A pair for each two truths that are together."""
    groups: defaultdict[int, dict[Any, str]] = defaultdict(dict)
    for work, truth, title in zip(found, gold, titles, strict=True):
        groups[work].setdefault(truth, title)
    for group in groups.values():
        for (one, title), (other, name) in combinations(group.items(), 2):
            yield f"{one} {title} | {other} {name}"


def related(known: Memory, titles: dict[int, str]) -> Iterator[str]:
    members = known.members(set(titles))
    for handle, member in members.items():
        if member.answer is Answer.RELATED and member.of is not None:
            likeness = compare(member.fingerprint, members[member.of].fingerprint)
            scores = f"{likeness.title} {likeness.abstract}"
            yield f"{titles[handle]} | {titles[member.of]} | {scores} {likeness.why}"


PARTS = {
    part.__name__: part
    for part in (
        four_dumps,
        sources,
        title_pairs,
        look_alikes,
        damage,
        dblp_acm,
        cora,
        hard_pairs,
        replay,
    )
}


def main() -> None:
    warnings.simplefilter("ignore")  # feedparser alone warns of its own past
    parser = ArgumentParser()
    parser.add_argument("shared", nargs="?", type=Path, default=ROOT.parent / "shared")
    parser.add_argument("--pairs", type=Path)
    parser.add_argument("--look-alikes", type=Path)
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--only", choices=PARTS)
    asked = parser.parse_args()
    figures: dict[str, Any] = {}
    for name, part in PARTS.items():
        if asked.only in (None, name):
            figures |= part(asked)
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
