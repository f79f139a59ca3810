"""Every cell of the table of routes, called as that person would."""

import re
from pathlib import Path

import pytest
from flask import Flask

from server.request_context import SAFE_METHODS
from server.wiring import Wiring
from tests.browsing import Visitor
from tests.builders import StoppedClock
from tests.unit.rights_of_roles import PEOPLE
from tests.web.rights_columns import Route
from tests.web.rights_table import ROUTES, document
from tests.web.rights_world import KeptWorld, call, keep_world, needed_by, sign_of

Worlds = dict[frozenset[str], KeptWorld]


@pytest.fixture(scope="module")
def worlds() -> Worlds:
    """What was kept; made when the first route needs it."""
    return {}


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.path}")
def test_a_route_works_for_whom_the_table_says_and_nobody_else(
    route: Route,
    bare_app: Flask,
    clock: StoppedClock,
    wiring: Wiring,
    worlds: Worlds,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    needs = needed_by(route)
    if needs not in worlds:
        folder = tmp_path_factory.mktemp("kept") / "world"
        worlds[needs] = keep_world(wiring, clock, needs, folder)
    world, answered = worlds[needs], {}
    for number, who in enumerate(PEOPLE):
        if route.method not in SAFE_METHODS or number == 0:
            world.put_into(wiring)  # whatever the one before did to it
        answered[who] = _answer(route, who, world, bare_app)

    assert answered == {who: route.sign_for(who) for who in PEOPLE}


def _answer(route: Route, who: str, world: KeptWorld, app: Flask) -> str:
    """Let somebody call a route."""
    browser = Visitor(app)
    if who in world.tokens:
        browser.sign_in_with(world.tokens[who])
    return sign_of(call(route, browser, world.names[who]))


def test_every_route_is_in_the_table(app: Flask) -> None:
    listed = {(route.method, _shape(route.path.partition("?")[0])) for route in ROUTES}

    answered = {
        (method, _shape(rule.rule))
        for rule in app.url_map.iter_rules()
        for method in _own_methods(rule.methods or set())
    }

    assert answered == listed


def test_the_documentation_holds_both_tables() -> None:
    assert Path("docs/rights.md").read_text(encoding="utf-8") == document()


def _shape(path: str) -> str:
    """Return the path with every name in it alike."""
    return re.sub(r"<[^>]+>|\{[^}]+\}", "*", path)


def _own_methods(methods: set[str]) -> set[str]:
    """Leave out what comes with every GET and what only asks what may be asked."""
    return methods - {"OPTIONS"} - ({"HEAD"} if "GET" in methods else set())
