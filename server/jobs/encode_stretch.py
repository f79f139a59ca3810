"""Encode one stretch of the picture: the lowest rendition, or all others in one process."""

from sqlalchemy.orm import Session

from media_pipeline.parts import MadePart
from media_pipeline.plan import StretchSpec
from media_pipeline.probe import MediaInfo
from server.jobs.stretches import StretchWork, encode_work, find_stretch_work, store_parts
from server.jobs.workshop import Workshop
from server.messages import EncodeStretch, FillHole
from server.models.library import Asset
from server.queue import Lease, enqueue
from server.services.assets import add_part, cut_short, give_up_remux, has_remux, settle
from server.services.holes import close_hole, is_in_hole, note_hole

PADDED_S = 1.0  # a part that stands still at its end for longer: the picture ends here


def encode_stretch(job: EncodeStretch, shop: Workshop, lease: Lease) -> None:
    """Encode what is missing of one stretch. Twice, or again after a crash, does no harm.

    Where nothing can be decoded the recording ends, or there is a hole to be filled.
    """
    with shop.reading() as session:
        work = find_stretch_work(session, job)
    if work is None:
        return
    parts = encode_work(work, shop, lease)
    store_parts(work.asset.id, parts, shop)
    _write_down(job, work, parts, shop, lease)


def _write_down(
    job: EncodeStretch, work: StretchWork, parts: list[MadePart], shop: Workshop, lease: Lease
) -> None:
    stretch = work.stretch
    with shop.writing(lease) as session:
        asset = session.get_one(Asset, work.asset.id)
        is_second_try = is_in_hole(asset, stretch.start_s)
        rows = {row.name: row for row in asset.renditions}
        for part in parts:
            add_part(session, rows[part.rendition_name], part, takes_place=is_second_try)
        if parts:
            if is_second_try:
                close_hole(asset, stretch.start_s, stretch.start_s + stretch.duration_s)
            _note_ending(session, asset, stretch, work.info, parts[0].padded_s)
            if parts[0].is_damaged and has_remux(asset):
                give_up_remux(session, shop.now(), asset)  # browsers stop at damaged pictures
        elif stretch.is_last and stretch.number and not _is_heard_after(work.info, stretch.start_s):
            cut_short(session, asset, stretch.start_s)
        elif not is_second_try:
            hole = FillHole(asset_id=asset.id, number=stretch.number, rungs=job.rungs)
            enqueue(session, hole, shop.now())
        if settle(session, shop.now(), asset):
            shop.note_asset_change(session, asset)


def _note_ending(
    session: Session, asset: Asset, stretch: StretchSpec, info: MediaInfo, padded_s: float
) -> None:
    """See to a part whose last frame stands still because no other came."""
    stretch_end_s = stretch.start_s + stretch.duration_s
    end_s = stretch_end_s - padded_s
    if padded_s <= PADDED_S:
        return
    if stretch.is_last and not _is_heard_after(info, end_s):
        cut_short(session, asset, end_s)
    elif info.picture_end_s > end_s + PADDED_S:  # else the picture simply ends before the sound
        note_hole(session, asset, end_s, min(stretch_end_s, info.picture_end_s))


def _is_heard_after(info: MediaInfo, at_s: float) -> bool:
    return info.sound_end_s > at_s + PADDED_S
