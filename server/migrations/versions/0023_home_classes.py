"""Home classes, loans, and sessions that know through which classroom they came.

A pupil's only present classroom of a year becomes the home; of several the school chooses. Sessions
of pupils that came by a nod or a slip do not know their classroom: they end.
"""

from datetime import UTC, datetime
from uuid import UUID, uuid4

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)
OLD_WAYS = ("teacher", "slip")


def upgrade() -> None:
    """Make the tables, then homes of what is there, and end sessions without a classroom."""
    _columns()
    _loan()
    _home_place()
    _home_proposal()
    _make_homes()
    _end_old_sessions()


def downgrade() -> None:
    """Take them out; what was ended stays ended."""
    for table in ("home_proposal", "home_place", "classroom_loan"):
        op.drop_table(table)
    op.drop_column("upload", "lesson_id")
    op.drop_column("join_request", "confirmed_by_id")
    op.drop_column("pupil_key", "made_by_id")
    op.drop_column("office", "pupils_signed_out_at")
    for column in ("classroom_id", "device_sha256"):
        op.drop_index(f"ix_sign_in_{column}", "sign_in")
    for column in ("is_revoked", "opens_account", "let_in_by_id", "device_sha256"):
        op.drop_column("sign_in", column)


def _columns() -> None:
    text = sa.Column("device_sha256", sa.String(64), nullable=False, server_default="")
    op.add_column("sign_in", text)
    op.add_column("sign_in", sa.Column("let_in_by_id", sa.Uuid(), nullable=True))
    for name in ("opens_account", "is_revoked"):
        flag = sa.Column(name, sa.Boolean(), nullable=False, server_default=sa.false())
        op.add_column("sign_in", flag)
    for column in ("device_sha256", "classroom_id"):
        op.create_index(f"ix_sign_in_{column}", "sign_in", [column])
    op.add_column("join_request", sa.Column("confirmed_by_id", sa.Uuid(), nullable=True))
    op.add_column("pupil_key", sa.Column("made_by_id", sa.Uuid(), nullable=True))
    op.add_column("office", sa.Column("pupils_signed_out_at", TIME, nullable=True))
    op.add_column("upload", sa.Column("lesson_id", sa.Uuid(), nullable=True))


def _loan() -> None:
    op.create_table(
        "classroom_loan",
        _column("id", sa.Uuid()),
        _column("classroom_id", sa.Uuid()),
        _column("person_id", sa.Uuid()),
        _column("by_id", sa.Uuid(), empty=True),
        _column("starts_at", TIME),
        _column("ends_at", TIME),
        _key("classroom_loan", "classroom_id", "classroom"),
        _key("classroom_loan", "person_id", "person"),
        sa.PrimaryKeyConstraint("id", name="pk_classroom_loan"),
    )
    for column in ("classroom_id", "person_id"):
        op.create_index(f"ix_classroom_loan_{column}", "classroom_loan", [column])


def _home_place() -> None:
    op.create_table(
        "home_place",
        _column("id", sa.Uuid()),
        _column("person_id", sa.Uuid()),
        _column("school_id", sa.Uuid()),
        _column("academic_year", sa.Integer()),
        _column("classroom_id", sa.Uuid()),
        _column("set_by_id", sa.Uuid(), empty=True),
        _column("created_at", TIME),
        _key("home_place", "person_id", "person"),
        _key("home_place", "school_id", "school"),
        _key("home_place", "classroom_id", "classroom"),
        sa.PrimaryKeyConstraint("id", name="pk_home_place"),
        sa.UniqueConstraint(
            *("person_id", "school_id", "academic_year"),
            name="uq_home_place_person_id_school_id_academic_year",
        ),
    )
    for column in ("school_id", "classroom_id"):
        op.create_index(f"ix_home_place_{column}", "home_place", [column])


def _home_proposal() -> None:
    op.create_table(
        "home_proposal",
        _column("id", sa.Uuid()),
        _column("classroom_id", sa.Uuid()),
        _column("person_id", sa.Uuid()),
        _column("list_number", sa.Integer(), empty=True),
        _column("by_id", sa.Uuid(), empty=True),
        _column("created_at", TIME),
        _key("home_proposal", "classroom_id", "classroom"),
        _key("home_proposal", "person_id", "person"),
        sa.PrimaryKeyConstraint("id", name="pk_home_proposal"),
        sa.UniqueConstraint("classroom_id", "person_id", name="uq_home_proposal_classroom_id_person_id"),
    )
    op.create_index("ix_home_proposal_person_id", "home_proposal", ["person_id"])


def _make_homes() -> None:
    place = sa.table(
        "enrolment",
        *(sa.column(name, sa.Uuid()) for name in ("person_id", "classroom_id")),
        sa.column("left_at", TIME),
    )
    room = sa.table(
        "classroom",
        *(sa.column(name, sa.Uuid()) for name in ("id", "school_id")),
        sa.column("academic_year", sa.Integer()),
    )
    keys = (place.c.person_id, room.c.school_id, room.c.academic_year)
    only = (
        sa.select(*keys, sa.func.min(sa.cast(place.c.classroom_id, sa.String(36))))
        .join(room, room.c.id == place.c.classroom_id)
        .where(place.c.left_at.is_(None))
        .group_by(*keys)
        .having(sa.func.count() == 1)
    )
    home = sa.table(
        "home_place",
        *(sa.column(name, sa.Uuid()) for name in ("id", "person_id", "school_id", "classroom_id")),
        sa.column("academic_year", sa.Integer()),
        sa.column("created_at", TIME),
    )
    now = datetime.now(UTC)
    rows = [
        {
            "id": uuid4(),
            "person_id": person_id,
            "school_id": school_id,
            "academic_year": year,
            "classroom_id": UUID(classroom_id),
            "created_at": now,
        }
        for person_id, school_id, year, classroom_id in op.get_bind().execute(only)
    ]
    if rows:
        op.bulk_insert(home, rows)


def _end_old_sessions() -> None:
    device = sa.table(
        "sign_in",
        sa.column("way", sa.String()),
        sa.column("classroom_id", sa.Uuid()),
        sa.column("ended_at", TIME),
    )
    old = (
        device.c.way.in_(OLD_WAYS),
        device.c.classroom_id.is_(None),
        device.c.ended_at.is_(None),
    )
    now = datetime.now(UTC)
    ended = op.get_bind().execute(sa.update(device).where(*old).values(ended_at=now))
    if ended.rowcount:
        office = sa.table("office", sa.column("pupils_signed_out_at", TIME))
        op.get_bind().execute(sa.update(office).values(pupils_signed_out_at=now))


def _column(name: str, kind: sa.types.TypeEngine, *, empty: bool = False) -> sa.Column:
    return sa.Column(name, kind, nullable=empty)


def _key(table: str, column: str, target: str, deletion: str = "CASCADE") -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column], [f"{target}.id"], name=f"fk_{table}_{column}", ondelete=deletion
    )
