"""The nouns, frozen."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

DEFAULT_AUDIENCE = "all"


@dataclass(frozen=True, slots=True)
class PrintedDate:
    """A date as a dump prints it; Hugging Face pages leave the year out when it is their own."""

    month: int
    day: int
    year: int | None = None

    def in_year(self, year: int | None) -> "PrintedDate":
        return self if self.year or not year else PrintedDate(self.month, self.day, year)

    def date(self) -> date | None:
        """The calendar date, or None where the year is unknown or has no such day."""
        try:
            return date(self.year, self.month, self.day) if self.year else None
        except ValueError:
            return None


@dataclass(frozen=True, slots=True)
class Sighting:
    """One paper in one dump: what is printed there, white space folded, nothing else changed.

    `line` counts from 1 and is where the title stands (or the record, in files that are not made
    of lines). `day` is the day that the listing is for. Counts are None where the dump does not
    print them. `arxiv_id` is without its version, which is `version`; `announced` is what arXiv
    says of it ("new", "cross", "replace", "withdrawn"). `keywords` and `ai_summary` are what the
    source adds to the paper; they are kept and never shown as the paper's own words.
    """

    title: str
    abstract: str
    line: int
    authors: tuple[str, ...] = ()
    author_count: int | None = None
    organization: str | None = None
    organization_handle: str | None = None
    published: PrintedDate | None = None
    upvotes: int | None = None
    comments: int | None = None
    arxiv_id: str | None = None
    doi: str | None = None
    url: str | None = None
    categories: tuple[str, ...] = ()
    day: PrintedDate | None = None
    version: int | None = None
    announced: str | None = None
    keywords: tuple[str, ...] = ()
    ai_summary: str | None = None
    code_url: str | None = None


@dataclass(frozen=True, slots=True)
class Votes:
    """What a source counted on a day; None where it does not print it."""

    day: date
    upvotes: int | None
    comments: int | None


@dataclass(frozen=True, slots=True)
class Paper:
    """A work: the best of all its printings; or one printing, the best of all its sightings.

    `ref` is its public id, made from what is printed, so that the same dumps give the same ids in
    every store; a work has that of its first printing. `title` and `abstract` are as printed.
    `votes` are one for a day, in the order of days. `sources` are the formats that carry it.
    `follows` is the ref of a known work that this one is related to. A `history` paper is known
    and never news; one that was `withdrawn` by its authors is none either.
    """

    ref: str
    title: str
    abstract: str
    first_seen: date
    authors: tuple[str, ...] = ()
    author_count: int | None = None
    organization: str | None = None
    organization_handle: str | None = None
    published: date | None = None
    votes: tuple[Votes, ...] = ()
    arxiv_id: str | None = None
    version: int | None = None
    withdrawn: bool = False
    doi: str | None = None
    url: str | None = None
    code_url: str | None = None
    categories: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    follows: str | None = None
    history: bool = False

    @property
    def upvotes(self) -> int | None:
        """The latest count."""
        return next((each.upvotes for each in self.votes[::-1] if each.upvotes is not None), None)

    @property
    def comments(self) -> int | None:
        """The latest count."""
        return next((each.comments for each in self.votes[::-1] if each.comments is not None), None)


class Answer(StrEnum):
    """What dedupe says of a printing."""

    NEW = "new"
    SAME = "same"  # a known work: no edition shows it again
    RELATED = "related"  # another work that follows a known one: it is news


Span = tuple[int, int]


class Note(StrEnum):
    """What a reader should know of a summary."""

    ONLY = "one sentence"  # there was nothing to choose from
    CUT = "cut off"  # the abstract ends within a sentence
    LONG = "long"  # no sentence is as short as a lead should be
    FOREIGN = "not English"  # chosen by its place, as nothing else is known


@dataclass(frozen=True, slots=True)
class Summary:
    """Sentences picked from an abstract, less lead-ins, asides and citations.

    `spans` are half-open code-point ranges of the cleaned abstract, the lead's before the
    finding's; `lead_spans` says how many of them are the lead's. Read one after the other, nothing
    between them, they spell the texts; what stands between two of them was left out. `compact` is
    for long lists, and None where neither lead nor finding will do; `compact_spans` spell it.
    `method` names who picked them, with its version.
    """

    lead: str
    finding: str | None
    spans: tuple[Span, ...]
    lead_spans: int
    method: str
    compact: str | None = None
    compact_spans: tuple[Span, ...] = ()
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True, slots=True)
class Tag:
    """The theme of one paper, the same in whatever company it is, and the phrases that decided."""

    theme_id: str
    theme: str
    section: str
    keywords: tuple[str, ...]
    why: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Followed:
    """A known work that a paper follows: its clean title, and the day it was first seen."""

    ref: str
    title: str
    seen: date


@dataclass(frozen=True, slots=True)
class Rank:
    """Where a paper stands among those of its edition, 1 for the best, and why.

    `score` is the sum of `parts`, each with its weight. `rising` marks the one whose votes grew
    most since the last edition.
    """

    place: int
    score: float
    parts: tuple[tuple[str, float], ...] = ()
    rising: bool = False


UNRANKED = Rank(0, 0.0)


class Tier(StrEnum):
    """How much of a paper is shown."""

    CARD = "card"  # with its summary
    LINE = "line"  # its title and facts
    ONLINE = "online"  # not in the mail; a line in the archive


@dataclass(frozen=True, slots=True)
class Card:
    """A paper as an edition shows it: clean text only, nothing left to decide.

    `theme` is the paper's own theme, whatever heading it stands under. `part` is the sub-heading
    within that heading, where it has such. `compact` is its summary for a line. `notes` say what a
    reader should know of lead and finding. `chosen_by` are the words of the audience's query that
    chose it.
    """

    ref: str
    title: str
    lead: str
    finding: str | None
    authors: tuple[str, ...]
    author_count: int | None
    organization: str | None
    published: date | None
    upvotes: int | None
    comments: int | None
    url: str | None
    code_url: str | None
    keywords: tuple[str, ...]
    follows: Followed | None = None
    theme: str = ""
    part: str = ""
    rank: Rank = UNRANKED
    tier: Tier = Tier.CARD
    compact: str | None = None
    notes: tuple[Note, ...] = ()
    version: int | None = None
    pdf_url: str | None = None
    chosen_by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Theme:
    """A heading of an edition and its papers, best first; under sub-headings part by part."""

    id: str
    label: str
    section: str
    cards: tuple[Card, ...]


@dataclass(frozen=True, slots=True)
class Edition:
    """The papers and their order for one audience on one local date.

    `number` is 1 for the day's edition and counts the extra ones after it.
    """

    audience: str
    day: date
    number: int
    themes: tuple[Theme, ...]

    @property
    def cards(self) -> tuple[Card, ...]:
        return tuple(card for theme in self.themes for card in theme.cards)

    @property
    def name(self) -> str:
        """The edition's name in file names, links and Message-IDs."""
        extra = f"-{self.number}" if self.number > 1 else ""
        audience = "" if self.audience == DEFAULT_AUDIENCE else f"-{self.audience}"
        return f"{self.day.isoformat()}{audience}{extra}"


