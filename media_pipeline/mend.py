"""A copy of an original in which every moment can be found: one clock, an index, nothing else."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import ffmpeg

from media_pipeline.errors import MediaRejected
from media_pipeline.probe import MediaInfo, probe_file
from media_pipeline.run import Limits, Progress, run_ffmpeg
from media_pipeline.source import MOST_DRIFT_S, compiled, open_source
from media_pipeline.tools import Tools


def mend(
    path: Path,
    out_path: Path,
    tools: Tools,
    streams: tuple[int, ...],
    *,
    on_tick: Callable[[Progress], None],
    nice: int = 0,
) -> None:
    """Write the picture and the sound at these indexes of `path` to `out_path`.

    The picture is copied as it is, into NUT, which takes every codec and every damaged packet;
    Matroska stops at them. Read from the start to the end ffmpeg bends a clock that jumps, restarts
    or runs over into one line; read from the middle it cannot know of the jumps before. The sound
    is decoded, a thousand times faster than it is heard: where joined or damaged recordings change
    its rate or channels midway, filters begin anew and would lose count of the time.

    Raises MediaFailed and its kinds.
    """
    source = open_source(path, fflags="+genpts")  # recorders leave times out
    picture, *sounds = (source[str(index)] for index in streams)
    heard = [
        sound.filter("aresample", min_hard_comp=MOST_DRIFT_S, **{"async": 1}).filter(
            "aformat", channel_layouts="mono|stereo"
        )
        for sound in sounds
    ]
    options: dict[str, str | int] = {"c:v": "copy", "f": "nut"}
    if heard:
        options |= {"c:a": "flac", "compression_level": 0}
    output = ffmpeg.output(picture, *heard, str(out_path), **options)
    argv = compiled(output, tools.ffmpeg)
    limits = Limits(nice=nice, file_bytes=4 * path.stat().st_size + 2**30)
    run_ffmpeg(argv, limits, on_tick=on_tick)


def streams_of(info: MediaInfo) -> tuple[int, ...]:
    """Return which streams of an original are worth keeping."""
    return tuple(index for index in (info.video_index, info.sound_index) if index >= 0)


def probe_mended(
    mended_path: Path, info: MediaInfo, tools: Tools, *, max_duration_s: float
) -> MediaInfo:
    """Return the facts of a mended copy; what NUT does not tell is taken from `info`.

    Raises MediaRejected as `probe_file` does.
    """
    mended = probe_file(mended_path, tools, max_duration_s=max_duration_s)
    if mended.kind != info.kind:
        raise MediaRejected("broken_file", "no picture can be read")
    return replace(
        mended,
        mended_from=streams_of(info),
        is_interlaced=info.is_interlaced,
        fps=info.fps,
        missing_s=info.missing_s,
        chapters=info.chapters,
    )
