"""A pupil takes a lesson home, as a file or in the browser; a teacher makes a clip smaller."""

import re
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, Playwright, expect
from sqlalchemy import select

from server.models.library import Asset, Original
from server.models.people import RoleName
from tests.journeys.visits import Visits, keep_screenshot, open_demo_lesson, slow_down
from tests.media_clips import TOOLS, a_clip, make_clip
from tests.services.chromium import FLAGS, PHONE, chromium_path
from tests.services.product import Product

pytestmark = pytest.mark.slow

SignIn = Callable[[Page, RoleName | str], str]
FRACTIONS = "เศษส่วนรอบตัวเรา"
CLIP_S = 12
SHORT_S = 6
SENDING_BPS = 4_000_000
FULL_BPS = 16_000_000
NAMES_KEPT = """async () => {
  const root = await navigator.storage.getDirectory();
  const names = [];
  for await (const name of (await root.getDirectoryHandle("smaller")).keys()) names.push(name);
  return names;
}"""

# As browsers do when a phone has no room left.
TAKE_ORIGINALS_AWAY = """async () => {
  const root = await navigator.storage.getDirectory();
  for await (const home of (await root.getDirectoryHandle("smaller")).values()) {
    await home.removeEntry("original");
  }
}"""


@pytest.fixture
def kept_phone(
    playwright: Playwright, live_server: Product, tmp_path: Path
) -> Iterator[BrowserContext]:
    """A phone whose browser keeps what it keeps when it is closed."""
    context = playwright.chromium.launch_persistent_context(
        str(tmp_path / "profile"),
        executable_path=str(chromium_path()),
        args=FLAGS,
        base_url=live_server.url,
        locale="th-TH",
        **PHONE,
    )
    yield context
    context.close()


def a_phone_clip(folder: Path, seconds: int = CLIP_S) -> Path:
    """A recording of 1080p at about 17 Mb/s, as phones make them."""
    return make_clip(
        folder / "คลิปจากโทรศัพท์.mp4",
        *("-f", "lavfi", "-i", f"testsrc2=size=1920x1080:rate=30:duration={seconds}"),
        *("-f", "lavfi", "-i", f"sine=frequency=440:duration={seconds}"),
        *("-vf", "noise=alls=20:allf=t", "-c:v", "libx264", "-preset", "ultrafast", "-g", "30"),
        *("-b:v", "17M", "-minrate", "17M", "-maxrate", "17M", "-bufsize", "17M"),
        *("-pix_fmt", "yuv420p", "-c:a", "aac"),
    )


def test_a_lesson_is_saved_as_a_file_that_plays(visits: Visits, tmp_path: Path) -> None:
    page = visits.begin(device=PHONE)
    open_demo_lesson(page, FRACTIONS)
    part = page.locator(".save")
    expect(part).to_be_visible()
    expect(part.locator(".save-name").first).to_contain_text(re.compile(r"\d (KB|MB)"))

    part.scroll_into_view_if_needed()
    keep_screenshot(page, "save-th.png")
    with page.expect_download() as waiting:
        part.get_by_role("link", name="ดาวน์โหลดไฟล์").last.click()
    path = tmp_path / waiting.value.suggested_filename
    waiting.value.save_as(path)

    assert path.suffix == ".mp4"
    assert re.search("[ก-๙]", path.stem)
    done = subprocess.run(
        [str(TOOLS.ffmpeg), "-v", "error", "-i", str(path), "-f", "null", "-"],
        capture_output=True,
        check=True,
    )
    assert done.stderr == b""


def test_a_kept_lesson_plays_without_a_connection_until_it_is_removed(
    visits: Visits,
) -> None:
    page = visits.begin(device=PHONE)
    open_demo_lesson(page, FRACTIONS)
    title = page.locator("h1").inner_text()
    loaded = page.evaluate("performance.getEntriesByType('resource').map((each) => each.name)")
    assert not [name for name in loaded if re.search("keep_on|kept_|service_worker", name)]
    page.get_by_role("button", name="เก็บไว้ดูตอนไม่มีเน็ต").last.click()
    link = page.get_by_role("link", name="ดูบทเรียนที่เก็บไว้")
    expect(link).to_be_visible(timeout=60_000)
    link.click()
    expect(page.locator(".kept-lesson h2")).to_have_text(title)

    page.context.set_offline(True)
    page.goto("/lessons/no-such-page-is-fetched")
    expect(page.locator(".kept-lesson h2")).to_have_text(title)
    expect(page.locator(".kept-uses")).to_contain_text(re.compile(r"\d (KB|MB)"))
    page.get_by_role("button", name="เล่น").click()
    page.wait_for_function("() => document.querySelector('video')?.currentTime > 0.5")
    keep_screenshot(page, "kept-th.png")

    page.get_by_role("button", name="เอาออก").click()
    expect(page.get_by_role("status")).to_contain_text("ได้ที่ว่างคืน")
    page.context.set_offline(False)


