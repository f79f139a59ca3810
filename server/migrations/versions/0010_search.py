"""Indicators and views of lessons, words that mean the same, and what is searched for."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns and the tables."""
    indicators = sa.Column("indicators", sa.JSON(), nullable=False, server_default="[]")
    op.add_column("lesson", indicators)
    views = sa.Column("view_count", sa.Integer(), nullable=False, server_default="0")
    op.add_column("lesson", views)
    op.create_table(
        "synonym_group",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("words", sa.JSON(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_synonym_group"),
    )
    op.create_table(
        "asked_query",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("text", sa.String(100), nullable=False),
        sa.Column("asked_on", sa.Date(), nullable=False),
        sa.Column("asked_count", sa.Integer(), nullable=False),
        sa.Column("missed_count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_asked_query"),
        sa.UniqueConstraint("text", "asked_on", name="uq_asked_query_text_asked_on"),
    )
    op.create_index("ix_asked_query_asked_on", "asked_query", ["asked_on"])


def downgrade() -> None:
    """Drop them: codes, views, the log and the office's words are lost."""
    op.drop_table("asked_query")
    op.drop_table("synonym_group")
    op.drop_column("lesson", "view_count")
    op.drop_column("lesson", "indicators")
