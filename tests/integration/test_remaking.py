"""An asset is made anew with today's ladder, and nobody who watches notices."""

from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from media_pipeline.ladder import LADDER_VERSION
from server.errors import Conflict, NotAllowed
from server.messages import TidyUp
from server.models.jobs import JobRow
from server.models.library import Asset, AssetState, Original
from server.models.people import RoleName
from server.queue import enqueue
from server.services.captions import add_captions
from server.services.consistency import find_faults
from server.services.play import is_playback_allowed, open_playback
from server.services.remaking import remake_asset, remake_older, remake_view, stop_remaking
from server.services.tidy import remove_unused_assets
from server.wiring import Wiring
from tests.builders import StoppedClock, a_lesson, a_person, an_arrived_file, queued_jobs
from tests.media_clips import a_clip
from tests.working import parked_jobs, work_until_idle

CAPTIONS = b"1\n00:00:01,000 --> 00:00:02,000\nhello\n"
pytestmark = pytest.mark.slow


def an_old_lesson(db: Session, world: Wiring, tmp_path: Path) -> Original:
    """Prepare a real clip and say that an older ladder did it."""
    original = an_arrived_file(db, world.store, a_clip(tmp_path / "clip.mp4", seconds=6))
    work_until_idle(world)
    db.expire_all()
    original.asset.ladder_version = LADDER_VERSION - 1
    db.commit()
    return original


def test_the_new_asset_follows_when_it_is_whole_and_the_old_one_goes_when_nobody_plays_it(
    db: Session, world: Wiring, clock: StoppedClock, tmp_path: Path
) -> None:
    original = an_old_lesson(db, world, tmp_path)
    old_id, key = original.asset_id, original.asset.original_key
    lesson = a_lesson(db, original.owner, original=original, published=True)
    add_captions(
        db, clock, world.store, lesson_id=lesson.id, language="th", raw=CAPTIONS, by=lesson.owner
    )
    playback = open_playback(db, clock, lesson=lesson, person=lesson.owner)

    remake_older(db, clock, by=a_person(db, RoleName.OFFICE_ADMIN))
    work_until_idle(world)

    db.expire_all()
    assert parked_jobs(world) == []
    assert original.asset_id != old_id
    assert original.asset.state == AssetState.READY
    assert original.asset.ladder_version == LADDER_VERSION
    assert lesson.text_tracks[0].key.startswith(f"assets/{original.asset_id}/")
    assert is_playback_allowed(db, clock, session_id=playback.id, asset_id=old_id)
    assert remove_unused_assets(db, clock, world.store) == 0
    clock.forward(hours=13)
    assert remove_unused_assets(db, clock, world.store) == 1
    assert list(world.store.list_keys(f"assets/{old_id}/")) == []
    assert world.store.stat(key).size_bytes == original.asset.size_bytes
    assert find_faults(db, clock, store=world.store, index=world.index) == []


def test_making_anew_comes_after_all_other_work_and_is_not_begun_twice(
    db: Session, world: Wiring, clock: StoppedClock, tmp_path: Path
) -> None:
    original = an_old_lesson(db, world, tmp_path)
    office = a_person(db, RoleName.OFFICE_ADMIN)

    assert remake_older(db, clock, by=office) == 1
    assert remake_older(db, clock, by=office) == 0
    with db.begin():
        enqueue(db, TidyUp(), clock())

    assert queued_jobs(db)[-1] == "probe_original"
    with pytest.raises(Conflict):
        remake_asset(db, clock, asset_id=original.asset_id, by=office)
    assert remake_view(db, by=office).making_count == 1


def test_stopping_leaves_what_plays_and_removes_what_was_begun(
    db: Session, world: Wiring, clock: StoppedClock, tmp_path: Path
) -> None:
    original = an_old_lesson(db, world, tmp_path)
    office = a_person(db, RoleName.OFFICE_ADMIN)
    old_id = original.asset_id
    successor_id = remake_asset(db, clock, asset_id=old_id, by=office).id

    assert stop_remaking(db, clock, by=office) == 1
    work_until_idle(world)
    remove_unused_assets(db, clock, world.store)

    db.expire_all()
    assert original.asset_id == old_id
    assert db.scalar(select(Asset.id).where(Asset.id == successor_id)) is None
    assert db.scalars(select(JobRow.asset_id).where(JobRow.asset_id.is_not(None))).all() == []


def test_only_the_office_makes_files_anew(db: Session, world: Wiring) -> None:
    for role in (RoleName.TEACHER, RoleName.SCHOOL_ADMIN):
        with pytest.raises(NotAllowed):
            remake_older(db, world.clock, by=a_person(db, role))
