"""Which job goes next and how long the rest will take, on SQLite and on PostgreSQL."""

from collections.abc import Iterator
from uuid import UUID

import pytest
from sqlalchemy import Engine, select, update
from sqlalchemy.orm import Session

from media_pipeline.probe import MediaInfo
from server.errors import Conflict, NotAllowed
from server.messages import EncodeStretch, IndexChanges, ProbeOriginal
from server.models.jobs import JobRow, JobState
from server.models.library import AssetState
from server.models.people import AuditEntry, Person, RoleName
from server.queue import LEASE, cancel_jobs, claim, enqueue, enqueue_all, finish
from server.services.asset_plan import plan_asset
from server.services.health import note_worker
from server.services.queue_changes import (
    Rank,
    cancel_preparing,
    prepare_again,
    put_asset,
    retry_job,
)
from server.services.waiting import note_speed, queue_place, time_left
from tests.builders import NOON, StoppedClock, a_person, a_ready_asset, an_asset
from tests.write_guard import building

LECTURE = MediaInfo(kind="video", duration_s=3600, width_px=1920, height_px=1080, fps=25)
CLIP = MediaInfo(kind="video", duration_s=120, width_px=1280, height_px=720, fps=25)


@pytest.fixture
def session(engine: Engine) -> Iterator[Session]:
    with building(engine) as session:
        yield session


@pytest.fixture
def office(session: Session) -> Person:
    return a_person(session, RoleName.OFFICE_ADMIN)


def plan(session: Session, clock: StoppedClock, info: MediaInfo) -> UUID:
    """Enqueue all work on a new asset."""
    asset_id = an_asset(session, state=AssetState.PREPARING).id
    with session.begin():
        enqueue_all(session, plan_asset(asset_id, info).orders, clock())
    return asset_id


def take(session: Session, clock: StoppedClock) -> tuple[UUID | None, str, int]:
    """Do the next job; return its asset, its sort, and the number of its stretch."""
    taken = claim(session, clock(), worker="one", first_work_only=False)
    assert taken is not None
    finish(session, taken)
    message = taken.message
    if isinstance(message, EncodeStretch):
        return message.asset_id, message.rungs, message.number
    return message.asset_id, message.kind, -1


def place_of(session: Session, asset_id: UUID) -> int | None:
    with session.begin():
        return queue_place(session, asset_id)


def ready_in_s(session: Session, clock: StoppedClock, asset_id: UUID) -> float | None:
    with session.begin():
        return time_left(session, clock, asset_id).ready_s


def test_a_clip_does_not_wait_for_what_viewers_of_a_lecture_need_later(
    session: Session, clock: StoppedClock
) -> None:
    lecture_id = plan(session, clock, LECTURE)
    done_before = [take(session, clock) for _ in range(20)]
    clock.forward(minutes=1)
    clip_id = plan(session, clock, CLIP)

    done = [take(session, clock) for _ in range(30)]

    lowest = [(asset_id, number) for asset_id, rungs, number in done if rungs == "lowest"]
    clips_last = max(at for at, (asset_id, _number) in enumerate(lowest) if asset_id == clip_id)
    assert all(asset_id == lecture_id for asset_id, _kind, _number in done_before)
    assert clips_last < 8  # of a hundred stretches that the lecture still lacks
    own = [number for asset_id, number in lowest if asset_id == clip_id]
    assert own == sorted(own)


def test_the_lowest_picture_of_everybody_goes_before_sharper_ones_of_anybody(
    session: Session, clock: StoppedClock
) -> None:
    plan(session, clock, CLIP)
    clock.forward(minutes=1)
    plan(session, clock, CLIP)

    order = [rungs for _asset_id, rungs, number in iter_all(session, clock) if number >= 0]

    assert order == sorted(order, key=["lowest", "rest"].index)


def iter_all(session: Session, clock: StoppedClock) -> list[tuple[UUID | None, str, int]]:
    with session.begin():
        count = len(session.scalars(select(JobRow.id)).all())
    return [take(session, clock) for _ in range(count)]


def test_what_the_office_puts_first_goes_first_with_all_that_follows(
    session: Session, clock: StoppedClock, office: Person
) -> None:
    first_id = plan(session, clock, CLIP)
    second_id = plan(session, clock, CLIP)

    put_asset(session, clock, asset_id=second_id, rank=Rank.FIRST, by=office)
    with session.begin():
        enqueue(session, EncodeStretch(asset_id=second_id, number=99, rungs="rest"), clock())

    order = [asset_id for asset_id, _rungs, _number in iter_all(session, clock)]
    assert order == sorted(order, key=lambda asset_id: asset_id == first_id)
    with session.begin():
        entry = session.scalars(select(AuditEntry)).one()
    assert (entry.action, entry.detail) == ("asset.rank", {"rank": "first"})


def test_what_is_put_later_is_done_after_all_other_work(
    session: Session, clock: StoppedClock, office: Person
) -> None:
    first_id = plan(session, clock, CLIP)
    plan(session, clock, CLIP)

    put_asset(session, clock, asset_id=first_id, rank=Rank.LATER, by=office)

    order = [asset_id for asset_id, _rungs, _number in iter_all(session, clock)]
    assert order == sorted(order, key=lambda asset_id: asset_id == first_id)


