"""What the value of a setting may be, and the tables of settings: checked, with plain words."""

import re
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    InstanceOf,
    SecretStr,
)
from pydantic_settings import NoDecode

from digest import cron
from digest.addresses import mail_address
from digest.audiences import DAILY, Cadence, audience_name, cadence
from digest.mime import ascii_url
from digest.model import OnUncertain
from digest.query import Query, parse

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
BounceAddress = Annotated[Address, AfterValidator(_short)]
WebAddress = Annotated[str, AfterValidator(_web_address)]
Zone = Annotated[str, AfterValidator(_timezone)]
CronLine = Annotated[str, AfterValidator(_cron_line)]


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


def _read_by(reader: Callable[[str], Any]) -> BeforeValidator:
    def read(value: object) -> Any:
        if isinstance(value, str):
            return reader(value)
        raise ValueError("must be a text in quotes")

    return BeforeValidator(read)


Title = Annotated[str, Field(min_length=1, max_length=60)]
MinPapers = Annotated[int, Field(ge=1, le=1_000_000)]
Wanted = Annotated[InstanceOf[Query] | None, _read_by(parse)]
Days = Annotated[InstanceOf[Cadence], _read_by(cadence)]
AudienceName = Annotated[str, AfterValidator(audience_name)]


class AudienceSettings(BaseModel):
    """One audience; what is None here is as the settings have it for all."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    query: Wanted = None
    cadence: Days = DAILY
    title: Title | None = None
    locale: str | None = None
    templates: Path | None = None
    min_papers: MinPapers | None = None


TABLES: dict[str, type[BaseModel]] = {
    "ranking": RankingSettings,
    "delivery": DeliverySettings,
    "smtp": SmtpSettings,
    "command": CommandSettings,
}
"""The settings that are tables of their own."""
