"""How loud a recording is, measured once, so that one constant gain serves all of it."""

import re
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import ffmpeg

from media_pipeline.errors import MediaFailed, ToolsMissing
from media_pipeline.probe import MediaInfo
from media_pipeline.run import Limits, run_ffmpeg
from media_pipeline.source import Node, compiled, open_source
from media_pipeline.tools import Tools

SOUND_HZ = 32_000  # speech and more; 4 s are a whole number of AAC frames, so segments align
# EBU R 128 s2 and AES TD1008 put streams between -20 and -16 LUFS: the loud end, because lessons
# are heard from a phone's speaker.
TARGET_LUFS = -16.0
# Samples are held this far below full scale, so that what lies between them, and what the encoder
# adds, stays below -1.5 dBTP.
CEILING_DB = -4.5
MOST_MADE_UP_DB = 3.0  # more would press the words flat
MOST_GAIN_DB = 30.0  # more only lifts the noise of the room
LEAST_GAIN_DB = -24.0
SILENCE_LUFS = -60.0
PLACE_COUNT = 6  # each opens the file once more, with its whole index
PLACE_S = 10.0
FAINT_LUFS = -30.0  # perhaps only the mix is faint: two channels that cancel each other
CANCELLING_LU = 9.0  # a channel this much louder than the mix of both
_LOUDNESS = re.compile(r"I:\s+(-?[\d.]+|-inf) LUFS")


@dataclass(frozen=True, slots=True, kw_only=True)
class Levelling:
    """What makes a recording as loud as every other: one gain, for all of it."""

    gain_db: float = 0.0
    is_left_only: bool = False  # a wrongly wired microphone: the channels cancel each other


def measure_levelling(path: Path, tools: Tools, info: MediaInfo, *, nice: int = 0) -> Levelling:
    """Return what brings the sound to TARGET_LUFS (EBU R128); no gain for silence.

    A minute is measured, in many places where the recording is longer. What cannot be measured
    is left as it is: plain sound is better than none.

    Raises ToolsMissing.
    """
    measure = partial(_loudness_lufs, path, tools, info, nice)
    loudness_lufs, is_left_only = measure(Levelling()), False
    if info.channel_count == 2 and loudness_lufs < FAINT_LUFS:  # noqa: PLR2004  # stereo
        left_lufs = measure(Levelling(is_left_only=True))
        is_left_only = left_lufs > loudness_lufs + CANCELLING_LU
        loudness_lufs = left_lufs if is_left_only else loudness_lufs
    levelling = Levelling(gain_db=gain_for(loudness_lufs), is_left_only=is_left_only)
    if not levelling.gain_db:
        return levelling
    return replace(levelling, gain_db=made_up_db(levelling.gain_db, measure(levelling)))


def gain_for(loudness_lufs: float) -> float:
    """Return the gain for a measured loudness, within sensible bounds."""
    if loudness_lufs <= SILENCE_LUFS:
        return 0.0
    return round(min(MOST_GAIN_DB, max(LEAST_GAIN_DB, TARGET_LUFS - loudness_lufs)), 1)


def made_up_db(gain_db: float, reached_lufs: float) -> float:
    """Return the gain with what holding the peaks took away: spoken words are full of them."""
    taken_db = min(MOST_MADE_UP_DB, max(0.0, TARGET_LUFS - reached_lufs))
    return round(min(MOST_GAIN_DB, gain_db + taken_db), 1)


def one_voice(sound: Node, levelling: Levelling) -> Node:
    """Mix every channel into one, as it is measured and as it is heard."""
    if levelling.is_left_only:
        sound = sound.filter("channelmap", map="0", channel_layout="mono")
    return sound.filter("aformat", channel_layouts="mono", sample_rates=SOUND_HZ)


def levelled(sound: Node, levelling: Levelling) -> Node:
    """Apply the gain; loud moments are held below the ceiling, so that they never clip."""
    if levelling.gain_db:
        sound = sound.filter("volume", f"{levelling.gain_db:.1f}dB", precision="float")
    ceiling = round(10 ** (CEILING_DB / 20), 3)
    return sound.filter("alimiter", limit=ceiling, level="disabled", latency="true")


def places_to_measure(duration_s: float) -> tuple[float, ...]:
    """Return where samples of PLACE_S begin, evenly spread; (0,) for what is measured whole."""
    if duration_s <= PLACE_COUNT * PLACE_S:
        return (0.0,)
    step_s = duration_s / PLACE_COUNT
    return tuple(round((number + 0.5) * step_s - PLACE_S / 2, 3) for number in range(PLACE_COUNT))


def _loudness_lufs(
    path: Path, tools: Tools, info: MediaInfo, nice: int, levelling: Levelling
) -> float:
    """Return the integrated loudness of the places together; silence where it cannot be told."""
    argv = compiled(_measuring(path, info, levelling), tools.ffmpeg, log="info")
    try:
        lines = run_ffmpeg(argv, Limits(nice=nice, cpu_s=300, wall_s=600)).error_lines
    except ToolsMissing:
        raise
    except MediaFailed:
        return SILENCE_LUFS
    found = _LOUDNESS.findall("\n".join(lines))
    return float(found[-1]) if found else SILENCE_LUFS


def _measuring(path: Path, info: MediaInfo, levelling: Levelling) -> Node:
    """Describe the measurement: samples from all over, joined, so that silences do not count."""
    starts_s = places_to_measure(info.duration_s)
    length_s = PLACE_S if len(starts_s) > 1 else PLACE_COUNT * PLACE_S
    samples = [
        one_voice(
            open_source(path, ss=f"{start_s:.3f}", t=length_s)[str(info.sound_index)],
            levelling,
        )
        for start_s in starts_s
    ]
    joined = ffmpeg.concat(*samples, v=0, a=1) if len(samples) > 1 else samples[0]
    joined = levelled(joined, levelling) if levelling.gain_db else joined
    return ffmpeg.output(joined.filter("ebur128", framelog="verbose"), "-", f="null")
