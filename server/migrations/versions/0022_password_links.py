"""Links by which a lost password is replaced, and first passwords that somebody else chose."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Add the table and the columns; nobody who is there has to choose a new password."""
    flag = sa.Column("needs_new_password", sa.Boolean(), nullable=False, server_default=sa.false())
    op.add_column("person", flag)
    op.add_column("person", sa.Column("password_news_until", TIME))
    op.create_table(
        "password_link",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("token_sha256", sa.String(64), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("made_by_id", sa.Uuid()),
        sa.Column("is_by_machine", sa.Boolean(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("expires_at", TIME, nullable=False),
        sa.Column("used_at", TIME),
        sa.Column("ended_at", TIME),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name="fk_password_link_person_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["made_by_id"], ["person.id"], name="fk_password_link_made_by_id", ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_password_link"),
        sa.UniqueConstraint("token_sha256", name="uq_password_link_token_sha256"),
    )
    op.create_index("ix_password_link_person_id", "password_link", ["person_id"])


def downgrade() -> None:
    """Take them out."""
    op.drop_table("password_link")
    op.drop_column("person", "password_news_until")
    op.drop_column("person", "needs_new_password")
