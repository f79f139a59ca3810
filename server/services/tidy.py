"""What is past its time goes: lessons beyond undo, files nobody has a lesson of, ended sessions."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import delete, exists, or_
from sqlalchemy.orm import Session

from server.models.lessons import Lesson, PlaybackSession
from server.models.library import Asset, Original
from server.models.people import Invitation, SignIn
from server.services.clock import Clock
from server.services.health import forget_lost_workers
from storage.keys import asset_prefix
from storage.store import ObjectStore

KEPT_SESSIONS = timedelta(days=90)  # who was signed in when: as long as traffic logs are kept
UNUSED_ORIGINALS = timedelta(days=30)  # an uploaded file that was never made a lesson


def forget_ended_sessions(session: Session, now: Clock) -> None:
    """Remove playback sessions, sign-ins and invitations that can no longer be used."""
    old = now() - KEPT_SESSIONS
    with session.begin():
        session.execute(delete(PlaybackSession).where(PlaybackSession.expires_at < now()))
        session.execute(delete(SignIn).where(or_(SignIn.expires_at < old, SignIn.ended_at < old)))
        session.execute(delete(Invitation).where(Invitation.expires_at < old))
        forget_lost_workers(session, now)


def remove_deleted_lessons(session: Session, now: Clock, *, undo_days: int) -> int:
    """Remove lessons that can no longer be brought back; return how many."""
    before = now() - timedelta(days=undo_days)
    gone = delete(Lesson).where(Lesson.deleted_at < before).returning(Lesson.id)
    with session.begin():
        return len(session.scalars(gone, execution_options=NO_SYNC).all())


def remove_unused_assets(session: Session, now: Clock, store: ObjectStore) -> int:
    """Remove originals without a lesson, and assets without an original; return how many assets.

    Rows go first: a crash in between leaves objects that nothing refers to, never the reverse.
    """
    before = now() - UNUSED_ORIGINALS
    with session.begin():
        has_lesson = exists().where(Lesson.original_id == Original.id)
        is_old = Original.created_at < before
        session.execute(delete(Original).where(~has_lesson, is_old), execution_options=NO_SYNC)
        has_original = exists().where(Original.asset_id == Asset.id)
        unused = session.execute(
            delete(Asset)
            .where(~has_original, Asset.created_at < before)
            .returning(Asset.id, Asset.original_key),
            execution_options=NO_SYNC,
        ).all()
    for asset_id, original_key in unused:
        _remove_objects(store, asset_id, original_key)
    return len(unused)


def _remove_objects(store: ObjectStore, asset_id: UUID, original_key: str) -> None:
    store.delete_prefix(asset_prefix(asset_id))
    store.delete(original_key)


NO_SYNC = {"synchronize_session": False}
