"""`digest serve`."""

import logging
from pathlib import Path

import click

from digest.cli.common import listening, open_app, with_config


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--port", default=8080, show_default=True, type=click.IntRange(1, 65_535))
@with_config
def serve(host: str, port: int, config: Path | None) -> int:
    """Answer the links in mails: unsubscribe and preferences; show the archive beside them.

    The address under which the world reaches it is the setting public_url, by a proxy that speaks
    https.

    \b
    Example:
      digest serve --port 8080
    """
    import uvicorn

    from digest.web import application

    app = open_app(config)
    pages = application(app)  # opens the database: who is answered is answered in full
    door = listening(host, port)
    logging.getLogger("digest").setLevel(logging.INFO)
    click.echo(
        f"http://{host}:{port}/ serves {app.settings.archive}; stop it with Ctrl-C", err=True
    )
    # Its log would hold the tokens of the links.
    uvicorn.Server(uvicorn.Config(pages, access_log=False, log_level="warning")).run([door])
    return 0
