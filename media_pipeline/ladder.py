"""MediaInfo → the renditions to encode."""

from dataclasses import dataclass, replace

from media_pipeline.coding import DRAWN, FILMED, SMALLER, Coding
from media_pipeline.probe import MediaInfo


@dataclass(frozen=True, slots=True, kw_only=True)
class RenditionSpec:
    """One encoded version. `fps` × 4 s is a whole number, so every segment starts on a frame."""

    name: str
    width_px: int
    height_px: int
    fps: float
    max_bps: int
    coding: Coding = FILMED


@dataclass(frozen=True, slots=True)
class Rung:
    """One step; `short_px` is the shorter side, so that portrait is as sharp as landscape."""

    short_px: int
    max_bps: int


LADDER = (
    Rung(1080, 4_000_000),
    Rung(720, 2_000_000),
    Rung(480, 900_000),
    Rung(360, 450_000),
    Rung(240, 105_000),  # with sound about 150 kb/s: watchable on 2G
)
# Slides need few bytes for many pixels: their lowest rung has letters that can be read, and few
# frames a second. The rung above it is hardly more bytes, so none stands between.
DRAWN_LADDER = (*LADDER[:3], Rung(360, 100_000))
LADDER_VERSION = 4  # raise it with every change of what is made: older assets can be made anew
# Once more in AV1: not the rungs above, which cost most and are for lines that carry them anyway.
TALLEST_AV1_PX = 720
AV1_PREFIX = "av1-"
WORTH_ITS_OWN = 1.15  # a source this much above the next rung gets a rung at its own size
WIDEST = 16 / 9 * 1.4  # cinema and scrolls: longer sides are scaled into this shape's box
MAX_FPS = 30
HALVED_FROM_FPS = 20  # the lowest rung shows every other frame
FEW_FPS = 8  # of slides and screens about so many
SMALLEST_PX = 16  # what x264 takes
MAX_REMUX_BPS = 25_000_000
MAX_KEY_GAP_S = 5.1
MAX_REMUX_PIXELS = 3840 * 2160
MAX_REMUX_DELAY_S = 0.1  # players skip a hole of this length
MAX_REMUX_REST_S = 0.5
REMUX_PROFILES = ("baseline", "constrained baseline", "main", "high")


def choose_ladder(info: MediaInfo) -> tuple[RenditionSpec, ...]:
    """Return the renditions of a video, tallest first; none is larger than the source.

    A source lower than every rung still gets the lowest one, at its own size. Sound alone gets
    none.
    """
    if info.kind != "video":
        return ()
    short_px = min(info.width_px, info.height_px)
    is_few = info.is_drawn and short_px > DRAWN_LADDER[-1].short_px
    ladder = DRAWN_LADDER if is_few else LADDER
    rungs = [rung for rung in ladder if rung.short_px <= short_px]
    if not rungs:
        rungs = [Rung(short_px, ladder[-1].max_bps)]
    elif rungs[0] is not ladder[0] and short_px >= rungs[0].short_px * WORTH_ITS_OWN:
        above = ladder[ladder.index(rungs[0]) - 1]
        share = (short_px / above.short_px) ** 2
        rungs.insert(0, Rung(short_px, max(int(above.max_bps * share), rungs[0].max_bps)))
    fps = output_fps(info.fps)
    low_fps = lowest_fps(fps, is_drawn=is_few)
    return tuple(_spec(info, rung, low_fps if rung is rungs[-1] else fps) for rung in rungs)


def choose_av1_ladder(info: MediaInfo) -> tuple[RenditionSpec, ...]:
    """Return what is made once more in AV1, tallest first: nothing of drawn pictures.

    Their few bytes get hardly fewer. Decision 11 has the figures.
    """
    rungs = () if info.is_drawn else choose_ladder(info)
    return tuple(
        replace(rung, name=f"{AV1_PREFIX}{rung.name}", coding=SMALLER)
        for rung in rungs
        if min(rung.width_px, rung.height_px) <= TALLEST_AV1_PX
    )


def output_fps(source_fps: float) -> float:
    """Return a whole frame rate: 29.97 → 30, 60 → 30, 50 → 25, 24 → 24, 300 → 30, 0.2 → 1."""
    whole = max(1, round(source_fps + 0.02))
    if whole <= MAX_FPS:
        return float(whole)
    half = whole / 2
    return half if half <= MAX_FPS and half == int(half) else float(MAX_FPS)


def lowest_fps(fps: float, *, is_drawn: bool) -> float:
    """Return the rate of the lowest rung: 30 → 15, of drawn pictures 7.5; 12 → 12, drawn 6."""
    low_fps = fps / 2 if fps >= HALVED_FROM_FPS else fps
    return low_fps / 2 if is_drawn and low_fps > FEW_FPS else low_fps


def _spec(info: MediaInfo, rung: Rung, fps: float) -> RenditionSpec:
    short_px, long_px = sorted((info.width_px, info.height_px))
    factor = min(rung.short_px / short_px, rung.short_px * WIDEST / long_px, 1.0)
    width_px, height_px = (_even(side * factor) for side in (info.width_px, info.height_px))
    return RenditionSpec(
        name=f"{rung.short_px}p",
        width_px=width_px,
        height_px=height_px,
        fps=fps,
        max_bps=rung.max_bps,
        coding=DRAWN if info.is_drawn else FILMED,
    )


def _even(size_px: float) -> int:
    """Round to even, as H.264 4:2:0 needs, never below what the encoder takes."""
    return max(SMALLEST_PX, round(size_px / 2 - 0.01) * 2)  # an odd size goes down, not up


def _lasts_as_long(info: MediaInfo) -> bool:
    """Tell whether the picture covers the lesson as it is; a cut-off one ends in half a frame."""
    is_in_time = abs(info.picture_begin_s) <= MAX_REMUX_DELAY_S
    is_long_enough = info.picture_end_s >= info.duration_s - MAX_REMUX_REST_S
    return info.missing_s == 0 and is_in_time and is_long_enough


def may_remux(info: MediaInfo) -> bool:
    """Tell whether the original's own picture plays as it is in every browser."""
    return (
        info.kind == "video"
        and info.video_codec == "h264"
        and info.video_profile.lower() in REMUX_PROFILES
        and info.pixel_format == "yuv420p"
        and info.rotation == 0
        and not info.is_interlaced
        and info.has_square_pixels
        and info.width_px * info.height_px <= MAX_REMUX_PIXELS
        and 0 < info.bit_rate_bps <= MAX_REMUX_BPS
        and 0 < info.key_gap_s <= MAX_KEY_GAP_S
        and _lasts_as_long(info)
    )
