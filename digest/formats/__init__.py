"""The dump formats: every module of this package is one, found by its file (docs/formats.md)."""

from importlib import import_module
from pkgutil import iter_modules
from typing import cast

from digest.ports import Format

HEAD = 64 * 1024
"""How many bytes of a dump `accepts` is shown."""


def formats() -> tuple[Format, ...]:
    names = sorted(module.name for module in iter_modules(__path__))
    return tuple(cast("Format", import_module(f"{__name__}.{name}")) for name in names)


def format_of(head: bytes) -> Format | None:
    """Return the format of a dump that begins so; two that both accept it would be a mistake."""
    return next((each for each in formats() if each.accepts(head[:HEAD])), None)


def name_of(dump_format: Format) -> str:
    """Return the name that reports use, which is that of the file."""
    return dump_format.__name__.rpartition(".")[2]
