"""The supervisor of ffmpeg: whatever happens, nothing is left running."""

import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from media_pipeline.errors import DiskFull, EncodeStalled, EncodeTooSlow, MediaFailed, ToolsMissing
from media_pipeline.growing import encode_sound
from media_pipeline.parts import MadePart
from media_pipeline.probe import probe_file
from media_pipeline.run import Limits, Progress, run_ffmpeg
from tests.media_clips import TOOLS, a_clip

FFMPEG = str(TOOLS.ffmpeg)


def endless(mark: str) -> list[str]:
    """Return an encode that never ends, with a mark to find its process by."""
    source = ["-re", "-f", "lavfi", "-i", "testsrc2=size=64x64:rate=10"]
    return [FFMPEG, "-v", "error", *source, "-metadata", f"title={mark}", "-f", "null", "-"]


def running(mark: str) -> list[psutil.Process]:
    found = []
    for process in psutil.process_iter(["cmdline", "status"]):
        is_dead = process.info["status"] == psutil.STATUS_ZOMBIE
        if f"title={mark}" in (process.info["cmdline"] or []) and not is_dead:
            found.append(process)
    return found


class Stop(Exception):
    """What a caller raises when its lease is lost."""


def test_a_caller_that_raises_stops_ffmpeg_and_gets_its_own_error() -> None:
    seen: list[Progress] = []

    def lose_the_lease(progress: Progress) -> None:
        seen.append(progress)
        if progress.frame_count > 3:
            raise Stop

    with pytest.raises(Stop):
        run_ffmpeg(endless("raises"), Limits(), on_tick=lose_the_lease)

    assert seen[-1].frame_count > 3
    assert running("raises") == []


def test_a_run_past_its_wall_limit_is_killed() -> None:
    with pytest.raises(EncodeTooSlow):
        run_ffmpeg(endless("wall"), Limits(wall_s=1.0))

    assert running("wall") == []


def test_a_run_past_its_cpu_limit_is_killed() -> None:
    source = ["-f", "lavfi", "-i", "testsrc2=size=1920x1080"]
    busy = [FFMPEG, "-v", "error", *source, "-f", "null", "-"]

    with pytest.raises(EncodeTooSlow):
        run_ffmpeg(busy, Limits(cpu_s=1, wall_s=60))


def test_a_run_without_progress_is_killed() -> None:
    def freeze(progress: Progress) -> None:
        for process in running("stalls"):
            process.suspend()

    with pytest.raises(EncodeStalled):
        run_ffmpeg(endless("stalls"), Limits(stall_s=1.5), on_tick=freeze)

    assert running("stalls") == []


def test_a_file_past_its_size_limit_is_not_written(tmp_path: Path) -> None:
    big = ["-f", "lavfi", "-i", "testsrc2=size=640x360:duration=5", "-f", "rawvideo"]

    with pytest.raises(MediaFailed):
        run_ffmpeg([FFMPEG, *big, str(tmp_path / "big")], Limits(file_bytes=2**20))

    assert (tmp_path / "big").stat().st_size <= 2**20


def test_a_failure_tells_the_last_lines() -> None:
    with pytest.raises(MediaFailed, match="No such file") as failed:
        run_ffmpeg([FFMPEG, "-v", "error", "-i", "/nowhere.mp4", "-f", "null", "-"], Limits())

    assert failed.value.code == "encode_failed"


def test_a_program_that_is_not_there_is_said_to_be_missing() -> None:
    with pytest.raises(ToolsMissing):
        run_ffmpeg(["/nowhere/ffmpeg"], Limits())


def test_ffmpeg_dies_with_a_worker_that_is_killed() -> None:
    script = (
        "from media_pipeline.run import Limits, run_ffmpeg\n"
        f"run_ffmpeg({endless('orphan')!r}, Limits())\n"
    )
    worker = subprocess.Popen([sys.executable, "-c", script])
    wait_until(lambda: running("orphan"))

    worker.kill()
    worker.wait()

    wait_until(lambda: not running("orphan"))


def wait_until(is_so: object) -> None:
    assert callable(is_so)
    deadline = time.monotonic() + 20
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_parts_of_sound_arrive_while_the_run_goes_on_and_a_raise_ends_it(tmp_path: Path) -> None:
    clip = a_clip(tmp_path / "clip.mp4", seconds=15)
    info = probe_file(clip, TOOLS)

    def refuse(part: MadePart) -> None:
        raise Stop

    with pytest.raises(Stop):
        encode_sound(clip, tmp_path, TOOLS, info, on_part=refuse, on_progress=lambda _: None)


def test_a_full_disk_has_a_code_of_its_own() -> None:
    source = ["-f", "lavfi", "-i", "testsrc2=duration=1"]

    with pytest.raises(DiskFull):
        run_ffmpeg([FFMPEG, "-v", "error", "-y", *source, "-f", "rawvideo", "/dev/full"], Limits())
