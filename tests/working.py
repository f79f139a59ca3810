"""A worker for tests: in a thread, until nothing is left to do."""

import threading
import time
from collections.abc import Callable

from sqlalchemy import select

from server.models.jobs import JobRow, JobState
from server.wiring import Wiring
from server.worker import run_worker


def work_until_idle(wiring: Wiring, *, at_most_s: float = 120) -> None:
    """Run a real worker until no job is due; those that wait for later and parked ones stay."""
    work_until(lambda: not due_jobs(wiring), wiring, at_most_s=at_most_s)


def work_until(is_enough: Callable[[], bool], wiring: Wiring, *, at_most_s: float = 120) -> None:
    """Run a real worker until this is so, then tell it to stop."""
    stopping = threading.Event()
    worker = threading.Thread(target=run_worker, args=(wiring, stopping))
    worker.start()
    try:
        deadline = time.monotonic() + at_most_s
        while not is_enough():
            assert time.monotonic() < deadline, due_jobs(wiring)
            time.sleep(0.1)
    finally:
        stopping.set()
        worker.join()


def running_jobs(wiring: Wiring) -> list[str]:
    """Return the kinds of jobs that run now."""
    with wiring.sessions() as session, session.begin():
        runs = JobRow.state == JobState.RUNNING
        return list(session.scalars(select(JobRow.kind).where(runs)))


def due_jobs(wiring: Wiring) -> list[str]:
    """Return the kinds of jobs that run or could run now."""
    runs = JobRow.state == JobState.RUNNING
    waits = (JobRow.state == JobState.WAITING) & (JobRow.run_at <= wiring.clock())
    with wiring.sessions() as session, session.begin():
        return list(session.scalars(select(JobRow.kind).where(runs | waits)))


def parked_jobs(wiring: Wiring) -> list[str]:
    """Return the errors of jobs that wait for a person."""
    with wiring.sessions() as session, session.begin():
        return list(session.scalars(select(JobRow.error).where(JobRow.state == JobState.DEAD)))
