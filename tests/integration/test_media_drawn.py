"""Telling slides from films."""

import subprocess
from pathlib import Path

import pytest

from media_pipeline.drawn import is_drawn, with_look
from media_pipeline.probe import MediaInfo, probe_file
from tests.media_clips import TOOLS, real_file


def looked_at(path: Path, tmp_path: Path) -> MediaInfo:
    return with_look(path, TOOLS, probe_file(path, TOOLS), tmp_path)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("lecture_90.mp4", True),
        ("big_buck_bunny_480.mp4", False),
        ("classroom_like_person.mp4", False),
        ("phone_rot90.mp4", False),
    ],
)
def test_slides_are_drawn_and_films_are_not(name: str, tmp_path: Path, *, expected: bool) -> None:
    assert looked_at(real_file(name), tmp_path).is_drawn is expected


@pytest.mark.parametrize("picture", ["color=black", "testsrc2", "nullsrc,noise=alls=60:allf=t"])
def test_black_or_restless_pictures_are_not_drawn(picture: str, tmp_path: Path) -> None:
    path = tmp_path / "clip.mp4"
    source = ["-f", "lavfi", "-t", "2", "-i", picture]
    subprocess.run([TOOLS.ffmpeg, "-v", "error", *source, str(path)], check=True)

    assert not looked_at(path, tmp_path).is_drawn


def test_a_place_that_cannot_be_decoded_is_not_drawn(tmp_path: Path) -> None:
    path = tmp_path / "broken.mp4"
    path.write_bytes(b"not a film")
    info = MediaInfo(kind="video", video_index=0, duration_s=4)

    assert not is_drawn(path, TOOLS, info, tmp_path, start_s=0.0, duration_s=4.0)
    assert list(tmp_path.iterdir()) == [path]
