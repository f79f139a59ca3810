"""The loop that hands jobs to their handlers.

One process, two slots: one takes any job, the other only first work, so that a short clip is
watchable soon while a long lecture is being encoded. The sound of that lecture is first work too,
and takes minutes: what makes a whole rendition in one light run leaves its slot after a moment and
goes on beside, so that a slot is free again.
"""

import fcntl
import logging
import os
import secrets
import shutil
import socket
import sqlite3
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import suppress
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any

from sqlalchemy.exc import OperationalError

from server import queue
from server.errors import LeaseLost
from server.jobs.check_consistency import check_consistency
from server.jobs.draw_candidates import draw_candidates
from server.jobs.draw_stills import draw_stills, draw_waveform
from server.jobs.encode_av1 import encode_av1
from server.jobs.encode_stretch import encode_stretch
from server.jobs.failures import is_outage, text_of
from server.jobs.fill_hole import fill_hole
from server.jobs.find_slides import find_slides
from server.jobs.grow_rendition import encode_sound, fill_silence, remux_original
from server.jobs.index_changes import index_changes
from server.jobs.make_cuts import make_cuts
from server.jobs.originals import OriginalFiles
from server.jobs.probe_original import probe_original
from server.jobs.put_in_place import put_in_place
from server.jobs.read_document import read_document
from server.jobs.send_mail import send_mail
from server.jobs.tidy_up import tidy_up
from server.jobs.unpack_package import unpack_package
from server.jobs.workshop import Limits, Workshop
from server.jobs.write_captions import write_captions
from server.messages import (
    FIRST_WORK,
    CheckConsistency,
    DrawCandidates,
    DrawStills,
    DrawWaveform,
    EncodeAv1,
    EncodeSound,
    EncodeStretch,
    FillHole,
    FillSilence,
    FindSlides,
    IndexChanges,
    MakeCuts,
    Message,
    ProbeOriginal,
    PutInPlace,
    ReadDocument,
    RemuxOriginal,
    SendMail,
    TidyUp,
    UnpackPackage,
    WriteCaptions,
)
from server.models.jobs import JobState
from server.services.health import forget_worker, note_worker
from server.services.parked_jobs import note_parked_job
from server.services.refused_files import open_office_files
from server.services.spare_pages import keep_spare_pages
from server.services.spare_table import SpareTable
from server.services.waiting import note_speed
from server.wiring import Wiring

logger = logging.getLogger(__name__)

Handler = Callable[[Any, Workshop, queue.Lease], None]
HANDLERS: Mapping[type[Message], Handler] = {
    ProbeOriginal: probe_original,
    RemuxOriginal: remux_original,
    EncodeSound: encode_sound,
    EncodeStretch: encode_stretch,
    EncodeAv1: encode_av1,
    FillHole: fill_hole,
    FillSilence: fill_silence,
    MakeCuts: make_cuts,
    DrawStills: draw_stills,
    DrawWaveform: draw_waveform,
    ReadDocument: read_document,
    UnpackPackage: unpack_package,
    IndexChanges: index_changes,
    PutInPlace: put_in_place,
    CheckConsistency: check_consistency,
    TidyUp: tidy_up,
    DrawCandidates: draw_candidates,
    FindSlides: find_slides,
    WriteCaptions: write_captions,
    SendMail: send_mail,
}
# One thread and little memory; or, as speech and mail servers, so long that nothing may wait.
LEAVES_SLOT = (EncodeSound, RemuxOriginal, DrawStills, DrawWaveform, WriteCaptions, SendMail)
LEAVES_SLOT_S = 3.0
MOST_BESIDE = 4  # runs that have left their slots
ABOUT_MEDIA = frozenset(kind.kind for kind in HANDLERS if not kind.is_local)
WITHOUT_ROOM = frozenset(kind.kind for kind in HANDLERS if not kind.needs_room)
VERSION = version("khlang")
POLL_S = 0.5
IDLE_POLL_S = 0.2  # what was just uploaded waits for this
BEAT_S = 5.0
AWAY_S = 2.0  # how long to wait when the database cannot be reached
FIRST_WORK_NICE = 5
LATER_WORK_NICE = 15


@dataclass(slots=True)
class Run:
    """A job in the hands of its handler."""

    lease: queue.Lease
    result: "Future[None]"
    began_s: float = field(default_factory=time.monotonic)

    @property
    def age_s(self) -> float:
        """How long it has been running."""
        return time.monotonic() - self.began_s

    @property
    def leaves_slot(self) -> bool:
        """Tell whether it may go on beside the slots."""
        may_leave = isinstance(self.lease.claim.message, LEAVES_SLOT)
        return may_leave and self.age_s > LEAVES_SLOT_S


@dataclass(slots=True)
class Slot:
    """A place for one job at a time."""

    first_work_only: bool
    run: Run | None = None


