"""`khlang serve`: everything on one machine, by one command."""

import os
import sys

import click

from server.supervisor import Child, Supervisor, answers, run_once, tell

DEFAULT_HOST = "127.0.0.1"
DEFAULT_PORT = "8080"
MOST_WORKERS = 64


@click.command()
@click.option("--demo", is_flag=True, help="Also make demo schools, persons and lessons.")
@click.option("--port", type=click.IntRange(1, 65535), help="Port to listen on (PORT).")
def serve(*, demo: bool, port: int | None) -> None:
    """Start the server and its workers; stop them together with Ctrl-C."""
    if port:
        os.environ["PORT"] = str(port)
    if code := run_once(("init",)):  # also says what is wrong with the settings
        sys.exit(code)
    children = [Child(("web",))]
    children += [Child(("worker",)) for _ in range(int(os.environ.get("WORKER_COUNT") or 1))]
    if demo:
        children.append(Child(("demo",), restart=False))
    url = _url()
    Supervisor(children, lambda: answers(url), lambda: tell(f"Khlang answers at {url}")).run()


def _url() -> str:
    """Return where this machine reaches the server. The settings were checked by `init`."""
    host = os.environ.get("HOST") or DEFAULT_HOST
    port = os.environ.get("PORT") or DEFAULT_PORT
    return f"http://{DEFAULT_HOST if host in ('0.0.0.0', '::') else host}:{port}/"  # noqa: S104
