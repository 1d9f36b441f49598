"""`digest bounces`."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from digest.cli.common import open_app, print_json, with_config, with_json

if TYPE_CHECKING:
    from digest.pipeline.bounces import Came, Returns


@click.command()
@click.argument("path", required=False, type=click.Path(path_type=Path))
@with_config
@with_json
def bounces(path: Path | None, config: Path | None, *, as_json: bool) -> int:
    """Read what came back, and send no more to whom it won't reach.

    PATH is a Maildir, whose new mails are read and moved to `cur`, or a file with one mail; without
    it one mail is read from standard input. The setting `bounces` says where mails come back to.

    \b
    Example:
      digest bounces ~/Maildir
      digest bounces report.eml
    """
    from digest.pipeline.bounces import told

    app = open_app(config)
    report = told(_each(app.returns, path))
    if as_json:
        print_json(report.document())
    else:
        click.echo(", ".join(f"{n} {came}" for came, n in report.counts.items()) or "nothing new")
    if report.alarm:
        click.echo(f"digest: {report.alarm}", err=True)
    return report.exit_code


def _each(returns: "Returns", path: Path | None) -> Iterator["Came"]:
    from digest.pipeline.bounces import Came
    from digest.sources import maildir

    if path is None or str(path) == "-":
        yield returns.take(sys.stdin.buffer.read())
    elif not path.is_dir():
        yield returns.take(maildir.mail_of(path))
    else:
        for mail, content in maildir.new_mails(path):
            came = returns.take(content)
            if came is not Came.HELD:
                maildir.set_aside(mail)
            yield came
