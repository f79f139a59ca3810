"""Pages in two sizes, how many a document has, files to keep, and who may keep them."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns; of lessons that are there nobody was asked, so they stay as they were."""
    small_key = sa.Column("small_key", sa.String(200), nullable=False, server_default="")
    op.add_column("page", small_key)
    op.add_column("page", sa.Column("small_bytes", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("asset", sa.Column("page_count", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("asset", sa.Column("copy_key", sa.String(200), nullable=False, server_default=""))
    copy_bytes = sa.Column("copy_bytes", sa.BigInteger(), nullable=False, server_default="0")
    op.add_column("asset", copy_bytes)
    kept = sa.Column("may_be_kept", sa.Boolean(), nullable=False, server_default=sa.false())
    op.add_column("lesson", kept)
    op.execute(
        "UPDATE asset SET page_count = (SELECT count(*) FROM page WHERE page.asset_id = asset.id)"
    )


def downgrade() -> None:
    """Take them off; pages that are text only go."""
    op.execute("DELETE FROM page WHERE image_key = ''")
    op.drop_column("lesson", "may_be_kept")
    for name in ("copy_bytes", "copy_key", "page_count"):
        op.drop_column("asset", name)
    for name in ("small_bytes", "small_key"):
        op.drop_column("page", name)
