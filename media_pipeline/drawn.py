"""Is a picture drawn (slides, screens, writing on a plain board) or filmed?"""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import ffmpeg
from PIL import Image, ImageChops, ImageFilter

from media_pipeline.errors import MediaFailed, ToolsMissing
from media_pipeline.probe import MediaInfo
from media_pipeline.run import Limits, run_ffmpeg
from media_pipeline.source import Node, compiled, open_source
from media_pipeline.tools import Tools

SIZE_PX = (320, 180)
APART_S = 0.25
LOOKS = 2
LEAST_LOOKS, MOST_LOOKS = 4, 8  # at a whole original
LOOK_EVERY_S = 15.0
MOST_DRAWN = 0.7  # of the looks
EMPTY = 0.9995  # all of one grey: a black or blank screen says nothing, a line on a board does
PLAIN_LEVELS = 2  # a neighbourhood whose greys differ by so little is plain
STILL_LEVELS = 3
PAPER_LEVELS = 3
# Measured on slides of several looks, screens and boards: plain 0.64–0.94, paper 0.77–0.97,
# still 0.67–1.0; on films and camera pictures: plain up to 0.48, paper up to 0.30.
PLAIN, PAPER, STILL = 0.5, 0.4, 0.5
LIMITS = Limits(cpu_s=120, wall_s=240, file_bytes=2**24)


def with_look(path: Path, tools: Tools, info: MediaInfo, out_dir: Path) -> MediaInfo:
    """Return the facts of a whole original with `is_drawn` found out."""
    if info.kind != "video":
        return info
    length_s = info.picture_end_s or info.duration_s
    looks = min(MOST_LOOKS, max(LEAST_LOOKS, round(length_s / LOOK_EVERY_S)))
    found = is_drawn(path, tools, info, out_dir, start_s=0.0, duration_s=length_s, looks=looks)
    return replace(info, is_drawn=found)


def is_drawn(  # noqa: PLR0913  # a place in a file, and where to work
    path: Path,
    tools: Tools,
    info: MediaInfo,
    out_dir: Path,
    *,
    start_s: float,
    duration_s: float,
    looks: int = LOOKS,
    nice: int = 0,
) -> bool:
    """Tell whether most of a time range shows drawn pictures.

    A few pairs of frames are looked at, a quarter of a second apart, each from a key frame on:
    about a hundredth of the cost of encoding it. What cannot be decoded is not drawn.
    """
    sheet_path = out_dir / "looks.png"
    moments_s = [start_s + duration_s * (n + 0.5) / looks for n in range(looks)]
    argv = compiled(_sheet(path, info.video_index, moments_s, sheet_path), tools.ffmpeg)
    limits = Limits(
        nice=nice, cpu_s=LIMITS.cpu_s, wall_s=LIMITS.wall_s, file_bytes=LIMITS.file_bytes
    )
    try:
        run_ffmpeg(argv, limits)
        with Image.open(sheet_path) as sheet:
            votes = [_looks_drawn(*pair) for pair in _pairs(sheet.convert("L"))]
    except ToolsMissing:
        raise
    except (MediaFailed, OSError):
        return False
    finally:
        sheet_path.unlink(missing_ok=True)
    return bool(votes) and sum(votes) >= MOST_DRAWN * len(votes)


def _sheet(path: Path, video_index: int, moments_s: list[float], sheet_path: Path) -> Node:
    """Describe one image with two small frames of every moment below each other."""
    width_px, height_px = SIZE_PX
    # noaccurate_seek: from the key frame on, so that little has to be decoded; several threads
    # would decode ahead; smoothed borders of blocks are not seen at this size.
    quick = {"noaccurate_seek": None, "threads": 1, "skip_loop_filter": "all"}
    pairs = [
        open_source(path, ss=f"{moment_s:.3f}", **quick)[str(video_index)]
        .filter("setpts", "PTS-STARTPTS")
        .filter("fps", fps=1 / APART_S)
        .filter("trim", end_frame=2)
        .filter("scale", width_px, height_px, flags="area")
        .filter("setsar", 1)
        .filter("format", "gray")
        for moment_s in moments_s
    ]
    sheet = ffmpeg.concat(*pairs, v=1, a=0).filter("tile", f"1x{2 * len(pairs)}")
    options = {"frames:v": 1, "update": 1, "f": "image2", "c:v": "png"}
    return ffmpeg.output(sheet, str(sheet_path), **options)


def _pairs(sheet: Image.Image) -> Iterator[tuple[Image.Image, Image.Image]]:
    """Yield the pairs that show something."""
    width_px, height_px = SIZE_PX
    for top_px in range(0, sheet.height - 2 * height_px + 1, 2 * height_px):
        first, second = (
            sheet.crop((0, top_px + n * height_px, width_px, top_px + (n + 1) * height_px))
            for n in (0, 1)
        )
        if _commonest(second) < EMPTY:
            yield first, second


def _looks_drawn(first: Image.Image, second: Image.Image) -> bool:
    largest, least = (
        second.filter(ImageFilter.MaxFilter(3)),
        second.filter(ImageFilter.MinFilter(3)),
    )
    return (
        _up_to(PLAIN_LEVELS, ImageChops.subtract(largest, least)) >= PLAIN
        and _up_to(STILL_LEVELS, ImageChops.difference(first, second)) >= STILL
        and _commonest(second) >= PAPER
    )


def _up_to(level: int, picture: Image.Image) -> float:
    """Return the share of pixels that are not brighter than `level`."""
    return sum(picture.histogram()[: level + 1]) / (picture.width * picture.height)


def _commonest(picture: Image.Image) -> float:
    """Return the share of pixels that are about as bright as most of them: the paper."""
    counts = picture.histogram()
    spans = (sum(counts[max(0, n - PAPER_LEVELS) : n + PAPER_LEVELS + 1]) for n in range(256))
    return max(spans) / sum(counts)
