"""Students watch in a browser, also while the lesson is still being prepared."""

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from server.models.library import AssetState
from tests.journeys.player_page import (
    PICTURE,
    STARTS_AT_ONCE_S,
    an_old_camera_clip,
    open_when_watchable,
    publish,
    state_of,
    video,
    wait_until,
    wait_until_watchable,
)
from tests.services.product import Product

pytestmark = pytest.mark.slow

ENDS_ON_BEST_S = 180


class SchoolSite(BaseHTTPRequestHandler):
    """A page on another origin that shows `frame_url` as sites show makers they do not know."""

    frame_url = ""

    def do_GET(self) -> None:
        body = f'<iframe sandbox="allow-scripts" width="640" height="480" src="{self.frame_url}">'
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the base's name)
        """Say nothing."""


@pytest.fixture
def school_site() -> Iterator[str]:
    """The address of a school's own site."""
    with ThreadingHTTPServer(("127.0.0.1", 0), SchoolSite) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture
def faults(page: Page) -> Iterator[list[str]]:
    """What the page complained about; nothing, please."""
    found: list[str] = []
    page.on("pageerror", lambda error: found.append(str(error)))
    page.on(
        "console",
        lambda said: found.append(said.text) if "Content Security" in said.text else None,
    )
    yield found
    assert found == []


KEEP_WHAT_IS_SAID = """() => {
  const line = document.querySelector(".player__message");
  window.said = [];
  new MutationObserver(() => window.said.push(line.textContent)).observe(line, {childList: true});
}"""


@contextmanager
def opened_half_prepared(page: Page, product: Product, clip: Path) -> Iterator[None]:
    """Open a lesson of which only the beginning is there, and let nothing be added meanwhile."""
    path = publish(product, clip)
    wait_until_watchable(product)
    with product.standing_still(word="worker"):
        open_when_watchable(page, path)
        yield


def test_who_starts_on_the_lowest_during_encoding_ends_on_the_best(
    page: Page, live_server: Product, tmp_path: Path, faults: list[str]
) -> None:
    clip = an_old_camera_clip(tmp_path / "clip.avi", seconds=60, size="854x480")
    with opened_half_prepared(page, live_server, clip):
        wait_until(page, "v.videoHeight > 0 && v.currentTime > 0.5", at_most_s=STARTS_AT_ONCE_S)
        assert state_of(live_server) == AssetState.PREPARING
        assert video(page, "v.currentTime") < 20  # from the start, not from the growing end
        assert video(page, "v.videoHeight") <= 360
        assert video(page, "v.duration") == pytest.approx(60, abs=1)

    wait_until(page, "v.videoHeight === 480 && !v.paused", at_most_s=ENDS_ON_BEST_S)
    here_s = video(page, "v.currentTime")
    wait_until(page, f"v.currentTime > {here_s} + 1 || v.ended")


def test_nobody_gets_beyond_what_is_prepared(
    page: Page, live_server: Product, tmp_path: Path, faults: list[str]
) -> None:
    clip = an_old_camera_clip(tmp_path / "clip.avi", seconds=40, size="640x360")
    with opened_half_prepared(page, live_server, clip):
        wait_until(page, "v.currentTime > 0.2", at_most_s=STARTS_AT_ONCE_S)

        available_s = float(page.locator(".player").get_attribute("data-available") or 0)
        assert available_s < 30
        page.evaluate(KEEP_WHAT_IS_SAID)
        page.evaluate(f"() => {{ {PICTURE}.currentTime = 39; }}")

        wait_until(page, f"v.currentTime <= {available_s}")
        page.wait_for_function("() => window.said.some((text) => text !== '')")
    wait_until(page, "v.currentTime > 37", at_most_s=ENDS_ON_BEST_S)


def test_a_whole_lesson_goes_on_from_the_same_second_and_by_sound_only(
    page: Page, live_server: Product, tmp_path: Path, faults: list[str]
) -> None:
    clip = an_old_camera_clip(tmp_path / "clip.avi", seconds=40, size="640x360")
    path = publish(live_server, clip)
    open_when_watchable(page, path)
    wait_until(page, "v.currentTime > 0.2", at_most_s=STARTS_AT_ONCE_S)
    while state_of(live_server) != AssetState.READY:
        page.wait_for_timeout(500)
    page.evaluate(f"() => {{ {PICTURE}.currentTime = 20; }}")
    wait_until(page, "v.currentTime > 20.5 && v.readyState > 2")
    page.evaluate(f"() => {PICTURE}.pause()")

    page.reload()
    page.locator(".player__start").click()
    wait_until(page, "v.currentTime > 19 && v.currentTime < 30 && v.readyState > 2")

    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.locator(".player__button--settings").click()
    page.locator(".player__panel--settings input[value=sound]").check()
    wait_until(page, "v.videoHeight === 0 && v.currentTime > 20 && v.readyState > 2")
    assert any(re.search(r"/audio\.m3u8$", url) for url in asked)


def test_keys_alone_do_all(
    page: Page, live_server: Product, tmp_path: Path, faults: list[str]
) -> None:
    clip = an_old_camera_clip(tmp_path / "clip.avi", seconds=30, size="640x360")
    page.goto(publish(live_server, clip))
    page.locator(".player__start").focus()
    page.keyboard.press("Enter")
    wait_until(page, "v.currentTime > 0.2", at_most_s=STARTS_AT_ONCE_S)

    page.keyboard.press("k")
    wait_until(page, "v.paused")
    page.keyboard.press("m")
    wait_until(page, "v.muted")
    page.keyboard.press("Home")
    wait_until(page, "v.currentTime < 0.2")


def test_playback_goes_on_after_the_server_was_killed(
    page: Page, live_server: Product, tmp_path: Path, faults: list[str]
) -> None:
    clip = an_old_camera_clip(tmp_path / "clip.avi", seconds=30, size="640x360")
    failed: list[str] = []
    page.on("requestfailed", lambda request: failed.append(request.url))
    page.goto(publish(live_server, clip))
    page.locator(".player__start").hover()
    page.wait_for_load_state("networkidle")

    live_server.kill()
    page.locator(".player__start").click()
    expect(page.locator(".player__message")).to_be_visible()
    live_server.start()

    wait_until(page, "v.currentTime > 0.2", at_most_s=STARTS_AT_ONCE_S)
    assert failed


def test_a_frame_without_origin_cookies_or_storage_plays(
    page: Page, live_server: Product, tmp_path: Path, school_site: str, faults: list[str]
) -> None:
    clip = an_old_camera_clip(tmp_path / "clip.avi", seconds=20, size="640x360")
    path = publish(live_server, clip, framed_by=school_site)
    SchoolSite.frame_url = live_server.url + path.replace("/lessons/", "/embed/")

    page.goto(school_site)
    frame = page.frames[1]
    frame.locator(".player__start").click()

    frame.wait_for_function(
        f"() => {PICTURE} && {PICTURE}.currentTime > 0.5", timeout=STARTS_AT_ONCE_S * 1000
    )
    assert frame.evaluate("() => self.origin") == "null"
