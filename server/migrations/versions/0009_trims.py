"""What is kept of a lesson's recording, and parts encoded anew at cuts."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns and the table."""
    for table in ("lesson", "playback_session"):
        kept = sa.Column("kept_ranges", sa.JSON(), nullable=False, server_default="[]")
        op.add_column(table, kept)
    version = sa.Column("trim_version", sa.Integer(), nullable=False, server_default="0")
    op.add_column("lesson", version)
    exact = sa.Column("is_trim_exact", sa.Boolean(), nullable=False, server_default=sa.false())
    op.add_column("lesson", exact)
    op.create_table(
        "cut_part",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("rendition_id", sa.Uuid(), nullable=False),
        sa.Column("from_ms", sa.Integer(), nullable=False),
        sa.Column("to_ms", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("init_bytes", sa.Integer(), nullable=False),
        sa.Column("duration_s", sa.Double(), nullable=False),
        sa.Column("segments", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["rendition_id"],
            ["rendition.id"],
            name="fk_cut_part_rendition_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_cut_part"),
        sa.UniqueConstraint("rendition_id", "from_ms", "to_ms", name="uq_cut_part_rendition_id_from_ms_to_ms"),
    )


def downgrade() -> None:
    """Drop them: lessons show all of their recordings again."""
    op.drop_table("cut_part")
    op.drop_column("lesson", "is_trim_exact")
    op.drop_column("lesson", "trim_version")
    op.drop_column("playback_session", "kept_ranges")
    op.drop_column("lesson", "kept_ranges")
