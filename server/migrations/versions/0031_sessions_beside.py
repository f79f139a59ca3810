"""Sessions add up with those that the browser held when they began."""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; sessions of before stand alone."""
    op.add_column("sign_in", sa.Column("beside_id", sa.Uuid(), nullable=True))
    op.create_index("ix_sign_in_beside_id", "sign_in", ["beside_id"])


def downgrade() -> None:
    """Take it out."""
    op.drop_index("ix_sign_in_beside_id", "sign_in")
    op.drop_column("sign_in", "beside_id")
