"""Counts of tries that outlive a restart, and devices that somebody was signed in on before."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Add the tables."""
    op.create_table(
        "try_count",
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("taken", sa.Integer(), nullable=False),
        sa.Column("wrong", sa.Integer(), nullable=False),
        sa.Column("ends_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_try_count"),
    )
    op.create_index("ix_try_count_ends_at", "try_count", ["ends_at"])
    op.create_table(
        "known_device",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("token_sha256", sa.String(64), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("seen_at", TIME, nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name="fk_known_device_person_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_known_device"),
        sa.UniqueConstraint(
            "token_sha256", "person_id", name="uq_known_device_token_sha256_person_id"
        ),
    )
    op.create_index("ix_known_device_person_id", "known_device", ["person_id"])
    op.add_column("sign_in", sa.Column("known_device_id", sa.Uuid(), nullable=True))


def downgrade() -> None:
    """Drop them: devices are known again after the next sign-in."""
    op.drop_column("sign_in", "known_device_id")
    op.drop_table("known_device")
    op.drop_table("try_count")
