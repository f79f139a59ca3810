"""Rooms open for a lesson, and what devices that wait before them chose."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)


def _added() -> list[tuple[str, sa.Column]]:
    def text(name: str, length: int) -> sa.Column:
        return sa.Column(name, sa.String(length), nullable=False, server_default="")

    wrong_count = sa.Column("wrong_count", sa.Integer(), nullable=False, server_default="0")
    return [
        ("classroom", sa.Column("room_opened_at", TIME, nullable=True)),
        ("classroom", sa.Column("room_ends_at", TIME, nullable=True)),
        ("classroom", text("room_secret", 22)),
        ("join_request", sa.Column("typed_number", sa.Integer(), nullable=True)),
        ("join_request", text("device_sha256", 64)),
        ("join_request", text("address_key", 64)),
        ("join_request", wrong_count),
        ("join_request", sa.Column("wrong_at", TIME, nullable=True)),
        ("join_request", sa.Column("chose_right_at", TIME, nullable=True)),
    ]


def upgrade() -> None:
    """Add the columns. Codes that are open now show no names until a teacher opens the room."""
    for table, column in _added():
        op.add_column(table, column)
    op.create_index("ix_join_request_device_sha256", "join_request", ["device_sha256"])


def downgrade() -> None:
    """Drop them: who waits still waits."""
    op.drop_index("ix_join_request_device_sha256", "join_request")
    for table, column in reversed(_added()):
        op.drop_column(table, column.name)
