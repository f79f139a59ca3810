"""Courses: made, ordered, deleted with undo, copied, and shown by the rights to their lessons."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session, joinedload

from server.errors import FieldError, NotAllowed, NotFound
from server.models.courses import Course, CourseLesson, CourseUnit
from server.models.lessons import Lesson
from server.models.people import Person
from server.policy import may_edit_course, may_upload, may_view_lesson, school_acted_for
from server.services.audit import note_act
from server.services.clock import Clock
from server.services.given import given_to
from server.services.index_courses import note_course_change
from server.services.lesson_changes import LONGEST_DESCRIPTION, checked_title
from server.services.list_lessons import with_cards
from server.services.terms import (
    Term,
    day_in_bangkok,
    days_of_weeks,
    terms_around,
    terms_of_school,
)

MOST_COURSES = 200
YEARS_AHEAD = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class CourseFacts:
    """What its teacher says of a course."""

    title: str
    description: str
    academic_year: int
    term_number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownCourse:
    """A course, and those of its lessons that somebody may see; others are gone or not theirs."""

    course: Course
    lessons: Mapping[UUID, Lesson]
    term: Term | None
    may_edit: bool

    def last_days(self) -> Mapping[UUID, date]:
        """Return the last day of each lesson by the weeks of its unit, the first that has it."""
        found: dict[UUID, date] = {}
        for unit in self.course.units:
            if days := days_of_unit(unit, self.term):
                for row in unit.lessons:
                    found.setdefault(row.lesson_id, days[1])
        return found


def create_course(
    session: Session, now: Clock, *, facts: CourseFacts, by: Person, hat_id: UUID | None = None
) -> Course:
    """Make an empty course. Raises NotAllowed, FieldError."""
    if not may_upload(by):
        raise NotAllowed("only teachers and administrators make courses")
    at = now()
    with session.begin():
        course = Course(
            owner_id=by.id,
            school_id=school_acted_for(by, hat_id),
            created_at=at,
            changed_at=at,
            units=[],
        )
        _take(course, facts)
        session.add(course)
        note_course_change(session, now, course)
        note_act(session, now, action="course.create", by=by, thing_id=course.id)
    return course


def edit_course(
    session: Session, now: Clock, *, course_id: UUID, facts: CourseFacts, by: Person
) -> Course:
    """Change what is said of a course. Raises NotFound, FieldError."""
    with session.begin():
        course = hold_course(session, course_id, by)
        _take(course, facts)
        note_course_change(session, now, course)
        note_act(session, now, action="course.edit", by=by, thing_id=course.id)
    return course


def delete_course(session: Session, now: Clock, *, course_id: UUID, by: Person) -> Course:
    """Hide a course for a while, then remove it; its lessons stay as they are. Raises NotFound."""
    with session.begin():
        course = hold_course(session, course_id, by)
        course.deleted_at = now()
        note_course_change(session, now, course)
        note_act(session, now, action="course.delete", by=by, thing_id=course.id)
    return course


def restore_course(session: Session, now: Clock, *, course_id: UUID, by: Person) -> Course:
    """Bring a deleted course back as it was. Raises NotFound."""
    with session.begin():
        course = _held(session, course_id, by)
        course.deleted_at = None
        note_course_change(session, now, course)
        note_act(session, now, action="course.restore", by=by, thing_id=course.id)
    return course


def copy_course(
    session: Session, now: Clock, *, course_id: UUID, by: Person, hat_id: UUID | None = None
) -> Course:
    """Make the same course for the next term, for who copies it. Raises NotFound, NotAllowed.

    Lessons stay the same ones; what is gone is left out.
    """
    if not may_upload(by):
        raise NotAllowed("only teachers and administrators make courses")
    at = now()
    with session.begin():
        shown = _shown(session, now, course_id, by)
        source = shown.course
        year, number = _next_term(source)
        course = Course(
            owner_id=by.id,
            school_id=school_acted_for(by, hat_id),
            title=source.title,
            description=source.description,
            academic_year=year,
            term_number=number,
            copied_from_id=source.id,
            created_at=at,
            changed_at=at,
            units=[_unit_copy(unit, shown.lessons) for unit in source.units],
        )
        session.add(course)
        note_course_change(session, now, course)
        note_act(session, now, action="course.copy", by=by, thing_id=course.id, of=str(source.id))
    return course


def list_courses(session: Session, now: Clock, *, by: Person, undo_days: int) -> Sequence[Course]:
    """Return the person's own courses, the latest term first, also deleted ones for a while."""
    kept_since = now() - timedelta(days=undo_days)
    wanted = (
        select(Course)
        .where(Course.owner_id == by.id)
        .where(or_(Course.deleted_at.is_(None), Course.deleted_at > kept_since))
        .order_by(Course.academic_year.desc(), Course.term_number.desc(), Course.title)
        .limit(MOST_COURSES)
    )
    with session.begin():
        return session.scalars(wanted).all()


