"""A lesson in sound alone, from the uploaded file to what its player is told."""

import json
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from server.models.library import Asset, AssetState
from server.services.expected_objects import expected_objects, real_totals
from server.services.play import asset_state
from server.wiring import Wiring
from tests.builders import an_arrived_file
from tests.media_clips import a_clip, make_clip
from tests.working import parked_jobs, work_until_idle

pytestmark = pytest.mark.slow


def test_a_recording_in_sound_gets_a_waveform_that_its_player_can_fetch(
    session: Session, wiring: Wiring, tmp_path: Path
) -> None:
    tone = ("-f", "lavfi", "-i", "sine=frequency=300:duration=6")
    original = an_arrived_file(session, wiring.store, make_clip(tmp_path / "talk.mp3", *tone))

    work_until_idle(wiring)

    told = asset_state(session, original.asset_id).waveform
    assert told is not None
    content = json.loads(wiring.store.read_range(told["key"], 0, 10_000))
    assert told["key"].endswith(f"/{told['name']}")
    assert content["interval_s"] * told["peak_count"] == pytest.approx(6, abs=0.2)
    assert parked_jobs(wiring) == []


def test_the_waveform_is_counted_and_is_no_orphan(
    session: Session, wiring: Wiring, tmp_path: Path
) -> None:
    tone = ("-f", "lavfi", "-i", "sine=frequency=300:duration=3")
    original = an_arrived_file(session, wiring.store, make_clip(tmp_path / "talk.mp3", *tone))

    work_until_idle(wiring)

    session.expire_all()
    asset = session.get_one(Asset, original.asset_id)
    assert asset.state == AssetState.READY
    assert asset.stills_bytes == wiring.store.stat(asset.waveform["key"]).size_bytes
    assert asset.waveform["key"] in {each.key for each in expected_objects(session)}
    assert real_totals(session) == {}


def test_a_video_gets_no_waveform(session: Session, wiring: Wiring, tmp_path: Path) -> None:
    original = an_arrived_file(session, wiring.store, a_clip(tmp_path / "clip.mp4", seconds=3))

    work_until_idle(wiring)

    assert asset_state(session, original.asset_id).waveform is None
