"""The deliveries of an edition have a row of their own; a delivery counts how often it was taken.

Revision ID: 0004
Revises: 0003
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

RowId = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
Time = sa.DateTime(timezone=True)


def upgrade() -> None:
    _create_tables()
    op.execute(
        "INSERT INTO mailing (edition_id, planned, not_after, known_twice) "
        "SELECT id, (SELECT count(*) FROM delivery WHERE edition_id = edition.id), "
        f"{_three_days_after('published_at')}, 0 FROM edition"
    )
    for name in ("taken", "doubts"):
        op.add_column("delivery", sa.Column(name, sa.Integer(), nullable=False, server_default="0"))
    op.execute("UPDATE delivery SET taken = 1 WHERE status = 'sent'")
    op.execute("UPDATE delivery SET doubts = 1 WHERE status = 'uncertain'")
    op.execute(
        "INSERT INTO lease SELECT worker, max(lease_until) FROM delivery "
        "WHERE status = 'sending' AND worker IS NOT NULL GROUP BY worker"
    )
    op.execute("UPDATE delivery SET worker = NULL WHERE status <> 'sending'")
    op.drop_column("delivery", "lease_until")
    op.execute(
        "UPDATE delivery SET not_before = (SELECT published_at FROM edition "
        "WHERE edition.id = edition_id) WHERE status = 'waiting' AND not_before IS NULL"
    )
    _create_indexes()


def _three_days_after(column: str) -> str:
    """What `expire_after_hours` is by default."""
    if op.get_bind().dialect.name == "postgresql":
        return f"{column} + interval '72 hours'"
    return f"strftime('%Y-%m-%d %H:%M:%f000', {column}, '+72 hours')"


def _create_tables() -> None:
    op.create_table(
        "mailing",
        sa.Column("edition_id", RowId, autoincrement=False, nullable=False),
        sa.Column("planned", sa.Integer(), nullable=False),
        sa.Column("not_after", Time, nullable=False),
        sa.Column("on_uncertain", sa.String(length=8), nullable=True),
        sa.Column("paused_at", Time, nullable=True),
        sa.Column("paused_why", sa.Text(), nullable=True),
        sa.Column("known_twice", sa.Integer(), nullable=False),
        sa.Column("cancelled_at", Time, nullable=True),
        sa.Column("finished_at", Time, nullable=True),
        sa.Column("sent", sa.Integer(), nullable=True),
        sa.Column("refused", sa.Integer(), nullable=True),
        sa.Column("uncertain", sa.Integer(), nullable=True),
        sa.Column("suppressed", sa.Integer(), nullable=True),
        sa.Column("expired", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["edition_id"], ["edition.id"], name=op.f("fk_mailing_edition_id")),
        sa.PrimaryKeyConstraint("edition_id", name=op.f("pk_mailing")),
    )
    op.create_table(
        "lease",
        sa.Column("worker", sa.String(length=80), nullable=False),
        sa.Column("until", Time, nullable=False),
        sa.PrimaryKeyConstraint("worker", name=op.f("pk_lease")),
    )
    op.create_table(
        "pace",
        sa.Column("key", sa.String(length=320), nullable=False),
        sa.Column("next_at", Time, nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_pace")),
    )


def _create_indexes() -> None:
    op.drop_index(op.f("ix_delivery_status_delivery_not_before"), "delivery")
    op.create_index(
        op.f("ix_delivery_edition_id_delivery_status"), "delivery", ["edition_id", "status"]
    )
    for name, columns, where in (
        ("due", ["edition_id", "not_before", "id"], "status = 'waiting' AND worker IS NULL"),
        ("twice", ["edition_id"], "taken > 1"),
    ):
        op.create_index(
            f"ix_delivery_{name}",
            "delivery",
            columns,
            sqlite_where=sa.text(where),
            postgresql_where=sa.text(where),
        )
