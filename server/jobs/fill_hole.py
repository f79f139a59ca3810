"""Make parts for what cannot be read, so that everything before and after it plays."""

from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from media_pipeline.encode import encode_hole
from media_pipeline.parts import MadePart
from media_pipeline.plan import StretchSpec
from server.jobs.stretches import StretchWork, find_stretch_work, store_parts
from server.jobs.workshop import Workshop
from server.messages import FillHole
from server.models.library import Asset, AssetState, Part, Rendition, RenditionKind
from server.queue import Lease
from server.services.assets import add_part, settle
from server.services.holes import is_in_hole, note_hole
from storage.keys import part_key


def fill_hole(job: FillHole, shop: Workshop, lease: Lease) -> None:
    """Make the missing parts of a stretch from another rendition's picture, or black."""
    with shop.reading() as session:
        work = find_stretch_work(session, job)
        stand_in = _stand_in(session, work.asset, work.stretch) if work else None
    if work is None:
        return
    stand_in_path = _fetched(work, stand_in, shop) if stand_in else None
    parts = encode_hole(
        stand_in_path,
        work.stretch,
        work.rungs,
        shop.work_path,
        shop.tools,
        on_progress=lease.renew,
        nice=shop.nice,
    )
    store_parts(work.asset.id, parts, shop)
    _write_down(work, parts, shop, lease, is_black=stand_in is None)


def _stand_in(session: Session, asset: Asset, stretch: StretchSpec) -> Part | None:
    """Return a part of another rendition that shows this stretch."""
    if is_in_hole(asset, stretch.start_s):
        return None
    shown = (
        select(Part)
        .join(Rendition, Rendition.id == Part.rendition_id)
        .where(
            Rendition.asset_id == asset.id,
            Rendition.kind == RenditionKind.VIDEO,
            Part.number == stretch.number,
        )
        .order_by(Rendition.height_px.desc())
    )
    return session.scalars(shown).first()


def _fetched(work: StretchWork, part: Part, shop: Workshop) -> Path:
    path = shop.work_path / "stand_in.m4s"
    shop.store.get_file(part_key(work.asset.id, part.sha256), path)
    return path


def _write_down(
    work: StretchWork, parts: list[MadePart], shop: Workshop, lease: Lease, *, is_black: bool
) -> None:
    stretch = work.stretch
    with shop.writing(lease) as session:
        asset = session.get_one(Asset, work.asset.id)
        for part in parts:
            add_part(session, _row(asset, part.rendition_name), part)
        if is_black:
            note_hole(session, asset, stretch.start_s, stretch.start_s + stretch.duration_s)
        if asset.state != AssetState.FAILED and settle(session, shop.now(), asset):
            shop.note_asset_change(session, asset)


def _row(asset: Asset, name: str) -> Rendition:
    return next(row for row in asset.renditions if row.name == name)
