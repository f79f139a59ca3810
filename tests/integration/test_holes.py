"""What cannot be encoded becomes a hole: everything before and after it plays."""

import shlex
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from media_pipeline.tools import Tools
from server.models.jobs import JobRow, JobState
from server.models.library import Asset, AssetKind, AssetState
from server.queue import retry_dead
from server.services.holes import holes_of
from server.wiring import Wiring
from tests.builders import StoppedClock, an_arrived_file
from tests.media_clips import TOOLS, a_clip, decoded_frames
from tests.odd_recordings import DAMAGED, PLAYING
from tests.working import due_jobs, work_until_idle

pytestmark = pytest.mark.slow


def with_broken_ffmpeg(wiring: Wiring, folder: Path, *patterns: str) -> Wiring:
    """Return wiring whose ffmpeg fails where its words match one of `patterns`."""
    program = folder / "ffmpeg"
    cases = "".join(f"*{shlex.quote(pattern)}*) exit 9;;\n" for pattern in patterns)
    program.write_text(f'#!/bin/sh\ncase "$*" in\n{cases}esac\nexec {TOOLS.ffmpeg} "$@"\n')
    program.chmod(0o755)
    return replace(wiring, tools=Tools(program, TOOLS.ffprobe))


def work_until_settled(wiring: Wiring, clock: StoppedClock) -> None:
    """Work until nothing is left to try again."""
    for _ in range(8):
        work_until_idle(wiring)
        clock.forward(minutes=2)
        if not set(due_jobs(wiring)) - {"tidy_up", "index_changes"}:
            return
    raise AssertionError(due_jobs(wiring))


def asset_of(session: Session, asset_id: UUID) -> Asset:
    session.expire_all()
    return session.get_one(Asset, asset_id)


def shown(wiring: Wiring, asset: Asset, name: str, folder: Path) -> Path:
    """Return one rendition's parts as one file."""
    row = next(row for row in asset.renditions if row.name == name)
    path = folder / f"{name}.mp4"
    keys = [f"assets/{asset.id}/{part.sha256}.m4s" for part in row.parts]
    path.write_bytes(b"".join(wiring.store.read_range(key, 0, 2**30) for key in keys))
    return path


def test_a_stretch_that_fails_three_times_becomes_black_and_the_rest_plays(
    session: Session, wiring: Wiring, clock: StoppedClock, tmp_path: Path
) -> None:
    original = an_arrived_file(session, wiring.store, a_clip(tmp_path / "clip.mp4", seconds=20))

    work_until_settled(with_broken_ffmpeg(wiring, tmp_path, "-ss 4.000"), clock)

    asset = asset_of(session, original.asset_id)
    assert asset.state == AssetState.READY
    assert holes_of(asset) == [(4, 12)]
    for name in ("240p", "360p"):
        assert len(set(decoded_frames(shown(wiring, asset, name, tmp_path)))) > 90
    assert {tuple(part.number for part in row.parts) for row in asset.renditions} == {(0, 1, 2)}


def test_a_hole_that_is_tried_again_shows_its_picture(
    session: Session, wiring: Wiring, clock: StoppedClock, tmp_path: Path
) -> None:
    original = an_arrived_file(session, wiring.store, a_clip(tmp_path / "clip.mp4", seconds=20))
    work_until_settled(with_broken_ffmpeg(wiring, tmp_path, "-ss 4.000"), clock)
    parked = select(JobRow).where(JobRow.state == JobState.DEAD)

    for job in session.scalars(parked).all():
        retry_dead(session, clock(), job.id)
    session.commit()
    work_until_idle(wiring)

    asset = asset_of(session, original.asset_id)
    assert (asset.state, holes_of(asset)) == (AssetState.READY, [])
    for row in asset.renditions:
        assert row.size_bytes == sum(part.size_bytes for part in row.parts)
    assert len(set(decoded_frames(shown(wiring, asset, "240p", tmp_path)))) > 250


