"""The job queue, on SQLite and on PostgreSQL."""

import threading
from collections.abc import Iterator
from uuid import UUID

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session, sessionmaker

from server.errors import LeaseLost
from server.messages import EncodeSound, IndexChanges, ProbeOriginal, TidyUp
from server.models.jobs import JobRow, JobState
from server.queue import (
    LEASE,
    MAX_TAKEOVERS,
    Claim,
    Lease,
    WorkStops,
    cancel_jobs,
    claim,
    enqueue,
    fail,
    finish,
    heartbeat,
    hold,
    postpone,
    release,
    retry_dead,
)
from server.services.turns import TO_WRITE
from tests.builders import StoppedClock, an_asset


@pytest.fixture
def sessions(engine: Engine) -> sessionmaker[Session]:
    return sessionmaker(engine.execution_options(**TO_WRITE), expire_on_commit=False)


@pytest.fixture
def queue(sessions: sessionmaker[Session]) -> Iterator[Session]:
    with sessions() as session:
        yield session


def add(session: Session, clock: StoppedClock, *messages: ProbeOriginal | IndexChanges) -> None:
    with session.begin():
        for message in messages:
            enqueue(session, message, clock())


def take(
    session: Session, clock: StoppedClock, worker: str = "one", *, first_work_only: bool = False
) -> Claim:
    taken = claim(session, clock(), worker=worker, first_work_only=first_work_only)
    assert taken is not None
    return taken


def rows(session: Session) -> list[JobRow]:
    with session.begin():
        return list(session.scalars(select(JobRow).execution_options(populate_existing=True)))


def test_a_job_comes_back_as_the_message_that_was_enqueued(
    queue: Session, clock: StoppedClock
) -> None:
    asset_id = an_asset(queue).id
    with queue.begin():
        enqueue(queue, ProbeOriginal(asset_id=asset_id), clock())

    assert take(queue, clock).message == ProbeOriginal(asset_id=asset_id)
    assert claim(queue, clock(), worker="two", first_work_only=False) is None


def test_a_rolled_back_transaction_leaves_no_job(queue: Session, clock: StoppedClock) -> None:
    with queue.begin() as transaction:
        enqueue(queue, IndexChanges(), clock())
        transaction.rollback()

    assert rows(queue) == []


def test_equal_messages_wait_once_and_the_more_urgent_wish_counts(
    queue: Session, clock: StoppedClock
) -> None:
    with queue.begin():
        enqueue(queue, TidyUp(), clock(), run_at=clock() + LEASE * 99)
        enqueue(queue, TidyUp(), clock(), priority=7)

    [row] = rows(queue)
    assert (row.run_at, row.priority) == (clock(), 7)


def test_a_change_during_indexing_is_indexed_by_another_job(
    queue: Session, clock: StoppedClock
) -> None:
    add(queue, clock, IndexChanges())
    first = take(queue, clock)

    add(queue, clock, IndexChanges())

    assert claim(queue, clock(), worker="two", first_work_only=False) is None  # one at a time
    finish(queue, first)
    assert take(queue, clock).message == IndexChanges()


def test_the_most_urgent_job_goes_first_then_the_oldest(
    queue: Session, clock: StoppedClock
) -> None:
    with queue.begin():
        enqueue(queue, TidyUp(), clock())
        enqueue(queue, EncodeSound(), clock())
        enqueue(queue, ProbeOriginal(), clock())

    kinds = [take(queue, clock).message.kind for _ in range(3)]

    assert kinds == ["probe_original", "encode_sound", "tidy_up"]


def test_the_kept_free_slot_takes_first_work_only(queue: Session, clock: StoppedClock) -> None:
    with queue.begin():
        enqueue(queue, TidyUp(), clock())
    assert claim(queue, clock(), worker="one", first_work_only=True) is None

    add(queue, clock, ProbeOriginal())

    assert take(queue, clock, first_work_only=True).message == ProbeOriginal()


def test_a_job_of_a_lost_worker_goes_to_another_and_the_first_may_not_write(
    queue: Session, clock: StoppedClock
) -> None:
    add(queue, clock, ProbeOriginal())
    lost = take(queue, clock)
    clock.forward(seconds=LEASE.total_seconds() + 1)

    taken = take(queue, clock, "two")

    assert taken.fence > lost.fence
    with pytest.raises(LeaseLost), queue.begin():
        hold(queue, clock(), lost)
    with pytest.raises(LeaseLost):
        finish(queue, lost)
    with pytest.raises(LeaseLost):
        fail(queue, clock(), lost, error="late")
    finish(queue, taken)
    assert rows(queue) == []


