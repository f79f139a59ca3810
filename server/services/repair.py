"""What does not fit is put right: objects removed, work enqueued, lessons indexed again."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from media_pipeline.probe import MediaInfo
from server.messages import ProbeOriginal
from server.models.lessons import TextTrack
from server.models.library import Asset, AssetState, CutPart, Page, Part, Rendition, RenditionKind
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
from server.services.trims import call_for_cuts
from storage.store import ObjectStore


def repair_faults(
    session: Session, now: Clock, *, store: ObjectStore, faults: Sequence[Fault]
) -> list[Fault]:
    """Put right what can be; return the faults that could not. Raises StoreError."""
    return [fault for fault in faults if not _repair(session, now, store, fault)]


def _repair(session: Session, now: Clock, store: ObjectStore, fault: Fault) -> bool:
    match fault.kind:
        case FaultKind.ORPHAN:
            store.delete(fault.key)
        case FaultKind.LEFTOVER:
            store.abort_multipart(fault.key or "any", fault.multipart_id)
        case FaultKind.IDLE_ASSET | FaultKind.WRONG_TOTAL:
            with session.begin():
                _repair_asset(session, now, fault)
        case FaultKind.NOT_INDEXED | FaultKind.ONLY_INDEXED if fault.lesson_id:
            with session.begin():
                note_change(session, now, fault.lesson_id)
        case _ if fault.expected:
            return _replace_object(session, now, store, fault.expected)
    return True


def _repair_asset(session: Session, now: Clock, fault: Fault) -> None:
    asset = _locked(session, fault.asset_id)
    if asset is not None and fault.kind is FaultKind.WRONG_TOTAL:
        asset.made_bytes = fault.total_bytes
    elif asset is not None:
        _work_again(session, now, asset)


def _replace_object(session: Session, now: Clock, store: ObjectStore, lost: Expected) -> bool:
    """Make an object again from what there is. A damaged one goes first: its name is taken."""
    store.delete(lost.key)
    if lost.holder is Holder.CAPTIONS:
        return _store_captions_again(session, store, lost)
    with session.begin():
        if lost.holder is Holder.ORIGINAL:
            _note_lost(session, now, lost)
            return False
        asset = _locked(session, lost.asset_id)
        if asset is None:
            return True
        if lost.holder is Holder.CUT_PART:
            session.execute(delete(CutPart).where(CutPart.id == lost.row_id))
            call_for_cuts(session, now(), asset)
            return True
        if asset.original_gone_at is not None:
            _go_without(session, asset, lost)
            return False
        if _forget(session, asset, lost):
            _work_again(session, now, asset)
    return True


def _store_captions_again(session: Session, store: ObjectStore, lost: Expected) -> bool:
    with session.begin():
        track = session.get(TextTrack, lost.row_id)
        text = track.text if track and track.key == lost.key else ""
    if not text or lost.asset_id is None:
        return track is None
    store_captions(store, lost.asset_id, [text])
    return True


def _note_lost(session: Session, now: Clock, lost: Expected) -> None:
    """The original cannot be brought back: what is made of it stays, what is not never comes."""
    asset = _locked(session, lost.asset_id)
    if asset is None or asset.original_key != lost.key:
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
