"""Encode one stretch of the picture: the lowest rendition, or all others in one process."""

from uuid import UUID

from media_pipeline.encode import encode_stretch as run_encode
from media_pipeline.errors import StretchEmpty
from media_pipeline.ladder import RenditionSpec, choose_ladder
from media_pipeline.parts import MadePart
from media_pipeline.plan import StretchSpec
from media_pipeline.probe import MediaInfo
from server.jobs.workshop import Workshop, asset_of
from server.messages import EncodeStretch
from server.models.library import Asset, Rendition, RenditionKind
from server.queue import Lease
from server.services.assets import add_part, cut_short, has_part, settle
from storage.keys import part_key

PADDED_S = 1.0  # a part that stands still at its end for longer: the original ends here


def encode_stretch(job: EncodeStretch, shop: Workshop, lease: Lease) -> None:
    """Encode what is missing of one stretch. Twice, or again after a crash, does no harm.

    A stretch beyond the end of a cut-off file ends the asset before it.
    """
    with shop.reading() as session:
        asset = asset_of(session, job.asset_id)
        stretch = _stretch_spec(asset, job.number) if asset else None
        rungs = _missing_rungs(asset, job) if asset else ()
    if asset is None or stretch is None or not rungs:
        return
    original = shop.originals.path_of(asset.original_key)
    info = MediaInfo.from_dict(asset.media_info)
    try:
        parts = run_encode(
            original,
            stretch,
            rungs,
            shop.work_path,
            shop.tools,
            info,
            on_progress=lease.renew,
            nice=shop.nice,
        )
    except StretchEmpty:
        parts = []
    for part in parts:
        key = part_key(asset.id, part.sha256)
        shop.store.put_file(key, part.path, content_type="video/mp4")
    _write_down(asset.id, stretch, parts, shop, lease)


def _stretch_spec(asset: Asset, number: int) -> StretchSpec | None:
    """Return the stretch; None when the asset was cut short before it."""
    row = next((row for row in asset.stretches if row.number == number), None)
    if row is None:
        return None
    return StretchSpec(
        number=number,
        start_s=row.start_s,
        duration_s=row.duration_s,
        is_last=row is asset.stretches[-1],
    )


def _missing_rungs(asset: Asset, job: EncodeStretch) -> tuple[RenditionSpec, ...]:
    """Return the renditions, tallest first, that this job is for and that lack this part."""
    rows = {row.name: row for row in asset.renditions if row.kind == RenditionKind.VIDEO}
    return tuple(
        spec
        for spec in choose_ladder(MediaInfo.from_dict(asset.media_info))
        if (row := rows.get(spec.name)) and _is_wanted(row, job)
    )


def _is_wanted(row: Rendition, job: EncodeStretch) -> bool:
    is_lowest_job = job.rungs == "lowest"
    return row.is_first is is_lowest_job and not has_part(row, job.number)


def _write_down(
    asset_id: UUID, stretch: StretchSpec, parts: list[MadePart], shop: Workshop, lease: Lease
) -> None:
    with shop.writing(lease) as session:
        asset = session.get_one(Asset, asset_id)
        rows = {row.name: row for row in asset.renditions}
        for part in parts:
            add_part(session, rows[part.rendition_name], part)
        if not parts:
            cut_short(session, asset, stretch.start_s)
        elif parts[0].padded_s > PADDED_S:
            cut_short(session, asset, stretch.start_s + stretch.duration_s - parts[0].padded_s)
        if settle(shop.now(), asset):
            shop.note_asset_change(session, asset)
