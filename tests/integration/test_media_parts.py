"""Parts encoded apart, sound and remux, on one timeline."""

import hashlib
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from media_pipeline.encode import encode_stretch, frames_of
from media_pipeline.errors import RemuxUnfit, StretchEmpty
from media_pipeline.growing import encode_sound, remux_picture
from media_pipeline.ladder import (
    RenditionSpec,
    choose_av1_ladder,
    choose_ladder,
    may_remux,
)
from media_pipeline.parts import MadePart
from media_pipeline.plan import plan_stretches
from media_pipeline.playlist import PartPiece, media_playlist
from media_pipeline.probe import MediaInfo, probe_file
from tests.media_clips import TOOLS, a_clip, decoded_frames, make_clip, real_file
from tests.mp4_reader import has_box, read_fragments


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return a_clip(tmp_path_factory.mktemp("clip") / "lesson.mp4", seconds=20.5)


@pytest.fixture(scope="module")
def info(clip: Path) -> MediaInfo:
    return probe_file(clip, TOOLS)


@pytest.fixture(scope="module")
def pictures(
    clip: Path, info: MediaInfo, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, list[MadePart]]:
    return encode_all(clip, info, tmp_path_factory.mktemp("pictures"))


def encode_all(clip: Path, info: MediaInfo, out_dir: Path) -> dict[str, list[MadePart]]:
    """Encode every stretch, the last one first: they must not need each other."""
    made: dict[str, list[MadePart]] = {}
    for stretch in reversed(plan_stretches(info.duration_s)):
        shares: list[float] = []
        ladder = choose_ladder(info)
        parts = encode_stretch(
            clip, stretch, ladder, out_dir, TOOLS, info, on_progress=shares.append
        )
        assert shares == sorted(shares)
        for part in parts:
            made.setdefault(part.rendition_name, []).insert(0, part)
    return made


def test_every_part_begins_at_ten_seconds_plus_its_start(
    pictures: dict[str, list[MadePart]],
) -> None:
    assert list(pictures) == ["360p", "240p"]
    for parts in pictures.values():
        for part in parts:
            fragments = read_fragments(part.path.read_bytes())
            starts_s = [fragment.first_shown_s for fragment in fragments]
            expected_s = [10 + part.start_s + 4 * index for index in range(len(fragments))]
            assert starts_s == pytest.approx(expected_s, abs=0.001)
            assert len(part.segments) == len(fragments)


def test_every_part_has_exactly_its_frames(
    pictures: dict[str, list[MadePart]], info: MediaInfo
) -> None:
    for spec in choose_ladder(info):
        for stretch, part in zip(plan_stretches(info.duration_s), pictures[spec.name], strict=True):
            fragments = read_fragments(part.path.read_bytes())
            assert sum(one.frame_count for one in fragments) == frames_of(stretch, spec)


def test_no_part_has_an_edit_list_and_all_are_named_by_their_bytes(
    pictures: dict[str, list[MadePart]],
) -> None:
    for parts in pictures.values():
        for part in parts:
            content = part.path.read_bytes()
            assert not has_box(content, b"elst")
            assert hashlib.sha256(content).hexdigest() == part.sha256
            last = part.segments[-1]
            assert last.offset_bytes + last.length_bytes == part.size_bytes == len(content)
            assert content[part.init_bytes + 4 : part.init_bytes + 8] in (b"moof", b"sidx")
            assert part.codecs.startswith("avc1.6400")
            assert part.padded_s < 0.1


def test_the_joined_bytes_of_a_rendition_decode_without_error(
    pictures: dict[str, list[MadePart]], tmp_path: Path, info: MediaInfo
) -> None:
    for name, parts in pictures.items():
        joined = tmp_path / f"{name}.mp4"
        joined.write_bytes(b"".join(part.path.read_bytes() for part in parts))

        fps = 30 if name == "360p" else 15
        assert len(decoded_frames(joined)) == round(info.duration_s * fps)


def test_the_same_moment_is_in_the_same_place_in_every_rendition(tmp_path: Path) -> None:
    """A white flash at 12.0 s, where two parts meet, is the first frame of the later part."""
    flash = "color=black:s=320x240:r=30:d=14,drawbox=c=white:t=fill:enable='between(t,11.99,12.4)'"
    clip = make_clip(tmp_path / "flash.mp4", "-f", "lavfi", "-i", flash, "-pix_fmt", "yuv420p")
    info = probe_file(clip, TOOLS)
    last = plan_stretches(40)[2]

    (part,) = encode_stretch(
        clip, last, choose_ladder(info)[:1], tmp_path, TOOLS, info, on_progress=lambda _: None
    )

    frames = decoded_frames(part.path)
    assert frames[0] == frames[1]
    assert frames[0] != frames[20]
    assert part.padded_s == pytest.approx(14, abs=0.1)  # the clip ends 2 s into 16


