"""Lists of lessons read in their order: the newest, and those opened most often."""

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


def downgrade() -> None:
    """Take them out."""
    op.drop_index("ix_lesson_viewed", "lesson")
    op.drop_index("ix_lesson_listed", "lesson")
    op.create_index("ix_lesson_listed", "lesson", ["published_at", "visibility"])
