"""`digest preview --serve`: the studio, for as long as its editor wants it."""

from contextlib import closing
from dataclasses import asdict, dataclass, replace
from datetime import date
from pathlib import Path
from threading import Thread
from urllib.parse import urlencode

import click

from digest.app import App, open_app
from digest.cli.browser import is_asked, show
from digest.cli.common import listening
from digest.studio.server import run
from digest.studio.studio import Studio, Wanted

HOST, PORT = "127.0.0.1", 8700


@dataclass(frozen=True, slots=True)
class Picked:
    """What the command was given, and so what the page shows first."""

    day: date | None
    audience: str
    to: str | None

    @property
    def query(self) -> str:
        return urlencode({name: value for name, value in asdict(self).items() if value})


def serve(
    app: App | None,
    readers: App | None,
    config: Path | None,
    port: int | None,
    picked: Picked,
    *,
    opens: bool | None,
) -> None:
    """Serve the studio on this machine until it is stopped.

    Its database stays the app's whatever the settings come to say; readers are those of another
    app where that is a trial. There is no app where the settings are wrong yet.
    """
    database = {"database": app.settings.database} if app else {}

    def again() -> App:
        fresh = open_app(config)
        return replace(fresh, settings=fresh.settings.model_copy(update=database))

    others = None if readers is app else readers
    with closing(Studio(app, again, config, picked.day, others)) as studio:
        at = port or PORT
        with listening(HOST, at) as door:
            address = f"http://{HOST}:{at}/?{picked.query}"
            opened = is_asked(address, opens=opens)
            click.echo(address)
            click.echo("It follows what you save; stop it with Ctrl-C.", err=True)
            if app:  # what the page shows first is made while the browser starts
                wanted = Wanted(picked.day or app.today, picked.audience, picked.to)
                Thread(target=studio.edition, args=(wanted,), daemon=True).start()
            if opened:
                Thread(target=show, args=(address,), daemon=True).start()
            run(studio, door)
