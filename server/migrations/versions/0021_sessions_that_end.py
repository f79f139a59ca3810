"""When a session was used last, whether its computer is shared, and when the password was given."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Add the columns: sessions of before are nobody's shared ones, and prove nothing."""
    shared = sa.Column("is_shared", sa.Boolean(), server_default=sa.false(), nullable=False)
    op.add_column("sign_in", shared)
    for name in ("seen_at", "proved_at"):
        op.add_column("sign_in", sa.Column(name, TIME, nullable=True))


def downgrade() -> None:
    """Drop them."""
    for name in ("seen_at", "proved_at", "is_shared"):
        op.drop_column("sign_in", name)
