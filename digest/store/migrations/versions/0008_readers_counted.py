"""The readers of each audience are counted in an index.

Revision ID: 0008
Revises: 0007
"""

from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.create_index(
        op.f("ix_subscriber_standing_subscriber_kind_subscriber_audience"),
        "subscriber",
        ["standing", "kind", "audience"],
    )
