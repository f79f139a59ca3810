"""Two workers that share nothing but the database and the object store."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from server.database_clock import DatabaseClock
from server.models.library import Asset, AssetState
from server.services.playlists import find_document
from server.wiring import Wiring, open_database
from storage.keys import part_key
from tests.builders import an_arrived_file
from tests.media_clips import make_clip
from tests.services.product import Product
from tests.services.programs import Program
from tests.working import due_jobs, parked_jobs

PATIENCE_S = 240
CLIP_S = 150
STRETCH_DONE = "EncodeStretch("


@pytest.fixture
def machines(tmp_path: Path, postgres_url: str, s3_url: str) -> tuple[Product, Product]:
    """Two folders; only the first machine has the server's search index."""
    shared = {"DATABASE_URL": postgres_url, "OBJECT_STORE_URL": s3_url}
    first = Product(tmp_path / "first" / "data", port=1, options=shared)
    second = Product(
        tmp_path / "second" / "data", port=2, options={**shared, "WORKER_TAKES": "media"}
    )
    for product in (first, second):
        product.data_path.mkdir(parents=True)
    return first, second


@contextmanager
def running_worker(product: Product) -> Iterator[Program]:
    argv = [sys.executable, "-m", "server.cli", "worker"]
    log_path = product.data_path.parent / "worker.log"
    worker = Program(argv, log_path=log_path, env=product.environment)
    try:
        yield worker
    finally:
        worker.stop()


def wait_until(is_so: Callable[[], bool], *workers: Program) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not is_so():
        assert time.monotonic() < deadline, [worker.log()[-3000:] for worker in workers]
        time.sleep(0.2)


def stretches_done(worker: Program) -> int:
    return sum(STRETCH_DONE in line and " done in " in line for line in worker.log().splitlines())


def a_recording(path: Path) -> Path:
    """Make a file that has to be encoded."""
    picture = ["-f", "lavfi", "-i", f"testsrc2=size=640x360:rate=30:duration={CLIP_S}"]
    tone = ["-f", "lavfi", "-i", f"sine=frequency=440:duration={CLIP_S}"]
    return make_clip(path, *picture, *tone, "-c:v", "mpeg4", "-q:v", "8", "-c:a", "aac")


def assert_whole(wiring: Wiring, asset: Asset) -> None:
    assert all(row.is_whole for row in asset.renditions)
    for row in asset.renditions:
        assert [part.number for part in row.parts] == list(range(len(row.parts)))
        for part in row.parts:
            assert wiring.store.stat(part_key(asset.id, part.sha256)).size_bytes == part.size_bytes
        with wiring.sessions() as session:
            playlist = find_document(session, asset.id, f"{row.name}.m3u8")
        assert playlist is not None
        assert playlist.text.rstrip().endswith("#EXT-X-ENDLIST")


@pytest.mark.slow
def test_two_machines_share_one_recording_and_the_loss_of_one_loses_nothing(
    machines: tuple[Product, Product], tmp_path: Path
) -> None:
    first, second = machines
    clip = a_recording(tmp_path / "recording.mp4")
    with first.wired() as wiring:
        with first.session() as session:
            asset_id = an_arrived_file(session, wiring.store, clip).asset_id

        def is_done() -> bool:
            with wiring.sessions() as session, session.begin():
                is_ready = session.get_one(Asset, asset_id).state == AssetState.READY
            return is_ready and not due_jobs(wiring)

        with running_worker(first) as survivor, running_worker(second) as victim:
            workers = (survivor, victim)
            wait_until(lambda: all(stretches_done(each) > 0 for each in workers), *workers)
            assert not is_done()
            victim.process.kill()
            victim.process.wait()
            wait_until(is_done, survivor)

        assert parked_jobs(wiring) == []
        with wiring.sessions() as session:
            assert_whole(wiring, session.get_one(Asset, asset_id))
    for worker in workers:
        assert worker.log().count("fetched ") == 1
    assert "IndexChanges" not in victim.log()


def test_the_time_is_the_databases(postgres_url: str) -> None:
    engine = open_database(postgres_url)
    clock = DatabaseClock(engine)

    with engine.connect() as connection:
        asked = connection.scalar(text("SELECT clock_timestamp()"))

    assert isinstance(asked, datetime)
    assert abs(clock() - asked.astimezone(UTC)) < timedelta(seconds=5)
    engine.dispose()
