"""`digest preview --serve`: the studio, for as long as its editor wants it."""

from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from threading import Thread
from urllib.parse import urlencode

import click

from digest.cli.common import listening

HOST = "127.0.0.1"


def serve(
    config: Path | None,
    port: int,
    day: date | None,
    audience: str,
    to: str | None,
    show: Callable[[str], None],
) -> int:
    """Serve the studio on this machine until it is stopped; `show` opens its first page."""
    from digest.app import open_app
    from digest.studio.server import run
    from digest.studio.studio import Studio, Wanted

    studio = Studio(lambda: open_app(config), config)
    with listening(HOST, port) as door:
        wanted = Wanted(day or studio.today, audience, to)
        # What it asks for first is made while the browser starts.
        Thread(target=studio.edition, args=(wanted,), daemon=True).start()
        address = f"http://{HOST}:{port}/{_query(day, audience, to)}"
        click.echo(address)
        click.echo("It follows what you save; stop it with Ctrl-C.", err=True)
        show(address)
        run(studio, door)
    studio.close()
    return 0


def _query(day: date | None, audience: str, to: str | None) -> str:
    picked: Mapping[str, object | None] = {"day": day, "audience": audience, "to": to}
    return f"?{urlencode({name: value for name, value in picked.items() if value})}"
