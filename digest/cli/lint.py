"""`digest lint`: look over mails that are saved in files."""

import sys
from collections.abc import Iterator
from pathlib import Path

import click

from digest import lint as linter
from digest.cli.common import print_json, with_json
from digest.errors import SetupError
from digest.lint import Report
from digest.look import counted
from digest.pipeline import DONE, LEFT_OUT


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@with_json
def lint(files: tuple[Path, ...], *, as_json: bool) -> int:
    """Say what in a mail would harm its delivery or its reader; FILE may be - for standard input.

    The same rules guard every edition before it may go out.

    \b
    Example:
      digest lint outbox/*.eml
      digest preview --eml | digest lint -
    """
    reports = {str(file): linter.lint(_content(file)) for file in files}
    if as_json:
        mails = [{"file": name, **report.document()} for name, report in reports.items()]
        print_json({"mails": mails})
    else:
        for name, report in reports.items():
            for line in _lines(name, report):
                click.echo(line)
    return LEFT_OUT if any(report.errors for report in reports.values()) else DONE


def _content(file: Path) -> bytes:
    try:
        return sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
    except OSError as error:
        raise SetupError(f"{file}: cannot be read: {error.strerror}") from error


def _lines(name: str, report: Report) -> Iterator[str]:
    errors = counted(len(report.errors), "error")
    yield f"{name}: {errors}, {counted(len(report.warnings), 'warning')}"
    for each in (*report.errors, *report.warnings):
        more = f" (and {each.times - 1:,} more)" if each.times > 1 else ""
        yield f"  {each.severity:<8} {each.rule}: {each.where}: {each.found}{more}"
        yield f"{'':11}{each.why}"
    sizes = [f"{size:,} {what.replace('_', ' ')}" for what, size in report.sizes.items()]
    yield f"  bytes    {', '.join(sizes)}"
    yield f"  DKIM     must sign h={report.signed}"
