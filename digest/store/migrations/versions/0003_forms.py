"""A message is kept as the bytes of its mail, with a manifest.

Revision ID: 0003
Revises: 0002
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    # What is there has no manifest: it is frozen as soon as the sender is known, on opening.
    op.add_column("message", sa.Column("manifest", sa.JSON(none_as_null=True), nullable=True))
