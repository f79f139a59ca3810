"""Jobs as rows: enqueue, claim, heartbeat, finish.

A job is enqueued in the transaction of what it is about. Who claims it holds a lease; when the
lease passes unrenewed (a killed worker), the next claim takes the job over with a higher fencing
number, and every write of the earlier holder is refused.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, case, delete, exists, or_, select, update
from sqlalchemy.orm import Session, aliased, sessionmaker

from server.errors import LeaseLost
from server.messages import FIRST_WORK, IndexChanges, Message, Order, WriteCaptions
from server.models.base import insert_into, uuid7
from server.models.jobs import JobRow, JobState

LEASE = timedelta(seconds=20)
BACK_OFF_S = (2, 10, 60)
OUTAGE = timedelta(seconds=30)
MAX_FAILURES = 3
MAX_TAKEOVERS = 12  # a job that takes its worker down with it must not do so for ever
Clock = Callable[[], datetime]
# The search index has one writer; speech models take all the processors they can get.
ONE_AT_A_TIME = (IndexChanges.kind, WriteCaptions.kind)
NEXT_FIRST = (JobRow.rank, JobRow.priority, JobRow.wanted_at, JobRow.id)
MESSAGES = {kind.kind: kind for kind in Message.__subclasses__()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A job that is ours until its lease passes; `fence` marks our writes."""

    job_id: UUID
    fence: int
    message: Message
    priority: int
    attempts: int
    work_s: float


def enqueue(
    session: Session,
    message: Message,
    now: datetime,
    *,
    run_at: datetime | None = None,
    priority: int | None = None,
) -> None:
    """Add a job in the caller's transaction; an equal one that still waits is used instead.

    A running one does not count: it may have read before this transaction's changes.
    """
    order = Order(message=message, priority=message.priority if priority is None else priority)
    enqueue_all(session, [order], now, run_at=run_at)


def enqueue_all(
    session: Session, orders: Sequence[Order], now: datetime, *, run_at: datetime | None = None
) -> None:
    """Add many jobs as `enqueue` does, in one go: a long recording has hundreds of stretches."""
    if not orders:
        return
    session.flush()  # what they are about may be new
    ranks = _ranks(session, {order.message.asset_id for order in orders})
    rows = [
        _row_of(order, ranks.get(order.message.asset_id, 0), now, run_at or now) for order in orders
    ]
    new = insert_into(session, JobRow)
    # An update, not "do nothing": it locks the waiting job, so that nobody claims it before this
    # transaction's changes can be seen.
    sooner = {
        column.key: case(
            (column < new.excluded[column.key], column), else_=new.excluded[column.key]
        )
        for column in (JobRow.run_at, JobRow.priority, JobRow.wanted_at)
    }
    upsert = new.on_conflict_do_update(index_elements=[JobRow.dedupe_key], set_=sooner)
    session.connection().execute(upsert, rows)


def _ranks(session: Session, asset_ids: Collection[UUID | None]) -> dict[UUID | None, int]:
    """Return what a person wished for these assets: it holds for later jobs of theirs too."""
    wished = select(JobRow.asset_id, JobRow.rank).where(JobRow.rank != 0)
    rows = session.execute(wished.where(JobRow.asset_id.in_(filter(None, asset_ids))))
    return {row.asset_id: row.rank for row in rows}


def _row_of(order: Order, rank: int, now: datetime, run_at: datetime) -> dict[str, object]:
    message = order.message
    return {
        "id": uuid7(),
        "kind": message.kind,
        "payload": message.payload(),
        "dedupe_key": message.dedupe_key,
        "asset_id": message.asset_id,
        "rank": rank,
        "priority": order.priority,
        "wanted_at": run_at + timedelta(seconds=order.wanted_s),
        "work_s": order.work_s,
        "run_at": run_at,
        "created_at": now,
    }


