"""A teacher gives a lesson from her phone; a pupil does it; she sees who is how far."""

from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from server.models.assignments import HandIn
from server.models.base import uuid7
from server.models.content import HandInItem, TextItem
from server.models.lessons import Lesson, Visibility
from server.models.people import RoleName
from server.services.classrooms import ClassroomFacts, create_classroom
from server.services.enrolments import add_names
from server.services.pupil_keys import make_slips
from storage.store import ObjectStore
from tests.builders import CLASS_NAMES, PASSWORD, a_lesson, a_person, a_version
from tests.journeys.story import Story
from tests.journeys.visits import sign_in
from tests.services.product import Product

pytestmark = pytest.mark.slow

MOST_TAPS_TO_LESSON = 3
LONGEST_SIDE_PX = 1600
PLACE_TAG = 0x8825  # EXIF: where it was taken


@pytest.fixture
def story(browser: Browser, live_server: Product) -> Story:
    return Story(browser, live_server)


def a_class(product: Product) -> tuple[str, Lesson, str]:
    """Return a teacher's name, her lesson that nobody sees yet, and a pupil's slip."""
    with product.session() as session, product.wired() as wiring:
        teacher = a_person(session, RoleName.TEACHER)
        facts = ClassroomFacts(name="ป.4/1", grades=["P4"])
        school_id, clock = teacher.roles[0].school_id, wiring.clock
        room = create_classroom(session, clock, school_id=school_id, facts=facts, by=teacher)
        add_names(session, clock, classroom_id=room.id, text=CLASS_NAMES, by=teacher)
        lesson = a_lesson(session, teacher, visibility=Visibility.ME)
        reading = TextItem(id=uuid7(), title="อ่านก่อน", markdown="การ**บวก**", is_required=True)
        work = HandInItem(id=uuid7(), title="ใบงานที่ 1", markdown="ถ่ายภาพสมุด", is_required=True)
        a_version(session, lesson, reading, work)
        slips = make_slips(session, clock, classroom_id=room.id, by=teacher)
        return teacher.user_name, lesson, f"/in/{slips[0].token}"


def a_photo(path: Path) -> Path:
    """Make a photo of a phone, large, and noting where it was taken."""
    exif = Image.Exif()
    exif[PLACE_TAG] = {1: "N", 2: (13.0, 6.0, 0.0)}
    Image.effect_noise((3000, 2000), 40).convert("RGB").save(path, exif=exif)
    return path


def give(story: Story, page: Page, lesson: Lesson) -> None:
    page.goto(f"/lessons/{lesson.id}")
    story.tap(page.get_by_role("link", name="ให้นักเรียนเรียน"))
    story.look_at(page)
    story.tap(page.locator("label.check", has_text="พรุ่งนี้"))
    story.tap(page.get_by_role("button", name="ให้เรียน", exact=True))
    expect(page.locator("textarea[id^=post-]")).to_contain_text("ส่งภายใน")


def hand_in(story: Story, page: Page, photo: Path) -> None:
    """Do the lesson from the start page on; what was typed outlives a closed page."""
    page.locator(".card-link").first.click()
    page.locator("main .actions .button", has_text="อ่านก่อน").first.click()
    story.look_at(page)
    page.locator("a[rel=next]").click()
    page.locator("#text").fill("23 + 45 = 68")
    page.reload()
    expect(page.locator("#text")).to_have_value("23 + 45 = 68")
    page.locator("#hand-in-file").set_input_files(photo)
    expect(page.locator(".hand-in-files input[name=original]")).to_have_count(1)
    story.look_at(page)
    page.get_by_role("button", name="ส่งครู").click()
    expect(page.locator(".flash, .notice-good").first).to_contain_text("ส่งถึงครูแล้ว")


def sent_photo(product: Product) -> Image.Image:
    """Return what arrived of it."""
    with product.session() as session, product.wired() as wiring:
        work = session.scalars(select(HandIn)).one()
        key = work.files[0].original.asset.original_key
        store: ObjectStore = wiring.store
        return Image.open(BytesIO(store.read_range(key, 0, store.stat(key).size_bytes)))


def test_a_lesson_is_given_done_followed_and_given_back(
    story: Story, live_server: Product, tmp_path: Path
) -> None:
    user_name, lesson, slip = a_class(live_server)
    teacher, pupil = story.begin(), story.begin()
    sign_in(teacher, user_name, PASSWORD)
    give(story, teacher, lesson)
    story.look_at(teacher)

    pupil.goto(slip)
    story.look_at(pupil)
    pupil.locator("main form button").click()
    pupil.wait_for_url("**/home")
    story.look_at(pupil)
    hand_in(story, pupil, a_photo(tmp_path / "สมุด.jpg"))

    photo = sent_photo(live_server)
    assert (photo.format, max(photo.size)) == ("JPEG", LONGEST_SIDE_PX)
    assert PLACE_TAG not in photo.getexif()

    mark(story, teacher)
    pupil.reload()
    expect(pupil.locator(".hand-in-mark")).to_have_text("ได้ 9 จาก 10 คะแนน")
    story.look_at(pupil)

    assert story.tap_count <= MOST_TAPS_TO_LESSON
    story.end()


def mark(story: Story, teacher: Page) -> None:
    """Look who is how far, give the work back, and take the grid along."""
    teacher.get_by_role("link", name="ใครเรียนถึงไหน").first.click()
    expect(teacher.locator("td.cell-done")).to_have_count(2)
    story.look_at(teacher)
    teacher.get_by_role("link", name="ใบงานที่ 1").click()
    expect(teacher.locator("main")).to_contain_text("23 + 45 = 68")
    teacher.locator("[name=mark]").fill("9")
    teacher.locator("[name=comment]").fill("ดีมาก")
    story.look_at(teacher)
    teacher.get_by_role("button", name="ส่งคืนนักเรียน").click()
    teacher.locator(".breadcrumb a").click()
    expect(teacher.locator("td.cell-done").last).to_contain_text("90%")
    with teacher.expect_download() as download:
        teacher.get_by_role("link", name="XLSX").click()
    assert Path(download.value.path()).read_bytes().startswith(b"PK")
