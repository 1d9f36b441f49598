"""Preview: the edition of a day as a reader would get it; nothing is saved and nothing sent."""

from dataclasses import dataclass
from datetime import date, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from functools import cached_property

from digest.mime import fill, freeze
from digest.model import Budget, Subscriber
from digest.pipeline.draft import Press, choose, draft
from digest.stamps import stamps
from digest.store import Store


@dataclass(frozen=True)
class Preview:
    """`published` tells a frozen mail from a draft; `mail` has its bytes.

    `papers` is how many a draft has, and `budget` what its mail has room for; None of a published
    edition.
    """

    name: str
    published: bool
    papers: int | None
    mail: bytes
    budget: Budget | None = None

    @property
    def subject(self) -> str:
        return str(self._parsed["Subject"])

    @property
    def text(self) -> str:
        return self._part(0)

    @property
    def html(self) -> str:
        return self._part(1)

    @cached_property
    def _parsed(self) -> EmailMessage:
        return message_from_bytes(self.mail, policy=policy.default)

    def _part(self, n: int) -> str:
        part = list(self._parsed.iter_parts())[n]
        return str(part.get_content()).replace("\r\n", "\n")


def preview(
    store: Store,
    press: Press,
    day: date,
    reader: Subscriber,
    *,
    secret: bytes,
    now: datetime,
) -> Preview | None:
    """Return the day's edition as it was frozen, else a draft; None where there is no news."""
    with store.reading() as shelves:
        edition_id = shelves.editions.latest(reader.audience, day)
        if edition_id is not None:
            name = shelves.editions.name(edition_id)
            mail = fill(shelves.editions.form(edition_id), stamps(name, reader, secret))
            return Preview(name, published=True, papers=None, mail=mail)
    made = draft(store, press, choose(store, press, day))
    if made is None:
        return None
    name = made.edition.name
    form = freeze(made.message, name, now, press.letterhead)
    mail = fill(form, stamps(name, reader, secret))
    papers, budget = len(made.edition.cards), made.message.budget
    return Preview(name, published=False, papers=papers, mail=mail, budget=budget)
