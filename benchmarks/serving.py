"""Start, memory, uploads, bytes and pages of the embedded mode, beside bare baselines."""

import http.client
import os
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from benchmarks.rig.clients import (
    RANGE_COUNT,
    WARM_COUNT,
    Server,
    cpu_of_ranges,
    get,
    patch_headers,
    slowest_page_beside_stalled_clients,
)
from benchmarks.rig.pages import page_weights
from benchmarks.rig.site import MIB, Site, running_production, running_site, settle
from server.jobs.index_changes import reindex
from server.models.lessons import Visibility
from server.models.people import Person
from server.wiring import utc_now
from tests.builders import a_lesson, a_ready_asset, an_original
from tests.services.product import running_product
from tests.services.programs import Program, free_ports, is_listening

LESSON_COUNT = 1_000
PATCH_BYTES = 512 * MIB
STALLED = "slowest of 20 pages beside 100 stalled uploads and 300 stalled players, wall"
Figure = dict[str, object]


def run() -> list[Figure]:
    """Measure everything; about two minutes."""
    with tempfile.TemporaryDirectory() as folder:
        figures = [_second_start(Path(folder) / "a"), _idle_memory(Path(folder) / "b")]
        with running_site(_made(Path(folder) / "c")) as site:
            settle()
            figures += _byte_delivery(site, Path(folder))
            figures.append(_upload_memory(site))
            slowest_s = slowest_page_beside_stalled_clients(site, site.product.port)
            figures.append(_figure(f"{STALLED}, embedded", slowest_s * 1000, "ms", 200))
            _fill(site)
            figures += _page_times(site)
            figures += _page_sizes(site)
        figures += _production(Path(folder) / "d")
    return figures


def _figure(name: str, value: float, unit: str, bar: float | None = None) -> Figure:
    holds = bar is None or value <= bar
    return {"figure": name, "value": round(value, 2), "unit": unit, "bar": bar, "holds": holds}


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


def _second_start(folder: Path) -> Figure:
    with running_product(_made(folder)) as product:
        times_s = []
        for _ in range(5):
            product.stop()
            began_s = time.monotonic()
            product.start()
            times_s.append(time.monotonic() - began_s)
    return _figure("second start to first answer, wall, median of 5", _median(times_s), "s", 5)


def _idle_memory(folder: Path) -> Figure:
    with running_product(_made(folder)) as product:
        get(product.port, "/")
        settle()
        total_bytes = sum(each.memory_full_info().pss for each in product.processes())
    return _figure("idle memory of the whole tree (PSS)", total_bytes / 1e6, "MB", 400)


def _byte_delivery(site: Site, folder: Path) -> list[Figure]:
    """CPU of the same ranges of the same file: ours, and send_file under granian's WSGI."""
    ours = Server(site.product.port, site.base() + site.large_name, site.cpu_s)
    with _bare_send_file(site.large_path, folder) as bare:
        ours_s, bare_s = cpu_of_ranges(ours, bare)
    per_range = 1e6 / RANGE_COUNT
    return [
        _figure("ranges of 100 KB, CPU beside send_file under WSGI", ours_s / bare_s, "×", 0.5),
        _figure("range of 100 KB, ours", ours_s * per_range, "µs"),
        _figure("range of 100 KB, send_file", bare_s * per_range, "µs"),
    ]


@contextmanager
def _bare_send_file(path: Path, folder: Path) -> Iterator[Server]:
    (port,) = free_ports()
    options = ["--interface", "wsgi", "--port", str(port), "--log-level", "warning"]
    argv = [sys.executable, "-m", "granian", *options, "benchmarks.rig.send_file:app"]
    env = {**os.environ, "MEASURED_FILE": str(path)}
    program = Program(argv, log_path=folder / "bare.log", env=env)

    def cpu_s() -> float:
        root = psutil.Process(program.process.pid)
        times = [each.cpu_times() for each in (root, *root.children(recursive=True))]
        return float(sum(each.user + each.system for each in times))

    try:
        program.wait_until(lambda: is_listening(port))
        yield Server(port, "/file", cpu_s)
    finally:
        program.stop()


