"""A work is one printing or several, and dedupe compares their fingerprints.

Revision ID: 0002
Revises: 0001
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

RowId = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

# In the order in which they can be dropped.
OLD = ("summary", "edition_work", "sighting", "work")
KEPT = (
    "id, ref, title, words, abstract, first_seen, authors, author_count, organization, "
    "organization_handle, published, arxiv_id, doi, url, categories, history"
)


def upgrade() -> None:
    for table in OLD:
        op.execute(f"CREATE TABLE old_{table} AS SELECT * FROM {table}")
    for table in OLD:
        op.drop_table(table)
    _create_tables()
    _drop_what_does_not_count()
    _copy()
    for table in OLD:
        op.drop_table(f"old_{table}")


def _drop_what_does_not_count() -> None:
    """A dump of which a part was stored is read anew, and its papers get other refs then."""
    op.execute(
        "DELETE FROM old_sighting WHERE dump_id NOT IN (SELECT id FROM dump WHERE state = 'read')"
    )
    op.execute(
        "DELETE FROM old_work WHERE id NOT IN (SELECT work_id FROM old_sighting) "
        "AND id NOT IN (SELECT work_id FROM old_edition_work)"
    )
    op.execute("DELETE FROM old_summary WHERE work_id NOT IN (SELECT id FROM old_work)")


def _copy() -> None:
    op.execute(f"INSERT INTO printing ({KEPT}, withdrawn) SELECT {KEPT}, false FROM old_work")
    op.execute("UPDATE printing SET root_id = id")
    _copy_sightings()
    op.execute("INSERT INTO summary SELECT * FROM old_summary")
    op.execute("INSERT INTO edition_work SELECT * FROM old_edition_work")
    # Dedupe reads this note and takes the fingerprints of what is there.
    op.execute(
        "INSERT INTO meta SELECT 'printings without fingerprint', 'true' "
        "WHERE EXISTS (SELECT 1 FROM printing)"
    )
    if _is_postgresql():
        for table in ("printing", "sighting"):
            op.execute(
                f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), "
                f"(SELECT coalesce(max(id), 0) + 1 FROM {table}), false)"
            )


def _copy_sightings() -> None:
    """A sighting without a day counts as of that on which it was read."""
    op.execute(
        "INSERT INTO sighting (id, dump_id, printing_id, place, line, day, upvotes, comments, "
        "printed) SELECT old_sighting.id, dump_id, work_id, place, old_sighting.line, "
        f"coalesce(day, {_day('read_at')}), {_number('upvotes')}, {_number('comments')}, printed "
        "FROM old_sighting JOIN dump ON dump.id = dump_id"
    )


def _day(column: str) -> str:
    return f"CAST({column} AT TIME ZONE 'UTC' AS date)" if _is_postgresql() else f"date({column})"


def _number(key: str) -> str:
    if _is_postgresql():
        return f"CAST(printed ->> '{key}' AS integer)"
    return f"json_extract(printed, '$.{key}')"


def _is_postgresql() -> bool:
    return op.get_bind().dialect.name == "postgresql"


def _create_tables() -> None:
    op.create_table(
        "blocking_key",
        sa.Column("key", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("rank", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("printing_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("key", "rank", "printing_id", name=op.f("pk_blocking_key")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "printing",
        sa.Column("id", RowId, nullable=False),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.Column("root_id", RowId, nullable=True),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("abstract", sa.Text(), nullable=False),
        sa.Column("first_seen", sa.Date(), nullable=False),
        sa.Column("authors", sa.JSON(), nullable=False),
        sa.Column("author_count", sa.Integer(), nullable=True),
        sa.Column("organization", sa.Text(), nullable=True),
        sa.Column("organization_handle", sa.Text(), nullable=True),
        sa.Column("published", sa.Date(), nullable=True),
        sa.Column("arxiv_id", sa.String(length=40), nullable=True),
        sa.Column("version", sa.Integer(), nullable=True),
        sa.Column("withdrawn", sa.Boolean(), nullable=False),
        sa.Column("doi", sa.Text(), nullable=True),
        sa.Column("url", sa.Text(), nullable=True),
        sa.Column("code_url", sa.Text(), nullable=True),
        sa.Column("categories", sa.JSON(), nullable=False),
        sa.Column("history", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["root_id"], ["printing.id"], name=op.f("fk_printing_root_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_printing")),
        sa.UniqueConstraint("ref", name=op.f("uq_printing_ref")),
    )
    op.create_index(op.f("ix_printing_arxiv_id"), "printing", ["arxiv_id"], unique=False)
    op.create_index(op.f("ix_printing_doi"), "printing", ["doi"], unique=False)
    op.create_index(
        "ix_printing_news",
        "printing",
        ["first_seen"],
        unique=False,
        sqlite_where=sa.text("history IS 0"),
        postgresql_where=sa.text("history IS false"),
    )
    op.create_index(op.f("ix_printing_root_id"), "printing", ["root_id"], unique=False)
    op.create_table(
        "rule",
        sa.Column("one", sa.String(length=16), nullable=False),
        sa.Column("other", sa.String(length=16), nullable=False),
        sa.Column("same", sa.Boolean(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("one", "other", name=op.f("pk_rule")),
    )
    op.create_table(
        "edition_work",
        sa.Column("edition_id", RowId, nullable=False),
        sa.Column("work_id", RowId, nullable=False),
        sa.Column("audience", sa.String(length=40), nullable=False),
        sa.Column("shown", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["edition_id"], ["edition.id"], name=op.f("fk_edition_work_edition_id")
        ),
        sa.ForeignKeyConstraint(["work_id"], ["printing.id"], name=op.f("fk_edition_work_work_id")),
        sa.PrimaryKeyConstraint("edition_id", "work_id", name=op.f("pk_edition_work")),
        sa.UniqueConstraint("audience", "work_id", name=op.f("uq_edition_work_audience_work_id")),
    )
    op.create_index(op.f("ix_edition_work_work_id"), "edition_work", ["work_id"], unique=False)
    op.create_table(
        "fingerprint",
        sa.Column("printing_id", RowId, autoincrement=False, nullable=False),
        sa.Column("ref", sa.LargeBinary(length=8), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("answer", sa.String(length=8), nullable=True),
        sa.Column("of_id", RowId, nullable=True),
        sa.Column("title_score", sa.Float(), nullable=True),
        sa.Column("abstract_score", sa.Float(), nullable=True),
        sa.Column("why", sa.Text(), nullable=True),
        sa.Column("key", sa.BigInteger(), nullable=False),
        sa.Column("arxiv_id", sa.String(length=40), nullable=True),
        sa.Column("doi", sa.Text(), nullable=True),
        sa.Column("year", sa.Integer(), nullable=True),
        sa.Column("shingles", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("authors", sa.LargeBinary(), nullable=False),
        sa.Column("sketch", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["of_id"], ["printing.id"], name=op.f("fk_fingerprint_of_id")),
        sa.ForeignKeyConstraint(
            ["printing_id"], ["printing.id"], name=op.f("fk_fingerprint_printing_id")
        ),
        sa.PrimaryKeyConstraint("printing_id", name=op.f("pk_fingerprint")),
    )
    op.create_index(op.f("ix_fingerprint_of_id"), "fingerprint", ["of_id"], unique=False)
    op.create_table(
        "sighting",
        sa.Column("id", RowId, nullable=False),
        sa.Column("dump_id", RowId, nullable=False),
        sa.Column("printing_id", RowId, nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("upvotes", sa.Integer(), nullable=True),
        sa.Column("comments", sa.Integer(), nullable=True),
        sa.Column("printed", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["dump_id"], ["dump.id"], name=op.f("fk_sighting_dump_id")),
        sa.ForeignKeyConstraint(
            ["printing_id"], ["printing.id"], name=op.f("fk_sighting_printing_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sighting")),
        sa.UniqueConstraint("dump_id", "place", name=op.f("uq_sighting_dump_id_place")),
    )
    op.create_index(op.f("ix_sighting_printing_id"), "sighting", ["printing_id"], unique=False)
    op.create_table(
        "summary",
        sa.Column("work_id", RowId, nullable=False),
        sa.Column("cache_key", sa.String(length=64), nullable=False),
        sa.Column("found", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["work_id"], ["printing.id"], name=op.f("fk_summary_work_id")),
        sa.PrimaryKeyConstraint("work_id", name=op.f("pk_summary")),
    )
    op.create_table(
        "unfinished",
        sa.Column("printing_id", RowId, autoincrement=False, nullable=False),
        sa.Column("dump_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["printing_id"], ["printing.id"], name=op.f("fk_unfinished_printing_id")
        ),
        sa.PrimaryKeyConstraint("printing_id", name=op.f("pk_unfinished")),
    )
    op.create_index(op.f("ix_unfinished_dump_id"), "unfinished", ["dump_id"], unique=False)
