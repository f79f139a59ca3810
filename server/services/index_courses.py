"""What the search index is told of a course, and the note that it is out of date.

A course is shown by the rights to its lessons: what is told of it is told to all who may see one of
them, and comes from those of its lessons alone that just these people may see.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, joinedload

from search.codes import grade_term
from search.index import SearchDocument
from search.indicators import indicator_terms
from search.vocabulary import KINDS
from search.words import document_grams, document_terms
from server.messages import IndexChanges
from server.models.courses import Course, CourseLesson, CourseUnit
from server.models.jobs import OutboxEntry
from server.models.lessons import Lesson
from server.policy import audience_of, audience_of_course
from server.queue import enqueue
from server.services.clock import Clock
from server.services.index_lessons import area_and_level_names
from server.services.lesson_facets import strands_of


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexedCourse:
    """A course, its audience, and those of its lessons that are for all of this audience."""

    course: Course
    audience: str
    lessons: Sequence[Lesson]


def note_course_change(session: Session, now: Clock, course: Course) -> None:
    """Have a changed course indexed again, in the caller's transaction."""
    course.changed_at = now()
    session.flush()  # a new one has its id now
    session.add(OutboxEntry(lesson_id=course.id, at=now()))
    enqueue(session, IndexChanges(), now())


def ids_of_courses_with(session: Session, lesson_ids: Collection[UUID]) -> list[UUID]:
    """Return the courses that hold any of these lessons: their audience may be another now."""
    wanted = lesson_places().where(CourseLesson.lesson_id.in_(lesson_ids))
    return list(session.scalars(wanted.with_only_columns(CourseUnit.course_id).distinct()))


def lesson_places() -> Select[UUID, UUID]:
    """Return the ids of courses, with those of the lessons in them."""
    return select(CourseUnit.course_id, CourseLesson.lesson_id).join(
        CourseLesson, CourseLesson.unit_id == CourseUnit.id
    )


def load_courses_for_index(session: Session, course_ids: Iterable[UUID]) -> list[IndexedCourse]:
    """Return those of the courses that somebody finds; a few queries for all of them."""
    wanted = select(Course).where(Course.id.in_(course_ids), Course.deleted_at.is_(None))
    courses = session.scalars(
        wanted.options(joinedload(Course.owner), joinedload(Course.school))
    ).all()
    ids = {row.lesson_id for each in courses for unit in each.units for row in unit.lessons}
    lessons = {one.id: one for one in session.scalars(select(Lesson).where(Lesson.id.in_(ids)))}
    found = (_indexed(course, lessons) for course in courses)
    return [each for each in found if each]


def document_of_course(indexed: IndexedCourse) -> SearchDocument:
    """Return the entry of a course."""
    course = indexed.course
    return SearchDocument(
        id=str(course.id),
        kind="course",
        lesson_id=str(course.id),
        audience=indexed.audience,
        fields=course_fields(course, indexed.lessons),
        grams=document_grams(course.title),
        facets=_facets(course, indexed.lessons),
        published_at=course.created_at,
        title=course.title,
    )


def course_fields(course: Course, lessons: Sequence[Lesson]) -> dict[str, list[str]]:
    """Return the terms of what a teacher wrote, and of how people call its subject and grade."""
    grades, areas = _grades(lessons), _areas(lessons)
    indicators = _indicators(lessons)
    names = [KINDS["course"], *area_and_level_names(areas, grades)]
    units = [unit.title for unit in course.units]
    people = [course.owner.display_name, course.school.name if course.school else ""]
    return {
        "title": document_terms(course.title),
        "codes": [
            *map(grade_term, grades),
            *(term for code in indicators for term in indicator_terms(code)),
            *document_terms(" ".join(names)),
        ],
        "description": document_terms(" ".join([course.description, *units, *people])),
    }


def _indexed(course: Course, lessons: dict[UUID, Lesson]) -> IndexedCourse | None:
    ids = dict.fromkeys(row.lesson_id for unit in course.units for row in unit.lessons)
    there = [lessons[id_] for id_ in ids if id_ in lessons and lessons[id_].is_published]
    audience = audience_of_course(course, there)
    if audience is None:
        return None
    theirs = [lesson for lesson in there if audience_of(lesson) == audience]
    return IndexedCourse(course=course, audience=audience, lessons=theirs)


def _facets(course: Course, lessons: Sequence[Lesson]) -> dict[str, list[str]]:
    indicators = _indicators(lessons)
    return {
        "whole": ["course"],
        "kind": ["course"],
        "learning_area": _areas(lessons),
        "grades": _grades(lessons),
        "school": [str(course.school_id)] if course.school_id else [],
        "strand": strands_of(indicators),
        "indicator": indicators,
    }


def _areas(lessons: Sequence[Lesson]) -> list[str]:
    return list(dict.fromkeys(one.learning_area for one in lessons if one.learning_area))


def _grades(lessons: Sequence[Lesson]) -> list[str]:
    return list(dict.fromkeys(grade for one in lessons for grade in one.grades))


def _indicators(lessons: Sequence[Lesson]) -> list[str]:
    return list(dict.fromkeys(code for one in lessons for code in one.indicators))
