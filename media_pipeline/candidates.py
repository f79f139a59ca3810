"""Stills to choose a poster from: different, bright and sharp moments of the storyboard."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import ffmpeg
from PIL import Image, ImageChops, ImageFilter, ImageStat

from media_pipeline.errors import MediaFailed
from media_pipeline.images import POSTER_BYTES, POSTER_PX, save_within
from media_pipeline.run import Limits, run_ffmpeg
from media_pipeline.source import compiled, open_source
from media_pipeline.tools import Tools

CANDIDATE_COUNT = 6
DARKEST = 24.0  # mean brightness of 255: below it nothing can be seen in a list
FLATTEST = 6.0  # spread of brightness: an empty wall, a fade
PLAINLY = 20  # of 255: a point that differs by less is noise
SAME = 0.012  # of all points: where fewer differ plainly, two look the same
BLURRED = 0.6  # of the usual sharpness
SMALL_PX = (64, 36)
LIMITS = Limits(cpu_s=300, wall_s=600, file_bytes=2**28)


@dataclass(frozen=True, slots=True)
class _Tile:
    """One frame of the storyboard."""

    number: int
    small: Image.Image
    sharpness: float
    is_good: bool


def choose_tiles(sheet: Image.Image, columns: int, size: tuple[int, int], count: int) -> list[int]:
    """Return the numbers of up to six tiles in order of time: good ones first, none twice alike."""
    grey = sheet.convert("L")
    tiles = [_tile(grey, number, columns, size) for number in range(count)]
    good = [tile for tile in tiles if tile.is_good] or tiles
    sharp = sorted(tile.sharpness for tile in good)
    least = sharp[len(sharp) // 2] * BLURRED  # by moving, or in a fade
    clear = [tile for tile in good if tile.sharpness >= least]
    chosen = [max(clear, key=lambda tile: tile.sharpness)]
    while len(chosen) < CANDIDATE_COUNT:
        farthest = max(clear, key=lambda tile: _apart(tile, chosen))
        if _apart(farthest, chosen) < SAME:
            break
        chosen.append(farthest)
    return sorted(tile.number for tile in chosen)


def draw_candidate(part: Path, out_path: Path, tools: Tools, *, at_s: float, nice: int = 0) -> Path:
    """Write the frame `at_s` after the part's beginning as a JPEG of at most 20 KB.

    Raises MediaFailed.
    """
    frame_path = out_path.with_suffix(".png")
    picture = open_source(part, ss=f"{at_s:.3f}")["v:0"].filter("format", "rgb24")
    options = {"frames:v": 1, "update": 1, "f": "image2", "c:v": "png"}
    limits = Limits(
        nice=nice, cpu_s=LIMITS.cpu_s, wall_s=LIMITS.wall_s, file_bytes=LIMITS.file_bytes
    )
    run_ffmpeg(compiled(ffmpeg.output(picture, str(frame_path), **options), tools.ffmpeg), limits)
    if not frame_path.is_file():
        raise MediaFailed("no frame at this moment")
    with Image.open(frame_path) as frame:
        shown = frame.convert("RGB")
    shown.thumbnail((POSTER_PX, POSTER_PX))
    return save_within(shown, out_path, POSTER_BYTES)


def _tile(grey: Image.Image, number: int, columns: int, size: tuple[int, int]) -> _Tile:
    left, top = number % columns * size[0], number // columns * size[1]
    picture = grey.crop((left, top, left + size[0], top + size[1]))
    light = ImageStat.Stat(picture)
    edges = picture.filter(ImageFilter.FIND_EDGES).crop((2, 2, size[0] - 2, size[1] - 2))
    is_good = light.mean[0] > DARKEST and light.stddev[0] > FLATTEST
    return _Tile(number, picture.resize(SMALL_PX), ImageStat.Stat(edges).stddev[0], is_good)


def _apart(tile: _Tile, chosen: Sequence[_Tile]) -> float:
    """Return how different a tile is from the most similar chosen one."""
    return min(_difference(tile.small, other.small) for other in chosen)


def _difference(one: Image.Image, other: Image.Image) -> float:
    """Return the share of points that differ plainly."""
    points = ImageChops.difference(one, other).histogram()
    return sum(points[PLAINLY + 1 :]) / sum(points)