def claim(
    session: Session,
    now: datetime,
    *,
    worker: str,
    first_work_only: bool,
    kinds: Collection[str] | None = None,
) -> Claim | None:
    """Take the most urgent job that is due, or whose holder is gone; None if there is none.

    Only of `kinds`, if given. Kinds that this version does not know are for newer workers.
    """
    known = MESSAGES.keys() if kinds is None else MESSAGES.keys() & kinds
    due = _is_due(now, known, first_work_only=first_work_only)
    with session.begin():
        if not session.scalar(select(exists().where(due))):
            return None  # reading alone never waits for a writer
    with session.begin():
        row = _take(session, now, due, worker)
        if row is None:
            return None
        if row.takeovers >= MAX_TAKEOVERS:
            row.state, row.error = JobState.DEAD, "its worker died too often"
            return None
        message = _message(row.kind, row.payload)
        return Claim(
            job_id=row.id,
            fence=row.fence,
            message=message,
            priority=row.priority,
            attempts=row.attempts,
            work_s=row.work_s,
        )


def heartbeat(session: Session, now: datetime, claim: Claim, *, progress: float) -> None:
    """Keep the lease and tell the progress. Raises LeaseLost as `hold` does."""
    with session.begin():
        hold(session, now, claim, progress=progress)


def hold(session: Session, now: datetime, claim: Claim, *, progress: float | None = None) -> None:
    """Make sure, in the caller's transaction and until its end, that the job is still ours.

    Being an update it takes the lock at once: nobody takes over before the caller's commit.
    Raises LeaseLost if it was taken over or deleted (cancelled).
    """
    news = {} if progress is None else {"progress": min(max(progress, 0.0), 1.0)}
    _write(session, claim, lease_until=now + LEASE, **news)


def finish(session: Session, claim: Claim) -> None:
    """Delete the job, unless it went with its asset. Raises LeaseLost if another worker has it."""
    with session.begin():
        ours = delete(JobRow).where(_is_ours(claim))
        session.execute(ours, execution_options={"synchronize_session": False})
        if session.scalar(select(exists().where(JobRow.id == claim.job_id))):
            raise LeaseLost(f"job {claim.job_id} is no longer ours")


def fail(session: Session, now: datetime, claim: Claim, *, error: str) -> JobState:
    """Try again later, or keep it for a person to see after too many failures; tell which.

    Raises LeaseLost if another worker has it.
    """
    failures = claim.attempts + 1
    is_dead = failures >= MAX_FAILURES
    state = JobState.DEAD if is_dead else JobState.WAITING
    run_at = now + timedelta(seconds=BACK_OFF_S[min(failures, len(BACK_OFF_S)) - 1])
    with session.begin():
        _write(
            session,
            claim,
            state=state,
            attempts=failures,
            run_at=run_at,
            lease_until=None,
            error=error[-4000:],
        )
    return state


def postpone(session: Session, now: datetime, claim: Claim, *, error: str) -> None:
    """Try again in a while, as often as needed: the place is at fault, not the job.

    For a full disk, a store that is away, a missing program. Raises LeaseLost.
    """
    with session.begin():
        _write(
            session,
            claim,
            state=JobState.WAITING,
            run_at=now + OUTAGE,
            lease_until=None,
            error=error[-4000:],
        )


def release(session: Session, now: datetime, claim: Claim) -> None:
    """Give the job back untouched, for a worker that stops. Raises LeaseLost."""
    with session.begin():
        _write(session, claim, state=JobState.WAITING, run_at=now, lease_until=None, worker="")


def retry_dead(session: Session, now: datetime, job_id: UUID) -> bool:
    """Let a dead job run again, in the caller's transaction; False if it is not dead."""
    revived = (
        update(JobRow)
        .where(JobRow.id == job_id, JobRow.state == JobState.DEAD)
        .values(state=JobState.WAITING, attempts=0, takeovers=0, run_at=now, lease_until=None)
        .returning(JobRow.id)
        .execution_options(synchronize_session=False)
    )
    return session.scalar(revived) is not None


def cancel_jobs(session: Session, asset_id: UUID) -> None:
    """Drop an asset's jobs in the caller's transaction; running ones learn of it by heartbeat."""
    session.execute(delete(JobRow).where(JobRow.asset_id == asset_id))


