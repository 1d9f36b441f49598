"""What the studio shows: editions as settings, templates and themes make them now, and their mails.

One thing at a time: the app, its store and its desk are shared by all that the page asks for.
"""

import secrets
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import date
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, TypeVar

from digest.app import App, utc_now
from digest.errors import ConfigError, DeliveryError, DigestError, SetupError
from digest.filling import shipped
from digest.pipeline.preview import Preview, fate
from digest.pipeline.publish import room
from digest.settings import DEFAULT_FILE
from digest.studio.problem import problem

if TYPE_CHECKING:
    from digest.checks import Checks
    from digest.pipeline.desk import Desk

T = TypeVar("T")

KEPT = 64
"""So many mails are remembered, so that a frame can load what the page was told of."""

LISTED = 1_000
"""So many days with editions, the last ones, can be turned to."""

SUGGESTED = 20
"""So many readers are named whose address begins with what was typed."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which edition, and who gets it: an address, or else the owner."""

    day: date
    audience: str
    to: str | None = None


class Shown:
    """An edition that the page was told of, by a key that stands for its bytes."""

    def __init__(self, found: Preview, why_not: str | None) -> None:
        self.found = found
        self.why_not = why_not
        self.key = sha256(found.mail).hexdigest()[:32]

    @cached_property
    def checks(self) -> "Checks":
        from digest.checks import check  # after the mail is shown

        return check(self.found.mail, self.found.before)

    def document(self) -> dict[str, Any]:
        found = self.found
        return {
            "key": self.key,
            "name": found.name,
            "published": found.published,
            "subject": found.subject,
            "text": found.text,
            "html": found.html,
            "headers": found.mail.partition(b"\r\n\r\n")[0].decode("ascii", "replace"),
            "why_not": self.why_not,
            "notes": list(room(found.budget)) if found.budget else [],
        }


