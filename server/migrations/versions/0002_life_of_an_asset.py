"""The life of an asset: replaced files, re-encoding, originals by policy, quotas, checks."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


INDEXED = (
    ("asset", "original_key"),
    ("asset", "replaces_id"),
    ("asset", "retired_at"),
    ("original", "school_id"),
    ("upload", "school_id"),
    ("playback_session", "asset_id"),
)


def upgrade() -> None:
    for table, column in _added():
        op.add_column(table, column)
    for table, column_name in INDEXED:
        op.create_index(f"ix_{table}_{column_name}", table, [column_name])
    op.create_table(
        "lesson_file",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("lesson_id", sa.Uuid(), nullable=False),
        sa.Column("original_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.String(10), nullable=False),
        sa.Column("keeps_captions", sa.Boolean(), nullable=False),
        sa.Column("texts", sa.JSON(), nullable=False),
        sa.Column("texts_bytes", sa.Integer(), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["lesson_id"], ["lesson.id"], name="fk_lesson_file_lesson_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["original_id"], ["original.id"], name="fk_lesson_file_original_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_lesson_file"),
    )
    op.create_index("ix_lesson_file_lesson_id", "lesson_file", ["lesson_id"])
    op.create_index("ix_lesson_file_original_id", "lesson_file", ["original_id"])
    op.create_table(
        "consistency_check",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("is_deep", sa.Boolean(), nullable=False),
        sa.Column("fault_count", sa.Integer(), nullable=False),
        sa.Column("repaired_count", sa.Integer(), nullable=False),
        sa.Column("faults", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_consistency_check"),
    )
    op.create_index("ix_consistency_check_began_at", "consistency_check", ["began_at"])


def downgrade() -> None:
    op.drop_table("consistency_check")
    op.drop_table("lesson_file")
    for table, column_name in reversed(INDEXED):
        op.drop_index(f"ix_{table}_{column_name}", table)
    for table, column in reversed(_added()):
        op.drop_column(table, column.name)


def _added() -> list[tuple[str, sa.Column[Any]]]:
    """Return the new columns, made anew: a column belongs to one table."""
    return [
        ("asset", sa.Column("ladder_version", sa.Integer(), nullable=False, server_default="1")),
        ("asset", sa.Column("stills_bytes", sa.BigInteger(), nullable=False, server_default="0")),
        ("asset", sa.Column("original_gone_at", sa.DateTime(timezone=True), nullable=True)),
        ("asset", sa.Column("original_gone_why", sa.String(10), nullable=False, server_default="")),
        ("asset", sa.Column("replaces_id", sa.Uuid(), nullable=True)),
        ("asset", sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True)),
        ("office", _number("originals_kept_days", sa.Integer())),
        ("office", _number("school_quota_bytes", sa.BigInteger())),
        ("office", _number("person_quota_bytes", sa.BigInteger())),
        ("school", sa.Column("originals_kept_days", sa.Integer(), nullable=True)),
        ("school", sa.Column("quota_bytes", sa.BigInteger(), nullable=True)),
        ("person", sa.Column("quota_bytes", sa.BigInteger(), nullable=True)),
        ("text_track", _number("size_bytes", sa.Integer())),
    ]


def _number(name: str, kind: sa.Integer) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=False, server_default="0")
