"""What the handlers of stretches share: which parts are wanted, and where parts go."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.orm import Session

from media_pipeline.encode import encode_stretch
from media_pipeline.errors import StretchEmpty
from media_pipeline.ladder import RenditionSpec, choose_av1_ladder, choose_ladder
from media_pipeline.parts import MadePart
from media_pipeline.plan import StretchSpec
from media_pipeline.probe import MediaInfo
from server.jobs.workshop import Workshop, asset_of
from server.messages import EncodeAv1, EncodeStretch, FillHole
from server.models.library import Asset, Rendition, RenditionKind
from server.queue import Lease
from server.services.assets import has_part
from server.services.av1 import av1_of
from server.services.holes import is_in_hole
from storage.keys import part_key


@dataclass(frozen=True, slots=True)
class StretchWork:
    """One stretch of an asset, and the renditions, tallest first, that lack its part."""

    asset: Asset
    stretch: StretchSpec
    rungs: tuple[RenditionSpec, ...]

    @property
    def info(self) -> MediaInfo:
        """Return the facts of the asset's original."""
        return MediaInfo.from_dict(self.asset.media_info)


def find_stretch_work(
    session: Session, job: EncodeStretch | EncodeAv1 | FillHole
) -> StretchWork | None:
    """Return what a job has to make; None when it is there, or the asset is gone or shorter."""
    asset = asset_of(session, job.asset_id)
    stretch = _stretch(asset, job.number) if asset else None
    if asset is None or stretch is None:
        return None
    if isinstance(job, EncodeAv1):
        rungs = _wanted_av1_rungs(session, asset, stretch)
    else:
        rungs = _wanted_rungs(session, asset, stretch, job)
    return StretchWork(asset, stretch, rungs) if rungs else None


def encode_work(work: StretchWork, shop: Workshop, lease: Lease) -> list[MadePart]:
    """Return the parts that a stretch lacked; none where nothing of it can be decoded."""
    try:
        return encode_stretch(
            shop.source_of(work.asset, lease),
            work.stretch,
            work.rungs,
            shop.work_path,
            shop.tools,
            work.info,
            on_progress=lease.renew,
            nice=shop.nice,
        )
    except StretchEmpty:
        return []


def _stretch(asset: Asset, number: int) -> StretchSpec | None:
    row = next((row for row in asset.stretches if row.number == number), None)
    if row is None:
        return None
    return StretchSpec(
        number=row.number,
        start_s=row.start_s,
        duration_s=row.duration_s,
        is_last=row is asset.stretches[-1],
    )


def _wanted_av1_rungs(
    session: Session, asset: Asset, stretch: StretchSpec
) -> tuple[RenditionSpec, ...]:
    rows = {row.name: row for row in av1_of(asset)}
    ladder = choose_av1_ladder(MediaInfo.from_dict(asset.media_info))
    known = [spec for spec in ladder if spec.name in rows]
    return tuple(spec for spec in known if not has_part(session, rows[spec.name], stretch.number))


def _wanted_rungs(
    session: Session, asset: Asset, stretch: StretchSpec, job: EncodeStretch | FillHole
) -> tuple[RenditionSpec, ...]:
    rows = {row.name: row for row in asset.renditions if row.kind == RenditionKind.VIDEO}
    # A hole that is tried again has parts already, black ones: all of them are made anew.
    is_second_try = isinstance(job, EncodeStretch) and is_in_hole(asset, stretch.start_s)

    def is_wanted(row: Rendition | None) -> bool:
        if row is None or is_second_try:
            return row is not None
        is_for_job = job.rungs == "all" or row.is_first is (job.rungs == "lowest")
        return is_for_job and not has_part(session, row, job.number)

    ladder = choose_ladder(MediaInfo.from_dict(asset.media_info))
    return tuple(spec for spec in ladder if is_wanted(rows.get(spec.name)))


def store_parts(asset_id: UUID, parts: Sequence[MadePart], shop: Workshop) -> None:
    """Put the files where players find them."""
    for part in parts:
        key = part_key(asset_id, part.sha256)
        shop.store.put_file(key, part.path, content_type="video/mp4")
