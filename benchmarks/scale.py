"""The office at full size, on SQLite and on PostgreSQL: reports of progress, and the class grid."""

import random
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import psutil
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from benchmarks.rig.office import MadeOffice, OfficeMaker, Size
from server.migrations import upgrade
from server.models.lessons import Lesson, Visibility
from server.models.library import Original
from server.models.progress import WatchProgress
from server.services.progress import progress_of
from server.services.progress_passes import PassReader
from server.wiring import open_database, utc_now
from tests.reporters import EVERY_S, Plan, Tally, a_pass, lost_reports, reporting, tally_of
from tests.services.postgres import running_postgres
from tests.services.product import Product, running_product

PER_SECOND = 550  # a little above the bar: the clients have to wake up in time, too
SECONDS = 60.0
KILLS = 20
CLASS, ITEMS = 45, 40
DATABASES = ("SQLite", "PostgreSQL")
Figure = dict[str, object]


def run() -> Iterator[Figure]:
    """Measure everything; half an hour on two cores, most of it to make the office twice."""
    for name in DATABASES:
        with tempfile.TemporaryDirectory() as folder, _database(name, Path(folder)) as url:
            for figure in _of_database(url, Path(folder)):
                yield {**figure, "figure": f"{figure['figure']}, {name}"}


@contextmanager
def _database(name: str, folder: Path) -> Iterator[str]:
    if name == "SQLite":
        yield f"sqlite:///{folder}/office.sqlite3"
        return
    with running_postgres() as cluster, cluster.fresh_database() as url:
        yield url.replace("postgresql:", "postgresql+psycopg:", 1)


def _of_database(url: str, folder: Path) -> Iterator[Figure]:
    began_s = time.monotonic()
    office = _made(url)
    yield _figure("office at full size made, wall", time.monotonic() - began_s, "s")
    options = {"DATABASE_URL": url}
    kind = {"options": options, "arguments": ("web",), "is_set_up": False}
    with running_product(folder, **kind) as product:  # type: ignore[arg-type]
        with product.session() as session:
            yield _grid(session, office)
            passes = _passes(product, session, office)
        yield from _reports(product, passes, folder)
        yield from _kills(product, passes, folder)


def _made(url: str) -> MadeOffice:
    engine = open_database(url)
    upgrade(engine)
    office = OfficeMaker(Size()).make(engine)
    engine.dispose()
    return office


def _grid(session: Session, office: MadeOffice) -> Figure:
    """CPU of reading what a class has watched of forty lessons that all of them have begun."""
    persons = office.pupil_ids[:CLASS]
    of_first = select(WatchProgress.asset_id).where(WatchProgress.person_id == persons[0])
    assets = session.scalars(of_first.limit(ITEMS)).all()
    session.commit()
    progress_of(session, persons, assets)  # as a server that has run for a while
    times_s = []
    for _ in range(20):
        before_s = time.process_time()
        progress_of(session, persons, assets)
        times_s.append(time.process_time() - before_s)
    grid_ms = statistics.quantiles(times_s, n=20)[-1] * 1000
    return _figure(f"progress of {CLASS} × {ITEMS}, CPU p95", grid_ms, "ms", 150)


def _passes(product: Product, session: Session, office: MadeOffice) -> list[str]:
    """Return passes of as many pupils as report once in twelve seconds, each with a lesson."""
    listed = (
        select(Lesson)
        .where(Lesson.visibility == Visibility.AREA)
        .options(joinedload(Lesson.original).joinedload(Original.asset))
        .limit(2_000)
    )
    lessons = session.scalars(listed).all()
    keys, begun_at = product.settings.playback_keys, utc_now() - timedelta(hours=2)
    step = len(office.pupil_ids) // int(PER_SECOND * EVERY_S)
    return [
        a_pass(keys, person_id, lessons[number % len(lessons)], begun_at)
        for number, person_id in enumerate(office.pupil_ids[::step])
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
