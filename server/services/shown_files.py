"""Files as lessons show them: a lesson's own one, trimmed, and those of its items, whole."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from media_pipeline.timeline import WHOLE, Timeline
from server.errors import NotFound
from server.models.lesson_versions import LessonItemFile
from server.models.lessons import FileRole, Lesson, LessonFile
from server.models.library import Asset, Original
from server.models.people import Person
from server.policy import may_edit_lesson
from server.services.lesson_content import content_for
from server.services.remaking import is_succeeded
from server.services.views import playable_timeline


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownFile:
    """One file of a lesson; `item_id` names the item on whose page it stands, if it does."""

    lesson: Lesson
    original: Original
    title: str
    item_id: UUID | None = None

    @property
    def asset(self) -> Asset:
        """Return what was made of it."""
        return self.original.asset

    @property
    def is_own(self) -> bool:
        """Whether it is the lesson's own: captions, chapters and trims belong to that alone."""
        return self.original.id == self.lesson.original_id

    @property
    def timeline(self) -> Timeline:
        """Return what of it can be played at this moment."""
        return playable_timeline(self.lesson) if self.is_own else WHOLE

    @property
    def name(self) -> str:
        """Return under what devices remember places in it."""
        return str(self.lesson.id if self.is_own else self.original.id)


def own_shown_file(lesson: Lesson) -> ShownFile | None:
    """Return the lesson's own file; None without one."""
    if lesson.original is None:
        return None
    return ShownFile(lesson=lesson, original=lesson.original, title=lesson.title)


def file_of_items(
    session: Session, *, lesson: Lesson, original_id: UUID, by: Person | None
) -> Original:
    """Return a file that the items use which this person has before them; editors see all of them.

    That they may see the lesson was asked before. Raises NotFound.
    """
    with session.begin():
        is_editor = may_edit_lesson(by, lesson)
        content = content_for(session, lesson, person_id=by.id if by else None)
        if not is_editor and original_id not in content.original_ids:
            raise NotFound(f"lesson {lesson.id} shows no file {original_id}")
        used = (LessonItemFile.original_id == original_id, LessonItemFile.lesson_id == lesson.id)
        found = session.scalar(
            select(Original)
            .join(LessonItemFile, LessonItemFile.original_id == Original.id)
            .where(*used)
            .options(joinedload(Original.asset))
        )
        if found is None:
            raise NotFound(f"lesson {lesson.id} uses no file {original_id}")
    return found


def shows_asset(session: Session, lesson: Lesson, asset_id: UUID) -> bool:
    """Return whether the lesson shows this asset, or did so when its viewers began.

    A file that was replaced or made anew is watched to its end; when its teacher gives up the undo,
    it ends. So it is with files of items, while a version uses them.
    """
    own = lesson.original.asset if lesson.original else None
    if own is not None and own.id == asset_id:
        return True
    beside = select(Original.asset_id).join(LessonFile, LessonFile.original_id == Original.id)
    beside = beside.where(LessonFile.lesson_id == lesson.id, LessonFile.role == FileRole.FORMER)
    items = select(Original).join(LessonItemFile, LessonItemFile.original_id == Original.id)
    items = items.where(LessonItemFile.lesson_id == lesson.id).options(joinedload(Original.asset))
    if asset_id in session.scalars(beside).all():
        return True
    shown = [original.asset for original in session.scalars(items)]
    if any(asset.id == asset_id for asset in shown):
        return True
    newer = [own, *shown] if own else shown
    return any(is_succeeded(session, asset_id, asset) for asset in newer)
