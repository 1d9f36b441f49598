"""`digest explain`."""

from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from textwrap import wrap
from typing import Any

import click

from digest.cli.common import open_app, print_json, with_config, with_json
from digest.model import DEFAULT_AUDIENCE

Facts = dict[str, Any]

WIDTH = 98
MOST, LEAST = 10, 0.05
"""How many features of a sentence are told, and from which weight on."""
TIERS = {"card": "as a card", "line": "as a line", "online": "as a line online"}


@click.command()
@click.argument("paper", nargs=-1, required=True, metavar="PAPER")
@with_config
@with_json
def explain(paper: tuple[str, ...], config: Path | None, *, as_json: bool) -> int:
    """Show every decision about a paper with its reason.

    PAPER is a work id, an arXiv id, a DOI, or words that fit one title only.

    \b
    Example:
      digest explain 2509.09677
      digest explain diminishing returns
    """
    found = open_app(config).explain(" ".join(paper))
    if as_json:
        print_json(found)
        return 0
    for stage, facts in found.items():
        click.echo(click.style(stage.capitalize(), bold=True))
        for line in LINES[stage](facts):
            click.echo(f"  {line}")
    return 0


def _paper(facts: Facts) -> Iterator[str]:
    yield facts["title"]
    yield f"work {facts['ref']}, first seen on {facts['first_seen']}"


def _ingest(sightings: list[Facts]) -> Iterator[str]:
    for seen in sightings:
        yield f"{seen['dump']}:{seen['line']}, of {seen['day']}"


def _dedupe(facts: Facts) -> Iterator[str]:
    for each in facts["printings"]:
        taken = f"; its {' and '.join(each['taken'])} won" if each["taken"] else ""
        yield f"{each['ref']} {each['title']}"
        yield f"  {each['answer']}: {each['why']}{_scores(each)}{taken}"
        if each["of"]:
            yield f"  compared with: {each['of']}"
    for each in facts["by_hand"]:
        what = "merged" if each["same"] else "split"
        yield f"{each['one']} and {each['other']} were {what} by hand"
    for each in facts["compared"]:
        yield f"also compared with {each['ref']} {each['title']}"
        yield f"  {each['answer']}: {each['why']}{_scores(each)}"


def _scores(facts: Facts) -> str:
    title, abstract = facts["title_score"], facts["abstract_score"]
    scores = [f"titles {title:.0f} % alike"] if title is not None else []
    scores += [f"{100 * abstract:.0f} % of the abstract shared"] if abstract is not None else []
    return f" ({', '.join(scores)})" if scores else ""


def _summarise(sentences: list[Facts]) -> Iterator[str]:
    for each in sentences:
        role = f"{each['role']}: " if each["role"] else ""
        yield f"{role}{each['why']}:"
        yield from indented(each["sentence"])
        if each["role"]:
            yield from _details(each)
    if not sentences:
        yield "there is no abstract to pick from"


def indented(text: str) -> list[str]:
    return wrap(text, WIDTH, initial_indent="  ", subsequent_indent="  ")


def _details(each: Facts) -> Iterator[str]:
    if each["notes"]:
        yield f"  note: {', '.join(each['notes'])}"
    if each["left_out"]:
        yield f"  left out: {'; '.join(each['left_out'])}"
    if each["features"]:
        told = (f"{name} {weight:+.2f}" for name, weight in _weighty(each["features"]))
        yield from indented(f"because of {', '.join(told)}")


def _weighty(features: list[Facts]) -> list[tuple[str, float]]:
    """The kinds of features with their sums, and the phrases that weigh most."""
    kinds: Counter[str] = Counter()
    for each in features:
        kind, colon, _ = each["feature"].partition(":")
        kinds[kind if colon else f"“{kind}”"] += each["weight"]
    ordered = sorted(kinds.items(), key=lambda kind: -abs(kind[1]))
    return [(name, weight) for name, weight in ordered[:MOST] if abs(weight) >= LEAST]


def _group(facts: Facts) -> Iterator[str]:
    phrases = [f"{each['phrase']} {each['score']:.2f}" for each in facts["phrases"]]
    yield f"theme {facts['theme']}, section {facts['section'] or 'none'}"
    yield f"decided by: {', '.join(phrases) or 'no phrase of the table'}"
    yield f"keywords: {', '.join(facts['keywords']) or 'none'}"


def _choose(audiences: list[Facts]) -> Iterator[str]:
    for each in audiences:
        words = each["chosen_by"]
        if words is None:
            yield f"not for {each['audience']}: {each['query']}"
        elif words:
            yield f"for {each['audience']}, by {', '.join(words)}"
        else:
            yield f"for {each['audience']}, by what it lacks: {each['query']}"


def _rank(editions: list[Facts]) -> Iterator[str]:
    for each in editions:
        whose = "" if each["audience"] == DEFAULT_AUDIENCE else f" for {each['audience']}"
        today = f"if it were published{whose} today"
        where = f"edition {each['edition']}" if each["edition"] else today
        rising = ", rising" if each["rising"] else ""
        parts = [f"{part['part']} {part['value']:.2f}" for part in each["parts"]]
        yield f"{where}: number {each['place']} with {each['score']:.2f}{rising}"
        if parts:
            yield f"  {' + '.join(parts)}".replace("+ diversity -", "- diversity ")
    if not editions:
        yield "it is no candidate"


def _compose(editions: list[Facts] | str) -> Iterator[str]:
    if isinstance(editions, str):
        yield editions
        return
    for each in editions:
        where = "printed in the mail" if each["shown"] else "only in the archive"
        heading = " / ".join(filter(None, (each["heading"], each["sub_heading"])))
        yield (
            f"edition {each['edition']}, {where}, {TIERS[each['tier']]}: "
            f"number {each['place']} under {heading}"
        )
        if each["chosen_by"]:
            yield f"  chosen by {', '.join(each['chosen_by'])}"


def _deliver(editions: list[Facts]) -> Iterator[str]:
    for each in editions:
        counts = [f"{mails['count']} {mails['status']}" for mails in each["mails"]]
        yield f"edition {each['edition']}: {', '.join(counts) or 'no mail is owed'}"
    if not editions:
        yield "nothing is owed"


LINES: dict[str, Callable[[Any], Iterator[str]]] = {
    "paper": _paper,
    "ingest": _ingest,
    "dedupe": _dedupe,
    "summarise": _summarise,
    "group": _group,
    "choose": _choose,
    "rank": _rank,
    "compose": _compose,
    "deliver": _deliver,
}
