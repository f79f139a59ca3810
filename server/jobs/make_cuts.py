"""Encode the stretches at a lesson's cuts: a piece of one segment each, and nothing else."""

from collections.abc import Sequence

from sqlalchemy import select

from media_pipeline.coding import FILMED, SMALLER
from media_pipeline.cutting import Taken, cut_picture, cut_sound_part
from media_pipeline.ladder import RenditionSpec, choose_av1_ladder, choose_ladder
from media_pipeline.parts import MadePart
from media_pipeline.probe import MediaInfo
from server.jobs.workshop import Workshop, asset_of
from server.messages import MakeCuts
from server.models.library import CutPart, Rendition, RenditionKind
from server.queue import Lease
from server.services.cut_parts import piece_name
from server.services.trims import cuts_to_make, note_exact
from storage.keys import part_key


def make_cuts(job: MakeCuts, shop: Workshop, lease: Lease) -> None:
    """Make what is missing at the cuts of all lessons of a file; then they are exact."""
    if job.asset_id is None:
        return
    with shop.reading() as session:
        wanted = cuts_to_make(session, job.asset_id, can_av1=shop.can_av1)
        asset = asset_of(session, job.asset_id)
        info = MediaInfo.from_dict(asset.media_info) if asset and wanted else None
        ladder = (*choose_ladder(info), *choose_av1_ladder(info)) if info else ()
    for number, (rendition, taken) in enumerate(wanted):
        lease.renew(number / len(wanted))
        made = _made(rendition, _spec_of(rendition, ladder), taken, shop)
        content_type = "audio/mp4" if rendition.kind == RenditionKind.AUDIO else "video/mp4"
        key = part_key(rendition.asset_id, made.sha256)
        shop.store.put_file(key, made.path, content_type=content_type)
        _write_down(rendition, taken, made, shop, lease)
    with shop.writing(lease) as session:
        note_exact(session, job.asset_id)


def _made(rendition: Rendition, spec: RenditionSpec, taken: Taken, shop: Workshop) -> MadePart:
    key = part_key(rendition.asset_id, taken.part.url.removesuffix(".m4s"))
    init = shop.store.read_range(key, 0, taken.part.init_bytes)
    segment = shop.store.read_range(key, int(taken.segment[1]), int(taken.segment[2]))
    if rendition.kind == RenditionKind.AUDIO:
        return cut_sound_part(init, segment, taken, shop.work_path)
    return cut_picture(init, segment, taken, spec, shop.work_path, shop.tools, nice=shop.nice)


def _spec_of(rendition: Rendition, ladder: Sequence[RenditionSpec]) -> RenditionSpec:
    """Return how its other parts are encoded; of the original's own picture as much as is known."""
    for spec in ladder:
        if (spec.name, spec.width_px, spec.fps) == (
            rendition.name,
            rendition.width_px,
            rendition.fps,
        ):
            return spec
    return RenditionSpec(
        name=rendition.name,
        width_px=rendition.width_px,
        height_px=rendition.height_px,
        fps=rendition.fps,
        max_bps=max(rendition.peak_bps, 1),
        coding=SMALLER if rendition.kind == RenditionKind.AV1 else FILMED,
    )


def _write_down(
    rendition: Rendition, taken: Taken, made: MadePart, shop: Workshop, lease: Lease
) -> None:
    from_ms, to_ms = piece_name(taken)
    with shop.writing(lease) as session:
        same = select(CutPart.id).where(
            CutPart.rendition_id == rendition.id,
            CutPart.from_ms == from_ms,
            CutPart.to_ms == to_ms,
        )
        if session.get(Rendition, rendition.id) is None or session.scalar(same) is not None:
            return
        session.add(
            CutPart(
                rendition_id=rendition.id,
                from_ms=from_ms,
                to_ms=to_ms,
                sha256=made.sha256,
                size_bytes=made.size_bytes,
                init_bytes=made.init_bytes,
                duration_s=made.duration_s,
                segments=made.segment_rows(),
                created_at=shop.now(),
            )
        )
