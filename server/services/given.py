"""What is given to whom now: a right to see lessons beside those of their audience."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, exists, or_, select, true, union_all
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from server.models.assignments import Assignment, AssignmentPupil
from server.models.classrooms import Classroom, ClassroomLoan, ClassroomTeacher, Enrolment
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
    return lesson.id in given_to(session, now(), person=person, lesson_ids=[lesson.id])


def given_to(
    session: Session, at: datetime, *, person: Person, lesson_ids: Collection[UUID]
) -> set[UUID]:
    """Return which of these lessons an editor gave to somebody, as far as their session reaches.

    In the caller's transaction.
    """
    pairs = given_pairs(
        session,
        at,
        person_ids=[person.id],
        lesson_ids=lesson_ids,
        is_reached=in_scope(person, Assignment.classroom_id),
    )
    return {lesson_id for _person_id, lesson_id in pairs}


def in_scope(
    person: Person, classroom_id: ColumnElement[UUID] | InstrumentedAttribute[UUID]
) -> ColumnElement[bool]:
    """Return `Scope.opens` as a condition on a column with classrooms."""
    return true() if person.scope.is_whole else classroom_id.in_(person.scope.classroom_ids)


def learnt_here(
    session: Session, *, person: Person | None, lesson_ids: Collection[UUID]
) -> frozenset[UUID]:
    """Return the lessons of which this session reaches what its person did, and may go on.

    One that came through a classroom reaches what that classroom was given, also what was
    withdrawn since. Inside a transaction.
    """
    if person is None or not person.is_active:
        return frozenset()
    if person.scope.is_whole:
        return frozenset(lesson_ids)
    here = is_given_to_pupil().where(
        Enrolment.person_id == person.id,
        Assignment.lesson_id.in_(lesson_ids),
        in_scope(person, Assignment.classroom_id),
    )
    found = session.scalars(here.with_only_columns(Assignment.lesson_id))
    return frozenset(id_ for id_ in found if id_ is not None)


def is_learnt_here(session: Session, *, person: Person | None, lesson_id: UUID) -> bool:
    """Tell the same of one lesson."""
    return lesson_id in learnt_here(session, person=person, lesson_ids=[lesson_id])


def given_pairs(
    session: Session,
    at: datetime,
    *,
    person_ids: Collection[UUID],
    lesson_ids: Collection[UUID],
    is_reached: ColumnElement[bool] | None = None,
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
        true() if is_reached is None else is_reached,
    )
    all_of_them = union_all(
        _to_pupils().where(is_open, Enrolment.person_id.in_(person_ids)),
        _to_teachers().where(is_open, ClassroomTeacher.person_id.in_(person_ids)),
        _to_substitutes(at).where(is_open, ClassroomLoan.person_id.in_(person_ids)),
    ).subquery()
    return {(person_id, lesson_id) for person_id, lesson_id in session.execute(select(all_of_them))}


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
        .join(Role, _teaches_at_its_school(ClassroomTeacher.person_id))
    )


def _to_substitutes(at: datetime) -> Select[UUID, UUID | None]:
    """Return who stands in for a colleague now."""
    return (
        select(ClassroomLoan.person_id, Assignment.lesson_id)
        .join(ClassroomLoan, ClassroomLoan.classroom_id == Assignment.classroom_id)
        .join(Classroom, Classroom.id == Assignment.classroom_id)
        .join(Role, _teaches_at_its_school(ClassroomLoan.person_id))
        .where(ClassroomLoan.starts_at <= at, ClassroomLoan.ends_at > at)
    )


def _teaches_at_its_school(person_id: InstrumentedAttribute[UUID]) -> ColumnElement[bool]:
    return and_(
        Role.person_id == person_id,
        Role.name == RoleName.TEACHER,
        Role.school_id == Classroom.school_id,
    )