@dataclass(frozen=True, slots=True)
class Budget:
    """What a mail had room for: so many papers as cards, as lines, and only `online`.

    `demoted` of them are shown with less than the edition meant them to be, as the mail would have
    been too large. `size` are bytes of HTML as they are encoded, its slots filled, of `limit`.
    """

    cards: int = 0
    lines: int = 0
    online: int = 0
    demoted: int = 0
    size: int = 0
    limit: int = 0


NOTHING = Budget()


@dataclass(frozen=True, slots=True)
class Message:
    """An edition's rendering; `slots` maps a slot's name to the marker that stands for it.

    `shown` are the refs of the papers that the mail prints; the others stand only online.
    """

    subject: str
    text: str
    html: str
    slots: Mapping[str, str]
    shown: tuple[str, ...]
    budget: Budget = NOTHING

    @property
    def sha256(self) -> str:
        whole = f"{self.subject}\0{self.text}\0{self.html}"
        return hashlib.sha256(whole.encode(errors="backslashreplace")).hexdigest()


class Within(StrEnum):
    """Where a slot stands, and so how what fills it is written."""

    HEADER = "header"  # as it is
    TEXT = "text"
    HTML = "html"  # escaped


@dataclass(frozen=True, slots=True)
class Slot:
    """A place of a mail that differs from reader to reader."""

    name: str
    within: Within


