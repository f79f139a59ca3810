"""What is past its time goes: lessons beyond undo, files nobody has a lesson of, ended sessions."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, and_, delete, exists, or_, select
from sqlalchemy.orm import Session, aliased

from server.errors import Conflict, LessonChanged, NotAllowed, NotFound
from server.messages import TidyUp
from server.models.classrooms import JoinRequest
from server.models.courses import Course
from server.models.lesson_versions import LessonItemFile
from server.models.lessons import FileRole, Lesson, LessonFile, PlaybackSession
from server.models.library import Asset, Original
from server.models.memberships import PersonNews
from server.models.people import Invitation, PasswordLink, Person, Role, SignIn
from server.models.set_aside import SetAside
from server.policy import STAFF, may_delete_lesson
from server.queue import enqueue
from server.services.audit import note_act
from server.services.clock import Clock
from server.services.erased_lessons import forget_progress, keep_what_was_asked
from server.services.going import note_going, remove_going
from server.services.hanging import hanging_on
from server.services.health import forget_lost_workers
from server.services.index_lessons import note_change
from server.services.known_devices import forget_old_devices
from server.services.texts_aside import forget_texts_aside
from server.services.tries import forget_old_tries
from server.services.used_files import is_used
from server.services.waiting_room import WRONG_IS_KEPT
from storage.keys import asset_prefix
from storage.store import ObjectStore

# What a pupil sent and took out again, or never handed in: they have no page to remove it, and may
# send only so many (hand_in_files.MOST_LOOSE_FILES).
LEFT_BY_PUPILS = timedelta(days=30)
KEPT_SESSIONS = timedelta(days=90)  # who was signed in when: as long as traffic logs are kept
MOST_TRIES = 100_000


def forget_ended_sessions(session: Session, now: Clock) -> None:
    """Remove sessions, links of one person, devices and counts that can no longer be used."""
    old = now() - KEPT_SESSIONS
    with session.begin():
        session.execute(delete(PlaybackSession).where(PlaybackSession.expires_at < now()))
        session.execute(delete(SignIn).where(or_(SignIn.expires_at < old, SignIn.ended_at < old)))
        session.execute(delete(Invitation).where(Invitation.expires_at < old))
        session.execute(delete(PasswordLink).where(PasswordLink.expires_at < old))
        session.execute(delete(PersonNews).where(PersonNews.seen_at < old))
        session.execute(delete(JoinRequest).where(JoinRequest.expires_at < now() - WRONG_IS_KEPT))
        forget_lost_workers(session, now)
        forget_old_tries(session, now, most=MOST_TRIES)
        forget_old_devices(session, now)


def remove_deleted_lessons(session: Session, now: Clock, *, undo_days: int) -> int:
    """Remove lessons that can no longer be brought back, and their files; return how many lessons.

    A file that another lesson shows, or may show again, stays, and so does what pupils did with
    these lessons, with what was asked. Courses go at the same age.
    """
    before = now() - timedelta(days=undo_days)
    with session.begin():
        forget_former_files(session, before)
        forget_texts_aside(session, before)
        gone = _erase_lessons(session, now, Lesson.deleted_at < before)
        session.execute(delete(Course).where(Course.deleted_at < before), execution_options=NO_SYNC)
    return gone


def erase_lesson(
    session: Session, now: Clock, *, lesson_id: UUID, by: Person, seen: str | None = None
) -> None:
    """Remove a deleted lesson at once, without undo; its file goes with the next tidying.

    What pupils did with it stays, with what was asked. Raises NotFound, NotAllowed, Conflict when
    it is not deleted, or LessonChanged when more hangs on it now than the person has `seen`.
    """
    with session.begin():
        lesson = session.get(Lesson, lesson_id, with_for_update=True, populate_existing=True)
        if lesson is None:
            raise NotFound(f"no lesson {lesson_id}")
        if not may_delete_lesson(by, lesson):
            raise NotAllowed(f"lesson {lesson_id} is not this person's to remove")
        if lesson.deleted_at is None:
            raise Conflict("a lesson is deleted first, with undo")
        if seen is not None and seen != hanging_on(session, now, lesson).mark:
            raise LessonChanged("something happened to it since that was read")
        note_act(session, now, action="lesson.erase", by=by, thing_id=lesson_id)
        _erase_lessons(session, now, Lesson.id == lesson_id)
        enqueue(session, TidyUp(), now())


def forget_former_files(session: Session, before: datetime) -> None:
    """End the undo of files that were replaced earlier, in the caller's transaction."""
    is_old = (LessonFile.role == FileRole.FORMER, LessonFile.at < before)
    gone = delete(LessonFile).where(*is_old).returning(LessonFile.original_id)
    original_ids = session.scalars(gone, execution_options=NO_SYNC).all()
    _remove_originals(session, Original.id.in_(original_ids))


