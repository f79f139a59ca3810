"""How loud a recording is from moment to moment: what the time bar of a lesson in sound shows."""

import base64
import json
from dataclasses import dataclass
from pathlib import Path

import ffmpeg

from media_pipeline.errors import MediaFailed
from media_pipeline.probe import MediaInfo
from media_pipeline.run import Limits, run_ffmpeg
from media_pipeline.source import Node, compiled, open_source
from media_pipeline.tools import Tools

PEAK_HZ = 8_000  # enough to see where somebody speaks, a sixth of the samples
PEAK_COUNT = 1_000  # more than a phone's time bar has pixels
SHORTEST_SAMPLES = 80  # 10 ms
LOUDEST = 255
FAINTEST_DB = -60.0
LIMITS = Limits(cpu_s=1800, wall_s=3600, file_bytes=2**24)
_PEAK = "lavfi.astats.Overall.Peak_level"


@dataclass(frozen=True, slots=True, kw_only=True)
class Waveform:
    """The file with the peaks: `peak_count` of them, one for every `interval_s` from 0."""

    path: Path
    peak_count: int
    interval_s: float


def make_waveform(
    path: Path, out_dir: Path, tools: Tools, info: MediaInfo, *, nice: int = 0
) -> Waveform:
    """Return about a thousand peaks of the sound as JSON of 2 KB, from one decode.

    The file holds `interval_s` and `peaks`: bytes as base64, 255 for the loudest moment of this
    recording. ffmpeg itself finds the peaks, so that memory does not grow with the length.

    Raises MediaFailed.
    """
    sample_count = max(SHORTEST_SAMPLES, round(info.duration_s * PEAK_HZ / PEAK_COUNT))
    log_path = out_dir / "peaks.txt"
    argv = compiled(_measuring(path, info, sample_count, log_path), tools.ffmpeg)
    limits = Limits(
        nice=nice, cpu_s=LIMITS.cpu_s, wall_s=LIMITS.wall_s, file_bytes=LIMITS.file_bytes
    )
    run_ffmpeg(argv, limits)
    peaks = scaled(_read_peaks_db(log_path)) if log_path.is_file() else b""
    if not peaks:
        raise MediaFailed("no sound for a waveform")
    interval_s = sample_count / PEAK_HZ
    made_path = out_dir / "waveform.json"
    plain = {"interval_s": interval_s, "peaks": base64.b64encode(peaks).decode()}
    made_path.write_text(json.dumps(plain))
    return Waveform(path=made_path, peak_count=len(peaks), interval_s=interval_s)


def scaled(peaks_db: list[float]) -> bytes:
    """Return one byte for each peak, 255 for the loudest of them; all 0 for silence."""
    loudest_db = max(peaks_db, default=FAINTEST_DB)
    if loudest_db <= FAINTEST_DB:
        return bytes(len(peaks_db))
    return bytes(round(LOUDEST * 10 ** ((peak_db - loudest_db) / 20)) for peak_db in peaks_db)


def _read_peaks_db(log_path: Path) -> list[float]:
    values = (line.partition("=") for line in log_path.read_text().splitlines())
    return [float(value) for key, _, value in values if key == _PEAK]


def _measuring(path: Path, info: MediaInfo, sample_count: int, log_path: Path) -> Node:
    """Describe the decode: frames as long as one step, and the peak of each written down."""
    # t: a file that is longer than it says must not fill the disk.
    sound = open_source(path, t=f"{info.duration_s:.3f}")[str(info.sound_index)]
    sound = (
        sound.filter("aresample", first_pts=0, **{"async": 1})  # gaps stay where they are
        .filter("aformat", channel_layouts="mono", sample_rates=PEAK_HZ)
        .filter("asetnsamples", sample_count)
        .filter("astats", metadata=1, reset=1, measure_perchannel="none",
                measure_overall="Peak_level")
        .filter("ametadata", "print", key=_PEAK, file=str(log_path))
    )  # fmt: skip
    return ffmpeg.output(sound, "-", f="null")
