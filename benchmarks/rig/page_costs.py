"""What pages cost: CPU of the application and of its database, and how often it is asked."""

import gc
import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import cast
from uuid import UUID

import psycopg
from flask import Flask
from sqlalchemy import Engine, event
from sqlalchemy.pool import ConnectionPoolEntry

from benchmarks.rig.office_keys import NOW, OfficeKeys
from benchmarks.rig.office_pages import MainPage, MainPages
from server.app import create_app
from server.delivery.serve import collect_rarely
from server.jobs.index_changes import reindex
from server.models.people import Person
from server.settings import Settings
from server.wiring import Wiring, wire
from tests.browsing import Visitor
from tests.builders import StoppedClock, a_sign_in

AFTER = NOW + timedelta(days=1)
WARM = 3  # visits of each page that are not counted
ROUNDS = 3  # through all pages: the quietest one counts, as neighbours of a machine cost time, too


@dataclass(frozen=True, slots=True, kw_only=True)
class PageCost:
    """Of one page."""

    page: MainPage
    cpu_ms: float  # p95 of the visits, in the quietest round
    queries: int  # at most, of all visits


class PageMeter:
    """Calls pages within this process and counts."""

    def __init__(self, app: Flask, wiring: Wiring) -> None:
        """Take an application on an office's database."""
        self._app = app
        self._wiring = wiring
        self._cpu = CpuClock(wiring.engine)
        self._visitors: dict[UUID | None, Visitor] = {}

    def measure(self, page: MainPage) -> PageCost:
        """Visit it by everybody; the first visits warm what every server has warm."""
        visits = [(self._visitor(who), url) for who, url in page.visits]
        for visitor, url in visits[:WARM]:
            self._cost(visitor, url)
        costs = [self._cost(visitor, url) for visitor, url in visits]
        p95_s = statistics.quantiles([cpu_s for cpu_s, _count in costs], n=20)[-1]
        return PageCost(
            page=page, cpu_ms=p95_s * 1000, queries=max(count for _cpu_s, count in costs)
        )

    def _cost(self, visitor: Visitor, url: str) -> tuple[float, int]:
        with counted_queries(self._wiring.engine) as queries:
            before_s = self._cpu()
            answer = visitor.get(url)
            cpu_s = self._cpu() - before_s
        if answer.status_code != 200:
            raise RuntimeError(f"{url} was answered {answer.status_code}")
        return cpu_s, len(queries)

    def _visitor(self, person_id: UUID | None) -> Visitor:
        if person_id not in self._visitors:
            visitor = self._visitors[person_id] = cast(Visitor, self._app.test_client())
            if person_id is not None:
                with self._wiring.sessions() as session:
                    person = session.get_one(Person, person_id)
                    visitor.sign_in_with(a_sign_in(session, person, AFTER))
        return self._visitors[person_id]


def page_costs(
    url: str, folder: Path, keys: OfficeKeys, *, rounds: int = ROUNDS
) -> Iterator[PageCost]:
    """Measure all main pages of an office."""
    settings = Settings.model_validate(
        {"data_path": folder, "database_url": url, "public_url": "http://localhost"}
    ).with_kept_secrets()
    wiring = wire(settings, clock=StoppedClock(AFTER))
    app = create_app(wiring)
    app.test_client_class = Visitor
    meter = PageMeter(app, wiring)
    reindex(wiring.sessions, wiring.index, wiring.clock)
    with wiring.sessions() as session:
        pages = list(MainPages(keys, session))
    gc.collect()
    collect_rarely()  # as servers do; what made the office is no part of one
    measured = [[meter.measure(page) for page in pages] for _ in range(rounds)]
    for costs in zip(*measured, strict=True):
        queries = max(cost.queries for cost in costs)
        yield replace(min(costs, key=lambda cost: cost.cpu_ms), queries=queries)
    gc.unfreeze()
    wiring.index.close()
    wiring.engine.dispose()


@contextmanager
def counted_queries(engine: Engine) -> Iterator[list[str]]:
    """Yield the list to which every statement is added that this engine asks meanwhile."""
    asked: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if not statement.startswith(("BEGIN", "SAVEPOINT")):
            asked.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    yield asked
    event.remove(engine, "before_cursor_execute", note)


class CpuClock:
    """What this process has spent, and with it the database where that is another program."""

    def __init__(self, engine: Engine) -> None:
        """Note who answers each new connection."""
        self._backends: list[Path] = []
        event.listen(engine, "connect", self._note)

    def __call__(self) -> float:
        """Return seconds."""
        theirs_ns = sum(int(path.read_text().split()[0]) for path in self._backends)
        return time.process_time() + theirs_ns / 1e9

    def _note(self, connection: object, _entry: ConnectionPoolEntry) -> None:
        if isinstance(connection, psycopg.Connection):
            # Helpers of a query would spend elsewhere what is counted here.
            connection.execute("SET max_parallel_workers_per_gather = 0")
            connection.commit()
            self._backends.append(Path(f"/proc/{connection.info.backend_pid}/schedstat"))
