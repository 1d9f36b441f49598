"""`digest dumps` and `digest export`: what was read, and what came of it."""

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from digest.cli.common import open_app, print_json, with_config, with_json

if TYPE_CHECKING:
    from digest.pipeline.dumps import Listed


@click.group(invoke_without_command=True)
@with_config
@with_json
@click.pass_context
def dumps(context: click.Context, config: Path | None, *, as_json: bool) -> int:
    """List every dump: when it was read, its papers, or why it gave none.

    \b
    Example:
      digest dumps
      digest dumps retry
    """
    if context.invoked_subcommand:
        return 0
    found = open_app(config).dumps()
    if as_json:
        print_json([asdict(each) for each in found])
        return 0
    for each in found:
        for line in _lines(each):
            click.echo(line)
    return 0


def _lines(each: "Listed") -> Iterator[str]:
    counts = f"{each.papers} papers, {each.new} new, {each.known} known" if each.format else ""
    taken = f" of {each.taken}" if each.taken else ""
    what = f"{each.format}{taken}: {counts}" if each.format else each.state
    yield f"{each.when:%Y-%m-%d %H:%M}  {each.dump}  {what}"
    if each.why:
        yield f"{'':18}{f'line {each.line}: ' if each.line else ''}{each.why}"
        yield f"{'':18}{each.hint}"


@dumps.command()
@with_config
@with_json
def retry(config: Path | None, *, as_json: bool) -> int:
    """Ingest, and tell what becomes of the dumps that were left out before.

    Every ingest reads them again; this tells whether the mend of a setting or a format has helped.

    \b
    Example:
      digest dumps retry
    """
    from digest.cli.report import print_stage

    app = open_app(config)
    done = app.retry()
    if as_json:
        print_json(done.document())
    else:
        print_stage(app, done)
    return done.exit_code


@click.command()
@with_config
@click.option("--json", is_flag=True, expose_value=False, help="Accepted; it is JSON Lines always.")
def export(config: Path | None) -> int:
    """Print every paper of every dump as JSON Lines, which `digest ingest` reads back.

    Two stores that have read the same dumps, in whatever order, print the same.

    \b
    Example:
      digest export > papers.jsonl
    """
    app = open_app(config)
    for record in app.export():
        print_json(record)
    return 0
