"""`kill -9` of the worker at any moment loses nothing."""

import hashlib
import random
import sys
import time
from pathlib import Path

import pytest
from sqlalchemy import select

from server.messages import EncodeStretch
from server.migrations import upgrade
from server.models.jobs import JobRow, JobState
from server.models.library import Asset, AssetState
from server.wiring import Wiring, wire
from tests.builders import an_arrived_file
from tests.media_clips import a_clip
from tests.services.product import Product
from tests.services.programs import Program
from tests.working import due_jobs, parked_jobs

KILLS = 6
PATIENCE_S = 400
CLIP_S = 100


@pytest.fixture
def product(tmp_path: Path) -> Product:
    product = Product(tmp_path / "data", port=1)
    product.data_path.mkdir()
    with product.wired() as wiring:
        upgrade(wiring.engine)
    return product


def start_worker(product: Product) -> Program:
    argv = [sys.executable, "-m", "server.cli", "worker"]
    log_path = product.data_path.parent / "worker.log"
    return Program(argv, log_path=log_path, env=product.environment)


def kill(worker: Program, wiring: Wiring) -> int:
    """End it as a power cut does; return how many stretches it was encoding."""
    worker.process.kill()
    worker.process.wait()
    with wiring.sessions() as session, session.begin():
        running = select(JobRow.worker).where(
            JobRow.kind == EncodeStretch.kind, JobRow.state == JobState.RUNNING
        )
        names = session.scalars(running).all()
    return sum(f":{worker.process.pid}:" in name for name in names)


def state_of(wiring: Wiring, asset_id: object) -> tuple[str, list[str]]:
    with wiring.sessions() as session, session.begin():
        state = session.get_one(Asset, asset_id).state
    return state, due_jobs(wiring)


@pytest.mark.slow
def test_a_worker_killed_six_times_leaves_a_whole_lesson(product: Product, tmp_path: Path) -> None:
    clip = a_clip(tmp_path / "clip.mp4", seconds=CLIP_S, size="854x480")
    wiring = wire(product.settings)
    with wiring.sessions() as session:
        original = an_arrived_file(session, wiring.store, clip)
        asset_id, key = original.asset_id, original.asset.original_key
    moments = random.Random(2569)  # noqa: S311 (a moment, not a secret)

    stretches_lost = []
    for _ in range(KILLS):
        worker = start_worker(product)
        time.sleep(moments.uniform(1.0, 6.0))
        stretches_lost.append(kill(worker, wiring))
    worker = start_worker(product)
    try:
        deadline = time.monotonic() + PATIENCE_S
        while state_of(wiring, asset_id) != (AssetState.READY, []):
            assert time.monotonic() < deadline, (state_of(wiring, asset_id), worker.log()[-3000:])
            time.sleep(0.3)
    finally:
        worker.stop()

    assert max(stretches_lost) <= 1
    stored = wiring.store.read_range(key, 0, clip.stat().st_size + 1)
    assert hashlib.sha256(stored).digest() == hashlib.sha256(clip.read_bytes()).digest()
    assert parked_jobs(wiring) == []
    with wiring.sessions() as session:
        assert set(session.scalars(select(JobRow.kind))) == {"tidy_up"}  # tomorrow's
        assert all(row.is_whole for row in session.get_one(Asset, asset_id).renditions)
    assert list((product.settings.work_path / "workers").iterdir()) == []
    wiring.engine.dispose()
