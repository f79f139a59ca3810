"""What workers write about an asset: renditions, parts, and how far it is.

Every function runs inside the transaction of a handler, which holds its job's lease there.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from media_pipeline.ladder import RenditionSpec, choose_ladder
from media_pipeline.parts import MadePart
from media_pipeline.plan import plan_stretches
from media_pipeline.probe import MediaInfo
from server.messages import FindSlides, Order, ProbeOriginal
from server.models.library import (
    Asset,
    AssetKind,
    AssetState,
    CutPart,
    Part,
    Rendition,
    RenditionKind,
    Stretch,
)
from server.queue import enqueue, enqueue_all
from server.services.asset_plan import AssetPlan, order_pictures, plan_asset
from server.services.handing_over import hand_over
from server.services.remaking import unhurried
from server.services.trims import call_for_cuts

SOUND = "audio"
REMUX = "remux"
WORTH_TELLING_S = 1.0  # a recording shorter than its header says by less than this is whole
SAME_S = 0.002
WORTH_CHAPTERS_S = 60.0
ENCODED = (RenditionKind.VIDEO, RenditionKind.AV1)  # a part for every stretch
SHORTEST_PEAK_S = 1.0  # the rate of a shorter last segment says nothing


def start_preparing(
    session: Session, now: datetime, asset: Asset, info: MediaInfo, plan: AssetPlan
) -> None:
    """Write down what was found and planned, and enqueue it. Again does no harm."""
    asset.kind = AssetKind(info.kind)
    asset.state = AssetState.PREPARING
    asset.error_code = asset.error_detail = ""
    asset.media_info = info.to_dict()
    asset.duration_s, asset.missing_s = info.duration_s, info.missing_s
    asset.width_px, asset.height_px = info.width_px, info.height_px
    known = {rendition.name for rendition in asset.renditions}
    asset.renditions += [row for row in _planned_rows(info, plan) if row.name not in known]
    if not asset.stretches:
        asset.stretches = [
            Stretch(number=spec.number, start_s=spec.start_s, duration_s=spec.duration_s)
            for spec in plan.stretches
        ]
    enqueue_all(session, unhurried(asset, plan.orders), now)


def orders_to_finish(asset: Asset) -> tuple[Order, ...]:
    """Return the asset's whole plan again: handlers leave out what is there."""
    if asset.state == AssetState.WAITING or not asset.media_info:
        probe = ProbeOriginal(asset_id=asset.id)
        return (Order(message=probe, priority=probe.priority),)
    return plan_asset(asset.id, MediaInfo.from_dict(asset.media_info)).orders


def reject(asset: Asset, code: str, detail: str = "") -> None:
    """Nothing of this file can be shown; `code` says why."""
    asset.state, asset.error_code, asset.error_detail = AssetState.FAILED, code, detail[-4000:]


def revive(asset: Asset) -> None:
    """Take a failed asset back to where its work goes on."""
    if asset.state == AssetState.FAILED:
        asset.state = AssetState.PREPARING if asset.renditions else AssetState.WAITING
        asset.error_code = ""


def add_part(
    session: Session, rendition: Rendition, made: MadePart, *, takes_place: bool = False
) -> None:
    """Write down a stored part. An equal one stays: viewers may have it in a playlist.

    One that `takes_place` of a stand-in is another picture of the same length.
    """
    since = select(Part).where(Part.rendition_id == rendition.id, Part.number >= made.number)
    known = {part.number: part for part in session.scalars(since)}
    old = known.get(made.number)
    is_equal = old is not None and abs(old.duration_s - made.duration_s) < SAME_S
    if is_equal and not takes_place:
        return
    for part in ([old] if is_equal else known.values()) if old else ():
        session.delete(part)
    if old:
        from_ms = round(old.start_s * 1000)
        stale = (CutPart.rendition_id == rendition.id, CutPart.to_ms > from_ms)
        session.execute(delete(CutPart).where(*stale))
    session.flush()
    rendition.codecs = made.codecs
    session.add(
        Part(
            rendition_id=rendition.id,
            number=made.number,
            sha256=made.sha256,
            size_bytes=made.size_bytes,
            init_bytes=made.init_bytes,
            start_s=made.start_s,
            duration_s=made.duration_s,
            segments=made.segment_rows(),
        )
    )
    session.flush()
    session.expire(rendition, ["parts"])
    if rendition.is_whole:
        mark_whole(rendition)


