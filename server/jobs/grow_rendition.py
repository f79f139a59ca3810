"""Renditions made in one run, whose parts are stored while it goes on: sound, and the remux."""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from media_pipeline.errors import RemuxUnfit
from media_pipeline.growing import encode_sound as run_sound
from media_pipeline.growing import remux_picture as run_remux
from media_pipeline.parts import MadePart
from media_pipeline.probe import MediaInfo
from server.jobs.workshop import Workshop, asset_of
from server.messages import EncodeSound, RemuxOriginal
from server.models.library import Asset, Rendition
from server.queue import Lease
from server.services.assets import (
    REMUX,
    SOUND,
    add_part,
    drop_parts_after,
    end_growth,
    give_up_remux,
    rendition_named,
    settle,
)
from storage.keys import part_key


def encode_sound(job: EncodeSound, shop: Workshop, lease: Lease) -> None:
    """Encode the sound; each part can be heard as soon as it is stored."""
    _grow(_Growth(job.asset_id, SOUND, "audio/mp4", run_sound), shop, lease)


def remux_original(job: RemuxOriginal, shop: Workshop, lease: Lease) -> None:
    """Repackage the original's own picture, so that it plays at once."""
    growth = _Growth(job.asset_id, REMUX, "video/mp4", run_remux)
    try:
        _grow(growth, shop, lease)
    except RemuxUnfit:
        with shop.writing(lease) as session:
            asset = asset_of(session, job.asset_id)
            if asset is not None:
                give_up_remux(session, shop.now(), asset)


@dataclass(frozen=True, slots=True)
class _Growth:
    """Which rendition grows, and what makes it."""

    asset_id: UUID | None
    name: str
    content_type: str
    run: Callable[..., object]


def _grow(growth: _Growth, shop: Workshop, lease: Lease) -> None:
    with shop.reading() as session:
        asset = asset_of(session, growth.asset_id)
        rendition = rendition_named(session, asset.id, growth.name) if asset else None
    if asset is None or rendition is None or rendition.is_whole or rendition.is_retired:
        return
    numbers: list[int] = []

    def keep(part: MadePart) -> None:
        key = part_key(asset.id, part.sha256)
        shop.store.put_file(key, part.path, content_type=growth.content_type)
        part.path.unlink(missing_ok=True)
        _write_down(rendition.id, part, shop, lease)
        numbers.append(part.number)

    growth.run(
        shop.originals.path_of(asset.original_key),
        shop.work_path,
        shop.tools,
        MediaInfo.from_dict(asset.media_info),
        on_part=keep,
        on_progress=lease.renew,
        nice=shop.nice,
    )
    _finish(rendition.id, len(numbers), shop, lease)


def _write_down(rendition_id: UUID, part: MadePart, shop: Workshop, lease: Lease) -> None:
    with shop.writing(lease) as session:
        rendition = session.get_one(Rendition, rendition_id)
        add_part(session, rendition, part)
        settle(shop.now(), session.get_one(Asset, rendition.asset_id))


def _finish(rendition_id: UUID, part_count: int, shop: Workshop, lease: Lease) -> None:
    with shop.writing(lease) as session:
        rendition = session.get_one(Rendition, rendition_id)
        asset = session.get_one(Asset, rendition.asset_id)
        drop_parts_after(session, rendition, part_count - 1)
        end_growth(session, asset, rendition)
        if settle(shop.now(), asset):
            shop.note_asset_change(session, asset)
