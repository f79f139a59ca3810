"""Pupils who share a phone, and the two pictures by which each comes back on it."""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Add the table; who is on a phone already chooses pictures when somebody else comes."""
    op.create_table(
        "device_pupil",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("device_sha256", sa.String(64), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("secret_hash", sa.String(64), nullable=False),
        sa.Column("wrong_count", sa.Integer(), nullable=False),
        sa.Column("locked_at", TIME, nullable=True),
        sa.Column("created_at", TIME, nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name="fk_device_pupil_person_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_device_pupil"),
        sa.UniqueConstraint(
            "device_sha256", "person_id", name="uq_device_pupil_device_sha256_person_id"
        ),
    )
    op.create_index("ix_device_pupil_person_id", "device_pupil", ["person_id"])


def downgrade() -> None:
    """Drop it: pupils come in by slip or nod again."""
    op.drop_table("device_pupil")
