"""`khlang worker`."""

import signal
import threading
from types import FrameType

import click

from server.commands.wired import wired_or_exit
from server.worker import run_worker


@click.command()
def worker() -> None:
    """Prepare uploads, index lessons, tidy up, until SIGTERM or Ctrl-C."""
    stopping = threading.Event()

    def stop(_signal: int, _frame: FrameType | None) -> None:
        stopping.set()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    run_worker(wired_or_exit(), stopping)
