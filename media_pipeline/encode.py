"""Original + stretch → one part per rendition, in one run of ffmpeg that decodes once."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import ffmpeg

from media_pipeline.coding import DRAWN, FILMED, H264
from media_pipeline.drawn import is_drawn
from media_pipeline.errors import StretchEmpty
from media_pipeline.ladder import RenditionSpec
from media_pipeline.parts import HLS_OUTPUT, TIMELINE_START_S, MadePart, cut_part, read_listing
from media_pipeline.picture import fitted, scaled, steady_picture
from media_pipeline.plan import StretchSpec
from media_pipeline.probe import MediaInfo
from media_pipeline.run import Finished, Limits, Progress, run_ffmpeg
from media_pipeline.source import Node, compiled, open_source
from media_pipeline.tools import Tools, has_filter

# Containers whose seeking does not know key frames: read from this much before the start.
BLIND_SEEK = ("mpegts", "mpeg", "flv", "asf")
LEAD_S = 12.0
WORTH_A_LOOK_S = 16.0  # a shorter stretch is coded as its asset is
FEW_OF = 4  # recorders put at most two frames that nothing needs between others
# What H.264's decoder says of bytes that are wrong, not of a start between key frames.
DAMAGE = ("error while decoding MB", "Invalid NAL unit size", "corrupted macroblock")
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
    if len(ladder) > 1 and stretch.duration_s >= WORTH_A_LOOK_S:
        ladder = _coded(path, stretch, ladder, out_dir, tools, info)

    def tell(progress: Progress) -> None:
        on_progress(min(1.0, progress.frame_count / frame_count))

    argv = stretch_command(path, stretch, ladder, out_dir, tools, info)
    finished = run_ffmpeg(argv, _limits(stretch, ladder, nice), on_tick=tell)
    missing_count = _missing_frames(finished, frame_count)
    padded_s = round(missing_count / ladder[0].fps, 3)
    is_damaged = any(sign in line for line in finished.error_lines for sign in DAMAGE)
    made = [_made(out_dir, stretch, spec) for spec in ladder]
    return [replace(part, padded_s=padded_s, is_damaged=is_damaged) for part in made]


def encode_hole(  # noqa: PLR0913  # as encode_stretch
    stand_in: Path | None,
    stretch: StretchSpec,
    ladder: tuple[RenditionSpec, ...],
    out_dir: Path,
    tools: Tools,
    *,
    on_progress: Callable[[float], None],
    nice: int = 0,
) -> list[MadePart]:
    """Make parts for a stretch whose picture cannot be read, exactly as long as it.

    They show `stand_in`, a part of another rendition, or nothing but black. So players find every
    rendition without a gap, and the sound goes on. Raises MediaFailed and its kinds.
    """
    top = ladder[0]
    if stand_in is None:
        black = f"color=black:size={top.width_px}x{top.height_px}:rate={top.fps}"
        picture = ffmpeg.input(black, f="lavfi")
    else:
        picture = open_source(stand_in)["v:0"].filter("fps", fps=top.fps, start_time=0)
        picture = picture.filter("tpad", stop=-1, stop_mode="clone")
    picture = scaled(picture, top, has_zimg=False)
    outputs = _part_outputs(picture, stretch, ladder, out_dir, has_zimg=has_filter(tools, "zscale"))
    argv = compiled(ffmpeg.merge_outputs(*outputs), tools.ffmpeg)
    frame_count = frames_of(stretch, top)
    run_ffmpeg(
        argv,
        _limits(stretch, ladder, nice),
        on_tick=lambda progress: on_progress(min(1.0, progress.frame_count / frame_count)),
    )
    return [_made(out_dir, stretch, spec) for spec in ladder]


def encode_piece(  # noqa: PLR0913  # as encode_stretch
    segment: Path,
    stretch: StretchSpec,
    spec: RenditionSpec,
    out_dir: Path,
    tools: Tools,
    *,
    skipped: int,
    nice: int = 0,
) -> MadePart:
    """Encode frames of one of our own segments again, from the frame after `skipped`.

    Raises MediaFailed and its kinds.
    """
    picture = open_source(segment)["v:0"].filter("fps", fps=spec.fps, start_time=0)
    picture = picture.filter("trim", start_frame=skipped).filter("setpts", "PTS-STARTPTS")
    picture = scaled(picture.filter("tpad", stop=-1, stop_mode="clone"), spec, has_zimg=False)
    outputs = _part_outputs(picture, stretch, (spec,), out_dir, has_zimg=False)
    run_ffmpeg(compiled(outputs[0], tools.ffmpeg), _limits(stretch, (spec,), nice))
    return _made(out_dir, stretch, spec)


def _coded(
    path: Path,
    stretch: StretchSpec,
    ladder: tuple[RenditionSpec, ...],
    out_dir: Path,
    tools: Tools,
    info: MediaInfo,
) -> tuple[RenditionSpec, ...]:
    """Return the ladder with the coding that suits this stretch: lessons have slides and faces."""
    if not isinstance(ladder[0].coding, H264):
        return ladder
    found = is_drawn(
        path, tools, info, out_dir, start_s=stretch.start_s, duration_s=stretch.duration_s
    )
    return tuple(replace(spec, coding=DRAWN if found else FILMED) for spec in ladder)


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
    top = ladder[0]
    seek = _seek(stretch.start_s - lead_s)
    source = open_source(path, reinit_filter=0, **seek, **_skipping(info, top.fps))
    has_zimg = has_filter(tools, "zscale")
    counted, picture = _split(steady_picture(source, info, fps=top.fps, lead_s=lead_s))
    picture = picture.filter("tpad", stop=-1, stop_mode="clone")
    picture = fitted(picture, info, top, has_zimg=has_zimg, is_hdr=info.is_hdr and has_zimg)
    outputs = _part_outputs(picture, stretch, ladder, out_dir, has_zimg=has_zimg)
    counting = _counting_output(counted, frames_of(stretch, top))
    return compiled(ffmpeg.merge_outputs(counting, *outputs), tools.ffmpeg)


def _part_outputs(
    picture: Node,
    stretch: StretchSpec,
    ladder: tuple[RenditionSpec, ...],
    out_dir: Path,
    *,
    has_zimg: bool,
) -> list[Node]:
    """Describe the file of every rendition, each scaled from the one above.

    That is a third less work than each from the original. `picture` has the top one's size.
    """
    fps = ladder[0].fps
    outputs = []
    for spec in ladder:
        if spec.fps != fps:
            picture, fps = picture.filter("fps", fps=spec.fps, start_time=0), spec.fps
        if spec is not ladder[0]:
            picture = scaled(picture, spec, has_zimg=has_zimg)
        branch = (picture, picture)
        if spec is not ladder[-1]:
            branch = _split(picture)
        outputs.append(_part_output(branch[0], stretch, spec, out_dir))
        picture = branch[1]
    return outputs


def _seek(to_s: float) -> dict[str, str | None]:
    """Return the options that go to a moment; at 0 none: some files lose their first picture."""
    # noaccurate_seek: frames before the start are kept, for the `fps` filter to choose from.
    return {"noaccurate_seek": None, "ss": f"{to_s:.3f}"} if to_s > 0 else {}


def _skipping(info: MediaInfo, fps: float) -> dict[str, str]:
    """Return the option that leaves out frames on which no other depends: up to half the decoding.

    Only for a rendition of few frames a second: what is left is enough for it. Of an unsteady rate
    such a frame may be the one that stands for a minute.
    """
    is_enough = info.has_steady_rate and info.fps >= FEW_OF * fps
    return {"skip_frame": "noref"} if is_enough else {}


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
        **spec.coding.options(max_bps=spec.max_bps, fps=spec.fps),
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


def _made(out_dir: Path, stretch: StretchSpec, spec: RenditionSpec) -> MadePart:
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
    )
    stream_path.unlink()
    return part
