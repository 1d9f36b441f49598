"""digest.toml and the environment: read once, all checked, frozen."""

import os
import re
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, PrivateAttr, SecretStr, ValidationError
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from digest import crash, theme_table
from digest.audiences import Audience
from digest.errors import ConfigError, RenderError, UnknownPlugin
from digest.filling import locale, shipped
from digest.model import DEFAULT_AUDIENCE
from digest.setting_tables import (
    TABLES,
    Address,
    AudienceName,
    AudienceSettings,
    BounceAddress,
    CommandSettings,
    CronLine,
    DeliverySettings,
    MinPapers,
    RankingSettings,
    SmtpSettings,
    Title,
    WebAddress,
    Zone,
)
from digest.theme_table import ThemeTable
from digest.toml_lines import line_of

DEFAULT_FILE = "digest.toml"
PREFIX = "DIGEST_"
NESTED = "__"

AUDIENCES = "audiences"
"""The setting that holds a table for each audience; no variable leads into it."""


@dataclass(frozen=True, slots=True)
class _Source:
    """Where settings are from; that makes no difference between them."""

    file: str = field(default="", compare=False)
    text: str = field(default="", compare=False)


class Settings(BaseSettings):
    """Every setting with its default; docs/configuration.md explains each.

    Relative paths count from the folder of the settings file, or from the working folder where
    there is none. An environment variable wins over the file.
    """

    # The defaults are known to be good: checking them would load what nobody has asked for.
    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_nested_delimiter=NESTED,
        extra="forbid",
        frozen=True,
        validate_default=False,
    )

    name: Title = "Paper digest"
    sender: Address = "digest@localhost"
    owner: Address | None = None
    unsubscribe: Address | None = None
    bounces: BounceAddress | None = None
    public_url: WebAddress = ""
    imprint: str = Field(default="", max_length=200)
    locale: str = "en"
    timezone: Zone = "UTC"
    schedule: CronLine = "0 7 * * *"
    min_papers: MinPapers = 1
    dumps: Path = Path("dumps")
    outbox: Path = Path("outbox")
    archive: Path = Path("archive")
    var: Path = Path("var")
    templates: Path | None = None
    profile: Literal["ml", "arxiv"] = "ml"
    themes: Path | None = None
    database: str = "sqlite:///var/digest.db"
    secret: SecretStr | None = None
    summariser: str = "trained"
    transport: Literal["outbox", "smtp", "command"] = "outbox"
    whole_mails: int = Field(default=1_000, ge=0, le=1_000_000_000)
    expire_after_hours: float = Field(default=72, gt=0, le=8_760)
    max_dump_bytes: int = Field(default=50_000_000, gt=0, le=10_000_000_000)
    max_dump_ratio: int = Field(default=100, gt=0, le=100_000)
    max_dump_papers: int = Field(default=100_000, gt=0, le=100_000_000)
    ranking: RankingSettings = RankingSettings()
    delivery: DeliverySettings = DeliverySettings()
    smtp: SmtpSettings = SmtpSettings()
    command: CommandSettings = CommandSettings()
    audiences: dict[AudienceName, AudienceSettings] = {}

    _source: _Source = PrivateAttr(_Source())

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003 - the signature is pydantic's
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return env_settings, init_settings

    def stand_in(self, file: str, text: str) -> None:
        """Note which file these are of, to name its lines."""
        self._source = _Source(file, text)

    def wrong(self, *keys: str, problem: str) -> ConfigError:
        """What to raise of a value that turns out to be wrong when it is used."""
        where = _where(list(keys), self._source.text, self._source.file)
        return ConfigError(where, f"{'.'.join(keys)}: {problem}")

    def under(self, root: Path) -> "Settings":
        """Return the settings with relative paths and SQLite files taken from `root`."""
        places = {
            name: root / path
            for name in ("dumps", "outbox", "archive", "var", "templates", "themes")
            if (path := getattr(self, name)) is not None
        }
        database = re.sub(
            r"^(sqlite:///)(?!/|:memory:)(.+)", lambda m: f"{m[1]}{root / m[2]}", self.database
        )
        audiences = {
            name: each.model_copy(update={"templates": each.templates and root / each.templates})
            for name, each in self.audiences.items()
        }
        return self.model_copy(update={**places, "database": database, AUDIENCES: audiences})

    def theme_table(self) -> ThemeTable:
        """The profile's table of themes with the user's own file laid over it."""
        base = theme_table.shipped(self.profile)
        if self.themes is None:
            return base
        try:
            text = self.themes.read_text("utf-8")
        except FileNotFoundError:
            problem = "no such file; write one (docs/themes.md), or take the setting away"
        except OSError as error:
            problem = f"cannot be read: {error.strerror}"
        except UnicodeDecodeError:
            problem = "is no text in UTF-8; save it as such"
        else:
            return theme_table.load(text, str(self.themes), over=base)
        raise self.wrong("themes", problem=f"{self.themes}: {problem}")

    @property
    def everyone(self) -> dict[str, Audience]:
        """The audiences by their names: all, which is always there, and then as in the file."""
        given = {DEFAULT_AUDIENCE: AudienceSettings(), **self.audiences}
        return {name: self._audience(name, each) for name, each in given.items()}

    def _audience(self, name: str, given: AudienceSettings) -> Audience:
        default = self.name if name == DEFAULT_AUDIENCE else f"{self.name} ({name})"
        return Audience(
            name=name,
            title=given.title or default,
            query=given.query,
            cadence=given.cadence,
            locale=given.locale or self.locale,
            templates=given.templates or self.templates,
            min_papers=given.min_papers or self.min_papers,
        )


