"""Sound and remux: one run each, whose closed segments become parts while it goes on."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import ffmpeg

from media_pipeline.errors import NothingThere, ProgramCrashed, RemuxUnfit
from media_pipeline.parts import (
    HLS_OUTPUT,
    TIMELINE_START_S,
    Listing,
    MadePart,
    Segment,
    cut_part,
    read_listing,
)
from media_pipeline.plan import RAMP_S, STRETCH_S
from media_pipeline.probe import MediaInfo
from media_pipeline.run import Limits, Progress, run_ffmpeg
from media_pipeline.sound import SOUND_HZ, Levelling, levelled, measure_levelling, one_voice
from media_pipeline.source import MOST_DRIFT_S, Node, compiled, open_source
from media_pipeline.tools import Tools

SOUND_NAME = "audio"
REMUX_NAME = "remux"
SOUND_BPS = 35_000  # the encoder takes a tenth more, and the fragments 1 kb/s: below 40 kb/s
CUTOFF_HZ = 9_000  # above it the encoder guesses noise at this rate, with peaks that clip
SOUND_OPTIONS: Mapping[str, str | int] = {"c:a": "aac", "b:a": SOUND_BPS, "cutoff": CUTOFF_HZ}
LONGEST_SEGMENT_S = 12.0  # of a remux: more between key frames makes seeking slow
NEARLY_S = 0.25  # segments of a remux end at key frames, so a part may be this much short

OnPart = Callable[[MadePart], None]
OnProgress = Callable[[float], None]


def encode_sound(  # noqa: PLR0913  # the interface agreed with the handlers
    path: Path,
    out_dir: Path,
    tools: Tools,
    info: MediaInfo,
    *,
    on_part: OnPart,
    on_progress: OnProgress,
    nice: int = 0,
) -> None:
    """Encode the sound in one run; call `on_part` for each part (4, 8, 16, then 32 s) as it closes.

    Parts arrive in order, always from number 0: after a crash the run starts again and gives the
    same parts. `on_progress` gets the share that is done, 0 to 1. What either raises stops ffmpeg
    and goes on up. Beside pictures the sound is made exactly as long as they are.

    Raises NothingThere when not one moment can be heard, MediaFailed and its kinds.
    """
    cutter = _Cutter(SOUND_NAME, out_dir, on_part)
    levelling = measure_levelling(path, tools, info, nice=nice)
    argv = compiled(_sound_output(path, info, levelling, cutter), tools.ffmpeg)
    _run_growing(argv, cutter, info, on_progress, nice)


def make_silence(  # noqa: PLR0913  # the same shape as encode_sound
    out_dir: Path,
    tools: Tools,
    info: MediaInfo,
    *,
    number: int,
    start_s: float,
    on_part: OnPart,
    on_progress: OnProgress,
    nice: int = 0,
) -> None:
    """Make silent sound parts from part `number`, at `start_s`, to the end of the picture.

    Without them players wait for ever where the sound ends. Raises MediaFailed and its kinds.
    """
    cutter = _Cutter(SOUND_NAME, out_dir, on_part, part_count=number, start_s=start_s)
    silence = ffmpeg.input(f"anullsrc=r={SOUND_HZ}:cl=mono", f="lavfi", t=info.duration_s - start_s)
    output = cutter.output(silence["0"], SOUND_OPTIONS)
    _run_growing(compiled(output, tools.ffmpeg), cutter, info, on_progress, nice)


def remux_picture(  # noqa: PLR0913  # the same shape as encode_sound
    path: Path,
    out_dir: Path,
    tools: Tools,
    info: MediaInfo,
    *,
    on_part: OnPart,
    on_progress: OnProgress,
    nice: int = 0,
) -> None:
    """Repackage the original's own picture, without sound; parts come as from encode_sound.

    Only for what `may_remux`. Raises RemuxUnfit when key frames turn out to lie too far apart or
    the packets cannot be repackaged (parts already given then are to be dropped), MediaFailed and
    its kinds otherwise.
    """
    cutter = _Cutter(REMUX_NAME, out_dir, on_part)
    argv = compiled(_remux_output(path, info, cutter), tools.ffmpeg)
    try:
        _run_growing(argv, cutter, info, on_progress, nice)
    except (ProgramCrashed, NothingThere) as error:
        raise RemuxUnfit(error.detail) from error


def _sound_output(path: Path, info: MediaInfo, levelling: Levelling, cutter: "_Cutter") -> Node:
    """Describe the sound's encode: one voice, one constant gain, on the common timeline."""
    # first_pts=0: sound that begins late gets silence in front; async: gaps become silence.
    sound = open_source(path)[str(info.sound_index)].filter(
        "aresample", first_pts=0, min_hard_comp=MOST_DRIFT_S, **{"async": 1}
    )
    sound = levelled(one_voice(sound, levelling), levelling)
    if info.kind == "video":
        # As long as the picture, or players wait at the end for the shorter of the two.
        sound = sound.filter("apad", whole_dur=info.duration_s)
        sound = sound.filter("atrim", duration=info.duration_s)
    return cutter.output(sound, SOUND_OPTIONS)


