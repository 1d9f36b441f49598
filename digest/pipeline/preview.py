"""Preview: the edition of a day as a reader would get it; nothing is saved and nothing sent."""

from dataclasses import dataclass
from datetime import date

from digest.deliver import Sender, filled
from digest.model import Message, Subscriber
from digest.pipeline.draft import Press, choose, draft
from digest.store import Store


@dataclass(frozen=True, slots=True)
class Preview:
    """`published` tells the frozen rendering of a published edition from a draft.

    `papers` is how many a draft has, None of a published edition.
    """

    name: str
    published: bool
    papers: int | None
    subject: str
    text: str
    html: str


def preview(
    store: Store, press: Press, day: date, reader: Subscriber, sender: Sender
) -> Preview | None:
    """Return the day's edition as it was frozen, else a draft; None where there is no news."""
    with store.reading() as shelves:
        edition_id = shelves.editions.latest(reader.audience, day)
        if edition_id is not None:
            message, _ = shelves.editions.message(edition_id)
            name = shelves.editions.name(edition_id)
            return _shown(name, message, reader, sender, papers=None)
    made = draft(store, press, choose(store, press, day))
    if made is None:
        return None
    papers = len(made.edition.cards)
    return _shown(made.edition.name, made.message, reader, sender, papers=papers)


def _shown(
    name: str, message: Message, reader: Subscriber, sender: Sender, *, papers: int | None
) -> Preview:
    text, html = filled(message, reader, sender)
    return Preview(name, papers is None, papers, message.subject, text, html)
