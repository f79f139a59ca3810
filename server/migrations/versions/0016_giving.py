"""What is given to classes, what pupils hand in, and what a class is told."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)


def _key(table: str, column: str, to: str, ondelete: str | None = "CASCADE") -> sa.Constraint:
    name = f"fk_{table}_{column}"
    return sa.ForeignKeyConstraint([column], [f"{to}.id"], name=name, ondelete=ondelete)


def _column(name: str, kind: sa.types.TypeEngine[object], *, empty: bool = False) -> sa.Column:
    return sa.Column(name, kind, nullable=empty)


def _give() -> None:
    op.create_table(
        "assignment",
        _column("id", sa.Uuid()),
        _column("classroom_id", sa.Uuid()),
        _column("lesson_id", sa.Uuid(), empty=True),
        _column("course_id", sa.Uuid(), empty=True),
        _column("title", sa.String(300)),
        _column("is_for_all", sa.Boolean()),
        _column("opens_lesson", sa.Boolean()),
        _column("opens_at", TIME),
        _column("due_at", TIME, empty=True),
        _column("note", sa.Text()),
        _column("by_id", sa.Uuid(), empty=True),
        _column("created_at", TIME),
        _column("withdrawn_at", TIME, empty=True),
        _key("assignment", "classroom_id", "classroom"),
        _key("assignment", "lesson_id", "lesson", "SET NULL"),
        sa.PrimaryKeyConstraint("id", name="pk_assignment"),
    )
    for column in ("classroom_id", "lesson_id", "course_id"):
        op.create_index(f"ix_assignment_{column}", "assignment", [column])
    op.create_table(
        "assignment_pupil",
        _column("assignment_id", sa.Uuid()),
        _column("person_id", sa.Uuid()),
        _key("assignment_pupil", "assignment_id", "assignment"),
        _key("assignment_pupil", "person_id", "person"),
        sa.PrimaryKeyConstraint("assignment_id", "person_id", name="pk_assignment_pupil"),
    )
    op.create_index("ix_assignment_pupil_person_id", "assignment_pupil", ["person_id"])


def _group() -> None:
    op.create_table(
        "pupil_group",
        _column("id", sa.Uuid()),
        _column("classroom_id", sa.Uuid()),
        _column("name", sa.String(100)),
        _column("created_at", TIME),
        _key("pupil_group", "classroom_id", "classroom"),
        sa.PrimaryKeyConstraint("id", name="pk_pupil_group"),
    )
    op.create_index("ix_pupil_group_classroom_id", "pupil_group", ["classroom_id"])
    op.create_table(
        "pupil_group_pupil",
        _column("group_id", sa.Uuid()),
        _column("person_id", sa.Uuid()),
        _key("pupil_group_pupil", "group_id", "pupil_group"),
        _key("pupil_group_pupil", "person_id", "person"),
        sa.PrimaryKeyConstraint("group_id", "person_id", name="pk_pupil_group_pupil"),
    )
    op.create_index("ix_pupil_group_pupil_person_id", "pupil_group_pupil", ["person_id"])


def _hand_in() -> None:
    op.create_table(
        "hand_in",
        _column("id", sa.Uuid()),
        _column("person_id", sa.Uuid()),
        _column("lesson_id", sa.Uuid()),
        _column("item_id", sa.Uuid()),
        _column("text", sa.Text()),
        _column("handed_in_at", TIME, empty=True),
        _column("mark", sa.Double(), empty=True),
        _column("comment", sa.Text()),
        _column("marked_by_id", sa.Uuid(), empty=True),
        _column("marked_at", TIME, empty=True),
        _column("returned_at", TIME, empty=True),
        _key("hand_in", "person_id", "person"),
        _key("hand_in", "lesson_id", "lesson"),
        sa.PrimaryKeyConstraint("id", name="pk_hand_in"),
        sa.UniqueConstraint("person_id", "item_id", name="uq_hand_in_person_id_item_id"),
    )
    for column in ("lesson_id", "item_id"):
        op.create_index(f"ix_hand_in_{column}", "hand_in", [column])
    op.create_table(
        "hand_in_file",
        _column("hand_in_id", sa.Uuid()),
        _column("original_id", sa.Uuid()),
        _column("created_at", TIME),
        _key("hand_in_file", "hand_in_id", "hand_in"),
        _key("hand_in_file", "original_id", "original", None),
        sa.PrimaryKeyConstraint("hand_in_id", "original_id", name="pk_hand_in_file"),
    )
    op.create_index("ix_hand_in_file_original_id", "hand_in_file", ["original_id"])


def _announce() -> None:
    op.create_table(
        "announcement",
        _column("id", sa.Uuid()),
        _column("classroom_id", sa.Uuid()),
        _column("text", sa.Text()),
        _column("by_id", sa.Uuid(), empty=True),
        _column("by_name", sa.String(200)),
        _column("created_at", TIME),
        _column("removed_at", TIME, empty=True),
        _key("announcement", "classroom_id", "classroom"),
        sa.PrimaryKeyConstraint("id", name="pk_announcement"),
    )
    op.create_index("ix_announcement_classroom_id", "announcement", ["classroom_id"])
    op.create_table(
        "announcement_seen",
        _column("announcement_id", sa.Uuid()),
        _column("person_id", sa.Uuid()),
        _column("at", TIME),
        _key("announcement_seen", "announcement_id", "announcement"),
        _key("announcement_seen", "person_id", "person"),
        sa.PrimaryKeyConstraint("announcement_id", "person_id", name="pk_announcement_seen"),
    )
    op.create_index("ix_announcement_seen_person_id", "announcement_seen", ["person_id"])


def upgrade() -> None:
    """Add the tables."""
    _give()
    _group()
    _hand_in()
    _announce()


def downgrade() -> None:
    """Drop them; lessons that only their classrooms saw are their teachers' alone again."""
    for table in (
        "announcement_seen",
        "announcement",
        "hand_in_file",
        "hand_in",
        "pupil_group_pupil",
        "pupil_group",
        "assignment_pupil",
        "assignment",
    ):
        op.drop_table(table)
    op.execute("UPDATE lesson SET visibility = 'me' WHERE visibility = 'classroom'")
