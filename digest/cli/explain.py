"""`digest explain`."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from digest.cli.common import open_app, print_json, with_config, with_json


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
    from digest.pipeline.explain import explain

    app = open_app(config)
    found = explain(app.store, app.press, " ".join(paper))
    if as_json:
        print_json(found)
        return 0
    for stage, facts in found.items():
        click.echo(click.style(stage.capitalize(), bold=True))
        for line in _lines(facts):
            click.echo(f"  {line}")
    return 0


def _lines(facts: Any) -> Iterator[str]:
    if isinstance(facts, list):
        for each in facts:
            yield from _lines(each)
    elif isinstance(facts, dict) and not any(isinstance(v, list | dict) for v in facts.values()):
        yield "  ".join(_shown(value) for value in facts.values() if value is not None)
    elif isinstance(facts, dict):
        for key, value in facts.items():
            inner = list(_lines(value)) if isinstance(value, list | dict) else [_shown(value)]
            yield f"{key}: {'; '.join(inner) or 'none'}"
    else:
        yield _shown(facts)


def _shown(value: Any) -> str:
    return f"{value:.2f}" if isinstance(value, float) else str(value)
