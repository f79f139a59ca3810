"""Make the poster and the storyboard of a video."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

from media_pipeline.probe import MediaInfo
from media_pipeline.stills import Storyboard, make_poster, make_storyboard
from server.jobs.stored_files import store_named_by_content
from server.jobs.workshop import Workshop, asset_of
from server.messages import DrawStills
from server.models.library import Asset
from server.queue import Lease


def draw_stills(job: DrawStills, shop: Workshop, lease: Lease) -> None:
    """Draw and store both; the poster is shown before the storyboard is made."""
    with shop.reading() as session:
        asset = asset_of(session, job.asset_id)
    if asset is None or asset.storyboard:
        return
    original = shop.originals.path_of(asset.original_key)
    info = MediaInfo.from_dict(asset.media_info)
    poster = make_poster(original, shop.work_path, shop.tools, info, nice=shop.nice)
    _keep(asset, shop, lease, poster_key=store_named_by_content(shop.store, asset.id, poster))
    storyboard = make_storyboard(original, shop.work_path, shop.tools, info, nice=shop.nice)
    key = store_named_by_content(shop.store, asset.id, storyboard.path)
    _keep(asset, shop, lease, storyboard=_described(storyboard, key))


def _keep(asset: Asset, shop: Workshop, lease: Lease, **values: Any) -> None:  # noqa: ANN401
    with shop.writing(lease) as session:
        row = session.get_one(Asset, asset.id)
        for name, value in values.items():
            setattr(row, name, value)
        shop.note_asset_change(session, row)


def _described(storyboard: Storyboard, key: str) -> dict[str, Any]:
    plain = {name: value for name, value in asdict(storyboard).items() if name != "path"}
    return {"key": key, "name": Path(key).name, **plain}
