"""Fsck: whether the ledger adds up, and the files that it speaks of are as they were frozen."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from digest.accounts import OPEN, Account, alarms
from digest.errors import SetupError, StoreError
from digest.look import counted
from digest.model import Mailing, Status
from digest.pipeline import DONE, LEFT_OUT
from digest.store import Shelves, Store

Gone = Callable[[str], bool]


@dataclass(frozen=True, slots=True)
class Checked:
    """An edition, what its deliveries add up to, and what is wrong with it."""

    edition: str
    account: Account
    finished: bool
    wrong: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FsckReport:
    """`wrong` is what concerns no single edition; `editions` carry what is wrong with them."""

    editions: tuple[Checked, ...]
    wrong: tuple[str, ...]

    @property
    def exit_code(self) -> int:
        return LEFT_OUT if self.wrong or any(each.wrong for each in self.editions) else DONE

    def document(self) -> dict[str, Any]:
        return {"editions": [_document(each) for each in self.editions], "wrong": list(self.wrong)}


def _document(each: Checked) -> dict[str, Any]:
    return {
        "edition": each.edition,
        "planned": each.account.planned,
        **{status.value: each.account.counts[status] for status in Status},
        "taken": each.account.taken,
        "twice": each.account.twice,
        "perhaps_twice": each.account.perhaps_twice,
        "finished": each.finished,
        "wrong": list(each.wrong),
    }


def fsck(store: Store, names: Sequence[str], now: datetime, gone: Gone) -> FsckReport:
    """Check these editions, or all, and the database itself; nothing is changed."""
    wrong = store.faults()
    with store.reading() as shelves:
        mailings = shelves.mailings.named(names) if names else shelves.mailings.all()
        if missing := set(names) - {each.edition for each in mailings}:
            raise SetupError(f"there is no edition {min(missing)}")
        wrong += [f"{name} has no plan of its deliveries" for name in shelves.mailings.lacking()]
        wrong += _left_behind(shelves, now, gone)
        return FsckReport(tuple(_checked(shelves, each) for each in mailings), tuple(wrong))


def _checked(shelves: Shelves, mailing: Mailing) -> Checked:
    account = shelves.mailings.account(mailing.edition_id)
    wrong = [*alarms(account, mailing.known_twice), *_not_as_frozen(shelves, mailing, account)]
    return Checked(mailing.edition, account, mailing.finished, tuple(wrong))


def _not_as_frozen(shelves: Shelves, mailing: Mailing, account: Account) -> Iterator[str]:
    frozen = shelves.mailings.frozen(mailing.edition_id)
    if frozen is not None:
        yield from _differences(frozen, account.counts)
        if still := sum(account.counts[status] for status in OPEN):
            yield f"it is finished, and {counted(still, 'mail')} of it still to be sent"
    try:
        shelves.editions.form(mailing.edition_id)
    except StoreError as error:
        yield f"its {error}"


def _differences(frozen: Mapping[Status, int], now: Mapping[Status, int]) -> Iterator[str]:
    for status, count in frozen.items():
        if now[status] != count:
            yield f"when it was finished {count} were {status}, and now {now[status]} are"


def _left_behind(shelves: Shelves, now: datetime, gone: Gone) -> Iterator[str]:
    if begun := shelves.deliveries.left_behind(shelves.deliveries.gone(gone, now)):
        yield (
            f"{counted(begun, 'mail')} in the hands of a run that is gone; "
            "`digest deliver` decides what becomes of them"
        )


def half_written(outbox: Path, half: str, gone: Gone) -> list[str]:
    """Say which mails in the outbox are no whole ones; `half` ends the names of such files."""
    names = sorted(file.name for file in outbox.glob(f".*{half}"))
    left = [name for name in names if gone(name.removesuffix(half).split(".", 2)[-1])]
    return [f"{outbox / name} is half a mail; `digest deliver` removes it" for name in left]
