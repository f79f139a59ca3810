"""Captions with versions, texts laid aside, own posters, and where slides change."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns and tables."""
    with op.batch_alter_table("text_track") as batch:
        batch.alter_column("kind", type_=sa.String(20), existing_type=sa.String(10))
        batch.add_column(sa.Column("version", sa.Integer(), nullable=False, server_default="1"))
        batch.add_column(
            sa.Column("is_automatic", sa.Boolean(), nullable=False, server_default=sa.false())
        )
        batch.add_column(sa.Column("by_id", sa.Uuid(), nullable=True))
    op.add_column(
        "lesson", sa.Column("poster_sha256", sa.String(64), nullable=False, server_default="")
    )
    op.add_column("asset", sa.Column("slides", sa.JSON(), nullable=False, server_default="{}"))
    op.add_column("asset", sa.Column("candidates", sa.JSON(), nullable=False, server_default="{}"))
    op.create_table(
        "text_aside",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("lesson_id", sa.Uuid(), nullable=False),
        sa.Column("language", sa.String(20), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("why", sa.String(10), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("is_automatic", sa.Boolean(), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["lesson_id"], ["lesson.id"], name="fk_text_aside_lesson_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_text_aside"),
    )
    op.create_index("ix_text_aside_lesson_id", "text_aside", ["lesson_id"])
    op.create_table(
        "own_poster",
        sa.Column("lesson_id", sa.Uuid(), nullable=False),
        sa.Column("image", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["lesson_id"], ["lesson.id"], name="fk_own_poster_lesson_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("lesson_id", name="pk_own_poster"),
    )


def downgrade() -> None:
    """Drop them; descriptions go, as there was no such kind."""
    op.drop_table("own_poster")
    op.drop_table("text_aside")
    op.drop_column("asset", "candidates")
    op.drop_column("asset", "slides")
    op.drop_column("lesson", "poster_sha256")
    op.execute("DELETE FROM text_track WHERE kind = 'descriptions'")
    with op.batch_alter_table("text_track") as batch:
        batch.drop_column("by_id")
        batch.drop_column("is_automatic")
        batch.drop_column("version")
        batch.alter_column("kind", type_=sa.String(10), existing_type=sa.String(20))
