"""Hash, check and probe an upload, then plan the rest."""

import hashlib
from pathlib import Path

from media_pipeline.drawn import with_look
from media_pipeline.errors import MediaRejected
from media_pipeline.mend import probe_mended, streams_of
from media_pipeline.probe import MediaInfo, probe_file
from server.jobs.workshop import Workshop, asset_of
from server.messages import ProbeOriginal
from server.models.library import Asset, AssetState, OriginalGone
from server.queue import Lease
from server.services.asset_plan import plan_asset
from server.services.assets import reject, start_preparing
from server.services.chapters import spread_chapters
from server.services.upload import share_equal_asset
from storage.store import ObjectNotFound

PIECE_BYTES = 2**20


def probe_original(job: ProbeOriginal, shop: Workshop, lease: Lease) -> None:
    """Find out what the upload is and enqueue what is to be made of it.

    A file that can never be shown fails its asset with a code for people; it is not tried again.
    """
    with shop.reading() as session:
        asset = asset_of(session, job.asset_id)
    if asset is None or asset.state != AssetState.WAITING:
        return
    path = shop.originals.path_of(asset.original_key)
    if not path.exists():
        raise ObjectNotFound(asset.original_key)
    if _is_known(asset, path, shop, lease):
        return
    try:
        info = _probed(asset, path, shop, lease)
    except MediaRejected as rejected:
        with shop.writing(lease) as session:
            reject(session.get_one(Asset, asset.id), rejected.code, rejected.detail)
        return
    _begin(asset, info, shop, lease)


def _probed(asset: Asset, path: Path, shop: Workshop, lease: Lease) -> MediaInfo:
    most_s = shop.limits.max_duration_s
    info = probe_file(path, shop.tools, max_duration_s=most_s)
    if info.needs_mending:
        path = shop.mended(asset, streams_of(info), lease)
        info = probe_mended(path, info, shop.tools, max_duration_s=most_s)
    return with_look(path, shop.tools, info, shop.work_path)


def _is_known(asset: Asset, path: Path, shop: Workshop, lease: Lease) -> bool:
    """Hash what was not hashed while it arrived; equal bytes are not prepared twice.

    Two equal files that ended at the same moment did not see each other then; here they do.
    """
    is_damaged = asset.original_gone_why is OriginalGone.DAMAGED
    if is_damaged and not asset.sha256:
        return False  # what was sent is not known
    sha256 = asset.sha256 or _sha256_of(path, lease)
    with shop.sessions() as session:
        return share_equal_asset(session, shop.now, asset_id=asset.id, sha256=sha256)


def _begin(asset: Asset, info: MediaInfo, shop: Workshop, lease: Lease) -> None:
    plan = plan_asset(asset.id, info)
    with shop.writing(lease) as session:
        row = session.get_one(Asset, asset.id)
        start_preparing(session, shop.now(), row, info, plan)
        spread_chapters(session, row)
        shop.note_asset_change(session, row)


def _sha256_of(path: Path, lease: Lease) -> str:
    digest = hashlib.sha256()
    size_bytes = path.stat().st_size or 1
    with path.open("rb") as file:
        while piece := file.read(PIECE_BYTES):
            digest.update(piece)
            lease.renew(file.tell() / size_bytes)
    return digest.hexdigest()
