"""Starting other programs for tests: they end with the tests, and say what they need."""

import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pytest

START_S = 30.0
STOP_S = 10.0
BESIDE_PYTHON = Path(sys.executable).parent
ADMIN_FOLDERS = ("/usr/sbin", "/usr/local/sbin", "/sbin")


def needed_program(name: str, *, install: str, folders: Sequence[str] = ADMIN_FOLDERS) -> Path:
    """Return the path of a program; fail the test with what to install if there is none."""
    places = [str(BESIDE_PYTHON), None, *folders]  # None: PATH
    found = next((path for place in places if (path := shutil.which(name, path=place))), None)
    if found is None:
        pytest.fail(f"this test needs {name}: {install}", pytrace=False)
    return Path(found)


def free_ports(count: int = 1) -> list[int]:
    """Return ports of the loopback address that nobody listens on; held together, so all differ."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


def is_listening(port: int) -> bool:
    """Return whether somebody takes connections on this port of the loopback address."""
    with socket.socket() as connection:
        connection.settimeout(1)
        return connection.connect_ex(("127.0.0.1", port)) == 0


class Program:
    """A program in the background; its output goes to a file, and it ends when the tests end."""

    def __init__(
        self,
        argv: Sequence[str | Path],
        *,
        log_path: Path,
        env: Mapping[str, str] | None = None,
        user: str | None = None,
        stop_signal: signal.Signals = signal.SIGTERM,
    ) -> None:
        self.log_path = log_path
        self._stop_signal = stop_signal
        # A killed test run must not leave servers behind.
        guard = ["setpriv", "--pdeathsig", "KILL"]
        if user:
            guard += ["--reuid", user, "--regid", user, "--clear-groups"]
        with log_path.open("ab") as log:
            self.process = subprocess.Popen(
                [*guard, *map(str, argv)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=dict(env) if env is not None else None,
                start_new_session=True,
            )

    def log(self) -> str:
        """Return everything it has printed."""
        return self.log_path.read_text(errors="replace")

    def wait_until(self, is_up: Callable[[], bool], *, at_most_s: float = START_S) -> None:
        """Return when `is_up` says yes. Raises RuntimeError with the log if it never does."""
        end = time.monotonic() + at_most_s
        while not is_up():
            if self.process.poll() is not None or time.monotonic() > end:
                self.stop()
                raise RuntimeError(f"{self.process.args!r} did not start:\n{self.log()[-4000:]}")
            time.sleep(0.05)

    def stop(self) -> None:
        """End it politely, then by force."""
        if self.process.poll() is None:
            self.process.send_signal(self._stop_signal)
            try:
                self.process.wait(STOP_S)
            except subprocess.TimeoutExpired:
                self.process.kill()
        self.process.wait()
