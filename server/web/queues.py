"""What is being prepared: a teacher's own files, and everything for the office."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from werkzeug import Response

from server.errors import NotAllowed
from server.models.jobs import JobRow, JobState
from server.policy import may_upload
from server.request_context import clock, db, signed_in
from server.services.browse import QueuedAsset, cancel_preparing, own_queue, whole_queue
from server.services.parked_jobs import retry_job
from server.services.play import asset_state
from server.web.cards import StateCard, state_card
from server.web.translate import translate as _

bp = Blueprint("queues", __name__)

MOST_ASKED = 10
ERROR_TAIL = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueCard:
    """One file on its way."""

    asset_id: UUID
    file_name: str
    owner: str
    state: StateCard
    percent: int
    waiting_count: int
    error_detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class JobCard:
    """One job that failed for good."""

    id: UUID
    kind: str
    attempts: int
    created_at: datetime
    error: str


@bp.get("/studio/queue")
def own() -> ResponseReturnValue:
    """Show the person's files on their way."""
    by = signed_in()
    if not may_upload(by):
        raise NotAllowed("the queue is for those who upload")
    queued = own_queue(db(), by=by)
    return render_template("studio/queue.html", files=_cards(queued))


@bp.get("/admin/queue")
def whole() -> ResponseReturnValue:
    """Show all work, and what failed with the reason."""
    view = whole_queue(db(), clock(), by=signed_in())
    return render_template(
        "admin/queue.html",
        files=_cards(list(view.assets)),
        dead=[_job_card(job) for job in view.dead_jobs],
        worker_count=view.worker_count,
        waiting_count=view.waiting_count,
        running_count=view.running_count,
    )


@bp.post("/admin/queue/<uuid:job_id>/retry")
def retry(job_id: UUID) -> ResponseReturnValue:
    """Let a failed job run again."""
    retry_job(db(), clock(), job_id=job_id, by=signed_in())
    flash(_("The work waits in line again."), "good")
    return _to_queue()


@bp.post("/admin/queue/assets/<uuid:asset_id>/cancel")
def cancel(asset_id: UUID) -> ResponseReturnValue:
    """Stop the work on one file."""
    cancel_preparing(db(), clock(), asset_id=asset_id, by=signed_in())
    flash(_("The work was stopped. The file that was sent is kept."), "good")
    return _to_queue()


def _cards(queued: list[QueuedAsset]) -> list[QueueCard]:
    return [_card(one, is_exact=place < MOST_ASKED) for place, one in enumerate(queued)]


def _card(one: QueuedAsset, *, is_exact: bool) -> QueueCard:
    state = state_card(one.asset, asset_state(db(), one.asset.id) if is_exact else None)
    is_running = one.job is not None and one.job.state == JobState.RUNNING
    return QueueCard(
        asset_id=one.asset.id,
        file_name=one.file_name,
        owner=one.owner_name,
        state=state,
        percent=round(100 * one.job.progress) if one.job and is_running else 0,
        waiting_count=one.waiting_count,
        error_detail=one.asset.error_detail[-ERROR_TAIL:],
    )


def _job_card(job: JobRow) -> JobCard:
    return JobCard(
        id=job.id,
        kind=job.kind,
        attempts=job.attempts,
        created_at=job.created_at,
        error=job.error[-ERROR_TAIL:],
    )


def _to_queue() -> Response:
    return redirect(url_for("queues.whole"), code=303)
