"""Subscribers come and go."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from digest.model import DEFAULT_AUDIENCE, Kind, Standing, Subscriber
from digest.store import Shelves, Store
from digest.subscribe import Act, address, after


@dataclass(frozen=True, slots=True)
class ReaderList:
    """Who reads what; `token` gives an address what stands for it in the mails of an audience.

    An address may be of several audiences. To each it is a subscriber of its own: it joins and
    leaves one without the others.
    """

    store: Store
    token: Callable[[str, str], str]

    def add(
        self, texts: Sequence[str], now: datetime, audience: str = DEFAULT_AUDIENCE
    ) -> dict[str, bool]:
        """Return for each address, in its normal form, whether it has become a reader now.

        ConfigError where one is no address: then nobody is added.
        """
        addresses = [address(text) for text in texts]
        with self.store.writing() as shelves:
            return {each: self._add(shelves, audience, each, now) for each in addresses}

    def remove(
        self, texts: Sequence[str], now: datetime, audience: str | None = None
    ) -> dict[str, bool]:
        """Return for each address whether it was on a list and is no more.

        Without an audience it leaves all. The token that stands in a mail that asks to leave will
        do for an address, and leaves what that mail was of.
        """
        with self.store.writing() as shelves:
            found = {text: self._find(shelves, text, audience) for text in texts}
            return {text: self._remove(shelves, known, now) for text, known in found.items()}

    def holder(self, token: str) -> Subscriber | None:
        """Who a link in a mail was made for."""
        with self.store.reading() as shelves:
            return shelves.subscribers.by_token(token)

    def act(self, token: str, act: Act, now: datetime) -> Subscriber | None:
        """Do what the holder of a link asks for; return what they are to us after it."""
        with self.store.writing() as shelves:
            known = shelves.subscribers.by_token(token)
            if known is None:
                return None
            standing = after(known.standing, act)
            shelves.subscribers.change(known.id, known.kind, standing, now)
            return replace(known, standing=standing)

    def alone(self, shelves: Shelves, audience: str, text: str, now: datetime) -> int | None:
        """The row of the sender itself, who gets the editions as long as nobody else does.

        None where the sender has been removed from the list.
        """
        own = address(text)
        known = shelves.subscribers.find(audience, own)
        if known is None:
            token = self.token(audience, own)
            known = shelves.subscribers.add(own, audience, Kind.OWNER, token, now)
        return known.id if known.standing is Standing.ACTIVE else None

    def _add(self, shelves: Shelves, audience: str, text: str, now: datetime) -> bool:
        known = shelves.subscribers.find(audience, text)
        if known is None:
            token = self.token(audience, text)
            shelves.subscribers.add(text, audience, Kind.READER, token, now)
            return True
        standing = after(known.standing, Act.ADD)
        shelves.subscribers.change(known.id, Kind.READER, standing, now)
        return (known.kind, known.standing) != (Kind.READER, standing)

    def _find(self, shelves: Shelves, text: str, audience: str | None) -> list[Subscriber]:
        if "@" in text:
            found = shelves.subscribers.anywhere(address(text))
        else:
            named = shelves.subscribers.by_token(text.strip().lower())
            found = [named] if named else []
        return [each for each in found if audience in (None, each.audience)]

    def _remove(self, shelves: Shelves, known: Sequence[Subscriber], now: datetime) -> bool:
        gone = False
        for each in known:
            standing = after(each.standing, Act.LEAVE)
            shelves.subscribers.change(each.id, each.kind, standing, now)
            gone |= standing is Standing.LEFT is not each.standing
        return gone
