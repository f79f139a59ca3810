"""What people do to work at a bad moment, with a real worker and real ffmpeg."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from media_pipeline.probe import probe_file
from server.messages import EncodeStretch
from server.models.jobs import JobRow, JobState
from server.models.library import Asset, AssetState
from server.models.people import RoleName
from server.services.asset_plan import plan_asset
from server.services.assets import start_preparing
from server.services.queue_changes import cancel_preparing, prepare_again, retry_job
from server.wiring import Wiring
from server.worker import run_worker
from tests.builders import a_person, an_arrived_file
from tests.media_clips import TOOLS, a_clip
from tests.working import due_jobs, parked_jobs, work_until_idle

pytestmark = pytest.mark.slow
PATIENCE_S = 120


@contextmanager
def working(wiring: Wiring) -> Iterator[None]:
    stopping = threading.Event()
    worker = threading.Thread(target=run_worker, args=(wiring, stopping))
    worker.start()
    try:
        yield
    finally:
        stopping.set()
        worker.join()


def running_stretches(wiring: Wiring) -> list[UUID]:
    with wiring.sessions() as session, session.begin():
        runs = (JobRow.kind == EncodeStretch.kind) & (JobRow.state == JobState.RUNNING)
        return list(session.scalars(select(JobRow.id).where(runs)))


def wait_for_stretch(wiring: Wiring) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not running_stretches(wiring):
        assert time.monotonic() < deadline
        time.sleep(0.02)


def state_of(session: Session, asset_id: UUID) -> Asset:
    session.expire_all()
    return session.get_one(Asset, asset_id)


def test_work_that_is_stopped_while_it_runs_ends_and_can_be_taken_up_again(
    session: Session, wiring: Wiring, tmp_path: Path
) -> None:
    office = a_person(session, RoleName.OFFICE_ADMIN)
    clip = a_clip(tmp_path / "clip.mp4", seconds=24, size="1280x720")
    asset_id = an_arrived_file(session, wiring.store, clip).asset_id
    with working(wiring):
        wait_for_stretch(wiring)
        cancel_preparing(session, wiring.clock, asset_id=asset_id, by=office)
    with wiring.sessions() as look, look.begin():
        left = look.scalars(select(JobRow.id).where(JobRow.asset_id == asset_id)).all()
    assert left == []
    assert state_of(session, asset_id).state != AssetState.READY
    session.rollback()

    prepare_again(session, wiring.clock, asset_id=asset_id, by=office)
    work_until_idle(wiring)

    asset = state_of(session, asset_id)
    assert asset.state == AssetState.READY
    assert all(row.is_whole for row in asset.renditions if not row.is_retired)
    assert parked_jobs(wiring) == due_jobs(wiring) == []


def test_a_parked_stretch_that_is_tried_again_completes_the_lesson(
    session: Session, wiring: Wiring, tmp_path: Path
) -> None:
    office = a_person(session, RoleName.OFFICE_ADMIN)
    clip = a_clip(tmp_path / "clip.mp4", seconds=20, size="854x480")
    asset_id = an_arrived_file(session, wiring.store, clip).asset_id
    info = probe_file(clip, TOOLS)
    asset = session.get_one(Asset, asset_id)
    start_preparing(session, wiring.clock(), asset, info, plan_asset(asset_id, info))
    stretches = select(JobRow).where(JobRow.kind == EncodeStretch.kind).order_by(JobRow.id)
    parked = session.scalars(stretches).all()[-1]
    parked.state, parked.attempts = JobState.DEAD, 3
    session.commit()
    work_until_idle(wiring)
    assert state_of(session, asset_id).state == AssetState.PREPARING
    session.rollback()

    retry_job(session, wiring.clock, job_id=parked.id, by=office)
    work_until_idle(wiring)

    asset = state_of(session, asset_id)
    assert asset.state == AssetState.READY
    assert all(row.is_whole for row in asset.renditions if not row.is_retired)