def test_a_finer_picture_that_fails_is_taken_from_the_lowest(
    session: Session, wiring: Wiring, clock: StoppedClock, tmp_path: Path
) -> None:
    clip = a_clip(tmp_path / "clip.mkv", seconds=14, size="854x480")
    original = an_arrived_file(session, wiring.store, clip)

    work_until_settled(with_broken_ffmpeg(wiring, tmp_path, "360p-1.stream -c:v"), clock)

    asset = asset_of(session, original.asset_id)
    assert (asset.state, holes_of(asset)) == (AssetState.READY, [])
    assert len(set(decoded_frames(shown(wiring, asset, "360p", tmp_path)))) > 250


def test_without_any_picture_it_is_a_lesson_to_listen_to(
    session: Session, wiring: Wiring, clock: StoppedClock, tmp_path: Path
) -> None:
    original = an_arrived_file(session, wiring.store, a_clip(tmp_path / "clip.mkv", seconds=9))

    work_until_settled(with_broken_ffmpeg(wiring, tmp_path, "wrapped_avframe"), clock)

    asset = asset_of(session, original.asset_id)
    assert (asset.state, asset.kind) == (AssetState.READY, AssetKind.AUDIO)
    assert [row.name for row in asset.renditions] == ["audio"]


def test_without_any_picture_and_sound_it_fails_with_a_code(
    session: Session, wiring: Wiring, clock: StoppedClock, tmp_path: Path
) -> None:
    clip = a_clip(tmp_path / "clip.mkv", seconds=6, sound=False)
    original = an_arrived_file(session, wiring.store, clip)

    work_until_settled(with_broken_ffmpeg(wiring, tmp_path, "wrapped_avframe", "-c:v copy"), clock)

    asset = asset_of(session, original.asset_id)
    assert (asset.state, asset.error_code) == (AssetState.FAILED, "broken_file")


def test_an_empty_sound_track_leaves_a_silent_lesson(
    session: Session, wiring: Wiring, tmp_path: Path
) -> None:
    silent = PLAYING["empty sound track.mp4"](tmp_path / "silent.mp4")
    original = an_arrived_file(session, wiring.store, silent)

    work_until_idle(wiring)

    asset = asset_of(session, original.asset_id)
    assert asset.state == AssetState.READY
    assert "audio" not in {row.name for row in asset.renditions}


def test_a_picture_that_ends_before_the_sound_stands_still_and_nothing_is_missing(
    session: Session, wiring: Wiring, tmp_path: Path
) -> None:
    short = PLAYING["picture ends early.mkv"](tmp_path / "short.mkv")
    original = an_arrived_file(session, wiring.store, short)

    work_until_idle(wiring)

    asset = asset_of(session, original.asset_id)
    assert (asset.state, asset.missing_s, holes_of(asset)) == (AssetState.READY, 0, [])
    assert asset.duration_s == pytest.approx(9, abs=0.1)


def test_damage_takes_the_original_picture_out_of_the_choices(
    session: Session, wiring: Wiring, tmp_path: Path
) -> None:
    damaged = DAMAGED["flipped bits.mp4"](tmp_path / "damaged.mp4")
    original = an_arrived_file(session, wiring.store, damaged)

    work_until_idle(wiring)

    asset = asset_of(session, original.asset_id)
    assert asset.state == AssetState.READY
    assert {row.name for row in asset.renditions if not row.is_retired} == {"180p", "audio"}


def test_a_recording_whose_clock_jumps_back_is_shown_whole(
    session: Session, wiring: Wiring, tmp_path: Path
) -> None:
    joined = PLAYING["two recordings.ts"](tmp_path / "joined.ts")
    original = an_arrived_file(session, wiring.store, joined)

    work_until_idle(wiring)

    asset = asset_of(session, original.asset_id)
    assert (asset.state, asset.missing_s) == (AssetState.READY, 0)
    assert asset.duration_s == pytest.approx(8, abs=0.2)
    assert asset.storyboard["tile_count"] == 3  # one in four seconds, across the jump
