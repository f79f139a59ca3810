"""A flash and a beep that came together are shown and heard together, wherever play begins."""

import array
import subprocess

import pytest

from media_pipeline.parts import MadePart
from tests.media_clips import TOOLS, make_clip
from tests.mp4_reader import read_fragments
from tests.prepared_media import Prepared, prepare

TOGETHER_S = (0.5, 9.0, 25.5)  # in the first part, in the second, and near the end
LENGTH_S = 28
SOUND_HZ = 32_000
NEAR_S = 0.05


@pytest.fixture(scope="module")
def media(tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    folder = tmp_path_factory.mktemp("sync")
    lit = "+".join(f"between(t,{at_s - 0.001},{at_s + 0.3})" for at_s in TOGETHER_S)
    flashes = f"color=black:s=320x240:r=30:d={LENGTH_S},drawbox=c=white:t=fill:enable='{lit}'"
    beeps = f"sine=frequency=900:duration={LENGTH_S},volume=0:enable='not({lit})'"
    sources = ["-f", "lavfi", "-i", flashes, "-f", "lavfi", "-i", beeps]
    coded = ["-c:v", "libx264", "-pix_fmt", "yuv420p", "-g", "30", "-bf", "2", "-c:a", "aac"]
    return prepare(make_clip(folder / "clap.mp4", *sources, *coded), folder)


def decoded(parts: list[MadePart], *options: str) -> bytes:
    """Decode the joined parts to raw values."""
    argv = [str(TOOLS.ffmpeg), "-v", "error", "-i", "pipe:0", *options, "-"]
    joined = b"".join(part.path.read_bytes() for part in parts)
    return subprocess.run(argv, input=joined, capture_output=True, check=True).stdout


def flashes_of(parts: list[MadePart]) -> list[float]:
    """Return when the picture turns white, in seconds of the players' timeline."""
    greys = decoded(parts, "-vf", "extractplanes=y,scale=1:1", "-f", "rawvideo")
    fragments = [one for part in parts for one in read_fragments(part.path.read_bytes())]
    assert len(greys) == sum(one.frame_count for one in fragments)
    fps = len(greys) / LENGTH_S
    white = [index for index, grey in enumerate(greys) if grey > 128]
    return [fragments[0].first_shown_s + index / fps for index in white if index - 1 not in white]


def beeps_of(parts: list[MadePart]) -> list[float]:
    """Return when the sound begins after silence, in seconds of the players' timeline."""
    samples = array.array("h", decoded(parts, "-f", "s16le", "-ac", "1"))
    fragments = [one for part in parts for one in read_fragments(part.path.read_bytes())]
    assert len(samples) == 1024 * sum(one.frame_count for one in fragments)
    begins_s, last_loud = [], -SOUND_HZ
    for index, value in enumerate(samples):
        if abs(value) > 1000:
            if index - last_loud > SOUND_HZ / 2:
                begins_s.append(fragments[0].first_shown_s + index / SOUND_HZ)
            last_loud = index
    return begins_s


def test_sound_and_picture_of_every_rendition_come_together(media: Prepared) -> None:
    expected_s = [pytest.approx(10 + at_s, abs=NEAR_S) for at_s in TOGETHER_S]

    assert set(media.pictures) == {"240p", "remux"}
    assert beeps_of(media.sound) == expected_s
    for name, parts in media.pictures.items():
        assert flashes_of(parts) == expected_s, name


def test_encoded_pictures_and_the_remux_show_the_same_at_the_same_time(media: Prepared) -> None:
    encoded_s, copied_s = (flashes_of(media.pictures[name]) for name in ("240p", "remux"))

    assert encoded_s == pytest.approx(copied_s, abs=1 / 30)
