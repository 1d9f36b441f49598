"""Shows a page in the browser of whoever called a command."""

import os
import sys
import webbrowser

import click

from digest.errors import SetupError


def show(address: str, named: str, *, opens: bool | None) -> None:
    """Open an address, which a person knows as `named`; say where they have to do that by hand.

    `opens` is what was asked for. SetupError where a browser was, and there is none.
    """
    why = "" if opens is False else _open(address)
    if why and opens:
        raise SetupError(f"{why}: open {named} in one, or leave out --open")
    if why:
        click.echo(f"{why}: open it in one.", err=True)


def _open(address: str) -> str:
    """Open it, or say why not; a text browser would take the terminal."""
    if sys.platform == "linux" and not {"DISPLAY", "WAYLAND_DISPLAY"} & os.environ.keys():
        return "There is no browser here"
    return "" if webbrowser.open(address) else "No browser could be started"
