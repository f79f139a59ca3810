"""Who came by which link, whom an invitation is for, whom a school switched off."""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)
WAITS = sa.text("decided_at IS NULL")
NEWER = """
DELETE FROM school_request WHERE EXISTS (
  SELECT 1 FROM school_request AS other
  WHERE other.school_id = school_request.school_id AND other.person_id = school_request.person_id
  AND other.id > school_request.id
)
"""


def upgrade() -> None:
    """Add them; what was asked, used and counted so far stays."""
    with op.batch_alter_table("school_request") as batch:
        batch.drop_constraint("uq_school_request_school_id_person_id", type_="unique")
        batch.add_column(sa.Column("school_link_id", sa.Uuid(), nullable=True))
        batch.add_column(
            sa.Column("address_sha256", sa.String(64), nullable=False, server_default="")
        )
        batch.add_column(sa.Column("is_accepted", sa.Boolean(), nullable=True))
        batch.add_column(sa.Column("decided_by_id", sa.Uuid(), nullable=True))
        batch.create_foreign_key(
            "fk_school_request_school_link_id",
            "school_link",
            ["school_link_id"],
            ["id"],
            ondelete="SET NULL",
        )
    op.create_index("ix_school_request_school_id", "school_request", ["school_id", "person_id"])
    op.create_index("ix_school_request_school_link_id", "school_request", ["school_link_id"])
    op.create_index(
        "uq_school_request_waiting",
        "school_request",
        ["school_id", "person_id"],
        unique=True,
        sqlite_where=WAITS,
        postgresql_where=WAITS,
    )
    with op.batch_alter_table("invitation") as batch:
        batch.add_column(
            sa.Column("invited_name", sa.String(200), nullable=False, server_default="")
        )
        batch.add_column(sa.Column("used_by_id", sa.Uuid(), nullable=True))
        batch.add_column(sa.Column("revoked_at", TIME, nullable=True))
        batch.create_foreign_key(
            "fk_invitation_used_by_id", "person", ["used_by_id"], ["id"], ondelete="SET NULL"
        )
    _add_tables()


def _add_tables() -> None:
    op.create_table(
        "switched_off",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("school_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("roles", sa.JSON(), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=True),
        sa.Column("back_at", TIME, nullable=True),
        _key("switched_off", "school_id", "school"),
        _key("switched_off", "person_id", "person"),
        sa.PrimaryKeyConstraint("id", name="pk_switched_off"),
    )
    for column in ("school_id", "person_id"):
        op.create_index(f"ix_switched_off_{column}", "switched_off", [column])
    op.create_table(
        "person_news",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("school_id", sa.Uuid(), nullable=True),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("detail", sa.String(40), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("seen_at", TIME, nullable=True),
        _key("person_news", "person_id", "person"),
        _key("person_news", "school_id", "school"),
        sa.PrimaryKeyConstraint("id", name="pk_person_news"),
    )
    op.create_index("ix_person_news_person_id", "person_news", ["person_id"])


def _key(table: str, column: str, to: str) -> sa.Constraint:
    name = f"fk_{table}_{column}"
    return sa.ForeignKeyConstraint([column], [f"{to}.id"], name=name, ondelete="CASCADE")


def downgrade() -> None:
    """Take them off; of several requests of one person the newest stays, and ended ones end."""
    op.drop_table("person_news")
    op.drop_table("switched_off")
    op.execute("UPDATE invitation SET expires_at = revoked_at WHERE revoked_at < expires_at")
    with op.batch_alter_table("invitation") as batch:
        batch.drop_constraint("fk_invitation_used_by_id", type_="foreignkey")
        for name in ("revoked_at", "used_by_id", "invited_name"):
            batch.drop_column(name)
    op.execute(NEWER)
    for name in (
        "uq_school_request_waiting",
        "ix_school_request_school_link_id",
        "ix_school_request_school_id",
    ):
        op.drop_index(name, "school_request")
    with op.batch_alter_table("school_request") as batch:
        batch.drop_constraint("fk_school_request_school_link_id", type_="foreignkey")
        for name in ("decided_by_id", "is_accepted", "address_sha256", "school_link_id"):
            batch.drop_column(name)
        batch.create_unique_constraint(
            "uq_school_request_school_id_person_id", ["school_id", "person_id"]
        )
