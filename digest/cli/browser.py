"""Shows a page in the browser of whoever called a command."""

import os
import sys
import webbrowser

import click

from digest.errors import SetupError

NONE = "There is no browser here"


def is_asked(named: str, *, opens: bool | None) -> bool:
    """Whether a page is to be opened; where it can't be, say so, by the name that a person uses.

    `opens` is what was asked for; a text browser would take the terminal. SetupError where a
    browser was asked for and there is none.
    """
    if opens is False:
        return False
    if sys.platform != "linux" or {"DISPLAY", "WAYLAND_DISPLAY"} & os.environ.keys():
        return True
    if opens:
        raise SetupError(f"{NONE}: open {named} in one, or leave out --open")
    click.echo(f"{NONE}: open it in one.", err=True)
    return False


def show(address: str) -> None:
    """Open an address, which may take as long as a browser takes to start."""
    if not webbrowser.open(address):
        click.echo("No browser could be started: open it in one.", err=True)
