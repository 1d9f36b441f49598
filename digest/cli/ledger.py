"""`digest fsck`, and `digest pause`, `resume` and `cancel` for the deliveries of an edition."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from digest.cli.common import open_app, print_json, with_config, with_json

if TYPE_CHECKING:
    from digest.model import Mailing
    from digest.pipeline.fsck import FsckReport

with_editions = click.argument("editions", nargs=-1)


@click.command("fsck")
@with_editions
@with_config
@with_json
def fsck(editions: tuple[str, ...], config: Path | None, *, as_json: bool) -> int:
    """Check that the ledger adds up and its files are whole; change nothing.

    \b
    Example:
      digest fsck
      digest fsck 2026-11-20 --json
    """
    report = open_app(config).fsck(editions)
    if as_json:
        print_json(report.document())
    else:
        for line in _lines(report):
            click.echo(line)
    return report.exit_code


def _lines(report: "FsckReport") -> Iterator[str]:
    from digest.look import counted
    from digest.model import Status

    for each in report.editions:
        account = each.account
        told = [
            f"{account.counts[status]:,} {status}" for status in Status if account.counts[status]
        ]
        end = "finished" if each.finished else "open"
        yield f"{each.edition}: {account.planned:,} planned: {', '.join(told) or 'none'}; {end}"
        if account.perhaps_twice:
            yield f"  {counted(account.perhaps_twice, 'reader')} may have got it twice"
        yield from (f"  WRONG: {line}" for line in each.wrong)
    yield from (f"WRONG: {line}" for line in report.wrong)
    wrong = len(report.wrong) + sum(len(each.wrong) for each in report.editions)
    yield f"{counted(wrong, 'fault')} found" if wrong else "all adds up"


@click.command()
@with_editions
@with_config
@with_json
def pause(editions: tuple[str, ...], config: Path | None, *, as_json: bool) -> int:
    """Hold back what has not gone out of EDITIONS, or of all that are open.

    \b
    Example:
      digest pause
      digest pause 2026-11-20
    """
    return _print(open_app(config).pause(editions), as_json=as_json)


@click.command()
@with_editions
@with_config
@with_json
def resume(editions: tuple[str, ...], config: Path | None, *, as_json: bool) -> int:
    """Let EDITIONS, or all that are open, go on with the next `digest deliver`.

    \b
    Example:
      digest resume
    """
    return _print(open_app(config).resume(editions), as_json=as_json)


@click.command()
@click.argument("edition")
@with_config
@with_json
def cancel(edition: str, config: Path | None, *, as_json: bool) -> int:
    """Send nothing more of EDITION, for good; what has gone out stays so.

    \b
    Example:
      digest cancel 2026-11-20
    """
    return _print([open_app(config).cancel(edition)], as_json=as_json)


def _print(mailings: list["Mailing"], *, as_json: bool) -> int:
    if as_json:
        print_json([_document(each) for each in mailings])
        return 0
    for each in mailings:
        click.echo(f"{each.edition}: {_state(each)}")
    if not mailings:
        click.echo("no edition is open")
    return 0


def _document(each: "Mailing") -> dict[str, Any]:
    return {"edition": each.edition, "state": _state(each), "why": each.paused_why}


def _state(each: "Mailing") -> str:
    if each.cancelled:
        return "cancelled"
    return "paused" if each.paused_why else "open"
