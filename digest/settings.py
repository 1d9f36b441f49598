"""digest.toml and the environment: read once, all checked, frozen."""

import os
import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    PrivateAttr,
    SecretStr,
    ValidationError,
)
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from digest import cron
from digest.addresses import mail_address
from digest.errors import ConfigError
from digest.toml_lines import line_of

DEFAULT_FILE = "digest.toml"
PREFIX = "DIGEST_"
NESTED = "__"


def _timezone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise ValueError(f"{name!r} is no time zone; one is, for example, Europe/Berlin") from None
    return name


def _cron_line(line: str) -> str:
    cron.trigger(line, "UTC")
    return line


def _web_address(url: str) -> str:
    if url and not re.fullmatch(r"https?://[^\s/@?#]+(/[^\s?#]*)?", url):
        raise ValueError(f"{url!r} is no web address; one is, for example, https://digest.example")
    return url.rstrip("/")


Address = Annotated[str, AfterValidator(mail_address)]


class SmtpSettings(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    host: str = "localhost"
    port: int = Field(default=587, ge=1, le=65535)
    security: Literal["none", "starttls", "tls"] = "starttls"
    username: str = ""
    password: SecretStr = SecretStr("")
    timeout: float = Field(default=60, gt=0, le=3_600)


Weight = Annotated[float, Field(ge=0, le=100)]


class RankingSettings(BaseModel):
    """What each part of a paper's score counts, and how many papers get a card and a line."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    votes: Weight = 1.0
    recency: Weight = 0.3
    sources: Weight = 0.3
    match: Weight = 1.0
    diversity: Weight = 0.5
    cards: int = Field(default=40, ge=1, le=1_000_000)
    lines: int = Field(default=60, ge=0, le=1_000_000)


TABLES: dict[str, type[BaseModel]] = {"ranking": RankingSettings, "smtp": SmtpSettings}
"""The settings that are tables of their own."""


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

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_nested_delimiter=NESTED, extra="forbid", frozen=True
    )

    name: str = Field(default="Paper digest", min_length=1, max_length=60)
    sender: Address = "digest@localhost"
    owner: Address | None = None
    unsubscribe: Address | None = None
    public_url: Annotated[str, AfterValidator(_web_address)] = ""
    timezone: Annotated[str, AfterValidator(_timezone)] = "UTC"
    schedule: Annotated[str, AfterValidator(_cron_line)] = "0 7 * * *"
    min_papers: int = Field(default=1, ge=1, le=1_000_000)
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
    transport: Literal["outbox", "smtp"] = "outbox"
    expire_after_hours: float = Field(default=72, gt=0, le=8_760)
    max_dump_bytes: int = Field(default=50_000_000, gt=0, le=10_000_000_000)
    max_dump_ratio: int = Field(default=100, gt=0, le=100_000)
    max_dump_papers: int = Field(default=100_000, gt=0, le=100_000_000)
    ranking: RankingSettings = RankingSettings()
    smtp: SmtpSettings = SmtpSettings()

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
        return self.model_copy(update={**places, "database": database})


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
    return settings.under(file.parent if file else Path())


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
        if name.startswith(PREFIX) and name not in known:
            raise ConfigError(name, f"unknown variable{_suggestion(name, known)}")


def variables() -> Iterable[str]:
    """The environment variable of every setting."""
    for name in Settings.model_fields:
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
    keys = [str(key) for key in error["loc"] if key != "function-after"]
    problem = error["msg"].removeprefix("Value error, ")
    if known := _PROBLEMS.get(error["type"]):
        facts = {key: _short(value) for key, value in error.get("ctx", {}).items()}
        problem = known.format(**facts, input=error["input"])
    if error["type"] == "extra_forbidden":
        fields = (TABLES[keys[0]] if len(keys) > 1 else Settings).model_fields
        problem = f"unknown setting{_suggestion(keys[-1], list(fields))}"
    return ConfigError(_where(keys, text, file), f"{'.'.join(keys)}: {problem}")


def _short(value: object) -> object:
    """A limit without the .0 that a whole number does not need."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _where(keys: list[str], text: str, file: str) -> str:
    """The variable that gives a value, else its line in the file."""
    variable = PREFIX + NESTED.join(keys).upper()
    given = next((name for name in os.environ if name.upper() == variable), None)
    return given or (f"{file}:{line_of(text, keys)}" if file else "the settings")


def _suggestion(name: str, known: list[str]) -> str:
    close = get_close_matches(name, known, n=1)
    return f"; did you mean {close[0]}?" if close else ""