def load(file: Path | None) -> Settings:
    """Read `file` (or digest.toml where there is one) and the environment.

    The first thing that is wrong is raised as a ConfigError that names its file and line or its
    variable.
    """
    if file is None and Path(DEFAULT_FILE).exists():
        file = Path(DEFAULT_FILE)
    text = _read(file) if file else ""
    values = _parse(text, str(file))
    _check_variables()
    try:
        settings = Settings(**values)
    except ValidationError as error:
        raise _explained(error.errors()[0], text, str(file)) from None
    settings.stand_in(str(file or ""), text)
    settings = settings.under(file.parent if file else Path())
    for keys, problem in _missing(settings):
        raise settings.wrong(*keys, problem=problem)
    return settings


def _missing(settings: Settings) -> Iterator[tuple[list[str], str]]:
    """Each setting that asks for what is not there, and what to do."""
    yield from ((["locale"], told) for told in _no_locale(settings.locale, settings.templates))
    table = cache(settings.theme_table)
    for name, given in settings.audiences.items():
        if given.query and name == DEFAULT_AUDIENCE:
            problem = "the audience all gets all papers; give the query to another one"
            yield [AUDIENCES, name, "query"], problem
        for theme in given.query.named("theme") if given.query else ():
            if not table().knows(theme):
                ids = [row.id for row in table().rows]
                known = _suggestion(theme, ids) or f"; there are: {', '.join(ids)}"
                yield [AUDIENCES, name, "query"], f"there is no theme {theme!r}{known}"
        if given.templates and not given.templates.is_dir():
            yield [AUDIENCES, name, "templates"], f"{given.templates}: no such folder"
        for problem in _no_locale(given.locale, given.templates or settings.templates):
            yield [AUDIENCES, name, "locale"], problem


def _no_locale(tag: str | None, templates: Path | None) -> Iterator[str]:
    try:
        if tag is not None:
            locale(templates or shipped(), tag)
    except UnknownPlugin as error:
        yield str(error)
    except RenderError:  # a broken catalogue is told when a mail is made with it
        pass


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise ConfigError(str(file), "no such file; `digest init` writes one") from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(str(file), f"cannot be read: {error}") from None


def _parse(text: str, where: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"at line (\d+)", str(error))
        raise ConfigError(f"{where}:{line[1]}" if line else where, str(error)) from None


def _check_variables() -> None:
    known = list(variables())
    for name in sorted(os.environ):
        if name.startswith(PREFIX) and name not in {*known, crash.VARIABLE}:
            raise ConfigError(name, f"unknown variable{_suggestion(name, known)}")


def variables() -> Iterable[str]:
    """The environment variable of every setting."""
    for name in Settings.model_fields:
        if name == AUDIENCES:
            continue
        if name in TABLES:
            for inner in TABLES[name].model_fields:
                yield f"{PREFIX}{name.upper()}{NESTED}{inner.upper()}"
        else:
            yield PREFIX + name.upper()


# What pydantic says in the words of its own trade; a value that may be secret is not repeated.
_NUMBER, _WHOLE_NUMBER, _TEXT = "must be a number", "must be a whole number", "must be a text"
_PROBLEMS = {
    "greater_than": "must be more than {gt}, not {input}",
    "greater_than_equal": "must be {ge} or more, not {input}",
    "less_than_equal": "must be {le} or less, not {input}",
    "literal_error": "must be {expected}, not {input!r}",
    **dict.fromkeys(("float_type", "float_parsing"), _NUMBER),
    **dict.fromkeys(("int_type", "int_parsing", "int_from_float"), _WHOLE_NUMBER),
    **dict.fromkeys(("string_type", "path_type"), _TEXT),
    "string_too_short": "must not be empty",
}


def _explained(error: ErrorDetails, text: str, file: str) -> ConfigError:
    keys = [str(key) for key in error["loc"] if key not in {"function-after", "[key]"}]
    problem = error["msg"].removeprefix("Value error, ")
    if known := _PROBLEMS.get(error["type"]):
        facts = {key: _round(value) for key, value in error.get("ctx", {}).items()}
        problem = known.format(**facts, input=error["input"])
    if error["type"] == "extra_forbidden":
        problem = f"unknown setting{_suggestion(keys[-1], list(_beside(keys)))}"
    if error["type"] == "model_type" and keys[0] == AUDIENCES:
        problem = f"each audience has a table of its own, [{AUDIENCES}.NAME]"
    return ConfigError(_where(keys, text, file), f"{'.'.join(keys)}: {problem}")


def _round(value: object) -> object:
    """A limit without the .0 that a whole number does not need."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _where(keys: list[str], text: str, file: str) -> str:
    """The variable that gives a value, else its line in the file."""
    variable = PREFIX + NESTED.join(keys).upper()
    given = next((name for name in os.environ if name.upper() == variable), None)
    return given or (f"{file}:{line_of(text, keys)}" if file else "the settings")


def _beside(keys: list[str]) -> Iterable[str]:
    """The settings that there are where an unknown one stands."""
    if len(keys) == 1:
        return Settings.model_fields
    table = AudienceSettings if keys[0] == AUDIENCES else TABLES[keys[0]]
    return table.model_fields


def _suggestion(name: str, known: list[str]) -> str:
    close = get_close_matches(name, known, n=1)
    return f"; did you mean {close[0]}?" if close else ""
