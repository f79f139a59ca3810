"""The player on a poor line and on a weak phone: a page to read, a first frame, buttons."""

import os
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser

from benchmarks.rig.lectures import KEYS_FAR_APART_S, a_lecture, a_long_lecture, the_real_lecture
from benchmarks.rig.line import PoorLine, poor_line
from benchmarks.rig.site import settle
from benchmarks.rig.watching import (
    Opened,
    most_seconds_kept,
    open_and_play,
    watch_on_weak_phone,
)
from server.models.library import AssetState
from tests.journeys.player_page import publish, state_of
from tests.services.chromium import PHONE, launch, running_playwright
from tests.services.product import Product, running_product

REPEATS = int(os.environ.get("REPEATS", "3"))
RATE_BPS, ROUND_TRIP_S = 150_000, 0.3
POOR = "line of 150 kb/s and 300 ms, slide lecture, wall"
PREPARED_S = 900
KEPT_S = 240  # ahead and behind, as hls_source.ts asks
Figure = dict[str, object]


def run() -> list[Figure]:
    """Measure everything; a few minutes, most of it for preparing."""
    with tempfile.TemporaryDirectory() as name, running_playwright() as playwright:
        folder, browser = Path(name), launch(playwright)
        lecture = the_real_lecture() or a_lecture(folder / "lecture.mp4", KEYS_FAR_APART_S)
        figures = []
        with _prepared(folder / "short", lecture) as (product, path):
            figures += _poor_line(browser, product, path)
            figures += _weak_phone(browser, product.url + path)
        long = a_long_lecture(folder / "long.mp4", KEYS_FAR_APART_S)
        with _prepared(folder / "long", long) as (product, path):
            figures.append(_kept(browser, product.url + path))
        browser.close()
        return figures


@contextmanager
def _prepared(folder: Path, source: Path) -> Iterator[tuple[Product, str]]:
    """Start the product with a lesson of `source` of which everything was made."""
    folder.mkdir()
    with running_product(folder) as product:
        path = publish(product, source)
        until_s = time.monotonic() + PREPARED_S
        while state_of(product) != AssetState.READY and time.monotonic() < until_s:
            time.sleep(1)
        settle()
        yield product, path


def _poor_line(browser: Browser, product: Product, path: str) -> list[Figure]:
    cold: list[Opened] = []
    cached: list[Opened] = []
    for _ in range(REPEATS):
        with poor_line(product.port, rate_bps=RATE_BPS, round_trip_s=ROUND_TRIP_S) as line:
            context = browser.new_context(**PHONE, locale="th-TH")
            url = f"http://127.0.0.1:{line.port}{path}"
            for visits in (cold, cached):
                visits.append(open_and_play(context, url, lambda: line.down.carried_bytes))
                _until_quiet(line)
            context.close()
    return [
        _figure(f"lesson page readable, {POOR}", _median(cold, "readable_s"), "s", 4),
        _figure(f"first frame, nothing cached, {POOR}", _median(cold, "frame_s"), "s", 20),
        _figure(f"first frame, site cached, {POOR}", _median(cached, "frame_s"), "s", 4),
        _figure("bytes to it, nothing cached", _median(cold, "line_bytes") / 1000, "KB"),
        _figure("bytes to it, site cached", _median(cached, "line_bytes") / 1000, "KB"),
    ]


def _until_quiet(line: PoorLine) -> None:
    """Wait until nothing of the visit before is on the line any more."""
    before = -1
    while before != line.down.carried_bytes:
        before = line.down.carried_bytes
        settle()


def _weak_phone(browser: Browser, url: str) -> list[Figure]:
    context = browser.new_context(**PHONE, locale="th-TH")
    seen = watch_on_weak_phone(context, url)
    context.close()
    weak = "processor slowed 4 times"
    return [
        _figure(f"play button there, {weak}, wall", seen.interactive_s, "s"),
        _figure(f"frames dropped of the lowest picture, {weak}", seen.dropped_share * 100, "%", 5),
        _figure(f"slowest reaction of a button, {weak}", seen.slowest_reaction_ms, "ms", 200),
    ]


def _kept(browser: Browser, url: str) -> Figure:
    context = browser.new_context(**PHONE, locale="th-TH")
    most_s = most_seconds_kept(context.new_page(), url)
    context.close()
    return _figure("most seconds in the buffer through ten minutes", most_s, "s", KEPT_S)


def _figure(name: str, value: float, unit: str, bar: float | None = None) -> Figure:
    holds = bar is None or value <= bar
    return {"figure": name, "value": round(value, 2), "unit": unit, "bar": bar, "holds": holds}


def _median(visits: list[Opened], name: str) -> float:
    return float(statistics.median(getattr(visit, name) for visit in visits))
