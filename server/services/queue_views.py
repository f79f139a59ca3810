"""What is being prepared, as people see it: a teacher's own files, and the office's whole queue."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, case, func, select
from sqlalchemy.orm import Session, joinedload

from server.errors import NotAllowed
from server.models.jobs import JobRow, JobState, WorkerRow
from server.models.library import Asset, AssetState, Original
from server.models.people import Person
from server.policy import may_see_queue
from server.queue import NEXT_FIRST
from server.services.clock import Clock
from server.services.find_row import find_row
from server.services.waiting import SEEN_LATELY, count_workers

MOST_SHOWN = 200
MOST_JOBS = 15
NEEDS_A_PERSON_FIRST = case({JobState.DEAD: 0, JobState.RUNNING: 1}, value=JobRow.state, else_=2)


@dataclass(frozen=True, slots=True)
class QueuedAsset:
    """A file that is not finished, or failed, and what is known of its work."""

    asset: Asset
    file_name: str
    owner_name: str
    is_running: bool
    dead_count: int
    rank: int


@dataclass(frozen=True, slots=True)
class QueuedJob:
    """One job, and the file that it is about; empty for work on the installation itself."""

    job: JobRow
    file_name: str


@dataclass(frozen=True, slots=True)
class SeenWorker:
    """A worker process and what it does at the moment."""

    name: str
    version: str
    started_at: datetime
    seen_at: datetime
    is_alive: bool
    jobs: Sequence[QueuedJob]


@dataclass(frozen=True, slots=True)
class QueueView:
    """The queue as the office sees it."""

    assets: Sequence[QueuedAsset]
    jobs: Sequence[QueuedJob]
    workers: Sequence[SeenWorker]
    worker_count: int
    counts: dict[JobState, int]


def own_queue(session: Session, *, by: Person) -> list[QueuedAsset]:
    """Return the person's files that are on their way or failed, newest first."""
    with session.begin():
        return _unfinished(session, _unfinished_originals().where(Original.owner_id == by.id))


def whole_queue(
    session: Session, now: Clock, *, by: Person, state: JobState | None = None
) -> QueueView:
    """Return everybody's work, and the first jobs of one state or all: failed ones, then in order.

    Raises NotAllowed for all but the office.
    """
    _check(by)
    with session.begin():
        counted = select(JobRow.state, func.count()).group_by(JobRow.state)
        shown = select(JobRow).order_by(NEEDS_A_PERSON_FIRST, *NEXT_FIRST).limit(MOST_JOBS)
        if state is not None:
            shown = shown.where(JobRow.state == state)
        return QueueView(
            assets=_unfinished(session, _unfinished_originals()),
            jobs=_with_files(session, session.scalars(shown).all()),
            workers=_workers(session, now),
            worker_count=count_workers(session, now),
            counts={JobState(row[0]): row[1] for row in session.execute(counted)},
        )


def asset_queue(
    session: Session, *, asset_id: UUID, by: Person
) -> tuple[QueuedAsset | None, Sequence[QueuedJob]]:
    """Return one file and all its jobs. Raises NotAllowed, NotFound."""
    _check(by)
    with session.begin():
        find_row(session, Asset, asset_id)
        found = _unfinished(session, _originals().where(Original.asset_id == asset_id).limit(1))
        wanted = select(JobRow).where(JobRow.asset_id == asset_id).order_by(*NEXT_FIRST)
        jobs = _with_files(session, session.scalars(wanted.limit(MOST_SHOWN)).all())
        return (found[0] if found else None), jobs


def _check(by: Person) -> None:
    if not may_see_queue(by):
        raise NotAllowed("the whole queue is the office's to see")


def _originals() -> Select[Original]:
    shown = select(Original).join(Original.asset)
    newest = shown.order_by(Original.created_at.desc(), Original.id.desc())
    return newest.options(joinedload(Original.asset), joinedload(Original.owner))


def _unfinished_originals() -> Select[Original]:
    return _originals().where(Asset.state != AssetState.READY).limit(MOST_SHOWN)


def _unfinished(session: Session, wanted: Select[Original]) -> list[QueuedAsset]:
    originals = session.scalars(wanted.execution_options(populate_existing=True)).all()
    ids = [row.asset_id for row in originals]
    counted = (
        select(JobRow.asset_id, JobRow.state, func.count(), func.min(JobRow.rank))
        .where(JobRow.asset_id.in_(ids))
        .group_by(JobRow.asset_id, JobRow.state)
    )
    found = {(row[0], JobState(row[1])): (row[2], row[3]) for row in session.execute(counted)}
    return [
        QueuedAsset(
            asset=row.asset,
            file_name=row.file_name,
            owner_name=row.owner.display_name,
            is_running=(row.asset_id, JobState.RUNNING) in found,
            dead_count=found.get((row.asset_id, JobState.DEAD), (0, 0))[0],
            rank=found.get((row.asset_id, JobState.WAITING), (0, 0))[1],
        )
        for row in originals
    ]


def _with_files(session: Session, jobs: Sequence[JobRow]) -> list[QueuedJob]:
    ids = {job.asset_id for job in jobs if job.asset_id}
    named = select(Original.asset_id, Original.file_name).where(Original.asset_id.in_(ids))
    names = {row.asset_id: row.file_name for row in session.execute(named)}
    return [QueuedJob(job, names.get(job.asset_id, "") if job.asset_id else "") for job in jobs]


def _workers(session: Session, now: Clock) -> list[SeenWorker]:
    running = select(JobRow).where(JobRow.state == JobState.RUNNING).order_by(JobRow.claimed_at)
    jobs = _with_files(session, session.scalars(running).all())
    rows = session.scalars(select(WorkerRow).order_by(WorkerRow.started_at, WorkerRow.name))
    since = now() - SEEN_LATELY
    return [
        SeenWorker(
            name=row.name,
            version=row.version,
            started_at=row.started_at,
            seen_at=row.seen_at,
            is_alive=row.seen_at > since,
            jobs=[one for one in jobs if one.job.worker == row.name],
        )
        for row in rows
    ]
