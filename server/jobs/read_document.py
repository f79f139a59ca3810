"""Make page images and text of a PDF or office file, or sizes of an image."""

from dataclasses import replace
from pathlib import Path
from uuid import UUID

from sqlalchemy.orm import Session

from media_pipeline.documents import read_document as read_pages
from media_pipeline.errors import MediaRejected
from media_pipeline.images import read_image
from media_pipeline.office import convert_to_pdf
from media_pipeline.pages import MadeDocument, MadePage
from media_pipeline.probe import MediaInfo
from server.jobs.stored_files import store_named_by_content
from server.jobs.workshop import Workshop, asset_of
from server.messages import ReadDocument
from server.models.library import Asset, AssetKind, AssetState, Page
from server.queue import Lease
from server.services.assets import finish_preparing, reject
from server.services.handing_over import hand_over


def read_document(job: ReadDocument, shop: Workshop, lease: Lease) -> None:
    """Store the pages; the asset is ready when all are there. A locked file fails the asset."""
    with shop.reading() as session:
        asset = asset_of(session, job.asset_id)
    if asset is None or asset.state == AssetState.READY:
        return
    original = shop.originals.path_of(asset.original_key)
    try:
        made = _read(asset, original, shop, lease)
    except MediaRejected as rejected:
        with shop.writing(lease) as session:
            reject(session.get_one(Asset, asset.id), rejected.code, rejected.detail)
        return
    poster_key = store_named_by_content(shop.store, asset.id, made.poster)
    poster_bytes = made.poster.stat().st_size
    copy_key = store_named_by_content(shop.store, asset.id, made.copy) if made.copy else ""
    copy_bytes = made.copy.stat().st_size if made.copy else 0
    rows = [_stored(asset.id, page, shop) for page in made.pages]
    with shop.writing(lease) as session:
        row = session.get_one(Asset, asset.id)
        row.poster_key, row.page_count = poster_key, made.page_count
        row.copy_key, row.copy_bytes = copy_key, copy_bytes
        _write_down(session, row, rows, poster_bytes)
        finish_preparing(row, shop.now())
        hand_over(session, shop.now(), row)
        shop.note_asset_change(session, row)


def _stored(asset_id: UUID, page: MadePage, shop: Workshop) -> Page:
    row = Page(number=page.number, text=page.text, image_key="", width_px=0, height_px=0)
    row.size_bytes = row.small_bytes = 0
    if page.large and page.small:
        row.width_px, row.height_px = page.large.width_px, page.large.height_px
        row.image_key = store_named_by_content(shop.store, asset_id, page.large.path)
        row.small_key = store_named_by_content(shop.store, asset_id, page.small.path)
        row.size_bytes, row.small_bytes = page.large.size_bytes, page.small.size_bytes
    return row


def _write_down(session: Session, asset: Asset, rows: list[Page], poster_bytes: int) -> None:
    asset.pages.clear()
    session.flush()
    asset.pages = rows
    sizes = {row.image_key: row.size_bytes for row in rows}  # equal pages are stored once
    sizes |= {row.small_key: row.small_bytes for row in rows}
    asset.stills_bytes = asset.copy_bytes + (0 if asset.poster_key in sizes else poster_bytes)
    asset.made_bytes = asset.stills_bytes + sum(sizes.values())
    drawn = next(row for row in rows if row.image_key)
    asset.width_px, asset.height_px = drawn.width_px, drawn.height_px


def _read(asset: Asset, original: Path, shop: Workshop, lease: Lease) -> MadeDocument:
    if asset.kind == AssetKind.IMAGE:
        return read_image(original, shop.work_path)
    kind = MediaInfo.from_dict(asset.media_info).container
    if kind == "pdf":
        return read_pages(original, shop.work_path, on_progress=lease.renew)
    pdf = convert_to_pdf(
        original, kind, shop.work_path, shop.tools.soffice, on_progress=lease.renew
    )
    return replace(read_pages(pdf, shop.work_path, on_progress=lease.renew), copy=pdf)
