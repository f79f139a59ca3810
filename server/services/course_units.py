"""What a course consists of: units over the weeks of its term, and lessons in them."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import TypeVar
from uuid import UUID

from sqlalchemy.orm import Session

from server.errors import FieldError, NotFound
from server.models.courses import Course, CourseLesson, CourseUnit
from server.models.people import Person
from server.services.clock import Clock
from server.services.courses import hold_course, lessons_to_see
from server.services.index_courses import note_course_change
from server.services.lesson_changes import checked_title

MOST_UNITS = 60
MOST_LESSONS = 100  # in one unit
LAST_WEEK = 40
Placed = TypeVar("Placed", CourseUnit, CourseLesson)


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitFacts:
    """What its teacher says of a unit; weeks of the term, from 1."""

    title: str
    first_week: int | None = None
    last_week: int | None = None


def add_unit(
    session: Session, now: Clock, *, course_id: UUID, facts: UnitFacts, by: Person
) -> CourseUnit:
    """Put a unit at the end. Raises NotFound, FieldError."""
    with session.begin():
        course = hold_course(session, course_id, by)
        if len(course.units) >= MOST_UNITS:
            raise FieldError("unit", "too many", rule="too_many", most=MOST_UNITS)
        unit = CourseUnit(place=len(course.units), lessons=[])
        _take(unit, facts)
        course.units.append(unit)
        note_course_change(session, now, course)
    return unit


def edit_unit(
    session: Session, now: Clock, *, course_id: UUID, unit_id: UUID, facts: UnitFacts, by: Person
) -> None:
    """Change what is said of a unit. Raises NotFound, FieldError."""
    with session.begin():
        course = hold_course(session, course_id, by)
        _take(_unit(course, unit_id), facts)
        note_course_change(session, now, course)


def remove_unit(
    session: Session, now: Clock, *, course_id: UUID, unit_id: UUID, by: Person
) -> None:
    """Take a unit out; its lessons themselves stay. Raises NotFound."""
    with session.begin():
        course = hold_course(session, course_id, by)
        course.units.remove(_unit(course, unit_id))
        _number(course.units)
        note_course_change(session, now, course)


def move_unit(
    session: Session, now: Clock, *, course_id: UUID, unit_id: UUID, by_places: int, by: Person
) -> None:
    """Move a unit down or (negative) up. Raises NotFound."""
    with session.begin():
        course = hold_course(session, course_id, by)
        unit = _unit(course, unit_id)
        to = min(max(unit.place + by_places, 0), len(course.units) - 1)
        course.units.remove(unit)
        course.units.insert(to, unit)
        _number(course.units)
        note_course_change(session, now, course)


def add_lessons(
    session: Session,
    now: Clock,
    *,
    course_id: UUID,
    unit_id: UUID,
    lesson_ids: Collection[UUID],
    by: Person,
) -> int:
    """Put lessons that the person may see at the end of a unit; return how many are new there.

    Raises NotFound, FieldError.
    """
    with session.begin():
        course = hold_course(session, course_id, by)
        unit = _unit(course, unit_id)
        seen = lessons_to_see(session, now, lesson_ids, by)
        there = {row.lesson_id for row in unit.lessons}
        new = [seen[id_] for id_ in lesson_ids if id_ in seen and id_ not in there]
        if len(unit.lessons) + len(new) > MOST_LESSONS:
            raise FieldError("lesson", "too many", rule="too_many", most=MOST_LESSONS)
        for lesson in new:
            row = CourseLesson(lesson_id=lesson.id, title=lesson.title, place=len(unit.lessons))
            unit.lessons.append(row)
        note_course_change(session, now, course)
    return len(new)


def remove_lesson(
    session: Session, now: Clock, *, course_id: UUID, place_id: UUID, by: Person
) -> None:
    """Take a lesson out of its unit. Raises NotFound."""
    with session.begin():
        course = hold_course(session, course_id, by)
        unit, row = _place(course, place_id)
        unit.lessons.remove(row)
        _number(unit.lessons)
        note_course_change(session, now, course)


def move_lesson(
    session: Session, now: Clock, *, course_id: UUID, place_id: UUID, by_places: int, by: Person
) -> None:
    """Move a lesson within its unit, down or (negative) up. Raises NotFound."""
    with session.begin():
        course = hold_course(session, course_id, by)
        unit, row = _place(course, place_id)
        to = min(max(row.place + by_places, 0), len(unit.lessons) - 1)
        unit.lessons.remove(row)
        unit.lessons.insert(to, row)
        _number(unit.lessons)
        note_course_change(session, now, course)


def _unit(course: Course, unit_id: UUID) -> CourseUnit:
    found = next((unit for unit in course.units if unit.id == unit_id), None)
    if found is None:
        raise NotFound(f"no unit {unit_id} in course {course.id}")
    return found


def _place(course: Course, place_id: UUID) -> tuple[CourseUnit, CourseLesson]:
    for unit in course.units:
        for row in unit.lessons:
            if row.id == place_id:
                return unit, row
    raise NotFound(f"no lesson {place_id} in course {course.id}")


def _number(rows: list[Placed]) -> None:
    for place, row in enumerate(rows):
        row.place = place


def _take(unit: CourseUnit, facts: UnitFacts) -> None:
    unit.title = checked_title(facts.title)
    weeks = [week for week in (facts.first_week, facts.last_week) if week is not None]
    if weeks != sorted(weeks) or any(not 1 <= week <= LAST_WEEK for week in weeks):
        raise FieldError("weeks", "weeks of a term in order", rule="weeks", most=LAST_WEEK)
    unit.first_week = facts.first_week if facts.first_week is not None else facts.last_week
    unit.last_week = facts.last_week if facts.last_week is not None else facts.first_week
