"""Unpack an H5P, SCORM or HTML package into objects."""

from media_pipeline.errors import MediaRejected
from media_pipeline.packages import MadeFile, MadePackage, read_package
from media_pipeline.zips import folded
from server.jobs.stored_files import store_named_by_content
from server.jobs.workshop import Workshop, asset_of
from server.messages import UnpackPackage
from server.models.library import Asset, AssetState
from server.models.packages import PackageFile
from server.queue import Lease
from server.services.assets import finish_preparing, reject
from server.services.handing_over import hand_over
from server.services.packages import write_package
from storage.keys import part_key

UNPACKED = 0.5  # the share of the work that is done when storing begins


def unpack_package(job: UnpackPackage, shop: Workshop, lease: Lease) -> None:
    """Store every file; the asset is ready when all are there. What is refused fails the asset."""
    with shop.reading() as session:
        asset = asset_of(session, job.asset_id)
    if asset is None or asset.state == AssetState.READY:
        return
    original = shop.originals.path_of(asset.original_key)
    try:
        made = read_package(
            original, shop.work_path, on_progress=lambda share: lease.renew(share * UNPACKED)
        )
    except MediaRejected as rejected:
        with shop.writing(lease) as session:
            reject(session.get_one(Asset, asset.id), rejected.code, rejected.detail)
        return
    _store(asset, made, shop, lease)
    with shop.writing(lease) as session:
        row = session.get_one(Asset, asset.id)
        row.made_bytes = write_package(
            session,
            row,
            form=made.form,
            title=made.title,
            launches=[{"title": each.title, "path": each.path} for each in made.launches],
            files=[_row(asset, each) for each in made.files],
        )
        finish_preparing(row, shop.now())
        hand_over(session, shop.now(), row)
        shop.note_asset_change(session, row)


def _store(asset: Asset, made: MadePackage, shop: Workshop, lease: Lease) -> None:
    objects = sorted({each.file for each in made.files})
    for number, path in enumerate(objects, 1):
        store_named_by_content(shop.store, asset.id, path)
        lease.renew(UNPACKED + (1 - UNPACKED) * number / len(objects))


def _row(asset: Asset, made: MadeFile) -> PackageFile:
    return PackageFile(
        path=made.path,
        folded=folded(made.path),
        key=part_key(asset.id, made.sha256, "bin"),
        size_bytes=made.size_bytes,
    )
