"""A lesson's items given to pupils: the draft becomes a version, which never changes again."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.errors import LessonNotReady, NotAllowed
from server.models.content import (
    AnyItem,
    Content,
    FileItem,
    HandInItem,
    LinkItem,
    QuizItem,
    TextItem,
)
from server.models.lesson_versions import LessonVersion
from server.models.lessons import Lesson
from server.models.library import Asset, AssetState, Original
from server.models.people import Person
from server.policy import may_publish_lesson
from server.services.audit import note_act
from server.services.clock import Clock
from server.services.find_row import hold_lesson
from server.services.index_lessons import note_change
from server.services.lesson_content import newest_version
from server.services.lesson_drafts import draft_of


def give_to_pupils(session: Session, now: Clock, *, lesson_id: UUID, by: Person) -> Lesson:
    """Make the draft what pupils get who begin from now on; the others keep what they began.

    Raises NotFound, NotAllowed, LessonNotReady when nothing of it can be shown.
    """
    with session.begin():
        lesson = hold_lesson(session, lesson_id)
        if lesson.deleted_at is not None or not may_publish_lesson(by, lesson):
            raise NotAllowed(f"lesson {lesson_id} is not this person's to give")
        make_version(session, now, lesson=lesson, by=by)
        note_change(session, now, lesson_id)
    return lesson


def make_version(session: Session, now: Clock, *, lesson: Lesson, by: Person) -> None:
    """Make a version where the draft says something new, in the caller's transaction.

    Raises LessonNotReady when nothing of it can be shown.
    """
    draft = draft_of(session, lesson)
    if not can_show_any(session, lesson, draft.content):
        raise LessonNotReady("a title and something to show are needed")
    if draft.is_given:
        return
    newest = newest_version(session, lesson.id)
    version = LessonVersion(
        lesson_id=lesson.id,
        number=newest.number + 1 if newest else 1,
        content=draft.content.model_dump(mode="json"),
        by_id=by.id,
        created_at=now(),
    )
    session.add(version)
    lesson.changed_at = now()
    note_act(
        session, now, action="lesson.version", by=by, thing_id=lesson.id, number=version.number
    )


def can_show_any(session: Session, lesson: Lesson, content: Content) -> bool:
    """Return whether pupils would see at least one item."""
    ready = _watchable(session, content) | (
        {lesson.original_id} if lesson.original and is_watchable(lesson.original.asset) else set()
    )
    return any(_can_show(item, lesson, ready) for item in content.items)


def is_watchable(asset: Asset | None) -> bool:
    """Return whether something of the file can be shown already."""
    if asset is None or asset.state == AssetState.FAILED:
        return False
    return asset.watchable_at is not None or asset.state == AssetState.READY


def _watchable(session: Session, content: Content) -> set[UUID | None]:
    used = select(Original).where(Original.id.in_(content.original_ids))
    return {one.id for one in session.scalars(used) if is_watchable(one.asset)}


def _can_show(item: AnyItem, lesson: Lesson, ready: set[UUID | None]) -> bool:
    match item:
        case FileItem():
            return (item.original_id or lesson.original_id) in ready
        case TextItem():
            return bool(item.markdown.strip())
        case QuizItem():
            return bool(item.questions)
        case LinkItem() | HandInItem():
            return True
