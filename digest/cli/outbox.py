"""`digest unfold`: a mail of the outbox that is kept as an envelope."""

import sys
from pathlib import Path

import click


@click.command()
@click.argument("envelope", type=click.Path(path_type=Path))
def unfold(envelope: Path) -> int:
    """Print the whole mail that an ENVELOPE in the outbox stands for.

    \b
    Example:
      digest unfold outbox/2026-11-20-kdmhfbpaolgc.envelope > mail.eml
      digest unfold outbox/2026-11-20-kdmhfbpaolgc.envelope | digest lint -
    """
    from digest.transports.outbox import whole

    sys.stdout.buffer.write(whole(envelope))
    return 0