class Studio:
    """`again` opens the app as its settings file, `config`, describes it at that moment.

    Without an `app` it is opened here, as soon as its settings are good. `first` is the day that a
    page begins with. `readers` knows who gets mails, where that is not the app. What no save can
    mend raises SetupError or StoreError here.
    """

    def __init__(
        self,
        app: App | None,
        again: Callable[[], App],
        config: Path | None = None,
        first: date | None = None,
        readers: App | None = None,
    ) -> None:
        self._again = again
        self._config = config or Path(DEFAULT_FILE)
        self._first = first
        self._readers = readers
        self._lock = Lock()
        self._opened: App | None = None
        self._desk: Desk | None = None
        self._trouble: DigestError | None = None
        self._open(app)
        self._made: dict[Wanted, Shown] = {}
        self._mails: dict[str, Shown] = {}
        self._is_new = True  # what is made now is as fresh as the first page needs it
        # Another studio at the same address begins with another number.
        self.version = secrets.randbelow(10**9)

    def _open(self, app: App | None) -> None:
        try:
            app = app or self._again()
            _ = app.store, app.audiences
            self._opened = app
        except ConfigError as error:
            if error.path is None:
                raise
            self._trouble = error

    def close(self) -> None:
        with self._lock:
            if self._opened:
                self._opened.close()

    @property
    def _app(self) -> App:
        """The app by the last good settings; the trouble where there were none."""
        if self._opened is None:
            raise self._trouble or SetupError("the settings are not read yet")
        return self._opened

    # --- what the edition is made of --------------------------------------------------------------

    @property
    def folders(self) -> set[Path]:
        """Where templates stand, or should."""
        audiences = self._opened.audiences.values() if self._opened else ()
        own = {each.templates for each in audiences if each.templates}
        return {folder.absolute() for folder in {shipped(), *own}}

    @property
    def files(self) -> set[Path]:
        """The settings file and the user's own table of themes, or what else is wrong."""
        themes = self._opened.settings.themes if self._opened else None
        wrong = self._trouble.path if self._trouble else None
        return {file.absolute() for file in (self._config, themes, wrong) if file}

    def change(self, paths: set[Path]) -> None:
        """Make anew what is shown, as these files have changed; without any, all may have."""
        with self._lock:
            if paths & self.files or self._trouble or not paths:
                self._open_again()
            self._made.clear()
            self.version += 1

    def _open_again(self) -> None:
        """Take the settings as they are now; where they are wrong, stay with those that were."""
        try:
            app = self._again()
            _ = app.store, app.presses
            desk = app.desk
        except DigestError as error:
            self._trouble = error
            return
        if self._desk:
            desk.know(self._desk.known)
        if self._opened:
            self._opened.close()
        self._opened, self._desk, self._trouble = app, desk, None

    # --- what the page asks for -------------------------------------------------------------------

    def first(
        self, audience: str, day: date | None = None, to: str | None = None
    ) -> dict[str, Any]:
        """What a page begins with: what can be picked, and the edition, from the store anew."""
        choices = self.choices(audience)
        begun = day or date.fromisoformat(choices["day"])
        edition = self.edition(Wanted(begun, choices["audience"], to), fresh=True)
        return {"choices": choices, "edition": edition}

    def choices(self, audience: str) -> dict[str, Any]:
        """What can be picked; an audience that is there no more is all.

        It does not wait for an edition that is being made.
        """
        app = self._opened
        if app is None:
            nothing = {"audiences": [], "days": [], "transport": "", "owner": ""}
            return {"version": self.version, "audience": audience, **nothing} | {
                "day": (self._first or utc_now().date()).isoformat(),
                "today": utc_now().date().isoformat(),
            }
        named = audience if audience in app.audiences else app.audience
        with app.store.reading() as shelves:
            days = shelves.editions.days(named, LISTED)
        return {
            "version": self.version,
            "audience": named,
            "audiences": [
                {"name": each.name, "title": each.title} for each in app.audiences.values()
            ],
            "day": (self._first or app.today).isoformat(),
            "today": app.today.isoformat(),
            "days": [day.isoformat() for day in days],
            "transport": app.settings.transport,
            "owner": app.owner,
        }

    def readers(self, audience: str, start: str) -> list[str]:
        """Addresses of the audience that begin so."""
        with self._lock, (self._readers or self._app).store.reading() as shelves:
            return shelves.subscribers.beginning(audience, start, SUGGESTED)

    def edition(self, wanted: Wanted, *, fresh: bool = False) -> dict[str, Any]:
        """The edition, or else the problem; `fresh` reads it from the store anew."""
        with self._lock:
            if fresh and not self._is_new:
                self._made.clear()
                if self._desk:
                    self._desk.clear()
            self._is_new = self._is_new and not fresh
            told: dict[str, Any] = {"version": self.version}
            try:
                if self._trouble:
                    raise self._trouble
                return told | self._show(wanted).document()
            except DigestError as error:
                return told | {"problem": self._told(error)}

    def _told(self, error: DigestError) -> dict[str, Any]:
        return asdict(problem(error, self._config))

    def _show(self, wanted: Wanted) -> Shown:
        shown = self._made.get(wanted) or self._make(wanted)
        _put(self._made, wanted, shown)
        _put(self._mails, shown.key, shown)
        return shown

    def _make(self, wanted: Wanted) -> Shown:
        app = self._app
        reader = (self._readers or app).reader(wanted.audience, wanted.to)
        self._desk = self._desk or app.desk
        found = app.preview(wanted.day, wanted.audience, reader, self._desk)
        if found is None:
            raise SetupError(self._none(wanted))
        return Shown(found, app.why_not(found))

    def _none(self, wanted: Wanted) -> str:
        with self._app.store.reading() as shelves:
            last = shelves.editions.last_day(wanted.audience)
        hint = f"the last one is of {last}" if last else "`digest ingest` reads dumps that are new"
        return f"{self._app.why_none(wanted.day, wanted.audience)}; {hint}"

    def shown(self, key: str) -> Shown | None:
        """What the page was told of under this key, if it is not too long ago."""
        return self._mails.get(key)

    def links(self, shown: Shown) -> list[dict[str, Any]]:
        """Ask each address that a mail links whether it answers."""
        urls = [link.url for link in shown.checks.links]
        return [each.document() for each in self._app.reach(urls)]

    def send_test(self, wanted: Wanted, address: str) -> dict[str, Any]:
        """Send the edition to one address, marked as a preview, and say what came of it.

        A relay may take its time, so nothing else waits for it.
        """
        try:
            if self._trouble:
                raise self._trouble
            receipt = self._app.send_test(wanted.day, wanted.audience, address)
            if receipt is None:
                raise SetupError(self._none(wanted))
        except DeliveryError as error:
            return {"sent": False, "said": f"{fate(error)}: {error}"}
        except DigestError as error:
            return {"sent": False, "said": str(error)}
        return {"sent": True, "said": f"Sent to {address}: {receipt.detail}"}


def _put(kept: dict[T, Shown], key: T, shown: Shown) -> None:
    """Keep it as the last one; where there are too many, the first one goes."""
    kept.pop(key, None)
    kept[key] = shown
    while len(kept) > KEPT:
        del kept[next(iter(kept))]
