"""Lessons: made from an original, edited, published, deleted with undo.

Every change writes its audit entry and has the lesson indexed again, in the same transaction.
"""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload
from sqlalchemy.orm.interfaces import ORMOption

from server.errors import NotAllowed, NotFound
from server.models.lessons import Lesson, Licence, Visibility
from server.models.library import Asset, Original
from server.models.people import Person, RoleName
from server.policy import (
    has_role,
    may_delete_lesson,
    may_edit_lesson,
    may_publish_lesson,
    may_upload,
    school_acted_for,
)
from server.services.audit import note_act
from server.services.chapters import take_chapters
from server.services.clock import Clock
from server.services.find_row import find_row, hold_lesson
from server.services.given import may_see_lesson
from server.services.index_lessons import note_change
from server.services.lesson_changes import LessonChanges, checked_title
from server.services.lesson_version_changes import make_version
from server.services.share import has_open_link


def create_lesson(
    session: Session,
    now: Clock,
    *,
    original_id: UUID | None,
    title: str,
    by: Person,
    hat_id: UUID | None = None,
) -> Lesson:
    """Make a lesson, not yet published, of a file that this person uploaded, or without one.

    It belongs to the school for which they act in this role; without one, to the file's. What a
    teacher rarely changes is as in their last lesson. Raises NotFound, NotAllowed, FieldError.
    """
    if not may_upload(by):
        raise NotAllowed("only teachers and administrators make lessons")
    title = checked_title(title)
    with session.begin():
        original = session.get(Original, original_id) if original_id else None
        if original_id and (original is None or original.owner_id != by.id):
            raise NotFound("no such original of this person")
        school_id = None if hat_id or original is None else original.school_id
        lesson = _like_last_lesson(session, by, school_id=school_id or school_acted_for(by, hat_id))
        lesson.title = title
        if original is not None:
            lesson.original_id = original.id
            take_chapters(lesson, original.asset)
        lesson.created_at = lesson.changed_at = now()
        session.add(lesson)
        session.flush()
        _note(session, now, lesson, "lesson.create", by)
    return lesson


def edit_lesson(
    session: Session, now: Clock, *, lesson_id: UUID, changes: LessonChanges, by: Person
) -> Lesson:
    """Change what is given, leave the rest. Raises NotFound, NotAllowed, FieldError."""
    values = changes.checked()
    with session.begin():
        lesson = hold_lesson(session, lesson_id)
        if not may_edit_lesson(by, lesson):
            raise NotAllowed(f"lesson {lesson_id} is not this person's to edit")
        for name, value in values.items():
            setattr(lesson, name, value)
        lesson.changed_at = now()
        _note(session, now, lesson, "lesson.edit", by, fields=sorted(values))
    return lesson


def publish_lesson(session: Session, now: Clock, *, lesson_id: UUID, by: Person) -> Lesson:
    """Show a lesson to its audience and have it indexed.

    Raises NotFound, NotAllowed, or LessonNotReady; then nothing has changed.
    """
    with session.begin():
        lesson = hold_lesson(session, lesson_id)
        if not may_publish_lesson(by, lesson) or lesson.deleted_at is not None:
            raise NotAllowed(f"lesson {lesson_id} is not this person's to publish")
        make_version(session, now, lesson=lesson, by=by)
        lesson.publish(at=now())
        _note(session, now, lesson, "lesson.publish", by, visibility=lesson.visibility)
    return lesson


def unpublish_lesson(session: Session, now: Clock, *, lesson_id: UUID, by: Person) -> Lesson:
    """Take a lesson back from its audience; links and embeds stop. Raises NotFound, NotAllowed."""
    with session.begin():
        lesson = hold_lesson(session, lesson_id)
        if not may_publish_lesson(by, lesson):
            raise NotAllowed(f"lesson {lesson_id} is not this person's to unpublish")
        lesson.published_at = None
        _note(session, now, lesson, "lesson.unpublish", by)
    return lesson


def delete_lesson(session: Session, now: Clock, *, lesson_id: UUID, by: Person) -> Lesson:
    """Hide a lesson from everybody; it can be brought back for the days of `undo_days`.

    Raises NotFound or NotAllowed.
    """
    with session.begin():
        lesson = hold_lesson(session, lesson_id)
        if not may_delete_lesson(by, lesson):
            raise NotAllowed(f"lesson {lesson_id} is not this person's to delete")
        lesson.deleted_at = lesson.deleted_at or now()
        _note(session, now, lesson, "lesson.delete", by)
    return lesson


