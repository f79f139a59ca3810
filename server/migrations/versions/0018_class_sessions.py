"""Classrooms that learn together before one screen."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)


def _key(table: str, column: str, to: str) -> sa.Constraint:
    name = f"fk_{table}_{column}"
    return sa.ForeignKeyConstraint([column], [f"{to}.id"], name=name, ondelete="CASCADE")


def upgrade() -> None:
    """Add the tables."""
    op.create_table(
        "class_session",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("classroom_id", sa.Uuid(), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=False),
        sa.Column("started_at", TIME, nullable=False),
        sa.Column("ends_at", TIME, nullable=False),
        _key("class_session", "classroom_id", "classroom"),
        _key("class_session", "by_id", "person"),
        sa.PrimaryKeyConstraint("id", name="pk_class_session"),
    )
    for column in ("classroom_id", "by_id"):
        op.create_index(f"ix_class_session_{column}", "class_session", [column])
    op.create_table(
        "attendance",
        sa.Column("class_session_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        _key("attendance", "class_session_id", "class_session"),
        _key("attendance", "person_id", "person"),
        sa.PrimaryKeyConstraint("class_session_id", "person_id", name="pk_attendance"),
    )
    op.create_index("ix_attendance_person_id", "attendance", ["person_id"])
    op.create_table(
        "raised_hands",
        sa.Column("class_session_id", sa.Uuid(), nullable=False),
        sa.Column("question_id", sa.Uuid(), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("at", TIME, nullable=False),
        _key("raised_hands", "class_session_id", "class_session"),
        sa.PrimaryKeyConstraint("class_session_id", "question_id", name="pk_raised_hands"),
    )
    op.create_index("ix_raised_hands_item_id", "raised_hands", ["item_id"])


def downgrade() -> None:
    """Drop them: what was watched together stays with each pupil."""
    for table in ("raised_hands", "attendance", "class_session"):
        op.drop_table(table)
