"""What a lesson consists of: for its editors, for who comes now, and for who began earlier."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.orm import Session, aliased

from server.models.base import insert_into
from server.models.content import CONTENT, AnyItem, Content, FileItem
from server.models.erased_lessons import ErasedLesson
from server.models.lesson_versions import LessonStart, LessonVersion
from server.models.lessons import Lesson
from server.services.clock import Clock


def own_file(lesson: Lesson | ErasedLesson) -> Content:
    """Return what a lesson consists of that has no version yet: its own file, under its own id."""
    return Content(items=(FileItem(id=lesson.id, is_required=True),) if lesson.original_id else ())


def newest_version(session: Session, lesson_id: UUID) -> LessonVersion | None:
    """Return the version that somebody gets who comes now; none before there are items."""
    versions = select(LessonVersion).where(LessonVersion.lesson_id == lesson_id)
    return session.scalars(versions.order_by(LessonVersion.number.desc()).limit(1)).first()


def newest_contents(session: Session, lesson_ids: Collection[UUID]) -> dict[UUID, Content]:
    """Return what somebody gets who comes now, of those lessons that have versions; one query."""
    newer = aliased(LessonVersion)
    is_old = exists().where(
        newer.lesson_id == LessonVersion.lesson_id, newer.number > LessonVersion.number
    )
    newest = select(LessonVersion).where(LessonVersion.lesson_id.in_(lesson_ids), ~is_old)
    return {row.lesson_id: CONTENT.validate_python(row.content) for row in session.scalars(newest)}


def version_for(session: Session, lesson_id: UUID, *, person_id: UUID) -> LessonVersion | None:
    """Return the version that the person began, else the newest; none before there are items."""
    began = (
        select(LessonVersion)
        .join(LessonStart, LessonStart.version_id == LessonVersion.id)
        .where(LessonStart.lesson_id == lesson_id, LessonStart.person_id == person_id)
    )
    return session.scalars(began).first() or newest_version(session, lesson_id)


def content_for(
    session: Session, lesson: Lesson | ErasedLesson, *, person_id: UUID | None
) -> Content:
    """Return the version that the person began, else the newest, else the lesson's own file."""
    version = (
        version_for(session, lesson.id, person_id=person_id)
        if person_id
        else newest_version(session, lesson.id)
    )
    return CONTENT.validate_python(version.content) if version else own_file(lesson)


def find_item(content: Content, item_id: UUID) -> AnyItem | None:
    """Return an item of it."""
    return next((item for item in content.items if item.id == item_id), None)


def note_start(session: Session, now: Clock, *, lesson_id: UUID, person_id: UUID) -> None:
    """Keep for this person the version that is newest now, in the caller's transaction."""
    version = newest_version(session, lesson_id)
    if version is None:
        return
    keys = {"person_id": person_id, "lesson_id": lesson_id}
    started = insert_into(session, LessonStart).values(**keys, version_id=version.id, at=now())
    session.execute(started.on_conflict_do_nothing())
