"""Starts the server and its workers as children, restarts what crashes, stops all together.

Kept small: nothing of the application is imported into this process.
"""

import ctypes
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

STOP_WITHIN_S = 9.0
STEADY_AFTER_S = 30.0  # who ran this long begins again at once
LONGEST_WAIT_S = 30.0
TURN_S = 0.2
PR_SET_PDEATHSIG = 1


@dataclass(slots=True)
class Child:
    """One command that is kept running; without `restart` only until it ends by itself."""

    arguments: tuple[str, ...]
    restart: bool = True
    process: "subprocess.Popen[bytes] | None" = None
    started_at: float = 0.0
    crash_count: int = 0
    start_at: float = 0.0

    def keep_running(self) -> None:
        """Start it, or start it again after a pause that grows with every crash."""
        now = time.monotonic()
        if self.process is not None and self.process.poll() is not None:
            if not self.restart and self.process.returncode >= 0:  # below 0: it was killed
                return
            self._note_end(now)
        if self.process is None and now >= self.start_at:
            self.process, self.started_at = start(self.arguments), now

    def _note_end(self, now: float) -> None:
        code = self.process.returncode if self.process else 0
        is_steady = now - self.started_at > STEADY_AFTER_S
        self.crash_count = 1 if is_steady else self.crash_count + 1
        self.start_at = now + min(2.0 ** (self.crash_count - 1) / 2, LONGEST_WAIT_S)
        self.process = None
        name = self.arguments[0]
        tell(f"{name} ended with {code}; it is started again")


@dataclass(slots=True)
class Supervisor:
    """The children of one `khlang serve`."""

    children: list[Child]
    answers: Callable[[], bool]
    announce: Callable[[], None]
    is_stopping: bool = False
    has_announced: bool = field(default=False)

    def run(self) -> None:
        """Keep all running until SIGTERM or Ctrl-C, then stop them within ten seconds."""
        signal.signal(signal.SIGTERM, self._stop_soon)
        signal.signal(signal.SIGINT, self._stop_soon)
        try:
            while not self.is_stopping:
                for child in self.children:
                    child.keep_running()
                if not self.has_announced and self.answers():
                    self.has_announced = True
                    self.announce()
                time.sleep(TURN_S)
        finally:
            self._stop()

    def _stop_soon(self, _signal: int, _frame: object) -> None:
        self.is_stopping = True

    def _stop(self) -> None:
        running = [child.process for child in self.children if child.process]
        for process in running:
            process.terminate()
        deadline = time.monotonic() + STOP_WITHIN_S
        for process in running:
            try:
                process.wait(max(0.0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def start(arguments: tuple[str, ...]) -> "subprocess.Popen[bytes]":
    """Start `khlang ARGUMENTS` as a child that dies with this process, however that ends."""
    return subprocess.Popen(
        [sys.executable, "-m", "server.cli", *arguments],
        stdin=subprocess.DEVNULL,
        process_group=0,  # Ctrl-C reaches this process only, which stops the children in order
        preexec_fn=partial(die_with, os.getpid()),  # noqa: PLW1509 (this process has one thread)
    )


def die_with(parent_id: int) -> None:
    """Have the kernel kill this process when its parent ends, also by kill -9. Linux only."""
    LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent_id:  # it ended before the line above
        os._exit(1)


def run_once(arguments: tuple[str, ...]) -> int:
    """Run `khlang ARGUMENTS` to its end; return its exit code."""
    return start(arguments).wait()


def answers(url: str) -> bool:
    """Return whether the server answers, with whatever page."""
    try:
        with OPENER.open(url, timeout=2):
            return True
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False


def tell(line: str) -> None:
    """Print a line for the operator."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


LIBC = ctypes.CDLL(None)
OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # ourselves: no proxy
