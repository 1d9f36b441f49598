"""The tables. What a released migration made is changed by a new migration only."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    Date,
    DateTime,
    Dialect,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    and_,
    false,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(column_0_N_label)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# SQLite numbers rows by itself only in a column that is INTEGER to the letter.
RowId = BigInteger().with_variant(Integer, "sqlite")


class Utc(TypeDecorator[datetime]):
    """An aware time. SQLite forgets the zone, so all are UTC there and get it back."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return value and value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return value and value.replace(tzinfo=UTC) if value and not value.tzinfo else value


def _partial(name: str, *columns: Column[Any], where: ColumnElement[bool]) -> None:
    """An index of some rows only.

    That of PostgreSQL, which a migration makes, is the same: to say so here would load what
    SQLAlchemy knows of PostgreSQL, 20 ms at each start.
    """
    Index(name, *columns, sqlite_where=where)


meta = Table(
    "meta",
    metadata,
    Column("key", String(40), primary_key=True),
    Column("value", Text, nullable=False),
)

dump = Table(
    "dump",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("sha256", String(64), nullable=False, index=True),
    Column("name", Text, nullable=False),
    Column("state", String(12), nullable=False),
    Column("format", String(40)),
    Column("reason", Text),
    Column("line", Integer),
    Column("taken", Date),
    Column("papers", Integer, nullable=False),
    Column("new", Integer, nullable=False),
    Column("history", Boolean, nullable=False),
    # Whether it lay in the dumps folder; others were named on the command line.
    Column("in_folder", Boolean, nullable=False),
    Column("read_at", Utc, nullable=False),
    # The place in the order in which dumps have come to count.
    Column("counted", Integer),
)

# A paper under one title and with one abstract. Printings with the same root are one work, and the
# root stands for it.
printing = Table(
    "printing",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("ref", String(16), nullable=False, unique=True),
    Column("root_id", ForeignKey("printing.id"), index=True),
    Column("title", Text, nullable=False),
    # The title as a person types its words.
    Column("words", Text, nullable=False),
    Column("abstract", Text, nullable=False),
    Column("first_seen", Date, nullable=False),
    Column("authors", JSON, nullable=False),
    Column("author_count", Integer),
    Column("organization", Text),
    Column("organization_handle", Text),
    Column("published", Date),
    Column("arxiv_id", String(40), index=True),
    Column("version", Integer),
    Column("withdrawn", Boolean, nullable=False),
    Column("doi", Text, index=True),
    Column("url", Text),
    Column("code_url", Text),
    Column("categories", JSON, nullable=False),
    Column("history", Boolean, nullable=False),
    # Whether it stands for a work in an edition for everybody.
    Column("listed", Boolean, nullable=False, server_default=false()),
)
_IS_NEWS = printing.c.history.is_(False)
_partial("ix_printing_news", printing.c.first_seen, where=_IS_NEWS)
# Works that may be for the next edition for everybody: there are few, however many were published.
_AWAITS = and_(_IS_NEWS, printing.c.listed.is_(False), printing.c.root_id == printing.c.id)
_partial("ix_printing_awaits", printing.c.first_seen, where=_AWAITS)

# The printings that do not count yet: the dump that brought them is not stored to its end.
unfinished = Table(
    "unfinished",
    metadata,
    Column("printing_id", ForeignKey("printing.id"), primary_key=True, autoincrement=False),
    Column("dump_id", BigInteger, nullable=False, index=True),
)

# What dedupe compares, apart from the printings: it reads them by the thousand, at random. `answer`
# and the rest is what it said last.
fingerprint = Table(
    "fingerprint",
    metadata,
    Column("printing_id", ForeignKey("printing.id"), primary_key=True, autoincrement=False),
    Column("ref", LargeBinary(8), nullable=False),
    Column("day", Date, nullable=False),
    Column("answer", String(8)),
    Column("of_id", ForeignKey("printing.id"), index=True),
    Column("title_score", Float),
    Column("abstract_score", Float),
    Column("why", Text),
    Column("key", BigInteger, nullable=False),
    Column("arxiv_id", String(40)),
    Column("doi", Text),
    Column("year", Integer),
    Column("shingles", Integer, nullable=False),
    Column("title", Text, nullable=False),
    Column("authors", LargeBinary, nullable=False),
    Column("sketch", LargeBinary, nullable=False),
)

# Where printings are found that may be the same. `rank` is from a printing's content, so that who
# is left out of a crowd does not depend on who came first.
blocking_key = Table(
    "blocking_key",
    metadata,
    Column("key", BigInteger, primary_key=True, autoincrement=False),
    Column("rank", Integer, primary_key=True, autoincrement=False),
    Column("printing_id", BigInteger, primary_key=True, autoincrement=False),
    sqlite_with_rowid=False,
)

# What a person decided of two printings, the smaller ref first.
rule = Table(
    "rule",
    metadata,
    Column("one", String(16), primary_key=True),
    Column("other", String(16), primary_key=True),
    Column("same", Boolean, nullable=False),
    Column("made_at", Utc, nullable=False),
)

sighting = Table(
    "sighting",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("dump_id", ForeignKey("dump.id"), nullable=False),
    Column("printing_id", ForeignKey("printing.id"), nullable=False, index=True),
    # Which paper of the dump it is, from 1.
    Column("place", Integer, nullable=False),
    Column("line", Integer, nullable=False),
    # The day that the listing is for, else that on which it was read.
    Column("day", Date, nullable=False),
    Column("upvotes", Integer),
    Column("comments", Integer),
    Column("printed", JSON, nullable=False),
    UniqueConstraint("dump_id", "place"),
)

