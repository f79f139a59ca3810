"""The office at full size, on SQLite and on PostgreSQL: what pages cost, and reports of progress.

`SIZE=0.02 make bench NAME=scale` measures a smaller office, to try something.
"""

import os
import random
import statistics
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import psutil
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from benchmarks.rig.office import make_office
from benchmarks.rig.office_keys import OfficeKeys, Size
from benchmarks.rig.page_costs import PageCost, page_costs
from server.migrations import upgrade
from server.models.lessons import Lesson, Visibility
from server.models.library import Original
from server.services.progress_passes import PassReader
from server.wiring import open_database, utc_now
from tests.reporters import EVERY_S, Plan, Tally, a_pass, lost_reports, reporting, tally_of
from tests.services.postgres import running_postgres
from tests.services.product import Product, running_product

SMALL = 0.02  # of the size: a page that asks more often in the large office grows
PER_SECOND = 550  # a little above the bar: the clients have to wake up in time, too
SECONDS = 60.0
KILLS = 20
DATABASES = ("SQLite", "PostgreSQL")
Figure = dict[str, object]


def run() -> Iterator[Figure]:
    """Measure everything; half an hour on two cores, most of it to make the office twice."""
    share = float(os.environ.get("SIZE", "1"))
    queries = few_queries(share * SMALL)
    for name in DATABASES:
        with tempfile.TemporaryDirectory() as folder, database(name, Path(folder)) as url:
            keys, made = make(url, share)
            figures = (made, *page_figures(url, Path(folder), keys, queries))
            for figure in (*figures, *report_figures(url, Path(folder), keys)):
                yield {**figure, "figure": f"{figure['figure']}, {name}"}


@contextmanager
def database(name: str, folder: Path) -> Iterator[str]:
    """Yield the address of an empty one."""
    if name == "SQLite":
        yield f"sqlite:///{folder}/office.sqlite3"
        return
    with running_postgres() as cluster, cluster.fresh_database() as url:
        yield url.replace("postgresql:", "postgresql+psycopg:", 1)


def few_queries(share: float) -> Mapping[str, int]:
    """Return how often the pages of a small office ask the database, at most."""
    with tempfile.TemporaryDirectory() as folder, database("SQLite", Path(folder)) as url:
        keys, _made = make(url, share)
        costs = page_costs(url, Path(folder), keys, rounds=1)
        return {cost.page.name: cost.queries for cost in costs}


def make(url: str, share: float) -> tuple[OfficeKeys, Figure]:
    """Make the office."""
    began_s, engine = time.monotonic(), open_database(url)
    upgrade(engine)
    keys = make_office(engine, Size.of(share))
    engine.dispose()
    took_s = time.monotonic() - began_s
    return keys, _figure(f"office at {share:g} of full size made, wall", took_s, "s")


def page_figures(
    url: str, folder: Path, keys: OfficeKeys, queries: Mapping[str, int]
) -> Iterator[Figure]:
    """Yield what each page costs; it may not ask more often than in a small office."""
    for cost in page_costs(url, folder, keys):
        yield _page_figure(cost, queries[cost.page.name])


def report_figures(url: str, folder: Path, keys: OfficeKeys) -> Iterator[Figure]:
    """Yield how reports of progress are taken, by a server of its own."""
    kind = {"options": {"DATABASE_URL": url}, "arguments": ("web",), "is_set_up": False}
    with running_product(folder, **kind) as product:  # type: ignore[arg-type]
        with product.session() as session:
            passes = _passes(product, session, keys)
        yield from _reports(product, passes, folder)
        yield from _kills(product, passes, folder)


def _page_figure(cost: PageCost, few: int) -> Figure:
    asked = (
        f"{cost.queries} queries" if cost.queries <= few else f"{cost.queries} queries, not {few}"
    )
    figure = _figure(f"{cost.page.name} ({asked}), CPU p95", cost.cpu_ms, "ms", cost.page.most_ms)
    return {**figure, "holds": figure["holds"] and cost.queries <= few}


def _passes(product: Product, session: Session, keys: OfficeKeys) -> list[str]:
    """Return passes of as many pupils as report once in twelve seconds, each with a lesson."""
    listed = (
        select(Lesson)
        .where(Lesson.visibility == Visibility.AREA)
        .options(joinedload(Lesson.original).joinedload(Original.asset))
        .limit(2_000)
    )
    lessons = session.scalars(listed).all()
    secrets, begun_at = product.settings.playback_keys, utc_now() - timedelta(hours=2)
    step = max(1, len(keys.pupils) // int(PER_SECOND * EVERY_S))
    return [
        a_pass(secrets, person_id, lessons[number % len(lessons)], begun_at)
        for number, person_id in enumerate(keys.pupils[::step])
    ]


def _reports(product: Product, passes: list[str], folder: Path) -> Iterator[Figure]:
    """Everybody watches for a minute; the first seconds, in which all begin, are not counted."""
    _told(Plan(product.port, passes, PER_SECOND, EVERY_S), folder)
    before_s = _cpu_s(product)
    tally = _told(Plan(product.port, passes, PER_SECOND, SECONDS, begin_s=100), folder)
    spent_ms = (_cpu_s(product) - before_s) / tally.sent_count * 1000
    wait_s = statistics.quantiles(tally.waits_s, n=20)[-1]
    per_second = len(tally.waits_s) / tally.took_s
    yield _figure("reports written per second, for a minute", per_second, "", at_least=500)
    yield _figure("report, application CPU", spent_ms, "ms", 1)
    yield _figure("report until it is acknowledged, wall p95", wait_s, "s", 1.5)
    yield _figure("reports refused", tally.refused_count, "", 0)


def _kills(product: Product, passes: list[str], folder: Path) -> Iterator[Figure]:
    moments = random.Random(2569)  # noqa: S311 (a moment, not a secret)
    devices = reporting(Plan(product.port, passes, 100, 3600.0, begin_s=200), folder)
    for _ in range(KILLS):
        time.sleep(moments.uniform(0.3, 2.0))
        product.kill()
        product.start()
    time.sleep(1.0)
    tally = tally_of(devices, folder, is_enough=True)
    with product.session() as session:
        reader = PassReader(product.settings.playback_keys)
        lost = lost_reports(session, reader, tally, utc_now())
    taken = sum(map(len, tally.told_s.values()))
    yield _figure(f"reports lost of {taken} acknowledged, {KILLS} kills", lost, "", 0)


def _told(plan: Plan, folder: Path) -> Tally:
    return tally_of(reporting(plan, folder), folder)


def _cpu_s(product: Product) -> float:
    if product.program is None:
        raise RuntimeError("the server does not run")
    times = psutil.Process(product.program.process.pid).cpu_times()
    return float(times.user + times.system)


def _figure(
    name: str, value: float, unit: str, bar: float | None = None, *, at_least: float | None = None
) -> Figure:
    holds = (bar is None or value <= bar) and (at_least is None or value >= at_least)
    told = bar if at_least is None else f">= {at_least}"
    return {"figure": name, "value": round(value, 2), "unit": unit, "bar": told, "holds": holds}
