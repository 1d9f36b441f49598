"""What the deliveries of an edition must add up to."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from digest.look import counted
from digest.model import OnUncertain, Status

OPEN = (Status.WAITING, Status.SENDING)


@dataclass(frozen=True, slots=True)
class Account:
    """The sums over the deliveries of one edition.

    `taken` is how often the other side said that it took one, `twice` how many readers it took
    more than one for, `perhaps_twice` for how many that may be so. `unfounded` deliveries are sent
    though nobody took them, or were taken and are not sent.
    """

    planned: int
    counts: Mapping[Status, int]
    taken: int
    twice: int
    perhaps_twice: int
    unfounded: int

    def is_finished(self, policy: OnUncertain) -> bool:
        """Whether nothing is to be done for it any more."""
        asks = policy is OnUncertain.ASK and self.counts[Status.UNCERTAIN]
        return not asks and not any(self.counts[status] for status in OPEN)


def alarms(account: Account, known_twice: int = 0) -> Iterator[str]:
    """Say what cannot be unless the program, or who has changed its database, is wrong.

    `known_twice` readers have got it twice, and a person has let it go on.
    """
    total = sum(account.counts.values())
    if account.planned != total:
        yield f"{account.planned} were planned and the ledger has {counted(total, 'mail')}"
    if account.twice > known_twice:
        yield f"{counted(account.twice, 'reader')} got it more than once"
    if account.taken > account.planned and not known_twice:
        yield f"{account.planned} were planned and {account.taken} were taken"
    if account.unfounded:
        yield f"{counted(account.unfounded, 'mail')} with a status that no answer accounts for"