def has_part(session: Session, rendition: Rendition, number: int) -> bool:
    """Tell whether this stretch of the rendition is stored."""
    its = select(Part.id).where(Part.rendition_id == rendition.id, Part.number == number)
    return session.scalar(its) is not None


def mark_whole(rendition: Rendition) -> None:
    """Every part is there: tell the true rates."""
    segments = [segment for part in rendition.parts for segment in part.segments]
    length_s = sum(segment[0] for segment in segments) or 1.0
    peaks = [size * 8 / s for s, _, size in segments if s >= SHORTEST_PEAK_S]
    rendition.average_bps = round(sum(segment[2] for segment in segments) * 8 / length_s)
    rendition.peak_bps = max(round(max(peaks, default=0.0)), rendition.average_bps)
    rendition.size_bytes = sum(part.size_bytes for part in rendition.parts)
    rendition.is_whole = True


def cut_short(session: Session, asset: Asset, end_s: float) -> None:
    """The original ends at `end_s`, earlier than it says: drop what was planned after it."""
    if end_s > asset.duration_s - SAME_S:
        return
    asset.missing_s += asset.duration_s - end_s
    asset.duration_s = end_s
    for stretch in [stretch for stretch in asset.stretches if stretch.start_s >= end_s - SAME_S]:
        asset.stretches.remove(stretch)
    session.flush()


def drop_parts_after(session: Session, rendition: Rendition, number: int) -> None:
    """Forget parts that an earlier run made beyond the end of this one."""
    for part in [part for part in rendition.parts if part.number > number]:
        rendition.parts.remove(part)
    session.flush()


def end_growth(session: Session, asset: Asset, rendition: Rendition) -> None:
    """All that could be made of a growing rendition is there; what gave nothing is not offered."""
    if not rendition.parts:
        asset.renditions.remove(rendition)
        if asset.kind == AssetKind.AUDIO:
            reject(asset, "broken_file", "no sound can be read")
        session.flush()
        return
    mark_whole(rendition)
    if asset.kind == AssetKind.AUDIO:
        last = rendition.parts[-1]
        cut_short(session, asset, last.start_s + last.duration_s)


def is_needed(rendition: Rendition) -> bool:
    """Tell whether an asset is ready only with it: not with what is made for some players only."""
    return not rendition.is_retired and rendition.kind != RenditionKind.AV1


def has_remux(asset: Asset) -> bool:
    """Tell whether the original's own picture is offered."""
    return any(row.name == REMUX and not row.is_retired for row in asset.renditions)


def give_up_remux(session: Session, now: datetime, asset: Asset) -> None:
    """The original's own picture cannot be played in segments: encode the top rung after all."""
    info = MediaInfo.from_dict(asset.media_info)
    rows = {row.name: row for row in asset.renditions}
    if REMUX in rows:
        rows[REMUX].is_retired = True
        rows[REMUX].parts.clear()
    asset.renditions += [
        picture_row(rung, is_first=False)
        for rung in choose_ladder(info)[:1]
        if rung.name not in rows
    ]
    specs, rungs = plan_stretches(info.duration_s), choose_ladder(info)
    orders = order_pictures(asset.id, info, specs, rungs, has_remux=False)
    enqueue_all(session, unhurried(asset, orders), now)
    settle(session, now, asset)


def settle(session: Session, now: datetime, asset: Asset) -> bool:
    """See how far the asset is after a change; tell whether it has just become ready.

    Counts parts and loads none: a long recording has thousands.
    """
    made = _made_parts(session, asset)
    for rendition in asset.renditions:
        has_all = 0 < len(asset.stretches) == made[rendition.id].part_count
        if has_all and rendition.kind in ENCODED and not rendition.is_whole:
            mark_whole(rendition)
    _retire_remux(asset)
    asset.made_bytes = asset.stills_bytes + sum(each.size_bytes for each in made.values())
    if asset.watchable_at is None and is_watchable(session, asset):
        asset.watchable_at = now
    needed = [row for row in asset.renditions if is_needed(row)]
    is_done = bool(needed) and all(row.is_whole for row in needed)
    is_new = is_done and asset.state != AssetState.READY
    if is_new:
        finish_preparing(asset, now)
        if asset.kind == AssetKind.VIDEO and asset.duration_s >= WORTH_CHAPTERS_S:
            enqueue(session, FindSlides(asset_id=asset.id), now)
    hand_over(session, now, asset)
    call_for_cuts(session, now, asset)
    return is_new


