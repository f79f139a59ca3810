"""Files that are not what they claim: each ends in a clear code."""

import zlib
from pathlib import Path
from struct import pack

import pytest
from PIL import Image

from media_pipeline.errors import MediaRejected, ToolsMissing
from media_pipeline.images import read_image
from media_pipeline.probe import MediaInfo, probe_file
from media_pipeline.tools import Tools
from tests.media_clips import TOOLS, a_clip, make_clip, real_file


def code_of(path: Path) -> str:
    with pytest.raises(MediaRejected) as rejected:
        probe_file(path, TOOLS)
    return rejected.value.code


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty_file"),
        (b"\x7fELF" + bytes(5000), "not_media"),
        (b"MZ\x90\x00" + bytes(5000), "not_media"),
        (b"<!doctype html><title>Lesson</title>" * 50, "not_media"),
        ("บทเรียนวิทยาศาสตร์ ".encode() * 500, "not_media"),
        (b"PK\x03\x04" + bytes(5000), "zip_broken"),
        (b"\x00\x00\x00\x18ftypmp42" + bytes(5000), "broken_file"),
        (b"\x1aE\xdf\xa3" + bytes(5000), "broken_file"),
        (b"\x00" * 5000, "not_media"),
    ],
)
def test_what_is_no_media_is_refused_whatever_its_name(
    tmp_path: Path, content: bytes, code: str
) -> None:
    path = tmp_path / "lesson.mp4"
    path.write_bytes(content)

    assert code_of(path) == code


@pytest.mark.parametrize("scheme", ["", "file:", "concat:", "subfile,,start,0,end,0,,:"])
def test_a_playlist_that_poses_as_a_video_reads_no_other_file(tmp_path: Path, scheme: str) -> None:
    secret = a_clip(tmp_path / "secret.mp4", seconds=1)
    text = f"#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\n{scheme}{secret}\n#EXT-X-ENDLIST\n"
    playlist, concat = tmp_path / "lesson.mp4", tmp_path / "lesson.avi"
    playlist.write_text(text)
    concat.write_text(f"ffconcat version 1.0\nfile {scheme}{secret}\n")

    assert code_of(playlist) == "not_media"
    assert code_of(concat) == "not_media"


def test_a_video_of_128_megapixels_is_refused(tmp_path: Path) -> None:
    picture = "color=black:size=16384x8192:rate=1:duration=1"
    clip = make_clip(tmp_path / "bomb.mkv", "-f", "lavfi", "-i", picture, "-c:v", "ffv1")

    assert code_of(clip) == "too_many_pixels"


def test_a_picture_of_a_billion_pixels_is_refused_before_it_is_decoded(tmp_path: Path) -> None:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return pack(">I", len(body)) + kind + body + pack(">I", zlib.crc32(kind + body))

    header = chunk(b"IHDR", pack(">IIBBBBB", 40_000, 40_000, 8, 0, 0, 0, 0))
    path = tmp_path / "bomb.png"
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", b"") + chunk(b"IEND", b""))

    assert probe_file(path, TOOLS).kind == "image"
    with pytest.raises(MediaRejected, match="too_many_pixels"):
        read_image(path, tmp_path)


def test_a_recording_that_is_too_long_is_refused(tmp_path: Path) -> None:
    clip = a_clip(tmp_path / "long.mp4", seconds=3)

    with pytest.raises(MediaRejected, match="too_long"):
        probe_file(clip, TOOLS, max_duration_s=2)


def test_a_video_without_its_index_is_broken(tmp_path: Path) -> None:
    whole = a_clip(tmp_path / "whole.mp4", seconds=5).read_bytes()
    cut = tmp_path / "cut.mp4"
    cut.write_bytes(whole[: len(whole) // 2])  # the index stands at the end

    assert code_of(cut) == "broken_file"


def test_a_cut_off_video_says_how_much_is_missing(tmp_path: Path) -> None:
    whole = a_clip(tmp_path / "whole.mp4", seconds=10)
    fast = make_clip(
        tmp_path / "fast.mp4", "-i", str(whole), "-c", "copy", "-movflags", "faststart"
    )
    cut = tmp_path / "cut.mp4"
    cut.write_bytes(fast.read_bytes()[: fast.stat().st_size // 2])

    info = probe_file(cut, TOOLS)

    assert 2 < info.duration_s < 8
    assert info.duration_s + info.missing_s == pytest.approx(10, abs=0.1)


def test_a_real_cut_off_lecture_says_how_much_is_missing() -> None:
    info = probe_file(real_file("trunc_faststart.mp4"), TOOLS)

    assert info.duration_s == pytest.approx(19.9, abs=0.2)
    assert info.missing_s == pytest.approx(70.1, abs=0.2)


def test_the_picture_on_a_record_sleeve_is_no_video() -> None:
    info = probe_file(real_file("audio_cover.mp3"), TOOLS)

    assert (info.kind, info.has_sound, info.width_px) == ("audio", True, 0)


def test_a_name_may_hold_anything(tmp_path: Path) -> None:
    clip = a_clip(tmp_path / "clip.mp4", seconds=1)
    odd = tmp_path / "-i http:ก%03d 'บท;เรียน.mp4"
    clip.rename(odd)

    assert probe_file(odd, TOOLS).kind == "video"


def test_documents_and_pictures_are_known_by_their_first_bytes(tmp_path: Path) -> None:
    kinds = {}
    for form in ("JPEG", "PNG", "WEBP", "GIF"):
        path = tmp_path / f"picture.{form}.mp4"
        Image.new("RGB", (40, 30)).save(path, form)
        kinds[form] = probe_file(path, TOOLS).kind
    pdf = tmp_path / "lesson.mp4"
    pdf.write_bytes(b"%PDF-1.7\n")

    assert set(kinds.values()) == {"image"}
    assert probe_file(pdf, TOOLS).kind == "document"


def test_facts_survive_the_database(tmp_path: Path) -> None:
    info = probe_file(a_clip(tmp_path / "clip.mp4", seconds=1), TOOLS)

    assert MediaInfo.from_dict(info.to_dict() | {"from_a_later_version": 1}) == info


def test_without_ffprobe_the_file_is_not_blamed(tmp_path: Path) -> None:
    clip = a_clip(tmp_path / "clip.mp4", seconds=1)

    with pytest.raises(ToolsMissing):
        probe_file(clip, Tools(TOOLS.ffmpeg, Path("/nowhere/ffprobe")))