def test_a_clip_made_smaller_is_sent_to_the_end_by_itself_after_the_tab_was_closed(
    kept_phone: BrowserContext, live_server: Product, sign_in_as: SignIn, tmp_path: Path
) -> None:
    clip = a_phone_clip(tmp_path)
    page = kept_phone.new_page()
    sign_in_as(page, "teacher")
    page.goto("/studio/upload")
    page.locator(".uploader__picker").set_input_files(clip)
    offer = page.get_by_role("button", name=re.compile("ย่อก่อนส่ง"))
    expect(offer).to_be_visible(timeout=120_000)
    expect(offer).to_contain_text(re.compile(r"\d (KB|MB).*(นาที|วินาที)"))
    expect(page.get_by_role("button", name=re.compile("ส่งไฟล์เต็ม"))).to_contain_text("MB")
    keep_screenshot(page, "smaller-offer-th.png")

    offer.click()
    page.wait_for_function("() => document.querySelector('.upload progress').value >= 10")
    keep_screenshot(page, "smaller-making-th.png")
    page.close()  # in the middle of making it smaller

    page = kept_phone.new_page()
    page.goto("/studio/upload")
    slow_down(page, SENDING_BPS)
    page.wait_for_function(
        "() => document.querySelector('.upload[data-state=sending] progress')?.value >= 10",
        timeout=180_000,
    )
    page.close(run_before_unload=False)  # in the middle of sending it

    page = kept_phone.new_page()
    page.goto("/studio/upload")
    page.wait_for_url("**/studio/originals/*/lesson", timeout=180_000)

    with live_server.session() as session:
        original = session.scalars(select(Original)).one()
        asset = session.get_one(Asset, original.asset_id)
    assert original.file_name == "คลิปจากโทรศัพท์.mp4"
    assert asset.size_bytes <= 0.12 * clip.stat().st_size
    page.goto("/studio/upload")
    assert page.evaluate(NAMES_KEPT) == []


def test_a_full_file_that_is_chosen_again_goes_on_without_a_question(
    phone_page: Page, live_server: Product, sign_in_as: SignIn, tmp_path: Path
) -> None:
    clip = a_phone_clip(tmp_path, SHORT_S)
    sign_in_as(phone_page, "teacher")
    phone_page.goto("/studio/upload")
    slow_down(phone_page, FULL_BPS)
    phone_page.locator(".uploader__picker").set_input_files(clip)
    phone_page.get_by_role("button", name=re.compile("ส่งไฟล์เต็ม")).click(timeout=120_000)
    phone_page.wait_for_function("() => document.querySelector('.upload progress').value >= 30")
    phone_page.goto("about:blank")

    phone_page.goto("/studio/upload")
    phone_page.locator(".uploader__picker").set_input_files(clip)
    expect(phone_page.locator(".upload[data-state=sending]")).to_be_visible()
    phone_page.wait_for_url("**/studio/originals/*/lesson", timeout=120_000)

    with live_server.session() as session:
        assert session.scalars(select(Asset.size_bytes)).one() == clip.stat().st_size


def test_a_recording_that_the_browser_dropped_is_made_smaller_when_it_is_chosen_again(
    kept_phone: BrowserContext, live_server: Product, sign_in_as: SignIn, tmp_path: Path
) -> None:
    clip = a_phone_clip(tmp_path, SHORT_S)
    page = kept_phone.new_page()
    sign_in_as(page, "teacher")
    page.goto("/studio/upload")
    page.locator(".uploader__picker").set_input_files(clip)
    page.get_by_role("button", name=re.compile("ย่อก่อนส่ง")).click(timeout=120_000)
    expect(page.locator(".upload[data-state=making]")).to_be_visible()
    page.goto("/studio/")
    page.evaluate(TAKE_ORIGINALS_AWAY)

    page.goto("/studio/upload")
    expect(page.locator(".upload[data-state=unfinished]")).to_contain_text(clip.name)
    page.locator(".uploader__picker").set_input_files(clip)
    page.wait_for_url("**/studio/originals/*/lesson", timeout=180_000)

    with live_server.session() as session:
        sizes = session.scalars(select(Asset.size_bytes)).all()
    assert len(sizes) == 1
    assert sizes[0] < clip.stat().st_size / 2


def test_a_small_clip_is_sent_without_a_question(
    phone_page: Page, sign_in_as: SignIn, tmp_path: Path
) -> None:
    sign_in_as(phone_page, "teacher")
    phone_page.goto("/studio/upload")
    phone_page.locator(".uploader__picker").set_input_files(a_clip(tmp_path / "สั้น.mp4", seconds=4))

    phone_page.wait_for_url("**/studio/originals/*/lesson", timeout=60_000)
