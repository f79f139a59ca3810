"""Why it takes so long: the place in the queue, and the time left by measured speed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, case, func, select, tuple_
from sqlalchemy.orm import Session, aliased

from server.messages import EncodeSound, EncodeStretch, RemuxOriginal
from server.models.base import insert_into
from server.models.jobs import JobRow, JobState, WorkerRow, WorkSpeed
from server.queue import NEXT_FIRST
from server.services.asset_plan import LOWEST_BESIDE_REMUX
from server.services.clock import Clock

SEEN_LATELY = timedelta(seconds=30)
FADE = 0.98  # the last hundred jobs of a kind count most: machines and loads change
ENOUGH_JOBS = 3  # fewer tell nothing
MINOR = 0.1  # this share of the work may be of unknown speed
FOR_WATCHING = (RemuxOriginal.kind, EncodeSound.kind, EncodeStretch.kind)


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeLeft:
    """Seconds until all of it can be watched, and until nothing is left; None: not known."""

    watchable_s: float | None = None
    ready_s: float | None = None


def note_speed(session: Session, kind: str, *, expected_s: float, took_s: float) -> None:
    """Remember how long a job took beside what was expected of it."""
    if expected_s <= 0:
        return
    new = insert_into(session, WorkSpeed).values(
        kind=kind, expected_s=expected_s, took_s=took_s, job_count=1
    )
    with session.begin():
        session.execute(
            new.on_conflict_do_update(
                index_elements=[WorkSpeed.kind],
                set_={
                    "expected_s": WorkSpeed.expected_s * FADE + new.excluded.expected_s,
                    "took_s": WorkSpeed.took_s * FADE + new.excluded.took_s,
                    "job_count": WorkSpeed.job_count + 1,
                },
            )
        )


def queue_place(session: Session, asset_id: UUID) -> int | None:
    """Return 1 for the next file in the queue; None when work on it runs already or none waits.

    Runs in the caller's transaction, as `time_left` does.
    """
    own = JobRow.asset_id == asset_id
    if session.scalar(select(JobRow.id).where(own, JobRow.state == JobState.RUNNING).limit(1)):
        return None
    waiting = select(JobRow.id).where(own, JobRow.state == JobState.WAITING)
    first_id = session.scalar(waiting.order_by(*NEXT_FIRST).limit(1))
    if first_id is None:
        return None
    ahead = select(func.count(JobRow.asset_id.distinct())).where(_is_before(first_id))
    return 1 + (session.scalar(ahead.where(JobRow.asset_id != asset_id)) or 0)


def time_left(session: Session, now: Clock, asset_id: UUID) -> TimeLeft:
    """Estimate when an asset will be done: everything that goes before it, by measured speed.

    Nothing is told without a live worker, or while too little of that kind of work was measured.
    """
    worker_count = count_workers(session, now)
    if not worker_count:
        return TimeLeft()
    speeds = _speeds(session)
    for_watching = (JobRow.priority < LOWEST_BESIDE_REMUX) & JobRow.kind.in_(FOR_WATCHING)
    watchable_s = _left_s(session, speeds, asset_id, for_watching)
    ready_s = _left_s(session, speeds, asset_id, JobRow.state != JobState.DEAD)
    return TimeLeft(
        watchable_s=None if watchable_s is None else watchable_s / worker_count,
        ready_s=None if ready_s is None else ready_s / worker_count,
    )


def count_workers(session: Session, now: Clock) -> int:
    """Return how many workers were heard of lately."""
    seen = select(func.count()).where(WorkerRow.seen_at > now() - SEEN_LATELY)
    return session.scalar(seen) or 0


def _left_s(
    session: Session, speeds: Mapping[str, float], asset_id: UUID, which: ColumnElement[bool]
) -> float | None:
    """Return the seconds of one worker until the asset's jobs of this sort are done."""
    own = (JobRow.asset_id == asset_id) & which
    waiting = select(JobRow.id).where(own, JobRow.state == JobState.WAITING)
    last_id = session.scalar(waiting.order_by(*(column.desc() for column in NEXT_FIRST)).limit(1))
    runs = JobRow.state == JobState.RUNNING
    before_last = runs | _is_before(last_id) | (JobRow.id == last_id) if last_id else runs & own
    rest_s = JobRow.work_s * case((runs, 1 - JobRow.progress), else_=1.0)
    sums = select(JobRow.kind, func.sum(rest_s)).where(before_last).group_by(JobRow.kind)
    return _at_speed({row[0]: row[1] for row in session.execute(sums)}, speeds)


def _at_speed(work_s: Mapping[str, float], speeds: Mapping[str, float]) -> float | None:
    """Return the time for this work; None if there is none: parked work ends when a person acts.

    None also if the speed of more than a little of it is not known.
    """
    if not work_s:
        return None
    total_s = sum(work_s.values())
    unknown_s = sum(seconds for kind, seconds in work_s.items() if kind not in speeds)
    if unknown_s > total_s * MINOR:
        return None
    return sum(seconds * speeds.get(kind, 1.0) for kind, seconds in work_s.items())


def _speeds(session: Session) -> dict[str, float]:
    measured = select(WorkSpeed).where(WorkSpeed.job_count >= ENOUGH_JOBS)
    return {row.kind: row.took_s / row.expected_s for row in session.scalars(measured)}


def _is_before(job_id: UUID) -> ColumnElement[bool]:
    """Tell whether a waiting job goes before this one."""
    other = aliased(JobRow)
    theirs = select(other.id).where(
        other.id == job_id,
        tuple_(JobRow.rank, JobRow.priority, JobRow.wanted_at, JobRow.id)
        < tuple_(other.rank, other.priority, other.wanted_at, other.id),
    )
    return (JobRow.state == JobState.WAITING) & theirs.exists()
