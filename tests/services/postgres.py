"""A PostgreSQL cluster of the tests' own, on a Unix socket that nobody else can reach."""

import os
import pwd
import secrets
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from server.migrations import upgrade
from server.wiring import open_database
from tests.services.programs import Program, needed_program

OWNER = "khlang"
TEMPLATE = "khlang_template"
INSTALL = "install Debian's package postgresql"
# Lost with the machine, which tests do not mind; two to three times faster.
CARELESS = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=200")


@dataclass(frozen=True, slots=True)
class Cluster:
    """A running cluster; databases are made and dropped per test."""

    folder: Path
    port: int

    def url(self, database: str) -> str:
        """Return the address of a database as settings take it."""
        return f"postgresql://{OWNER}@/{database}?host={self.folder}&port={self.port}"

    def execute(self, statement: str, *names: str) -> None:
        """Run one statement for the cluster; `{}` stand for names."""
        with psycopg.connect(self._maintenance(), autocommit=True) as connection:
            connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))

    @contextmanager
    def fresh_database(self, template: str = "template0") -> Iterator[str]:
        """Yield the address of a new database, dropped afterwards whoever is connected."""
        name = f"test_{secrets.token_hex(6)}"
        self.execute("CREATE DATABASE {} TEMPLATE {}", name, template)
        yield self.url(name)
        self.execute("DROP DATABASE {} WITH (FORCE)", name)

    def is_up(self) -> bool:
        """Return whether it answers."""
        try:
            psycopg.connect(self._maintenance()).close()
        except psycopg.OperationalError:
            return False
        return True

    def _maintenance(self) -> str:
        return f"host={self.folder} port={self.port} user={OWNER} dbname=postgres"


@contextmanager
def running_postgres(parent: Path | None = None) -> Iterator[Cluster]:
    """Start a cluster with a migrated template; remove everything afterwards.

    `parent` is a folder that its user can reach, such as a disk of its own.
    """
    initdb, postgres = _programs()
    folder = Path(
        tempfile.mkdtemp(prefix="khlang-pg-", dir=parent)
    )  # short, as socket paths must be
    user = _unprivileged_user(folder)
    as_user = ["setpriv", "--reuid", user, "--regid", user, "--clear-groups"] if user else []
    data = folder / "data"
    options = ["-A", "trust", "-U", OWNER, "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"]
    made = subprocess.run(
        [*as_user, initdb, "-D", data, *options], capture_output=True, text=True, check=False
    )
    if made.returncode:
        pytest.fail(f"initdb: {made.stderr}", pytrace=False)
    cluster = Cluster(folder, 5432)
    careless = [word for option in CARELESS for word in ("-c", option)]
    argv: list[str | Path] = [postgres, "-D", data, "-k", folder, "-h", "", *careless]
    program = Program(argv, log_path=folder / "log", user=user, stop_signal=signal.SIGINT)
    try:
        program.wait_until(cluster.is_up)
        _make_template(cluster)
        yield cluster
    finally:
        program.stop()
        shutil.rmtree(folder, ignore_errors=True)


def _programs() -> tuple[Path, Path]:
    newest_first = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    folders = [str(folder) for folder in newest_first]
    initdb = needed_program("initdb", install=INSTALL, folders=folders)
    return initdb, needed_program("postgres", install=INSTALL, folders=folders)


def _unprivileged_user(folder: Path) -> str | None:
    """Return who runs it when we are root, which it refuses; `folder` is theirs then."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    user = "postgres" if "postgres" in names else "nobody"
    os.chown(folder, pwd.getpwnam(user).pw_uid, pwd.getpwnam(user).pw_gid)
    return user


def _make_template(cluster: Cluster) -> None:
    cluster.execute("CREATE DATABASE {} TEMPLATE template0", TEMPLATE)
    engine = open_database(cluster.url(TEMPLATE).replace("postgresql:", "postgresql+psycopg:", 1))
    upgrade(engine)
    engine.dispose()  # a template must have no connections
