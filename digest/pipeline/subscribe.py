"""Subscribers come and go."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from digest.model import Kind, Standing, Subscriber
from digest.store import Shelves, Store
from digest.subscribe import Act, address, after


@dataclass(frozen=True, slots=True)
class ReaderList:
    """The list of one audience; `token` gives an address what stands for it in mails."""

    store: Store
    audience: str
    token: Callable[[str], str]

    def add(self, texts: Sequence[str], now: datetime) -> dict[str, bool]:
        """Return for each address, in its normal form, whether it has become a reader now.

        ConfigError where one is no address: then nobody is added.
        """
        addresses = [address(text) for text in texts]
        with self.store.writing() as shelves:
            return {each: self._add(shelves, each, now) for each in addresses}

    def remove(self, texts: Sequence[str], now: datetime) -> dict[str, bool]:
        """Return for each address whether it was on the list and is no more.

        The token that stands in a mail that asks to leave will do for an address.
        """
        with self.store.writing() as shelves:
            found = {text: self._find(shelves, text) for text in texts}
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

    def alone(self, shelves: Shelves, text: str, now: datetime) -> int | None:
        """The row of the sender itself, who gets the editions as long as nobody else does.

        None where the sender has been removed from the list.
        """
        own = address(text)
        known = shelves.subscribers.find(self.audience, own)
        if known is None:
            known = shelves.subscribers.add(own, self.audience, Kind.OWNER, self.token(own), now)
        return known.id if known.standing is Standing.ACTIVE else None

    def _add(self, shelves: Shelves, text: str, now: datetime) -> bool:
        known = shelves.subscribers.find(self.audience, text)
        if known is None:
            shelves.subscribers.add(text, self.audience, Kind.READER, self.token(text), now)
            return True
        standing = after(known.standing, Act.ADD)
        shelves.subscribers.change(known.id, Kind.READER, standing, now)
        return (known.kind, known.standing) != (Kind.READER, standing)

    def _find(self, shelves: Shelves, text: str) -> Subscriber | None:
        if "@" in text:
            return shelves.subscribers.find(self.audience, address(text))
        return shelves.subscribers.by_token(text.strip().lower())

    def _remove(self, shelves: Shelves, known: Subscriber | None, now: datetime) -> bool:
        if known is None:
            return False
        standing = after(known.standing, Act.LEAVE)
        shelves.subscribers.change(known.id, known.kind, standing, now)
        return standing is Standing.LEFT is not known.standing