@dataclass(slots=True)
class Worker:
    """Claims jobs, runs their handlers in threads, and keeps their leases."""

    wiring: Wiring
    name: str
    folder: Path
    stopping: threading.Event
    originals: OriginalFiles
    slots: tuple[Slot, Slot] = field(
        default_factory=lambda: (Slot(first_work_only=False), Slot(first_work_only=True))
    )
    beside: list[Run] = field(default_factory=list)
    beat_at: float = 0.0
    spare: SpareTable = field(init=False)

    def __post_init__(self) -> None:
        """Keep room in PostgreSQL."""
        self.spare = SpareTable(self.wiring.engine)

    def run(self) -> None:
        """Work until `stopping` is set; then give back what is not finished."""
        with ThreadPoolExecutor(len(self.slots) + MOST_BESIDE, "slot") as threads:
            while not self.stopping.is_set():
                try:
                    self._turn(threads)
                except (OperationalError, sqlite3.OperationalError):
                    logger.exception("the database cannot be reached")
                    self.stopping.wait(AWAY_S)
            self._stop()

    def _turn(self, threads: ThreadPoolExecutor) -> None:
        if time.monotonic() >= self.beat_at:
            self._beat()
        self._settle_all()
        self._clear_slots()
        for slot in self.slots:
            if slot.run is None and not self._claim(slot, threads) and not slot.first_work_only:
                break  # there is nothing at all
        if running := self._runs():
            wait([run.result for run in running], POLL_S, FIRST_COMPLETED)
        else:
            self.stopping.wait(IDLE_POLL_S)

    def _runs(self) -> list[Run]:
        return [*self.beside, *(slot.run for slot in self.slots if slot.run)]

    def _beat(self) -> None:
        """Renew the leases, and show that this worker is alive."""
        self.beat_at = time.monotonic() + BEAT_S
        room, ballast = self.wiring.room, self.wiring.ballast
        is_pressed = room.is_pressed
        for run in self._runs():
            if is_pressed and run.lease.claim.message.needs_room:
                run.lease.put_off()
            run.lease.beat()
        if room.left_bytes <= 0:
            self.originals.drop_idle()
        elif ballast:
            ballast.fill(room.left_bytes)
            keep_spare_pages(self.wiring.engine, room.left_bytes)
        self.spare.keep(time.monotonic())
        with self.wiring.sessions() as session:
            note_worker(session, self.wiring.clock, name=self.name, version=VERSION)

    def _clear_slots(self) -> None:
        """Let long light runs go on beside the slots."""
        for slot in self.slots:
            if slot.run and slot.run.leaves_slot and len(self.beside) < MOST_BESIDE:
                self.beside.append(slot.run)
                slot.run = None

    def _claim(self, slot: Slot, threads: ThreadPoolExecutor) -> bool:
        """Take a job into the slot; tell whether there was one."""
        kinds = ABOUT_MEDIA if self.wiring.settings.worker_takes == "media" else None
        if self.wiring.room.left_bytes <= 0:
            kinds = WITHOUT_ROOM if kinds is None else kinds & WITHOUT_ROOM
        with self.wiring.sessions() as session:
            claim = queue.claim(
                session,
                self.wiring.clock(),
                worker=self.name,
                first_work_only=slot.first_work_only,
                kinds=kinds,
            )
        if claim:
            lease = queue.Lease(self.wiring.sessions, self.wiring.clock, claim)
            slot.run = Run(lease, threads.submit(self._handle, claim, lease))
        return claim is not None

    def _handle(self, claim: queue.Claim, lease: queue.Lease) -> None:
        work_path = self.folder / f"{claim.job_id}-{claim.fence}"
        work_path.mkdir(parents=True)
        is_first = claim.priority < FIRST_WORK
        nice = FIRST_WORK_NICE if is_first else LATER_WORK_NICE
        shop = _workshop(self.wiring, self.originals, work_path, nice)
        try:
            HANDLERS[type(claim.message)](claim.message, shop, lease)
        finally:
            shutil.rmtree(work_path, ignore_errors=True)

    def _settle_all(self) -> None:
        """See to the jobs whose handlers have ended."""
        for slot in self.slots:
            if slot.run and slot.run.result.done():
                self._settle(slot.run)
                slot.run = None
        for run in [run for run in self.beside if run.result.done()]:
            self._settle(run)
            self.beside.remove(run)

    def _settle(self, run: Run) -> None:
        claim, error = run.lease.claim, run.result.exception()
        try:
            self._conclude(claim, error, run.age_s)
            if error is None:
                logger.info("%s done in %.1f s", claim.message, run.age_s)
        except LeaseLost:
            logger.info("%s was taken over or cancelled", claim.message)

    def _conclude(self, claim: queue.Claim, error: BaseException | None, took_s: float) -> None:
        """Write the outcome down. Raises LeaseLost."""
        now = self.wiring.clock()
        with self.wiring.sessions() as session:
            if error is None:
                queue.finish(session, claim)
                note_speed(session, claim.message.kind, expected_s=claim.work_s, took_s=took_s)
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
        for run in self._runs():
            run.lease.stop()
        wait([run.result for run in self._runs()], timeout=8)
        self._settle_all()
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
        Worker(wiring, name, workers_path / name, stopping, _originals(wiring)).run()
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
    if wiring.tools.soffice:
        with wiring.sessions() as session:
            open_office_files(session, wiring.clock)


def _originals(wiring: Wiring) -> OriginalFiles:
    settings = wiring.settings
    folder = settings.work_path / "originals"
    return OriginalFiles(wiring.store, folder, max_bytes=settings.original_copies_bytes)


def _workshop(wiring: Wiring, originals: OriginalFiles, work_path: Path, nice: int) -> Workshop:
    settings = wiring.settings
    return Workshop(
        sessions=wiring.sessions,
        now=wiring.clock,
        store=wiring.store,
        index=wiring.index,
        tools=wiring.tools,
        originals=originals,
        limits=Limits(
            max_duration_s=settings.max_duration_s,
            upload_expiry_days=settings.upload_expiry_days,
            undo_days=settings.undo_days,
            search_log_days=settings.search_log_days,
        ),
        spool_path=settings.spool_path,
        work_path=work_path,
        nice=nice,
        wants_av1=settings.av1_pictures,
        speech_command=settings.speech_command,
        mail_server=settings.mail_server,
    )
