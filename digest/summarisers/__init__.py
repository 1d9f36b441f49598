"""One file per summariser, found by its name; Sumy's own methods share one."""

import pkgutil
from importlib import import_module
from typing import cast

from digest.errors import UnknownPlugin
from digest.ports import Summariser
from digest.summarisers import trained
from digest.summarisers.stock import STOCK

FALLBACK = "edmundson"
"""Stands in for the trained summariser where its weights are missing."""


def names() -> tuple[str, ...]:
    files = {module.name for module in pkgutil.iter_modules(__path__)}
    return tuple(sorted(files - {"stock"} | STOCK.keys()))


def summariser(name: str) -> Summariser:
    """The summariser of that name; its libraries are loaded when it is first asked."""
    if name not in names():
        raise UnknownPlugin("summariser", name, names())
    if name in STOCK:
        return STOCK[name]
    if name == "trained" and not trained.WEIGHTS.exists():
        name = FALLBACK
    return cast("Summariser", import_module(f"{__name__}.{name}"))
