"""What the pages about waiting work are given."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from server.messages import EncodeAv1, EncodeStretch, FillHole
from server.models.jobs import JobRow, JobState
from server.request_context import clock, db
from server.services.play import asset_state
from server.services.queue_changes import Rank
from server.services.queue_views import QueuedAsset, QueuedJob, SeenWorker
from server.web.cards import StateCard, state_card
from server.web.translate import translate as _

ERROR_TAIL = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueCard:
    """One file on its way."""

    asset_id: UUID
    file_name: str
    owner: str
    state: StateCard
    is_running: bool
    dead_count: int
    is_first: bool
    is_later: bool
    error_detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class JobCard:
    """One job; `state` is waiting, running or dead."""

    id: UUID
    asset_id: UUID | None
    label: str
    file_name: str
    state: str
    percent: int
    tries: int
    worker: str
    created_at: datetime
    claimed_at: datetime | None
    error: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerCard:
    """One worker and what it does now."""

    host: str
    process: str
    version: str
    started_at: datetime
    seen_s: int
    is_alive: bool
    jobs: list[JobCard]


def queue_card(one: QueuedAsset, *, is_exact: bool = True) -> QueueCard:
    """Return a file with how far it is; exact costs several queries."""
    progress = asset_state(db(), one.asset.id, clock()) if is_exact else None
    return QueueCard(
        asset_id=one.asset.id,
        file_name=one.file_name,
        owner=one.owner_name,
        state=state_card(one.asset, progress),
        is_running=one.is_running,
        dead_count=one.dead_count,
        is_first=one.rank == Rank.FIRST,
        is_later=one.rank == Rank.LATER,
        error_detail=one.asset.error_detail[-ERROR_TAIL:],
    )


def job_card(one: QueuedJob) -> JobCard:
    """Return a job in words."""
    job = one.job
    return JobCard(
        id=job.id,
        asset_id=job.asset_id,
        label=_label(job),
        file_name=one.file_name,
        state=job.state,
        percent=round(100 * job.progress) if job.state == JobState.RUNNING else 0,
        tries=job.attempts,
        worker=job.worker.partition(":")[0],
        created_at=job.created_at,
        claimed_at=job.claimed_at if job.state == JobState.RUNNING else None,
        error=job.error[-ERROR_TAIL:],
    )


def worker_card(one: SeenWorker) -> WorkerCard:
    """Return a worker; its name is host:process:random."""
    host, _colon, rest = one.name.partition(":")
    return WorkerCard(
        host=host,
        process=rest.partition(":")[0],
        version=one.version,
        started_at=one.started_at,
        seen_s=max(0, round((clock()() - one.seen_at).total_seconds())),
        is_alive=one.is_alive,
        jobs=[job_card(job) for job in one.jobs],
    )


def _label(job: JobRow) -> str:
    """Return what a job does; kinds that have no words keep their name."""
    if job.kind in (EncodeStretch.kind, EncodeAv1.kind, FillHole.kind):
        number = int(job.payload.get("number", 0)) + 1
        if job.kind == EncodeAv1.kind:
            return _("Pictures in fewer bytes (AV1), stretch %(number)s", number=number)
        if job.kind == FillHole.kind:
            return _("Bridge a gap, stretch %(number)s", number=number)
        by_rungs = {
            "lowest": _("Smallest picture, stretch %(number)s", number=number),
            "rest": _("Sharper pictures, stretch %(number)s", number=number),
        }
        rungs = str(job.payload.get("rungs"))
        return by_rungs.get(rungs, _("Pictures, stretch %(number)s", number=number))
    labels = {
        "probe_original": _("Look into the file"),
        "remux_original": _("Repackage the picture"),
        "encode_sound": _("Sound"),
        "fill_silence": _("Silence where there is no sound"),
        "make_cuts": _("Exact cuts"),
        "draw_stills": _("Still pictures"),
        "draw_waveform": _("Waveform"),
        "read_document": _("Pages of a document"),
        "draw_candidates": _("Pictures to choose from"),
        "find_slides": _("Where slides change"),
        "write_captions": _("Automatic captions"),
        "index_changes": _("Search index"),
        "send_mail": _("Send a mail"),
        "tidy_up": _("Tidy up"),
        "put_in_place": _("Put in place of the former file"),
        "check_consistency": _("Compare database and files"),
    }
    return labels.get(job.kind, job.kind)
