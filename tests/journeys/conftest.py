"""Fixtures for stories in a real browser against the product started for real."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright

from server.models.people import RoleName
from tests.builders import PASSWORD, a_person
from tests.journeys.player_page import a_long_clip, publish, wait_until_prepared
from tests.journeys.visits import Visits, make_demo
from tests.services.chromium import DESKTOP, PHONE, launch, running_playwright
from tests.services.made_once import made_once
from tests.services.product import Product, running_product


@pytest.fixture
def live_server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Product]:
    """The product with an office; and the long lesson, where a test asks for its path."""
    has_lesson = "long_lesson_path" in request.fixturenames
    if has_lesson:
        prepared, _path = request.getfixturevalue("long_lesson")
        shutil.copytree(prepared, tmp_path / "data")
    with running_product(tmp_path, is_set_up=not has_lesson) as product:
        yield product


@pytest.fixture(scope="module")
def lesson_server(
    long_lesson: tuple[Path, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Product]:
    """The product with the long lesson, started once for tests that leave it as it is."""
    folder = tmp_path_factory.mktemp("lesson_server")
    shutil.copytree(long_lesson[0], folder / "data")
    with running_product(folder, is_set_up=False) as product:
        yield product


@pytest.fixture(scope="session")
def long_lesson(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The data of a product with one prepared lesson of four minutes, and the lesson's path.

    Made once: encoding it again for every test would take most of their time.
    """
    folder = made_once("long_lesson", _make_long_lesson, tmp_path_factory)
    return folder / "data", (folder / "path").read_text()


def _make_long_lesson(folder: Path) -> None:
    with running_product(folder) as product:
        path = publish(product, a_long_clip(folder / "clip.mp4"))
        wait_until_prepared(product)
    (folder / "path").write_text(path)


@pytest.fixture
def long_lesson_path(long_lesson: tuple[Path, str], live_server: Product) -> str:
    """The page of a prepared lesson of four minutes on `live_server`."""
    return long_lesson[1]


@pytest.fixture
def fresh_server(tmp_path: Path) -> Iterator[Product]:
    """The product that nobody has set up yet."""
    with running_product(tmp_path, is_set_up=False) as product:
        yield product


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """The product as the README starts it, when its demo lessons have been prepared."""
    prepared = made_once("demo", make_demo, tmp_path_factory)
    folder = tmp_path_factory.mktemp("demo")
    shutil.copytree(prepared / "data", folder / "data")
    with running_product(folder, is_set_up=False) as product:
        yield product


@pytest.fixture
def visits(browser: Browser, demo: Product) -> Iterator[Visits]:
    """Fresh browser profiles on the demo, whose pages complain about nothing."""
    visits = Visits(browser, demo)
    yield visits
    visits.end()
    assert visits.faults == []


@pytest.fixture(scope="module")
def playwright() -> Iterator[Playwright]:
    """Playwright's driver. Of a module: its event loop must not stand in other tests' way."""
    with running_playwright() as driver:
        yield driver


@pytest.fixture(scope="module")
def browser(playwright: Playwright) -> Iterator[Browser]:
    """One Chromium for all tests of a module."""
    browser = launch(playwright)
    yield browser
    browser.close()


@pytest.fixture
def desktop(browser: Browser, live_server: Product) -> Iterator[BrowserContext]:
    """A fresh browser profile on a computer."""
    context = browser.new_context(**DESKTOP, base_url=live_server.url, locale="th-TH")
    yield context
    context.close()


@pytest.fixture
def phone(browser: Browser, live_server: Product) -> Iterator[BrowserContext]:
    """A fresh browser profile on a small phone."""
    context = browser.new_context(**PHONE, base_url=live_server.url, locale="th-TH")
    yield context
    context.close()


@pytest.fixture
def page(desktop: BrowserContext) -> Page:
    """A tab on a computer."""
    return desktop.new_page()


@pytest.fixture
def phone_page(phone: BrowserContext) -> Page:
    """A tab on a phone."""
    return phone.new_page()


@pytest.fixture
def sign_in_as(live_server: Product) -> Callable[[Page, RoleName | str], str]:
    """Make somebody with this role and sign them in by the form; return the user name."""

    def by_form(page: Page, role: RoleName | str) -> str:
        with live_server.session() as session:
            user_name = a_person(session, role).user_name
        page.goto(f"{live_server.url}/sign-in")
        page.locator("[name=user_name]").fill(user_name)
        page.locator("[name=password]").fill(PASSWORD)
        page.locator("[name=password]").press("Enter")
        page.wait_for_url(lambda url: "/sign-in" not in url)
        return user_name

    return by_form
