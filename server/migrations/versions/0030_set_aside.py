"""Files that are set aside instead of being removed, and objects that are to go."""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Add the tables."""
    op.create_table(
        "set_aside",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("why", sa.String(20), nullable=False),
        sa.Column("key", sa.String(200), nullable=False),
        sa.Column("multipart_id", sa.String(400), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("whole_bytes", sa.BigInteger(), nullable=False),
        sa.Column("asset_id", sa.Uuid(), nullable=True),
        sa.Column("owner_id", sa.Uuid(), nullable=True),
        sa.Column("school_id", sa.Uuid(), nullable=True),
        sa.Column("file_name", sa.String(400), nullable=False),
        sa.Column("sent_at", TIME, nullable=True),
        sa.Column("found_at", TIME, nullable=False),
        sa.ForeignKeyConstraint(
            ["asset_id"], ["asset.id"], name="fk_set_aside_asset_id", ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["person.id"], name="fk_set_aside_owner_id", ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["school_id"], ["school.id"], name="fk_set_aside_school_id", ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_set_aside"),
        sa.UniqueConstraint("key", name="uq_set_aside_key"),
    )
    op.create_index("ix_set_aside_asset_id", "set_aside", ["asset_id"])
    op.create_index("ix_set_aside_owner_id", "set_aside", ["owner_id"])
    op.create_table(
        "going_object",
        sa.Column("key", sa.String(200), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_going_object"),
    )


def downgrade() -> None:
    """Drop them: what was set aside is found by the check of an older version, and removed."""
    op.drop_table("going_object")
    op.drop_table("set_aside")
