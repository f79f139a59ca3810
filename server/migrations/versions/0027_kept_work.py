"""How long pupils' work is kept after its year, and which classrooms' work is due to be removed."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Keep it until the end of the next academic year, unless the office says otherwise."""
    years = sa.Column("work_kept_years", sa.Integer(), nullable=False, server_default="1")
    op.add_column("office", years)
    op.create_table(
        "work_removal",
        sa.Column("classroom_id", sa.Uuid(), nullable=False),
        sa.Column("told_days", sa.Integer(), nullable=False),
        sa.Column("last_told_on", sa.Date(), nullable=False),
        sa.Column("extra_years", sa.Integer(), nullable=False),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["classroom_id"],
            ["classroom.id"],
            name="fk_work_removal_classroom_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("classroom_id", name="pk_work_removal"),
    )


def downgrade() -> None:
    """Forget both: nothing is removed by age then."""
    op.drop_table("work_removal")
    op.drop_column("office", "work_kept_years")
