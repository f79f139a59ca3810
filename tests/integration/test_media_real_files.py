"""What phones, browsers and old programs really record."""

from pathlib import Path

import pytest

from media_pipeline.encode import encode_stretch
from media_pipeline.growing import encode_sound, remux_picture
from media_pipeline.ladder import choose_ladder, may_remux
from media_pipeline.parts import MadePart
from media_pipeline.plan import plan_stretches
from media_pipeline.probe import probe_file
from tests.media_clips import TOOLS, decoded_frames, real_file
from tests.mp4_reader import read_fragments


@pytest.mark.slow
@pytest.mark.parametrize(
    "name",
    [
        "browser_rec.webm",
        "cam.ts",
        "hevc10.mp4",
        "hlg10.mov",
        "nodur.webm",
        "odd444.mkv",
        "old.avi",
        "phone_rot90.mp4",
        "silent_video.mp4",
        "vfr.mp4",
    ],
)
def test_a_real_recording_becomes_whole_renditions(name: str, tmp_path: Path) -> None:
    path = real_file(name)
    info = probe_file(path, TOOLS)
    ladder = choose_ladder(info)[-2:]
    made: dict[str, list[MadePart]] = {}

    for stretch in plan_stretches(info.duration_s):
        for part in encode_stretch(
            path, stretch, ladder, tmp_path, TOOLS, info, on_progress=lambda _: None
        ):
            made.setdefault(part.rendition_name, []).append(part)

    assert info.missing_s == 0
    for parts in made.values():
        joined = tmp_path / "joined.mp4"
        joined.write_bytes(b"".join(part.path.read_bytes() for part in parts))
        assert len(set(decoded_frames(joined))) > 10
        assert sum(part.padded_s for part in parts) < 0.3
        assert sum(part.duration_s for part in parts) == pytest.approx(info.duration_s, abs=0.1)


@pytest.mark.parametrize("name", ["cam.ts", "audio.mp3", "audio_cover.mp3", "voice.ogg"])
def test_real_sound_becomes_parts_of_its_whole_length(name: str, tmp_path: Path) -> None:
    path = real_file(name)
    info = probe_file(path, TOOLS)
    parts: list[MadePart] = []

    encode_sound(path, tmp_path, TOOLS, info, on_part=parts.append, on_progress=lambda _: None)

    assert sum(part.duration_s for part in parts) == pytest.approx(info.duration_s, abs=0.15)
    assert read_fragments(parts[0].path.read_bytes())[0].first_shown_s == pytest.approx(
        10, abs=0.05
    )


@pytest.mark.parametrize("name", ["cam.ts", "silent_video.mp4", "classroom_like_person.mp4"])
def test_a_real_fit_original_is_repackaged_on_the_timeline(name: str, tmp_path: Path) -> None:
    path = real_file(name)
    info = probe_file(path, TOOLS)
    assert may_remux(info)
    parts: list[MadePart] = []

    remux_picture(path, tmp_path, TOOLS, info, on_part=parts.append, on_progress=lambda _: None)

    for part in parts:
        begin_s = read_fragments(part.path.read_bytes())[0].first_shown_s
        assert begin_s == pytest.approx(10 + part.start_s, abs=0.05)
    assert sum(part.duration_s for part in parts) == pytest.approx(info.duration_s, abs=0.1)
