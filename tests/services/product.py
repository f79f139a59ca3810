"""The product started for real, as `khlang serve` does, in a folder of the test's own."""

import os
import sqlite3
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil
from sqlalchemy.orm import Session

from server.migrations import upgrade
from server.request_context import RequestSession
from server.settings import Settings
from server.wiring import Wiring, wire
from tests.builders import an_office
from tests.services.programs import Program, free_ports

KEPT_VARIABLES = ("PATH", "HOME", "LANG", "COVERAGE_PROCESS_START")


@dataclass(slots=True)
class Product:
    """A server with its workers; may be stopped, killed and started again on the same data."""

    data_path: Path
    port: int
    options: Mapping[str, str] = field(default_factory=dict)  # environment variables
    arguments: tuple[str, ...] = ("serve",)
    program: Program | None = None

    @property
    def url(self) -> str:
        """Where it answers, without a slash at the end."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def environment(self) -> dict[str, str]:
        """What it is started with; other commands on the same data need it too."""
        kept = {name: os.environ[name] for name in KEPT_VARIABLES if name in os.environ}
        own = {"DATA_PATH": str(self.data_path), "HOST": "127.0.0.1", "PORT": str(self.port)}
        own["AV1_PICTURES"] = "no"  # as long again as all the rest; its own test asks for it
        return {**kept, **own, **self.options}

    @property
    def settings(self) -> Settings:
        """The settings it runs with, for looking at its data from a test."""
        values = {name.lower(): value for name, value in self.environment.items()}
        known = {name: values[name] for name in Settings.model_fields if name in values}
        return Settings.model_validate(known).with_kept_secrets()

    def start(self) -> None:
        """Start it and return when a page is answered."""
        argv = [sys.executable, "-m", "server.cli", *self.arguments]
        log_path = self.data_path.parent / "product.log"
        self.program = Program(argv, log_path=log_path, env=self.environment)
        self.program.wait_until(self.is_up, at_most_s=60)

    def stop(self) -> None:
        """Stop it politely, and whatever of it is left by force."""
        processes = self.processes()
        if self.program:
            self.program.stop()
        _kill(processes)

    def kill(self, *, word: str = "") -> None:
        """`kill -9`: the whole tree, or only the processes whose command line has `word`."""
        chosen = [each for each in self.processes() if word in " ".join(_command_of(each))]
        _kill(chosen)
        if self.program and not word:
            self.program.process.wait()

    def stand_still(self) -> None:
        """Hold all of it in the middle of whatever it does, as when the power goes."""
        self._suspended("")

    @contextmanager
    def standing_still(self, *, word: str) -> Iterator[None]:
        """Hold the processes whose command line has `word`, and what they have started.

        Not while one of them has SQLite's turn to write: the others go on writing.
        """
        held = self._suspended(word)
        while not self._takes_writes():
            _resume(held)
            time.sleep(0.05)
            held = self._suspended(word)
        try:
            yield
        finally:
            _resume(held)

    def _suspended(self, word: str) -> list[psutil.Process]:
        held = [each for each in self.processes() if word in " ".join(_command_of(each))]
        for each in held:
            each.suspend()  # first: it starts nobody any more
        held += [child for each in held for child in each.children(recursive=True)]
        for each in held:
            with suppress(psutil.NoSuchProcess):
                each.suspend()
        return held

    def _takes_writes(self) -> bool:
        path = self.data_path / "khlang.sqlite3"
        with closing(sqlite3.connect(path, timeout=0.5)) as connection:
            try:
                connection.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError:
                return False
        return True

    def processes(self) -> list[psutil.Process]:
        """Return its processes, the supervisor first."""
        if not self.program or self.program.process.poll() is not None:
            return []
        root = psutil.Process(self.program.process.pid)
        return [root, *root.children(recursive=True)]

    def is_up(self) -> bool:
        """Return whether it answers."""
        try:
            urllib.request.urlopen(f"{self.url}/_/playback-check", timeout=5).close()  # noqa: S310 (http)
        except urllib.error.HTTPError as answer:
            answer.close()
            return answer.code < 500
        except OSError:
            return False
        return True

    @contextmanager
    def wired(self) -> Iterator[Wiring]:
        """Yield adapters on its data, as a second process has them."""
        wiring = wire(self.settings)
        yield wiring
        wiring.engine.dispose()

    @contextmanager
    def session(self) -> Iterator[Session]:
        """Yield a session on its database, for builders and for looking.

        It takes its turn to write before it reads: the server and the workers write meanwhile, and
        wait while it looks. Nobody may wait for them inside.
        """
        with self.wired() as wiring:
            engine = wiring.engine.execution_options(sqlite_begin="IMMEDIATE")
            with RequestSession(engine, expire_on_commit=False) as found:
                yield found

    def wait_until(self, is_so: Callable[[Session], bool], *, at_most_s: float = 60) -> None:
        """Look into its database until `is_so`; others write in between. Raises AssertionError."""
        end = time.monotonic() + at_most_s
        with self.session() as session:
            while not is_so(session):
                if time.monotonic() > end:
                    log = self.program.log()[-4000:] if self.program else ""
                    raise AssertionError(f"not in {at_most_s} s:\n{log}")
                session.rollback()  # look anew next time, and give the turn to write back
                time.sleep(0.1)

    def prepare(self) -> None:
        """Make the tables and the office, so that it starts as one that was set up."""
        with self.wired() as wiring:
            upgrade(wiring.engine)
        with self.session() as session:
            an_office(session)


@contextmanager
def running_product(
    folder: Path,
    *,
    options: Mapping[str, str] | None = None,
    arguments: tuple[str, ...] = ("serve",),
    is_set_up: bool = True,
) -> Iterator[Product]:
    """Start the product with data in `folder`; stop it afterwards."""
    product = Product(folder / "data", free_ports()[0], options or {}, arguments)
    if is_set_up:
        product.prepare()
    try:
        product.start()
        yield product
    finally:
        product.stop()


def _resume(held: Sequence[psutil.Process]) -> None:
    for each in held:
        with suppress(psutil.NoSuchProcess):
            each.resume()


def _command_of(process: psutil.Process) -> list[str]:
    with suppress(psutil.NoSuchProcess):
        return process.cmdline()
    return []


def _kill(processes: list[psutil.Process]) -> None:
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(processes, timeout=10)
