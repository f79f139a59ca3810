"""The player when servers restart, and when addresses and rights end."""

from datetime import UTC, datetime

import pytest
from playwright.sync_api import Page, expect

from server.models.lessons import Lesson, PlaybackSession, Visibility
from tests.journeys.player_page import NOT_LOADED_S, goes_on, play, seek
from tests.services.product import Product

pytestmark = pytest.mark.slow

TOLD_MS = 62_000
STORM_MS = 8_000


def test_playback_goes_on_after_a_restart_and_answers_that_say_unavailable(
    page: Page, live_server: Product, long_lesson_path: str
) -> None:
    play(page, long_lesson_path)
    live_server.stop()
    seek(page, NOT_LOADED_S)
    page.wait_for_timeout(2_000)
    page.route("**/v/**", lambda route: route.fulfill(status=503))
    live_server.start()
    page.wait_for_timeout(3_000)
    page.unroute("**/v/**")

    goes_on(page)


def test_an_address_that_has_expired_is_renewed_at_the_same_second(
    page: Page, live_server: Product, long_lesson_path: str
) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    play(page, long_lesson_path)
    with live_server.session() as session:
        session.query(PlaybackSession).update({"expires_at": datetime(2020, 1, 1, tzinfo=UTC)})
        session.commit()
    live_server.stop()  # forgets what it answered during the last half minute
    live_server.start()
    seek(page, NOT_LOADED_S)

    goes_on(page)
    assert sum(url.endswith("/playback") for url in asked) == 2


def test_withdrawal_is_told_clearly_and_nothing_is_asked_any_more(
    page: Page, live_server: Product, long_lesson_path: str
) -> None:
    play(page, long_lesson_path)
    with live_server.session() as session:
        session.query(Lesson).update({"visibility": Visibility.ME})
        session.commit()
    live_server.stop()
    live_server.start()
    seek(page, NOT_LOADED_S)

    expect(page.locator(".player__message .player__link")).to_be_visible(timeout=TOLD_MS)
    expect(page.locator(".player.is-waiting")).to_have_count(0)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.wait_for_timeout(STORM_MS)
    assert asked == []
