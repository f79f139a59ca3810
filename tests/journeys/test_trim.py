"""A teacher trims a lesson on a phone; students play across the cut."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from server.models.lessons import Lesson
from server.models.people import Person
from tests.builders import PASSWORD
from tests.journeys.player_page import (
    PICTURE,
    STARTS_AT_ONCE_S,
    add_chapters,
    caption,
    play,
    publish,
    seek,
    video,
    wait_until,
    wait_until_prepared,
)
from tests.journeys.visits import sign_in
from tests.media_clips import make_clip
from tests.services.product import Product, running_product

pytestmark = pytest.mark.slow

SECONDS = 40
VTT = (
    "WEBVTT\n\n00:01.000 --> 00:04.000\nครูยังเดินอยู่\n\n"
    "00:14.000 --> 00:16.000\nก่อนจุดตัด\n\n00:26.500 --> 00:30.000\nหลังจุดตัด\n"
)
COUNTED_GAPS = f"""() => {{
  const ranges = {PICTURE}.buffered;
  return [ranges.length, ranges.length ? ranges.end(ranges.length - 1) : 0];
}}"""


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The data of a product with a lesson of forty seconds with captions and chapters; its path."""
    folder = tmp_path_factory.mktemp("prepared")
    picture = ["-f", "lavfi", "-i", f"testsrc2=size=640x360:rate=25:duration={SECONDS}"]
    tone = ["-f", "lavfi", "-i", f"sine=frequency=440:duration={SECONDS}"]
    coded = ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-g", "40"]
    clip = make_clip(folder / "clip.mp4", *picture, *tone, *coded, "-c:a", "aac")
    with running_product(folder) as product:
        path = publish(product, clip)
        wait_until_prepared(product)
        caption(product, path, VTT)
        add_chapters(product, path, [(0.0, "เริ่ม"), (18.0, "พัก"), (26.5, "สรุป")])
    return folder / "data", path


@pytest.fixture
def live_server(prepared: tuple[Path, str], tmp_path: Path) -> Iterator[Product]:
    """The product with that lesson, untrimmed."""
    shutil.copytree(prepared[0], tmp_path / "data")
    with running_product(tmp_path, is_set_up=False) as product:
        yield product


@pytest.fixture
def lesson_path(prepared: tuple[Path, str]) -> str:
    """The lesson's page."""
    return prepared[1]


def sign_in_as_its_teacher(product: Product, page: Page) -> None:
    with product.session() as session:
        name = session.query(Person).join(Lesson, Lesson.owner_id == Person.id).one().user_name
    page.goto("/sign-in")
    sign_in(page, name, PASSWORD)


def is_exact(product: Product) -> bool:
    with product.session() as session:
        return session.query(Lesson).one().is_trim_exact


def trim_by_hand(page: Page) -> None:
    """Begin at 6.3 s, leave out 16.4 to 26 s, end at 38.5 s; play across the cut, and keep it."""
    page.locator(".player__start").click()
    wait_until(page, "v.currentTime > 0.2", at_most_s=STARTS_AT_ONCE_S)
    page.evaluate(f"() => {PICTURE}.pause()")
    expect(page.get_by_role("slider", name="จุดเริ่มบทเรียน")).to_be_visible()

    seek(page, 5.3)
    page.get_by_role("button", name="เริ่มตรงนี้").click()
    page.get_by_role("button", name="เริ่มที่: ช้าลง 1 วินาที").click()
    expect(page.locator("[name=start]")).to_have_value("0:06.3")
    seek(page, 16.4)
    page.get_by_role("button", name="ตัดออกตั้งแต่ตรงนี้").click()
    seek(page, 26.0)
    page.get_by_role("button", name="ถึงตรงนี้").click()
    page.get_by_role("slider", name="จุดจบบทเรียน").fill("38.5")
    expect(page.get_by_role("status").filter(has_text="เหลือ")).to_contain_text("0:22 จาก 0:40")
    page.get_by_role("button", name="ลองดูตรงจุดตัด").click()
    wait_until(page, "v.currentTime > 26.2 && v.currentTime < 30 && !v.paused")
    page.get_by_role("button", name="ใช้ตามนี้").click()
    expect(page.get_by_text("ตั้งแต่ตอนนี้นักเรียนเห็นบทเรียนที่ตัดแล้ว")).to_be_visible()


def test_a_lesson_is_trimmed_on_a_phone_and_played_across_the_cut(
    live_server: Product, phone_page: Page, lesson_path: str
) -> None:
    page = phone_page
    sign_in_as_its_teacher(live_server, page)
    page.goto(lesson_path.replace("/lessons/", "/studio/lessons/"))
    page.get_by_role("link", name="ตัดต้น ตัดท้าย ตัดบางช่วงออก").click()
    trim_by_hand(page)
    for _try in range(60):
        if is_exact(live_server):
            break
        page.wait_for_timeout(500)

    play(page, lesson_path, until="v.currentTime > 0.2")
    assert video(page, "v.duration") == pytest.approx(22.6, abs=0.2)
    page.locator(".player__button--captions").click()
    seek(page, 8.5)
    expect(page.locator(".player__caption")).to_have_text("ก่อนจุดตัด")
    wait_until(page, "v.currentTime > 10.8 && !v.paused")
    expect(page.locator(".player__caption")).to_have_text("หลังจุดตัด")
    wait_until(page, "v.buffered.length === 1 && v.buffered.end(0) > 22", at_most_s=60)
    ranges, end_s = page.evaluate(COUNTED_GAPS)
    assert (ranges, end_s) == (1, pytest.approx(22.6, abs=0.2))
    page.locator(".player__button--chapters").click()
    rows = page.locator(".player__panel--chapters .player__row")
    expect(rows).to_have_text(["0:00เริ่ม", "0:10สรุป"])
    seek(page, 21.5)
    wait_until(page, "v.ended")


def test_the_way_back_is_one_press(
    live_server: Product, phone_page: Page, lesson_path: str
) -> None:
    page = phone_page
    sign_in_as_its_teacher(live_server, page)
    page.goto(lesson_path.replace("/lessons/", "/studio/lessons/") + "/trim")
    page.locator("[name=start]").fill("50:00")
    page.get_by_role("button", name="ใช้ตามนี้").click()
    expect(page.locator(".fault")).to_contain_text("บทเรียนยังเหมือนเดิม")
    page.locator("[name=start]").fill("0:06.3")
    page.get_by_role("button", name="ใช้ตามนี้").click()

    page.get_by_role("button", name="กลับไปแสดงทั้งเรื่อง").click()

    expect(page.get_by_text("บทเรียนแสดงครบทั้งเรื่องเหมือนเดิมแล้ว")).to_be_visible()
    play(page, lesson_path)
    assert video(page, "v.duration") == pytest.approx(SECONDS, abs=0.2)
