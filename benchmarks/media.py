"""CPU of encoding: our stretches beside one bare ffmpeg, and beside one ffmpeg per rendition."""

import resource
import subprocess
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from media_pipeline.encode import encode_stretch
from media_pipeline.growing import encode_sound, remux_picture
from media_pipeline.ladder import RenditionSpec, choose_ladder
from media_pipeline.plan import plan_stretches
from media_pipeline.probe import MediaInfo, probe_file
from media_pipeline.tools import find_tools

TOOLS = find_tools()
LENGTH_S = 28


def run() -> list[dict[str, object]]:
    """Encode a generated 28 s clip of 1080p in several ways; CPU seconds of the children."""
    with tempfile.TemporaryDirectory() as folder:
        out_dir = Path(folder)
        clip = _clip(out_dir / "lecture.mp4")
        info = probe_file(clip, TOOLS)
        ladder = choose_ladder(info)
        apart_s = sum(cpu_of(partial(_bare, clip, (spec,), out_dir)) for spec in ladder)
        bare_s = cpu_of(lambda: _bare(clip, ladder, out_dir))
        ours_s = cpu_of(lambda: _stretches(clip, ladder, info, out_dir))
        first_s = cpu_of(lambda: _stretches(clip, ladder[-1:], info, out_dir))
        rest_s = cpu_of(lambda: _stretches(clip, ladder[:-1], info, out_dir))
        sound_s = cpu_of(lambda: _grow(encode_sound, clip, info, out_dir))
        remux_s = cpu_of(lambda: _grow(remux_picture, clip, info, out_dir))
    in_order = (first_s + rest_s) / ours_s
    return [
        _figure("stretches beside one bare run of the same renditions", ours_s / bare_s, 1.15),
        _figure("stretches beside one bare run per rendition", ours_s / apart_s, 0.85),
        _figure("lowest first, then the rest, beside all at once", in_order, 1.35),
        _figure("all renditions, CPU s per s of lecture", ours_s / LENGTH_S, None),
        _figure("sound, CPU s per s of lecture", sound_s / LENGTH_S, 0.05),
        _figure("remux, CPU s per s of lecture", remux_s / LENGTH_S, 0.02),
    ]


def _figure(name: str, value: float, bar: float | None) -> dict[str, object]:
    holds = bar is None or value <= bar
    return {"figure": name, "value": round(value, 3), "unit": "×", "bar": bar, "holds": holds}


def cpu_of(work: Callable[[], object]) -> float:
    """Return the CPU seconds that child processes took."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    work()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def _clip(path: Path) -> Path:
    """Make a lecture: a still page with a small moving picture, and a voice-like tone."""
    page = f"color=0x101830:size=1920x1080:rate=30:duration={LENGTH_S}"
    moving = f"testsrc2=size=480x270:rate=30:duration={LENGTH_S}"
    tone = f"sine=frequency=220:duration={LENGTH_S}"
    sources = [word for source in (page, moving, tone) for word in ("-f", "lavfi", "-i", source)]
    drawn = ["-filter_complex", "[0][1]overlay=1400:780", "-g", "60", "-pix_fmt", "yuv420p"]
    _ffmpeg(*sources, *drawn, "-c:v", "libx264", "-preset", "ultrafast", "-c:a", "aac", str(path))
    return path


def _stretches(
    clip: Path, ladder: tuple[RenditionSpec, ...], info: MediaInfo, out_dir: Path
) -> None:
    for stretch in plan_stretches(info.duration_s):
        encode_stretch(clip, stretch, ladder, out_dir, TOOLS, info, on_progress=lambda _share: None)


def _grow(encode: Callable[..., Any], clip: Path, info: MediaInfo, out_dir: Path) -> None:
    encode(clip, out_dir, TOOLS, info, on_part=lambda _part: None, on_progress=lambda _share: None)


def _bare(clip: Path, ladder: tuple[RenditionSpec, ...], out_dir: Path) -> None:
    """Encode whole renditions without parts or limits, scaled one from the other."""
    graph, outputs, above = [], [], "0:v"
    for number, spec in enumerate(ladder):
        size = f"fps={spec.fps},scale={spec.width_px}:{spec.height_px},split"
        graph.append(f"[{above}]{size}[out{number}][next{number}]")
        above = f"next{number}"
        outputs += ["-map", f"[out{number}]", "-c:v", "libx264", "-preset", "veryfast"]
        outputs += ["-crf", str(spec.crf), "-maxrate", str(spec.max_bps)]
        outputs += ["-bufsize", str(spec.max_bps * 3 // 2), str(out_dir / f"bare{number}.mp4")]
    graph.append(f"[{above}]nullsink")
    _ffmpeg("-i", str(clip), "-filter_complex", ";".join(graph), *outputs)


def _ffmpeg(*options: str) -> None:
    subprocess.run([TOOLS.ffmpeg, "-v", "error", "-nostdin", "-y", *options], check=True)
