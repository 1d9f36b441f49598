"""`digest preview --serve`: the studio, for as long as its editor wants it."""

from dataclasses import asdict, dataclass, replace
from datetime import date
from pathlib import Path
from threading import Thread
from urllib.parse import urlencode

import click

from digest.app import App, open_app
from digest.cli.browser import show
from digest.cli.common import listening
from digest.studio.server import run
from digest.studio.studio import Studio, Wanted

HOST = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Picked:
    """What the command was given, and so what the page shows first."""

    day: date | None
    audience: str
    to: str | None

    @property
    def query(self) -> str:
        return urlencode({name: value for name, value in asdict(self).items() if value})


def serve(app: App, config: Path | None, port: int, picked: Picked, *, opens: bool | None) -> None:
    """Serve the studio on this machine until it is stopped; its database stays the app's."""

    def again() -> App:
        fresh = open_app(config)
        database = {"database": app.settings.database}
        return replace(fresh, settings=fresh.settings.model_copy(update=database))

    studio = Studio(app, again, config)
    with listening(HOST, port) as door:
        wanted = Wanted(picked.day or app.today, picked.audience, picked.to)
        # What the page asks for first is made while the browser starts.
        Thread(target=studio.edition, args=(wanted,), daemon=True).start()
        address = f"http://{HOST}:{port}/?{picked.query}"
        click.echo(address)
        click.echo("It follows what you save; stop it with Ctrl-C.", err=True)
        show(address, address, opens=opens)
        run(studio, door)
    studio.close()
