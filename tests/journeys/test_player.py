"""Students watch in a browser, also while the lesson is still being prepared."""

import re
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from server.models.lessons import Visibility
from server.models.library import Asset, AssetState
from server.models.people import EmbedSite
from tests.builders import a_lesson, a_person, an_arrived_file
from tests.media_clips import make_clip
from tests.services.product import Product

pytestmark = pytest.mark.slow

STARTS_AT_ONCE_S = 60
ENDS_ON_BEST_S = 180
PICTURE = "document.querySelector('.player video')"


def an_old_camera_clip(path: Path, *, seconds: int, size: str = "1280x720") -> Path:
    """A clip that must be encoded: browsers do not play this codec, so nothing is copied."""
    picture = ["-f", "lavfi", "-i", f"testsrc2=size={size}:rate=25:duration={seconds}"]
    tone = ["-f", "lavfi", "-i", f"sine=frequency=440:duration={seconds}"]
    return make_clip(path, *picture, *tone, "-c:v", "mpeg4", "-q:v", "4", "-c:a", "aac")


def publish(product: Product, clip: Path, *, framed_by: str = "") -> str:
    """Make a lesson for everyone of a clip that has just arrived; return its page's path.

    The site `framed_by`, if any, may show it in a frame.
    """
    with product.wired() as wiring, product.session() as session:
        teacher = a_person(session)
        original = an_arrived_file(session, wiring.store, clip, owner=teacher)
        lesson = a_lesson(
            session,
            teacher,
            original=original,
            visibility=Visibility.PUBLIC,
            published_at=datetime.now(UTC),
        )
        if framed_by and lesson.school_id:
            session.add(EmbedSite(school_id=lesson.school_id, origin=framed_by))
            session.commit()
        return f"/lessons/{lesson.id}"


def state_of(product: Product) -> str:
    with product.session() as session:
        return session.query(Asset).one().state


def wait_until(page: Page, condition: str, *, at_most_s: int = 60) -> None:
    """Wait for a condition about `v`, the video. Errors of the page are told in the failure."""
    page.wait_for_function(
        f"() => {{ const v = {PICTURE}; return v && ({condition}); }}", timeout=at_most_s * 1000
    )


def video(page: Page, expression: str) -> float:
    return float(page.evaluate(f"() => {{ const v = {PICTURE}; return {expression}; }}"))


def open_when_watchable(page: Page, path: str) -> None:
    """Open the lesson and press play as soon as there is something to press."""
    page.goto(path)
    page.locator(".player__start").click()


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


def test_who_starts_on_the_lowest_during_encoding_ends_on_the_best(
    page: Page, live_server: Product, tmp_path: Path, faults: list[str]
) -> None:
    path = publish(live_server, an_old_camera_clip(tmp_path / "clip.avi", seconds=60))
    open_when_watchable(page, path)

    wait_until(page, "v.videoHeight > 0 && v.currentTime > 0.5", at_most_s=STARTS_AT_ONCE_S)
    assert state_of(live_server) == AssetState.PREPARING
    assert video(page, "v.currentTime") < 20  # from the start, not from the growing end
    assert video(page, "v.videoHeight") <= 360
    assert video(page, "v.duration") == pytest.approx(60, abs=1)

    wait_until(page, "v.videoHeight === 720 && !v.paused", at_most_s=ENDS_ON_BEST_S)
    here_s = video(page, "v.currentTime")
    wait_until(page, f"v.currentTime > {here_s} + 1 || v.ended")


def test_nobody_gets_beyond_what_is_prepared(
    page: Page, live_server: Product, tmp_path: Path, faults: list[str]
) -> None:
    path = publish(live_server, an_old_camera_clip(tmp_path / "clip.avi", seconds=120))
    open_when_watchable(page, path)
    wait_until(page, "v.currentTime > 0.2", at_most_s=STARTS_AT_ONCE_S)

    available_s = float(page.locator(".player").get_attribute("data-available") or 0)
    page.evaluate(f"() => {{ {PICTURE}.currentTime = 119; }}")

    wait_until(page, f"v.currentTime <= {available_s} + 40")
    expect(page.locator(".player__message")).to_be_visible()
    wait_until(page, "v.currentTime > 117", at_most_s=ENDS_ON_BEST_S)


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
    page.locator(".player__menu input[value=sound]").check()
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
