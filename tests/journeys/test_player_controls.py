"""What people see and use in the player: preview, chapters, captions, choices, keys."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.player_page import (
    PICTURE,
    STARTS_AT_ONCE_S,
    a_long_clip,
    add_chapters,
    caption,
    play,
    publish,
    seek,
    video,
    wait_until,
    wait_until_prepared,
)
from tests.services.product import Product

pytestmark = pytest.mark.slow

CHAPTERS = ((0.0, "เศษส่วนคืออะไร"), (60.0, "เศษส่วนที่เท่ากัน"), (180.0, "การบวกเศษส่วน"))
THAI = "เศษส่วนที่เท่ากันคือเศษส่วนที่มีค่าเท่ากันแม้ตัวเศษและตัวส่วนจะต่างกันเมื่อทำให้เป็นอย่างต่ำแล้ว"
VTT = f"WEBVTT\n\n00:00.000 --> 04:00.000\n{THAI}\n"
SMALLEST_PX, SMALLEST_ON_TOUCH_PX = 24, 44
TOO_SMALL = """least => [...document.querySelectorAll(".player :is(button, input, label, a)")]
  .filter(each => each.checkVisibility() && !each.closest("label > *"))
  .map(each => [each.className, each.getBoundingClientRect()])
  .filter(([, box]) => box.height > 0 && (box.height < least || box.width < least))
  .map(([name, box]) => `${name} ${box.width}×${box.height}`)"""
LINES = """() => {
  const text = document.querySelector(".player__caption").firstChild;
  const lines = [], range = document.createRange();
  for (let at = 0, top = null; at < text.length; at += 1) {
    range.setStart(text, at); range.setEnd(text, at + 1);
    const box = range.getClientRects()[0];
    if (box && (top === null || Math.abs(box.top - top) > box.height / 2)) {
      lines.push(at); top = box.top;
    }
  }
  return lines;
}"""
WORDS = """text => [...new Intl.Segmenter("th", {granularity: "word"}).segment(text)]
  .map(each => each.index)"""


@pytest.fixture(scope="module")
def live_server(lesson_server: Product, long_lesson: tuple[Path, str]) -> Product:
    """The product with a prepared lesson of four minutes with chapters and Thai captions."""
    add_chapters(lesson_server, long_lesson[1], CHAPTERS)
    caption(lesson_server, long_lesson[1], VTT)
    return lesson_server


@pytest.fixture
def lesson_path(long_lesson: tuple[Path, str]) -> str:
    """The page of that lesson."""
    return long_lesson[1]


def addresses_asked(page: Page) -> list[str]:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    return asked


def sheets_in(addresses: list[str]) -> list[str]:
    return [url for url in addresses if url.endswith(".webp")]


def settings(page: Page, group: str, value: str) -> None:
    page.locator(".player__button--settings").click()
    page.locator(f".player__panel--settings input[name$='-{group}'][value='{value}']").check()
    page.keyboard.press("Escape")


def test_the_time_bar_shows_small_pictures_that_load_at_the_first_look(
    page: Page, lesson_path: str
) -> None:
    asked = addresses_asked(page)
    play(page, lesson_path)
    assert sheets_in(asked) == []

    bar = page.locator(".player__timeline .player__range")
    box = bar.bounding_box()
    assert box
    bar.hover(position={"x": box["width"] * 0.8, "y": box["height"] / 2})

    expect(page.locator(".player__tile")).to_be_visible()
    expect(page.locator(".player__preview")).to_contain_text(CHAPTERS[2][1])
    assert len(sheets_in(asked)) == 1
    page.mouse.move(0, 0)
    expect(page.locator(".player__preview")).to_be_hidden()


def test_who_saves_data_gets_no_small_pictures_and_is_remembered(
    page: Page, lesson_path: str
) -> None:
    play(page, lesson_path)
    settings(page, "quality", "saver")
    asked = addresses_asked(page)

    page.locator(".player__timeline .player__range").hover()
    expect(page.locator(".player__preview")).to_be_visible()
    expect(page.locator(".player__tile")).to_be_hidden()
    assert sheets_in(asked) == []
    page.reload()
    page.locator(".player__start").click()
    wait_until(page, "v.videoHeight === 180", at_most_s=STARTS_AT_ONCE_S)
    page.locator(".player__button--settings").click()
    expect(page.locator(".player__panel--settings input[value=saver]")).to_be_checked()


def test_chapters_are_marked_and_lead_to_their_second(page: Page, lesson_path: str) -> None:
    play(page, lesson_path)
    expect(page.locator(".player__mark")).to_have_count(2)

    page.locator(".player__button--chapters").click()
    expect(page.locator(".player__row[aria-current]")).to_contain_text(CHAPTERS[0][1])
    page.locator(".player__row", has_text=CHAPTERS[1][1]).click()

    wait_until(page, "v.currentTime > 60 && v.currentTime < 70")
    expect(page.locator(".player__panel--chapters")).to_be_hidden()


@pytest.mark.parametrize("size", ["small", "normal", "large"])
def test_captions_break_between_thai_words_in_every_size(
    phone_page: Page, lesson_path: str, size: str
) -> None:
    play(phone_page, lesson_path)
    settings(phone_page, "captions", "0")
    expect(phone_page.locator(".player__caption")).to_have_text(THAI)
    settings(phone_page, "caption-size", size)

    starts = phone_page.evaluate(LINES)
    assert len(starts) > 1
    assert set(starts) <= set(phone_page.evaluate(WORDS, THAI))
    box = phone_page.locator(".player__captions").bounding_box()
    assert box
    assert box["x"] >= 0
    assert box["y"] >= 0
    phone_page.reload()
    phone_page.locator(".player__start").click()
    expect(
        phone_page.locator(f".player__captions[data-size={size}] .player__caption")
    ).to_be_visible()


def test_an_address_with_a_second_begins_there(page: Page, lesson_path: str) -> None:
    play(page, f"{lesson_path}?t=90", until="v.currentTime >= 90 && v.readyState > 2")

    assert video(page, "v.currentTime") < 100


def test_the_time_bar_says_in_thai_where_it_is(page: Page, lesson_path: str) -> None:
    play(page, f"{lesson_path}?t=125", until="v.currentTime >= 125")
    page.evaluate(f"() => {PICTURE}.pause()")

    bar = page.get_by_role("slider").first
    expect(bar).to_have_attribute("aria-valuetext", "2 นาที 5 วินาที จาก 4 นาที 0 วินาที")


def test_keys_change_volume_speed_and_place_and_tell_themselves(
    page: Page, lesson_path: str
) -> None:
    play(page, lesson_path)

    page.keyboard.press("ArrowDown")
    wait_until(page, "Math.abs(v.volume - 0.95) < 0.001")
    page.keyboard.press(">")
    wait_until(page, "v.playbackRate === 1.25")
    page.keyboard.press("PageUp")
    wait_until(page, "v.currentTime >= 60")
    page.keyboard.press("?")
    expect(page.locator(".player__panel--keys")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator(".player__panel--keys")).to_be_hidden()


def test_what_is_pressed_is_large_enough(page: Page, phone_page: Page, lesson_path: str) -> None:
    for place, least_px in ((page, SMALLEST_PX), (phone_page, SMALLEST_ON_TOUCH_PX)):
        play(place, lesson_path)
        found = place.evaluate(TOO_SMALL, least_px)
        place.locator(".player__button--settings").click()
        found += place.evaluate(TOO_SMALL, least_px)
        assert found == []


def test_another_quality_and_the_beginning_at_once_leave_no_hole(
    page: Page, live_server: Product, tmp_path: Path
) -> None:
    path = publish(live_server, a_long_clip(tmp_path / "silent.mp4", sound=False))
    wait_until_prepared(live_server)
    play(page, path)
    seek(page, 100)
    wait_until(page, "v.currentTime > 100.5")

    settings(page, "quality", "saver")
    seek(page, 0)

    wait_until(page, "v.currentTime > 3 && v.currentTime < 20 && !v.paused")
