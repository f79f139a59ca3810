"""What is being prepared: a teacher's own files, and everything for the office."""

from uuid import UUID

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug import Response

from server.errors import NotAllowed
from server.models.jobs import JobState
from server.policy import may_upload
from server.request_context import clock, db, signed_in
from server.services.queue_changes import (
    Rank,
    cancel_preparing,
    prepare_again,
    put_asset,
    retry_job,
)
from server.services.queue_views import QueuedAsset, asset_queue, own_queue, whole_queue
from server.web.forms import safe_next, text
from server.web.queue_cards import QueueCard, job_card, queue_card, worker_card
from server.web.translate import translate as _

bp = Blueprint("queues", __name__)

MOST_ASKED = 10
STATES = {state.value: state for state in JobState}
RANKS = {rank.name.lower(): rank for rank in Rank}


@bp.get("/studio/queue")
def own() -> ResponseReturnValue:
    """Show the person's files on their way."""
    by = signed_in()
    if not may_upload(by):
        raise NotAllowed("the queue is for those who upload")
    return _page("studio", files=_cards(own_queue(db(), by=by)))


@bp.get("/admin/queue")
def whole() -> ResponseReturnValue:
    """Show workers, files and jobs; `?state=` shows the jobs of one state."""
    state = STATES.get(request.args.get("state", ""))
    view = whole_queue(db(), clock(), by=signed_in(), state=state)
    return _page(
        "admin",
        files=_cards(list(view.assets)),
        jobs=[job_card(job) for job in view.jobs],
        workers=[worker_card(worker) for worker in view.workers],
        worker_count=view.worker_count,
        counts={name: view.counts.get(each, 0) for name, each in STATES.items()},
        state=state.value if state else "",
        job_count=view.counts.get(state, 0) if state else sum(view.counts.values()),
    )


@bp.get("/admin/queue/assets/<uuid:asset_id>")
def one(asset_id: UUID) -> ResponseReturnValue:
    """Show all jobs of one file."""
    queued, jobs = asset_queue(db(), asset_id=asset_id, by=signed_in())
    return render_template(
        "admin/queue_asset.html",
        file=queue_card(queued) if queued else None,
        jobs=[job_card(job) for job in jobs],
    )


@bp.post("/admin/queue/<uuid:job_id>/retry")
def retry(job_id: UUID) -> ResponseReturnValue:
    """Let a failed job run again."""
    retry_job(db(), clock(), job_id=job_id, by=signed_in())
    flash(_("The work waits in line again."), "good")
    return _back()


@bp.post("/admin/queue/assets/<uuid:asset_id>/cancel")
def cancel(asset_id: UUID) -> ResponseReturnValue:
    """Stop the work on one file."""
    cancel_preparing(db(), clock(), asset_id=asset_id, by=signed_in())
    flash(_("The work was stopped. The file that was sent is kept."), "good")
    return _back()


@bp.post("/admin/queue/assets/<uuid:asset_id>/again")
def again(asset_id: UUID) -> ResponseReturnValue:
    """Go on with a file whose work was stopped or failed."""
    prepare_again(db(), clock(), asset_id=asset_id, by=signed_in())
    flash(_("The work waits in line again."), "good")
    return _back()


@bp.post("/admin/queue/assets/<uuid:asset_id>/rank")
def rank(asset_id: UUID) -> ResponseReturnValue:
    """Put a file's work first, later, or in its own place again."""
    wished = RANKS.get(text("rank"), Rank.NORMAL)
    put_asset(db(), clock(), asset_id=asset_id, rank=wished, by=signed_in())
    flash(_("The order was changed. What is being done now is finished first."), "good")
    return _back()


def _page(area: str, **values: object) -> ResponseReturnValue:
    """Answer the page, or with `?part=list` only what changes, for the script that keeps it fresh.

    Unchanged lists are not sent again.
    """
    if request.args.get("part") != "list":
        return render_template(f"{area}/queue.html", **values)
    answer = make_response(render_template(f"{area}/_queue_list.html", **values))
    answer.headers["Cache-Control"] = "private, no-cache"
    answer.add_etag()
    return answer.make_conditional(request)


def _cards(queued: list[QueuedAsset]) -> list[QueueCard]:
    return [queue_card(one, is_exact=place < MOST_ASKED) for place, one in enumerate(queued)]


def _back() -> Response:
    return redirect(safe_next(url_for("queues.whole")), code=303)
