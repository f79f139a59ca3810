"""What is to be made of an original, and in which order: decisions only."""

from dataclasses import dataclass
from uuid import UUID

from media_pipeline.ladder import RenditionSpec, choose_ladder, may_remux
from media_pipeline.plan import StretchSpec, plan_stretches
from media_pipeline.probe import MediaInfo
from server.messages import (
    DrawStills,
    DrawWaveform,
    EncodeSound,
    EncodeStretch,
    Message,
    Order,
    ReadDocument,
    RemuxOriginal,
    UnpackPackage,
    Which,
)
from server.services.expected_work import expected_s, expected_stretch_s

EARLY_STRETCHES = 2  # 4 and 8 s: short enough for the slot that is kept for first work
FIRST_PICTURE = 25
LOWEST_PICTURE = 60  # before the rest of older originals: something to watch for everybody
LOWEST_BESIDE_REMUX = 80  # there is something to watch already
FINER_PICTURE = 100
MODEST = 1.2  # a remux up to this much above the ladder's cap takes the place of the top rung


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
        return AssetPlan(orders=(_order(ReadDocument(asset_id=asset_id), info),))
    if info.kind == "package":
        return AssetPlan(orders=(_order(UnpackPackage(asset_id=asset_id), info),))
    if info.kind == "audio":
        messages = (EncodeSound(asset_id=asset_id), DrawWaveform(asset_id=asset_id))
        return AssetPlan(has_sound=True, orders=tuple(_order(each, info) for each in messages))
    return _plan_video(asset_id, info)


def is_remux_the_top(info: MediaInfo, top: RenditionSpec) -> bool:
    """Tell whether the original's own picture is as good as the top rung at about its rate."""
    same_size = (info.width_px // 2, info.height_px // 2) == (top.width_px // 2, top.height_px // 2)
    return may_remux(info) and same_size and info.bit_rate_bps <= top.max_bps * MODEST


def order_pictures(
    asset_id: UUID,
    info: MediaInfo,
    stretches: tuple[StretchSpec, ...],
    rungs: tuple[RenditionSpec, ...],
    *,
    has_remux: bool,
) -> tuple[Order, ...]:
    """Return the lowest picture of every stretch, then the finer ones of every stretch.

    Beside a remux that is the top rung itself, all are made together: then the original is decoded
    once only. The remux plays meanwhile, and few lines are too poor for so few bytes.
    """

    def order(stretch: StretchSpec, which: Which, priority: int) -> Order:
        made = {"lowest": rungs[-1:], "rest": rungs[:-1], "all": rungs}[which]
        return Order(
            message=EncodeStretch(asset_id=asset_id, number=stretch.number, rungs=which),
            priority=priority,
            wanted_s=stretch.start_s,
            work_s=expected_stretch_s(info, stretch.duration_s, made),
        )

    if has_remux and rungs[0] != choose_ladder(info)[0]:
        return tuple(order(stretch, "all", LOWEST_BESIDE_REMUX) for stretch in stretches)
    lowest = (
        order(stretch, "lowest", _lowest_priority(stretch.number, has_remux=has_remux))
        for stretch in stretches
    )
    rest = (order(stretch, "rest", FINER_PICTURE) for stretch in stretches)
    return (*lowest, *(rest if len(rungs) > 1 else ()))


def _plan_video(asset_id: UUID, info: MediaInfo) -> AssetPlan:
    rungs = choose_ladder(info)
    has_remux = may_remux(info)
    if len(rungs) > 1 and is_remux_the_top(info, rungs[0]):
        rungs = rungs[1:]
    stretches = plan_stretches(info.duration_s)
    orders = [
        *([_order(RemuxOriginal(asset_id=asset_id), info)] if has_remux else []),
        *([_order(EncodeSound(asset_id=asset_id), info)] if info.has_sound else []),
        *order_pictures(asset_id, info, stretches, rungs, has_remux=has_remux),
        _order(DrawStills(asset_id=asset_id), info),
    ]
    return AssetPlan(
        rungs=rungs,
        stretches=stretches,
        has_remux=has_remux,
        has_sound=info.has_sound,
        orders=tuple(orders),
    )


def _order(message: Message, info: MediaInfo) -> Order:
    work_s = expected_s(message, info)
    return Order(message=message, priority=message.priority, work_s=work_s)


def _lowest_priority(number: int, *, has_remux: bool) -> int:
    if has_remux:
        return LOWEST_BESIDE_REMUX
    return FIRST_PICTURE if number < EARLY_STRETCHES else LOWEST_PICTURE