def get_course_for(
    session: Session, now: Clock, *, course_id: UUID, by: Person | None
) -> ShownCourse:
    """Return a course with what this person may see of it.

    Who may see one of its lessons may see it, and who may edit it. Raises NotFound.
    """
    with session.begin():
        return _shown(session, now, course_id, by)


def get_course_to_edit(session: Session, now: Clock, *, course_id: UUID, by: Person) -> ShownCourse:
    """Return a course that this person may edit. Raises NotFound."""
    shown = get_course_for(session, now, course_id=course_id, by=by)
    if not shown.may_edit:
        raise NotFound(f"no course {course_id} for this person to edit")
    return shown


def hold_course(session: Session, course_id: UUID, by: Person) -> Course:
    """Return a course that this person may edit and nobody else changes meanwhile.

    Inside a transaction. Raises NotFound.
    """
    course = _held(session, course_id, by)
    if course.deleted_at is not None:
        raise NotFound(f"course {course_id} is deleted")
    return course


def lessons_to_see(
    session: Session, now: Clock, lesson_ids: Collection[UUID], by: Person | None
) -> Mapping[UUID, Lesson]:
    """Return those of these lessons that a person may see; two queries, inside a transaction."""
    found = session.scalars(with_cards(select(Lesson).where(Lesson.id.in_(lesson_ids)))).all()
    given = given_to(session, now(), person=by, lesson_ids=lesson_ids) if by else set()
    return {
        lesson.id: lesson
        for lesson in found
        if may_view_lesson(by, lesson, is_given=lesson.id in given)
    }


def days_of_unit(unit: CourseUnit, term: Term | None) -> tuple[date, date] | None:
    """Return the first and last day of a unit; None where it has no weeks or the term no dates."""
    if term is None or unit.first_week is None or unit.last_week is None:
        return None
    return days_of_weeks(term, unit.first_week, unit.last_week)


def _held(session: Session, course_id: UUID, by: Person) -> Course:
    same = update(Course).where(Course.id == course_id).values(title=Course.title)
    session.execute(same, execution_options={"synchronize_session": False})
    course = session.get(Course, course_id, populate_existing=True)
    if course is None or not may_edit_course(by, course):
        raise NotFound(f"no course {course_id} for this person to edit")
    return course


def _shown(session: Session, now: Clock, course_id: UUID, by: Person | None) -> ShownCourse:
    course = session.get(
        Course, course_id, options=[joinedload(Course.owner), joinedload(Course.school)]
    )
    if course is None or course.deleted_at is not None:
        raise NotFound(f"no course {course_id}")
    lesson_ids = [row.lesson_id for unit in course.units for row in unit.lessons]
    lessons = lessons_to_see(session, now, lesson_ids, by)
    may_edit = may_edit_course(by, course)
    if not may_edit and not lessons:
        raise NotFound(f"no course {course_id} for this person")
    return ShownCourse(
        course=course, lessons=lessons, term=_term_of(session, now, course), may_edit=may_edit
    )


def _term_of(session: Session, now: Clock, course: Course) -> Term | None:
    """Return when its term is; none where that is years away."""
    known = terms_around(day_in_bangkok(now()), terms_of_school(session, course.school_id))
    wanted = (course.academic_year, course.term_number)
    return next((one for one in known if (one.academic_year, one.number) == wanted), None)


def _next_term(course: Course) -> tuple[int, int]:
    if course.term_number == 1:
        return course.academic_year, 2
    return course.academic_year + 1, 1


def _unit_copy(unit: CourseUnit, lessons: Mapping[UUID, Lesson]) -> CourseUnit:
    kept = [row for row in unit.lessons if row.lesson_id in lessons]
    return CourseUnit(
        place=unit.place,
        title=unit.title,
        first_week=unit.first_week,
        last_week=unit.last_week,
        lessons=[
            CourseLesson(lesson_id=row.lesson_id, title=lessons[row.lesson_id].title, place=place)
            for place, row in enumerate(kept)
        ],
    )


def _take(course: Course, facts: CourseFacts) -> None:
    course.title = checked_title(facts.title)
    description = facts.description.strip()
    if len(description) > LONGEST_DESCRIPTION or "\x00" in description:
        raise FieldError("description", "too long", rule="too_long", most=LONGEST_DESCRIPTION)
    if facts.term_number not in (1, 2) or not 2000 <= facts.academic_year <= 2200:  # noqa: PLR2004
        raise FieldError("term", "no such term", rule="unknown")
    course.description = description
    course.academic_year, course.term_number = facts.academic_year, facts.term_number
