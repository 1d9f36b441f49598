"""Printings are found by other keys; what waits for an edition is found without the rest.

Revision ID: 0007
Revises: 0006
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.add_column(
        "printing", sa.Column("listed", sa.Boolean(), server_default=sa.false(), nullable=False)
    )
    op.execute(
        "UPDATE printing SET listed = true "
        "WHERE id IN (SELECT work_id FROM edition_work WHERE audience = 'all')"
    )
    awaits = "history IS {0} AND listed IS {0} AND root_id = id"
    op.create_index(
        "ix_printing_awaits",
        "printing",
        ["first_seen"],
        unique=False,
        sqlite_where=sa.text(awaits.format(0)),
        postgresql_where=sa.text(awaits.format("false")),
    )
    op.execute("DELETE FROM blocking_key")
    # Dedupe reads this note and makes the keys of what is there anew, from this row on.
    op.execute(
        "INSERT INTO meta SELECT 'printings with keys', '0' "
        "WHERE EXISTS (SELECT 1 FROM fingerprint)"
    )