def test_the_order_is_the_offices_alone(session: Session, clock: StoppedClock) -> None:
    asset_id = plan(session, clock, CLIP)
    teacher = a_person(session)

    with pytest.raises(NotAllowed):
        put_asset(session, clock, asset_id=asset_id, rank=Rank.FIRST, by=teacher)
    with pytest.raises(NotAllowed):
        prepare_again(session, clock, asset_id=asset_id, by=teacher)


def test_a_job_of_a_newer_version_waits_for_a_newer_worker(
    session: Session, clock: StoppedClock
) -> None:
    row = JobRow(kind="dub_voices", payload={}, run_at=NOON, wanted_at=NOON, created_at=NOON)
    row.priority = 1
    session.add(row)
    session.commit()
    with session.begin():
        enqueue(session, ProbeOriginal(), clock())

    assert take(session, clock)[1] == "probe_original"
    assert claim(session, clock(), worker="old", first_work_only=False) is None
    clock.forward(seconds=10 * LEASE.total_seconds())
    with session.begin():
        left = session.scalars(select(JobRow)).one()
    assert (left.kind, left.state, left.attempts) == ("dub_voices", JobState.WAITING, 0)


def test_a_worker_elsewhere_leaves_the_index_to_the_servers_machine(
    session: Session, clock: StoppedClock
) -> None:
    with session.begin():
        enqueue(session, IndexChanges(), clock())

    media = frozenset({"probe_original"})
    assert not claim(session, clock(), worker="far", first_work_only=False, kinds=media)
    assert take(session, clock)[1] == "index_changes"


def test_the_place_in_the_queue_counts_files_not_their_stretches(
    session: Session, clock: StoppedClock
) -> None:
    first_id = plan(session, clock, LECTURE)
    clock.forward(seconds=1)
    second_id = plan(session, clock, CLIP)

    assert (place_of(session, first_id), place_of(session, second_id)) == (1, 2)


def test_nothing_is_promised_before_something_was_measured(
    session: Session, clock: StoppedClock
) -> None:
    asset_id = plan(session, clock, CLIP)
    assert ready_in_s(session, clock, asset_id) is None  # nobody works

    note_worker(session, clock, name="one", version="1")

    assert ready_in_s(session, clock, asset_id) is None  # nobody knows how fast


def measure(session: Session, clock: StoppedClock, *, slowness: float) -> None:
    note_worker(session, clock, name="one", version="1")
    for kind in ("encode_stretch", "encode_sound", "draw_stills", "remux_original"):
        for _ in range(3):
            note_speed(session, kind, expected_s=10, took_s=10 * slowness)


def test_the_time_left_follows_measured_speed_and_what_is_ahead(
    session: Session, clock: StoppedClock
) -> None:
    clip_id = plan(session, clock, CLIP)
    measure(session, clock, slowness=2)
    alone_s = ready_in_s(session, clock, clip_id)
    assert alone_s is not None

    clock.forward(seconds=1)
    later_id = plan(session, clock, CLIP)
    later_s = ready_in_s(session, clock, later_id)
    assert later_s is not None
    note_worker(session, clock, name="two", version="1")

    assert later_s == pytest.approx(2 * alone_s, rel=0.1)  # half of the sharper ones come between
    assert ready_in_s(session, clock, later_id) == pytest.approx(later_s / 2)


def test_no_time_is_promised_for_work_that_waits_for_a_person(
    session: Session, clock: StoppedClock
) -> None:
    clip_id = plan(session, clock, CLIP)
    measure(session, clock, slowness=1)
    with session.begin():
        session.execute(update(JobRow).values(state=JobState.DEAD))

    assert ready_in_s(session, clock, clip_id) is None


def test_slower_work_takes_longer(session: Session, clock: StoppedClock) -> None:
    clip_id = plan(session, clock, CLIP)
    measure(session, clock, slowness=1)
    fast_s = ready_in_s(session, clock, clip_id)
    assert fast_s is not None

    for _ in range(300):
        note_speed(session, "encode_stretch", expected_s=10, took_s=40)

    assert ready_in_s(session, clock, clip_id) == pytest.approx(4 * fast_s, rel=0.2)


def test_stopped_work_may_be_taken_up_again(
    session: Session, clock: StoppedClock, office: Person
) -> None:
    asset = an_asset(session)
    with session.begin():
        enqueue(session, ProbeOriginal(asset_id=asset.id), clock())
    cancel_preparing(session, clock, asset_id=asset.id, by=office)
    assert (asset.state, asset.error_code) == (AssetState.FAILED, "cancelled")

    prepare_again(session, clock, asset_id=asset.id, by=office)

    assert take(session, clock) == (asset.id, "probe_original", -1)
    assert asset.error_code == ""
    ready_id = a_ready_asset(session).id
    with pytest.raises(Conflict):
        prepare_again(session, clock, asset_id=ready_id, by=office)


def test_a_person_who_tries_again_is_in_the_audit_log(
    session: Session, clock: StoppedClock, office: Person
) -> None:
    asset_id = plan(session, clock, CLIP)
    with session.begin():
        job = session.scalars(select(JobRow).order_by(JobRow.id)).first()
        assert job is not None
        job.state = JobState.DEAD

    retry_job(session, clock, job_id=job.id, by=office)

    with session.begin():
        entry = session.scalars(select(AuditEntry)).one()
        assert (entry.action, entry.thing_id, entry.person_id) == ("job.retry", asset_id, office.id)
        cancel_jobs(session, asset_id)
