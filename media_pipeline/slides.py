"""Where the slides of a lecture change: found in its smallest rendition, from key frames.

The original is not decoded again. An hour is about nine hundred frames of 64×36 grey points; the
second of a change is then looked up in a few seconds around it.
"""

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from statistics import median

import ffmpeg

from media_pipeline.run import Limits, run_ffmpeg
from media_pipeline.source import compiled, open_source
from media_pipeline.tools import Tools

WIDTH_PX, HEIGHT_PX = 64, 36
FRAME_BYTES = WIDTH_PX * HEIGHT_PX
KEY_FRAME_S = 4.0  # the renditions' key frames stand on segment boundaries
FINE_FPS = 5
PLAINLY = 20  # of 255: a point that differs by less is noise
LEAST_CHANGE = 0.015  # of all points: another line of text is 0.025, a hand or cursor less
ABOVE_USUAL = 3.0  # times the median: where a camera moves all the time, nothing is a slide
SHORTEST_CHAPTER_S = 15.0
MOST_CHAPTERS = 30
LIMITS = Limits(cpu_s=600, wall_s=1800, file_bytes=2**28)


def find_slides(
    path: Path, out_dir: Path, tools: Tools, duration_s: float, *, nice: int = 0
) -> list[float]:
    """Return where chapters may begin, 0 first; nothing where slides do not change.

    `path` is a whole rendition on the pipeline's timeline. Raises MediaFailed.
    """
    coarse = _frames(path, out_dir, tools, nice=nice, keys_only=True)
    steps = choose_changes(changes(coarse), KEY_FRAME_S, duration_s)
    starts = [_refined(path, out_dir, tools, step * KEY_FRAME_S, nice) for step in steps]
    return [0.0, *starts] if starts else []


def changes(frames: Sequence[bytes]) -> list[float]:
    """Return the share of points in which each frame plainly differs from the one before it.

    Not the mean difference: another text on the same white slide changes few points, but these
    completely.
    """
    if not frames:
        return []
    differences = [
        sum(abs(a - b) > PLAINLY for a, b in zip(before, after, strict=True)) / len(after)
        for before, after in pairwise(frames)
    ]
    return [0.0, *differences]


def choose_changes(found: Sequence[float], step_s: float, duration_s: float) -> list[int]:
    """Return the frames at which a new slide stands, the plainest changes where there are many.

    None is nearer to another, to the beginning or to the end than a chapter is long.
    """
    if not found:
        return []
    least = max(LEAST_CHANGE, ABOVE_USUAL * median(found))
    apart_s = max(SHORTEST_CHAPTER_S, duration_s / MOST_CHAPTERS)
    kept: list[int] = []
    for number in sorted(range(len(found)), key=lambda each: (-found[each], each)):
        at_s = number * step_s
        if found[number] < least:
            break
        is_inside = apart_s / 2 <= at_s <= duration_s - apart_s / 2
        if is_inside and all(abs(at_s - each * step_s) >= apart_s for each in kept):
            kept.append(number)
    return sorted(kept)[: MOST_CHAPTERS - 1]


def _refined(path: Path, out_dir: Path, tools: Tools, seen_s: float, nice: int) -> float:
    """Return when the change is, to a fifth of a second: between two key frames."""
    begin_s = max(0.0, seen_s - KEY_FRAME_S)
    frames = _frames(path, out_dir, tools, nice=nice, span=(begin_s, KEY_FRAME_S + 0.4))
    found = changes(frames)
    if not found or max(found) < LEAST_CHANGE / 2:
        return seen_s
    return round(begin_s + found.index(max(found)) / FINE_FPS, 1)


def _frames(
    path: Path,
    out_dir: Path,
    tools: Tools,
    *,
    nice: int,
    keys_only: bool = False,
    span: tuple[float, float] | None = None,
) -> list[bytes]:
    """Decode small grey frames at even steps: key frames of all, or all frames of a span."""
    options: dict[str, str | float] = {"skip_frame": "nokey"} if keys_only else {}
    rate = f"1/{KEY_FRAME_S:g}"
    if span:
        options = {"ss": f"{span[0]:.3f}", "t": f"{span[1]:.3f}"}
        rate = str(FINE_FPS)
    grey_path = out_dir / "grey.raw"
    picture = (
        open_source(path, **options)["v:0"]
        .filter("fps", fps=rate, start_time=0, eof_action="pass")
        .filter("scale", WIDTH_PX, HEIGHT_PX, flags="area")
        .filter("format", "gray")
    )
    limits = Limits(
        nice=nice, cpu_s=LIMITS.cpu_s, wall_s=LIMITS.wall_s, file_bytes=LIMITS.file_bytes
    )
    output = ffmpeg.output(picture, str(grey_path), f="rawvideo")
    run_ffmpeg(compiled(output, tools.ffmpeg), limits)
    raw = grey_path.read_bytes() if grey_path.is_file() else b""
    grey_path.unlink(missing_ok=True)
    whole = len(raw) // FRAME_BYTES
    return [raw[n * FRAME_BYTES : (n + 1) * FRAME_BYTES] for n in range(whole)]
