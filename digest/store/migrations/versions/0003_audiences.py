"""An edition and a quiet day know which dumps they cover.

Revision ID: 0003
Revises: 0002
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    for table in ("edition", "quiet_day"):
        op.add_column(table, sa.Column("counted", sa.Integer))
    op.execute(
        "UPDATE edition SET counted = "
        "(SELECT max(dump.counted) FROM dump WHERE dump.read_at <= edition.published_at)"
    )
