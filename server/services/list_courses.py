"""Courses that a person finds: those with a lesson that is listed for them."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session, joinedload, lazyload, selectinload

from server.models.courses import Course, CourseLesson, CourseUnit
from server.models.lessons import Lesson
from server.models.library import Asset, Original
from server.models.people import Person
from server.services.index_courses import lesson_places
from server.services.lesson_conditions import is_listed_for, wishes_for
from server.services.lesson_facets import Filters

COURSE = "course"  # as the facet `kind` calls it


def courses_by_id(
    session: Session, viewer: Person | None, course_ids: Collection[UUID]
) -> dict[str, Course]:
    """Return those of the courses that this person finds; inside a transaction."""
    if not course_ids:
        return {}
    found = session.scalars(_shown(Course.id.in_(course_ids), _is_found(viewer)))
    return {str(course.id): course for course in found}


def list_found_courses(
    session: Session, viewer: Person | None, filters: Filters, window: slice
) -> tuple[Sequence[Course], int]:
    """Return one page of the courses, the newest first, and how many there are.

    They have no length, language or licence: narrowed by these there are none.
    """
    if filters.length or filters.language or filters.licence or filters.captions:
        return (), 0
    of_lessons = replace(filters, kind="", school_id=None)
    wanted = [_is_found(viewer, *wishes_for(session, of_lessons))]
    if filters.school_id:
        wanted.append(Course.school_id == filters.school_id)
    page = _shown(*wanted).order_by(Course.created_at.desc(), Course.id.desc())
    courses = session.scalars(page.slice(window.start, window.stop)).all()
    total = session.scalar(select(func.count(Course.id)).where(*wanted)) or 0
    return courses, total


def _shown(*conditions: ColumnElement[bool]) -> Select[Course]:
    """Load what a card shows, and not what is in the units."""
    return (
        select(Course)
        .where(*conditions)
        .options(
            joinedload(Course.owner),
            joinedload(Course.school),
            selectinload(Course.units).options(lazyload(CourseUnit.lessons)),
        )
    )


def _is_found(viewer: Person | None, *wishes: ColumnElement[bool]) -> ColumnElement[bool]:
    with_lesson = (
        lesson_places()
        .join(Lesson, Lesson.id == CourseLesson.lesson_id)
        .outerjoin(Original, Original.id == Lesson.original_id)
        .outerjoin(Asset, Asset.id == Original.asset_id)
        .where(is_listed_for(viewer), *wishes)
    )
    ids = with_lesson.with_only_columns(CourseUnit.course_id)
    return Course.deleted_at.is_(None) & Course.id.in_(ids)
