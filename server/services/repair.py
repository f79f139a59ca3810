"""What does not fit is put right: made again, set aside, offered to whose it is, indexed again.

Removed is only what can be made again. docs/decisions/0040 goes through all that is ever removed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from media_pipeline.probe import MediaInfo
from server.messages import ProbeOriginal
from server.models.lessons import TextTrack
from server.models.library import (
    Asset,
    AssetState,
    CutPart,
    OriginalGone,
    Page,
    Part,
    Rendition,
    RenditionKind,
)
from server.queue import cancel_jobs, enqueue, enqueue_all
from server.services.asset_plan import plan_asset
from server.services.assets import is_needed, reject
from server.services.av1 import orders_of_av1
from server.services.clock import Clock
from server.services.consistency import Fault, FaultKind
from server.services.expected_objects import Expected, Holder
from server.services.index_lessons import note_change
from server.services.lesson_texts import store_captions
from server.services.originals import note_lost_original
from server.services.remaking import unhurried
from server.services.set_aside import (
    bring_upload_back,
    judge_spares,
    keep_pieces,
    offer_found,
    set_damaged_aside,
)
from server.services.trims import call_for_cuts
from storage.keys import NOTE, ORIGINALS, original_key
from storage.store import ObjectNotFound, ObjectStore


class Done(StrEnum):
    """What was done about a fault."""

    REPAIRED = "repaired"
    REMOVED = "removed"  # it can be made again, or is elsewhere
    SET_ASIDE = "set_aside"  # damaged: kept, and used as far as it can be read
    GIVEN_BACK = "given_back"  # its sender finds it in the studio
    TO_OFFICE = "to_office"  # nobody knows whose it is: the office decides
    LOST = "lost"  # it is not there, and cannot be made again


IN_WORDS = {
    Done.REPAIRED: "repaired",
    Done.REMOVED: "removed, for it can be made again",
    Done.SET_ASIDE: "set aside, and used as far as it can be read; send the same file again",
    Done.GIVEN_BACK: "kept, and offered to the person who sent it",
    Done.TO_OFFICE: "kept, and offered to the office under Space: nobody knows who sent it",
    Done.LOST: "cannot be repaired",
}
UNREPAIRED = frozenset({Done.LOST, Done.SET_ASIDE})


@dataclass(frozen=True, slots=True)
class Repair:
    """A fault, and what was done about it."""

    fault: Fault
    done: Done

    @property
    def is_repaired(self) -> bool:
        """Whether nothing is missing any more."""
        return self.done not in UNREPAIRED

    @property
    def text(self) -> str:
        """Say it to whoever runs the installation."""
        return f"{self.fault.text} ({IN_WORDS[self.done]})"


def repair_faults(
    session: Session, now: Clock, *, store: ObjectStore, faults: Sequence[Fault]
) -> list[Repair]:
    """Put right what can be; return what was done about each. Raises StoreError."""
    return [Repair(fault, _repair(session, now, store, fault)) for fault in faults]


def _repair(session: Session, now: Clock, store: ObjectStore, fault: Fault) -> Done:
    match fault.kind:
        case FaultKind.ORPHAN:
            return _keep_orphan(session, now, store, fault)
        case FaultKind.LEFTOVER:
            store.abort_multipart(fault.key or "any", fault.multipart_id)
            return Done.REMOVED
        case FaultKind.PIECES:
            return _keep_pieces(session, now, store, fault)
        case FaultKind.IDLE_ASSET | FaultKind.WRONG_TOTAL:
            with session.begin():
                _repair_asset(session, now, fault)
        case FaultKind.NOT_INDEXED | FaultKind.ONLY_INDEXED if fault.lesson_id:
            with session.begin():
                note_change(session, now, fault.lesson_id)
        case _ if fault.expected and fault.expected.holder is Holder.ORIGINAL:
            return _repair_original(session, now, store, fault)
        case _ if fault.expected:
            is_repaired = _replace_object(session, now, store, fault.expected)
            return Done.REPAIRED if is_repaired else Done.LOST
    return Done.REPAIRED


def _keep_orphan(session: Session, now: Clock, store: ObjectStore, fault: Fault) -> Done:
    """Keep what was sent; what was made of something is made again when it is missed."""
    if not fault.key.startswith(ORIGINALS) or fault.key.endswith(NOTE):
        store.delete(fault.key)
        return Done.REMOVED
    try:
        found = offer_found(session, now, store, fault.key)
    except ObjectNotFound:
        return Done.REPAIRED  # it went meanwhile
    return Done.GIVEN_BACK if found.owner_id else Done.TO_OFFICE


def _keep_pieces(session: Session, now: Clock, store: ObjectStore, fault: Fault) -> Done:
    key = original_key(fault.note.upload_id) if fault.note else fault.key
    if fault.note:
        parts = store.list_parts(key, fault.multipart_id)
        if bring_upload_back(session, now, fault.note, key, parts):
            return Done.GIVEN_BACK
    keep_pieces(session, now, key=key, multipart_id=fault.multipart_id)
    return Done.TO_OFFICE


def _repair_original(session: Session, now: Clock, store: ObjectStore, fault: Fault) -> Done:
    """Use a second copy if there is one; else what is there, as far as it can be read."""
    lost = fault.expected
    if lost is None:
        return Done.REPAIRED
    if fault.kind is FaultKind.MISSING_OBJECT:
        with session.begin():
            _note_lost(session, now, lost)
    else:
        set_damaged_aside(session, now, store, lost)
    judge_spares(session, now, store)
    with session.begin():
        asset = _locked(session, lost.asset_id)
        if asset is None or asset.original_gone_at is None:
            return Done.REPAIRED
        if asset.original_gone_why is not OriginalGone.DAMAGED:
            return Done.LOST
        if asset.state in {AssetState.WAITING, AssetState.PREPARING}:
            _work_again(session, now, asset)
    return Done.SET_ASIDE


def _repair_asset(session: Session, now: Clock, fault: Fault) -> None:
    asset = _locked(session, fault.asset_id)
    if asset is not None and fault.kind is FaultKind.WRONG_TOTAL:
        asset.made_bytes = fault.total_bytes
    elif asset is not None:
        _work_again(session, now, asset)


def _replace_object(session: Session, now: Clock, store: ObjectStore, lost: Expected) -> bool:
    """Make an object again from what there is. A damaged one goes first: its name is taken.

    One that cannot be made again, because the original is gone, stays as it is.
    """
    if lost.holder is Holder.CAPTIONS:
        return _store_captions_again(session, store, lost)
    if not _can_be_made(session, lost):
        with session.begin():
            asset = _locked(session, lost.asset_id)
            if asset is not None:
                _go_without(session, asset, lost)
        return asset is None
    store.delete(lost.key)
    with session.begin():
        asset = _locked(session, lost.asset_id)
        if asset is None:
            return True
        if lost.holder is Holder.CUT_PART:
            session.execute(delete(CutPart).where(CutPart.id == lost.row_id))
            call_for_cuts(session, now(), asset)
            return True
        if _forget(session, asset, lost):
            _work_again(session, now, asset)
    return True


def _can_be_made(session: Session, lost: Expected) -> bool:
    """Tell whether the object can be made: from the original, cuts also from the parts."""
    with session.begin():
        asset = session.get(Asset, lost.asset_id, populate_existing=True)
        is_whole = asset is None or asset.original_gone_at is None
        return is_whole or lost.holder is Holder.CUT_PART


def _store_captions_again(session: Session, store: ObjectStore, lost: Expected) -> bool:
    with session.begin():
        track = session.get(TextTrack, lost.row_id)
        text = track.text if track and track.key == lost.key else ""
    if not text or lost.asset_id is None:
        return track is None
    store.delete(lost.key)
    store_captions(store, lost.asset_id, [text])
    return True


def _note_lost(session: Session, now: Clock, lost: Expected) -> None:
    """The original cannot be brought back: what is made of it stays, what is not never comes."""
    asset = _locked(session, lost.asset_id)
    if asset is None or asset.original_key != lost.key or asset.original_gone_at is not None:
        return
    note_lost_original(session, now, key=lost.key)
    cancel_jobs(session, asset.id)
    if asset.watchable_at is None and asset.state != AssetState.READY:
        reject(asset, "original_lost")


def _forget(session: Session, asset: Asset, lost: Expected) -> bool:
    """Take the object out of the rows; tell whether work is missing now."""
    if lost.holder is Holder.POSTER or lost.holder is Holder.STORYBOARD:
        asset.storyboard = {}
    if lost.holder is Holder.WAVEFORM:
        asset.waveform = {}
    if lost.holder is Holder.PART:
        part = session.get(Part, lost.row_id)
        if part is None:
            return False  # it was made anew meanwhile
        rendition = session.get_one(Rendition, part.rendition_id)
        rendition.is_whole = rendition.is_retired  # what nobody is offered is not made again
        session.delete(part)
        if rendition.kind == RenditionKind.AV1:
            return True  # what is ready stays so
        if rendition.is_retired:
            return False
    asset.state = AssetState.PREPARING
    session.flush()
    return True


def _go_without(session: Session, asset: Asset, lost: Expected) -> None:
    """Without its original a rendition with a hole leaves the list, if there is another one."""
    if lost.holder is Holder.PART and (part := session.get(Part, lost.row_id)):
        holed = session.get_one(Rendition, part.rendition_id)
        others = [
            row for row in asset.renditions if row is not holed and row.is_whole and is_needed(row)
        ]
        if any((row.height_px > 0) == (holed.height_px > 0) for row in others):
            holed.is_retired = True
    elif lost.holder is Holder.PAGE and (page := session.get(Page, lost.row_id)):
        page.image_key = page.small_key = ""  # its text is shown instead
        page.size_bytes = page.small_bytes = 0
    elif lost.holder is Holder.COPY:
        asset.copy_key, asset.copy_bytes = "", 0
    elif lost.holder is Holder.POSTER:
        asset.poster_key = ""
    elif lost.holder is Holder.STORYBOARD:
        asset.storyboard = {}
    elif lost.holder is Holder.WAVEFORM:
        asset.waveform = {}


def _work_again(session: Session, now: Clock, asset: Asset) -> None:
    """Enqueue the asset's whole plan: handlers leave out what is there."""
    if asset.state == AssetState.WAITING or not asset.media_info:
        asset.state = AssetState.WAITING
        enqueue(session, ProbeOriginal(asset_id=asset.id), now())
        return
    plan = plan_asset(asset.id, MediaInfo.from_dict(asset.media_info))
    again = [*unhurried(asset, plan.orders), *orders_of_av1(asset)]
    enqueue_all(session, again, now())


def _locked(session: Session, asset_id: UUID | None) -> Asset | None:
    """Return an asset whose row nobody else changes until the transaction ends."""
    same = update(Asset).where(Asset.id == asset_id).values(state=Asset.state)
    session.execute(same, execution_options={"synchronize_session": False})
    wanted = select(Asset).where(Asset.id == asset_id).execution_options(populate_existing=True)
    return session.scalar(wanted)
