"""When an asset may take another's place, and the job that does it."""

from datetime import datetime

from sqlalchemy import exists, select
from sqlalchemy.orm import Session, aliased

from server.messages import PutInPlace
from server.models.lessons import FileRole, LessonFile
from server.models.library import Asset, AssetState, Original, RenditionKind
from server.queue import enqueue


def may_take_over(asset: Asset) -> bool:
    """Tell whether a lesson may change to this file: a picture and the sound are whole.

    Watchable from the first second is enough for a new lesson, not for one that people watch.
    """
    if asset.state == AssetState.READY:
        return True
    if asset.state == AssetState.FAILED:
        return False
    shown = [row for row in asset.renditions if not row.is_retired]
    sounds = [row for row in shown if row.kind == RenditionKind.AUDIO]
    pictures = [row for row in shown if row.kind != RenditionKind.AUDIO]
    return any(row.is_whole for row in pictures) and all(row.is_whole for row in sounds)


def hand_over(session: Session, now: datetime, asset: Asset) -> None:
    """Enqueue the change, in the caller's transaction, if something waits for this asset."""
    if asset.replaces_id is not None:
        is_wanted = asset.state == AssetState.READY and _is_successor(session, asset)
    else:
        is_wanted = may_take_over(asset) and _is_coming(session, asset)
    if is_wanted:
        enqueue(session, PutInPlace(asset_id=asset.id), now)


def _is_successor(session: Session, asset: Asset) -> bool:
    older = aliased(Asset)
    waits = exists().where(older.id == asset.replaces_id, older.retired_at.is_(None))
    return bool(session.scalar(select(waits)))


def _is_coming(session: Session, asset: Asset) -> bool:
    coming = (
        select(LessonFile.id)
        .join(Original, Original.id == LessonFile.original_id)
        .where(Original.asset_id == asset.id, LessonFile.role == FileRole.COMING)
    )
    return session.scalar(coming.limit(1)) is not None
