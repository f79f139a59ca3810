"""Filmed lessons reach devices that decode AV1 sparingly in half the bytes, others as ever."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from server.models.library import Asset
from server.services.play import asset_state
from tests.journeys.player_page import play, publish, seek, video, wait_until, wait_until_prepared
from tests.media_clips import a_clip
from tests.services.product import Product, running_product

pytestmark = pytest.mark.slow

# A browser without a screen decodes AV1 by program, and says so; this one claims a decoder.
SPARING = """
  const real = navigator.mediaCapabilities.decodingInfo.bind(navigator.mediaCapabilities);
  navigator.mediaCapabilities.decodingInfo = async (wish) => {
    const found = await real(wish);
    return { supported: found.supported, smooth: true, powerEfficient: %s };
  };
"""


@pytest.fixture(scope="module")
def live_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """The product with AV1, for all tests here: they change nothing of it."""
    with running_product(tmp_path_factory.mktemp("av1"), options={"AV1_PICTURES": "yes"}) as made:
        yield made


@pytest.fixture(scope="module")
def film(live_server: Product, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The page of a filmed lesson of which everything is made."""
    clip = a_clip(tmp_path_factory.mktemp("film") / "film.mp4", seconds=24)
    path = publish(live_server, clip)
    wait_until_prepared(live_server)
    live_server.wait_until(
        lambda session: bool(asset_state(session, session.query(Asset).one().id).av1)
    )
    return path


def test_a_device_with_a_decoder_plays_it_in_half_the_bytes(
    page: Page, live_server: Product, film: str
) -> None:
    asked = asked_by(page)
    page.add_init_script(SPARING % "true")

    play(page, film, until="v.currentTime > 0.5 && v.videoHeight > 0")

    assert names_of(asked, "m3u8") <= {"av1.m3u8", "av1-240p.m3u8", "av1-360p.m3u8", "audio.m3u8"}
    seek(page, 11.5)  # over the border of two parts, encoded apart
    wait_until(page, "v.currentTime > 13 && v.buffered.length === 1")
    page.locator(".player__button--settings").click()
    choices = page.locator(".player__panel--settings input[name$=quality]")
    values = choices.evaluate_all("all => all.map((each) => each.value)")
    assert values == ["auto", "av1-360p", "av1-240p", "saver", "sound"]
    page.locator(".player__panel--settings input[value=av1-360p]").check()
    wait_until(page, "v.videoHeight === 360 && v.currentTime > 15")
    page.locator(".player__panel--settings input[value=sound]").check()
    wait_until(page, "v.videoHeight === 0 && v.readyState > 2")
    expect(page.locator(".player__message")).to_be_hidden()


def test_a_device_that_would_heat_up_is_given_h264(
    page: Page, live_server: Product, film: str
) -> None:
    asked = asked_by(page)
    page.add_init_script(SPARING % "false")

    play(page, film, until="v.currentTime > 0.5 && v.videoHeight > 0")

    assert not [name for name in names_of(asked, "m3u8") if name.startswith("av1")]
    assert video(page, "v.videoHeight") in (240, 360)


def asked_by(page: Page) -> list[str]:
    found: list[str] = []
    page.on("request", lambda request: found.append(request.url))
    return found


def names_of(urls: list[str], suffix: str) -> set[str]:
    names = {url.rpartition("/")[2] for url in urls}
    return {name for name in names if name.endswith(suffix)}
