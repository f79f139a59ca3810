"""Stored parts joined to one ordinary file: for televisions, phones, and sharing by hand."""

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Playwright

from media_pipeline.errors import MediaFailed
from media_pipeline.fragments import StoredPart
from media_pipeline.joining import JoinedFile, join_parts
from media_pipeline.parts import MadePart
from tests.media_clips import TOOLS, a_clip, decoded_frames, make_clip
from tests.mp4_reader import boxes
from tests.prepared_media import Prepared, prepare
from tests.services.chromium import launch, running_playwright

MOST_SHARE = 1.01
TOP_BOXES = [b"ftyp", b"moov", b"mdat"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("saved")


@pytest.fixture(scope="module")
def prepared(folder: Path) -> Prepared:
    return prepare(a_clip(folder / "lesson.mp4", seconds=14.5), folder)


def stored(parts: list[MadePart], moved_s: float = 0.0) -> list[StoredPart]:
    return [
        StoredPart(
            name=str(part.path),
            init_bytes=part.init_bytes,
            segments=[(one.offset_bytes, one.length_bytes) for one in part.segments],
            moved_s=moved_s,
        )
        for part in parts
    ]


def read(name: str, start: int, length: int) -> bytes:
    with Path(name).open("rb") as file:
        file.seek(start)
        return file.read(length)


def content_of(joined: JoinedFile, start: int = 0, end: int | None = None) -> bytes:
    extents = joined.extents(start, joined.size_bytes if end is None else end)
    return b"".join(
        each if isinstance(each, bytes) else read(each.name, each.offset, each.length)
        for each in extents
    )


def joined_file(prepared: Prepared, name: str, path: Path) -> Path:
    renditions = [prepared.sound] if name == "audio" else [prepared.pictures[name], prepared.sound]
    joined = join_parts([stored(parts) for parts in renditions if parts], read)
    path.write_bytes(content_of(joined))
    assert path.stat().st_size == joined.size_bytes
    return path


def top_boxes(path: Path) -> list[bytes]:
    content, at, kinds = path.read_bytes(), 0, []
    while at < len(content):
        kinds.append(content[at + 4 : at + 8])
        at += int.from_bytes(content[at : at + 4], "big")
    return kinds


def digests(path: Path, stream: str) -> list[str]:
    """Return what is decoded, without the silence that encoders put before the sound."""
    argv = [str(TOOLS.ffmpeg), "-v", "error", "-i", str(path), "-map", stream]
    done = subprocess.run([*argv, "-f", "framemd5", "-"], capture_output=True, check=True)
    assert done.stderr == b""
    rows = [row for row in done.stdout.decode().splitlines() if not row.startswith("#")]
    return [row.rsplit(",", 1)[1] for row in rows]


def probed(path: Path) -> list[dict[str, str]]:
    argv = [str(TOOLS.ffprobe), "-v", "warning", "-of", "json", "-show_entries"]
    argv += ["stream=codec_name,start_time,duration", str(path)]
    done = subprocess.run(argv, capture_output=True, check=True)
    assert done.stderr == b""
    found: list[dict[str, str]] = json.loads(done.stdout)["streams"]
    return found


@pytest.mark.parametrize("name", ["240p", "360p", "remux"])
def test_a_saved_lesson_is_an_ordinary_mp4_with_the_same_frames(
    prepared: Prepared, folder: Path, name: str
) -> None:
    path = joined_file(prepared, name, folder / f"saved {name}.mp4")

    parts = [*prepared.pictures[name], *prepared.sound]
    assert top_boxes(path) == TOP_BOXES
    assert path.stat().st_size <= MOST_SHARE * sum(part.size_bytes for part in parts)
    assert digests(path, "0:v") == digests(folder / f"{name}.m3u8", "0:v")
    assert len(decoded_frames(path)) > 0


def test_picture_and_sound_begin_and_end_together(prepared: Prepared, folder: Path) -> None:
    path = joined_file(prepared, "240p", folder / "together.mp4")

    picture, sound = probed(path)
    assert (picture["codec_name"], sound["codec_name"]) == ("h264", "aac")
    assert float(picture["start_time"]) == pytest.approx(0, abs=0.001)
    assert float(sound["start_time"]) == pytest.approx(0, abs=0.001)
    assert float(picture["duration"]) == pytest.approx(14.5, abs=0.05)
    assert float(sound["duration"]) == pytest.approx(14.5, abs=0.1)


def test_a_flash_and_its_click_stay_together(folder: Path) -> None:
    """One flash with one click at 5 s: where they are in the saved file."""
    at_s = "between(t,5,5.2)"
    source = make_clip(
        folder / "clap.mp4",
        *("-f", "lavfi", "-i", "color=black:size=320x240:rate=30:duration=9"),
        *("-f", "lavfi", "-i", f"aevalsrc='if({at_s},sin(2*PI*880*t),0)':d=9"),
        *("-vf", f"drawbox=color=white:t=fill:enable='{at_s}'", "-pix_fmt", "yuv420p", "-g", "30"),
        *("-c:a", "aac"),
    )
    clap = folder / "clap"
    clap.mkdir()
    path = joined_file(prepare(source, clap), "240p", folder / "saved clap.mp4")

    argv = [str(TOOLS.ffmpeg), "-v", "info", "-i", str(path), "-vf", "blackdetect=d=0.1"]
    argv += ["-af", "silencedetect=n=-40dB:d=0.5", "-f", "null", "-"]
    log = subprocess.run(argv, capture_output=True, text=True, check=True).stderr
    flash_s = float(re.findall(r"black_end:([\d.]+)", log)[0])
    click_s = float(re.findall(r"silence_end: ([\d.]+)", log)[0])
    assert flash_s == pytest.approx(5, abs=0.05)
    assert click_s == pytest.approx(flash_s, abs=0.05)


def test_sound_alone_is_an_m4a(prepared: Prepared, folder: Path) -> None:
    path = joined_file(prepared, "audio", folder / "saved.m4a")

    assert path.read_bytes()[8:12] == b"M4A "
    assert path.stat().st_size <= MOST_SHARE * sum(part.size_bytes for part in prepared.sound)
    assert [stream["codec_name"] for stream in probed(path)] == ["aac"]
    assert len(decoded_frames(path)) > 0


def test_any_range_is_the_same_bytes(prepared: Prepared) -> None:
    joined = join_parts([stored(prepared.pictures["240p"]), stored(prepared.sound)], read)
    whole = content_of(joined)

    head = len(joined.head)
    for start, end in [(0, 10), (head - 5, head + 5), (head, head), (1000, len(whole) - 3)]:
        assert content_of(joined, start, end) == whole[start:end]
    cuts = range(0, len(whole) + 1, 7919)
    pieces = [content_of(joined, a, b) for a, b in zip(cuts, [*cuts[1:], len(whole)], strict=True)]
    assert b"".join(pieces) == whole


def test_what_is_cut_out_leaves_no_gap(prepared: Prepared, folder: Path) -> None:
    """The first 4 s and what is behind 12 s: shown one after the other."""
    renditions = [prepared.pictures["240p"], prepared.sound]
    kept = [
        [*stored(parts[:1]), *stored([part for part in parts if part.start_s >= 12], moved_s=8)]
        for parts in renditions
    ]
    path = folder / "cut.mp4"
    path.write_bytes(content_of(join_parts(kept, read)))

    picture, sound = probed(path)
    assert float(picture["duration"]) == pytest.approx(6.5, abs=0.05)
    assert float(sound["duration"]) == pytest.approx(6.5, abs=0.1)
    assert len(decoded_frames(path)) > 0


def test_a_picture_that_was_not_made_here_is_refused(folder: Path) -> None:
    path = folder / "other.bin"
    path.write_bytes(b"\x00\x00\x00\x04free" * 100)

    with pytest.raises(MediaFailed):
        join_parts([[StoredPart(str(path), 100, [(100, 300)])]], read)
    with pytest.raises(MediaFailed):
        join_parts([], read)


def test_the_tables_hold_no_offset_below_zero(prepared: Prepared, folder: Path) -> None:
    """Old televisions know version 0 of ctts only."""
    content = joined_file(prepared, "360p", folder / "old.mp4").read_bytes()

    inside = content[content.find(b"ctts") + 4 :]
    assert inside[0] == 0
    assert next(kind for kind, _body in boxes(content)) == b"ftyp"


@pytest.fixture(scope="module")
def playwright() -> Iterator[Playwright]:
    with running_playwright() as driver:
        yield driver


@pytest.fixture(scope="module")
def browser(playwright: Playwright) -> Iterator[Browser]:
    browser = launch(playwright)
    yield browser
    browser.close()


@pytest.mark.slow
def test_chromium_plays_a_saved_lesson_from_the_disk(
    prepared: Prepared, folder: Path, browser: Browser
) -> None:
    joined_file(prepared, "360p", folder / "from disk.mp4")
    (folder / "disk.html").write_text('<video src="from%20disk.mp4" muted></video>')
    page = browser.new_page()
    page.goto((folder / "disk.html").as_uri())

    played = page.evaluate(
        """async () => {
          const video = document.querySelector("video");
          await video.play();
          await new Promise((go) => video.addEventListener("timeupdate", () => {
            if (video.currentTime > 1) go();
          }));
          video.currentTime = 13;
          await new Promise((go) => video.addEventListener("ended", go, { once: true }));
          return [video.duration, video.videoWidth, video.error];
        }"""
    )
    page.close()

    assert played == [pytest.approx(14.5, abs=0.1), 640, None]
