"""An edition and a quiet day know which dumps they cover.

Revision ID: 0006
Revises: 0005
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    for table in ("edition", "quiet_day"):
        op.add_column(table, sa.Column("counted", sa.Integer))
    op.execute(
        "UPDATE edition SET counted = "
        "(SELECT max(dump.counted) FROM dump WHERE dump.read_at <= edition.published_at)"
    )