def _remux_output(path: Path, info: MediaInfo, cutter: "_Cutter") -> Node:
    """Describe the copy of the picture."""
    return cutter.output(open_source(path)[str(info.video_index)], {"c:v": "copy"})


@dataclass(slots=True)
class _Cutter:
    """Turns segments into parts as soon as enough of them are closed."""

    name: str
    out_dir: Path
    on_part: OnPart
    part_count: int = 0
    done_count: int = 0
    start_s: float = 0.0
    listing: Listing = field(default_factory=lambda: Listing(0, ()))

    @property
    def stream_path(self) -> Path:
        return self.out_dir / f"{self.name}.stream"

    @property
    def playlist_path(self) -> Path:
        return self.out_dir / f"{self.name}.m3u8"

    def output(self, stream: Node, options: Mapping[str, str | int]) -> Node:
        all_options = {
            **HLS_OUTPUT,
            "hls_segment_filename": str(self.stream_path),
            "output_ts_offset": f"{TIMELINE_START_S + self.start_s:.3f}",
            **options,
        }
        return ffmpeg.output(stream, str(self.playlist_path), **all_options)

    def take(self, *, is_over: bool = False) -> None:
        """Cut every part that is complete; at the end also what is left."""
        self.listing = read_listing(self.playlist_path)
        if any(s.duration_s > LONGEST_SEGMENT_S for s in self.listing.segments[self.done_count :]):
            raise RemuxUnfit(f"{self.name}: key frames are more than {LONGEST_SEGMENT_S} s apart")
        waiting: list[Segment] = []
        for segment in self.listing.segments[self.done_count :]:
            waiting.append(segment)
            if sum(one.duration_s for one in waiting) >= self._wanted_s() - NEARLY_S:
                self._cut(waiting)
                waiting = []
        if is_over and waiting:
            self._cut(waiting)

    def _wanted_s(self) -> float:
        return RAMP_S[self.part_count] if self.part_count < len(RAMP_S) else STRETCH_S

    def _cut(self, segments: list[Segment]) -> None:
        part = cut_part(
            self.stream_path,
            self.listing,
            tuple(segments),
            name=self.name,
            number=self.part_count,
            start_s=self.start_s,
            out_path=self.out_dir / f"{self.name}-{self.part_count}.m4s",
        )
        self.part_count += 1
        self.done_count += len(segments)
        self.start_s += part.duration_s
        self.on_part(part)


def _run_growing(
    argv: list[str], cutter: _Cutter, info: MediaInfo, on_progress: OnProgress, nice: int
) -> None:
    def tick(progress: Progress) -> None:
        cutter.take()
        on_progress(min(1.0, max(0.0, progress.out_time_s / max(info.duration_s, 0.04))))

    wall_s = 600 + 2 * info.duration_s
    run_ffmpeg(argv, Limits(nice=nice, cpu_s=int(wall_s), wall_s=2 * wall_s), on_tick=tick)
    cutter.take(is_over=True)
    if not cutter.part_count:
        raise NothingThere(f"{cutter.name}: nothing was written")
    cutter.stream_path.unlink()
    cutter.playlist_path.unlink()
    on_progress(1.0)
