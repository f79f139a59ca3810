"""Originals: how long they are kept, what that frees, who may have them back.

What was made of an original plays on without it. Only making it anew needs it, so the same file
sent again takes its place.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Subquery, and_, case, func, select, update
from sqlalchemy.orm import Session, aliased, joinedload

from server.errors import NotAllowed, NotFound
from server.models.jobs import JobRow
from server.models.library import Asset, AssetState, Original, OriginalGone
from server.models.people import Office, Person, School
from server.policy import may_fetch_original, may_manage_office
from server.services.audit import note_act
from server.services.clock import Clock
from server.services.going import note_going, remove_going
from server.services.turns import turn_to_write
from storage.store import ObjectStore

FOR_EVER = 0


class KeptOriginal(NamedTuple):
    """An original in the store, and for how many days after `ready_at` its owners want it kept."""

    asset_id: UUID
    key: str
    size_bytes: int
    ready_at: datetime
    kept_days: int

    def is_past(self, now: datetime) -> bool:
        """Tell whether it goes now."""
        kept_days = self.kept_days
        return kept_days != FOR_EVER and self.ready_at + timedelta(days=kept_days) < now


def expire_originals(session: Session, now: Clock, store: ObjectStore) -> int:
    """Remove originals that are past what their owners' rules say; return how many.

    Rows go first: a crash in between leaves objects that nothing refers to. Raises StoreError.
    """
    with session.begin():
        rows = session.execute(select(_kept_originals(session)))
        past = [kept for kept in map(KeptOriginal._make, rows) if kept.is_past(now())]
        for kept in past:
            _mark_gone(session, now, kept.key, OriginalGone.EXPIRED)
            note_going(session, [kept.key])
            note_act(session, now, action="original.expire", by=None, thing_id=kept.asset_id)
    remove_going(session, store)
    return len(past)


def freed_by(
    session: Session, now: Clock, *, choices: Iterable[int], by: Person
) -> Mapping[int, int]:
    """Return the bytes that each number of days would free now, if the office chose it.

    What schools with a rule of their own have, too, is left out. Raises NotAllowed.
    """
    if not may_manage_office(by):
        raise NotAllowed("the disk is the office's to see")
    freed = {
        days: func.sum(case((_ready_at() < now() - timedelta(days=days), Asset.size_bytes)))
        for days in choices
    }
    of_own_rule = (
        select(Original.asset_id)
        .join(School, School.id == Original.school_id)
        .where(School.originals_kept_days.is_not(None))
    )
    whole = select(*freed.values()).where(_is_kept_and_idle(), Asset.id.not_in(of_own_rule))
    with session.begin():
        row = session.execute(whole).one()
    return {days: int(size_bytes or 0) for days, size_bytes in zip(freed, row, strict=True)}


def get_original_for(session: Session, now: Clock, *, original_id: UUID, by: Person) -> Original:
    """Return an original that this person may have back, and note that they took it.

    Raises NotFound, also when its bytes are not kept any more, or NotAllowed.
    """
    with session.begin():
        original = session.get(Original, original_id, options=[joinedload(Original.asset)])
        if original is None or not original.asset.has_bytes:
            raise NotFound(f"no original {original_id} in the store")
        if not may_fetch_original(by, original):
            raise NotAllowed("an original is its owner's and their administrators'")
    with turn_to_write(session):
        note_act(session, now, action="original.fetch", by=by, thing_id=original_id)
    return original


def take_back_original(asset: Asset, *, key: str) -> bool:
    """Let bytes that were sent again take the place of an original that is not kept any more.

    In the caller's transaction; False if nothing was missing: then these bytes are not needed.
    """
    if asset.original_gone_at is None:
        return False
    asset.original_key, asset.original_gone_at = key, None
    asset.original_gone_why = OriginalGone.NOT
    return True


def note_lost_original(session: Session, now: Clock, *, key: str) -> None:
    """Write down, in the caller's transaction, that an original is missing in the store."""
    _mark_gone(session, now, key, OriginalGone.LOST)


def _mark_gone(session: Session, now: Clock, key: str, why: OriginalGone) -> None:
    of_key = update(Asset).where(Asset.original_key == key)
    gone = of_key.values(original_gone_at=now(), original_gone_why=why)
    session.execute(gone, execution_options={"synchronize_session": "fetch"})


def _kept_originals(session: Session) -> Subquery:
    """Return KeptOriginal's columns of all that no work needs.

    Of several owners the most careful one decides.
    """
    office_days = session.scalar(select(Office.originals_kept_days)) or FOR_EVER
    days = func.coalesce(School.originals_kept_days, office_days)
    return (
        select(
            Asset.id,
            Asset.original_key,
            Asset.size_bytes,
            _ready_at().label("ready_at"),
            case((func.min(days) == FOR_EVER, FOR_EVER), else_=func.max(days)).label("kept_days"),
        )
        .join(Original, Original.asset_id == Asset.id)
        .outerjoin(School, School.id == Original.school_id)
        .where(_is_kept_and_idle())
        .group_by(Asset.id)
        .subquery()
    )


def _ready_at() -> ColumnElement[datetime]:
    """Return from when an original's days count."""
    return func.coalesce(Asset.ready_at, Asset.created_at)


def _is_kept_and_idle() -> ColumnElement[bool]:
    """Return whether an asset's original is in the store and no work needs it."""
    successor = aliased(Asset)
    in_work = select(JobRow.asset_id).where(JobRow.asset_id.is_not(None))
    being_replaced = select(successor.replaces_id).where(
        successor.replaces_id.is_not(None),
        successor.retired_at.is_(None),
        successor.state != AssetState.FAILED,
    )
    return and_(
        Asset.state == AssetState.READY,
        Asset.retired_at.is_(None),
        Asset.original_gone_at.is_(None),
        Asset.id.not_in(in_work),
        Asset.id.not_in(being_replaced),
    )
