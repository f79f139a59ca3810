"""What visitors of the demo do in its pages, and pictures of what they see."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import Browser, BrowserContext, CDPSession, Frame, Page

from server.demo.install import demo_password
from server.demo.script import LESSONS
from tests.journeys.player_page import wait_until_prepared
from tests.services.chromium import DESKTOP
from tests.services.product import Product, running_product

SCREENSHOT_PATH = Path(__file__).parents[2] / "docs" / "screenshots"
SCREENSHOT_BYTES = 120_000
SEARCHES_AT_MOST = 40
DEMO_S = 240  # about 25 on an idle machine
VIDEO = "document.querySelector('.player video')"


@dataclass(slots=True)
class Visits:
    """Opens the demo in fresh browser profiles, and gathers what its pages complain about."""

    browser: Browser
    product: Product
    contexts: list[BrowserContext] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    def begin(self, user_name: str = "", device: dict[str, Any] = DESKTOP, **more: Any) -> Page:
        """Open a tab in a profile of its own: a guest's, or of a demo person who signs in."""
        options = {"base_url": self.product.url, "locale": "th-TH", **device, **more}
        context = self.browser.new_context(**options)
        self.contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        page.on("console", lambda said: self._note(said.text))
        if user_name:
            sign_in(page, user_name, demo_password(self.product.data_path))
        return page

    def end(self) -> None:
        """Close all profiles."""
        for context in self.contexts:
            context.close()

    def _note(self, text: str) -> None:
        if "Content Security" in text:
            self.faults.append(text)


def make_demo(folder: Path) -> None:
    """Leave in `folder` the data of the demo as the README starts it, with all lessons prepared."""
    command = ("serve", "--demo")
    with running_product(folder, arguments=command, is_set_up=False) as product:
        assert product.program
        log = product.program.log
        product.program.wait_until(
            lambda: log().count("Demo lesson: ") == len(LESSONS), at_most_s=DEMO_S
        )
        wait_until_prepared(product, at_most_s=DEMO_S)


def sign_in(page: Page, user_name: str, password: str) -> None:
    """Sign in by the form."""
    page.goto("/sign-in")
    page.locator("[name=user_name]").fill(user_name)
    page.locator("[name=password]").fill(password)
    page.locator("[name=password]").press("Enter")
    page.wait_for_url(lambda url: "/sign-in" not in url)


def search(page: Page, words: str) -> None:
    """Search by the box of the library."""
    page.goto("/")
    page.locator("[name=q]").fill(words)
    page.locator("[name=q]").press("Enter")
    page.wait_for_url("**/search?*")


def search_until_found(page: Page, words: str, title: str) -> None:
    """Search until the indexer has been there, and open the lesson."""
    search(page, words)
    link = page.locator(".card-link", has_text=title)
    wait_until(page, lambda: link.count() > 0)
    link.click()
    page.wait_for_url("**/lessons/*")


def wait_until(page: Page, is_there: Callable[[], bool]) -> None:
    """Load the page again until what is waited for is there."""
    for _try in range(SEARCHES_AT_MOST):
        if is_there():
            return
        page.wait_for_timeout(500)
        page.reload()
    raise AssertionError(f"not there after {SEARCHES_AT_MOST} looks at {page.url}")


def open_demo_lesson(page: Page, title: str) -> str:
    """Open a lesson of the library's first page; return its address."""
    page.goto("/")
    page.locator(".card-link", has_text=title).click()
    page.wait_for_url("**/lessons/*")
    return page.url


def play(place: Page | Frame, *, until: str = "v.currentTime > 0.5") -> None:
    """Press play, and wait until it plays."""
    place.locator(".player__start").click()
    wait_for_video(place, until)


def wait_for_video(place: Page | Frame, condition: str, *, at_most_s: int = 60) -> None:
    """Wait for a condition about `v`, the video."""
    place.wait_for_function(
        f"() => {{ const v = {VIDEO}; return v && ({condition}); }}", timeout=at_most_s * 1000
    )


def choose_in_player(page: Page, quality: str) -> None:
    """Choose a quality in the player's menu."""
    page.locator(".player__button--settings").click()
    page.locator(f".player__panel--settings input[name$=quality][value='{quality}']").check()
    page.keyboard.press("Escape")


@contextmanager
def slow_line(page: Page, bits_per_s: int) -> Iterator[None]:
    """Hold the page on a slow line for a while."""
    line = slow_down(page, bits_per_s)
    yield
    _set_line(line, -1)


def slow_down(page: Page, bits_per_s: int) -> CDPSession:
    """Hold the page on a slow line from now on."""
    line = page.context.new_cdp_session(page)
    line.send("Network.enable")
    _set_line(line, bits_per_s / 8)
    return line


def _set_line(line: CDPSession, bytes_per_s: float) -> None:
    conditions = {"offline": False, "latency": 20 if bytes_per_s > 0 else 0}
    speeds = {"downloadThroughput": bytes_per_s, "uploadThroughput": bytes_per_s}
    line.send("Network.emulateNetworkConditions", {**conditions, **speeds})


def keep_screenshot(page: Page, name: str) -> None:
    """Keep what is seen for the README, when KEEP_SCREENSHOTS is set."""
    if not os.environ.get("KEEP_SCREENSHOTS"):
        return
    SCREENSHOT_PATH.mkdir(parents=True, exist_ok=True)
    page.evaluate("() => document.fonts.ready")
    image = Image.open(BytesIO(page.screenshot())).convert("RGB")
    path = SCREENSHOT_PATH / name
    image.save(path, optimize=True)
    for colours in (256, 128, 64, 32):
        if path.stat().st_size <= SCREENSHOT_BYTES:
            return
        image.quantize(colours, kmeans=1).save(path, optimize=True)
