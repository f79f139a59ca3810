"""Classrooms, pupils without passwords, links and requests of schools, hats."""

import sqlalchemy as sa
from alembic import op

from server.services.names import sort_key_of

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the tables and columns; persons get their place in Thai order."""
    op.create_table(
        "classroom",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("school_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("grades", sa.JSON(), nullable=False),
        sa.Column("academic_year", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(6), nullable=False),
        sa.Column("token", sa.String(22), nullable=False),
        sa.Column("code_ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("secret_kind", sa.String(10), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name="fk_classroom_school_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_classroom"),
        sa.UniqueConstraint("code", name="uq_classroom_code"),
        sa.UniqueConstraint("token", name="uq_classroom_token"),
    )
    op.create_index("ix_classroom_school_id", "classroom", ["school_id"])
    op.create_table(
        "school_link",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("school_id", sa.Uuid(), nullable=False),
        sa.Column("token", sa.String(22), nullable=False),
        sa.Column("role", sa.String(20), nullable=False),
        sa.Column("made_by_id", sa.Uuid(), nullable=True),
        sa.Column("used_count", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["made_by_id"], ["person.id"], name="fk_school_link_made_by_id", ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name="fk_school_link_school_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_school_link"),
        sa.UniqueConstraint("token", name="uq_school_link_token"),
    )
    op.create_index("ix_school_link_school_id", "school_link", ["school_id"])
    op.create_table(
        "school_request",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("school_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_school_request_person_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name="fk_school_request_school_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_school_request"),
        sa.UniqueConstraint("school_id", "person_id", name="uq_school_request_school_id_person_id"),
    )
    op.create_index("ix_school_request_person_id", "school_request", ["person_id"])
    op.create_table(
        "student_number",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("school_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("value", sa.String(20), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_student_number_person_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name="fk_student_number_school_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_student_number"),
        sa.UniqueConstraint("school_id", "value", name="uq_student_number_school_id_value"),
    )
    op.create_index("ix_student_number_person_id", "student_number", ["person_id"])
    op.create_table(
        "term_dates",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("school_id", sa.Uuid(), nullable=True),
        sa.Column("academic_year", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name="fk_term_dates_school_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_term_dates"),
        sa.UniqueConstraint("school_id", "academic_year", "number", name="uq_term_dates_school_id_academic_year_number"),
    )
    op.create_table(
        "classroom_teacher",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("classroom_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["classroom_id"], ["classroom.id"], name="fk_classroom_teacher_classroom_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_classroom_teacher_person_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_classroom_teacher"),
        sa.UniqueConstraint("classroom_id", "person_id", name="uq_classroom_teacher_classroom_id_person_id"),
    )
    op.create_index("ix_classroom_teacher_person_id", "classroom_teacher", ["person_id"])
    op.create_table(
        "enrolment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("classroom_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("list_number", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("came_in_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("left_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["classroom_id"], ["classroom.id"], name="fk_enrolment_classroom_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_enrolment_person_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_enrolment"),
        sa.UniqueConstraint("classroom_id", "person_id", name="uq_enrolment_classroom_id_person_id"),
    )
    op.create_index("ix_enrolment_person_id", "enrolment", ["person_id"])
    op.create_table(
        "join_request",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("classroom_id", sa.Uuid(), nullable=False),
        sa.Column("token_sha256", sa.String(64), nullable=False),
        sa.Column("enrolment_id", sa.Uuid(), nullable=True),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("typed_name", sa.String(200), nullable=False),
        sa.Column("device", sa.String(200), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("refused_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["classroom_id"], ["classroom.id"], name="fk_join_request_classroom_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["enrolment_id"], ["enrolment.id"], name="fk_join_request_enrolment_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_join_request_person_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_join_request"),
        sa.UniqueConstraint("token_sha256", name="uq_join_request_token_sha256"),
    )
    op.create_index("ix_join_request_classroom_id", "join_request", ["classroom_id"])
    op.create_index("ix_join_request_expires_at", "join_request", ["expires_at"])
    op.create_table(
        "pupil_key",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("enrolment_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("secret_hash", sa.String(200), nullable=False),
        sa.Column("wrong_count", sa.Integer(), nullable=False),
        sa.Column("locked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["enrolment_id"], ["enrolment.id"], name="fk_pupil_key_enrolment_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_pupil_key"),
        sa.UniqueConstraint("enrolment_id", "kind", name="uq_pupil_key_enrolment_id_kind"),
    )
    op.create_index("ix_pupil_key_secret_hash", "pupil_key", ["secret_hash"])
    op.add_column("person", sa.Column("title", sa.String(40), nullable=False, server_default=""))
    op.add_column("person", sa.Column("sort_key", sa.String(400), nullable=False, server_default=""))
    op.create_index("ix_person_sort_key", "person", ["sort_key"])
    op.add_column("school", sa.Column("takes_requests", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("sign_in", sa.Column("way", sa.String(10), nullable=False, server_default="password"))
    op.add_column("sign_in", sa.Column("classroom_id", sa.Uuid(), nullable=True))
    op.add_column("sign_in", sa.Column("hat_id", sa.Uuid(), nullable=True))

    person = sa.table("person", sa.column("id"), sa.column("display_name"), sa.column("sort_key"))
    connection = op.get_bind()
    for id_, name in connection.execute(sa.select(person.c.id, person.c.display_name)).all():
        connection.execute(
            sa.update(person).where(person.c.id == id_).values(sort_key=sort_key_of(name))
        )


def downgrade() -> None:
    """Drop them: classrooms are lost, and with them how their pupils came in."""
    for column in ("hat_id", "classroom_id", "way"):
        op.drop_column("sign_in", column)
    op.drop_column("school", "takes_requests")
    op.drop_index("ix_person_sort_key", "person")
    op.drop_column("person", "sort_key")
    op.drop_column("person", "title")
    for table in (
        "pupil_key",
        "join_request",
        "enrolment",
        "classroom_teacher",
        "term_dates",
        "student_number",
        "school_request",
        "school_link",
        "classroom",
    ):
        op.drop_table(table)
