"""Original + stretch → one part per rendition, in one run of ffmpeg that decodes once."""

from collections.abc import Callable
from pathlib import Path

import ffmpeg

from media_pipeline.errors import StretchEmpty
from media_pipeline.ladder import RenditionSpec
from media_pipeline.parts import HLS_OUTPUT, TIMELINE_START_S, MadePart, cut_part, read_listing
from media_pipeline.picture import scaled, steady_picture
from media_pipeline.plan import SEGMENT_S, StretchSpec
from media_pipeline.probe import MediaInfo
from media_pipeline.run import Finished, Limits, Progress, run_ffmpeg
from media_pipeline.source import THREAD_COUNT, Node, compiled, open_source
from media_pipeline.tools import Tools, has_filter

# Containers whose seeking does not know key frames: read from this much before the start.
BLIND_SEEK = ("mpegts", "mpeg", "flv", "asf")
LEAD_S = 12.0
BUFFER_S = 1.5  # how long a rendition may stay above its cap
MUX_ALLOWANCE = 4  # a file may be this many times its cap before something is wrong


def encode_stretch(  # noqa: PLR0913  # the interface agreed with the handlers
    path: Path,
    stretch: StretchSpec,
    ladder: tuple[RenditionSpec, ...],
    out_dir: Path,
    tools: Tools,
    info: MediaInfo,
    *,
    on_progress: Callable[[float], None],
    nice: int = 0,
) -> list[MadePart]:
    """Encode one stretch as every rendition of `ladder` (tallest first) into `out_dir`.

    `on_progress` gets the share that is done, 0 to 1, several times a second; what it raises stops
    ffmpeg and goes on up. Every part has the stretch's whole length: where the original ends early
    its last frame stands still, and `padded_s` says for how long.

    Raises StretchEmpty when there is not one frame, MediaFailed and its kinds otherwise.
    """
    frame_count = frames_of(stretch, ladder[0])

    def tell(progress: Progress) -> None:
        on_progress(min(1.0, progress.frame_count / frame_count))

    argv = stretch_command(path, stretch, ladder, out_dir, tools, info)
    finished = run_ffmpeg(argv, _limits(stretch, ladder, nice), on_tick=tell)
    missing_count = _missing_frames(finished, frame_count)
    padded_s = round(missing_count / ladder[0].fps, 3)
    return [_made(out_dir, stretch, spec, padded_s) for spec in ladder]


def frames_of(stretch: StretchSpec, spec: RenditionSpec) -> int:
    """Return exactly how many frames a part has: one more would overlap the next part."""
    return max(1, round(stretch.duration_s * spec.fps))


def stretch_command(
    path: Path,
    stretch: StretchSpec,
    ladder: tuple[RenditionSpec, ...],
    out_dir: Path,
    tools: Tools,
    info: MediaInfo,
) -> list[str]:
    """Return the ffmpeg argv that encodes one stretch as every rendition, tallest first."""
    is_blind = any(name in BLIND_SEEK for name in info.container.split(","))
    lead_s = min(stretch.start_s, LEAD_S) if is_blind else 0.0
    # noaccurate_seek: frames before the start are kept, for the `fps` filter to choose from.
    source = open_source(path, noaccurate_seek=None, ss=f"{stretch.start_s - lead_s:.3f}")
    top = ladder[0]
    needs_mapping = info.is_hdr and has_filter(tools, "zscale")
    counted, picture = _split(steady_picture(source, info, fps=top.fps, lead_s=lead_s))
    picture = picture.filter("tpad", stop=-1, stop_mode="clone")
    outputs = [_counting_output(counted, frames_of(stretch, top))]
    fps = top.fps
    for spec in ladder:
        if spec.fps != fps:
            picture, fps = picture.filter("fps", fps=spec.fps, start_time=0), spec.fps
        # Scaled from the rendition above: a third less work than each from the original.
        picture = scaled(picture, spec, is_hdr=needs_mapping and spec is top)
        branch = (picture, picture)
        if spec is not ladder[-1]:
            branch = _split(picture)
        outputs.append(_part_output(branch[0], stretch, spec, out_dir))
        picture = branch[1]
    return compiled(ffmpeg.merge_outputs(*outputs), tools.ffmpeg)


def _split(picture: Node) -> tuple[Node, Node]:
    branches = picture.filter_multi_output("split")
    return branches[0], branches[1]


def _counting_output(picture: Node, frame_count: int) -> Node:
    """Count the frames that are really there, before padding: `frame=` is of the first output."""
    # wrapped_avframe: nothing is encoded or copied.
    options = {"c:v": "wrapped_avframe", "frames:v": frame_count, "f": "null"}
    return ffmpeg.output(picture, "-", **options)


def _part_output(picture: Node, stretch: StretchSpec, spec: RenditionSpec, out_dir: Path) -> Node:
    """Describe the file of one rendition."""
    options: dict[str, str | int | float] = {
        **HLS_OUTPUT,
        "hls_segment_filename": str(_stream_path(out_dir, stretch, spec)),
        "c:v": "libx264",
        "preset": "veryfast",
        "profile:v": "high",
        "crf": spec.crf,
        "maxrate": spec.max_bps,
        "bufsize": int(spec.max_bps * BUFFER_S),
        "threads": THREAD_COUNT,
        # No key frames but the forced ones, on segment boundaries.
        "g": round(spec.fps * SEGMENT_S),
        "sc_threshold": 0,
        "force_key_frames": f"expr:gte(t,n_forced*{SEGMENT_S})",
        "frames:v": frames_of(stretch, spec),
        "output_ts_offset": f"{TIMELINE_START_S + stretch.start_s:.3f}",
    }
    return ffmpeg.output(picture, str(_playlist_path(out_dir, stretch, spec)), **options)


def _playlist_path(out_dir: Path, stretch: StretchSpec, spec: RenditionSpec) -> Path:
    return out_dir / f"{spec.name}-{stretch.number}.m3u8"


def _stream_path(out_dir: Path, stretch: StretchSpec, spec: RenditionSpec) -> Path:
    return out_dir / f"{spec.name}-{stretch.number}.stream"


def _limits(stretch: StretchSpec, ladder: tuple[RenditionSpec, ...], nice: int) -> Limits:
    """A hundred times real time at most: far above any honest stretch on a slow machine."""
    most_s = int(600 + 100 * stretch.duration_s)
    file_bytes = int(max(s.max_bps for s in ladder) * stretch.duration_s / 8) * MUX_ALLOWANCE
    return Limits(nice=nice, cpu_s=most_s, wall_s=2 * most_s, file_bytes=file_bytes + 2**24)


def _missing_frames(finished: Finished, frame_count: int) -> int:
    found_count = finished.progress.frame_count
    if not found_count:
        raise StretchEmpty("\n".join(finished.error_lines))
    return max(0, frame_count - found_count)


def _made(out_dir: Path, stretch: StretchSpec, spec: RenditionSpec, padded_s: float) -> MadePart:
    listing = read_listing(_playlist_path(out_dir, stretch, spec))
    stream_path = _stream_path(out_dir, stretch, spec)
    part = cut_part(
        stream_path,
        listing,
        listing.segments,
        name=spec.name,
        number=stretch.number,
        start_s=stretch.start_s,
        out_path=stream_path.with_suffix(".m4s"),
        padded_s=padded_s,
    )
    stream_path.unlink()
    return part