def _production(folder: Path) -> list[Figure]:
    """Nginx in front of an S3 server: no Python per range, and pages beside stalled clients."""
    with running_production(_made(folder)) as (site, nginx):
        base = site.base()
        (spent_s,) = cpu_of_ranges(Server(nginx.port, base + site.large_name, nginx.cpu_s))
        session_id = base.split("/")[4]
        asked = len(nginx.reached_app(session_id))
        range_count = RANGE_COUNT + WARM_COUNT
        slowest_s = slowest_page_beside_stalled_clients(site, nginx.port)
    return [
        _figure("range of 100 KB, nginx with cache and token", spent_s * 1e6 / RANGE_COUNT, "µs"),
        _figure(f"questions of nginx for {range_count} ranges of a session", asked, "", 1),
        _figure(f"{STALLED}, nginx", slowest_s * 1000, "ms", 200),
    ]


def _upload_memory(site: Site) -> Figure:
    """Growth of the server's own memory while 512 MB come in one PATCH."""
    path, process = site.begin_upload(PATCH_BYTES, "large"), site.server_process()
    before, seen, done = process.memory_info().rss, [0], threading.Event()

    def watch() -> None:
        while not done.wait(0.05):
            seen.append(process.memory_info().rss)

    watcher = threading.Thread(target=watch)
    watcher.start()
    block = os.urandom(MIB)
    status = _patch(site, path, (block for _ in range(PATCH_BYTES // MIB)))
    done.set()
    watcher.join()
    if status != http.HTTPStatus.NO_CONTENT:
        raise RuntimeError(f"PATCH: {status}")
    return _figure("512 MB in one PATCH: growth of memory", (max(seen) - before) / 1e6, "MB", 32)


def _patch(site: Site, path: str, body: Iterator[bytes]) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", site.product.port, timeout=120)
    connection.request("PATCH", path, body=body, headers=patch_headers(site, PATCH_BYTES))
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer.status


def _fill(site: Site) -> None:
    """Make 1,000 public lessons of one file and index them."""
    with site.product.wired() as wiring, site.product.session() as session:
        teacher = session.get_one(Person, site.teacher_id)
        original = an_original(session, teacher, a_ready_asset(session))
        for number in range(LESSON_COUNT):
            title = f"การบวกเลขสองหลัก ตอนที่ {number}"
            public = Visibility.PUBLIC
            a_lesson(
                session, teacher, title=title, published=True, visibility=public, original=original
            )
        reindex(wiring.sessions, wiring.index, utc_now)


def _page_times(site: Site) -> list[Figure]:
    """CPU of the server per page, with 1,000 lessons."""
    figures = []
    for name, path in _pages(site).items():
        get(site.product.port, path)
        before_s = site.cpu_s()
        for _ in range(20):
            get(site.product.port, path)
        spent_ms = (site.cpu_s() - before_s) / 20 * 1000
        figures.append(_figure(f"{name} with 1,000 lessons, CPU", spent_ms, "ms", 100))
    return figures


def _page_sizes(site: Site) -> list[Figure]:
    """Bytes on the line, headers included, of pages on a phone."""
    urls = {name: site.product.url + path for name, path in _pages(site).items()}
    figures = []
    for name, (readable_kb, more_kb) in page_weights(urls).items():
        bar = 60 if name == "lesson page" else 80
        figures.append(
            _figure(f"{name}, compressed, without player and fonts", readable_kb, "KB", bar)
        )
        if name == "lesson page":
            figures.append(_figure("player and fonts to the first frame", more_kb, "KB", 220))
    return figures


def _pages(site: Site) -> dict[str, str]:
    return {
        "library": "/",
        "search": "/search?q=%E0%B8%9A%E0%B8%A7%E0%B8%81%E0%B9%80%E0%B8%A5%E0%B8%82",
        "lesson page": f"/lessons/{site.lesson_id}",
    }


def _median(values: list[float]) -> float:
    return statistics.median(values)
