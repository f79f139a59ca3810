"""`kill -9` while a lesson's file is made anew: it plays on, and ends with the new one."""

import random
import sys
import time
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from media_pipeline.ladder import LADDER_VERSION
from server.migrations import upgrade
from server.models.library import Asset, AssetState, Original
from server.models.people import RoleName
from server.services.consistency import find_faults
from server.services.remaking import remake_older
from server.wiring import Wiring, wire
from tests.builders import a_lesson, a_person, an_arrived_file
from tests.media_clips import a_clip
from tests.services.product import Product
from tests.services.programs import Program
from tests.working import parked_jobs, work_until_idle

KILLS = 4
PATIENCE_S = 300


@pytest.fixture
def product(tmp_path: Path) -> Product:
    product = Product(tmp_path / "data", port=1)
    product.data_path.mkdir()
    with product.wired() as wiring:
        upgrade(wiring.engine)
    return product


def shown(wiring: Wiring, original: Original) -> Asset:
    """Return the asset that the lesson plays now."""
    with wiring.sessions() as session, session.begin():
        asset_id = session.get_one(Original, original.id).asset_id
        return session.get_one(Asset, asset_id)


def an_old_lesson(session: Session, wiring: Wiring, tmp_path: Path) -> Original:
    clip = a_clip(tmp_path / "clip.mp4", seconds=40, size="426x240")
    original = an_arrived_file(session, wiring.store, clip)
    a_lesson(session, original.owner, original=original, published=True)
    work_until_idle(wiring)
    session.expire_all()
    original.asset.ladder_version = LADDER_VERSION - 1
    session.commit()
    return original


@pytest.mark.slow
def test_a_worker_killed_while_it_makes_a_file_anew_harms_nobody(
    product: Product, tmp_path: Path
) -> None:
    wiring = wire(product.settings)
    moments = random.Random(2569)  # noqa: S311 (a moment, not a secret)
    with wiring.sessions() as session:
        original = an_old_lesson(session, wiring, tmp_path)
        remake_older(session, wiring.clock, by=a_person(session, RoleName.OFFICE_ADMIN))
    argv = [sys.executable, "-m", "server.cli", "worker"]

    for number in range(KILLS + 1):
        log_path = tmp_path / f"worker{number}.log"
        worker = Program(argv, log_path=log_path, env=product.environment)
        is_last = number == KILLS
        until = time.monotonic() + (PATIENCE_S if is_last else moments.uniform(1.5, 4.0))
        while time.monotonic() < until and shown(wiring, original).ladder_version < LADDER_VERSION:
            assert shown(wiring, original).state == AssetState.READY
            time.sleep(0.2)
        worker.process.kill()
        worker.process.wait()

    asset = shown(wiring, original)
    assert (asset.state, asset.ladder_version) == (AssetState.READY, LADDER_VERSION)
    assert parked_jobs(wiring) == []
    with wiring.sessions() as session:
        older = session.get_one(Asset, asset.replaces_id)
        assert older.retired_at is not None
        assert session.scalars(select(Original.asset_id)).all() == [asset.id]
        session.commit()
        assert find_faults(session, wiring.clock, store=wiring.store) == []
    wiring.engine.dispose()
