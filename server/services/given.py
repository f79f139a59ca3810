"""What is given to whom now: a right to see lessons beside those of their audience."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, exists, or_, select, union_all
from sqlalchemy.orm import Session, aliased

from server.models.assignments import Assignment, AssignmentPupil
from server.models.classrooms import Classroom, ClassroomTeacher, Enrolment
from server.models.lessons import WITHIN_SCHOOL, Lesson
from server.models.people import Person, Role, RoleName
from server.policy import may_view_lesson
from server.services.clock import Clock


def may_see_lesson(
    session: Session,
    now: Clock,
    *,
    person: Person | None,
    lesson: Lesson,
    has_share_link: bool = False,
) -> bool:
    """Ask the policy, with what is given to this person now; inside a transaction."""
    if may_view_lesson(person, lesson, has_share_link=has_share_link):
        return True
    if person is None or not may_view_lesson(person, lesson, is_given=True):
        return False
    return bool(given_pairs(session, now(), person_ids=[person.id], lesson_ids=[lesson.id]))


def given_pairs(
    session: Session,
    at: datetime,
    *,
    person_ids: Collection[UUID],
    lesson_ids: Collection[UUID],
) -> set[tuple[UUID, UUID]]:
    """Return (person, lesson) of what an editor gave: to who learns there, and to who teaches it.

    What its pupils let go no further than their school is not shown in a classroom of another one.
    One query, inside the caller's transaction.
    """
    if not person_ids or not lesson_ids:
        return set()
    is_open = and_(
        Assignment.lesson_id.in_(lesson_ids),
        Assignment.opens_lesson,
        Assignment.withdrawn_at.is_(None),
        Assignment.opens_at <= at,
        _reaches_classroom(),
    )
    both = union_all(
        _to_pupils().where(is_open, Enrolment.person_id.in_(person_ids)),
        _to_teachers().where(is_open, ClassroomTeacher.person_id.in_(person_ids)),
    ).subquery()
    return {(person_id, lesson_id) for person_id, lesson_id in session.execute(select(both))}


def _reaches_classroom() -> ColumnElement[bool]:
    room = aliased(Classroom)
    goes_out = Lesson.ceiling.not_in(WITHIN_SCHOOL)
    return exists().where(
        Lesson.id == Assignment.lesson_id,
        room.id == Assignment.classroom_id,
        or_(goes_out, Lesson.school_id == room.school_id),
    )


def is_given_to_pupil() -> Select[Assignment, Enrolment]:
    """Return assignments with each place in a classroom for which they are meant."""
    is_chosen = exists().where(
        AssignmentPupil.assignment_id == Assignment.id,
        AssignmentPupil.person_id == Enrolment.person_id,
    )
    return (
        select(Assignment, Enrolment)
        .join(Enrolment, Enrolment.classroom_id == Assignment.classroom_id)
        .where(Enrolment.left_at.is_(None), or_(Assignment.is_for_all, is_chosen))
    )


def _to_pupils() -> Select[UUID, UUID | None]:
    return is_given_to_pupil().with_only_columns(Enrolment.person_id, Assignment.lesson_id)


def _to_teachers() -> Select[UUID, UUID | None]:
    """Return who teaches the classroom, while they teach at its school."""
    return (
        select(ClassroomTeacher.person_id, Assignment.lesson_id)
        .join(ClassroomTeacher, ClassroomTeacher.classroom_id == Assignment.classroom_id)
        .join(Classroom, Classroom.id == Assignment.classroom_id)
        .join(
            Role,
            and_(
                Role.person_id == ClassroomTeacher.person_id,
                Role.name == RoleName.TEACHER,
                Role.school_id == Classroom.school_id,
            ),
        )
    )