def remove_unused_assets(session: Session, now: Clock, store: ObjectStore) -> int:
    """Remove originals without a lesson, assets without an original, and replaced ones.

    An asset that was made anew stays until nobody plays the older one. Rows go first, with a note
    of their objects. A file that nobody made a lesson of stays until a person removes it; what a
    pupil sent and did not hand in goes after 30 days. Returns how many assets.
    """
    with session.begin():
        of_staff = exists().where(Role.person_id == Original.owner_id, Role.name.in_(STAFF))
        _remove_originals(session, Original.created_at < now() - LEFT_BY_PUPILS, ~of_staff)
        unused = session.execute(
            delete(Asset)
            .where(or_(_is_abandoned(), _is_played_out(now())))
            .returning(Asset.id, Asset.original_key),
            execution_options=NO_SYNC,
        ).all()
        keys = {key for _, key in unused}
        keys -= set(session.scalars(select(Asset.original_key).where(Asset.original_key.in_(keys))))
        forget_progress(session, [asset_id for asset_id, _key in unused])
        session.execute(delete(SetAside).where(SetAside.key.in_(keys)), execution_options=NO_SYNC)
        note_going(session, [*keys, *(asset_prefix(asset_id) for asset_id, _ in unused)])
    remove_going(session, store)
    return len(unused)


def _erase_lessons(session: Session, now: Clock, which: ColumnElement[bool]) -> int:
    """Remove deleted lessons with what is their teachers', and their files; return how many.

    Held first: who brings one back, or hands something in, comes before or after. The index hears
    of it again, to be sure.
    """
    held = select(Lesson).where(which, Lesson.deleted_at.is_not(None)).order_by(Lesson.id)
    held = held.with_for_update().execution_options(populate_existing=True)
    lessons = session.scalars(held).all()
    lesson_ids = [lesson.id for lesson in lessons]
    shown = select(Lesson.original_id).where(Lesson.id.in_(lesson_ids))
    beside = select(LessonFile.original_id).where(LessonFile.lesson_id.in_(lesson_ids))
    in_items = select(LessonItemFile.original_id).where(LessonItemFile.lesson_id.in_(lesson_ids))
    original_ids = {
        *filter(None, session.scalars(shown)),
        *session.scalars(beside),
        *session.scalars(in_items),
    }
    keep_what_was_asked(session, now, lessons)
    for lesson in lessons:
        note_change(session, now, lesson.id)
        session.expunge(lesson)
    session.execute(delete(Lesson).where(Lesson.id.in_(lesson_ids)), execution_options=NO_SYNC)
    _remove_originals(session, Original.id.in_(original_ids))
    return len(lesson_ids)


def _remove_originals(session: Session, *conditions: ColumnElement[bool]) -> None:
    """Remove those of these originals that no lesson shows, waits for, or may show again."""
    unused = delete(Original).where(*conditions, ~is_used())
    session.execute(unused, execution_options=NO_SYNC)


def _is_abandoned() -> ColumnElement[bool]:
    """No owner, and not on its way to follow an asset that has one."""
    older = aliased(Asset)
    follows = exists().where(older.id == Asset.replaces_id, older.retired_at.is_(None))
    has_original = exists().where(Original.asset_id == Asset.id)
    return and_(Asset.retired_at.is_(None), ~has_original, ~follows.correlate(Asset))


def _is_played_out(now: datetime) -> ColumnElement[bool]:
    is_played = exists().where(
        PlaybackSession.asset_id == Asset.id, PlaybackSession.expires_at >= now
    )
    return and_(Asset.retired_at.is_not(None), ~is_played)


NO_SYNC = {"synchronize_session": False}
