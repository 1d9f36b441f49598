"""digest.toml and the environment: read once, all checked, frozen."""

import os
import re
import shlex
import tomllib
from collections.abc import Iterable
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
)
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, NoDecode, PydanticBaseSettingsSource, SettingsConfigDict

from digest import crash, cron
from digest.addresses import mail_address
from digest.errors import ConfigError
from digest.mime import ascii_url
from digest.model import OnUncertain

DEFAULT_FILE = "digest.toml"
PREFIX = "DIGEST_"
NESTED = "__"
LONGEST_BOUNCES = 16
LONGEST_URL = 300  # on the one line of List-Unsubscribe


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
    try:
        written = ascii_url(url)
    except UnicodeError:
        raise ValueError(f"the host in {url!r} cannot be written as a domain name") from None
    if len(written) > LONGEST_URL:
        raise ValueError(f"it takes {len(written)} characters; a mail has room for {LONGEST_URL}")
    return url.rstrip("/")


def _short(address: str) -> str:
    """Keep room in front of the @, which takes 64 characters, for what tells one mail."""
    local = address.partition("@")[0]
    if len(local) > LONGEST_BOUNCES or "+" in local:
        raise ValueError(
            f"{local!r} must be {LONGEST_BOUNCES} characters at most and have no +: "
            "what tells one mail from another is put behind it"
        )
    return address


Address = Annotated[str, AfterValidator(mail_address)]


class DeliverySettings(BaseModel):
    """What becomes of doubts, what the ledger survives, and how fast mails go; 0 is no limit."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    uncertain: OnUncertain = OnUncertain.ASK
    survives: Literal["crash", "power loss"] = "crash"
    per_minute: float = Field(default=0, ge=0, le=1_000_000)
    domain_per_minute: float = Field(default=0, ge=0, le=1_000_000)


class SmtpSettings(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    host: str = "localhost"
    port: int = Field(default=587, ge=1, le=65535)
    security: Literal["none", "starttls", "tls"] = "starttls"
    username: str = ""
    password: SecretStr = SecretStr("")
    timeout: float = Field(default=60, gt=0, le=3_600)
    connections: int = Field(default=4, ge=1, le=1_000)


def _words(call: Any) -> Any:
    """Split a line as a shell would: a variable holds no list."""
    return tuple(shlex.split(call)) if isinstance(call, str) else call


def _program_first(call: tuple[str, ...]) -> tuple[str, ...]:
    if not call or not call[0] or "\0" in "".join(call):
        raise ValueError('needs a program first, for example ["sendmail", "--", "{to}"]')
    return call


Call = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_words), AfterValidator(_program_first)]


class CommandSettings(BaseModel):
    """A program that takes mails; `{from}` and `{to}` stand for addresses."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    argv: Call = ("sendmail", "-i", "-f", "{from}", "--", "{to}")
    timeout: float = Field(default=600, gt=0, le=600)
    connections: int = Field(default=4, ge=1, le=1_000)


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


TABLES: dict[str, type[BaseModel]] = {
    "ranking": RankingSettings,
    "delivery": DeliverySettings,
    "smtp": SmtpSettings,
    "command": CommandSettings,
}
"""The settings that are tables of their own."""


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
    bounces: Annotated[Address, AfterValidator(_short)] | None = None
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
    transport: Literal["outbox", "smtp", "command"] = "outbox"
    expire_after_hours: float = Field(default=72, gt=0, le=8_760)
    max_dump_bytes: int = Field(default=50_000_000, gt=0, le=10_000_000_000)
    max_dump_ratio: int = Field(default=100, gt=0, le=100_000)
    max_dump_papers: int = Field(default=100_000, gt=0, le=100_000_000)
    ranking: RankingSettings = RankingSettings()
    delivery: DeliverySettings = DeliverySettings()
    smtp: SmtpSettings = SmtpSettings()
    command: CommandSettings = CommandSettings()

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
        return Settings(**values).under(file.parent if file else Path())
    except ValidationError as error:
        raise _explained(error.errors()[0], text, str(file)) from None


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
        if name in TABLES:
            for inner in TABLES[name].model_fields:
                yield f"{PREFIX}{name.upper()}{NESTED}{inner.upper()}"
        else:
            yield PREFIX + name.upper()


def _explained(error: ErrorDetails, text: str, file: str) -> ConfigError:
    keys = [str(key) for key in error["loc"] if key != "function-after"]
    variable = PREFIX + NESTED.join(keys).upper()
    problem = error["msg"].removeprefix("Value error, ")
    if error["type"] == "extra_forbidden":
        fields = (TABLES[keys[0]] if len(keys) > 1 else Settings).model_fields
        problem = f"unknown setting{_suggestion(keys[-1], list(fields))}"
    given = next((name for name in os.environ if name.upper() == variable), None)
    where = given or f"{file}:{_line(text, keys)}"
    return ConfigError(where, f"{'.'.join(keys)}: {problem}")


def _suggestion(name: str, known: list[str]) -> str:
    close = get_close_matches(name, known, n=1)
    return f"; did you mean {close[0]}?" if close else ""


def _line(text: str, keys: list[str]) -> int:
    """The line of a key: of the first `key =` or `[key]` after its table's head."""
    position = 0
    for key in keys:
        found = re.compile(rf"^\s*\[?\s*[\"']?{re.escape(key)}[\"']?\s*[\]=.]", re.MULTILINE)
        match = found.search(text, position)
        if match is None:
            break
        position = match.end()
    return text.count("\n", 0, position) + 1
