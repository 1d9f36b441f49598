"""What came back, and readers found by address and by when their standing changed.

Revision ID: 0005
Revises: 0004
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

RowId = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "bounce",
        sa.Column("delivery_id", RowId, nullable=False, autoincrement=False),
        sa.Column("verdict", sa.String(12), nullable=False),
        sa.Column("status", sa.String(12), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["delivery_id"], ["delivery.id"], name="fk_bounce_delivery_id"),
        sa.PrimaryKeyConstraint("delivery_id", "verdict", name="pk_bounce"),
    )
    op.create_index("ix_subscriber_address", "subscriber", ["address"])
    op.create_index("ix_subscriber_standing_subscriber_since", "subscriber", ["standing", "since"])
