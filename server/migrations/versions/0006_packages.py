"""Packages: their files by path, and people's attempts."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the tables."""
    op.create_table(
        "package",
        sa.Column("asset_id", sa.Uuid(), nullable=False),
        sa.Column("form", sa.String(10), nullable=False),
        sa.Column("title", sa.String(300), nullable=False),
        sa.Column("launches", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["asset_id"], ["asset.id"], name="fk_package_asset_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("asset_id", name="pk_package"),
    )
    op.create_table(
        "package_file",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("asset_id", sa.Uuid(), nullable=False),
        sa.Column("path", sa.String(400), nullable=False),
        sa.Column("folded", sa.String(1200), nullable=False),
        sa.Column("key", sa.String(200), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["asset_id"], ["asset.id"], name="fk_package_file_asset_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_package_file"),
    )
    op.create_index("ix_package_file_asset_id_folded", "package_file", ["asset_id", "folded"])
    op.create_table(
        "package_attempt",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("lesson_id", sa.Uuid(), nullable=False),
        sa.Column("asset_id", sa.Uuid(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("state", sa.JSON(), nullable=False),
        sa.Column("score_raw", sa.Double(), nullable=True),
        sa.Column("score_min", sa.Double(), nullable=True),
        sa.Column("score_max", sa.Double(), nullable=True),
        sa.Column("score_scaled", sa.Double(), nullable=True),
        sa.Column("completion", sa.String(20), nullable=False),
        sa.Column("success", sa.String(20), nullable=False),
        sa.Column("duration_s", sa.Double(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name="fk_package_attempt_person_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["lesson_id"], ["lesson.id"], name="fk_package_attempt_lesson_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_package_attempt"),
    )
    op.create_index(
        "ix_package_attempt_person_id_lesson_id",
        "package_attempt",
        ["person_id", "lesson_id", "started_at"],
    )
    op.create_index("ix_package_attempt_lesson_id", "package_attempt", ["lesson_id"])


def downgrade() -> None:
    """Drop the tables."""
    op.drop_table("package_attempt")
    op.drop_table("package_file")
    op.drop_table("package")
