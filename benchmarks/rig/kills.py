"""`kill -9` of a worker at random moments; another is started at once.

Without the supervisor: it waits longer before every start of what keeps ending, as it should.
"""

import hashlib
import random
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from sqlalchemy import select

from benchmarks.rig.lectures import ffmpeg
from server.models.jobs import JobRow, JobState
from server.models.library import Asset, AssetState
from server.wiring import Wiring
from tests.builders import an_arrived_file
from tests.services.product import Product
from tests.services.programs import Program
from tests.working import due_jobs, parked_jobs

KILLS = 20
LENGTH_S = 180
PATIENCE_S = 600.0
POLL_S = 0.1


@dataclass(slots=True)
class Survival:
    """What 20 kills did."""

    kill_count: int = 0
    lost_count: int = 0  # jobs parked or left over, renditions not whole, an original changed
    most_stretches_redone: int = 0  # that ran at one kill
    slowest_again_s: float = 0.0


def kill_workers(folder: Path) -> Survival:
    """Prepare three minutes of 480p while the worker is killed again and again."""
    folder.mkdir()
    clip, survival = _clip(folder / "clip.mp4"), Survival()
    moments = random.Random(2569)  # noqa: S311 (a moment, not a secret)
    product = Product(folder / "data", port=1)
    product.data_path.mkdir()
    product.prepare()
    with product.wired() as wiring:
        with product.session() as session:
            original = an_arrived_file(session, wiring.store, clip)
            asset_id, key = original.asset_id, original.asset.original_key
        worker = _start_worker(product)
        while survival.kill_count < KILLS and not _is_ready(wiring, asset_id):
            time.sleep(moments.uniform(1.0, 4.0))
            worker = _kill_once(product, worker, wiring, survival)
        _wait(lambda: _is_ready(wiring, asset_id) and not due_jobs(wiring))
        worker.stop()
        stored = wiring.store.read_range(key, 0, clip.stat().st_size + 1)
        survival.lost_count = len(parked_jobs(wiring)) + _unfinished(wiring, asset_id)
        survival.lost_count += hashlib.sha256(stored).digest() != _digest(clip)
    return survival


def _start_worker(product: Product) -> Program:
    argv = [sys.executable, "-m", "server.cli", "worker"]
    return Program(argv, log_path=product.data_path / "worker.log", env=product.environment)


def _kill_once(product: Product, worker: Program, wiring: Wiring, survival: Survival) -> Program:
    """Kill the worker, start another, and wait until that one has work."""
    running = _running(wiring)
    worker.process.kill()
    worker.process.wait()
    killed_s = time.monotonic()
    successor = _start_worker(product)
    _wait(lambda: _goes_on(wiring, {name for _kind, name in running}))
    own = f":{worker.process.pid}:"  # rows of workers killed earlier may still say that they run
    stretches = sum(kind == "encode_stretch" and own in name for kind, name in running)
    survival.kill_count += 1
    survival.most_stretches_redone = max(survival.most_stretches_redone, stretches)
    survival.slowest_again_s = max(survival.slowest_again_s, time.monotonic() - killed_s)
    return successor


def _clip(path: Path) -> Path:
    picture = f"testsrc2=size=854x480:rate=30:duration={LENGTH_S}"
    tone = f"sine=frequency=440:duration={LENGTH_S}"
    coded = ["-c:v", "mpeg4", "-q:v", "6", "-c:a", "aac"]  # a codec that must be encoded
    ffmpeg("-f", "lavfi", "-i", picture, "-f", "lavfi", "-i", tone, *coded, str(path))
    return path


def _running(wiring: Wiring) -> list[tuple[str, str]]:
    """Return (kind, worker) of every job that runs."""
    with wiring.sessions() as session, session.begin():
        runs = JobRow.state == JobState.RUNNING
        rows = session.execute(select(JobRow.kind, JobRow.worker).where(runs))
        return [(kind, worker) for kind, worker in rows]


def _goes_on(wiring: Wiring, dead_workers: set[str]) -> bool:
    """Tell whether a new worker has work, or none is left."""
    running = _running(wiring)
    return any(worker not in dead_workers for _kind, worker in running) or not due_jobs(wiring)


def _is_ready(wiring: Wiring, asset_id: UUID) -> bool:
    with wiring.sessions() as session, session.begin():
        return session.get_one(Asset, asset_id).state == AssetState.READY


def _unfinished(wiring: Wiring, asset_id: UUID) -> int:
    with wiring.sessions() as session, session.begin():
        return sum(not row.is_whole for row in session.get_one(Asset, asset_id).renditions)


def _digest(path: Path) -> bytes:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").digest()


def _wait(is_so: Callable[[], bool]) -> None:
    until_s = time.monotonic() + PATIENCE_S
    while not is_so():
        if time.monotonic() > until_s:
            raise RuntimeError("the workers do not go on")
        time.sleep(POLL_S)
