"""Still images of a video: the poster, and the storyboard for seeking."""

import math
from dataclasses import dataclass
from pathlib import Path

import ffmpeg
from PIL import Image

from media_pipeline.errors import MediaFailed, ToolsMissing
from media_pipeline.images import save_within
from media_pipeline.probe import MediaInfo
from media_pipeline.run import Limits, run_ffmpeg
from media_pipeline.source import Node, compiled, open_source
from media_pipeline.tools import Tools

POSTER_WIDTH_PX = 640
POSTER_BYTES = 20_000
POSTER_KEY_GAP_S = 2.0  # key frames this close are enough to choose from
POSTER_LOOK_FRAMES = 60  # the most typical of these is taken: no fade, no blackboard being wiped
TILE_WIDTH_PX = 160
COLUMN_COUNT = 10
MOST_TILES = 100
SHORTEST_INTERVAL_S = 4.0
DECODED_WHOLE_S = 60.0
STORYBOARD_BYTES = 150_000
LIMITS = Limits(cpu_s=1800, wall_s=3600, file_bytes=2**28)


@dataclass(frozen=True, slots=True, kw_only=True)
class Storyboard:
    """One sheet of small frames, row by row, one for every `interval_s` from 0."""

    path: Path
    columns: int
    rows: int
    tile_count: int
    interval_s: float
    tile_width_px: int
    tile_height_px: int


def make_poster(path: Path, out_dir: Path, tools: Tools, info: MediaInfo, *, nice: int = 0) -> Path:
    """Return a JPEG of at most 20 KB, up to 640 px wide, of a typical early frame.

    Raises MediaFailed when not one frame can be decoded.
    """
    frame_path = out_dir / "poster.png"
    start_s = min(info.duration_s / 10, 30.0)
    try:
        _draw(_poster_output(path, info, frame_path, start_s), tools, nice)
    except ToolsMissing:
        raise
    except MediaFailed:
        frame_path.unlink(missing_ok=True)
    if not frame_path.is_file():  # nothing there to seek to: the first frame, then
        _draw(_poster_output(path, info, frame_path, 0.0), tools, nice)
    if not frame_path.is_file():
        raise MediaFailed("no frame for a poster")
    with Image.open(frame_path) as frame:
        return save_within(frame.convert("RGB"), out_dir / "poster.jpg", POSTER_BYTES)


def make_storyboard(
    path: Path, out_dir: Path, tools: Tools, info: MediaInfo, *, nice: int = 0
) -> Storyboard:
    """Return a sheet of at most 100 frames, from one key frame for each.

    Only what is shorter than a minute may be decoded whole.

    Raises MediaFailed.
    """
    interval_s = max(SHORTEST_INTERVAL_S, math.ceil(info.duration_s / MOST_TILES * 2) / 2)
    tile_count = max(1, min(MOST_TILES, math.ceil(info.duration_s / interval_s)))
    columns = min(COLUMN_COUNT, tile_count)
    board = Storyboard(
        path=out_dir / "storyboard.webp",
        columns=columns,
        rows=math.ceil(tile_count / columns),
        tile_count=tile_count,
        interval_s=interval_s,
        tile_width_px=TILE_WIDTH_PX,
        tile_height_px=max(2, round(TILE_WIDTH_PX * info.height_px / info.width_px / 2) * 2),
    )
    sheet_path = out_dir / "storyboard.png"
    for options in _ways_of_reading(info, interval_s):
        try:
            _draw(_sheet(path, info, board, options, sheet_path), tools, nice)
        except ToolsMissing:
            raise
        except MediaFailed:
            sheet_path.unlink(missing_ok=True)
        if sheet_path.is_file():
            with Image.open(sheet_path) as sheet:
                save_within(sheet.convert("RGB"), board.path, STORYBOARD_BYTES)
            return board
    raise MediaFailed("no frame for a storyboard")


def _ways_of_reading(info: MediaInfo, interval_s: float) -> list[dict[str, str]]:
    """Return the options of ffmpeg's input to try, the cheapest first."""
    # A short one may have a single key frame, and costs little.
    has_keys = 0 < info.key_gap_s <= interval_s or info.duration_s > DECODED_WHOLE_S
    if not has_keys:
        return [{}]
    keys = {"skip_frame": "nokey"}
    # Of each interval the first key frame alone is decoded: phones write one every second. Older
    # versions of ffmpeg cannot leave out packets.
    is_next = "key*gte(pts*tb,ld(0))"
    drop = f"if({is_next},0*st(0,{interval_s}*(1+floor(pts*tb/{interval_s}))),1)"
    first_of_each = {"bsf:v": f"noise=drop={drop}".replace(",", "\\,")}
    return [{**keys, **first_of_each}, keys]


def _sheet(
    path: Path, info: MediaInfo, board: Storyboard, options: dict[str, str], sheet_path: Path
) -> Node:
    picture = open_source(path, **options)[str(info.video_index)]
    picture = (
        # pass: a lone last frame is kept too.
        picture.filter("fps", fps=f"1/{board.interval_s}", start_time=0, eof_action="pass")
        .filter("scale", board.tile_width_px, board.tile_height_px)
        .filter("tpad", stop=board.tile_count, stop_mode="clone")
        .filter("tile", f"{board.columns}x{board.rows}", nb_frames=board.tile_count)
    )
    return _one_image(picture, sheet_path)


def _poster_output(path: Path, info: MediaInfo, frame_path: Path, start_s: float) -> Node:
    width_px = min(POSTER_WIDTH_PX, info.width_px)
    height_px = max(2, round(width_px * info.height_px / info.width_px))
    keys = {"skip_frame": "nokey"} if 0 < info.key_gap_s <= POSTER_KEY_GAP_S else {}
    picture = open_source(path, ss=f"{start_s:.3f}", t=10, **keys)[str(info.video_index)]
    picture = picture.filter("scale", width_px, height_px).filter("setsar", 1)
    return _one_image(picture.filter("thumbnail", POSTER_LOOK_FRAMES), frame_path)


def _one_image(picture: Node, out_path: Path) -> Node:
    options = {"frames:v": 1, "update": 1, "f": "image2", "c:v": "png", "map_metadata": -1}
    return ffmpeg.output(picture.filter("format", "rgb24"), str(out_path), **options)


def _draw(output: Node, tools: Tools, nice: int) -> None:
    run_ffmpeg(
        compiled(output, tools.ffmpeg),
        Limits(nice=nice, cpu_s=LIMITS.cpu_s, wall_s=LIMITS.wall_s, file_bytes=LIMITS.file_bytes),
    )
