"""`digest schedule`."""

import logging
from pathlib import Path

import click

from digest.cli.common import open_app, with_config


@click.command()
@with_config
def schedule(config: Path | None) -> int:
    """Do the daily job on its schedule until stopped (Ctrl-C).

    A time that was missed while the program was down is made up for once.

    \b
    Example:
      digest schedule
      DIGEST_SCHEDULE='30 6 * * 1-5' DIGEST_TIMEZONE=Europe/Berlin digest schedule
    """
    from digest.engines.local import Schedule

    logging.getLogger("digest").setLevel(logging.INFO)
    Schedule(open_app(config)).run()
    return 0