def test_sound_comes_in_parts_on_the_same_timeline_as_pictures(
    clip: Path, info: MediaInfo, tmp_path: Path
) -> None:
    parts: list[MadePart] = []

    encode_sound(clip, tmp_path, TOOLS, info, on_part=parts.append, on_progress=lambda _: None)

    assert [part.duration_s for part in parts] == pytest.approx([4, 8, 8.5], abs=0.1)
    for part in parts:
        begin_s = read_fragments(part.path.read_bytes())[0].first_shown_s
        assert begin_s == pytest.approx(10 + part.start_s, abs=0.05)
    assert sum(part.duration_s for part in parts) == pytest.approx(info.duration_s, abs=0.1)
    joined = tmp_path / "sound.mp4"
    joined.write_bytes(b"".join(part.path.read_bytes() for part in parts))
    assert decoded_frames(joined)


def test_sound_cut_into_parts_decodes_as_in_one_file(clip: Path, tmp_path: Path) -> None:
    info = probe_file(clip, TOOLS)
    parts: list[MadePart] = []
    whole = bytearray()

    def keep(part: MadePart) -> None:
        content = part.path.read_bytes()
        whole.extend(content if not whole else content[part.init_bytes :])
        parts.append(part)

    encode_sound(clip, tmp_path, TOOLS, info, on_part=keep, on_progress=lambda _: None)

    in_one, joined = tmp_path / "one.mp4", tmp_path / "joined.mp4"
    in_one.write_bytes(whole)
    joined.write_bytes(b"".join(part.path.read_bytes() for part in parts))
    assert decoded_frames(joined) == decoded_frames(in_one)


def test_a_remux_stands_on_the_same_timeline_and_keeps_every_frame(
    clip: Path, info: MediaInfo, tmp_path: Path
) -> None:
    assert may_remux(info)
    parts: list[MadePart] = []

    remux_picture(clip, tmp_path, TOOLS, info, on_part=parts.append, on_progress=lambda _: None)

    frame_count = 0
    for part in parts:
        fragments = read_fragments(part.path.read_bytes())
        frame_count += sum(one.frame_count for one in fragments)
        assert fragments[0].first_shown_s == pytest.approx(10 + part.start_s, abs=0.001)
    assert frame_count == round(20.5 * 30)
    assert [part.number for part in parts] == list(range(len(parts)))
    assert sum(part.duration_s for part in parts) == pytest.approx(20.5, abs=0.05)


def test_a_picture_that_begins_late_is_held_from_the_start(tmp_path: Path) -> None:
    clip = make_clip(
        tmp_path / "late.mkv",
        *("-itsoffset", "1.5", "-f", "lavfi", "-i", "testsrc2=size=320x240:rate=30:duration=4"),
        *("-f", "lavfi", "-i", "sine=duration=5.5", "-c:v", "libx264", "-c:a", "aac"),
        *("-pix_fmt", "yuv420p"),
    )
    info = probe_file(clip, TOOLS)
    first = plan_stretches(info.duration_s)[0]

    (part,) = encode_stretch(
        clip, first, choose_ladder(info), tmp_path, TOOLS, info, on_progress=lambda _: None
    )

    frames = decoded_frames(part.path)
    assert len(frames) == 60  # 4 s of the lowest rendition
    assert read_fragments(part.path.read_bytes())[0].first_shown_s == 10


def test_a_slide_that_stands_for_long_fills_every_stretch(tmp_path: Path) -> None:
    """Screen recordings have no frame at all for as long as nothing moves."""
    slow = "testsrc2=size=320x240:rate=1/10:duration=20"
    clip = make_clip(
        tmp_path / "slides.mkv",
        *("-f", "lavfi", "-i", slow, "-f", "lavfi", "-i", "sine=duration=40"),
        *("-c:v", "libx264", "-pix_fmt", "yuv420p", "-c:a", "aac"),
    )
    info = probe_file(clip, TOOLS)

    made = encode_all(clip, info, tmp_path)

    (parts,) = made.values()
    assert info.duration_s == pytest.approx(40, abs=0.1)
    assert sum(part.duration_s for part in parts) == pytest.approx(40, abs=1.1)


