"""A real nginx with the deployed configuration, in front of a real application and S3 server."""

import os
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from tests.services.programs import Program, free_ports, is_listening, needed_program

ASKING = "proxy_cache_valid 204 403 30s;"
INSTALL = "install Debian's package nginx-light"
DEPLOY = Path(__file__).resolve().parents[2] / "deploy" / "nginx"
# Only in tests: two more servers stand between nginx and what is behind it, and write down what
# really reaches the application and the store.
MAIN = """
worker_processes 1;
worker_rlimit_nofile 8192;
daemon off;
pid {folder}/pid;
error_log {folder}/error.log;
events {{ worker_connections 4096; }}
http {{
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  include /etc/nginx/mime.types;
  access_log off;
  include {folder}/khlang.conf;
  log_format reached '$request_method $request_uri $status $bytes_sent';
  server {{
    listen 127.0.0.1:{app_watch};
    access_log {folder}/app.log reached;
    client_max_body_size 0;
    location / {{
      proxy_pass http://127.0.0.1:{app_port};
      proxy_http_version 1.1;
      proxy_request_buffering off;
      proxy_pass_header X-Accel-Expires;
      proxy_set_header Host $http_host;
    }}
  }}
  server {{
    listen 127.0.0.1:{s3_watch};
    access_log {folder}/store.log reached;
    location / {{
      proxy_pass http://127.0.0.1:{s3_port};
      proxy_http_version 1.1;
      proxy_buffering off;
      proxy_set_header Host $http_host;
    }}
  }}
}}
"""


@dataclass(frozen=True, slots=True)
class Nginx:
    """A running nginx and what it wrote down."""

    folder: Path
    port: int
    program: Program

    def cpu_s(self) -> float:
        """Return the CPU seconds that its processes have taken so far."""
        root = psutil.Process(self.program.process.pid)
        times = [each.cpu_times() for each in (root, *root.children())]
        return float(sum(each.user + each.system for each in times))

    @property
    def url(self) -> str:
        """Where it answers, without a slash at the end."""
        return f"http://127.0.0.1:{self.port}"

    def reached_app(self, word: str = "") -> list[str]:
        """Return what reached the application: method, address, status, bytes sent back."""
        return self._lines("app.log", word)

    def reached_store(self, word: str = "") -> list[str]:
        """Return what reached the object store, likewise."""
        return self._lines("store.log", word)

    def log(self) -> str:
        """Return the access log that an operator has."""
        return (self.folder / "access.log").read_text()

    def _lines(self, name: str, word: str) -> list[str]:
        lines = (self.folder / name).read_text().splitlines()
        return [line for line in lines if word in line]


def filled_template(values: dict[str, str]) -> str:
    """Fill in the template as the container does. Raises KeyError when one is missing."""
    text = (DEPLOY / "khlang.conf.template").read_text()
    return re.sub(r"\$\{([A-Z0-9_]+)\}", lambda found: values[found[1]], text)


@contextmanager
def running_nginx(
    folder: Path, *, app_port: int, s3_port: int, bucket: str, keys: str, ask_again_s: int = 30
) -> Iterator[Nginx]:
    """Start nginx with the deployed configuration; it asks again after `ask_again_s`."""
    nginx = needed_program("nginx", install=INSTALL)
    port, app_watch, s3_watch = free_ports(3)
    (folder / "cache").mkdir(parents=True)
    values = {
        "LISTEN": f"127.0.0.1:{port}",
        "APP_ADDRESS": f"127.0.0.1:{app_watch}",
        "S3_ADDRESS": f"127.0.0.1:{s3_watch}",
        "S3_BUCKET": bucket,
    }
    (folder / "khlang.conf").write_text(_configuration(folder, values, ask_again_s))
    ports = {"app_watch": app_watch, "app_port": app_port, "s3_watch": s3_watch, "s3_port": s3_port}
    (folder / "nginx.conf").write_text(MAIN.format(folder=folder, **ports))
    _write_keys(folder / "keys.map", keys)
    # As root its worker would be somebody else, who may not read a test's folder.
    options = ["-g", "user root;"] if os.geteuid() == 0 else []
    argv: list[str | Path] = [
        nginx,
        "-p",
        folder,
        "-c",
        folder / "nginx.conf",
        "-e",
        folder / "error.log",
    ]
    program = Program([*argv, "-e", folder / "error.log", *options], log_path=folder / "output.log")
    try:
        program.wait_until(lambda: is_listening(port))
        yield Nginx(folder, port, program)
    finally:
        program.stop()


def _configuration(folder: Path, values: dict[str, str], ask_again_s: int) -> str:
    own = {
        "CACHE_PATH": str(folder / "cache"),
        "CACHE_SIZE": "1g",
        "KEYS_PATH": str(folder / "keys.map"),
        "LOG_PATH": str(folder / "access.log"),
    }
    conf = filled_template(values | own)
    assert ASKING in conf
    return conf.replace(ASKING, ASKING.replace("30s", f"{ask_again_s}s"))


def _write_keys(path: Path, keys: str) -> None:
    variables = {**os.environ, "PLAYBACK_KEYS": keys, "KEYS_PATH": str(path)}
    subprocess.run(["sh", DEPLOY / "playback_keys.sh"], env=variables, check=True)
