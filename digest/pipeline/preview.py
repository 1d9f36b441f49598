"""Preview: the edition of a day as a reader would get it; nothing is saved and nothing sent."""

from dataclasses import dataclass
from datetime import date, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from functools import cached_property

from digest.errors import DeliveryError, TryLater, Uncertain
from digest.mime import fill, freeze, marked
from digest.model import Budget, Envelope, Receipt, Subscriber
from digest.pipeline.draft import Press, choose, draft
from digest.ports import Transport
from digest.stamps import address_on_the_wire, mark, stamps
from digest.store import Shelves, Store

MARK = "[Preview]"


@dataclass(frozen=True)
class Preview:
    """`published` tells a frozen mail from a draft; `mail` has its bytes, as `reader` gets them.

    `before` has those of the last edition before it that was published, if any was. `papers` is how
    many a draft has, and `budget` what its mail has room for; None of a published edition.
    """

    name: str
    day: date
    published: bool
    reader: Subscriber
    mail: bytes
    before: bytes | None
    papers: int | None = None
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
        last = shelves.editions.before(reader.audience, day, edition_id)
        before = None if last is None else _frozen(shelves, last, reader, secret)
        if edition_id is not None:
            name = shelves.editions.name(edition_id)
            mail = _frozen(shelves, edition_id, reader, secret)
            return Preview(name, day, published=True, reader=reader, mail=mail, before=before)
    made = draft(store, press, choose(store, press, day), whole=False)
    if made is None:
        return None
    name = made.edition.name
    form = freeze(made.message, name, now, press.letterhead)
    mail = fill(form, stamps(name, reader, secret))
    papers, budget = len(made.edition.cards), made.message.budget
    return Preview(
        name,
        day,
        published=False,
        reader=reader,
        mail=mail,
        before=before,
        papers=papers,
        budget=budget,
    )


def _frozen(shelves: Shelves, edition_id: int, reader: Subscriber, secret: bytes) -> bytes:
    name = shelves.editions.name(edition_id)
    return fill(shelves.editions.form(edition_id), stamps(name, reader, secret))


def send_test(found: Preview, transport: Transport, sender: str, secret: bytes) -> Receipt:
    """Send what was made for nobody; it says that it is a preview, and nothing of it is noted.

    What comes back of it comes back to the sender, and stands for no delivery. TryLater, Refused,
    Uncertain or SetupError where it does not go out.
    """
    name = f"preview-{found.name}-{mark(found.name, found.reader, secret)[:12]}"
    envelope = Envelope(name, sender, address_on_the_wire(found.reader.address))
    with transport.connect() as connection:
        return connection.send(envelope, marked(found.mail, MARK), lambda: True)


def fate(error: DeliveryError) -> str:
    """What is known of a test mail, and what to do."""
    match error:
        case TryLater():
            return "the test mail was not sent; try again later"
        case Uncertain():
            return "nobody knows whether the test mail was sent; look whether it has come"
    return "the test mail was refused; mend what the answer says"
