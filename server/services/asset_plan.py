"""What is to be made of an original, and in which order: decisions only."""

from dataclasses import dataclass
from uuid import UUID

from media_pipeline.ladder import RenditionSpec, choose_ladder, may_remux
from media_pipeline.plan import StretchSpec, plan_stretches
from media_pipeline.probe import MediaInfo
from server.messages import (
    DrawStills,
    EncodeSound,
    EncodeStretch,
    Message,
    ReadDocument,
    RemuxOriginal,
)

EARLY_STRETCHES = 2  # 4 and 8 s: short enough for the slot that is kept for first work
FIRST_PICTURE = 25
LOWEST_PICTURE = 60  # before the rest of older originals: something to watch for everybody
LOWEST_BESIDE_REMUX = 80  # there is something to watch already
FINER_PICTURE = 100
MODEST = 1.2  # a remux up to this much above the ladder's cap takes the place of the top rung


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One message and how urgent it is."""

    message: Message
    priority: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AssetPlan:
    """The renditions, tallest first, the stretches, and the jobs that make them."""

    rungs: tuple[RenditionSpec, ...] = ()
    stretches: tuple[StretchSpec, ...] = ()
    has_remux: bool = False
    has_sound: bool = False
    orders: tuple[Order, ...] = ()


def plan_asset(asset_id: UUID, info: MediaInfo) -> AssetPlan:
    """Return what to make of a probed original of any kind."""
    if info.kind in ("document", "image"):
        return AssetPlan(orders=(_order(ReadDocument(asset_id=asset_id)),))
    if info.kind == "audio":
        return AssetPlan(has_sound=True, orders=(_order(EncodeSound(asset_id=asset_id)),))
    return _plan_video(asset_id, info)


def is_remux_the_top(info: MediaInfo, top: RenditionSpec) -> bool:
    """Tell whether the original's own picture is as good as the top rung at about its rate."""
    same_size = (info.width_px // 2, info.height_px // 2) == (top.width_px // 2, top.height_px // 2)
    return may_remux(info) and same_size and info.bit_rate_bps <= top.max_bps * MODEST


def order_pictures(
    asset_id: UUID, stretches: tuple[StretchSpec, ...], *, has_finer: bool, has_remux: bool
) -> tuple[Order, ...]:
    """Return the lowest picture of every stretch, then the finer ones of every stretch."""
    lowest = [
        Order(
            message=EncodeStretch(asset_id=asset_id, number=stretch.number, rungs="lowest"),
            priority=_lowest_priority(stretch.number, has_remux=has_remux),
        )
        for stretch in stretches
    ]
    rest = [
        Order(
            message=EncodeStretch(asset_id=asset_id, number=stretch.number, rungs="rest"),
            priority=FINER_PICTURE,
        )
        for stretch in stretches
    ]
    return (*lowest, *(rest if has_finer else ()))


def _plan_video(asset_id: UUID, info: MediaInfo) -> AssetPlan:
    rungs = choose_ladder(info)
    has_remux = may_remux(info)
    if len(rungs) > 1 and is_remux_the_top(info, rungs[0]):
        rungs = rungs[1:]
    stretches = plan_stretches(info.duration_s)
    orders = [
        *([_order(RemuxOriginal(asset_id=asset_id))] if has_remux else []),
        *([_order(EncodeSound(asset_id=asset_id))] if info.has_sound else []),
        *order_pictures(asset_id, stretches, has_finer=len(rungs) > 1, has_remux=has_remux),
        _order(DrawStills(asset_id=asset_id)),
    ]
    return AssetPlan(
        rungs=rungs,
        stretches=stretches,
        has_remux=has_remux,
        has_sound=info.has_sound,
        orders=tuple(orders),
    )


def _order(message: Message) -> Order:
    return Order(message=message, priority=message.priority)


def _lowest_priority(number: int, *, has_remux: bool) -> int:
    if has_remux:
        return LOWEST_BESIDE_REMUX
    return FIRST_PICTURE if number < EARLY_STRETCHES else LOWEST_PICTURE