def test_a_heartbeat_keeps_the_lease_and_tells_progress(
    queue: Session, clock: StoppedClock
) -> None:
    add(queue, clock, ProbeOriginal())
    mine = take(queue, clock)
    for _ in range(5):
        clock.forward(seconds=15)
        heartbeat(queue, clock(), mine, progress=0.4)

    assert claim(queue, clock(), worker="two", first_work_only=False) is None
    assert rows(queue)[0].progress == pytest.approx(0.4)


def test_a_failing_job_waits_longer_each_time_and_is_parked_after_three(
    queue: Session, clock: StoppedClock
) -> None:
    add(queue, clock, ProbeOriginal())

    states = []
    for wait_s in (2, 10, 60):
        states.append(fail(queue, clock(), take(queue, clock), error="no luck"))
        assert claim(queue, clock(), worker="two", first_work_only=False) is None
        clock.forward(seconds=wait_s)

    assert states == [JobState.WAITING, JobState.WAITING, JobState.DEAD]
    [row] = rows(queue)
    assert (row.state, row.error) == (JobState.DEAD, "no luck")
    assert claim(queue, clock(), worker="two", first_work_only=False) is None


def test_a_parked_job_runs_again_when_a_person_says_so(queue: Session, clock: StoppedClock) -> None:
    add(queue, clock, ProbeOriginal())
    for _ in range(3):
        fail(queue, clock(), take(queue, clock), error="no luck")
        clock.forward(minutes=2)
    job_id = rows(queue)[0].id

    with queue.begin():
        assert retry_dead(queue, clock(), job_id)

    assert take(queue, clock).attempts == 0
    with queue.begin():
        assert not retry_dead(queue, clock(), job_id)


def test_a_job_that_takes_its_worker_down_is_parked_in_the_end(
    queue: Session, clock: StoppedClock
) -> None:
    add(queue, clock, ProbeOriginal())

    for _ in range(MAX_TAKEOVERS):  # the first is no takeover
        take(queue, clock)
        clock.forward(seconds=LEASE.total_seconds() + 1)

    assert claim(queue, clock(), worker="two", first_work_only=False) is None
    assert rows(queue)[0].state == JobState.DEAD


def test_a_released_job_runs_at_once(queue: Session, clock: StoppedClock) -> None:
    add(queue, clock, ProbeOriginal())

    release(queue, clock(), take(queue, clock))

    assert take(queue, clock, "two").attempts == 0


def test_a_postponed_job_is_tried_again_as_long_as_it_takes(
    queue: Session, clock: StoppedClock
) -> None:
    add(queue, clock, ProbeOriginal())

    for _ in range(MAX_TAKEOVERS * 2):
        postpone(queue, clock(), take(queue, clock), error="the disk is full")
        assert claim(queue, clock(), worker="two", first_work_only=False) is None
        clock.forward(minutes=1)

    assert (rows(queue)[0].state, rows(queue)[0].attempts) == (JobState.WAITING, 0)


def test_a_cancelled_job_stops_its_handler(
    queue: Session, sessions: sessionmaker[Session], clock: StoppedClock
) -> None:
    asset_id = an_asset(queue).id
    with queue.begin():
        enqueue(queue, ProbeOriginal(asset_id=asset_id), clock())
    lease = Lease(sessions, clock, take(queue, clock))
    lease.renew(0.1)

    with queue.begin():
        cancel_jobs(queue, asset_id)
    lease.beat()

    with pytest.raises(LeaseLost):
        lease.renew(0.2)


def test_a_job_that_went_with_its_asset_is_finished(queue: Session, clock: StoppedClock) -> None:
    asset = an_asset(queue)
    with queue.begin():
        enqueue(queue, ProbeOriginal(asset_id=asset.id), clock())
    taken = take(queue, clock)
    with queue.begin():
        queue.delete(asset)

    finish(queue, taken)

    assert rows(queue) == []


def test_a_stopping_worker_stops_its_handler(
    queue: Session, sessions: sessionmaker[Session], clock: StoppedClock
) -> None:
    add(queue, clock, ProbeOriginal())
    lease = Lease(sessions, clock, take(queue, clock))

    lease.stop()

    with pytest.raises(WorkStops):
        lease.renew(0.5)


def test_many_workers_never_share_a_job(
    queue: Session, sessions: sessionmaker[Session], clock: StoppedClock
) -> None:
    for _ in range(40):
        add(queue, clock, ProbeOriginal(asset_id=an_asset(queue).id))
    taken: list[UUID] = []

    def work() -> None:
        with sessions() as session:
            while mine := claim(session, clock(), worker="any", first_work_only=False):
                taken.append(mine.job_id)
                finish(session, mine)

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(taken) == len(set(taken)) == 40
