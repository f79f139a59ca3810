"""The pipeline's steps on one lecture, and the bare runs of ffmpeg that they are compared with."""

import resource
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from benchmarks.rig.lectures import ffmpeg
from media_pipeline.drawn import with_look
from media_pipeline.encode import encode_stretch
from media_pipeline.growing import SOUND_BPS, encode_sound, remux_picture
from media_pipeline.ladder import RenditionSpec, choose_ladder
from media_pipeline.parts import MadePart
from media_pipeline.plan import plan_stretches
from media_pipeline.probe import MediaInfo, probe_file
from media_pipeline.sound import SOUND_HZ
from media_pipeline.stills import make_poster, make_storyboard
from media_pipeline.tools import Tools


def probed(path: Path, tools: Tools, out_dir: Path) -> MediaInfo:
    """Return all facts of an original, as its first handler finds them."""
    return with_look(path, tools, probe_file(path, tools), out_dir)


@dataclass(frozen=True, slots=True)
class Lecture:
    """A source and the steps that the workers take with it."""

    path: Path
    info: MediaInfo
    tools: Tools
    out_dir: Path

    @property
    def ladder(self) -> tuple[RenditionSpec, ...]:
        """The renditions, tallest first."""
        return choose_ladder(self.info)

    def encode_lowest(self) -> None:
        """What is made first of every stretch."""
        self._encode(self.ladder[-1:])

    def encode_rest(self) -> None:
        """What is made of every stretch afterwards."""
        self._encode(self.ladder[:-1])

    def encode_beside_copy(self) -> None:
        """What is made of every stretch when the top is a copy of the original's own picture."""
        self._encode(self.ladder[1:])

    def _encode(self, ladder: tuple[RenditionSpec, ...]) -> None:
        for stretch in plan_stretches(self.info.duration_s):
            encode_stretch(
                self.path, stretch, ladder, self.out_dir, self.tools, self.info, on_progress=_ignore
            )

    def encode_sound(self) -> int:
        """Measure and encode the sound; return its bytes."""
        sizes: list[int] = []

        def take(part: MadePart) -> None:
            sizes.append(part.size_bytes)
            part.path.unlink()

        encode_sound(
            self.path, self.out_dir, self.tools, self.info, on_part=take, on_progress=_ignore
        )
        return sum(sizes)

    def remux(self) -> None:
        """Copy the original's own picture."""
        remux_picture(
            self.path, self.out_dir, self.tools, self.info, on_part=_drop, on_progress=_ignore
        )

    def draw_poster(self) -> None:
        """Draw the still before play."""
        make_poster(self.path, self.out_dir, self.tools, self.info)

    def draw_storyboard(self) -> None:
        """Draw the frames for seeking."""
        make_storyboard(self.path, self.out_dir, self.tools, self.info)


def bare_cascade(lecture: Lecture) -> None:
    """Encode everything in one run: decoded once, each rendition scaled from the one above."""
    graph, outputs, above = [], [], "0:v"
    for number, spec in enumerate(lecture.ladder):
        graph.append(f"[{above}]{_scaling(spec)},split[out{number}][next{number}]")
        above = f"next{number}"
        outputs += ["-map", f"[out{number}]", *_x264(spec, lecture.out_dir)]
    graph.append(f"[{above}]nullsink")
    source = ["-i", str(lecture.path), "-filter_complex", ";".join(graph)]
    ffmpeg(*source, *outputs, *_sound(lecture.out_dir))


def bare_each(lecture: Lecture) -> None:
    """Encode every rendition in a run of its own, and the sound in another."""
    for spec in lecture.ladder:
        picture = ["-map", "0:v", "-vf", _scaling(spec)]
        ffmpeg("-i", str(lecture.path), *picture, *_x264(spec, lecture.out_dir))
    ffmpeg("-i", str(lecture.path), *_sound(lecture.out_dir))


def bare_decode(lecture: Lecture) -> None:
    """Decode the picture and nothing else."""
    ffmpeg("-i", str(lecture.path), "-map", "0:v", "-f", "null", "-")


def _scaling(spec: RenditionSpec) -> str:
    return f"fps={spec.fps},scale={spec.width_px}:{spec.height_px},format=yuv420p"


def _x264(spec: RenditionSpec, out_dir: Path) -> list[str]:
    """Return the settings that the pipeline encodes with."""
    options = spec.coding.options(max_bps=spec.max_bps, fps=spec.fps)
    words = [word for name, value in options.items() for word in (f"-{name}", str(value))]
    return [*words, str(out_dir / f"bare {spec.name}.mp4")]


def _sound(out_dir: Path) -> list[str]:
    rates = ["-b:a", str(SOUND_BPS), "-ac", "1", "-ar", str(SOUND_HZ)]
    return ["-map", "0:a", "-c:a", "aac", *rates, str(out_dir / "bare.m4a")]


def cpu_of(work: Callable[[], object]) -> float:
    """Return the CPU seconds that child processes took."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    work()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def peak_bytes() -> int:
    """Return the most memory that any child of this process has used so far."""
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024


def _ignore(_share: float) -> None:
    """Take progress and do nothing."""


def _drop(part: MadePart) -> None:
    part.path.unlink()
