"""The loop that hands jobs to their handlers.

One process, two slots: one takes any job, the other only first work, so that a short clip is
watchable soon while a long lecture is being encoded.
"""

import fcntl
import logging
import os
import secrets
import shutil
import socket
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy.exc import OperationalError

from server import queue
from server.errors import LeaseLost
from server.jobs.draw_stills import draw_stills
from server.jobs.encode_stretch import encode_stretch
from server.jobs.failures import is_outage, text_of
from server.jobs.grow_rendition import encode_sound, remux_original
from server.jobs.index_changes import index_changes
from server.jobs.originals import OriginalFiles
from server.jobs.probe_original import probe_original
from server.jobs.read_document import read_document
from server.jobs.tidy_up import tidy_up
from server.jobs.workshop import Limits, Workshop
from server.messages import (
    FIRST_WORK,
    DrawStills,
    EncodeSound,
    EncodeStretch,
    IndexChanges,
    Message,
    ProbeOriginal,
    ReadDocument,
    RemuxOriginal,
    TidyUp,
)
from server.models.jobs import JobState
from server.services.health import forget_worker, note_worker
from server.services.parked_jobs import note_parked_job
from server.wiring import Wiring

logger = logging.getLogger(__name__)

Handler = Callable[[Any, Workshop, queue.Lease], None]
HANDLERS: Mapping[type[Message], Handler] = {
    ProbeOriginal: probe_original,
    RemuxOriginal: remux_original,
    EncodeSound: encode_sound,
    EncodeStretch: encode_stretch,
    DrawStills: draw_stills,
    ReadDocument: read_document,
    IndexChanges: index_changes,
    TidyUp: tidy_up,
}
POLL_S = 0.5
BEAT_S = 5.0
AWAY_S = 2.0  # how long to wait when the database cannot be reached
FIRST_WORK_NICE = 5
LATER_WORK_NICE = 15


@dataclass(slots=True)
class Slot:
    """A place for one job at a time."""

    first_work_only: bool
    lease: queue.Lease | None = None
    result: "Future[None] | None" = None


