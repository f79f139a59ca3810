import itertools
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media_pipeline.coding import SMALLER
from media_pipeline.ladder import (
    LADDER,
    choose_av1_ladder,
    choose_ladder,
    lowest_fps,
    may_remux,
    output_fps,
)
from media_pipeline.probe import MediaInfo

LECTURE = MediaInfo(
    kind="video",
    container="mov,mp4",
    duration_s=600,
    width_px=1920,
    height_px=1080,
    fps=30,
    video_index=0,
    video_codec="h264",
    video_profile="High",
    pixel_format="yuv420p",
    picture_end_s=600,
    key_gap_s=2,
    sound_index=1,
    bit_rate_bps=2_000_000,
)


def names_of(width_px: int, height_px: int) -> list[str]:
    ladder = choose_ladder(replace(LECTURE, width_px=width_px, height_px=height_px))
    return [rendition.name for rendition in ladder]


@pytest.mark.parametrize(
    ("size", "names"),
    [
        ((1920, 1080), ["1080p", "720p", "480p", "360p", "240p"]),
        ((1080, 1920), ["1080p", "720p", "480p", "360p", "240p"]),
        ((3840, 2160), ["1080p", "720p", "480p", "360p", "240p"]),
        ((1280, 720), ["720p", "480p", "360p", "240p"]),
        ((768, 432), ["432p", "360p", "240p"]),
        ((720, 400), ["360p", "240p"]),
        ((320, 180), ["180p"]),
    ],
)
def test_the_ladder_follows_the_short_side(size: tuple[int, int], names: list[str]) -> None:
    assert names_of(*size) == names


@pytest.mark.parametrize(
    ("facts", "names"),
    [
        ({}, ["av1-720p", "av1-480p", "av1-360p", "av1-240p"]),
        ({"width_px": 320, "height_px": 180}, ["av1-180p"]),
        ({"is_drawn": True}, []),
        ({"kind": "audio"}, []),
    ],
)
def test_films_are_made_in_av1_too_up_to_720_lines(facts: dict[str, Any], names: list[str]) -> None:
    ladder = choose_av1_ladder(replace(LECTURE, **facts))

    assert [spec.name for spec in ladder] == names
    assert {spec.coding for spec in ladder} <= {SMALLER}


def test_portrait_stays_portrait() -> None:
    ladder = choose_ladder(replace(LECTURE, width_px=1080, height_px=1920))

    assert (ladder[1].width_px, ladder[1].height_px) == (720, 1280)


def test_the_lowest_rendition_with_sound_is_about_150_kilobits() -> None:
    assert choose_ladder(LECTURE)[-1].max_bps + 40_000 <= 150_000


def test_sound_alone_has_no_pictures_to_encode() -> None:
    assert choose_ladder(MediaInfo(kind="audio", sound_index=0)) == ()


@given(
    st.integers(min_value=16, max_value=6000),
    st.integers(min_value=16, max_value=6000),
    st.floats(min_value=0.01, max_value=1000),
)
def test_no_rendition_is_larger_than_its_source(width_px: int, height_px: int, fps: float) -> None:
    ladder = choose_ladder(replace(LECTURE, width_px=width_px, height_px=height_px, fps=fps))

    assert ladder
    assert len({rendition.name for rendition in ladder}) == len(ladder)
    for rendition in ladder:
        assert rendition.width_px % 2 == rendition.height_px % 2 == 0
        assert rendition.width_px <= max(width_px, 16)
        assert rendition.height_px <= max(height_px, 16)
        assert rendition.fps * 4 == int(rendition.fps * 4)
        assert rendition.fps <= 30
        assert rendition.max_bps <= LADDER[0].max_bps
    assert all(a.max_bps > b.max_bps for a, b in itertools.pairwise(ladder))


@pytest.mark.parametrize(
    ("source", "output"),
    [(29.97, 30), (23.976, 24), (25, 25), (50, 25), (59.94, 30), (60, 30), (10, 10), (0.2, 1)],
)
def test_frame_rates_become_whole(source: float, output: float) -> None:
    assert output_fps(source) == output


def test_a_fit_original_is_repackaged() -> None:
    assert may_remux(LECTURE)


@pytest.mark.parametrize(
    "change",
    [
        {"video_codec": "hevc"},
        {"pixel_format": "yuv420p10le"},
        {"video_profile": "High 4:4:4 Predictive"},
        {"rotation": 90},
        {"is_interlaced": True},
        {"has_square_pixels": False},
        {"key_gap_s": 8.3},
        {"key_gap_s": 0.0},
        {"bit_rate_bps": 40_000_000},
        {"kind": "audio"},
    ],
)
def test_an_unfit_original_is_not_repackaged(change: dict[str, object]) -> None:
    assert not may_remux(MediaInfo.from_dict(LECTURE.to_dict() | change))


def test_slides_have_a_lowest_rung_of_many_pixels_and_few_frames() -> None:
    lowest = choose_ladder(replace(LECTURE, is_drawn=True))[-1]

    assert (lowest.name, lowest.fps) == ("360p", 7.5)
    assert lowest.max_bps + 40_000 <= 150_000


def test_a_small_screen_recording_keeps_its_frames() -> None:
    small = replace(LECTURE, is_drawn=True, width_px=480, height_px=270)

    assert choose_ladder(small)[0].fps == choose_ladder(replace(small, is_drawn=False))[0].fps


@pytest.mark.parametrize("fps", range(1, 31))
@pytest.mark.parametrize("is_drawn", [True, False])
def test_a_segment_of_the_lowest_rung_has_a_whole_number_of_frames(
    fps: int, *, is_drawn: bool
) -> None:
    assert (lowest_fps(float(fps), is_drawn=is_drawn) * 4).is_integer()
