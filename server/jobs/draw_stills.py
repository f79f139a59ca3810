"""Make the poster and the storyboard of a video, and the waveform of a recording in sound."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

from media_pipeline.probe import MediaInfo
from media_pipeline.stills import Storyboard, make_poster, make_storyboard
from media_pipeline.waveform import Waveform, make_waveform
from server.jobs.stored_files import store_named_by_content
from server.jobs.workshop import Workshop, asset_of
from server.messages import DrawStills, DrawWaveform
from server.models.library import Asset
from server.queue import Lease
from server.services.assets import settle


def draw_stills(job: DrawStills, shop: Workshop, lease: Lease) -> None:
    """Draw and store both; the poster is shown before the storyboard is made."""
    with shop.reading() as session:
        asset = asset_of(session, job.asset_id)
    if asset is None or asset.storyboard:
        return
    original = shop.source_of(asset, lease)
    info = MediaInfo.from_dict(asset.media_info)
    poster = make_poster(original, shop.work_path, shop.tools, info, nice=shop.nice)
    poster_key = store_named_by_content(shop.store, asset.id, poster)
    poster_bytes = poster.stat().st_size
    _keep(asset, shop, lease, poster_key=poster_key, stills_bytes=poster_bytes)
    storyboard = make_storyboard(original, shop.work_path, shop.tools, info, nice=shop.nice)
    key = store_named_by_content(shop.store, asset.id, storyboard.path)
    stills_bytes = poster_bytes + storyboard.path.stat().st_size
    _keep(asset, shop, lease, storyboard=_described(storyboard, key), stills_bytes=stills_bytes)


def draw_waveform(job: DrawWaveform, shop: Workshop, lease: Lease) -> None:
    """Draw and store the waveform; a lesson plays without it too."""
    with shop.reading() as session:
        asset = asset_of(session, job.asset_id)
    if asset is None or asset.waveform:
        return
    original = shop.source_of(asset, lease)
    info = MediaInfo.from_dict(asset.media_info)
    waveform = make_waveform(original, shop.work_path, shop.tools, info, nice=shop.nice)
    key = store_named_by_content(shop.store, asset.id, waveform.path)
    size_bytes = waveform.path.stat().st_size
    _keep(asset, shop, lease, waveform=_described(waveform, key), stills_bytes=size_bytes)


def _keep(asset: Asset, shop: Workshop, lease: Lease, **values: Any) -> None:  # noqa: ANN401
    with shop.writing(lease) as session:
        row = session.get_one(Asset, asset.id)
        for name, value in values.items():
            setattr(row, name, value)
        settle(session, shop.now(), row)
        shop.note_asset_change(session, row)


def _described(made: Storyboard | Waveform, key: str) -> dict[str, Any]:
    plain = {name: value for name, value in asdict(made).items() if name != "path"}
    return {"key": key, "name": Path(key).name, **plain}
