"""The order of imports (docs/architecture.md): a module imports only from groups before its own."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "digest"

ORDER = (
    {"errors"},
    {"model", "cues", "toml_lines", "excerpt"},
    {
        "markup",
        "addresses",
        "pace",
        "crash",
        "cron",
        "look",
        "mime",
        "theme_table",
        "ids",
        "folding",
        "worker",
        "batches",
        "background",
        "links",
        "support",
        "spam",
        "trim",
        "budget",
        "catalogue",
        "mjml_faults",
    },
    {"text", "wording", "reach"},
    {"salience", "filling"},
    {"evidence", "features", "news", "references", "sumy_document", "voice"},
    {"faults"},
    {"sentence"},
    {
        *("accounts", "ports", "reading", "merge", "printings", "keyphrases", "smtp_answers"),
        "query",
    },
    {"audiences"},
    {"setting_tables"},
    {"settings", "store"}
    | {"ingest", "dedupe", "summarise", "themes", "rank", "compose", "render"}
    | {"deliver", "stamps", "bounces", "lint", "subscribe", "archive"}
    | {"formats", "summarisers", "transports", "sources"},
    {"checks"},
    {"pipeline"},
    {"app"},
    {"engines", "web", "studio"},
    {"cli"},
    {"__main__"},
)
PLUGINS = {"formats", "summarisers", "transports"}
MODULES = sorted(path.relative_to(PACKAGE) for path in PACKAGE.rglob("*.py"))


def group_of(name: str) -> int:
    return next(place for place, names in enumerate(ORDER) if name in names)


def imported(path: Path) -> Iterator[str]:
    """The parts of the package that a module imports, at its top or inside a function."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        names = []
        if isinstance(node, ast.ImportFrom) and node.module:
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        yield from (name for name in names if name.split(".")[0] == "digest")


@pytest.mark.parametrize("module", MODULES, ids=str)
def test_a_module_imports_only_from_groups_before_its_own(module: Path):
    own = module.parts[0].removesuffix(".py")
    if own in {"__init__", "store"} and module.name == "env.py":
        return
    for name in imported(PACKAGE / module):
        other = name.split(".")[1]
        if other in {"__version__", own}:
            continue
        assert group_of(other) < group_of(own), f"{module} imports {name}"


@pytest.mark.parametrize("plugins", sorted(PLUGINS))
def test_a_plug_in_does_not_import_another_of_its_kind(plugins: str):
    for path in (PACKAGE / plugins).glob("*.py"):
        for name in imported(path):
            same_kind = name.startswith(f"digest.{plugins}.")
            assert not same_kind or path.name == "__init__.py", f"{path.name} imports {name}"


def test_every_module_has_its_place_in_the_order():
    known = set().union(*ORDER)
    assert {module.parts[0].removesuffix(".py") for module in MODULES} - {"__init__"} == known
