"""Is everything there and alive: what administrators and `khlang check` are told."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete, func, select, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from media_pipeline.tools import Tools, missing_abilities
from server.models.jobs import JobRow, JobState, WorkerRow
from server.services.check_runs import unrepaired_count
from server.services.clock import Clock
from server.services.room import MIB, Disk, Room
from server.services.waiting import count_workers
from storage.store import ObjectStore, StoreError

FORGOTTEN_AFTER = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """What is wrong (empty when all is well), and figures about the queue."""

    troubles: tuple[str, ...]
    worker_count: int
    waiting_count: int
    running_count: int
    dead_count: int


def check_health(
    session: Session, now: Clock, *, store: ObjectStore, tools: Tools, room: Room | None = None
) -> Health:
    """Try the database, the object store and the programs. Starts ffmpeg, writes one object."""
    troubles = [f"{ability} is missing" for ability in missing_abilities(tools)]
    troubles += [_fullness(disk) for disk in room.disks() if disk.warned_percent] if room else []
    try:
        store.check()
    except StoreError as error:
        troubles.append(f"object store: {error}")
    try:
        counts, worker_count = _counts(session, now)
        left_count = unrepaired_count(session)
    except OperationalError as error:
        return _unreachable(troubles, error)
    if left_count:
        troubles.append(f"the last check left {left_count} faults that cannot be repaired")
    dead_count = counts.get(JobState.DEAD, 0)
    if dead_count:
        troubles.append(f"{dead_count} jobs have failed and wait for a person")
    if not worker_count:
        troubles.append("no worker is running")
    return Health(
        troubles=tuple(troubles),
        worker_count=worker_count,
        waiting_count=counts.get(JobState.WAITING, 0),
        running_count=counts.get(JobState.RUNNING, 0),
        dead_count=dead_count,
    )


def note_worker(session: Session, now: Clock, *, name: str, version: str) -> None:
    """Show that a worker is alive."""
    seen = update(WorkerRow).where(WorkerRow.name == name).values(seen_at=now())
    with session.begin():
        if session.scalar(seen.returning(WorkerRow.name)) is None:
            session.add(WorkerRow(name=name, version=version, seen_at=now(), started_at=now()))


def forget_worker(session: Session, *, name: str) -> None:
    """Remove a worker that has ended."""
    with session.begin():
        session.execute(delete(WorkerRow).where(WorkerRow.name == name))


def forget_lost_workers(session: Session, now: Clock) -> None:
    """Remove workers that were not seen for a day, in the caller's transaction."""
    session.execute(delete(WorkerRow).where(WorkerRow.seen_at < now() - FORGOTTEN_AFTER))


def _fullness(disk: Disk) -> str:
    left = f"{max(disk.left_bytes, 0) // MIB} MiB are left before uploads stop"
    if disk.left_bytes <= 0:
        left = "uploads and encoding wait until there is room"
    return f"the disk of {disk.folder} is {disk.used_percent} % full: {left}"


def _counts(session: Session, now: Clock) -> tuple[dict[JobState, int], int]:
    states = select(JobRow.state, func.count()).group_by(JobRow.state)
    with session.begin():
        counts = {JobState(state): count for state, count in session.execute(states)}
        return counts, count_workers(session, now)


def _unreachable(troubles: list[str], error: OperationalError) -> Health:
    return Health(
        troubles=(*troubles, f"database: {error.orig}"),
        worker_count=0,
        waiting_count=0,
        running_count=0,
        dead_count=0,
    )
