"""The player on lines that break, and what it asks for on a poor one."""

import re

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.journeys.player_page import (
    NOT_LOADED_S,
    PICTURE,
    goes_on,
    play,
    seek,
    video,
    wait_until,
)
from tests.services.product import Product

pytestmark = pytest.mark.slow

GONE_MS = 62_000
HIDE = """hidden => {
  Object.defineProperty(document, "hidden", {value: hidden, configurable: true});
  document.dispatchEvent(new Event("visibilitychange"));
}"""


@pytest.fixture(scope="module")
def live_server(lesson_server: Product) -> Product:
    """The product with the long lesson, for all tests here: they change nothing of it."""
    return lesson_server


def test_a_line_that_is_gone_for_a_minute_is_told_and_playback_goes_on_by_itself(
    page: Page, desktop: BrowserContext, long_lesson_path: str
) -> None:
    play(page, long_lesson_path)
    desktop.set_offline(True)
    seek(page, NOT_LOADED_S)

    expect(page.locator(".player__message .player__retry")).to_be_visible()
    expect(page.locator(".player.is-waiting")).to_have_count(0)
    page.wait_for_timeout(GONE_MS)
    assert video(page, "v.currentTime") == NOT_LOADED_S
    desktop.set_offline(False)

    goes_on(page)


def test_who_has_enough_loaded_does_not_notice_a_lost_line(
    page: Page, desktop: BrowserContext, long_lesson_path: str
) -> None:
    play(page, long_lesson_path)
    wait_until(page, "v.buffered.length && v.buffered.end(0) > 30")

    desktop.set_offline(True)
    here_s = video(page, "v.currentTime")
    wait_until(page, f"v.currentTime > {here_s} + 3")

    expect(page.locator(".player__message")).to_be_hidden()


def test_a_phone_with_its_screen_locked_fetches_sound_alone(
    phone_page: Page, long_lesson_path: str
) -> None:
    play(phone_page, long_lesson_path)
    asked: list[str] = []
    phone_page.on("request", lambda request: asked.append(request.url))

    phone_page.evaluate(HIDE, arg=True)
    wait_until(phone_page, "v.videoHeight === 0 && v.readyState > 2 && !v.paused")
    seek(phone_page, NOT_LOADED_S)
    wait_until(phone_page, f"v.currentTime > {NOT_LOADED_S} + 0.5")
    playlist = next(url for url in asked if url.endswith("/audio.m3u8"))
    parts = set(re.findall(r"[0-9a-f]{64}\.m4s", phone_page.request.get(playlist).text()))
    fetched = {url.rpartition("/")[2] for url in asked[asked.index(playlist) :]}
    assert {name for name in fetched if name.endswith(".m4s")} <= parts

    phone_page.evaluate(HIDE, arg=False)
    wait_until(phone_page, f"v.videoHeight > 0 && v.currentTime > {NOT_LOADED_S}")


def test_the_lock_screen_knows_the_lesson(page: Page, long_lesson_path: str) -> None:
    play(page, long_lesson_path)

    session = page.evaluate(
        """() => {
          const {metadata, playbackState} = navigator.mediaSession;
          return {title: metadata.title, artwork: metadata.artwork.length, playbackState};
        }"""
    )

    assert session["title"]
    assert session["artwork"] == 1
    assert session["playbackState"] == "playing"


def test_without_knowledge_of_the_line_the_lowest_picture_comes_first(
    desktop: BrowserContext, long_lesson_path: str
) -> None:
    desktop.add_init_script(
        """delete Navigator.prototype.connection;
           performance.getEntriesByType = () => [];"""
    )
    page = desktop.new_page()
    play(page, long_lesson_path)

    assert video(page, "v.videoHeight") > 0
    assert page.evaluate("() => navigator.connection === undefined")
    assert page.evaluate(f"() => {PICTURE}.error === null")


def test_nothing_is_fetched_twice_until_it_plays(page: Page, long_lesson_path: str) -> None:
    page.add_init_script("localStorage.setItem('khlang:data-saver', '1')")
    asked: list[tuple[str, str]] = []
    page.on(
        "request",
        lambda request: asked.append((request.url, request.headers.get("range", "")[6:])),
    )
    play(page, long_lesson_path)

    assert not [url for url, _ in asked if url.endswith((".m3u8", "state.json"))]
    parts = [(url, int(start)) for url, start in starts_of(asked)]
    assert len(parts) >= 2
    assert len(set(parts)) == len(parts)


def starts_of(asked: list[tuple[str, str]]) -> list[tuple[str, str]]:
    return [(url, range_.split("-")[0]) for url, range_ in asked if url.endswith(".m4s")]
