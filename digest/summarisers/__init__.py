"""One file per summariser, found by its name."""

import pkgutil
from importlib import import_module
from typing import cast

from digest.errors import UnknownPlugin
from digest.ports import Summariser


def names() -> tuple[str, ...]:
    return tuple(sorted(module.name for module in pkgutil.iter_modules(__path__)))


def summariser(name: str) -> Summariser:
    """The summariser of that name; its libraries are loaded when it is first asked."""
    if name not in names():
        raise UnknownPlugin("summariser", name, names())
    return cast("Summariser", import_module(f"{__name__}.{name}"))
