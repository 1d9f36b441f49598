"""Builds the parts that the settings name; the only module that knows them all."""

import secrets
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from functools import cached_property, partial
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from digest import cron, subscribe
from digest import settings as settings_module
from digest.audiences import Audience
from digest.compose import Room
from digest.errors import SetupError, UnknownPlugin
from digest.filling import locale, shipped
from digest.look import Look
from digest.mime import Letterhead
from digest.model import (
    DEFAULT_AUDIENCE,
    Kind,
    Mailing,
    OnUncertain,
    Paper,
    Receipt,
    Standing,
    Subscriber,
)
from digest.pace import Pace
from digest.pipeline import preview, publish
from digest.pipeline.desk import Desk
from digest.pipeline.draft import Press
from digest.pipeline.preview import Preview
from digest.pipeline.publish import Editions, On, Publisher, publish_due
from digest.pipeline.subscribe import ReaderList
from digest.ports import Grouper, Progress, Summariser, Transport
from digest.rank import Weights
from digest.render import compiler
from digest.settings import Settings
from digest.stamps import Sender, bounced, nobody
from digest.store import Shelves, Store, open_store
from digest.summarisers import summariser
from digest.text import clean
from digest.theme_table import ThemeTable
from digest.themes import Findings, PhraseGrouper
from digest.worker import is_gone, is_idle, new_worker

if TYPE_CHECKING:  # stages and ways out are loaded when they are asked for
    from digest.pipeline import daily, dumps
    from digest.pipeline.archive import ArchiveReport
    from digest.pipeline.bounces import Returns
    from digest.pipeline.deliver import DeliverReport
    from digest.pipeline.fsck import FsckReport
    from digest.pipeline.ingest import IngestReport
    from digest.pipeline.status import StatusReport
    from digest.reach import Answer


def quietly(items: Sequence[Any], what: str) -> Iterable[Any]:  # noqa: ARG001 - a Progress
    """Show no progress."""
    return items


def utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Which:
    """An edition: of a day or the last one, and of this number or the day's last one."""

    day: date | None = None
    number: int | None = None
    audience: str = DEFAULT_AUDIENCE

    def whose(self, words: str) -> str:
        """Name the audience after these words; `all` is left unsaid."""
        return "" if self.audience == DEFAULT_AUDIENCE else f" {words} {self.audience}"


LAST = Which()