@dataclass(frozen=True, slots=True)
class Base64:
    """The end of a base64 part, from its first slot on: text that is encoded when it is filled."""

    pieces: tuple[str | Slot, ...]


Pieces = tuple[bytes | Slot | Base64, ...]


@dataclass(frozen=True, slots=True)
class Form:
    """The mail of an edition as it is frozen: bytes for the wire, and slots between them.

    `text` and `html` are the two parts with their own headers, `end` closes the last. `shown` are
    the refs of the papers that it prints.
    """

    head: Pieces
    text: Pieces
    html: Pieces
    end: bytes
    shown: tuple[str, ...] = ()


class Standing(StrEnum):
    """What a subscriber is to us."""

    PENDING = "pending"  # asked for, not confirmed yet
    ACTIVE = "active"
    PAUSED = "paused"
    BOUNCED = "bounced"
    COMPLAINED = "complained"
    LEFT = "left"


class Kind(StrEnum):
    READER = "reader"
    OWNER = "owner"  # the sender itself; gets the editions as long as there is no reader


@dataclass(frozen=True, slots=True)
class Subscriber:
    """`token` is opaque and stands for the subscriber where an address must not."""

    id: int
    address: str
    audience: str
    kind: Kind
    standing: Standing
    token: str
    since: datetime

    @property
    def domain(self) -> str:
        return self.address.rpartition("@")[2]


class Status(StrEnum):
    """Where a delivery stands."""

    WAITING = "waiting"  # owed, not tried yet or to be tried again
    SENDING = "sending"  # recorded before the attempt, so that a crash leaves a trace
    SENT = "sent"
    REFUSED = "refused"
    UNCERTAIN = "uncertain"  # tried, and nobody knows whether it arrived
    SUPPRESSED = "suppressed"  # the reader left, or the edition was cancelled, before it went out
    EXPIRED = "expired"  # too old to be news


class OnUncertain(StrEnum):
    """What becomes of a delivery of which nobody knows whether it arrived."""

    RESEND = "resend"  # perhaps twice
    HOLD = "hold"  # perhaps never
    ASK = "ask"  # as HOLD, and the edition stays open until a person says which


@dataclass(frozen=True, slots=True)
class Delivery:
    """One message owed to one subscriber.

    `attempts` are those that ended, `doubts` how many of them left nobody the wiser. `timed` says
    that it was put off until a time of its own, which has come.
    """

    id: int
    edition_id: int
    edition: str
    subscriber: Subscriber
    status: Status
    attempts: int
    doubts: int = 0
    timed: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an attempt has led to, as the ledger keeps it.

    `not_before` is when a delivery that waits may be tried, `taken` whether the other side said
    that it took it, `doubt` whether nobody can know.
    """

    status: Status
    detail: str
    not_before: datetime | None = None
    taken: bool = False
    doubt: bool = False


@dataclass(frozen=True, slots=True)
class Mailing:
    """The deliveries of one edition as a whole.

    `planned` is how many there are; `not_after` is when they are no longer news. `known_twice` is
    how many readers were known to have got it twice when a person let it go on all the same.
    """

    edition_id: int
    edition: str
    audience: str
    day: date
    number: int
    planned: int
    not_after: datetime
    on_uncertain: OnUncertain | None = None
    paused_why: str | None = None
    known_twice: int = 0
    cancelled: bool = False
    finished: bool = False


@dataclass(frozen=True, slots=True)
class Envelope:
    """What a transport needs to know; `name` is unique to the delivery and fit for a file.

    The mail is one `of` so many that differ in what fills their slots only: those of the edition.
    `dotless` says that none of its lines begins with a dot, as of all that are filled from a form.
    """

    name: str
    sender: str
    recipient: str
    edition: str = ""
    of: int = 1
    dotless: bool = False


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the other side said when it took a mail."""

    detail: str


class Verdict(StrEnum):
    """What the report on a mail says."""

    GONE = "gone"  # there is no such reader
    SOFT = "soft"  # it did not arrive, this time
    POLICY = "policy"  # no mail of ours is wanted there, whoever reads it
    COMPLAINT = "complaint"  # the reader called it spam


@dataclass(frozen=True, slots=True)
class Bounce:
    """A mail that came back; `status` is as in RFC 3463, and "" of a complaint."""

    edition_id: int
    subscriber_id: int
    verdict: Verdict
    status: str = ""
