"""From an uploaded file to a ready asset, by a real worker with real ffmpeg."""

import hashlib
import subprocess
from pathlib import Path

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from server.messages import EncodeSound, EncodeStretch
from server.models.library import Asset, AssetKind, AssetState, Original
from server.queue import enqueue
from server.wiring import Wiring
from storage.keys import part_key
from tests.builders import an_arrived_file
from tests.media_clips import a_clip, make_clip
from tests.working import due_jobs, parked_jobs, running_jobs, work_until, work_until_idle

pytestmark = pytest.mark.slow


def fresh(session: Session, asset_id: object) -> Asset:
    session.expire_all()
    return session.get_one(Asset, asset_id)


def starts(asset: Asset) -> dict[str, list[float]]:
    return {row.name: [part.start_s for part in row.parts] for row in asset.renditions}


def test_a_fit_clip_is_remuxed_and_encoded_and_nothing_is_left_to_do(
    session: Session, wiring: Wiring, tmp_path: Path
) -> None:
    original = an_arrived_file(session, wiring.store, a_clip(tmp_path / "clip.mp4", seconds=14))

    work_until_idle(wiring)

    asset = fresh(session, original.asset_id)
    assert (asset.state, asset.kind) == (AssetState.READY, AssetKind.VIDEO)
    assert asset.watchable_at is not None
    assert asset.poster_key
    assert asset.storyboard["tile_count"] > 1
    assert set(starts(asset)) >= {"240p", "audio", "remux"}
    assert all(row.is_whole and row.average_bps > 0 for row in asset.renditions)
    assert starts(asset)["240p"] == [0, 4, 12]
    assert parked_jobs(wiring) == due_jobs(wiring) == []


def test_every_part_is_stored_under_the_hash_of_its_bytes(
    session: Session, wiring: Wiring, tmp_path: Path
) -> None:
    original = an_arrived_file(session, wiring.store, a_clip(tmp_path / "clip.mp4", seconds=5))

    work_until_idle(wiring)

    asset = fresh(session, original.asset_id)
    for part in [part for row in asset.renditions for part in row.parts]:
        content = wiring.store.read_range(part_key(asset.id, part.sha256), 0, part.size_bytes + 1)
        assert hashlib.sha256(content).hexdigest() == part.sha256
        assert (
            len(content)
            == part.size_bytes
            == sum(row[2] for row in part.segments) + part.init_bytes
        )


def test_handlers_run_again_change_nothing(
    session: Session, wiring: Wiring, tmp_path: Path
) -> None:
    original = an_arrived_file(session, wiring.store, a_clip(tmp_path / "clip.mp4", seconds=5))
    work_until_idle(wiring)
    before = {
        row.name: [part.sha256 for part in row.parts]
        for row in fresh(session, original.asset_id).renditions
    }

    for message in (
        EncodeStretch(asset_id=original.asset_id, number=0, rungs="lowest"),
        EncodeStretch(asset_id=original.asset_id, number=0, rungs="rest"),
        EncodeSound(asset_id=original.asset_id),
    ):
        enqueue(session, message, wiring.clock())
    session.commit()
    work_until_idle(wiring)

    after = {
        row.name: [part.sha256 for part in row.parts]
        for row in fresh(session, original.asset_id).renditions
    }
    assert after == before


def test_a_cut_off_file_shows_what_is_good_and_says_what_is_missing(
    session: Session, wiring: Wiring, tmp_path: Path
) -> None:
    whole = make_clip(
        tmp_path / "whole.mp4",
        *("-f", "lavfi", "-i", "testsrc2=size=320x180:rate=25:duration=40"),
        *("-c:v", "libx264", "-pix_fmt", "yuv420p", "-movflags", "+faststart"),
    )
    cut = tmp_path / "cut.mp4"
    cut.write_bytes(whole.read_bytes()[: whole.stat().st_size * 2 // 3])
    original = an_arrived_file(session, wiring.store, cut)

    work_until_idle(wiring)

    asset = fresh(session, original.asset_id)
    assert asset.state == AssetState.READY
    assert 5 < asset.missing_s < 30
    assert asset.duration_s + asset.missing_s == pytest.approx(40, abs=1)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"\x7fELF" + b"\0" * 5000, "not_media"),
        (b"#EXTM3U\n#EXTINF:1,\n/etc/passwd\n", "not_media"),
    ],
)
def test_a_file_that_is_no_lesson_fails_once_with_a_code(
    session: Session, wiring: Wiring, tmp_path: Path, content: bytes, code: str
) -> None:
    path = tmp_path / "film.mp4"
    path.write_bytes(content)
    original = an_arrived_file(session, wiring.store, path)

    work_until_idle(wiring)

    asset = fresh(session, original.asset_id)
    assert (asset.state, asset.error_code) == (AssetState.FAILED, code)
    assert parked_jobs(wiring) == due_jobs(wiring) == []


def test_sound_alone_becomes_a_lesson_to_listen_to(
    session: Session, wiring: Wiring, tmp_path: Path
) -> None:
    tone = make_clip(tmp_path / "tone.m4a", "-f", "lavfi", "-i", "sine=duration=9", "-c:a", "aac")
    original = an_arrived_file(session, wiring.store, tone)

    work_until_idle(wiring)

    asset = fresh(session, original.asset_id)
    assert (asset.state, asset.kind) == (AssetState.READY, AssetKind.AUDIO)
    assert starts(asset) == {"audio": [0, 4]}


def test_equal_files_are_prepared_once(session: Session, wiring: Wiring, tmp_path: Path) -> None:
    clip = a_clip(tmp_path / "clip.mp4", seconds=4)
    first = an_arrived_file(session, wiring.store, clip)
    second = an_arrived_file(session, wiring.store, clip)

    work_until_idle(wiring)

    session.expire_all()
    assets = set(session.scalars(select(Original.asset_id)))
    assert assets == {first.asset_id}
    assert second.asset_id == first.asset_id
    assert len(list(wiring.store.list_keys("originals/"))) == 1


def test_equal_files_that_ended_at_the_same_moment_are_prepared_once(
    session: Session, wiring: Wiring, tmp_path: Path
) -> None:
    clip = a_clip(tmp_path / "clip.mp4", seconds=4)
    first = an_arrived_file(session, wiring.store, clip)
    second = an_arrived_file(session, wiring.store, clip)
    session.execute(update(Asset).values(sha256=hashlib.sha256(clip.read_bytes()).hexdigest()))
    session.commit()

    work_until_idle(wiring)

    session.expire_all()
    assert set(session.scalars(select(Original.asset_id))) == {first.asset_id}
    assert second.asset_id == first.asset_id
    assert len(list(wiring.store.list_keys("originals/"))) == 1
    assert parked_jobs(wiring) == []


def test_a_worker_that_is_told_to_stop_gives_its_jobs_back(
    session: Session, wiring: Wiring, tmp_path: Path
) -> None:
    original = an_arrived_file(session, wiring.store, a_clip(tmp_path / "clip.mp4", seconds=20))

    work_until(lambda: "encode_stretch" in running_jobs(wiring), wiring)

    assert running_jobs(wiring) == []
    assert "encode_stretch" in due_jobs(wiring)
    assert (
        subprocess.run(["pgrep", "-f", str(wiring.settings.work_path)], check=False).returncode == 1
    )
    work_until_idle(wiring)
    assert fresh(session, original.asset_id).state == AssetState.READY
