"""The order of jobs, how fast they are, and which version a worker is of."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

def upgrade() -> None:
    """Add them; jobs that wait are wanted since they were made."""
    op.drop_index("ix_job_next", "job")
    op.add_column("job", sa.Column("rank", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("job", sa.Column("work_s", sa.Double(), nullable=False, server_default="0"))
    op.add_column("job", sa.Column("wanted_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("job", sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=True))
    op.execute("UPDATE job SET wanted_at = created_at")
    with op.batch_alter_table("job") as batch_op:
        batch_op.alter_column("wanted_at", existing_type=sa.DateTime(timezone=True), nullable=False)
    op.create_index("ix_job_next", "job", ["state", "rank", "priority", "wanted_at", "id"])
    op.add_column("worker", sa.Column("version", sa.String(40), nullable=False, server_default=""))
    op.create_table(
        "work_speed",
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("expected_s", sa.Double(), nullable=False),
        sa.Column("took_s", sa.Double(), nullable=False),
        sa.Column("job_count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("kind", name="pk_work_speed"),
    )


def downgrade() -> None:
    """Take them off."""
    op.drop_table("work_speed")
    op.drop_column("worker", "version")
    op.drop_index("ix_job_next", "job")
    with op.batch_alter_table("job") as batch_op:
        for name in ("claimed_at", "wanted_at", "work_s", "rank"):
            batch_op.drop_column(name)
    op.create_index("ix_job_next", "job", ["state", "priority", "run_at", "id"])
