"""Every kind of recording that classrooms send becomes one seamless, synchronous stream."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from media_pipeline.errors import MediaRejected
from media_pipeline.probe import probe_file
from tests.clapper import heard_claps, seen_claps
from tests.media_clips import TOOLS
from tests.mp4_reader import read_fragments
from tests.odd_recordings import (
    DAMAGED,
    FROM_COMPUTERS,
    FROM_PHONES,
    ODD_SOUND,
    ODD_TIMES,
    PLAYING,
    REFUSED,
)
from tests.prepared_media import Prepared, prepare

pytestmark = pytest.mark.slow

SYNCHRONOUS_S = 0.05
SHORT_S = 0.13  # a frame of the slowest rendition, and one of the sound
OWN_OFFSET = {"fragments.mp4": 0.06}  # such a file has sound and picture apart itself
STILL = ("a still for ten minutes.mp4", "two stills in ten minutes.mp4")
LENGTHS: Mapping[str, float] = {
    "trimmed by a phone.mp4": 7.5,
    "lost power.mkv": 6.4,
    "two recordings.ts": 8.1,
    "size changes.ts": 8.1,
    "sound changes.ts": 8.1,
    "clock jumps.ts": 8.1,
    "clock jumps back.vob": 8.0,
    "a still for ten minutes.mp4": 600,
    "two stills in ten minutes.mp4": 1200,
    "phone turned while recording.webm": 12,
    **dict.fromkeys(("tall.mp4", "old phone.3gp", "very wide.mp4", "odd size.mkv"), 5),
    **dict.fromkeys(("screen at ten frames.mp4", "one pixel.mkv"), 5),
    **dict.fromkeys(("4K.mp4", "8K.mp4", "1000 frames a second.mp4"), 3),
}


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of recording, prepared."""

    name: str
    folder: Path
    media: Prepared

    @property
    def duration_s(self) -> float:
        return self.media.info.duration_s

    def fps_of(self, rendition: str) -> float:
        parts = self.media.pictures[rendition]
        frames = sum(
            one.frame_count for part in parts for one in read_fragments(part.path.read_bytes())
        )
        return frames / sum(part.duration_s for part in parts)


def prepared(name: str, folder: Path) -> Kind:
    makers = {**PLAYING, **DAMAGED}
    return Kind(name, folder, prepare(makers[name](folder / name), folder))


@pytest.fixture(scope="module", params=[*FROM_PHONES, *FROM_COMPUTERS, *ODD_SOUND, *ODD_TIMES])
def kind(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Kind:
    """One kind, made when the first test asks for it."""
    return prepared(request.param, tmp_path_factory.mktemp("kind"))


def test_its_length_is_found(kind: Kind) -> None:
    assert kind.duration_s == pytest.approx(LENGTHS.get(kind.name, 9), abs=0.4)


def test_every_part_stands_where_the_part_before_it_ends(kind: Kind) -> None:
    for name, parts in {**kind.media.pictures, "audio": kind.media.sound}.items():
        end_s = 10.0
        for part in parts:
            begin_s = read_fragments(part.path.read_bytes())[0].first_shown_s
            near_s = 0.11 if name == "remux" else SYNCHRONOUS_S
            assert begin_s == pytest.approx(end_s, abs=near_s), (name, part.number)
            end_s += part.duration_s
        if parts:
            near_s = 0.5 if name == "remux" or kind.media.info.kind == "audio" else SHORT_S
            assert end_s - 10 == pytest.approx(kind.duration_s, abs=near_s)


def test_it_decodes_whole_and_picture_and_sound_are_together(kind: Kind) -> None:
    sounds = heard_claps(kind.folder / "audio.m3u8")[0] if kind.media.sound else []
    for name in kind.media.pictures:
        fps = kind.fps_of(name)
        claps, frame_count = seen_claps(kind.folder / f"{name}.m3u8", fps)

        assert frame_count / fps == pytest.approx(kind.duration_s, abs=0.5)
        assert claps or kind.name in STILL
        most_s = SYNCHRONOUS_S + OWN_OFFSET.get(kind.name, 0.0) + 0.5 / fps
        for clap in claps:
            heard = min(sounds, key=lambda one: abs(one - clap), default=clap)
            if abs(heard - clap) < 1:  # else the sound begins late or ends early
                assert abs(heard - clap) <= most_s, (name, clap, sounds)


@pytest.mark.parametrize("name", DAMAGED)
def test_a_damaged_one_is_shown_as_far_as_it_is_good(name: str, tmp_path: Path) -> None:
    kind = prepared(name, tmp_path)

    for rendition in [name for name in kind.media.pictures if name != "remux"]:
        claps, frame_count = seen_claps(tmp_path / f"{rendition}.m3u8", kind.fps_of(rendition))
        assert claps[0] == pytest.approx(1, abs=0.1)
        assert frame_count / kind.fps_of(rendition) == pytest.approx(kind.duration_s, abs=SHORT_S)
    if kind.media.sound:
        assert heard_claps(tmp_path / "audio.m3u8")[1] == pytest.approx(
            kind.duration_s, abs=SHORT_S
        )


@pytest.mark.parametrize("name", ["cut off.mp4", "cut off.flv", "cut off.webm"])
def test_a_cut_off_one_says_what_is_missing(name: str, tmp_path: Path) -> None:
    info = prepared(name, tmp_path).media.info

    assert info.missing_s > 2
    assert info.duration_s + info.missing_s == pytest.approx(9, abs=0.2)


@pytest.mark.parametrize(
    ("name", "missing_s"), [("claims an hour.mkv", 3591), ("claims three seconds.mkv", 0)]
)
def test_a_length_that_is_a_lie_is_seen_through(
    name: str, missing_s: float, tmp_path: Path
) -> None:
    info = probe_file(PLAYING[name](tmp_path / name), TOOLS)

    assert info.duration_s == pytest.approx(9, abs=0.1)
    assert info.missing_s == pytest.approx(missing_s, abs=0.1)


@pytest.mark.parametrize(
    ("name", "code"), [*zip(REFUSED, ("broken_file", "too_long"), strict=True)]
)
def test_what_cannot_be_shown_is_refused_with_a_code(name: str, code: str, tmp_path: Path) -> None:
    path = REFUSED[name](tmp_path / name)

    with pytest.raises(MediaRejected) as refused:
        probe_file(path, TOOLS)

    assert refused.value.code == code


def test_the_first_track_is_heard(tmp_path: Path) -> None:
    several = prepared("several tracks.mkv", tmp_path)

    assert [round(clap) for clap in heard_claps(tmp_path / "audio.m3u8")[0]] == [1, 3, 5, 7]
    assert [title for _start_s, title in several.media.info.chapters] == ["หนึ่ง"]


def test_a_turned_picture_stays_turned(tmp_path: Path) -> None:
    sizes = {}
    for name in ("turned by 90.mp4", "turned by 180.mp4", "turned by 270.mov"):
        info = probe_file(PLAYING[name](tmp_path / name), TOOLS)
        sizes[name] = (info.width_px, info.height_px)

    assert list(sizes.values()) == [(180, 320), (320, 180), (180, 320)]


def test_a_phone_turned_while_recording_is_shown_whole_between_bars(tmp_path: Path) -> None:
    kind = prepared("phone turned while recording.webm", tmp_path)

    claps, _count = seen_claps(tmp_path / "180p.m3u8", kind.fps_of("180p"))

    assert [round(clap) for clap in claps] == [1, 3, 5, 7, 9, 11]