@dataclass(slots=True)
class Worker:
    """Claims jobs, runs their handlers in threads, and keeps their leases."""

    wiring: Wiring
    name: str
    folder: Path
    stopping: threading.Event
    slots: tuple[Slot, Slot] = field(
        default_factory=lambda: (Slot(first_work_only=False), Slot(first_work_only=True))
    )
    beat_at: float = 0.0

    def run(self) -> None:
        """Work until `stopping` is set; then give back what is not finished."""
        with ThreadPoolExecutor(len(self.slots), "slot") as threads:
            while not self.stopping.is_set():
                try:
                    self._turn(threads)
                except OperationalError:
                    logger.exception("the database cannot be reached")
                    self.stopping.wait(AWAY_S)
            self._stop()

    def _turn(self, threads: ThreadPoolExecutor) -> None:
        if time.monotonic() >= self.beat_at:
            self._beat()
        for slot in self.slots:
            self._settle(slot)
            if slot.result is None:
                self._claim(slot, threads)
        running = [slot.result for slot in self.slots if slot.result]
        if running:
            wait(running, POLL_S, FIRST_COMPLETED)
        else:
            self.stopping.wait(POLL_S)

    def _beat(self) -> None:
        """Renew the leases, and show that this worker is alive."""
        self.beat_at = time.monotonic() + BEAT_S
        for slot in self.slots:
            if slot.lease:
                slot.lease.beat()
        with self.wiring.sessions() as session:
            note_worker(session, self.wiring.clock, name=self.name)

    def _claim(self, slot: Slot, threads: ThreadPoolExecutor) -> None:
        with self.wiring.sessions() as session:
            claim = queue.claim(
                session,
                self.wiring.clock(),
                worker=self.name,
                first_work_only=slot.first_work_only,
            )
        if claim:
            slot.lease = queue.Lease(self.wiring.sessions, self.wiring.clock, claim)
            slot.result = threads.submit(self._handle, claim, slot.lease)

    def _handle(self, claim: queue.Claim, lease: queue.Lease) -> None:
        work_path = self.folder / f"{claim.job_id}-{claim.fence}"
        work_path.mkdir(parents=True)
        is_first = claim.priority < FIRST_WORK
        shop = _workshop(self.wiring, work_path, FIRST_WORK_NICE if is_first else LATER_WORK_NICE)
        try:
            HANDLERS[type(claim.message)](claim.message, shop, lease)
        finally:
            shutil.rmtree(work_path, ignore_errors=True)

    def _settle(self, slot: Slot) -> None:
        """See to a job whose handler has ended."""
        if slot.result is None or slot.lease is None or not slot.result.done():
            return
        claim, error = slot.lease.claim, slot.result.exception()
        try:
            self._conclude(claim, error)
        except LeaseLost:
            logger.info("%s was taken over or cancelled", claim.message)
        slot.lease = slot.result = None

    def _conclude(self, claim: queue.Claim, error: BaseException | None) -> None:
        """Write the outcome down. Raises LeaseLost."""
        now = self.wiring.clock()
        with self.wiring.sessions() as session:
            if error is None:
                queue.finish(session, claim)
            elif isinstance(error, queue.WorkStops):
                queue.release(session, now, claim)
            elif is_outage(error):
                logger.error("%s has to wait: %s", claim.message, error)
                queue.postpone(session, now, claim, error=text_of(error))
            elif not isinstance(error, LeaseLost):
                logger.error("%s failed", claim.message, exc_info=error)
                if queue.fail(session, now, claim, error=text_of(error)) == JobState.DEAD:
                    note_parked_job(session, self.wiring.clock, message=claim.message)

    def _stop(self) -> None:
        """End the handlers, which kill their ffmpeg, and give their jobs back."""
        for slot in self.slots:
            if slot.lease:
                slot.lease.stop()
        wait([slot.result for slot in self.slots if slot.result], timeout=8)
        for slot in self.slots:
            self._settle(slot)
        with self.wiring.sessions() as session:
            forget_worker(session, name=self.name)


def run_worker(wiring: Wiring, stopping: threading.Event) -> None:
    """Work in this process until `stopping` is set."""
    name = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(3)}"
    workers_path = wiring.settings.work_path / "workers"
    workers_path.mkdir(parents=True, exist_ok=True)
    with (workers_path / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # held as long as this process lives, also to kill -9
        remove_left_folders(workers_path)
        _enqueue_standing_jobs(wiring)
        logger.info("worker %s has begun", name)
        Worker(wiring, name, workers_path / name, stopping).run()
        remove_left_folders(workers_path)
    shutil.rmtree(workers_path / name, ignore_errors=True)
    (workers_path / f"{name}.lock").unlink(missing_ok=True)


def remove_left_folders(workers_path: Path) -> None:
    """Remove what workers left that are gone: their lock is free."""
    for lock_path in workers_path.glob("*.lock"):
        # Locked: it lives. Not found: another worker was quicker.
        with suppress(BlockingIOError, FileNotFoundError), lock_path.open() as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(lock_path.with_suffix(""), ignore_errors=True)
            lock_path.unlink(missing_ok=True)


def _enqueue_standing_jobs(wiring: Wiring) -> None:
    with wiring.sessions() as session, session.begin():
        for message in (IndexChanges(), TidyUp()):
            queue.enqueue(session, message, wiring.clock())


def _workshop(wiring: Wiring, work_path: Path, nice: int) -> Workshop:
    settings = wiring.settings
    return Workshop(
        sessions=wiring.sessions,
        now=wiring.clock,
        store=wiring.store,
        index=wiring.index,
        tools=wiring.tools,
        originals=OriginalFiles(wiring.store, settings.work_path / "originals"),
        limits=Limits(
            max_duration_s=settings.max_duration_s,
            upload_expiry_days=settings.upload_expiry_days,
            undo_days=settings.undo_days,
        ),
        spool_path=settings.spool_path,
        work_path=work_path,
        nice=nice,
    )
