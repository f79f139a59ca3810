from pathlib import Path

import pytest
from PIL import Image

from media_pipeline.probe import probe_file
from media_pipeline.stills import make_poster, make_storyboard
from tests.media_clips import TOOLS, a_clip, real_file


@pytest.mark.parametrize("seconds", [0.1, 5, 70])
def test_every_video_gets_a_poster_and_a_storyboard(tmp_path: Path, seconds: float) -> None:
    clip = a_clip(tmp_path / "clip.mp4", seconds=seconds, fps="10", size="320x180")
    info = probe_file(clip, TOOLS)

    poster_path = make_poster(clip, tmp_path, TOOLS, info)
    storyboard = make_storyboard(clip, tmp_path, TOOLS, info)

    assert poster_path.stat().st_size <= 20_000
    with Image.open(poster_path) as poster, Image.open(storyboard.path) as sheet:
        assert (poster.format, poster.size) == ("JPEG", (320, 180))
        assert sheet.size == (storyboard.columns * 160, storyboard.rows * 90)
        assert len(sheet.convert("L").getcolors(10_000) or []) > 10  # something is drawn
    assert storyboard.tile_count * storyboard.interval_s >= seconds


def test_a_video_filmed_upright_is_shown_upright(tmp_path: Path) -> None:
    path = real_file("phone_rot90.mp4")

    with Image.open(make_poster(path, tmp_path, TOOLS, probe_file(path, TOOLS))) as poster:
        assert poster.height > poster.width