def _is_due(now: datetime, kinds: Collection[str], *, first_work_only: bool) -> ColumnElement[bool]:
    waits = and_(JobRow.state == JobState.WAITING, JobRow.run_at <= now)
    is_lost = and_(JobRow.state == JobState.RUNNING, JobRow.lease_until < now)
    due = and_(or_(waits, is_lost), or_(JobRow.kind.not_in(ONE_AT_A_TIME), ~_has_runner(now)))
    taken = and_(due, JobRow.kind.in_(kinds))
    return and_(taken, JobRow.priority < FIRST_WORK) if first_work_only else taken


def _has_runner(now: datetime) -> ColumnElement[bool]:
    other = aliased(JobRow)
    runs = and_(other.state == JobState.RUNNING, other.lease_until >= now)
    return exists().where(other.kind.in_(ONE_AT_A_TIME), runs)


def _take(session: Session, now: datetime, due: ColumnElement[bool], worker: str) -> JobRow | None:
    next_id = (
        select(JobRow.id)
        .where(due)
        .order_by(*NEXT_FIRST)
        .limit(1)
        .with_for_update(skip_locked=True)  # SQLite has one writer and leaves this out
        .scalar_subquery()
    )
    taken = (
        update(JobRow)
        .where(JobRow.id == next_id)
        .values(
            state=JobState.RUNNING,
            dedupe_key=None,  # changes from now on need a job of their own
            fence=JobRow.fence + 1,
            takeovers=JobRow.takeovers + case((JobRow.state == JobState.RUNNING, 1), else_=0),
            lease_until=now + LEASE,
            claimed_at=now,
            worker=worker,
            progress=0.0,
        )
        .returning(JobRow)
    )
    return session.scalars(taken, execution_options={"synchronize_session": False}).one_or_none()


def _write(session: Session, claim: Claim, **values: object) -> None:
    ours = update(JobRow).where(_is_ours(claim)).values(**values).returning(JobRow.id)
    if session.scalar(ours, execution_options={"synchronize_session": False}) is None:
        raise LeaseLost(f"job {claim.job_id} is no longer ours")


def _is_ours(claim: Claim) -> ColumnElement[bool]:
    return and_(
        JobRow.id == claim.job_id,
        JobRow.fence == claim.fence,
        JobRow.state == JobState.RUNNING,
    )


def _message(kind: str, payload: dict[str, Any]) -> Message:
    message = MESSAGES[kind]
    values = {field.name: payload.get(field.name) for field in fields(message)}
    ids = {name: UUID(v) for name, v in values.items() if name.endswith("_id") and v}
    return message(**{**values, **ids})


class WorkStops(Exception):
    """The worker is asked to end: stop, keep nothing half done; the job is given back."""


class RoomNeeded(Exception):
    """The disk has become full meanwhile: stop; the job is tried again when there is room."""


class Lease:
    """What a handler holds while it works: tells progress, learns that it must stop."""

    def __init__(self, sessions: sessionmaker[Session], now: Clock, claim: Claim) -> None:
        """Hold `claim`; `beat` has to be called more often than LEASE passes."""
        self.claim = claim
        self._sessions = sessions
        self._now = now
        self._progress = 0.0
        self._end: LeaseLost | WorkStops | RoomNeeded | None = None

    def renew(self, progress: float) -> None:
        """Remember the progress (0…1) for the next beat.

        Raises LeaseLost, WorkStops, RoomNeeded.
        """
        self._progress = progress
        if self._end is not None:
            raise self._end

    def check(self, session: Session) -> None:
        """Hold the job until the transaction ends; its first statement. Raises LeaseLost."""
        hold(session, self._now(), self.claim)

    def beat(self) -> None:
        """Keep the lease for the handler; if it is lost, the handler learns of it by `renew`."""
        with self._sessions() as session:
            try:
                heartbeat(session, self._now(), self.claim, progress=self._progress)
            except LeaseLost as lost:
                self._end = lost

    def put_off(self) -> None:
        """Have the handler end at its next `renew`: it would write into the disk's reserve."""
        self._end = self._end or RoomNeeded("half of the disk's reserve is gone")

    def stop(self) -> None:
        """Have the handler end at its next `renew`."""
        self._end = self._end or WorkStops()
