"""Work that needs room waits for it and uses up no tries; what frees room goes on."""

from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from server.errors import LeaseLost
from server.messages import ProbeOriginal
from server.models.checks import ConsistencyCheck
from server.models.jobs import JobRow, JobState
from server.models.library import Asset
from server.queue import Lease, RoomNeeded, claim, enqueue, postpone
from server.services.backup import back_up
from server.services.backup_format import BackupRefused
from server.services.health import check_health, note_worker
from server.services.room import Room
from server.services.spare_pages import SPARE_BYTES, keep_spare_pages
from server.services.tidy import erase_lesson
from server.wiring import Wiring
from tests.builders import StoppedClock, a_lesson, an_asset, an_original
from tests.working import work_until

ALL_OF_IT = 2**60


def full(wiring: Wiring) -> Wiring:
    return replace(wiring, room=Room(wiring.room.folders, reserved_bytes=ALL_OF_IT))


def test_on_a_full_disk_a_worker_removes_and_takes_up_nothing_that_needs_room(
    session: Session, wiring: Wiring, clock: StoppedClock
) -> None:
    deleted = a_lesson(session, store=wiring.store, deleted_at=clock())
    assert deleted.original
    gone_id = deleted.original.asset_id
    waiting = an_original(session, deleted.owner, an_asset(session, size_bytes=4)).asset
    # The weekly check, which also frees room, would give up what has no file.
    wiring.store.put_bytes(waiting.original_key, b"film", content_type="video/mp4")
    with session.begin():
        enqueue(session, ProbeOriginal(asset_id=waiting.id), clock())
    erase_lesson(session, clock, lesson_id=deleted.id, by=deleted.owner)

    def is_gone() -> bool:
        with wiring.sessions() as look, look.begin():
            is_checked = look.scalar(select(ConsistencyCheck.id).limit(1)) is not None
            return look.get(Asset, gone_id) is None and is_checked

    work_until(is_gone, full(wiring))

    of_waiting = select(JobRow).where(JobRow.asset_id == waiting.id)
    job = session.scalars(of_waiting, execution_options={"populate_existing": True}).one()
    assert (job.state, job.attempts, job.claimed_at) == (JobState.WAITING, 0, None)
    assert not list(wiring.store.list_keys(f"assets/{gone_id}/"))


def test_work_that_meets_a_full_disk_on_its_way_is_tried_again_as_often_as_needed(
    session: Session, wiring: Wiring, clock: StoppedClock
) -> None:
    asset = an_asset(session)
    with session.begin():
        enqueue(session, ProbeOriginal(asset_id=asset.id), clock())
    taken = claim(session, clock(), worker="one", first_work_only=False)
    assert taken
    lease = Lease(wiring.sessions, wiring.clock, taken)

    lease.put_off()
    with pytest.raises(RoomNeeded):
        lease.renew(0.5)
    postpone(session, clock(), taken, error="the disk is full")
    clock.forward(minutes=1)

    again = claim(session, clock(), worker="one", first_work_only=False)
    assert again
    assert again.attempts == 0
    with pytest.raises(LeaseLost):
        postpone(session, clock(), taken, error="late")


def test_health_says_how_full_the_disk_is(session: Session, wiring: Wiring) -> None:
    note_worker(session, wiring.clock, name="one", version="1")
    ample = Room(wiring.room.folders, reserved_bytes=0)
    fine, pressed = (
        check_health(session, wiring.clock, store=wiring.store, tools=wiring.tools, room=room)
        for room in (ample, full(wiring).room)
    )

    is_roomy = ample.disks()[0].used_percent < 80
    assert fine.troubles == () or not is_roomy
    assert "uploads and encoding wait until there is room" in pressed.troubles[0]


def test_spare_pages_take_rows_without_the_file_growing(session: Session, wiring: Wiring) -> None:
    path = wiring.settings.data_path / "khlang.sqlite3"
    asset = an_asset(session)  # the first connection is open: the log stays
    session.commit()

    assert keep_spare_pages(wiring.engine, 4 * SPARE_BYTES)
    assert not keep_spare_pages(wiring.engine, 4 * SPARE_BYTES)  # there are enough
    before = path.stat(), path.with_name(f"{path.name}-wal").stat()
    asset.media_info = {"long": "x" * (SPARE_BYTES // 2)}
    session.commit()
    after = path.stat(), path.with_name(f"{path.name}-wal").stat()

    assert [facts.st_size for facts in after] == [facts.st_size for facts in before]
    assert [facts.st_blocks for facts in after] == [facts.st_blocks for facts in before]


def test_spare_pages_are_made_only_where_there_is_room(wiring: Wiring) -> None:
    assert not keep_spare_pages(wiring.engine, 4 * SPARE_BYTES - 1)


def test_a_backup_is_refused_before_it_touches_the_reserve(
    session: Session, wiring: Wiring, tmp_path: Path
) -> None:
    wiring.store.put_bytes(an_asset(session).original_key, b"film", content_type="video/mp4")
    session.commit()

    with pytest.raises(BackupRefused, match="make room there"):
        back_up(
            wiring.engine,
            wiring.clock,
            wiring.store,
            tmp_path / "backup",
            reserved_bytes=ALL_OF_IT,
        )

    assert back_up(wiring.engine, wiring.clock, wiring.store, tmp_path / "backup").dump
