"""What lessons consist of: drafts, versions, who began which, and how far they are."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def _of_lesson(table: str) -> sa.ForeignKeyConstraint:
    name = f"fk_{table}_lesson_id"
    return sa.ForeignKeyConstraint(["lesson_id"], ["lesson.id"], name=name, ondelete="CASCADE")


def _of_person(table: str) -> sa.ForeignKeyConstraint:
    name = f"fk_{table}_person_id"
    return sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=name, ondelete="CASCADE")


def upgrade() -> None:
    """Add the tables, and from whom a lesson was adapted."""
    op.add_column("lesson", sa.Column("adapted_from_id", sa.Uuid(), nullable=True))
    credit = sa.Column("credit", sa.String(300), nullable=False, server_default="")
    op.add_column("lesson", credit)
    op.create_table(
        "lesson_draft",
        sa.Column("lesson_id", sa.Uuid(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("plan", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        _of_lesson("lesson_draft"),
        sa.PrimaryKeyConstraint("lesson_id", name="pk_lesson_draft"),
    )
    op.create_table(
        "lesson_version",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("lesson_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        _of_lesson("lesson_version"),
        sa.PrimaryKeyConstraint("id", name="pk_lesson_version"),
        sa.UniqueConstraint("lesson_id", "number", name="uq_lesson_version_lesson_id_number"),
    )
    op.create_table(
        "lesson_item_file",
        sa.Column("lesson_id", sa.Uuid(), nullable=False),
        sa.Column("original_id", sa.Uuid(), nullable=False),
        _of_lesson("lesson_item_file"),
        sa.ForeignKeyConstraint(
            ["original_id"], ["original.id"], name="fk_lesson_item_file_original_id"
        ),
        sa.PrimaryKeyConstraint("lesson_id", "original_id", name="pk_lesson_item_file"),
    )
    op.create_index("ix_lesson_item_file_original_id", "lesson_item_file", ["original_id"])
    op.create_table(
        "lesson_start",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("lesson_id", sa.Uuid(), nullable=False),
        sa.Column("version_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        _of_person("lesson_start"),
        _of_lesson("lesson_start"),
        sa.ForeignKeyConstraint(
            ["version_id"],
            ["lesson_version.id"],
            name="fk_lesson_start_version_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("person_id", "lesson_id", name="pk_lesson_start"),
    )
    op.create_index("ix_lesson_start_lesson_id", "lesson_start", ["lesson_id"])
    op.create_index("ix_lesson_start_version_id", "lesson_start", ["version_id"])
    op.create_table(
        "item_progress",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("lesson_id", sa.Uuid(), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("score", sa.Double(), nullable=True),
        _of_person("item_progress"),
        _of_lesson("item_progress"),
        sa.PrimaryKeyConstraint("person_id", "item_id", name="pk_item_progress"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_item_progress_lesson_id", "item_progress", ["lesson_id"])


def downgrade() -> None:
    """Drop them: lessons keep their own file alone."""
    for table in (
        "item_progress",
        "lesson_start",
        "lesson_item_file",
        "lesson_version",
        "lesson_draft",
    ):
        op.drop_table(table)
    op.drop_column("lesson", "credit")
    op.drop_column("lesson", "adapted_from_id")
