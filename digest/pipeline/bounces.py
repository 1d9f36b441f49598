"""Bounces: who does not want the mails, or does not get them, is sent no more."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from digest.bounces import is_worn_out, read, too_many
from digest.model import Bounce, Verdict
from digest.pipeline import DONE, LEFT_OUT
from digest.store import Shelves, Store
from digest.subscribe import Act, after

HOUR = timedelta(hours=1)
REFUSED_US = "a mail came back, refused for what we are and not for its reader"


class Came(StrEnum):
    """What became of a mail that came in."""

    BOUNCED = "bounced"  # its reader is sent no more
    COMPLAINED = "complained"  # the same
    COUNTED = "counted"  # written down; the reader stays
    REFUSED = "refused"  # written down; it is us whom they refuse
    HELD = "held"  # too many readers at once: not acted on
    KNOWN = "known"  # reported before
    IGNORED = "ignored"  # reports nothing of a mail of ours


@dataclass(frozen=True, slots=True)
class BouncesReport:
    counts: Counter[Came] = field(default_factory=Counter)

    @property
    def alarm(self) -> str | None:
        if refused := self.counts[Came.REFUSED]:
            return (
                f"{refused} refused for what we are (5.7.x), not for the reader: see to SPF, DKIM, "
                "DMARC and the blocklists before the next edition"
            )
        if held := self.counts[Came.HELD]:
            return (
                f"{held} held: so many readers within an hour look like a fault of ours or of the "
                "relay; once that is ruled out, read the mails again an hour later"
            )
        return None

    @property
    def exit_code(self) -> int:
        return LEFT_OUT if self.alarm else DONE

    def document(self) -> dict[str, Any]:
        return {**{came.value: self.counts[came] for came in Came}, "alarm": self.alarm}


@dataclass(frozen=True, slots=True)
class Returns:
    """`owed` says for which edition's and reader's row we have made an address."""

    store: Store
    owed: Callable[[str], tuple[int, int] | None]
    clock: Callable[[], datetime]

    def take(self, mail: bytes) -> Came:
        """Act on one mail, in one transaction."""
        found = read(mail, self.owed)
        if found is None:
            return Came.IGNORED
        with self.store.writing() as shelves:
            return _acted(shelves, found, self.clock())


def told(came: Iterable[Came]) -> BouncesReport:
    return BouncesReport(Counter(came))


def _acted(shelves: Shelves, found: Bounce, now: datetime) -> Came:
    about = shelves.bounces.about(found)
    if about is None:  # it was never sent
        return Came.IGNORED
    delivery_id, rows = about
    if shelves.bounces.is_known(delivery_id, found.verdict):
        return Came.KNOWN
    if found.verdict is Verdict.GONE and _is_flood(shelves, now):
        return Came.HELD
    shelves.bounces.add(delivery_id, found, now)
    act = _act(shelves, found, now)
    if found.verdict is Verdict.POLICY:
        shelves.mailings.pause([found.edition_id], f"{found.status}: {REFUSED_US}", now)
        return Came.REFUSED
    if act is None:
        return Came.COUNTED
    for each in rows:  # a mailbox is one, whatever it is subscribed to
        shelves.subscribers.change(each.id, each.kind, after(each.standing, act), now)
    return Came.COMPLAINED if act is Act.COMPLAIN else Came.BOUNCED


def _act(shelves: Shelves, found: Bounce, now: datetime) -> Act | None:
    match found.verdict:
        case Verdict.COMPLAINT:
            return Act.COMPLAIN
        case Verdict.GONE:
            return Act.BOUNCE
        case Verdict.SOFT if _gives_up(shelves, found, now):
            return Act.BOUNCE
    return None


def _gives_up(shelves: Shelves, found: Bounce, now: datetime) -> bool:
    """Whether this was the last soft one; in a flood the next edition asks again."""
    worn_out = is_worn_out(shelves.bounces.came_back(found.subscriber_id))
    return worn_out and not _is_flood(shelves, now)


def _is_flood(shelves: Shelves, now: datetime) -> bool:
    gone = shelves.bounces.gone_since(now - HOUR)
    return too_many(gone, shelves.bounces.active)
