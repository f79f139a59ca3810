"""CPU of the whole pipeline beside bare runs of ffmpeg; time from the last byte to first play."""

import os
import statistics
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.rig.documents import document_figures
from benchmarks.rig.first_playable import first_playable_beside_s, first_playable_s
from benchmarks.rig.kills import kill_workers
from benchmarks.rig.lectures import (
    KEYS_FAR_APART_S,
    KEYS_OF_PHONES_S,
    a_lecture,
    a_long_lecture,
    a_phone_clip,
    real_films,
    real_slides,
    the_real_lecture,
)
from benchmarks.rig.looks import slide_looks
from benchmarks.rig.quality import Saving, measure_saving
from benchmarks.rig.runs import (
    Lecture,
    bare_cascade,
    bare_decode,
    bare_each,
    cpu_of,
    peak_bytes,
    probed,
)
from benchmarks.rig.saving import save_lowest
from benchmarks.rig.trims import finished_share, playable_s
from media_pipeline.tools import find_tools, has_filter
from server.services.asset_plan import is_remux_the_top

TOOLS = find_tools()
REPEATS = int(os.environ.get("REPEATS", "3"))
FIRST_PLAYABLE = "first playable after the last byte, 10 min 1080p H.264, idle, wall"
HOUR_S, CLIP_S, FIT_S = 3600, 120, 90
Figure = dict[str, object]


def run() -> Iterator[Figure]:
    """Measure everything, a figure as soon as it is known; about fifteen minutes on two cores."""
    with tempfile.TemporaryDirectory() as folder:
        # First: the peak of memory only grows, and pages need the least.
        yield from document_figures(Path(folder), _figure)
        yield from _encoding(Path(folder))
        yield from _encoding_of_a_fit_original(Path(folder))
        yield from _savings(Path(folder))
        yield from _trims(Path(folder))
        yield from _saved_files(Path(folder))
        yield from _first_playable(Path(folder))
        yield from _first_playable_of_long_ones(Path(folder))
        yield from _kills(Path(folder) / "kills")


def _encoding(folder: Path) -> list[Figure]:
    """Encode slides and a phone's recording in 1080p in every way."""
    clip = a_phone_clip(folder / "clip.mp4")
    phone = Lecture(clip, probed(clip, TOOLS, folder), TOOLS, folder)
    return [*_costs("slides", _lecture(folder)), *_costs("phone, 17 Mb/s", phone)]


def _trims(folder: Path) -> list[Figure]:
    """Trim at both ends; what encoding an hour costs is told from the lecture's seconds."""
    wall_s, share = playable_s(folder / "trims"), finished_share(_lecture(folder))
    return [
        _figure("trim: until an hour's playlists are trimmed, wall", wall_s, "s", 2),
        _figure("trim: both ends ÷ encoding an hour (32 s, per second)", share, "×", 0.05),
    ]


def _costs(kind: str, lecture: Lecture) -> list[Figure]:
    """Return the cost of every way. The pipeline's memory first: the peak only grows."""
    path, folder = lecture.path, lecture.out_dir
    probe_s = cpu_of(lambda: probed(path, TOOLS, folder))
    first_s = cpu_of(lecture.encode_lowest)
    rest_s = cpu_of(lecture.encode_rest)
    memory_bytes = peak_bytes()
    sound_s = cpu_of(lecture.encode_sound)
    poster_s, storyboard_s = cpu_of(lecture.draw_poster), cpu_of(lecture.draw_storyboard)
    whole_s = probe_s + first_s + rest_s + sound_s + poster_s + storyboard_s
    bare_s = cpu_of(lambda: bare_cascade(lecture))
    each_s = cpu_of(lambda: bare_each(lecture))
    decode_s = cpu_of(lambda: bare_decode(lecture))
    length_s = lecture.info.duration_s
    return [
        _figure(f"{kind}: whole service ÷ one bare cascaded ffmpeg", whole_s / bare_s, "×", 1.2),
        _figure(f"{kind}: whole service ÷ one ffmpeg per rendition", whole_s / each_s, "×", 0.8),
        _figure(f"{kind}: storyboard ÷ full decode", storyboard_s / decode_s, "×", 0.05),
        _figure(f"{kind}: memory of one encode of 1080p", memory_bytes / 1e6, "MB", 700),
        _figure(f"{kind}: whole service, CPU per second", whole_s / length_s, "s"),
        _figure(f"{kind}: one bare cascaded ffmpeg, CPU per second", bare_s / length_s, "s"),
        _figure(f"{kind}: one ffmpeg per rendition, CPU per second", each_s / length_s, "s"),
        _figure(f"{kind}: lowest picture alone, CPU per second", first_s / length_s, "s"),
        _figure(f"{kind}: sound, CPU per second", sound_s / length_s, "s"),
    ]


def _lecture(folder: Path) -> Lecture:
    path = the_real_lecture() or a_lecture(folder / "lecture.mp4", KEYS_FAR_APART_S)
    return Lecture(path, probed(path, TOOLS, folder), TOOLS, folder)


