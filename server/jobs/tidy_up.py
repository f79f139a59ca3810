"""Remove what is past its time; comes back daily."""

from datetime import timedelta

from server.jobs.workshop import Workshop
from server.messages import CheckConsistency, TidyUp
from server.queue import Lease, enqueue
from server.services.check_runs import is_check_due
from server.services.mails import forget_old_mails
from server.services.originals import expire_originals
from server.services.search_log import forget_old_queries
from server.services.set_aside import judge_spares
from server.services.spool import Spool
from server.services.tidy import (
    forget_ended_sessions,
    remove_deleted_lessons,
    remove_unused_assets,
)
from server.services.trims import forget_unused_cuts
from server.services.upload import expire_uploads
from server.services.work_removing import remove_due_work

EVERY = timedelta(days=1)


def tidy_up(job: TidyUp, shop: Workshop, lease: Lease) -> None:
    """Remove old uploads, lessons beyond undo, unused files and ended sessions."""
    shop.originals.drop_unused()
    with shop.sessions() as session:
        expiry = timedelta(days=shop.limits.upload_expiry_days)
        spool = Spool(shop.spool_path)
        expire_uploads(session, shop.now, shop.store, expiry=expiry, spool=spool)
        forget_ended_sessions(session, shop.now)
        remove_deleted_lessons(session, shop.now, undo_days=shop.limits.undo_days)
        judge_spares(session, shop.now, shop.store)
        remove_unused_assets(session, shop.now, shop.store)
        remove_due_work(session, shop.now)
        forget_unused_cuts(session, shop.now)
        expire_originals(session, shop.now, shop.store)
        forget_old_mails(session, shop.now)
        forget_old_queries(session, shop.now, kept_days=shop.limits.search_log_days)
    with shop.writing(lease) as session:
        enqueue(session, job, shop.now(), run_at=shop.now() + EVERY)
        if is_check_due(session, shop.now()):
            enqueue(session, CheckConsistency(), shop.now())
