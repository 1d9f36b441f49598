"""Builds the parts that the settings name; the only module that knows them all."""

import secrets
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from digest import cron
from digest import settings as settings_module
from digest.compose import Room
from digest.deliver import Sender
from digest.errors import SetupError, UnknownPlugin
from digest.look import Look
from digest.model import DEFAULT_AUDIENCE, Kind, Paper, Standing, Subscriber
from digest.pipeline import archive, daily, dedupe, dumps, explain, preview
from digest.pipeline.deliver import DeliverReport, Post
from digest.pipeline.draft import Press
from digest.pipeline.ingest import DumpReader, IngestReport, Limits
from digest.pipeline.publish import Publisher, PublishReport
from digest.pipeline.status import StatusReport, status
from digest.pipeline.subscribe import ReaderList
from digest.ports import Grouper, Progress, Summariser, Transport
from digest.rank import Weights
from digest.render import compiler
from digest.settings import Settings
from digest.store import Shelves, Store, open_store
from digest.subscribe import token
from digest.summarisers import summariser
from digest.text import clean
from digest.theme_table import ThemeTable, load, shipped
from digest.themes import Findings, PhraseGrouper
from digest.transports.outbox import Outbox
from digest.transports.smtp import Smtp
from digest.worker import is_gone, is_idle, new_worker

PACKAGE = Path(__file__).parent


def quietly(items: Sequence[Any], what: str) -> Iterable[Any]:  # noqa: ARG001 - a Progress
    """Show no progress."""
    return items


def utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class App:
    """The program as the settings describe it; parts are built when they are first asked for."""

    settings: Settings
    clock: Callable[[], datetime] = utc_now
    progress: Progress[Any] = quietly

    audience = DEFAULT_AUDIENCE

    @cached_property
    def store(self) -> Store:
        """The database, open; what an earlier version stored there is compared first."""
        store = open_store(self.settings.database)
        dedupe.take_up(store)
        return store

    def close(self) -> None:
        if "store" in vars(self):
            self.store.close()

    @property
    def today(self) -> date:
        return self.clock().astimezone(ZoneInfo(self.settings.timezone)).date()

    @cached_property
    def templates(self) -> Path:
        """The user's own folder, else the shipped one: in the package, in a checkout beside it."""
        own = self.settings.templates
        if own and not own.is_dir():
            problem = f"{own}: no such folder; copy the shipped one, or take the setting away"
            raise self.settings.wrong("templates", problem=problem)
        packed = PACKAGE / "templates"
        return own or (packed if packed.is_dir() else PACKAGE.parent / "templates")

    @cached_property
    def themes(self) -> ThemeTable:
        """The profile's table with the user's own file laid over it."""
        own, base = self.settings.themes, shipped(self.settings.profile)
        if own is None:
            return base
        try:
            text = own.read_text("utf-8")
        except FileNotFoundError:
            problem = "no such file; write one (docs/themes.md), or take the setting away"
        except OSError as error:
            problem = f"cannot be read: {error.strerror}"
        except UnicodeDecodeError:
            problem = "is no text in UTF-8; save it as such"
        else:
            return load(text, str(own), over=base)
        raise self.settings.wrong("themes", problem=f"{own}: {problem}")

    @property
    def look(self) -> Look:
        return Look(
            name=self.settings.name,
            sender=self.settings.sender,
            reason=f"You get this mail because you subscribed to {self.settings.name}.",
            public_url=self.settings.public_url or None,
        )

    @property
    def press(self) -> Press:
        return Press(
            summariser=self.summariser,
            grouper=self.grouper,
            headings=self.themes.headings,
            weights=self._weights,
            room=Room(self.settings.ranking.cards, self.settings.ranking.lines),
            look=self.look,
            templates=self.templates,
            mjml=compiler(),
            progress=self.progress,
        )

    @property
    def _weights(self) -> Weights:
        given = self.settings.ranking
        return Weights(given.votes, given.recency, given.sources, given.match, given.diversity)

    @property
    def summariser(self) -> Summariser:
        try:
            return summariser(self.settings.summariser)
        except UnknownPlugin as error:
            raise self.settings.wrong("summariser", problem=str(error)) from None

    @property
    def grouper(self) -> Grouper:
        return PhraseGrouper(self.themes)

    @cached_property
    def secret(self) -> bytes:
        """The setting, else one that the store keeps from its first use on."""
        if self.settings.secret:
            return self.settings.secret.get_secret_value().encode()
        with self.store.writing() as shelves:
            kept = shelves.subscribers.secret()
            if kept is None:
                kept = secrets.token_hex(32)
                shelves.subscribers.keep_secret(kept)
        return kept.encode()

    @property
    def sender(self) -> Sender:
        address = self.settings.sender
        return Sender(
            name=self.settings.name,
            address=address,
            unsubscribe=self.settings.unsubscribe or address,
            list_id=f"{self.audience}.{address.rpartition('@')[2]}",
            secret=self.secret,
            public_url=self.settings.public_url,
        )

    @property
    def transport(self) -> Transport:
        if self.settings.transport == "outbox":
            return Outbox(self.settings.outbox)
        smtp = self.settings.smtp
        return Smtp(
            host=smtp.host,
            port=smtp.port,
            security=smtp.security,
            username=smtp.username,
            password=smtp.password.get_secret_value(),
            timeout=smtp.timeout,
        )

    @property
    def publisher(self) -> Publisher:
        readers = self.readers

        def alone(shelves: Shelves) -> int | None:
            return readers.alone(shelves, self.owner, self.clock())

        return Publisher(self.store, self.press, self.audience, self.settings.min_papers, alone)

    @property
    def readers(self) -> ReaderList:
        return ReaderList(self.store, self.audience, self._token)

    @property
    def owner(self) -> str:
        return self.settings.owner or self.settings.sender

    @property
    def _token(self) -> Callable[[str], str]:
        secret = self.secret  # read now: a token is made inside of a transaction
        return lambda address: token(f"{self.audience}:{address}", secret)

    def preview(self, day: date) -> preview.Preview | None:
        """The day's edition as its owner would get it."""
        reader = Subscriber(
            id=0,
            address=self.owner,
            audience=self.audience,
            kind=Kind.OWNER,
            standing=Standing.ACTIVE,
            token=self._token(self.owner),
            since=self.clock(),
        )
        return preview.preview(self.store, self.press, day, reader, self.sender)

    def owes(self) -> bool:
        """Whether a delivery is due, or was left by a run that is gone."""
        with self.store.reading() as shelves:
            due = shelves.deliveries.any_due(self.clock())
            return due or any(map(is_gone, shelves.deliveries.workers()))

    def next_slot(self) -> datetime | None:
        """When the schedule next calls for the daily job."""
        return cron.next_slot(self.settings.schedule, self.settings.timezone, self.clock())

    def ingest(
        self,
        paths: Sequence[Path] = (),
        taken: date | None = None,
        *,
        history: bool = False,
    ) -> IngestReport:
        if not paths and not self.settings.dumps.exists():
            raise SetupError(
                f"{self.settings.dumps}: no such folder; make it and put dump files there, "
                "or set `dumps` to another one"
            )
        limits = Limits(
            self.settings.max_dump_bytes,
            self.settings.max_dump_ratio,
            self.settings.max_dump_papers,
        )
        reader = DumpReader(self.store, limits, self.today, self.clock(), taken, history)
        if paths:
            return reader.ingest(paths, self.progress)
        return replace(reader, in_folder=True).ingest([self.settings.dumps], self.progress)

    def retry(self) -> IngestReport:
        """Ingest, and tell only of what was left out before."""
        with self.store.reading() as shelves:
            names = {each.name for each in shelves.dumps.left_out()}
        entries = self.ingest().entries
        return IngestReport(tuple(entry for entry in entries if entry.dump in names))

    def merge(self, one: str, other: str) -> Paper:
        """Make two papers one; SetupError where a name fits none or several."""
        with self.store.writing() as shelves:
            found = explain.find(shelves, one), explain.find(shelves, other)
            dedupe.join(shelves, *found, self.clock())
            return shelves.papers.works([found[0].ref])[found[0].ref]

    def split(self, named: str) -> list[Paper]:
        """Part a printing's title from the others of its work; return the works of these now."""
        with self.store.writing() as shelves:
            paper = explain.find(shelves, named)
            refs = dedupe.split(shelves, paper, named.strip(), self.clock())
            works = {work.ref: work for work in shelves.papers.works(refs).values()}
            return list(works.values())

    def publish(self, day: date | None = None, *, extra: bool = False) -> PublishReport:
        now, today = self.clock(), self.today
        return self.publisher.publish(day or today, now, today=today, extra=extra)

    def deliver(self) -> DeliverReport:
        post = Post(self.store, self.transport, self.sender, new_worker(), self.clock)
        return post.deliver(timedelta(hours=self.settings.expire_after_hours), is_gone)

    def archive(self) -> archive.ArchiveReport:
        folder = self.settings.archive
        return archive.build(self.store, folder, self.look, self.templates, self.audience)

    def dumps(self) -> list[dumps.Listed]:
        return dumps.listed(self.store)

    def export(self) -> Iterator[dict[str, Any]]:
        return dumps.export(self.store)

    def status(self) -> StatusReport:
        return status(self.store, self.audience, self.today, self.next_slot())

    def explain(self, wanted: str) -> dict[str, Any]:
        """The reason for every decision about a paper."""
        return explain.explain(self.store, self.press, self.audience, self.today, wanted)

    def check_themes(self, papers: Iterable[tuple[str, str]] | None = None) -> Findings:
        """What to mend in the table, by these titles and abstracts or those of the database."""
        texts = dumps.texts(self.store) if papers is None else papers
        return PhraseGrouper(self.themes).check(
            (clean(title), clean(abstract)) for title, abstract in texts
        )

    def check(self) -> None:
        """Build every part that the settings name; SetupError or StoreError where one can't be."""
        _ = self.store, self.press, self.sender, self.transport

    def run(self) -> dict[str, daily.Report]:
        """The daily job once, because a person asked for it."""
        with self.store.writing() as shelves:
            run_id = shelves.runs.begin(new_worker(), self.clock())
        return daily.recorded(self.store, run_id, self._stages, self.clock)

    def run_slot(self, slot: str) -> dict[str, daily.Report] | None:
        """The daily job for a scheduled time; None where that is done or another is at it."""
        with self.store.writing() as shelves:
            run_id = shelves.runs.claim(slot, new_worker(), self.clock(), is_idle)
        if run_id is None:
            return None
        return daily.recorded(self.store, run_id, self._stages, self.clock, repeat=True)

    @property
    def _stages(self) -> daily.Stages:
        return {
            "ingest": self.ingest,
            "publish": self.publish,
            "deliver": self.deliver,
            "archive": self.archive,
        }


def open_app(
    config: Path | None, progress: Progress[Any] = quietly, profile: str | None = None
) -> App:
    """The program as a settings file describes it; `profile` takes the place of its own."""
    settings = settings_module.load(config)
    if profile:
        settings = settings.model_copy(update={"profile": profile})
    return App(settings, progress=progress)
