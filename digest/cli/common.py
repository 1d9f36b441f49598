"""What commands have in common: options, JSON, progress, and how to call the next command."""

import gc
import json
import os
import re
import shlex
import shutil
import socket
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from digest.errors import SetupError
from digest.model import DEFAULT_AUDIENCE
from digest.theme_table import PROFILES

if TYPE_CHECKING:
    from digest.app import App

T = TypeVar("T")
Command = TypeVar("Command", bound=Callable[..., Any])

SLOW = 1.0
"""Seconds after which work shows how far it is."""


class IsoDate(click.ParamType[date]):
    name = "YYYY-MM-DD"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        try:
            return value if isinstance(value, date) else date.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} is no date; one is, for example, 2026-11-20", param, ctx)


ISO_DATE = IsoDate()

with_config = click.option(
    "--config",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Settings file (default: digest.toml where there is one).",
)
with_json = click.option(
    "--json", "as_json", is_flag=True, help="Print one JSON document and nothing else."
)

with_audience = click.option(
    "--audience",
    metavar="NAME",
    default=DEFAULT_AUDIENCE,
    show_default=True,
    help="One of the audiences that the settings name.",
)

with_profile = click.option(
    "--profile",
    type=click.Choice(list(PROFILES)),
    help="The shipped table of themes, in place of the one that the settings name.",
)


def open_app(config: Path | None, profile: str | None = None) -> "App":
    gc.disable()  # what is loaded stays, and looking for garbage in it takes a tenth of the time
    from digest import app

    gc.freeze()
    gc.enable()
    opened = app.open_app(config, progress, profile)
    click.get_current_context().call_on_close(opened.close)
    return opened


def print_json(document: Any) -> None:
    r"""Print it in UTF-8 wherever that is; half a surrogate pair, which has no code, as \uXXXX."""
    text = json.dumps(document, ensure_ascii=False, allow_nan=False, default=_plain)
    click.echo(text.encode("utf-8", "backslashreplace"))


def _plain(value: Any) -> Any:
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, Path):
        return str(value)
    raise TypeError(type(value))


def progress(items: Sequence[T], what: str) -> Iterable[T]:
    """Hand on the items; once that takes over a second, show a bar on a terminal."""
    if not sys.stderr.isatty():
        yield from items
        return
    began = time.monotonic()
    rest = enumerate(items)
    for _, item in rest:
        yield item
        if time.monotonic() - began > SLOW:
            break
    bar: Any
    with click.progressbar(length=len(items), label=what, file=sys.stderr) as bar:
        for done, item in rest:
            bar.update(done - bar.pos)
            yield item


def again(command: str) -> str:
    """Return the line that calls a command with the settings file of this one."""
    context = click.get_current_context(silent=True)
    config = context.params.get("config") if context else None
    options = ["--config", shlex.quote(str(config))] if config else []
    return " ".join([_program(), command, *options])


def exported() -> str | None:
    """Return the line that gives a shell the settings that came from variables, less the secrets.

    Without them the next command would work on other files.
    """
    given = [
        f"{name}={shlex.quote(value)}"
        for name, value in sorted(os.environ.items())
        if name.startswith("DIGEST_") and not re.search("PASSWORD|SECRET", name)
        if not re.search("://.*@", value)
    ]
    return f"export {' '.join(given)}" if given else None


def _program() -> str:
    called = Path(sys.argv[0])
    if called.name != "digest":
        return "python -m digest"
    found = shutil.which("digest")
    return "digest" if found and Path(found).samefile(called) else str(called)


def listening(host: str, port: int) -> socket.socket:
    """Open the door of a server; SetupError where that is taken or not ours."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        door = socket.create_server((host, port), family=family)
    except OSError as error:
        raise SetupError(
            f"nothing can listen on {host}:{port}: {error.strerror}; take another --port"
        ) from error
    # Its connections have it too. Else the body of an answer, which is written after its headers,
    # waits until these are acknowledged: 40 ms.
    door.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return door
