"""The same work with PostgreSQL and S3."""

import os
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import UUID

import pytest

from server.jobs.originals import IN_USE_S, OriginalFiles
from server.models.library import Asset, AssetState
from server.settings import Settings
from server.wiring import open_store, wire
from storage.keys import original_key
from tests.builders import StoppedClock, an_arrived_file
from tests.media_clips import a_clip
from tests.working import due_jobs, parked_jobs, work_until_idle
from tests.write_guard import building


@pytest.mark.slow
def test_a_clip_in_s3_is_prepared_from_one_copy_of_the_original(
    settings: Settings, postgres_url: str, s3_url: str, clock: StoppedClock, tmp_path: Path
) -> None:
    elsewhere = settings.model_copy(
        update={"database_url": postgres_url, "object_store_url": s3_url}
    )
    wiring = wire(elsewhere, clock=clock)
    with building(wiring.engine) as session:
        original = an_arrived_file(session, wiring.store, a_clip(tmp_path / "clip.mp4", seconds=9))

    work_until_idle(wiring)

    with wiring.sessions() as session:
        asset = session.get_one(Asset, original.asset_id)
        assert asset.state == AssetState.READY
        assert {row.name for row in asset.renditions} >= {"240p", "audio", "remux"}
    assert parked_jobs(wiring) == due_jobs(wiring) == []
    assert len(list((settings.work_path / "originals").iterdir())) == 1
    wiring.engine.dispose()


def test_copies_of_originals_take_no_more_room_than_allowed(s3_url: str, tmp_path: Path) -> None:
    store = open_store(s3_url)
    keys = [original_key(UUID(int=number)) for number in range(1, 4)]
    for key in keys:
        store.put_bytes(key, b"x" * 1000, content_type="video/mp4")
    originals = OriginalFiles(store, tmp_path / "copies", max_bytes=2000)

    first = originals.path_of(keys[0])
    long_ago = time.time() - 2 * IN_USE_S
    os.utime(first, (long_ago, long_ago))
    others = [originals.path_of(key) for key in keys[1:]]

    assert not first.exists()
    assert all(path.read_bytes() == b"x" * 1000 for path in others)
    assert originals.path_of(keys[0]).exists()  # nothing that is in use makes room
    assert all(path.exists() for path in others)


def test_an_original_that_many_want_at_once_is_fetched_once(s3_url: str, tmp_path: Path) -> None:
    store = open_store(s3_url)
    key = original_key(UUID(int=9))
    store.put_bytes(key, os.urandom(3_000_000), content_type="video/mp4")
    originals = OriginalFiles(store, tmp_path / "copies", max_bytes=2**30)

    with ThreadPoolExecutor(4) as threads:
        paths = list(threads.map(lambda _: originals.path_of(key), range(4)))
        inodes = {path.stat().st_ino for path in paths}

    assert len(inodes) == 1
    assert list((tmp_path / "copies").iterdir()) == [paths[0]]
