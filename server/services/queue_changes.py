"""What the office may do with waiting work: put first or later, stop, try again."""

from enum import IntEnum
from uuid import UUID

from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from server.errors import Conflict, NotAllowed, NotFound
from server.models.jobs import JobRow, JobState
from server.models.library import Asset, AssetState
from server.models.people import Person
from server.policy import may_see_queue
from server.queue import cancel_jobs, enqueue_all, retry_dead
from server.services.assets import orders_to_finish, reject, revive
from server.services.audit import note_act
from server.services.clock import Clock
from server.services.find_row import find_row


class Rank(IntEnum):
    """When an asset's work is done beside all other: lower runs first."""

    FIRST = -1
    NORMAL = 0
    LATER = 1


def put_asset(session: Session, now: Clock, *, asset_id: UUID, rank: Rank, by: Person) -> None:
    """Put an asset's work first, later, or in its own place again; it holds for jobs to come too.

    What runs already runs on. Raises NotAllowed, NotFound.
    """
    _check(by)
    with session.begin():
        find_row(session, Asset, asset_id)
        ranked = update(JobRow).where(JobRow.asset_id == asset_id).values(rank=int(rank))
        session.execute(ranked, execution_options={"synchronize_session": False})
        name = rank.name.lower()
        note_act(session, now, action="asset.rank", by=by, thing_id=asset_id, rank=name)


def cancel_preparing(session: Session, now: Clock, *, asset_id: UUID, by: Person) -> None:
    """Stop the work on a file; what can be watched already stays. Raises NotAllowed, NotFound."""
    _check(by)
    with session.begin():
        asset = find_row(session, Asset, asset_id)
        cancel_jobs(session, asset_id)
        if asset.watchable_at is None:
            reject(asset, "cancelled")
        note_act(session, now, action="asset.cancel", by=by, thing_id=asset_id)


def retry_job(session: Session, now: Clock, *, job_id: UUID, by: Person) -> None:
    """Let a parked job run again. Raises NotAllowed, NotFound."""
    _check(by)
    with session.begin():
        if not retry_dead(session, now(), job_id):
            raise NotFound(f"no parked job {job_id}")
        job = session.get_one(JobRow, job_id)
        asset = session.get(Asset, job.asset_id) if job.asset_id else None
        if asset:
            revive(asset)
        note_act(session, now, action="job.retry", by=by, thing_id=job.asset_id, kind=job.kind)


def prepare_again(session: Session, now: Clock, *, asset_id: UUID, by: Person) -> None:
    """Go on with a file whose work failed or was stopped; what is there is not made again.

    Raises NotAllowed, NotFound, Conflict when it is ready.
    """
    _check(by)
    with session.begin():
        asset = find_row(session, Asset, asset_id)
        if asset.state == AssetState.READY:
            raise Conflict(f"asset {asset_id} is ready")
        revive(asset)
        its_dead = (JobRow.asset_id == asset_id, JobRow.state == JobState.DEAD)
        session.execute(delete(JobRow).where(*its_dead))
        enqueue_all(session, orders_to_finish(asset), now())
        note_act(session, now, action="asset.prepare_again", by=by, thing_id=asset_id)


def _check(by: Person) -> None:
    if not may_see_queue(by):
        raise NotAllowed("work is the office's to change")
