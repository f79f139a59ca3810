"""A class opens the same page at the same moment while workers write: nobody gets an error.

In every run the routes that write something, and every twentieth other; `make drills`: all.
"""

import sys
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from server.app import connect
from server.models.jobs import WorkerRow
from server.settings import Settings
from server.wiring import Wiring, wire
from tests.browsing import Visitor
from tests.builders import StoppedClock, a_sign_in, an_office
from tests.services.programs import Program
from tests.unit.rights_of_roles import PEOPLE
from tests.web.rights_columns import Route
from tests.web.rights_table import ROUTES
from tests.web.rights_world import GIVING, ITEMS, LIFE, QUIZ, World, call
from tests.write_guard import building
from tests.writing_beside import NAME

pytestmark = pytest.mark.slow

AT_ONCE = 40
ALL_FROM_ROUNDS = 30
WRITES = {
    "/lessons/{lesson_id}",
    "/lessons/{lesson_id}/save/{saved_name}",
    "/s/{token}/save/{saved_name}",
    "/studio/originals/{original_id}/fetch",
    "/lessons/{lesson_id}/questions",
    "/lessons/{lesson_id}/items/{item_id}",
}
GETS = [route for route in ROUTES if route.method == "GET"]


class School:
    """The world of the table of rights, and a browser of everybody in it."""

    def __init__(self, app: Flask, wiring: Wiring, clock: StoppedClock) -> None:
        self.app = app
        with building(wiring.engine) as session:
            an_office(session)
            world = World(session, clock, wiring)
            world.add([LIFE, GIVING, QUIZ, ITEMS])
            self.names = {who: world.names_for(who) for who in PEOPLE}
            self.tokens = {
                who: a_sign_in(session, person, clock())
                for who, person in world.visitors.items()
                if person
            }

    def browser_for(self, who: str) -> Visitor:
        browser = Visitor(self.app)
        if who in self.tokens:
            browser.sign_in_with(self.tokens[who])
        return browser

    def open_at_once(self, route: Route, threads: ThreadPoolExecutor) -> Counter[int]:
        """Have a class open a page; return how many got which status."""
        who = next((who for who in PEOPLE if route.sign_for(who) == "+"), "guest")
        start = threading.Barrier(AT_ONCE)

        def open_one(browser: Visitor) -> int:
            start.wait()
            answer = call(route, browser, self.names[who])
            answer.close()
            return answer.status_code

        return Counter(threads.map(open_one, [self.browser_for(who) for _ in range(AT_ONCE)]))


@pytest.fixture(params=["sqlite", "postgresql"])
def busy(
    request: pytest.FixtureRequest, settings: Settings, clock: StoppedClock, tmp_path: Path
) -> Iterator[Wiring]:
    """Everything outside the process, with another process that writes without a pause."""
    if request.param == "sqlite":
        wiring = request.getfixturevalue("wiring")
    else:
        url = request.getfixturevalue("postgres_url")
        elsewhere = Settings.model_validate({**settings.model_dump(), "database_url": url})
        wiring = wire(elsewhere.with_kept_secrets(), clock=clock)
    argv = [sys.executable, "-m", "tests.writing_beside", wiring.settings.database_url]
    writer = Program(argv, log_path=tmp_path / "writer.log")
    yield wiring
    writer.stop()
    wiring.engine.dispose()


def chosen(rounds: int) -> list[Route]:
    if rounds >= ALL_FROM_ROUNDS:
        return GETS
    return [route for number, route in enumerate(GETS) if number % 20 == 0 or route.path in WRITES]


def test_no_page_fails_for_a_class_that_opens_it_at_once_while_others_write(
    busy: Wiring, kept_app: Flask, clock: StoppedClock, rounds: int
) -> None:
    connect(kept_app, busy)
    school, failed = School(kept_app, busy, clock), {}

    with ThreadPoolExecutor(AT_ONCE) as threads:
        for route in chosen(rounds):
            for limiter in kept_app.extensions["limiter"]:
                limiter.reset()
            statuses = school.open_at_once(route, threads)
            if any(status >= 500 for status in statuses):
                failed[route.path] = statuses

    assert failed == {}
    with building(busy.engine) as session:
        assert session.scalar(select(WorkerRow.name)) == NAME  # somebody did write beside
