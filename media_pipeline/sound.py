"""How loud a recording is, measured once, so that one constant gain serves all of it."""

import re
from pathlib import Path

import ffmpeg

from media_pipeline.errors import MediaFailed, ToolsMissing
from media_pipeline.probe import MediaInfo
from media_pipeline.run import Limits, run_ffmpeg
from media_pipeline.source import Node, compiled, open_source
from media_pipeline.tools import Tools

TARGET_LUFS = -18.0  # loud enough for a phone's speaker, with room for loud moments
MOST_GAIN_DB = 20.0
LEAST_GAIN_DB = -12.0
SILENCE_LUFS = -60.0
SAMPLE_S = 60
_LOUDNESS = re.compile(r"I:\s+(-?[\d.]+|-inf) LUFS")


def loudness_gain_db(path: Path, tools: Tools, info: MediaInfo, *, nice: int = 0) -> float:
    """Return the gain that brings a sample of the sound to TARGET_LUFS; 0 for silence.

    A sample that cannot be measured gives 0 too: plain sound is better than none.
    """
    argv = compiled(_measuring(path, info), tools.ffmpeg, log="info")
    try:
        lines = run_ffmpeg(argv, Limits(nice=nice, cpu_s=300, wall_s=600)).error_lines
    except ToolsMissing:
        raise
    except MediaFailed:
        return 0.0
    found = _LOUDNESS.findall("\n".join(lines))
    return gain_for(float(found[-1]) if found else SILENCE_LUFS)


def gain_for(loudness_lufs: float) -> float:
    """Return the gain for a measured loudness, within sensible bounds."""
    if loudness_lufs <= SILENCE_LUFS:
        return 0.0
    return round(min(MOST_GAIN_DB, max(LEAST_GAIN_DB, TARGET_LUFS - loudness_lufs)), 1)


def _measuring(path: Path, info: MediaInfo) -> Node:
    """Describe the measurement: a minute from where the lesson has begun."""
    start_s = min(info.duration_s / 10, 120.0)
    sound = open_source(path, ss=f"{start_s:.3f}", t=SAMPLE_S)[str(info.sound_index)]
    sound = sound.filter("aformat", channel_layouts="mono")  # as it will be heard
    return ffmpeg.output(sound.filter("ebur128", framelog="verbose"), "-", f="null")