@pytest.mark.parametrize("suffix", ["ts", "mpg", "flv"])
def test_containers_that_seek_blindly_lose_nothing(tmp_path: Path, suffix: str) -> None:
    codec = "mpeg2video" if suffix == "mpg" else "libx264"
    clip = make_clip(
        tmp_path / f"clip.{suffix}",
        *("-f", "lavfi", "-i", "testsrc2=size=320x240:rate=25:duration=14"),
        *("-c:v", codec, "-g", "100", "-pix_fmt", "yuv420p"),
    )
    info = probe_file(clip, TOOLS)
    last = plan_stretches(info.duration_s)[-1]

    (part,) = encode_stretch(
        clip, last, choose_ladder(info), tmp_path, TOOLS, info, on_progress=lambda _: None
    )

    assert len(set(decoded_frames(part.path))) > 5
    assert part.padded_s < 0.2


@pytest.mark.parametrize(
    ("suffix", "ladder_of"),
    [
        ("mp4", choose_ladder),
        ("ts", choose_ladder),
        ("webm", choose_ladder),
        ("mp4", choose_av1_ladder),
    ],
)
def test_no_frame_is_lost_or_doubled_at_a_seam(
    tmp_path: Path, suffix: str, ladder_of: Callable[[MediaInfo], tuple[RenditionSpec, ...]]
) -> None:
    """Every frame has a grey of its own, so that its number can be read back."""
    greys = "color=s=64x64:r=25:d=14,format=yuv420p,geq=lum='16+mod(N,20)*10':cb=128:cr=128"
    codec = ["libvpx", "-b:v", "2M"] if suffix == "webm" else ["libx264", "-bf", "2"]
    clip = make_clip(tmp_path / f"greys.{suffix}", "-f", "lavfi", "-i", greys, "-c:v", *codec)
    info = probe_file(clip, TOOLS)
    spec = replace(ladder_of(info)[0], fps=25.0)
    joined = tmp_path / "joined.mp4"

    with joined.open("wb") as out:
        for stretch in plan_stretches(14):
            (part,) = encode_stretch(
                clip, stretch, (spec,), tmp_path, TOOLS, info, on_progress=lambda _: None
            )
            out.write(part.path.read_bytes())

    numbers = [round((grey - 16) / 10) for grey in greys_of(joined)]
    assert numbers == [number % 20 for number in range(14 * 25)]


def greys_of(path: Path) -> bytes:
    """Return one byte for each frame: its grey."""
    argv = [str(TOOLS.ffmpeg), "-v", "error", "-i", str(path), "-vf", "extractplanes=y,scale=1:1"]
    argv += ["-fps_mode", "passthrough", "-f", "rawvideo", "-"]
    return subprocess.run(argv, capture_output=True, check=True).stdout


def test_a_remux_with_key_frames_far_apart_is_given_up(tmp_path: Path) -> None:
    picture = "testsrc2=size=160x120:rate=10:duration=30"
    coded = ["-c:v", "libx264", "-g", "200", "-sc_threshold", "0", "-pix_fmt", "yuv420p"]
    clip = make_clip(tmp_path / "clip.mp4", "-f", "lavfi", "-i", picture, *coded)
    info = probe_file(clip, TOOLS)

    assert not may_remux(info)
    with pytest.raises(RemuxUnfit):
        remux_picture(clip, tmp_path, TOOLS, info, on_part=print, on_progress=print)


def test_a_stretch_of_which_nothing_is_there_says_so(tmp_path: Path) -> None:
    path = real_file("trunc_faststart.mp4")
    info = probe_file(path, TOOLS)
    beyond = plan_stretches(info.duration_s + info.missing_s)[-1]

    with pytest.raises(StretchEmpty):
        encode_stretch(
            path, beyond, choose_ladder(info)[-1:], tmp_path, TOOLS, info, on_progress=print
        )


def test_a_cut_off_lecture_is_encoded_as_far_as_it_is_good(tmp_path: Path) -> None:
    path = real_file("trunc_faststart.mp4")
    info = probe_file(path, TOOLS)
    last = plan_stretches(info.duration_s)[-1]

    (part,) = encode_stretch(
        path, last, choose_ladder(info)[-1:], tmp_path, TOOLS, info, on_progress=lambda _: None
    )

    assert last.start_s + part.duration_s == pytest.approx(19.9, abs=0.1)
    assert part.padded_s < 0.3


def test_a_playlist_of_parts_plays_from_beginning_to_end(
    pictures: dict[str, list[MadePart]], info: MediaInfo
) -> None:
    parts = pictures["360p"]
    pieces = [
        PartPiece(
            url=part.path.name,
            init_bytes=part.init_bytes,
            size_bytes=part.size_bytes,
            duration_s=part.duration_s,
            segments=part.segment_rows(),
        )
        for part in parts
    ]
    playlist = parts[0].path.with_name("360p-all.m3u8")

    playlist.write_text(media_playlist(pieces, is_whole=True))

    assert len(decoded_frames(playlist)) == round(info.duration_s * 30)
