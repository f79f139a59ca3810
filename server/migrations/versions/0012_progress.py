"""What people have covered of assets; the place to go on from stands there, too."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

# A place belongs to the recording that the lesson shows; of two lessons of one, the furthest counts.
TAKE_OVER = """
INSERT INTO watch_progress
  (person_id, asset_id, covered, covered_s, position_s, first_at, last_at)
SELECT place.person_id, original.asset_id, '', 0, max(place.position_s), min(place.at), max(place.at)
FROM resume_point AS place
JOIN lesson ON lesson.id = place.lesson_id
JOIN original ON original.id = lesson.original_id
GROUP BY place.person_id, original.asset_id
"""


def upgrade() -> None:
    """Add the table, take over where people go on, drop the older table of that."""
    op.create_table(
        "watch_progress",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("asset_id", sa.Uuid(), nullable=False),
        sa.Column("covered", sa.Text(), nullable=False),
        sa.Column("covered_s", sa.Integer(), nullable=False),
        sa.Column("position_s", sa.Double(), nullable=False),
        sa.Column("first_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name="fk_watch_progress_person_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["asset_id"], ["asset.id"], name="fk_watch_progress_asset_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("person_id", "asset_id", name="pk_watch_progress"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_watch_progress_asset_id", "watch_progress", ["asset_id"])
    op.execute(TAKE_OVER)
    op.drop_table("resume_point")


def downgrade() -> None:
    """Drop it: what people have covered is lost, and where they go on."""
    op.create_table(
        "resume_point",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("lesson_id", sa.Uuid(), nullable=False),
        sa.Column("position_s", sa.Double(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name="fk_resume_point_person_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["lesson_id"], ["lesson.id"], name="fk_resume_point_lesson_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_resume_point"),
        sa.UniqueConstraint("person_id", "lesson_id", name="uq_resume_point_person_id_lesson_id"),
    )
    op.create_index("ix_resume_point_lesson_id", "resume_point", ["lesson_id"])
    op.drop_table("watch_progress")
