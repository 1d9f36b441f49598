"""What a person decides about the deliveries of an edition: pause, resume, cancel, one more."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from digest.errors import SetupError
from digest.model import Mailing, OnUncertain, Standing, Status, Subscriber
from digest.store import Shelves, Store

BY_HAND = "a person has paused it"


def pause(store: Store, names: Sequence[str], now: datetime) -> list[Mailing]:
    """Begin nothing more of these editions, or of all that are open; return them as they are."""
    return _change(store, names, lambda shelves, ids: shelves.mailings.pause(ids, BY_HAND, now))


def resume(store: Store, names: Sequence[str]) -> list[Mailing]:
    """Let these editions go on, or all that are open."""
    return _change(store, names, lambda shelves, ids: shelves.mailings.resume(ids))


def cancel(store: Store, name: str, now: datetime) -> Mailing:
    """Send nothing more of an edition: what waits is dropped, what has gone out stays so."""

    def drop(shelves: Shelves, ids: Sequence[int]) -> None:
        shelves.mailings.cancel(ids, now)
        shelves.deliveries.suppress(now)

    (cancelled,) = _change(store, [name], drop)
    return cancelled


def decide(
    store: Store, edition_id: int, on_uncertain: OnUncertain, now: datetime, news_for: timedelta
) -> None:
    """Say for one edition what becomes of what is uncertain, and send it again if that is so."""
    with store.writing() as shelves:
        shelves.mailings.decide(edition_id, on_uncertain)
        if on_uncertain is OnUncertain.RESEND and shelves.deliveries.again(edition_id, now):
            shelves.mailings.reopen(edition_id, 0, now + news_for)


def owe(
    shelves: Shelves, edition_id: int, reader: Subscriber, now: datetime, news_for: timedelta
) -> None:
    """Owe an edition to one more reader, or once more to one whom it did not reach.

    SetupError where they have it already, or get no mails.
    """
    if reader.standing is not Standing.ACTIVE:
        raise SetupError(f"{reader.address} gets no mails: their standing is {reader.standing}")
    stands = shelves.deliveries.status_of(edition_id, reader.id)
    if stands is Status.SENT:
        raise SetupError(f"{reader.address} has got that edition already")
    if stands is None:
        shelves.deliveries.plan_one(edition_id, reader.id, now)
    else:
        shelves.deliveries.again(edition_id, now, reader.id)
    shelves.mailings.reopen(edition_id, int(stands is None), now + news_for)


def _change(
    store: Store, names: Sequence[str], change: Callable[[Shelves, Sequence[int]], None]
) -> list[Mailing]:
    with store.writing() as shelves:
        found = shelves.mailings.named(names) if names else shelves.mailings.open()
        if missing := set(names) - {each.edition for each in found}:
            raise SetupError(
                f"there is no edition {min(missing)}; `digest status` names those that are open"
            )
        if names and (ended := [each.edition for each in found if each.finished]):
            raise SetupError(f"{min(ended)} is finished: nothing of it waits any more")
        change(shelves, [each.edition_id for each in found])
        return shelves.mailings.named([each.edition for each in found])