summary = Table(
    "summary",
    metadata,
    Column("work_id", ForeignKey("printing.id"), primary_key=True),
    Column("cache_key", String(64), nullable=False),
    Column("found", JSON, nullable=False),
)

edition = Table(
    "edition",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("name", String(80), nullable=False, unique=True),
    Column("audience", String(40), nullable=False),
    Column("day", Date, nullable=False),
    Column("number", Integer, nullable=False),
    Column("published_at", Utc, nullable=False),
    Column("papers", Integer, nullable=False),
    Column("content", LargeBinary, nullable=False),
    # The last dump that it was made of: its `counted`.
    Column("counted", Integer),
    UniqueConstraint("audience", "day", "number"),
)

edition_work = Table(
    "edition_work",
    metadata,
    Column("edition_id", ForeignKey("edition.id"), primary_key=True),
    Column("work_id", ForeignKey("printing.id"), primary_key=True),
    Column("audience", String(40), nullable=False),
    Column("shown", Boolean, nullable=False),
    UniqueConstraint("audience", "work_id"),
    Index(None, "work_id"),
)

message = Table(
    "message",
    metadata,
    Column("edition_id", ForeignKey("edition.id"), primary_key=True),
    # Of the form, before it was compressed.
    Column("sha256", String(64), nullable=False),
    Column("content", LargeBinary, nullable=False),
    # What was frozen; none where an earlier version left text and HTML that are still to be frozen.
    Column("manifest", JSON(none_as_null=True)),
)

quiet_day = Table(
    "quiet_day",
    metadata,
    Column("audience", String(40), primary_key=True),
    Column("day", Date, primary_key=True),
    Column("reason", Text, nullable=False),
    # The last dump that was looked through, where nothing of it waits for another day.
    Column("counted", Integer),
)

subscriber = Table(
    "subscriber",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("address", String(320), nullable=False),
    Column("audience", String(40), nullable=False),
    Column("kind", String(8), nullable=False),
    Column("standing", String(12), nullable=False),
    Column("token", String(64), nullable=False, unique=True),
    Column("since", Utc, nullable=False),
    UniqueConstraint("audience", "address"),
    Index(None, "address"),
    Index(None, "standing", "since"),
    Index(None, "standing", "kind", "audience"),
)

# The deliveries of one edition as a whole. The five counts are those of its end.
mailing = Table(
    "mailing",
    metadata,
    Column("edition_id", ForeignKey("edition.id"), primary_key=True, autoincrement=False),
    Column("planned", Integer, nullable=False),
    Column("not_after", Utc, nullable=False),
    # What becomes of uncertain deliveries, where a person has said so for this edition.
    Column("on_uncertain", String(8)),
    Column("paused_at", Utc),
    Column("paused_why", Text),
    # How many readers were known to have got it twice when a person let it go on.
    Column("known_twice", Integer, nullable=False),
    Column("cancelled_at", Utc),
    Column("finished_at", Utc),
    Column("sent", Integer),
    Column("refused", Integer),
    Column("uncertain", Integer),
    Column("suppressed", Integer),
    Column("expired", Integer),
)

# Every index costs each mail some microseconds: the sums are counted in one, and two that are
# small find what is due and what was sent twice.
delivery = Table(
    "delivery",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("edition_id", ForeignKey("edition.id"), nullable=False),
    Column("subscriber_id", ForeignKey("subscriber.id"), nullable=False, index=True),
    Column("status", String(12), nullable=False),
    Column("attempts", Integer, nullable=False),
    # How often the other side said that it took it, and how often nobody knows whether it did.
    Column("taken", Integer, nullable=False),
    Column("doubts", Integer, nullable=False),
    Column("not_before", Utc),
    # In whose hands it is.
    Column("worker", String(80)),
    Column("detail", Text),
    Column("changed_at", Utc, nullable=False),
    UniqueConstraint("edition_id", "subscriber_id"),
    Index(None, "edition_id", "status"),
)


_row = delivery.c
_partial(
    "ix_delivery_due",
    *(_row.edition_id, _row.not_before, _row.id),
    where=and_(_row.status == "waiting", _row.worker.is_(None)),
)
_partial("ix_delivery_twice", _row.edition_id, where=_row.taken > 1)

# The runs that have deliveries in hand, and until when nobody else may take these.
lease = Table(
    "lease",
    metadata,
    Column("worker", String(80), primary_key=True),
    Column("until", Utc, nullable=False),
)

# How fast mails may go: when the next may, by a way out or to a domain.
pace = Table(
    "pace",
    metadata,
    Column("key", String(320), primary_key=True),
    Column("next_at", Utc, nullable=False),
)

# What came back of a delivery; a mail can come back, and its reader complain.
bounce = Table(
    "bounce",
    metadata,
    Column("delivery_id", ForeignKey("delivery.id"), primary_key=True, autoincrement=False),
    Column("verdict", String(12), primary_key=True),
    Column("status", String(12), nullable=False),
    Column("at", Utc, nullable=False),
)

run = Table(
    "run",
    metadata,
    Column("id", RowId, primary_key=True),
    # The local time at which the schedule called for it; unique, so it is run once.
    Column("slot", String(16), unique=True),
    Column("worker", String(80), nullable=False),
    Column("started_at", Utc, nullable=False),
    Column("finished_at", Utc),
    Column("exit_code", Integer),
    Column("report", JSON),
)
