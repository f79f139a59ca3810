"""What workers write about an asset: renditions, parts, and how far it is.

Every function runs inside the transaction of a handler, which holds its job's lease there.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from media_pipeline.ladder import RenditionSpec, choose_ladder
from media_pipeline.parts import MadePart
from media_pipeline.plan import plan_stretches
from media_pipeline.probe import MediaInfo
from server.models.library import (
    Asset,
    AssetKind,
    AssetState,
    Part,
    Rendition,
    RenditionKind,
    Stretch,
)
from server.queue import enqueue
from server.services.asset_plan import AssetPlan, order_pictures

SOUND = "audio"
REMUX = "remux"
WORTH_TELLING_S = 1.0  # a recording shorter than its header says by less than this is whole
SAME_S = 0.002
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
    for order in plan.orders:
        enqueue(session, order.message, now, priority=order.priority)


def reject(asset: Asset, code: str, detail: str = "") -> None:
    """Nothing of this file can be shown; `code` says why."""
    asset.state, asset.error_code, asset.error_detail = AssetState.FAILED, code, detail[-4000:]


def add_part(session: Session, rendition: Rendition, made: MadePart) -> None:
    """Write down a stored part. An equal one stays: viewers may have it in a playlist."""
    known = {part.number: part for part in rendition.parts}
    if (old := known.get(made.number)) and abs(old.duration_s - made.duration_s) < SAME_S:
        return
    for part in [part for number, part in known.items() if number >= made.number and old]:
        rendition.parts.remove(part)
    session.flush()
    rendition.codecs = made.codecs
    rendition.parts.append(
        Part(
            number=made.number,
            sha256=made.sha256,
            size_bytes=made.size_bytes,
            init_bytes=made.init_bytes,
            start_s=made.start_s,
            duration_s=made.duration_s,
            segments=made.segment_rows(),
        )
    )


def has_part(rendition: Rendition, number: int) -> bool:
    """Tell whether this stretch of the rendition is stored."""
    return any(part.number == number for part in rendition.parts)


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


def give_up_remux(session: Session, now: datetime, asset: Asset) -> None:
    """The original's own picture cannot be played in segments: encode the top rung after all."""
    info = MediaInfo.from_dict(asset.media_info)
    rows = {row.name: row for row in asset.renditions}
    if REMUX in rows:
        rows[REMUX].is_retired = True
        rows[REMUX].parts.clear()
    asset.renditions += [
        _picture_row(rung, is_first=False)
        for rung in choose_ladder(info)[:1]
        if rung.name not in rows
    ]
    specs = plan_stretches(info.duration_s)
    for order in order_pictures(asset.id, specs, has_finer=True, has_remux=False):
        enqueue(session, order.message, now, priority=order.priority)
    settle(now, asset)


def settle(now: datetime, asset: Asset) -> bool:
    """See how far the asset is after a change; tell whether it has just become ready."""
    for rendition in asset.renditions:
        if rendition.kind == RenditionKind.VIDEO and not rendition.is_whole:
            numbers = {part.number for part in rendition.parts}
            if asset.stretches and all(stretch.number in numbers for stretch in asset.stretches):
                mark_whole(rendition)
    _retire_remux(asset)
    asset.made_bytes = sum(part.size_bytes for row in asset.renditions for part in row.parts)
    if asset.watchable_at is None and is_watchable(asset):
        asset.watchable_at = now
    needed = [row for row in asset.renditions if not row.is_retired]
    if asset.state == AssetState.READY or not needed or not all(row.is_whole for row in needed):
        return False
    finish_preparing(asset, now)
    return True


def finish_preparing(asset: Asset, now: datetime) -> None:
    """All that was planned is there."""
    asset.state, asset.error_code = AssetState.READY, ""
    asset.ready_at = asset.ready_at or now
    asset.watchable_at = asset.watchable_at or now
    if asset.missing_s < WORTH_TELLING_S:
        asset.missing_s = 0.0


def is_watchable(asset: Asset) -> bool:
    """Tell whether play can begin: first sound and first picture are there, if planned."""
    begun = {
        RenditionKind(row.kind) for row in asset.renditions if row.is_first and has_part(row, 0)
    }
    planned = {RenditionKind(row.kind) for row in asset.renditions if row.is_first}
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
    pictures = [_picture_row(rung, is_first=rung is plan.rungs[-1]) for rung in plan.rungs]
    if plan.has_remux:
        pictures.append(_remux_row(info))
    if plan.has_sound:
        pictures.append(Rendition(name=SOUND, kind=RenditionKind.AUDIO, is_first=True))
    return pictures


def _picture_row(rung: RenditionSpec, *, is_first: bool) -> Rendition:
    return Rendition(
        name=rung.name,
        kind=RenditionKind.VIDEO,
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
