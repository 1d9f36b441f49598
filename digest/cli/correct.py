"""`digest merge` and `digest split`: correct by hand what dedupe decided."""

from pathlib import Path

import click

from digest.cli.common import open_app, print_json, with_config, with_json


@click.command()
@click.argument("one", metavar="PAPER")
@click.argument("other", metavar="OTHER")
@with_config
@with_json
def merge(one: str, other: str, config: Path | None, *, as_json: bool) -> int:
    """Make two papers one: from now on the later one is known and never news.

    Each is named by its work id, an arXiv id, a DOI, or words in quotes that fit one title only.
    The decision holds for all dumps to come; `digest split` takes it back.

    \b
    Example:
      digest merge 3f6c1a2b9d8e7f60 2509.09677
    """
    from digest.text import headline

    work = open_app(config).merge(one, other)
    if as_json:
        print_json({"ref": work.ref, "title": headline(work.title)})
        return 0
    click.echo(f"One paper now: {work.ref} {headline(work.title)}")
    return 0


@click.command()
@click.argument("paper", metavar="PAPER")
@with_config
@with_json
def split(paper: str, config: Path | None, *, as_json: bool) -> int:
    """Part one title of a paper from its others: from now on it is a paper of its own.

    PAPER is the id of a printing, as `digest explain` lists them, or an arXiv id, a DOI, or words
    in quotes. The decision holds for all dumps to come; `digest merge` takes it back.

    \b
    Example:
      digest split 3f6c1a2b9d8e7f60
    """
    from digest.text import headline

    works = open_app(config).split(paper)
    if as_json:
        print_json([{"ref": work.ref, "title": headline(work.title)} for work in works])
        return 0
    for work in works:
        click.echo(f"A paper of its own now: {work.ref} {headline(work.title)}")
    return 0
