"""Lists of lessons read in their order, and copies found by what they were made from."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Put what lists are ordered by into the indexes."""
    op.drop_index("ix_lesson_listed", "lesson")
    op.create_index("ix_lesson_listed", "lesson", ["published_at", "id"])
    op.create_index("ix_lesson_viewed", "lesson", ["view_count", "published_at", "id"])
    op.drop_index("ix_lesson_deleted_at", "lesson")
    is_deleted = sa.text("deleted_at IS NOT NULL")
    op.create_index(
        "ix_lesson_deleted_at",
        "lesson",
        ["deleted_at"],
        sqlite_where=is_deleted,
        postgresql_where=is_deleted,
    )
    op.create_index("ix_lesson_adapted_from_id", "lesson", ["adapted_from_id"])


def downgrade() -> None:
    """Take them out."""
    op.drop_index("ix_lesson_adapted_from_id", "lesson")
    op.drop_index("ix_lesson_deleted_at", "lesson")
    op.create_index("ix_lesson_deleted_at", "lesson", ["deleted_at"])
    op.drop_index("ix_lesson_viewed", "lesson")
    op.drop_index("ix_lesson_listed", "lesson")
    op.create_index("ix_lesson_listed", "lesson", ["published_at", "visibility"])
