"""People in the picture, consents, how far lessons may be shown; curriculum frameworks.

Files that were there before the question was asked keep what they had: nobody can be asked for
them all on one day, and a lesson that vanishes overnight teaches nobody. Newer ones are asked.
"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Add the tables; every file that is there already counts as shared before."""
    ceiling = sa.Column("ceiling", sa.String(10), nullable=False, server_default="public")
    op.add_column("lesson", ceiling)
    _media()
    _consents()
    _frameworks()
    op.execute(
        "INSERT INTO media_people (original_id, answer, academic_year, by_id, at) "
        "SELECT id, 'earlier', 0, NULL, created_at FROM original"
    )


def downgrade() -> None:
    """Drop them. Lessons that consents had narrowed are seen as their teachers had wished."""
    for table in (
        "framework_node",
        "framework",
        "pupil_consent",
        "media_pupil",
        "media_classroom",
        "media_people",
    ):
        op.drop_table(table)
    op.drop_column("lesson", "ceiling")


def _key(table: str, column: str, there: str) -> sa.ForeignKeyConstraint:
    name = f"fk_{table}_{column}"
    return sa.ForeignKeyConstraint([column], [there], name=name, ondelete="CASCADE")


def _media() -> None:
    op.create_table(
        "media_people",
        sa.Column("original_id", sa.Uuid(), nullable=False),
        sa.Column("answer", sa.String(10), nullable=False),
        sa.Column("academic_year", sa.Integer(), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=True),
        sa.Column("at", TIME, nullable=False),
        _key("media_people", "original_id", "original.id"),
        sa.PrimaryKeyConstraint("original_id", name="pk_media_people"),
    )
    for table, column, there in (
        ("media_classroom", "classroom_id", "classroom.id"),
        ("media_pupil", "person_id", "person.id"),
    ):
        op.create_table(
            table,
            sa.Column("original_id", sa.Uuid(), nullable=False),
            sa.Column(column, sa.Uuid(), nullable=False),
            _key(table, "original_id", "media_people.original_id"),
            _key(table, column, there),
            sa.PrimaryKeyConstraint("original_id", column, name=f"pk_{table}"),
        )
        op.create_index(f"ix_{table}_{column}", table, [column])


def _consents() -> None:
    op.create_table(
        "pupil_consent",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("academic_year", sa.Integer(), nullable=False),
        sa.Column("reach", sa.String(10), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=True),
        sa.Column("at", TIME, nullable=False),
        sa.Column("withdrawn_at", TIME, nullable=True),
        sa.Column("withdrawn_by_id", sa.Uuid(), nullable=True),
        sa.Column("replaced_at", TIME, nullable=True),
        _key("pupil_consent", "person_id", "person.id"),
        sa.PrimaryKeyConstraint("id", name="pk_pupil_consent"),
    )
    columns = ["person_id", "academic_year"]
    op.create_index("ix_pupil_consent_person_id_academic_year", "pupil_consent", columns)


def _frameworks() -> None:
    op.create_table(
        "framework",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(40), nullable=False),
        sa.Column("version", sa.String(40), nullable=False),
        sa.Column("title", sa.String(300), nullable=False),
        sa.Column("grades", sa.JSON(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("imported_at", TIME, nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_framework"),
        sa.UniqueConstraint("code", "version", name="uq_framework_code_version"),
    )
    op.create_table(
        "framework_node",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("framework_id", sa.Uuid(), nullable=False),
        sa.Column("parent_id", sa.Uuid(), nullable=True),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("code", sa.String(60), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("grades", sa.JSON(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        _key("framework_node", "framework_id", "framework.id"),
        _key("framework_node", "parent_id", "framework_node.id"),
        sa.PrimaryKeyConstraint("id", name="pk_framework_node"),
        sa.UniqueConstraint(
            "framework_id", "kind", "code", name="uq_framework_node_framework_id_kind_code"
        ),
    )
    op.create_index("ix_framework_node_parent_id", "framework_node", ["parent_id"])
    op.create_index("ix_framework_node_code", "framework_node", ["code"])