@dataclass(frozen=True)
class App:
    """The program as the settings describe it; parts are built when they are first asked for."""

    settings: Settings
    clock: Callable[[], datetime] = utc_now
    progress: Progress[Any] = quietly
    stop: Event = field(default_factory=Event)

    audience = DEFAULT_AUDIENCE

    @cached_property
    def store(self) -> Store:
        """The database, open; what an earlier version stored there is brought up to date first."""
        safe = self.settings.delivery.survives == "power loss"
        store = open_store(self.settings.database, survive_power_loss=safe)
        with store.reading() as shelves:
            lacking = shelves.printings.lacking()
        if lacking:
            from digest.pipeline import dedupe

            dedupe.take_up(store)
        publish.take_up(store, self.letterhead)
        return store

    def close(self) -> None:
        if "store" in vars(self):
            self.store.close()

    @property
    def today(self) -> date:
        return self.clock().astimezone(ZoneInfo(self.settings.timezone)).date()

    @cached_property
    def audiences(self) -> dict[str, Audience]:
        """By their names, all first."""
        return self.settings.everyone

    def named(self, audience: str) -> Audience:
        if audience not in self.audiences:
            raise UnknownPlugin("audience", audience, tuple(self.audiences))
        return self.audiences[audience]

    @property
    def templates(self) -> Path:
        return self.templates_of(self.audience)

    def templates_of(self, audience: str) -> Path:
        return self._templates(self._or_all(audience))

    def _or_all(self, audience: str) -> Audience:
        """The audience, or all where the settings name it no more."""
        return self.audiences.get(audience) or self.audiences[self.audience]

    def _templates(self, audience: Audience) -> Path:
        """The user's own folder; what it has not is taken from the shipped one."""
        own = audience.templates
        if own and not own.is_dir():
            problem = f"{own}: no such folder; copy the shipped one, or take the setting away"
            raise self.settings.wrong("templates", problem=problem)
        return own or shipped()

    @cached_property
    def themes(self) -> ThemeTable:
        """The profile's table with the user's own file laid over it."""
        return self.settings.theme_table()

    @property
    def look(self) -> Look:
        return self.look_of(self.audience)

    def look_of(self, audience: str) -> Look:
        return self._look(self._or_all(audience))

    def _look(self, audience: Audience) -> Look:
        return Look(
            name=audience.title,
            sender=self.settings.sender,
            public_url=self.settings.public_url or None,
            locale=self._locale(audience),
            imprint=self.settings.imprint,
        )

    @property
    def desk(self) -> Desk:
        """A new one: it is for one run and for all audiences."""
        return Desk(self.summariser, self.grouper, self.progress)

    def press(self, audience: Audience, desk: Desk) -> Press:
        return Press(
            audience=audience.name,
            query=audience.query,
            desk=desk,
            headings=self.themes.headings,
            weights=self._weights,
            room=Room(self.settings.ranking.cards, self.settings.ranking.lines),
            look=self._look(audience),
            letterhead=self._letterhead(audience),
            templates=self._templates(audience),
            mjml=compiler(),
        )

    @property
    def presses(self) -> list[Press]:
        desk = self.desk
        return [self.press(audience, desk) for audience in self.audiences.values()]

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

    @cached_property
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
    def _known_secret(self) -> bytes:
        """The secret if there is one; before, nobody has a token and nothing has gone out."""
        if self.settings.secret or "secret" in vars(self):
            return self.secret
        with self.store.reading() as shelves:
            return (shelves.subscribers.secret() or "").encode()

    def _locale(self, audience: Audience) -> str:
        """The language's tag as a mail has it; UnknownPlugin where there is no catalogue of it."""
        return locale(self._templates(audience), audience.locale).lang

    @property
    def letterhead(self) -> Letterhead:
        return self._letterhead(self.named(self.audience))

    def _letterhead(self, audience: Audience) -> Letterhead:
        address = self.settings.sender
        return Letterhead(
            name=audience.title,
            address=address,
            unsubscribe=self.settings.unsubscribe or address,
            list_id=f"{audience.name}.{address.rpartition('@')[2]}",
            public_url=self.settings.public_url,
            language=self._locale(audience),
        )

    @property
    def sender(self) -> Sender:
        return Sender(self.settings.sender, self.secret, self.settings.bounces or "")

    @property
    def transport(self) -> Transport:
        if self.settings.transport == "outbox":
            from digest.transports.outbox import Outbox

            return Outbox(self.settings.outbox, self.settings.whole_mails)
        if self.settings.transport == "command":
            from digest.transports.command import Command

            command = self.settings.command
            return Command(command.argv, command.timeout, command.connections)
        from digest.transports.smtp import Smtp

        smtp = self.settings.smtp
        return Smtp(
            host=smtp.host,
            port=smtp.port,
            security=smtp.security,
            username=smtp.username,
            password=smtp.password.get_secret_value(),
            timeout=smtp.timeout,
            connections=smtp.connections,
        )

    def _publisher(self, audience: Audience, desk: Desk) -> Publisher:
        readers = self.readers

        def alone(shelves: Shelves) -> int | None:
            return readers.alone(shelves, audience.name, self.owner, self.clock())

        press = self.press(audience, desk)
        return Publisher(self.store, press, audience.min_papers, alone, self.news_for)

    @property
    def news_for(self) -> timedelta:
        """For how long an edition is sent."""
        return timedelta(hours=self.settings.expire_after_hours)

    @property
    def readers(self) -> ReaderList:
        return ReaderList(self.store, self._token)

    @property
    def returns(self) -> "Returns":
        """What takes the mails that come back."""
        from digest.pipeline.bounces import Returns

        secret = self.secret
        return Returns(self.store, lambda address: bounced(address, secret), self.clock)

    @property
    def owner(self) -> str:
        return self.settings.owner or self.settings.sender

    @property
    def _token(self) -> Callable[[str, str], str]:
        secret = self.secret  # read now: a token is made inside of a transaction
        return lambda audience, address: subscribe.token(f"{audience}:{address}", secret)

    def preview(
        self,
        day: date,
        audience: str = DEFAULT_AUDIENCE,
        to: str | Subscriber | None = None,
        desk: Desk | None = None,
    ) -> Preview | None:
        """The day's edition as a reader would get it, by default its owner.

        A desk keeps what was made of papers for the next draft; a new one is for what has changed.
        SetupError where the address is not a reader's.
        """
        press = self.press(self.named(audience), desk or self.desk)
        reader = to if isinstance(to, Subscriber) else self.reader(audience, to)
        now, secret = self.clock(), self._known_secret
        return preview.preview(self.store, press, day, reader, secret=secret, now=now)

    def why_none(self, day: date, audience: str) -> str:
        """Why the audience has no edition of a day, neither published nor to be drafted."""
        asked = self.named(audience).query is not None
        return f"no edition for {day}: there are {publish.too_few(0, 1, asked=asked)}"

    def why_not(self, found: Preview) -> str | None:
        """Why a draft would not be published, whatever the linter says; None where it would."""
        wanted = self.named(found.reader.audience)
        if found.papers is None or found.papers >= wanted.min_papers:
            return None
        asked = wanted.query is not None
        return publish.too_few(found.papers, wanted.min_papers, asked=asked)

    def reader(self, audience: str, to: str | None = None) -> Subscriber:
        """Who an address is to an audience, by default the owner's; SetupError for a stranger's."""
        self.named(audience)
        owner = self.owner.lower()  # the settings have it in its normal form
        address = subscribe.address(to) if to else owner
        with self.store.reading() as shelves:
            known = shelves.subscribers.find(audience, address)
        if known is not None:
            return known
        if address != owner:
            whose = "" if audience == self.audience else f" of {audience}"
            option = "" if audience == self.audience else f" --audience {audience}"
            add = f"`digest subscribers add {address}{option}` makes them one"
            raise SetupError(f"{address} is no reader{whose}; {add}")
        token = subscribe.token(f"{audience}:{address}", self._known_secret)
        return Subscriber(
            0, address, audience, Kind.OWNER, Standing.ACTIVE, token, since=self.clock()
        )

    @contextmanager
    def trial(self, paths: Sequence[Path]) -> Iterator[tuple["App", "IngestReport"]]:
        """The program on a store that has these dumps and no history, and is gone afterwards."""
        with TemporaryDirectory(prefix="digest-preview-") as folder:
            database = {"database": f"sqlite:///{folder}/digest.db"}
            app = replace(self, settings=self.settings.model_copy(update=database))
            try:
                yield app, app.ingest(paths)
            finally:
                app.close()

    @property
    def newest(self) -> date | None:
        """The last day on which a paper was first seen."""
        with self.store.reading() as shelves:
            return shelves.papers.newest()

    def reach(self, urls: Sequence[str]) -> "list[Answer]":
        """Ask web addresses whether they answer; of what is not public only the archive's own."""
        from digest import reach

        return reach.reach(urls, own=list(filter(None, [self.settings.public_url])))

    def send_test(
        self, day: date, audience: str, address: str, desk: Desk | None = None
    ) -> Receipt | None:
        """Send the day's edition to any address, marked as a preview; None where there is none.

        It is no delivery: nothing of it is noted, and its links for leaving are nobody's.
        """
        press = self.press(self.named(audience), desk or self.desk)
        now, secret = self.clock(), secrets.token_bytes(32)
        reader = nobody(subscribe.address(address), audience, now, secrets.token_bytes(20))
        found = preview.preview(self.store, press, day, reader, secret=secret, now=now)
        if found is None:
            return None
        return preview.send_test(found, self.transport, self.settings.sender, secret)

    def owes(self) -> bool:
        """Whether a delivery is due, or was left by a run that is gone."""
        with self.store.reading() as shelves:
            now, due = self.clock(), shelves.deliveries.next_due()
            left = shelves.deliveries.gone(is_gone, now)
            return bool(left) or (due is not None and due <= now)

    def next_slot(self, fits: Callable[[date], bool] = lambda _: True) -> datetime | None:
        """When the schedule next calls for the daily job, on a day that fits."""
        zone = self.settings.timezone
        return cron.next_slot_on(self.settings.schedule, zone, self.clock(), fits)

    def next_edition(self, audience: str) -> datetime | None:
        """When the schedule next calls for an edition of the audience."""
        cadence = self.named(audience).cadence
        with self.store.reading() as shelves:
            looked = shelves.editions.last_look(audience, self.today)
            last = shelves.editions.last_day(audience)
        return self.next_slot(partial(cadence.is_open, looked=looked, last=last))

    def ingest(
        self,
        paths: Sequence[Path] = (),
        taken: date | None = None,
        *,
        history: bool = False,
    ) -> "IngestReport":
        from digest.pipeline.ingest import DumpReader, Limits

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

    def retry(self) -> "IngestReport":
        """Ingest, and tell only of what was left out before."""
        from digest.pipeline.ingest import IngestReport

        with self.store.reading() as shelves:
            names = {each.name for each in shelves.dumps.left_out()}
        entries = self.ingest().entries
        return IngestReport(tuple(entry for entry in entries if entry.dump in names))

    def merge(self, one: str, other: str) -> Paper:
        """Make two papers one; SetupError where a name fits none or several."""
        from digest.pipeline import dedupe, explain

        with self.store.writing() as shelves:
            found = explain.find(shelves, one), explain.find(shelves, other)
            dedupe.join(shelves, *found, self.clock())
            return shelves.papers.works([found[0].ref])[found[0].ref]

    def split(self, named: str) -> list[Paper]:
        """Part a printing's title from the others of its work; return the works of these now."""
        from digest.pipeline import dedupe, explain

        with self.store.writing() as shelves:
            paper = explain.find(shelves, named)
            refs = dedupe.split(shelves, paper, named.strip(), self.clock())
            works = {work.ref: work for work in shelves.papers.works(refs).values()}
            return list(works.values())

    def publish(
        self,
        day: date | None = None,
        *,
        extra: bool = False,
        audience: str | None = None,
        not_after: datetime | None = None,
    ) -> Editions:
        """Publish for the audience, or else for each whose turn it is on the day.

        `not_after` is local time where it has no zone.
        """
        until = not_after and self._aware(not_after)
        on, desk = On(day or self.today, self.today, self.clock(), extra, until), self.desk
        if audience is not None:
            return Editions((self._publisher(self.named(audience), desk).publish(on),))
        everyone = self.audiences.values()
        return publish_due(self.store, everyone, lambda each: self._publisher(each, desk), on)

    def _aware(self, time: datetime) -> datetime:
        return time if time.tzinfo else time.replace(tzinfo=ZoneInfo(self.settings.timezone))

    def deliver(self) -> "DeliverReport":
        from digest.pipeline.claim import Paces
        from digest.pipeline.deliver import Post

        given = self.settings.delivery
        paces = Paces(
            self.settings.transport, Pace(given.per_minute), Pace(given.domain_per_minute)
        )
        post = Post(
            self.store,
            self.transport,
            self.sender,
            new_worker(),
            self.clock,
            paces,
            given.uncertain,
            self.stop,
        )
        return post.deliver(is_gone)

    def owe(self, address: str, which: Which = LAST) -> None:
        """Owe an edition to one more reader of its audience."""
        from digest.pipeline import mailings

        edition_id, now = self._edition(which), self.clock()
        reader = subscribe.address(address)
        with self.store.writing() as shelves:
            known = shelves.subscribers.find(which.audience, reader)
            if known is None:
                add = f"`digest subscribers add{which.whose('--audience')}` makes them one"
                raise SetupError(f"{reader} is no reader{which.whose('of')}; {add}")
            mailings.owe(shelves, edition_id, known, now, self.news_for)

    def decide(self, on_uncertain: OnUncertain, which: Which = LAST) -> None:
        """Say what becomes of what is uncertain of an edition."""
        from digest.pipeline import mailings

        edition_id = self._edition(which)
        mailings.decide(self.store, edition_id, on_uncertain, self.clock(), self.news_for)

    def _edition(self, which: Which) -> int:
        with self.store.reading() as shelves:
            last = which.day or shelves.editions.last_day(which.audience)
            found = shelves.editions.latest(which.audience, last, which.number) if last else None
        if found is None:
            self.named(which.audience)
            number = f" {which.number}" if which.number else ""
            whose = which.whose("for") + (f" of {which.day}" if which.day else "")
            hint = "`digest status` names the last day of one"
            raise SetupError(f"there is no edition{number}{whose}; {hint}")
        return found

    def pause(self, names: Sequence[str]) -> list[Mailing]:
        from digest.pipeline import mailings

        return mailings.pause(self.store, names, self.clock())

    def resume(self, names: Sequence[str]) -> list[Mailing]:
        from digest.pipeline import mailings

        return mailings.resume(self.store, names)

    def cancel(self, name: str) -> Mailing:
        from digest.pipeline import mailings

        return mailings.cancel(self.store, name, self.clock())

    def fsck(self, names: Sequence[str] = ()) -> "FsckReport":
        from digest.pipeline import fsck
        from digest.transports.outbox import HALF

        found = fsck.fsck(self.store, names, self.clock(), is_gone)
        halves = fsck.half_written(self.settings.outbox, HALF, is_gone)
        return replace(found, wrong=(*found.wrong, *halves))

    def archive(self) -> "ArchiveReport":
        from digest.pipeline import archive

        folder = self.settings.archive
        return archive.build(self.store, folder, self.look, self.templates)

    def dumps(self) -> "list[dumps.Listed]":
        from digest.pipeline import dumps

        return dumps.listed(self.store)

    def export(self) -> Iterator[dict[str, Any]]:
        from digest.pipeline import dumps

        return dumps.export(self.store)

    def status(self, *, all_problems: bool = False) -> "StatusReport":
        from digest.pipeline.status import PROBLEMS, status

        most = None if all_problems else PROBLEMS
        return status(self.store, self.audiences.values(), self.today, self.next_slot, most)

    def explain(self, wanted: str) -> dict[str, Any]:
        """The reason for every decision about a paper."""
        from digest.pipeline import explain

        return explain.explain(self.store, self.presses, self.today, wanted)

    def check_themes(self, papers: Iterable[tuple[str, str]] | None = None) -> Findings:
        """What to mend in the table, by these titles and abstracts or those of the database."""
        from digest.pipeline import dumps

        texts = dumps.texts(self.store) if papers is None else papers
        return PhraseGrouper(self.themes).check(
            (clean(title), clean(abstract)) for title, abstract in texts
        )

    def check(self) -> None:
        """Build every part that the settings name; SetupError or StoreError where one can't be."""
        _ = self.store, self.presses, self.sender, self.transport

    def run(self) -> "dict[str, daily.Report]":
        """The daily job once, because a person asked for it."""
        from digest.pipeline import daily

        with self.store.writing() as shelves:
            run_id = shelves.runs.begin(new_worker(), self.clock())
        return daily.recorded(self.store, run_id, self._stages, self.clock, self.stop)

    def run_slot(self, slot: str) -> "dict[str, daily.Report] | None":
        """The daily job for a scheduled time; None where that is done or another is at it."""
        from digest.pipeline import daily

        with self.store.writing() as shelves:
            run_id = shelves.runs.claim(slot, new_worker(), self.clock(), is_idle)
        if run_id is None:
            return None
        return daily.recorded(self.store, run_id, self._stages, self.clock, self.stop, repeat=True)

    @property
    def _stages(self) -> "daily.Stages":
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
