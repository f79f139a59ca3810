"""Renditions made in one run, whose parts are stored while it goes on: sound, and the remux."""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from media_pipeline.errors import NothingThere, RemuxUnfit
from media_pipeline.growing import encode_sound as run_sound
from media_pipeline.growing import make_silence
from media_pipeline.growing import remux_picture as run_remux
from media_pipeline.parts import MadePart
from media_pipeline.probe import MediaInfo
from server.jobs.workshop import Workshop, asset_of
from server.messages import EncodeSound, FillSilence, RemuxOriginal
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

SOUND_TYPE = "audio/mp4"
SHORTEST_S = 0.1  # players do not stop for less


def encode_sound(job: EncodeSound, shop: Workshop, lease: Lease) -> None:
    """Encode the sound; each part can be heard as soon as it is stored."""
    growth = _Growth(job.asset_id, SOUND, SOUND_TYPE, run_sound)
    try:
        _grow(growth, shop, lease)
    except NothingThere:
        with shop.reading() as session:
            asset = asset_of(session, job.asset_id)
            rendition = rendition_named(session, asset.id, SOUND) if asset else None
        if rendition:
            _finish(rendition.id, 0, shop, lease)


def fill_silence(job: FillSilence, shop: Workshop, lease: Lease) -> None:
    """Go on with silence where sound could not be encoded, as long as there are pictures."""
    with shop.reading() as session:
        asset = asset_of(session, job.asset_id)
        sound = rendition_named(session, asset.id, SOUND) if asset else None
        parts = list(sound.parts) if sound else []
    if asset is None or sound is None or sound.is_whole:
        return
    info, made_s = MediaInfo.from_dict(asset.media_info), sum(part.duration_s for part in parts)
    numbers = [part.number for part in parts]
    if parts and info.kind == "video" and info.duration_s - made_s > SHORTEST_S:
        make_silence(
            shop.work_path,
            shop.tools,
            info,
            number=len(parts),
            start_s=made_s,
            on_part=_keeper(asset.id, sound.id, SOUND_TYPE, numbers, shop, lease),
            on_progress=lease.renew,
            nice=shop.nice,
        )
    with shop.writing(lease) as session:
        row = session.get_one(Asset, asset.id)
        row.media_info = row.media_info | {"unheard_from_s": round(made_s, 3)}
    _finish(sound.id, len(numbers), shop, lease)


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
    growth.run(
        shop.source_of(asset, lease),
        shop.work_path,
        shop.tools,
        MediaInfo.from_dict(asset.media_info),
        on_part=_keeper(asset.id, rendition.id, growth.content_type, numbers, shop, lease),
        on_progress=lease.renew,
        nice=shop.nice,
    )
    _finish(rendition.id, len(numbers), shop, lease)


def _keeper(  # all of them are needed for each part
    asset_id: UUID,
    rendition_id: UUID,
    content_type: str,
    numbers: list[int],
    shop: Workshop,
    lease: Lease,
) -> Callable[[MadePart], None]:
    """Return what stores a part, writes it down and adds its number to `numbers`."""

    def keep(part: MadePart) -> None:
        key = part_key(asset_id, part.sha256)
        shop.store.put_file(key, part.path, content_type=content_type)
        part.path.unlink(missing_ok=True)
        _write_down(rendition_id, part, shop, lease)
        numbers.append(part.number)

    return keep


def _write_down(rendition_id: UUID, part: MadePart, shop: Workshop, lease: Lease) -> None:
    with shop.writing(lease) as session:
        rendition = session.get_one(Rendition, rendition_id)
        add_part(session, rendition, part)
        settle(session, shop.now(), session.get_one(Asset, rendition.asset_id))


def _finish(rendition_id: UUID, part_count: int, shop: Workshop, lease: Lease) -> None:
    with shop.writing(lease) as session:
        rendition = session.get_one(Rendition, rendition_id)
        asset = session.get_one(Asset, rendition.asset_id)
        drop_parts_after(session, rendition, part_count - 1)
        end_growth(session, asset, rendition)
        if settle(session, shop.now(), asset):
            shop.note_asset_change(session, asset)