def _encoding_of_a_fit_original(folder: Path) -> list[Figure]:
    """Encode what may be copied, and so needs no top rendition."""
    path = a_long_lecture(folder / "fit.mp4", KEYS_OF_PHONES_S, FIT_S)
    lecture = Lecture(path, probed(path, TOOLS, folder), TOOLS, folder)
    if not is_remux_the_top(lecture.info, lecture.ladder[0]):
        raise RuntimeError("the generated lecture is not fit to be copied")
    parts_s = [
        cpu_of(lambda: probed(path, TOOLS, folder)),
        cpu_of(lecture.remux),
        cpu_of(lecture.encode_beside_copy),
        cpu_of(lecture.encode_sound),
        cpu_of(lecture.draw_poster),
        cpu_of(lecture.draw_storyboard),
    ]
    each_s = cpu_of(lambda: bare_each(lecture))
    name = "whole service with the top remuxed ÷ one ffmpeg per rendition"
    return [_figure(name, sum(parts_s) / each_s, "×", 0.45)]


def _savings(folder: Path) -> list[Figure]:
    """Compare bytes and VMAF with a fixed ladder's, on slides of several looks and on films."""
    if not has_filter(TOOLS, "libvmaf"):
        return []
    slides = [_saving(path, folder) for path in (*slide_looks(folder), *real_slides(folder))]
    films = [_saving(path, folder) for path in real_films(folder)]
    lowest_bps = max((saving.lowest_bps for saving in slides), default=0.0)
    lecture = _lecture(folder)
    sound_bps = lecture.encode_sound() * 8 / lecture.info.duration_s
    return [
        *_saving_figures("slides", slides, 0.75),
        *_saving_figures("natural", films, 1.0),
        _figure("lowest picture of slides with sound", (lowest_bps + sound_bps) / 1e3, "kb/s", 150),
        _figure("sound only", sound_bps / 1e3, "kb/s", 40),
    ]


def _saving(path: Path, folder: Path) -> Saving:
    return measure_saving(Lecture(path, probed(path, TOOLS, folder), TOOLS, folder))


def _saving_figures(kind: str, savings: list[Saving], bar: float) -> list[Figure]:
    """Return means, and the worst without a bar."""
    if not savings:
        return []
    shares = [saving.bytes_share for saving in savings]
    lost = [saving.vmaf_lost for saving in savings]
    name = f"{kind}: bytes of all renditions ÷ fixed ladder"
    return [
        _figure(f"{name}, mean of {len(savings)}", statistics.mean(shares), "×", bar),
        _figure(f"{name}, most", max(shares), "×"),
        _figure(f"{kind}: VMAF lost, mean of {len(savings)}", statistics.mean(lost), "", 1),
        _figure(f"{kind}: VMAF lost, most", max(lost), ""),
    ]


def _saved_files(folder: Path) -> list[Figure]:
    """Save a lecture as one file: no byte of it is encoded, or written before it is sent."""
    saved = save_lowest(_lecture(folder))
    return [
        _figure("saved MP4 ÷ sum of its parts", saved.share, "×", 1.01),
        _figure("saved MP4: laid out before its first byte, wall", saved.first_byte_s, "s"),
    ]


def _first_playable(folder: Path) -> list[Figure]:
    """Upload ten minutes of 1080p to an idle product, in a fresh one each time."""
    figures = []
    for way, key_gap_s, bar in (("remux", KEYS_OF_PHONES_S, 2), ("encode", KEYS_FAR_APART_S, 5)):
        source = a_long_lecture(folder / f"ten minutes, {way}.mp4", key_gap_s)
        times_s = [first_playable_s(folder / f"{way}{n}", source) for n in range(REPEATS)]
        name = f"first playable after the last byte, 10 min 1080p H.264, idle, wall: {way}"
        figures.append(
            _figure(f"{name}, median of {REPEATS}", statistics.median(times_s), "s", bar)
        )
    return figures


def _first_playable_of_long_ones(folder: Path) -> list[Figure]:
    """Upload a clip while an hour is being encoded, and recordings of three hours."""
    hour = a_long_lecture(folder / "one hour.mp4", KEYS_FAR_APART_S, HOUR_S)
    clip = a_long_lecture(folder / "two minutes.mp4", KEYS_FAR_APART_S, CLIP_S)
    beside_s = first_playable_beside_s(folder / "beside", hour, clip)
    beside = "first playable of a 2-minute clip while an hour-long lecture is encoded, one worker"
    figures = [_figure(f"{beside}, wall", beside_s, "s", 15)]
    for way, key_gap_s in (("remux", KEYS_OF_PHONES_S), ("encode", KEYS_FAR_APART_S)):
        source = a_long_lecture(folder / f"three hours, {way}.mp4", key_gap_s, 3 * HOUR_S)
        took_s = first_playable_s(folder / f"three hours {way}", source)
        name = f"three-hour recording: first playable after the last byte, wall: {way}"
        figures.append(_figure(name, took_s, "s", 10))
        source.unlink()
    return figures


def _kills(folder: Path) -> list[Figure]:
    """Kill the worker 20 times while three minutes of 480p are prepared."""
    survival = kill_workers(folder)
    after = f"{survival.kill_count} random kill -9 of the worker"
    most = survival.most_stretches_redone
    return [
        _figure(f"{after}: jobs, renditions and originals lost", survival.lost_count, "", 0),
        _figure(f"{after}: most stretches redone at one", most, "", 1),
        _figure(f"{after}: slowest to go on, wall", survival.slowest_again_s, "s", 35),
    ]


def _figure(name: str, value: float, unit: str, bar: float | None = None) -> Figure:
    holds = bar is None or value <= bar
    return {"figure": name, "value": round(value, 3), "unit": unit, "bar": bar, "holds": holds}
