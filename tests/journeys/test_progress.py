"""What a pupil watches is counted right, over a line that is cut and a tab that is closed."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page
from sqlalchemy import select

from server.models.people import RoleName
from server.models.progress import WatchProgress
from server.services.covered import Covered
from tests.journeys.player_page import (
    PICTURE,
    a_long_clip,
    play,
    publish,
    seek,
    video,
    wait_until,
    wait_until_prepared,
)
from tests.services.product import Product

pytestmark = pytest.mark.slow
ELSEWHERE_S = 60
EXACT_S = 5
PLAYED = "Array.from(v.played, (_, i) => v.played.end(i) - v.played.start(i))"
SignIn = Callable[[Page, RoleName | str], str]


def kept(product: Product) -> WatchProgress | None:
    with product.session() as session:
        return session.scalar(select(WatchProgress))


def covered_s(product: Product) -> int:
    row = kept(product)
    return row.covered_s if row else 0


def wait_until_told(product: Product, page: Page, seconds: float) -> None:
    for _ in range(100):
        if abs(covered_s(product) - seconds) <= EXACT_S:
            return
        page.wait_for_timeout(200)
    raise AssertionError(f"{covered_s(product)} s told of {seconds} s watched")


def watch_to(page: Page, second: float) -> None:
    page.evaluate(f"() => {{ {PICTURE}.playbackRate = 2; }}")
    wait_until(page, f"v.currentTime > {second} && !v.paused")


def resumes_at(page: Page) -> float:
    return float(
        json.loads(page.locator("[data-player]").get_attribute("data-player") or "")["resumeS"]
    )


def pause_and_find_told(page: Page, product: Product) -> int:
    """Pause without a line, and return what the server knows by then."""
    page.evaluate(f"() => {PICTURE}.pause()")
    page.wait_for_timeout(500)
    return covered_s(product)


def played_s(page: Page) -> float:
    return video(page, f"{PLAYED}.reduce((sum, one) => sum + one, 0)")


def test_watched_seconds_are_right_over_a_line_cut_twice_and_a_closed_tab(
    page: Page, desktop: BrowserContext, live_server: Product, sign_in_as: SignIn, tmp_path: Path
) -> None:
    path = publish(live_server, a_long_clip(tmp_path / "clip.mp4", seconds=120))
    sign_in_as(page, RoleName.STUDENT)
    wait_until_prepared(live_server)
    play(page, path)
    watch_to(page, 8)

    desktop.set_offline(True)  # what is loaded plays on
    watch_to(page, 16)
    assert pause_and_find_told(page, live_server) < 16 - EXACT_S
    desktop.set_offline(False)
    wait_until_told(live_server, page, played_s(page))

    seek(page, ELSEWHERE_S)
    page.evaluate(f"() => {PICTURE}.play()")
    watch_to(page, ELSEWHERE_S + 6)
    desktop.set_offline(True)
    watch_to(page, ELSEWHERE_S + 12)
    watched_s = played_s(page)
    page.close()
    desktop.set_offline(False)
    later = desktop.new_page()
    later.goto("/")

    wait_until_told(live_server, later, watched_s)
    row = kept(live_server)
    assert row is not None
    first, second = Covered.from_text(row.covered).ranges
    assert first[0] == 0
    assert abs(second[0] - ELSEWHERE_S) <= 1
    assert abs(row.position_s - second[1]) <= EXACT_S
    later.goto(path)
    assert abs(resumes_at(later) - row.position_s) <= EXACT_S  # the page that closed may tell more


def test_a_phone_that_leaves_the_page_has_told_the_last_second(
    page: Page, live_server: Product, sign_in_as: SignIn, tmp_path: Path
) -> None:
    path = publish(live_server, a_long_clip(tmp_path / "clip.mp4", seconds=60))
    sign_in_as(page, RoleName.STUDENT)
    wait_until_prepared(live_server)
    play(page, path)
    watch_to(page, 9)
    watched_s = played_s(page)

    page.goto("/kept")

    wait_until_told(live_server, page, watched_s)
    assert abs(covered_s(live_server) - watched_s) <= 2