@dataclass(frozen=True, slots=True)
class _Made:
    """How many of a rendition's planned parts are there, and the bytes of all."""

    part_count: int = 0
    size_bytes: int = 0


def _made_parts(session: Session, asset: Asset) -> Mapping[UUID, _Made]:
    last = max((stretch.number for stretch in asset.stretches), default=-1)
    planned = func.count(Part.id).filter(Part.number <= last)
    counted = (
        select(Part.rendition_id, planned, func.sum(Part.size_bytes))
        .join(Rendition, Rendition.id == Part.rendition_id)
        .where(Rendition.asset_id == asset.id)
        .group_by(Part.rendition_id)
    )
    session.flush()
    found = {id_: _Made(count, int(size)) for id_, count, size in session.execute(counted)}
    return defaultdict(_Made, found)


def finish_preparing(asset: Asset, now: datetime) -> None:
    """All that was planned is there."""
    asset.state, asset.error_code = AssetState.READY, ""
    asset.ready_at = asset.ready_at or now
    asset.watchable_at = asset.watchable_at or now
    if asset.missing_s < WORTH_TELLING_S:
        asset.missing_s = 0.0


def is_watchable(session: Session, asset: Asset) -> bool:
    """Tell whether play can begin: first sound and first picture are there, if planned."""
    first = [row for row in asset.renditions if row.is_first]
    begun = {RenditionKind(row.kind) for row in first if has_part(session, row, 0)}
    planned = {RenditionKind(row.kind) for row in first}
    has_sound = RenditionKind.AUDIO in begun or RenditionKind.AUDIO not in planned
    pictures = {RenditionKind.VIDEO, RenditionKind.REMUX}
    return has_sound and bool(planned) and (bool(begun & pictures) or not planned & pictures)


def rendition_named(session: Session, asset_id: UUID, name: str) -> Rendition | None:
    """Return one rendition of an asset."""
    wanted = select(Rendition).where(Rendition.asset_id == asset_id, Rendition.name == name)
    return session.scalar(wanted)


def _retire_remux(asset: Asset) -> None:
    """A remux above the ladder's cap leaves the playlist when the top of the ladder is whole.

    Where the remux itself is the top, that rung was never planned.
    """
    rows = {row.name: row for row in asset.renditions}
    if REMUX in rows:
        top = choose_ladder(MediaInfo.from_dict(asset.media_info))[0]
        if top.name in rows and rows[top.name].is_whole:
            rows[REMUX].is_retired = True


def _planned_rows(info: MediaInfo, plan: AssetPlan) -> list[Rendition]:
    pictures = [picture_row(rung, is_first=rung is plan.rungs[-1]) for rung in plan.rungs]
    if plan.has_remux:
        pictures.append(_remux_row(info))
    if plan.has_sound:
        pictures.append(Rendition(name=SOUND, kind=RenditionKind.AUDIO, is_first=True))
    return pictures


def picture_row(
    rung: RenditionSpec, *, is_first: bool = False, kind: RenditionKind = RenditionKind.VIDEO
) -> Rendition:
    """Return a rendition of which nothing is made yet."""
    return Rendition(
        name=rung.name,
        kind=kind,
        width_px=rung.width_px,
        height_px=rung.height_px,
        fps=rung.fps,
        peak_bps=rung.max_bps,
        is_first=is_first,
    )


def _remux_row(info: MediaInfo) -> Rendition:
    return Rendition(
        name=REMUX,
        kind=RenditionKind.REMUX,
        width_px=info.width_px,
        height_px=info.height_px,
        fps=info.fps,
        peak_bps=info.bit_rate_bps,
        is_first=True,
    )
