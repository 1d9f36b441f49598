"""`digest init`."""

from importlib import resources
from pathlib import Path

import click

from digest.settings import DEFAULT_FILE


@click.command()
@click.argument("file", type=click.Path(path_type=Path), required=False)
@click.option("--config", type=click.Path(path_type=Path), metavar="FILE", help="The same as FILE.")
def init(file: Path | None, config: Path | None) -> int:
    """Write a commented settings file; an existing one stays as it is.

    \b
    Example:
      digest init
      digest init /etc/digest.toml
    """
    file = file or config or Path(DEFAULT_FILE)
    text = (resources.files("digest") / "example.toml").read_text("utf-8")
    try:
        with file.open("x", encoding="utf-8") as new:
            new.write(text)
    except FileExistsError:
        click.echo(f"digest: {file} exists already and stays as it is", err=True)
        return 2
    except OSError as error:
        click.echo(f"digest: {file} cannot be written: {error.strerror}", err=True)
        return 2
    click.echo(f"{file}: every setting with its default; change what you like")
    return 0
