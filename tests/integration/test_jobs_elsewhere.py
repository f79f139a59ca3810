"""The same work with PostgreSQL and S3."""

from pathlib import Path

import pytest

from server.models.library import Asset, AssetState
from server.request_context import RequestSession
from server.settings import Settings
from server.wiring import wire
from tests.builders import StoppedClock, an_arrived_file
from tests.media_clips import a_clip
from tests.working import due_jobs, parked_jobs, work_until_idle


@pytest.mark.slow
def test_a_clip_in_s3_is_prepared_from_one_copy_of_the_original(
    settings: Settings, postgres_url: str, s3_url: str, clock: StoppedClock, tmp_path: Path
) -> None:
    elsewhere = settings.model_copy(
        update={"database_url": postgres_url, "object_store_url": s3_url}
    )
    wiring = wire(elsewhere, clock=clock)
    with RequestSession(wiring.engine, expire_on_commit=False) as session:
        original = an_arrived_file(session, wiring.store, a_clip(tmp_path / "clip.mp4", seconds=9))

    work_until_idle(wiring)

    with wiring.sessions() as session:
        asset = session.get_one(Asset, original.asset_id)
        assert asset.state == AssetState.READY
        assert {row.name for row in asset.renditions} >= {"240p", "audio", "remux"}
    assert parked_jobs(wiring) == due_jobs(wiring) == []
    assert len(list((settings.work_path / "originals").iterdir())) == 1
    wiring.engine.dispose()
