"""What is past its time goes; what does not fit is found and put right."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.messages import TidyUp
from server.models.jobs import JobRow
from server.models.lessons import Lesson
from server.models.library import Asset, AssetState
from server.queue import enqueue
from server.services.consistency import find_faults
from server.services.health import check_health, note_worker
from server.services.repair import repair_faults
from server.wiring import Wiring
from tests.builders import NOON, StoppedClock, a_lesson, a_ready_asset, an_asset, queued_jobs
from tests.working import work_until_idle


def fault_kinds(session: Session, wiring: Wiring) -> list[str]:
    return [fault.kind for fault in find_faults(session, wiring.clock, store=wiring.store)]


def test_a_lesson_beyond_undo_goes_with_its_file_and_a_younger_one_stays(
    session: Session, wiring: Wiring, clock: StoppedClock
) -> None:
    a_lesson(session, store=wiring.store, deleted_at=NOON)
    kept = a_lesson(session, store=wiring.store)
    clock.forward(days=31)
    enqueue(session, TidyUp(), clock())
    session.commit()

    work_until_idle(wiring)

    session.expire_all()
    assert session.scalars(select(Lesson.id)).all() == [kept.id]
    asset_ids = session.scalars(select(Asset.id)).all()
    assert asset_ids == [kept.original.asset_id] if kept.original else False
    prefixes = {info.key.split("/")[1] for info in wiring.store.list_keys("assets/")}
    assert prefixes == {str(asset_ids[0])}


def test_tidying_up_comes_back_the_next_day(
    session: Session, wiring: Wiring, clock: StoppedClock
) -> None:
    enqueue(session, TidyUp(), clock())
    session.commit()

    work_until_idle(wiring)

    session.expire_all()
    row = session.scalars(select(JobRow)).one()
    assert row.kind == "tidy_up"
    assert (row.run_at - clock()).days == 1


def test_an_installation_in_order_has_no_faults(session: Session, wiring: Wiring) -> None:
    asset = a_ready_asset(session, wiring.store, size_bytes=4)
    wiring.store.put_bytes(asset.original_key, b"film", content_type="video/mp4")

    assert fault_kinds(session, wiring) == []


def test_a_lost_object_is_reported(session: Session, wiring: Wiring) -> None:
    an_asset(session, state=AssetState.READY)

    assert fault_kinds(session, wiring) == ["missing_object"]


def test_an_orphan_that_can_be_made_again_is_removed_when_it_is_a_day_old(
    session: Session, wiring: Wiring, clock: StoppedClock
) -> None:
    asset = an_asset(session, state=AssetState.FAILED, size_bytes=4)
    wiring.store.put_bytes(asset.original_key, b"film", content_type="video/mp4")
    wiring.store.put_bytes(f"assets/{asset.id}/old.m4s", b"film", content_type="video/mp4")
    clock.at = next(iter(wiring.store.list_keys("assets/"))).modified_at
    assert fault_kinds(session, wiring) == []
    clock.forward(days=1, seconds=1)

    faults = find_faults(session, clock, store=wiring.store)
    assert [fault.kind for fault in faults] == ["orphan"]
    repair_faults(session, clock, store=wiring.store, faults=faults)

    assert list(wiring.store.list_keys("assets/")) == []


def test_an_asset_without_a_job_gets_one(session: Session, wiring: Wiring) -> None:
    asset = an_asset(session, size_bytes=4)
    wiring.store.put_bytes(asset.original_key, b"film", content_type="video/mp4")
    faults = find_faults(session, wiring.clock, store=wiring.store)
    assert [fault.kind for fault in faults] == ["idle_asset"]

    repair_faults(session, wiring.clock, store=wiring.store, faults=faults)

    assert queued_jobs(session) == ["probe_original"]


def test_health_says_when_no_worker_runs(session: Session, wiring: Wiring) -> None:
    before = check_health(session, wiring.clock, store=wiring.store, tools=wiring.tools)
    assert before.troubles == ("no worker is running",)

    note_worker(session, wiring.clock, name="one", version="1")

    after = check_health(session, wiring.clock, store=wiring.store, tools=wiring.tools)
    assert (after.troubles, after.worker_count) == ((), 1)
