"""The pictures of filmed lessons once more in AV1, when all else is there. docs/decisions/0011.

Nobody waits for them: an asset is ready without, and plays to its end without.
"""

from datetime import datetime

from sqlalchemy.orm import Session

from media_pipeline.ladder import choose_av1_ladder
from media_pipeline.probe import MediaInfo
from server.messages import EncodeAv1, Order
from server.models.library import Asset, AssetState, Rendition, RenditionKind
from server.queue import enqueue_all
from server.services.assets import picture_row, settle
from server.services.expected_work import expected_stretch_s
from server.services.holes import holes_of


def order_av1(session: Session, now: datetime, asset: Asset) -> None:
    """Enqueue what is missing in AV1 of a file that is ready, in the caller's transaction."""
    if not _may_have(asset):
        return
    known = {row.name for row in asset.renditions}
    ladder = choose_av1_ladder(MediaInfo.from_dict(asset.media_info))
    asset.renditions += [
        picture_row(spec, kind=RenditionKind.AV1) for spec in ladder if spec.name not in known
    ]
    session.flush()
    enqueue_all(session, orders_of_av1(asset), now)


def orders_of_av1(asset: Asset) -> tuple[Order, ...]:
    """Return the work of every stretch, if any of the asset's AV1 renditions is not whole."""
    if all(row.is_whole for row in av1_of(asset)):
        return ()
    info = MediaInfo.from_dict(asset.media_info)
    ladder = choose_av1_ladder(info)
    return tuple(
        Order(
            message=EncodeAv1(asset_id=asset.id, number=stretch.number),
            priority=EncodeAv1.priority,
            wanted_s=stretch.start_s,
            work_s=expected_stretch_s(info, stretch.duration_s, ladder),
        )
        for stretch in asset.stretches
    )


def av1_of(asset: Asset) -> list[Rendition]:
    """Return the AV1 renditions that are planned or there."""
    of_kind = (row for row in asset.renditions if row.kind == RenditionKind.AV1)
    return [row for row in of_kind if not row.is_retired]


def give_up_av1(session: Session, now: datetime, asset: Asset) -> None:
    """Do without: these renditions go, their objects with the next consistency check."""
    for row in av1_of(asset):
        asset.renditions.remove(row)
    session.flush()
    settle(session, now, asset)


def _may_have(asset: Asset) -> bool:
    """Tell whether it is worth it: where pictures are missing, the stand-ins stay as they are."""
    is_ready = asset.state == AssetState.READY and asset.retired_at is None
    return is_ready and asset.original_gone_at is None and not holes_of(asset)
