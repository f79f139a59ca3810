"""What pages read beside the use cases: posters, files without a lesson, who waits in the queue."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from server.errors import NotAllowed, NotFound, ReadOnly
from server.models.jobs import JobRow, JobState, WorkerRow
from server.models.lessons import Lesson
from server.models.library import Asset, AssetState, Original
from server.models.people import Person, School, SchoolIdentifier
from server.policy import may_manage_school, may_see_queue
from server.queue import cancel_jobs
from server.services.assets import reject
from server.services.audit import note_act
from server.services.clock import Clock
from server.services.find_row import find_row
from storage.store import ObjectNotFound, ObjectStore, StoreError

CONTENT_TYPES = {"webp": "image/webp", "jpg": "image/jpeg", "png": "image/png"}
SEEN_LATELY = timedelta(seconds=30)
MOST_SHOWN = 200


@dataclass(frozen=True, slots=True)
class Poster:
    """A still image, and a name that changes with its bytes."""

    content: bytes
    content_type: str
    etag: str


def read_poster(store: ObjectStore, *, lesson: Lesson) -> Poster:
    """Return a lesson's poster. Raises NotFound while there is none, ReadOnly without a store."""
    key = lesson.original.asset.poster_key if lesson.original else ""
    if not key:
        raise NotFound(f"lesson {lesson.id} has no poster yet")
    name, _, suffix = key.rpartition("/")[2].partition(".")
    try:
        content = store.read_range(key, 0, store.stat(key).size_bytes)
    except ObjectNotFound as error:
        raise NotFound(f"the poster of {lesson.id} is gone") from error
    except StoreError as error:
        raise ReadOnly("the object store does not answer") from error
    return Poster(content, CONTENT_TYPES.get(suffix, "application/octet-stream"), name)


def get_own_original(session: Session, *, original_id: UUID, by: Person) -> Original:
    """Return a file that this person sent. Raises NotFound."""
    with session.begin():
        found = session.get(Original, original_id, options=[joinedload(Original.asset)])
        if found is None or found.owner_id != by.id:
            raise NotFound(f"no original {original_id} of this person")
    return found


def lesson_of_original(session: Session, *, original_id: UUID, by: Person) -> Lesson | None:
    """Return the person's first lesson of this file that is not deleted."""
    wanted = select(Lesson).where(Lesson.original_id == original_id, Lesson.owner_id == by.id)
    with session.begin():
        return session.scalar(
            wanted.where(Lesson.deleted_at.is_(None)).order_by(Lesson.created_at).limit(1)
        )


def originals_without_lesson(session: Session, *, by: Person) -> Sequence[Original]:
    """Return files that the person sent and did not make a lesson of, newest first."""
    used = select(Lesson.original_id).where(Lesson.original_id.is_not(None))
    wanted = (
        select(Original)
        .where(Original.owner_id == by.id, Original.id.not_in(used))
        .options(joinedload(Original.asset))
        .order_by(Original.created_at.desc())
        .limit(MOST_SHOWN)
    )
    with session.begin():
        return session.scalars(wanted).all()


@dataclass(frozen=True, slots=True)
class QueuedAsset:
    """A file that is not finished, or failed, and what is known of its work."""

    asset: Asset
    file_name: str
    owner_name: str
    job: JobRow | None
    waiting_count: int


@dataclass(frozen=True, slots=True)
class QueueView:
    """The queue as the office sees it."""

    assets: Sequence[QueuedAsset]
    dead_jobs: Sequence[JobRow]
    worker_count: int
    waiting_count: int
    running_count: int


def own_queue(session: Session, *, by: Person) -> list[QueuedAsset]:
    """Return the person's files that are on their way or failed, newest first."""
    with session.begin():
        return _unfinished(session, owner_id=by.id)


def whole_queue(session: Session, now: Clock, *, by: Person) -> QueueView:
    """Return everybody's work and what failed. Raises NotAllowed for all but the office."""
    if not may_see_queue(by):
        raise NotAllowed("the whole queue is the office's to see")
    with session.begin():
        counted = select(JobRow.state, func.count()).group_by(JobRow.state)
        counts = {JobState(state): count for state, count in session.execute(counted)}
        dead = select(JobRow).where(JobRow.state == JobState.DEAD).order_by(JobRow.id.desc())
        seen = select(func.count()).where(WorkerRow.seen_at > now() - SEEN_LATELY)
        return QueueView(
            assets=_unfinished(session, owner_id=None),
            dead_jobs=session.scalars(dead.limit(MOST_SHOWN)).all(),
            worker_count=session.scalar(seen) or 0,
            waiting_count=counts.get(JobState.WAITING, 0),
            running_count=counts.get(JobState.RUNNING, 0),
        )


def cancel_preparing(session: Session, now: Clock, *, asset_id: UUID, by: Person) -> None:
    """Stop the work on a file; what can be watched already stays. Raises NotAllowed, NotFound."""
    if not may_see_queue(by):
        raise NotAllowed("work is the office's to stop")
    with session.begin():
        asset = find_row(session, Asset, asset_id)
        cancel_jobs(session, asset_id)
        if asset.watchable_at is None:
            reject(asset, "cancelled")
        note_act(session, now, action="asset.cancel", by=by, thing_id=asset_id)


def school_identifiers(
    session: Session, *, schools: Sequence[School]
) -> dict[UUID, list[SchoolIdentifier]]:
    """Return the codes of these schools by school, in one query."""
    ids = [school.id for school in schools]
    wanted = select(SchoolIdentifier).where(SchoolIdentifier.school_id.in_(ids))
    found: dict[UUID, list[SchoolIdentifier]] = {}
    with session.begin():
        for row in session.scalars(wanted.order_by(SchoolIdentifier.scheme)):
            found.setdefault(row.school_id, []).append(row)
    return found


def get_managed_school(session: Session, *, school_id: UUID, by: Person) -> School:
    """Return a school that this person manages. Raises NotFound, NotAllowed."""
    with session.begin():
        school = find_row(session, School, school_id)
    if not may_manage_school(by, school_id):
        raise NotAllowed(f"school {school_id} is not this person's to manage")
    return school


def _unfinished(session: Session, *, owner_id: UUID | None) -> list[QueuedAsset]:
    wanted = (
        select(Original)
        .join(Original.asset)
        .where(Asset.state != AssetState.READY)
        .options(joinedload(Original.asset), joinedload(Original.owner))
        .order_by(Original.created_at.desc())
        .limit(MOST_SHOWN)
    )
    if owner_id is not None:
        wanted = wanted.where(Original.owner_id == owner_id)
    originals = session.scalars(wanted).all()
    jobs = _jobs_of(session, [row.asset_id for row in originals])
    return [_queued(row, jobs.get(row.asset_id, [])) for row in originals]


def _jobs_of(session: Session, asset_ids: Sequence[UUID]) -> dict[UUID, list[JobRow]]:
    wanted = select(JobRow).where(JobRow.asset_id.in_(asset_ids))
    found: dict[UUID, list[JobRow]] = {}
    for job in session.scalars(wanted.order_by(JobRow.priority, JobRow.run_at, JobRow.id)):
        if job.asset_id is not None:
            found.setdefault(job.asset_id, []).append(job)
    return found


def _queued(original: Original, jobs: Sequence[JobRow]) -> QueuedAsset:
    running = [job for job in jobs if job.state == JobState.RUNNING]
    return QueuedAsset(
        asset=original.asset,
        file_name=original.file_name,
        owner_name=original.owner.display_name,
        job=next(iter(running), jobs[0] if jobs else None),
        waiting_count=sum(job.state == JobState.WAITING for job in jobs),
    )
