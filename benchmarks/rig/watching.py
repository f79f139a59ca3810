"""A student's phone that opens a lesson and presses play, and what it takes until a picture shows.

A real Chromium; times are the page's own, from the moment its address was entered.
"""

from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import BrowserContext, Page

from tests.journeys.player_page import PICTURE, wait_until

PATIENCE_S = 120
SLOWDOWN = 4
WATCHED_MS = 15_000
FASTEST = 16
# Noted in the page: Playwright's own way to it would be measured otherwise.
NOTE_FRAME = f"""addEventListener("DOMContentLoaded", () => {{
  const look = () => {{
    const v = {PICTURE};
    if (v && v.readyState > 1 && v.videoWidth) window.firstFrameMs = performance.now();
    else requestAnimationFrame(look);
  }};
  look();
}});"""
READABLE = "performance.getEntriesByName('first-contentful-paint')[0].startTime"
REACTION = """async name => {
  const began = performance.now();
  document.querySelector(`.player__button--${name}`).click();
  await new Promise(requestAnimationFrame);
  await new Promise(done => setTimeout(done));
  return performance.now() - began;
}"""
FRAMES = f"""() => {{
  const {{totalVideoFrames, droppedVideoFrames}} = {PICTURE}.getVideoPlaybackQuality();
  return [totalVideoFrames, droppedVideoFrames];
}}"""
KEPT = f"""() => {{
  const ranges = {PICTURE}.buffered;
  return [...Array(ranges.length).keys()].reduce((s, n) => s + ranges.end(n) - ranges.start(n), 0);
}}"""


@dataclass(frozen=True, slots=True)
class Opened:
    """One visit of a lesson's page, in seconds and bytes."""

    readable_s: float
    frame_s: float
    line_bytes: int


def open_and_play(context: BrowserContext, url: str, carried: Callable[[], int]) -> Opened:
    """Open the lesson, press play at once, and close the tab when a picture shows."""
    page, before = context.new_page(), carried()
    page.add_init_script(NOTE_FRAME)
    page.goto(url, wait_until="commit", timeout=PATIENCE_S * 1000)
    page.locator(".player__start").click(timeout=PATIENCE_S * 1000)
    page.wait_for_function("() => window.firstFrameMs", timeout=PATIENCE_S * 1000)
    opened = Opened(
        readable_s=page.evaluate(READABLE) / 1000,
        frame_s=page.evaluate("window.firstFrameMs") / 1000,
        line_bytes=carried() - before,
    )
    page.close()
    return opened


@dataclass(frozen=True, slots=True)
class OnWeakPhone:
    """What a processor four times slower makes of the lowest picture."""

    interactive_s: float
    dropped_share: float
    slowest_reaction_ms: float


def watch_on_weak_phone(context: BrowserContext, url: str) -> OnWeakPhone:
    """Watch the lowest picture for a while, and use the buttons, on a slowed processor."""
    page = context.new_page()
    page.add_init_script("localStorage.setItem('khlang:data-saver', '1')")
    session = context.new_cdp_session(page)
    session.send("Emulation.setCPUThrottlingRate", {"rate": SLOWDOWN})
    page.goto(url)
    page.locator(".player__start").wait_for()
    interactive_s = page.evaluate("performance.now()") / 1000
    page.locator(".player__start").click()
    wait_until(page, "v.currentTime > 0.5", at_most_s=PATIENCE_S)
    page.wait_for_timeout(WATCHED_MS)
    total, dropped = page.evaluate(FRAMES)
    reactions_ms = [
        page.evaluate(REACTION, name) for name in ("play", "play", "settings", "settings", "sound")
    ]
    page.close()
    return OnWeakPhone(interactive_s, dropped / max(total, 1), max(reactions_ms))


def most_seconds_kept(page: Page, url: str) -> float:
    """Play a lesson to its end as fast as browsers do; return the most seconds in its buffer."""
    page.goto(url)
    page.locator(".player__start").click()
    wait_until(page, "v.currentTime > 0.5", at_most_s=PATIENCE_S)
    page.evaluate(f"() => {{ {PICTURE}.playbackRate = {FASTEST}; {PICTURE}.muted = true; }}")
    most_s = 0.0
    while not page.evaluate(f"() => {PICTURE}.ended"):
        most_s = max(most_s, page.evaluate(KEPT))
        page.wait_for_timeout(500)
    return most_s