def restore_lesson(session: Session, now: Clock, *, lesson_id: UUID, by: Person) -> Lesson:
    """Bring a deleted lesson back as it was, published or not. Raises NotFound, NotAllowed."""
    with session.begin():
        lesson = hold_lesson(session, lesson_id)
        if not may_delete_lesson(by, lesson):
            raise NotAllowed(f"lesson {lesson_id} is not this person's to bring back")
        lesson.deleted_at = None
        _note(session, now, lesson, "lesson.restore", by)
    return lesson


def list_own_lessons(
    session: Session, now: Clock, *, by: Person, undo_days: int = 30
) -> list[Lesson]:
    """Return the person's lessons, last changed first, and those that can be brought back."""
    kept_since = now() - timedelta(days=undo_days)
    wanted = (
        select(Lesson)
        .where(Lesson.owner_id == by.id)
        .where((Lesson.deleted_at.is_(None)) | (Lesson.deleted_at > kept_since))
        .options(*_shown_with())
        .order_by(Lesson.changed_at.desc(), Lesson.id.desc())
    )
    with session.begin():
        return list(session.scalars(wanted))


def get_lesson_for(
    session: Session,
    now: Clock,
    *,
    lesson_id: UUID,
    by: Person | None,
    share_token: str | None = None,
) -> Lesson:
    """Return a lesson that this person may view now.

    Raises NotFound otherwise: nobody learns that there is a lesson that is not for them.
    """
    with session.begin():
        lesson = session.get(Lesson, lesson_id, options=_shown_with())
        has_link = bool(share_token) and has_open_link(session, lesson_id, share_token or "")
        if lesson is None or not may_see_lesson(
            session, now, person=by, lesson=lesson, has_share_link=has_link
        ):
            raise NotFound(f"no lesson {lesson_id} for this person")
    return lesson


def get_lesson_to_edit(session: Session, *, lesson_id: UUID, by: Person) -> Lesson:
    """Return a lesson that this person may edit, also a deleted one. Raises NotFound."""
    with session.begin():
        lesson = session.get(Lesson, lesson_id, options=_shown_with())
        if lesson is None or not may_edit_lesson(by, lesson):
            raise NotFound(f"no lesson {lesson_id} for this person to edit")
    return lesson


def get_asset_for(session: Session, *, asset_id: UUID, by: Person) -> Asset:
    """Return an asset whose file this person brought, or of a lesson they may edit.

    Raises NotFound.
    """
    with session.begin():
        originals = session.scalars(select(Original).where(Original.asset_id == asset_id)).all()
        lessons = session.scalars(
            select(Lesson).where(Lesson.original_id.in_([original.id for original in originals]))
        )
        is_own = may_upload(by) and any(original.owner_id == by.id for original in originals)
        if not is_own and not any(may_edit_lesson(by, lesson) for lesson in lessons):
            raise NotFound(f"no asset {asset_id} for this person")
        return find_row(session, Asset, asset_id)


def _like_last_lesson(session: Session, by: Person, *, school_id: UUID | None) -> Lesson:
    newest = select(Lesson).where(Lesson.owner_id == by.id, Lesson.school_id == school_id)
    last = session.scalar(newest.order_by(Lesson.created_at.desc(), Lesson.id.desc()).limit(1))
    if last is None:
        return Lesson(
            owner_id=by.id,
            school_id=school_id,
            licence=Licence.UNKNOWN,
            rights_holder=by.display_name,
            visibility=_first_visibility(by, school_id),
        )
    return Lesson(
        owner_id=by.id,
        school_id=school_id,
        language=last.language,
        learning_area=last.learning_area,
        grades=list(last.grades),
        licence=last.licence,
        rights_holder=last.rights_holder,
        visibility=last.visibility,
        may_be_kept=last.may_be_kept,
    )


def _first_visibility(by: Person, school_id: UUID | None) -> Visibility:
    """The school; what the office itself makes is for the whole area."""
    is_of_office = school_id is None and has_role(by, RoleName.OFFICE_ADMIN)
    return Visibility.AREA if is_of_office else Visibility.SCHOOL


def _shown_with() -> list[ORMOption]:
    return [
        selectinload(Lesson.owner),
        selectinload(Lesson.school),
        selectinload(Lesson.original).selectinload(Original.asset),
        selectinload(Lesson.text_tracks),
        selectinload(Lesson.chapters),
        selectinload(Lesson.share_links),
    ]


def _note(
    session: Session, now: Clock, lesson: Lesson, action: str, by: Person, **detail: object
) -> None:
    note_act(session, now, action=action, by=by, thing_id=lesson.id, **detail)
    note_change(session, now, lesson.id)
