"""Make page images and text of a PDF, or sizes of an image."""

from pathlib import Path
from uuid import UUID

from media_pipeline.documents import read_document as read_pages
from media_pipeline.errors import MediaRejected
from media_pipeline.images import read_image
from media_pipeline.pages import MadeDocument, MadePage
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
        made = _read(asset.kind, original, shop, lease)
    except MediaRejected as rejected:
        with shop.writing(lease) as session:
            reject(session.get_one(Asset, asset.id), rejected.code, rejected.detail)
        return
    poster_key = store_named_by_content(shop.store, asset.id, made.poster)
    poster_bytes = made.poster.stat().st_size
    rows = [_stored(asset.id, page, shop) for page in made.pages]
    _write_down(asset.id, rows, (poster_key, poster_bytes), shop, lease)


def _stored(asset_id: UUID, page: MadePage, shop: Workshop) -> Page:
    return Page(
        number=page.number,
        image_key=store_named_by_content(shop.store, asset_id, page.path),
        width_px=page.width_px,
        height_px=page.height_px,
        size_bytes=page.size_bytes,
        text=page.text.replace("\x00", ""),  # PostgreSQL takes none
    )


def _write_down(
    asset_id: UUID, rows: list[Page], poster: tuple[str, int], shop: Workshop, lease: Lease
) -> None:
    with shop.writing(lease) as session:
        asset = session.get_one(Asset, asset_id)
        asset.pages.clear()
        session.flush()
        asset.pages = rows
        sizes = {row.image_key: row.size_bytes for row in rows}  # equal pages are stored once
        asset.poster_key, poster_bytes = poster
        asset.stills_bytes = 0 if asset.poster_key in sizes else poster_bytes
        asset.made_bytes = asset.stills_bytes + sum(sizes.values())
        asset.width_px, asset.height_px = rows[0].width_px, rows[0].height_px
        finish_preparing(asset, shop.now())
        hand_over(session, shop.now(), asset)
        shop.note_asset_change(session, asset)


def _read(kind: AssetKind, original: Path, shop: Workshop, lease: Lease) -> MadeDocument:
    if kind == AssetKind.IMAGE:
        return read_image(original, shop.work_path)
    return read_pages(original, shop.work_path, on_progress=lease.renew)
