"""Bytes and VMAF of the pipeline's renditions beside those of a fixed ladder."""

import json
import statistics
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from benchmarks.rig.lectures import ffmpeg
from benchmarks.rig.runs import Lecture
from media_pipeline.encode import encode_stretch
from media_pipeline.ladder import RenditionSpec, choose_ladder
from media_pipeline.plan import SEGMENT_S, StretchSpec

EVERY_FRAMES = 7  # a seventh of the time; no multiple of it is a period of x264's kinds of frames
FIXED_CRF = 23


@dataclass(frozen=True, slots=True)
class Saving:
    """What content-aware rates do: bytes ÷ bytes, and the VMAF that is lost by it on average."""

    bytes_share: float
    vmaf_lost: float
    lowest_bps: float


def measure_saving(lecture: Lecture) -> Saving:
    """Encode a short recording both ways; renditions of one size and rate are compared.

    Of a rendition that the other ladder has not, only the bytes count.
    """
    ladder = lecture.ladder
    fixed_ladder = choose_ladder(replace(lecture.info, is_drawn=False))
    ours = dict(zip(ladder, _ours(lecture), strict=True))
    fixed = dict(zip(fixed_ladder, _fixed(lecture, fixed_ladder), strict=True))
    lost = [
        _vmaf(lecture, fixed[other]) - _vmaf(lecture, ours[spec])
        for spec in ladder
        for other in fixed_ladder
        if (spec.name, spec.fps) == (other.name, other.fps)
    ]
    lowest_bytes = ours[ladder[-1]].stat().st_size
    return Saving(
        bytes_share=_size(ours.values()) / _size(fixed.values()),
        vmaf_lost=statistics.mean(lost),
        lowest_bps=lowest_bytes * 8 / lecture.info.duration_s,
    )


def _size(paths: Iterable[Path]) -> int:
    return sum(path.stat().st_size for path in paths)


def _ours(lecture: Lecture) -> list[Path]:
    """Encode as one stretch, so that every rendition is one file."""
    length_s = lecture.info.duration_s
    whole = StretchSpec(number=0, start_s=0.0, duration_s=length_s, is_last=True)
    parts = encode_stretch(
        lecture.path,
        whole,
        lecture.ladder,
        lecture.out_dir,
        lecture.tools,
        lecture.info,
        on_progress=lambda _: None,
    )
    return [part.path for part in parts]


def _fixed(lecture: Lecture, ladder: tuple[RenditionSpec, ...]) -> list[Path]:
    """Encode in one cascade with x264's own settings and the ladder of filmed pictures."""
    graph, outputs, above, paths = [], [], "0:v", []
    for number, spec in enumerate(ladder):
        size = f"scale={spec.width_px}:{spec.height_px},format=yuv420p"
        graph.append(f"[{above}]fps={spec.fps},{size},split[out{number}][next{number}]")
        above = f"next{number}"
        paths.append(lecture.out_dir / f"fixed {spec.name}.mp4")
        outputs += ["-map", f"[out{number}]", *_plain(spec), str(paths[-1])]
    graph.append(f"[{above}]nullsink")
    ffmpeg("-i", str(lecture.path), "-filter_complex", ";".join(graph), *outputs)
    return paths


def _plain(spec: RenditionSpec) -> list[str]:
    rates = ["-crf", str(FIXED_CRF), "-maxrate", str(spec.max_bps)]
    rates += ["-bufsize", str(spec.max_bps * 3 // 2)]
    keys = ["-g", str(round(spec.fps * SEGMENT_S)), "-sc_threshold", "0"]
    return ["-c:v", "libx264", "-preset", "veryfast", "-profile:v", "high", *rates, *keys]


def _vmaf(lecture: Lecture, made: Path) -> float:
    """Return the mean VMAF as seen on a screen of 1080 lines."""
    info, log = lecture.info, made.with_suffix(".json")
    shape = "1920:1080" if info.width_px >= info.height_px else "1080:1920"
    seen = f"setpts=PTS-STARTPTS,fps={lecture.ladder[0].fps},scale={shape}:flags=bicubic"
    ways = ";".join(f"[{n}:v]{seen},format=yuv420p[{n}v]" for n in (0, 1))
    options = f"n_threads=2:n_subsample={EVERY_FRAMES}:log_fmt=json:log_path={log.name}"
    measured = f"{ways};[0v][1v]libvmaf={options}"
    nothing = ["-an", "-f", "null", "-"]
    ffmpeg(
        "-i", str(made), "-i", str(lecture.path), "-lavfi", measured, *nothing, folder=log.parent
    )
    return float(json.loads(log.read_text())["pooled_metrics"]["vmaf"]["mean"])
