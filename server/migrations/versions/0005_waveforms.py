"""The waveform of a recording in sound."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add it; recordings that are ready already play without one."""
    op.add_column("asset", sa.Column("waveform", sa.JSON(), nullable=False, server_default="{}"))


def downgrade() -> None:
    """Take it off."""
    op.drop_column("asset", "waveform")
